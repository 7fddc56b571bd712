"""How figures are written: thousands separators, one decimal for shares, money with its currency, app-zone times.

Undefined is an en dash, zero is 0; a share that is neither 0 nor 1 never reads as if it were.
"""

from datetime import date, datetime
from decimal import Decimal

from analytics_core.domain.money import decimals_of, symbol_of
from analytics_core.domain.time import zone_named
from analytics_core.metrics.metric import Metric, Unit, Value
from analytics_core.views.forms.texts import cut

UNDEFINED = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
_MOST_DECIMALS = 6
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count(number: float | None) -> str:
    """A count with thousands separators."""
    if number is None:
        return UNDEFINED
    # A whole number may be greater than any float.
    return (f"{number:,d}" if isinstance(number, int) else f"{number:z,.0f}").replace("-", MINUS)


def count_of(number: int | None, noun: str) -> str:
    """A count with what is counted, such as ``1 user`` or ``2,000 users``; the plural of `noun` is made with an s."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def share(ratio: float | None) -> str:
    """A 0-1 share as a percentage of one decimal; what is not quite 0 or 1 reads ``<0.1%`` or ``>99.9%``."""
    if ratio is None:
        return UNDEFINED
    if 0 < ratio < 0.0005:  # noqa: PLR2004 - half of the last decimal shown
        return "<0.1%"
    if 0.9995 <= ratio < 1:  # noqa: PLR2004 - the same below the whole
        return ">99.9%"
    return f"{ratio:,.1%}".replace("-", MINUS)


def share_with_sign(ratio: float | None) -> str:
    """A relative change: a percentage of one decimal with its sign, zero without one."""
    return UNDEFINED if ratio is None else f"{_sign_percent(ratio)}%"


def points(difference: float | None) -> str:
    """A difference of two shares in percentage points with its sign, such as ``+1.2 points``."""
    return UNDEFINED if difference is None else f"{_sign_percent(difference)} points"


def _sign_percent(ratio: float) -> str:
    """Hundredths with one decimal, with two where one would show nothing of them."""
    places = 1 if abs(ratio) >= 0.0005 or abs(ratio) < 0.00005 else 2  # noqa: PLR2004 - half of the last decimal shown
    text = f"{ratio * 100:+z,.{places}f}"
    return "0.0" if text == "+0.0" else text.replace("-", MINUS)


def money(amount: Decimal | None, currency: str | None, *, whole: bool = False) -> str:
    """An amount with its currency's symbol (its code where it has no symbol here), an en dash for None.

    Rounded half-even to the decimals the currency has (two where it is not known), or to six where that would make
    something out to be nothing; `whole` asks for none. The Snapshot has every decimal.
    """
    if amount is None:
        return UNDEFINED
    places = 0 if whole else decimals_of(currency)
    if amount and not whole and not round(amount, places):
        places = _MOST_DECIMALS
    sign = MINUS if round(amount, places) < 0 else ""
    # The currency is text from data: what is no short word is cut like any other name.
    prefix = symbol_of(currency) or f"{cut(currency, 12)} " if currency else ""
    return f"{sign}{prefix}{abs(amount):,.{places}f}"


def probability(chance: float | None) -> str:
    """A p-value of three decimals; what would round to nothing reads ``<0.001``."""
    if chance is None:
        return UNDEFINED
    return "<0.001" if chance < 0.001 else f"{chance:.3f}"  # noqa: PLR2004 - the last decimal shown


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units, such as ``4 h 12 min``."""
    if seconds is None:
        return UNDEFINED
    if 0 < seconds < 1:
        return "<1 s"
    whole = round(seconds)
    units = (("d", whole // 86400), ("h", whole // 3600 % 24), ("min", whole // 60 % 60), ("s", whole % 60))
    first = next((place for place, (_, number) in enumerate(units) if number), len(units) - 1)
    return " ".join(f"{number:,} {unit}" for unit, number in units[first : first + 2] if number) or "0 s"


def local_time(instant: datetime | None, timezone: str) -> str:
    """An instant in the app's zone, such as ``Mon 30 Mar 2026, 14:05 EDT``.

    Raises:
        AnalyticsError: `timezone` is no IANA zone.
    """
    if instant is None:
        return UNDEFINED
    local = _local(instant, timezone)
    name = local.tzname() or ""
    zone = name if name[:1].isalpha() else f"UTC{local:%z}"
    return f"{_day(local)}, {local:%H:%M} {zone}"


def local_day(instant: datetime | None, timezone: str) -> str:
    """The day of an instant in the app's zone, such as ``Mon 30 Mar 2026``.

    Raises:
        AnalyticsError: `timezone` is no IANA zone.
    """
    return UNDEFINED if instant is None else _day(_local(instant, timezone))


def _local(instant: datetime, timezone: str) -> datetime:
    """In the app's zone; as it is at the ends of the calendar, where there is no such time in another zone."""
    try:
        return instant.astimezone(zone_named(timezone))
    except OverflowError:
        return instant


def day_text(day: date | None) -> str:
    """A day that is local already, such as ``Mon 30 Mar 2026``."""
    return UNDEFINED if day is None else _day(day)


def period_text(since: date | None, until: date | None) -> str:
    """Its days, such as ``Sun 1 Mar 2026 to Tue 31 Mar 2026``; they are local already."""
    if since is None or until is None:
        return f"{day_text(until)} and earlier" if since is None else f"{day_text(since)} and later"
    return day_text(since) if since == until else f"{day_text(since)} to {day_text(until)}"


def figure(value: Value, metric: Metric, currency: str | None = None) -> str:
    """A metric's figure in the format its unit asks for; changes carry their sign."""
    return UNDEFINED if value is None else _write(value, metric, currency)


def _write(value: float | Decimal, metric: Metric, currency: str | None) -> str:
    match metric.unit:
        case Unit.COUNT:
            return count(float(value))
        case Unit.SHARE:
            return share_with_sign(float(value)) if metric.signed else share(float(value))
        case Unit.POINTS:
            return points(float(value))
        case Unit.PROBABILITY:
            return probability(float(value))
        case Unit.MONEY:
            return money(Decimal(value), currency)
        case Unit.SECONDS:
            return duration(float(value))


def _day(local: date) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}"
