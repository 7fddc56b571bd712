"""How figures are written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.metrics.catalog import metric
from analytics_core.views.forms.numbers import (
    count,
    count_of,
    day_text,
    duration,
    figure,
    local_day,
    local_time,
    money,
    points,
    probability,
    share,
    share_with_sign,
)

UNDEFINED = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def test_counts_have_thousands_separators_and_zero_is_a_number() -> None:
    assert count(1234567) == "1,234,567"
    assert count(0) == "0"
    assert count(-12) == f"{MINUS}12"
    assert count(10**30).startswith("1,000,000")


@pytest.mark.parametrize("written", [count, share, share_with_sign, duration])
def test_undefined_is_an_en_dash(written: object) -> None:
    assert callable(written)
    assert written(None) == UNDEFINED
    assert money(None, "USD") == UNDEFINED
    assert local_time(None, "UTC") == UNDEFINED
    assert local_day(None, "UTC") == UNDEFINED
    assert figure(None, metric("revenue")) == UNDEFINED


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0.0%"),
        (0.0004, "<0.1%"),
        (0.0005, "0.1%"),
        (0.87349, "87.3%"),
        (0.9994, "99.9%"),
        (0.99951, ">99.9%"),
        (1.0, "100.0%"),
        (12.5, "1,250.0%"),
    ],
)
def test_shares_have_one_decimal_and_never_claim_to_be_nothing_or_everything(ratio: float, text: str) -> None:
    assert share(ratio) == text


def test_relative_changes_carry_their_sign() -> None:
    assert share_with_sign(0.123) == "+12.3%"
    assert share_with_sign(-0.5) == f"{MINUS}50.0%"
    assert share_with_sign(0) == "0.0%"
    assert share_with_sign(12.5) == "+1,250.0%"
    assert share_with_sign(-0.0004) == f"{MINUS}0.04%"
    assert share_with_sign(-0.00001) == "0.0%"


def test_points_are_of_shares_and_carry_their_sign() -> None:
    assert points(0.0123) == "+1.2 points"
    assert points(-0.25) == f"{MINUS}25.0 points"
    assert points(0.0004) == "+0.04 points"
    assert points(-0.00001) == points(0) == "0.0 points"
    assert points(None) == UNDEFINED


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("uplift", 0.5, "+50.0%"),
        ("smallest_detectable_uplift", 0.48, "+48.0%"),
        ("control_conversion_rate", 0.02, "2.0%"),
        ("difference", -0.012, f"{MINUS}1.2 points"),
        ("incremental_conversions", -40.4, f"{MINUS}40"),
        ("incremental_conversions", -0.4, "0"),
        ("incremental_revenue", Decimal("-4309.1"), f"{MINUS}$4,309.10"),
        ("sample_ratio", 0.0004, "<0.001"),
        ("median_seconds_to_convert", 60.0, "1 min"),
        ("sent", 8000, "8,000"),
    ],
)
def test_a_figure_is_written_as_its_unit_asks(name: str, value: float | Decimal, text: str) -> None:
    assert figure(value, metric(name), "USD") == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "$1,234.50"),
        ("-12", "USD", f"{MINUS}$12.00"),
        ("1234", "JPY", "¥1,234"),
        ("1.5", "KWD", "KWD 1.500"),
        ("99.9", "CHF", "CHF 99.90"),
        ("0", "EUR", "€0.00"),
        ("0.123456", "EUR", "€0.12"),
        ("41.125000", "USD", "$41.12"),
        ("41.135000", "USD", "$41.14"),
        ("10.5", "JPY", "¥10"),
        ("0.000012", "USD", "$0.000012"),
        ("-0.004", "USD", f"{MINUS}$0.004000"),
        ("12345678901234567890.10", "USD", "$12,345,678,901,234,567,890.10"),
        ("5", None, "5.00"),
        ("1E+3", "USD", "$1,000.00"),
    ],
)
def test_money_is_rounded_half_even_to_its_currency_but_never_to_nothing(
    amount: str, currency: str | None, text: str
) -> None:
    assert money(Decimal(amount), currency) == text


def test_a_currency_that_is_no_currency_is_cut_like_any_name() -> None:
    assert money(Decimal(1), "x" * 5000) == f"{'x' * 11}\N{HORIZONTAL ELLIPSIS} 1.00"


def test_p_values_have_three_decimals_and_are_never_zero() -> None:
    assert probability(0.0123) == "0.012"
    assert probability(0.0) == "<0.001"
    assert probability(None) == UNDEFINED


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "<1 s"),
        (45, "45 s"),
        (750, "12 min 30 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (15120, "4 h 12 min"),
        (180000, "2 d 2 h"),
    ],
)
def test_durations_show_their_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_times_are_the_apps_and_name_its_zone() -> None:
    instant = datetime(2026, 3, 30, 18, 5, tzinfo=UTC)
    assert local_time(instant, "America/New_York") == "Mon 30 Mar 2026, 14:05 EDT"
    assert local_time(datetime(2026, 1, 5, 18, 5, tzinfo=UTC), "America/New_York") == "Mon 5 Jan 2026, 13:05 EST"
    assert local_time(instant, "America/Sao_Paulo") == "Mon 30 Mar 2026, 15:05 UTC-0300"
    assert local_time(instant, "UTC") == "Mon 30 Mar 2026, 18:05 UTC"
    assert local_day(instant, "Pacific/Auckland") == "Tue 31 Mar 2026"
    assert (day_text(date(2026, 3, 31)), day_text(None)) == ("Tue 31 Mar 2026", UNDEFINED)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "America"])
def test_a_zone_that_does_not_exist_is_one_clear_line(zone: str) -> None:
    with pytest.raises(AnalyticsError, match="use an IANA name"):
        local_time(datetime(2026, 3, 30, tzinfo=UTC), zone)


def test_a_figures_unit_decides_its_format() -> None:
    assert figure(6500, metric("sent")) == "6,500"
    assert figure(0.8, metric("sent_rate")) == "80.0%"
    assert figure(0.5, metric("uplift")) == "+50.0%"
    assert figure(Decimal("12345.60"), metric("revenue"), "USD") == "$12,345.60"
    assert figure(Decimal("41.152"), metric("average_order_value"), "USD") == "$41.15"
    assert figure(15120.0, metric("median_seconds_to_convert")) == "4 h 12 min"


def test_a_counted_noun_is_in_the_plural_unless_it_is_one() -> None:
    assert [count_of(number, "user") for number in (0, 1, 2, 2000)] == ["0 users", "1 user", "2 users", "2,000 users"]
    assert count_of(None, "user") == f"{UNDEFINED} users"
