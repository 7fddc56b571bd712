"""What each instance did: one row per instance, the largest by name and the others summed up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints, find_run_starts, measure_runs, order_values, sum_runs, tally
from analytics_core.attribution.audience import SENT, Audience
from analytics_core.attribution.credits import Credits, with_revenue
from analytics_core.counting.delivery import stands
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.time import EPOCH, MICROSECOND
from analytics_core.snapshot.snapshot import InstanceResult

MAX_INSTANCES = 366
"""Instances listed of one campaign: a year of days."""

LATE, EARLY = np.iinfo(np.int64).max, np.iinfo(np.int64).min
_FIGURES = ("converted_users", "conversion_events", "revenue")
_COUNTS = ("logged", "attempted", "sent", "failed")
REST = ("instances", *_COUNTS, "first_sent", "last_sent")
"""Of instances that are not looked at one by one: how many, their counts together, the ends of their times."""


def instance_counts(audience: Audience) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the rows of each instance became.

    Returns:
        Of instances that have several of these rows, one row each: `campaign`, `instance`, `logged` rows, and of them
        `attempted`, `sent`, `failed`; the earliest clock, `first`, and of sent rows the earliest and latest,
        `first_sent` (LATE without) and `last_sent` (EARLY without).
        Of instances that have exactly one, that row: `campaign`, `instance`, `standing`, `clock`. Where every trigger
        is an instance these are most of the rows, and this is all there is to know about them.

    Example:
        Of three rows, two of Monday's instance sent at 5 and 9 and one of Tuesday's that failed at 7, Monday's is one
        row of the first frame: 2 logged, attempted and sent, `first` and `first_sent` 5, `last_sent` 9. Tuesday's row
        is in the second as it is.
    """
    order = order_values(audience.instance)
    starts = find_run_starts(audience.instance[order])
    sizes = measure_runs(starts, len(order))
    several, alone = order[np.repeat(sizes > 1, sizes)], order[starts[sizes == 1]]
    columns = ("campaign", "instance", "standing", "clock")
    summed = sum_instances(figures_of_rows(*(getattr(audience, name)[several] for name in columns)))
    return summed, pl.DataFrame({name: getattr(audience, name)[alone] for name in columns})


def instances_of_rows(audience: Audience, where: Flags) -> pl.DataFrame:
    """One row per `campaign` and `instance` that has any of the rows `where`."""
    columns, _ = tally(audience.columns("campaign", "instance", where=where))
    return pl.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class InstanceTable:
    """A campaign's instances: those listed, how many are not, and what these add up to (None where all are listed)."""

    listed: tuple[InstanceResult, ...] = ()
    omitted: int = 0
    remainder: InstanceResult | None = None
    unaccounted: int = 0


@dataclass(frozen=True, slots=True)
class Conversions:
    """The primary goal's conversions of one instance."""

    converted_users: int = 0
    conversion_events: int = 0
    revenue: Decimal = Decimal(0)


_NONE = Conversions()
Names = Callable[[Ints], Sequence[str]]
"""Reads the ids of instances, by key."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A campaign's instances, those that are listed apart from the rest.

    Attributes:
        listed: those with rows that are listed, as columns: `instance` key, counts and times.
        declared: sizes of those without rows that are listed, by id.
        rest: the others summed up: counts and times.
        omitted: how many the others are.
        unaccounted: users that all of them declare beyond their rows.
    """

    listed: Mapping[str, Ints]
    declared: Mapping[str, int]
    rest: Mapping[str, int]
    omitted: int
    unaccounted: int


def choice_of(
    several: pl.DataFrame,
    single: pl.DataFrame,
    declared: pl.DataFrame,
    names: Names,
    cut: Mapping[str, int] | None = None,
) -> Choice:
    """The instances with the most sent are listed; of several that sent as many the earlier, then the smaller id.

    Args:
        several: a campaign's rows of the first frames of `instance_counts`, of all parts.
        single: those of the second ones.
        declared: its instances as declared: `instance_key` (null where no row was ever logged), `instance_id`,
            `users_in_segment` (0 where none is declared).
        names: reads instance ids.
        cut: what others add up to that are surely not listed and declare nothing (see REST); None: there are none.
    """
    rows = _together(several, single)
    has_rows = _among(declared["instance_key"].fill_null(-1).to_numpy(), rows["instance"])
    sized = dict(declared.filter(has_rows).select("instance_key", "users_in_segment").iter_rows())
    columns = _with_sizes(rows, sized)
    chosen = _largest(columns, names)
    others = sorted(declared.filter(~has_rows).select("instance_id", "users_in_segment").iter_rows())
    room = MAX_INSTANCES - int(chosen.sum())
    rest = _sum_up({name: values[~chosen] for name, values in columns.items()}, sum(n for _, n in others[room:]))
    if cut is not None:
        rest = _with_cut(rest, cut)
    return Choice(
        listed={name: values[chosen] for name, values in columns.items()},
        declared=dict(others[:room]),
        rest=rest,
        omitted=int((~chosen).sum()) + len(others[room:]) + (cut["instances"] if cut else 0),
        unaccounted=int(columns["unaccounted"].sum()) + sum(users for _, users in others),
    )


def _together(several: pl.DataFrame, single: pl.DataFrame) -> dict[str, Ints]:
    """All instances, one row each, as columns."""
    alone = figures_of_rows(*(single[name].to_numpy() for name in ("campaign", "instance", "standing", "clock")))
    keys = np.sort(alone["instance"])
    if several.is_empty() and (keys[1:] != keys[:-1]).all():
        return alone
    columns = {name: np.concatenate([alone[name], several[name].to_numpy()]) for name in several.columns}
    order = order_values(columns["instance"])
    summed = sum_instances({name: values[order] for name, values in columns.items()})
    return {name: summed[name].to_numpy() for name in summed.columns}


def instances_of(campaign: Campaign, choice: Choice, converted: pl.DataFrame, names: Names) -> InstanceTable:
    """One campaign's instances, in order of their first clock (none: last), then id.

    Args:
        campaign: the campaign.
        choice: its instances.
        converted: its rows of `instance_conversions`, of all parts.
        names: reads instance ids.
    """
    is_listed = _among(converted["instance"].to_numpy(), choice.listed["instance"])
    of_listed = converted.filter(is_listed).group_by("instance").agg(pl.col(_FIGURES).sum())
    by_key = {key: Conversions(*figures) for key, *figures in of_listed.iter_rows()}
    listed = list(_list_results(campaign, choice.listed, names, by_key))
    unlogged = dict.fromkeys(_COUNTS, 0) | {"first_sent": LATE, "last_sent": EARLY}
    for name, users in choice.declared.items():
        sizes = {"users_in_segment": users, "unaccounted": users}
        listed.append((LATE, _result(campaign, name, unlogged | sizes, _NONE)))
    others = Conversions(*converted.filter(~is_listed).select(pl.col(_FIGURES).sum()).row(0))
    return InstanceTable(
        listed=tuple(found for _, found in sorted(listed, key=lambda item: (item[0], item[1].instance_id))),
        omitted=choice.omitted,
        remainder=_result(campaign, None, choice.rest, others) if choice.omitted else None,
        unaccounted=choice.unaccounted,
    )


def _among(keys: Ints, some: Ints) -> pl.Series:
    """Whether each key is one of `some`."""
    if not len(keys) or not len(some):
        return pl.Series(np.zeros(len(keys), np.bool_))
    ordered = np.sort(some)
    places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return pl.Series(ordered[places] == keys)


def _with_sizes(columns: Mapping[str, Ints], sizes: Mapping[int, int]) -> dict[str, Ints]:
    """With `users_in_segment` and `unaccounted`, from what the instances declare."""
    size = logged = columns["logged"].astype(np.int64)
    if sizes:
        size = np.maximum(logged, [sizes.get(key, 0) for key in columns["instance"].tolist()])
    return {**columns, "users_in_segment": size, "unaccounted": size - logged}


def figures_of_rows(campaign: Ints, instance: Ints, standing: Ints, clock: Ints) -> dict[str, Ints]:
    """Rows as instances of one row each: the columns of the first frame of `instance_counts`."""
    sent = standing == SENT
    flags = {"attempted": stands("attempted", standing), "sent": sent, "failed": stands("failed", standing)}
    return {
        "campaign": campaign,
        "instance": instance,
        "logged": np.ones(len(campaign), np.int32),
        **{name: flag.astype(np.int32) for name, flag in flags.items()},
        "first": clock,
        "first_sent": np.where(sent, clock, LATE),
        "last_sent": np.where(sent, clock, EARLY),
    }


def sum_instances(columns: Mapping[str, Ints]) -> pl.DataFrame:
    """One row per instance, from columns of that frame in order of instance; several rows may be of one."""
    starts = find_run_starts(columns["instance"])
    if not len(starts):
        return pl.DataFrame(dict(columns))
    ends: dict[str, Any] = {"first": np.minimum, "first_sent": np.minimum, "last_sent": np.maximum}
    return pl.DataFrame(
        {
            **{name: columns[name][starts] for name in ("campaign", "instance")},
            **{name: np.add.reduceat(columns[name], starts, dtype=np.int32) for name in _COUNTS},
            **{name: end.reduceat(columns[name], starts) for name, end in ends.items()},
        }
    )


def _largest(columns: Mapping[str, Ints], names: Names) -> Flags:
    """Which instances are listed."""
    sent, first = columns["sent"], columns["first"]
    if len(sent) <= MAX_INSTANCES:
        return np.ones(len(sent), np.bool_)
    least = np.partition(sent, -MAX_INSTANCES)[-MAX_INSTANCES]
    chosen: Flags = sent > least
    level = np.flatnonzero(sent == least)
    room = MAX_INSTANCES - int(chosen.sum())
    last = np.partition(first[level], room - 1)[room - 1]
    chosen[level[first[level] < last]] = True
    same = level[first[level] == last]
    room = MAX_INSTANCES - int(chosen.sum())
    if len(same) > room:
        by_name = sorted(zip(names(columns["instance"][same]), same.tolist(), strict=True))
        same = np.array([place for _, place in by_name[:room]], np.int64)
    chosen[same] = True
    return chosen


def _list_results(
    campaign: Campaign,
    columns: Mapping[str, Ints],
    names: Names,
    converted: Mapping[int, Conversions],
) -> Iterator[tuple[int, InstanceResult]]:
    """Instances with their first clocks, in any order."""
    ids = names(columns["instance"])
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    for name, values in zip(ids, rows, strict=True):
        row = dict(zip(columns, values, strict=True))
        yield row["first"], _result(campaign, name, row, converted.get(row["instance"], _NONE))


def _sum_up(rest: Mapping[str, Ints], unlogged: int) -> dict[str, int]:
    """The sums of instances; `unlogged` users were declared by others that have no rows."""
    sums = {name: int(rest[name].sum()) for name in (*_COUNTS, "users_in_segment", "unaccounted")}
    return sums | {
        "users_in_segment": sums["users_in_segment"] + unlogged,
        "unaccounted": sums["unaccounted"] + unlogged,
        "first_sent": int(rest["first_sent"].min(initial=LATE)),
        "last_sent": int(rest["last_sent"].max(initial=EARLY)),
    }


def _with_cut(rest: Mapping[str, int], cut: Mapping[str, int]) -> dict[str, int]:
    return {
        **{name: rest[name] + cut[name] for name in _COUNTS},
        "users_in_segment": rest["users_in_segment"] + cut["logged"],
        "unaccounted": rest["unaccounted"],
        "first_sent": min(rest["first_sent"], cut["first_sent"]),
        "last_sent": max(rest["last_sent"], cut["last_sent"]),
    }


def _result(campaign: Campaign, name: str | None, row: Mapping[str, int], converted: Conversions) -> InstanceResult:
    return InstanceResult(
        instance_id=name,
        users_in_segment=row["users_in_segment"],
        attempted=row["attempted"],
        sent=row["sent"],
        failed=row["failed"],
        converted_users=converted.converted_users,
        conversion_events=converted.conversion_events,
        revenue=converted.revenue if campaign.primary_goal.revenue else None,
        unaccounted=row["unaccounted"],
        first_sent_at=_instant(row["first_sent"]),
        last_sent_at=_instant(row["last_sent"]),
    )


def _instant(microseconds: int) -> datetime | None:
    return None if microseconds in {LATE, EARLY} else EPOCH + microseconds * MICROSECOND


def instance_conversions(primary: Credits, audience: Audience) -> pl.DataFrame:
    """The primary goal's credits of each instance; a user converts at most once per instance.

    Args:
        primary: credits that sent deliveries have for the primary goals.
        audience: the audience rows they are of.

    Returns:
        One row per `campaign` and `instance` that has any: `converted_users`, `conversion_events`, `revenue` (exact).
    """
    columns, events = tally({"instance": audience.instance[primary.row], "row": primary.row})
    starts = find_run_starts(columns["instance"])
    frame = pl.DataFrame(
        {
            "campaign": audience.campaign[columns["row"][starts]],
            "instance": columns["instance"][starts],
            "converted_users": measure_runs(starts, len(events)),
            "conversion_events": sum_runs(events, starts),
        }
    )
    return with_revenue(frame, {"instance": audience.instance[primary.row]}, primary.amount)
