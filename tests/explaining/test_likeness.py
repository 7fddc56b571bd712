"""Ids and names that two systems write in two ways are alike; others are not, and how they differ is said."""

import polars as pl
import pytest

from analytics_core.explaining.folding import fold_ids, fold_names
from analytics_core.explaining.likeness import (
    Difference,
    Unlikeness,
    compare_all,
    compare_texts,
    profile_texts,
)

UUID = "550e8400-e29b-41d4-a716-446655440000"


def are_alike(first: str, second: str) -> bool:
    one, other = fold_ids(pl.Series([first, second]))
    return bool(one) and one == other


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ("123.0", "123", Difference.DECIMALS),
        ("123.00", "123", Difference.DECIMALS),
        ("1.2345678E7", "12345678", Difference.EXPONENT),
        ("1e+3", "1000", Difference.EXPONENT),
        ('"123"', "123", Difference.QUOTES),
        ("{" + UUID + "}", UUID, Difference.QUOTES),
        ("ann\u200b", "ann", Difference.INVISIBLE),
        ("\uff11\uff12\uff13", "123", Difference.UNICODE),
        ("e\u0301va", "\u00e9va", Difference.UNICODE),
        (" ann", "ann", Difference.BLANKS),
        ("ann\t", "ann", Difference.INVISIBLE),
        ("ann\u00a0", "ann", Difference.UNICODE),
        ("007", "7", Difference.ZEROS),
        ("1,234", "1234", Difference.SIGNS),
        (UUID, UUID.replace("-", ""), Difference.SIGNS),
        ("ANN", "ann", Difference.CASE),
        ("Ann@Acme.example", "ann@acme.example", Difference.CASE),
    ],
)
def test_ids_that_mean_one_person_are_alike(first: str, second: str, what: Difference) -> None:
    assert are_alike(first, second)
    assert compare_texts(first, second).what is what
    assert compare_texts(second, first).what is what


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("123", "124"),
        ("1-2", "12"),
        ("12.5", "125"),
        ("1.05", "105"),
        ("user-1", "user_2"),
        ("", " "),
        ("0", "00"),
        ("1.5e0", "15"),
        ("ann b", "annb"),
    ],
)
def test_ids_that_mean_two_people_are_not(first: str, second: str) -> None:
    assert not are_alike(first, second)


def test_folding_leaves_the_ids_themselves_alone() -> None:
    ids = pl.Series(["\uff11", "ANN"])
    fold_ids(ids)
    assert ids.to_list() == ["\uff11", "ANN"]


@pytest.mark.parametrize(
    "name", ["order placed", "Order_Placed", "order-placed", "OrderPlaced", " Order  Placed ", "\u00d3rder pl\u00e4ced"]
)
def test_names_without_case_blanks_accents_and_signs_are_alike(name: str) -> None:
    assert fold_names(pl.Series([name, "Order Placed"])).n_unique() == 1


def test_names_of_other_letters_are_not_alike() -> None:
    assert fold_names(pl.Series(["Order Placed", "Orders Placed", "Order Place", "Order 1", "Order 2"])).n_unique() == 5


def test_it_is_said_which_of_two_has_what_the_other_has_not() -> None:
    assert compare_texts("123.0", "123") == Unlikeness(Difference.DECIMALS, in_first=True)
    assert compare_texts("123", "123.0") == Unlikeness(Difference.DECIMALS, in_first=False)


def test_of_many_pairs_the_most_frequent_difference_is_said() -> None:
    pairs = [("1.0", "1"), ("2.0", "2"), ("ANN", "ann")]
    assert compare_all(pairs) == Unlikeness(Difference.DECIMALS)
    assert compare_all([]) is None


def test_ids_of_one_manner_have_one_profile() -> None:
    assert profile_texts(["123", "456"]) == profile_texts(["789"])
    assert profile_texts(["123"]) != profile_texts(["123.0"])
    assert profile_texts(["ab"]) != profile_texts(["AB"])
