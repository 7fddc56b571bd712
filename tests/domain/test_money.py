"""Decimals and signs of currencies, one table for amounts that are read and amounts that are shown; averages."""

import subprocess
import sys
from decimal import Decimal

import pytest
from babel.numbers import list_currencies

from analytics_core.domain.money import decimals_of, money_per, symbol_of
from analytics_core.sources.rows.texts import round_price
from analytics_core.views.forms.numbers import money
from worlds import tiny_campaign
from worlds.product import documents

NONE = [
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
THREE = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
FOUR = ["CLF", "UYW"]
DECIMALS = {**dict.fromkeys(NONE, 0), **dict.fromkeys(THREE, 3), **dict.fromkeys(FOUR, 4)}

# As before Babel told them; Babel's English has NGN, TRY and UAH by their codes.
SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "CA$",
    "NZD": "NZ$",
    "ILS": "₪",
    "NGN": "₦",
    "PHP": "₱",
    "TRY": "₺",
    "UAH": "₴",
    "VND": "₫",
}
MORE_SIGNS = {"CNY": "CN¥", "HKD": "HK$", "MXN": "MX$", "TWD": "NT$", "XCD": "EC$"}
"""What Babel knows beyond: a reader tells these dollars and yuan from the others as well as by their codes."""


def test_every_currency_has_the_decimals_of_iso_4217() -> None:
    # Babel's own are what people write: none for 24 more currencies, RSD and LBP among them.
    assert {code: decimals_of(code) for code in list_currencies()} == {
        code: DECIMALS.get(code, 2) for code in list_currencies()
    }


def test_every_currency_has_the_sign_it_had_or_one_of_few_more() -> None:
    signs = {code: symbol_of(code) for code in list_currencies()}
    assert {code: sign for code, sign in signs.items() if sign} == SIGNS | MORE_SIGNS


@pytest.mark.parametrize("code", ["XTS", "POINTS", "", "usd"])
def test_an_unknown_currency_has_two_decimals_and_its_code(code: str) -> None:
    assert (decimals_of(code), symbol_of(code)) == (2, None)
    assert decimals_of(None) == 2


@pytest.mark.parametrize("code", ["USD", "JPY", "KWD", "CLF", "UYW", "UYI", "RSD", "XTS"])
def test_amounts_are_read_and_shown_with_the_same_decimals(code: str) -> None:
    read = str(round_price("1.123456", code))
    assert read == f"{Decimal('1.123456'):.{decimals_of(code)}f}"
    assert money(Decimal("1.123456"), code).endswith(read)


def test_babel_is_loaded_only_where_an_amount_is_shown() -> None:
    code = "import sys, analytics_core.workspace, analytics_core.views.forms.numbers; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_amount_is_divided_by_zero() -> None:
    assert (money_per(Decimal(1), 0), money_per(None, 2)) == (None, None)


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
