"""What vendors report of a campaign, beside our numbers: one table a vendor."""

from decimal import Decimal

from analytics_core.domain.words import Vendor
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.metric import Metric, Unit
from analytics_core.snapshot.snapshot import Snapshot, VendorReported
from analytics_core.views.forms.numbers import (
    MINUS,
    UNDEFINED,
    count,
    count_of,
    day_text,
    figure,
    money,
    share_with_sign,
)
from analytics_core.views.forms.table import Row, Table, columns

_NOT_OURS = "Not among our metrics"


def vendor_tables(snapshot: Snapshot) -> tuple[Table, ...]:
    """One table per vendor that says anything, none where nobody does.

    What is none of our metrics and 0 is left out: vendors list the figures of all their channels.
    """
    shown: dict[Vendor, list[VendorReported]] = {}
    for one in snapshot.vendor_reported:
        if one.our_metric or one.value:
            shown.setdefault(one.vendor, []).append(one)
    return tuple(_table(snapshot, vendor, found) for vendor, found in shown.items())


def _table(snapshot: Snapshot, vendor: Vendor, shown: list[VendorReported]) -> Table:
    name = vendor.label
    periods = {_period(one) for one in shown}
    differ = len(periods) > 1
    heading = ("Stated as", *(["Period"] if differ else []), name, "Ours", "Difference", "Relative")
    omitted = snapshot.vendor_reported_omitted
    sentences = (
        "" if differ else f"Period: {periods.pop()}.",
        f"The difference is {name}'s number less ours over the same days; none of these enters a number of ours.",
        f"{UNDEFINED}: the exports do not tell ours, or it cannot be told for those days or that goal.",
        f"{count_of(omitted, 'more vendor number')} not listed." if omitted else "",
    )
    return Table(
        title=f"As reported by {name}",
        columns=columns("Metric", *heading, texts=["Stated as", "Period"]),
        rows=tuple(_row(snapshot, one, with_period=differ) for one in shown),
        note=" ".join(filter(None, sentences)),
    )


def _row(snapshot: Snapshot, one: VendorReported, *, with_period: bool) -> Row:
    declared = CATALOG.get(one.our_metric or "")
    label = declared.label_in(snapshot.analytics_version) if declared else _NOT_OURS
    control = f"{one.control_group_type.value} control group" if one.control_group_type else None
    counting = one.counting.value if one.counting and declared and declared.countings else None
    of = ", ".join(text for text in (one.goal, control, counting) if text)
    currency = next((goal.currency for goal in snapshot.goals if goal.goal_id == one.goal_id), None)
    return Row(
        (
            f"{label} ({of})" if of else label,
            one.metric,
            *([_period(one)] if with_period else []),
            _figure(one.value, declared, currency),
            _figure(one.ours, declared, currency),
            _sign(one.difference, declared, currency),
            share_with_sign(one.relative_difference),
        )
    )


def _period(one: VendorReported) -> str:
    if one.starts_on is None and one.ends_on is None:
        return "all there is" if one.answers == 0 else "not stated"
    return f"{day_text(one.starts_on)} to {day_text(one.ends_on)}"


def _figure(value: float | Decimal | None, declared: Metric | None, currency: str | None) -> str:
    """A vendor's count need not be whole."""
    return figure(value, declared, currency) if declared and declared.unit is not Unit.COUNT else _plain(value)


def _plain(value: float | Decimal | None) -> str:
    if value is None:
        return UNDEFINED
    return count(int(value)) if value == int(value) else f"{value:,.6g}".replace("-", MINUS)


def _sign(value: float | Decimal | None, declared: Metric | None, currency: str | None) -> str:
    """A difference with its sign; of shares in percentage points."""
    if value is None or declared is None:
        return UNDEFINED
    if declared.unit is Unit.SHARE:
        return f"{share_with_sign(float(value)).removesuffix('%')} points"
    sign, size = ("+" if value > 0 else MINUS if value < 0 else ""), abs(Decimal(value))
    return f"{sign}{money(size, currency) if declared.unit is Unit.MONEY else _plain(size)}"
