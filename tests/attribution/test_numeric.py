"""Money in attributes: exact, to six decimals, and said where it is not."""

from decimal import Decimal

import polars as pl
import pytest

from analytics_core.attribution.numeric import amount, needs_rounding


def _read(literal: str | None) -> tuple[Decimal | None, bool]:
    frame = pl.DataFrame({"literal": [literal]}, schema={"literal": pl.String})
    read = frame.select(amount=amount(pl.col("literal")), rounded=needs_rounding(pl.col("literal")))
    return read.row(0)


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("12.50", "12.5"),
        ('"12.50"', "12.5"),
        ('" 12.50 "', "12.5"),
        ('"+3"', "3"),
        ("-7", "-7"),
        ("1e3", "1000"),
        ("1.5E-2", "0.015"),
        ("9007199254740993", "9007199254740993"),
        ("123456789012345678901", "123456789012345678901"),
        ("1000000000000000000000", None),
        ("99999999999999999999.999999", "99999999999999999999.999999"),
        ("1e999", None),
        ('"1e999999999"', None),
        ('"NaN"', None),
        ('"Infinity"', None),
        ('"12 USD"', None),
        ('"1,250.00"', None),
        ('""', None),
        ("true", None),
        ("[1]", None),
        ('{"x":1}', None),
        (None, None),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(literal: str | None, expected: str | None) -> None:
    found, rounded = _read(literal)
    assert (None if found is None else Decimal(found)) == (None if expected is None else Decimal(expected))
    assert rounded is False


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("0.1234565", "0.123456"),
        ("0.1234575", "0.123458"),
        ('"0.12345651"', "0.123457"),
        ("1e-7", "0"),
        ("999999999999999999999.99999999", "1000000000000000000000"),
    ],
)
def test_more_than_six_decimals_are_rounded_half_even_and_said(literal: str, expected: str) -> None:
    found, rounded = _read(literal)
    assert Decimal(str(found)) == Decimal(expected)
    assert rounded is True


def test_trailing_zeros_are_no_further_decimals() -> None:
    assert _read("0.12345600") == (Decimal("0.123456"), False)
