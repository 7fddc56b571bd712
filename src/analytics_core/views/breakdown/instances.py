"""The instances of a campaign, a row each, adding up to the campaign."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from analytics_core.domain.words import AnalyticsVersion
from analytics_core.metrics.funnel_metrics import USERS_IN_SEGMENT
from analytics_core.snapshot.kinds import share as part_of
from analytics_core.snapshot.parts import INSTANCE
from analytics_core.snapshot.snapshot import InstanceResult, Snapshot
from analytics_core.views.breakdown.buckets import head_of
from analytics_core.views.forms.numbers import UNDEFINED, count, local_day, local_time, money, share
from analytics_core.views.forms.table import Column, Row, RowKind, Table, columns
from analytics_core.views.request.shown import shown_id

_FIGURES = ("attempted", "sent", "failed", "converted_users", "conversion_rate", "conversion_events", "revenue")
_NAMED = (Column("Instance"), Column("First sent", whole=True), Column("Last sent", whole=True))
_MOST_LISTS = 50
"""Of more rows a telephone shows no list each."""
_SUMMED = ("users_in_segment", "attempted", "sent", "failed", "converted_users", "conversion_events", "revenue")


def has_instances(snapshot: Snapshot) -> bool:
    """Whether there are several, so that there is something to compare."""
    return len(snapshot.instances) + snapshot.instances_omitted > 1


def instances_table(snapshot: Snapshot, *, most: int | None = None) -> Table:
    """One row per instance in order of its first send, those not listed summed up in one, and the campaign's total.

    Args:
        snapshot: whose instances; it lists those with the most sends.
        most: how many rows of instances there may be; the rest joins those the Snapshot does not list.
    """
    listed, omitted, remainder = _choose(snapshot, most)
    version, has_revenue = snapshot.analytics_version, snapshot.primary_goal.revenue is not None
    figures = _FIGURES if has_revenue else _FIGURES[:-1]
    labels = [head_of(name, version) for name in figures]
    asks = ("", "", "", USERS_IN_SEGMENT.name, *figures)
    places = {one.instance_id: place for place, one in enumerate(snapshot.instances)}
    rows = []
    for one in listed:
        cells = (shown_id(one.instance_id or ""), *_cells(snapshot, one, figures))
        rows.append(Row(cells, asks=asks, parts=(f"{INSTANCE} {places[one.instance_id]}",) * len(asks)))
    if remainder is not None:
        name = f"{count(omitted)} other{'' if omitted == 1 else 's'}"
        rows.append(Row((name, *_cells(snapshot, remainder, figures)), RowKind.DETAIL))
    all_of_them = [*snapshot.instances, *([snapshot.instances_remainder] if snapshot.instances_remainder else [])]
    if rows:
        rows.append(Row(("Campaign", *_cells(snapshot, _add_up(all_of_them), figures)), RowKind.TOTAL, asks=asks))
    return Table(
        title="Instances",
        columns=(*_NAMED, *columns("", "Users in segment", *labels)[1:]),
        rows=tuple(rows),
        note=_note(snapshot, len(listed), omitted),
        droppable=("Last sent", "Users in segment", labels[0], labels[5], labels[2], "First sent", labels[3]),
        stacks=len(rows) <= _MOST_LISTS,
        spare=3,
    )


def _choose(snapshot: Snapshot, most: int | None) -> tuple[Sequence[InstanceResult], int, InstanceResult | None]:
    """Those with the most sends, of several that sent as many the earlier; how many the others are, and their sum."""
    listed, rest = snapshot.instances, snapshot.instances_remainder
    if most is None or len(listed) <= most:
        return listed, snapshot.instances_omitted, rest
    places = sorted(range(len(listed)), key=lambda place: (-listed[place].sent, place))
    kept, left = sorted(places[:most]), [listed[place] for place in sorted(places[most:])]
    others = [*left, *([rest] if rest else [])]
    return [listed[place] for place in kept], snapshot.instances_omitted + len(left), _add_up(others)


def _add_up(instances: Sequence[InstanceResult]) -> InstanceResult:
    """Their sums, where all of them know the number, from the first send to the last."""
    listed = {name: [getattr(one, name) for one in instances] for name in _SUMMED}
    sums: dict[str, Any] = {name: None if None in numbers else sum(numbers) for name, numbers in listed.items()}
    return replace(
        instances[0],
        instance_id=None,
        first_sent_at=min((one.first_sent_at for one in instances if one.first_sent_at), default=None),
        last_sent_at=max((one.last_sent_at for one in instances if one.last_sent_at), default=None),
        **sums,
    )


def _cells(snapshot: Snapshot, one: InstanceResult, figures: Sequence[str]) -> tuple[str, ...]:
    texts = {name: count(getattr(one, name)) for name in _SUMMED if name != "revenue"}
    texts["revenue"] = money(one.revenue, snapshot.primary_goal.currency)
    texts["conversion_rate"] = share(part_of(one.converted_users, one.sent))
    zone = snapshot.timezone
    last = _end(one.first_sent_at, one.last_sent_at, zone)
    return (local_time(one.first_sent_at, zone), last, texts["users_in_segment"], *(texts[name] for name in figures))


def _end(first: datetime | None, last: datetime | None, timezone: str) -> str:
    """When the last was sent, without the day where that is the first one's; an en dash where it is the first."""
    if first == last:
        return UNDEFINED
    return local_time(last, timezone).removeprefix(f"{local_day(first, timezone)}, ")


def _note(snapshot: Snapshot, listed: int, omitted: int) -> str:
    said = ["Counts are of audience rows: the instances add up to the campaign's totals."]
    if omitted:
        of = f"{count(listed)} of {count(listed + omitted)}"
        said.append(f"Those with the most sends are listed, {of}; the others are summed up.")
    if snapshot.analytics_version is AnalyticsVersion.LEGACY:
        said.append(
            "An older campaign counts a user who converted from two instances once, so its own number may be smaller."
        )
    return " ".join(said)
