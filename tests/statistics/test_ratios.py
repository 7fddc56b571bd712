"""Ratios where they are undefined, and money where it is rounded."""

from decimal import Decimal

import pytest

from analytics_core.statistics.ratios import money_per, share
from worlds import tiny_campaign
from worlds.product import documents


def test_nothing_is_divided_by_zero() -> None:
    assert (share(0, 0), money_per(Decimal(1), 0)) == (None, None)
    assert (share(0, 2), money_per(None, 2)) == (0.0, None)


@pytest.mark.parametrize(
    ("amount", "count", "text"),
    [
        ("1", 3, "0.333333"),
        ("0.000001", 2, "0.000000"),
        ("0.000003", 2, "0.000002"),
        ("-0.000003", 2, "-0.000002"),
        ("-0.000001", 2, "0.000000"),
        ("0", 7, "0.000000"),
    ],
)
def test_an_average_is_rounded_half_to_even_and_nothing_has_no_sign(amount: str, count: int, text: str) -> None:
    assert f"{money_per(Decimal(amount), count):.6f}" == text


def test_a_refund_too_small_to_show_on_average_is_nothing_in_the_document() -> None:
    told = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00", order_value="-0.000001")
    (found,) = documents(told.bought("ann", at="2026-03-02 11:00", order_value=0))
    assert (found["performance"]["revenue"], found["performance"]["average_order_value"]) == ("-0.000001", "0.000000")
