"""Shares where they are undefined, and money as text."""

from decimal import Decimal

from analytics_core.snapshot.kinds import exact_money, share, six_decimals


def test_a_share_of_nothing_is_undefined() -> None:
    assert (share(0, 0), share(0, 2), share(1, 2)) == (None, 0.0, 0.5)


def test_nothing_has_no_sign() -> None:
    assert (six_decimals(Decimal("-0.0000005")), six_decimals(Decimal("-0.0000015"))) == ("0.000000", "-0.000002")
    assert exact_money(Decimal("-0.00")) == "0.00"
