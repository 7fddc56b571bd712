"""Cutting instances as a Snapshot cuts them, where they are counted: the largest stay, of the others their sums."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints, find_run_starts, measure_runs, number_runs
from analytics_core.counting import instances
from analytics_core.counting.instances import REST, figures_of_rows, sum_instances
from analytics_core.tables.keys import KeyedTables

INSTANCE_TABLES = ("instances", "single_instances", "instance_conversions", "instances_outside", "instances_rest")
"""The tables that `cut_instances` gives."""
_CUT_KEY = -1
"""Stands for all instances that were cut, where conversions are summed by instance."""
_FIGURES = ("logged", "attempted", "sent", "failed")


@dataclass(frozen=True, slots=True, eq=False)
class InstanceCut:
    """Which instances may be cut where they are counted: those of which a share has all rows, and that declare nothing.

    Attributes:
        campaigns: by campaign key, whether any may be.
        kept: keys of instances of these campaigns that may not be, ascending.
        declared: keys of all instances that are declared, ascending.
    """

    campaigns: Flags
    kept: Ints
    declared: Ints


def find_cut(tables: KeyedTables, spread: Mapping[int, tuple[int, ...]]) -> InstanceCut:
    """Which instances may be cut.

    Args:
        tables: the tables as they stood at the as-of instant.
        spread: see `Division`.
    """
    campaigns = np.zeros(len(tables.campaigns), np.bool_)
    campaigns[list(spread)] = True
    key = ["campaign_id", "instance_id"]
    declared = tables.instances.select(key).join(tables.dictionaries["instance"], on=key)
    keys = declared.select("instance_key").collect().to_series().to_numpy()
    everyone = [np.array(found, np.int32) for found in spread.values()]
    return InstanceCut(campaigns, np.unique(np.concatenate([keys, *everyone])), np.unique(keys))


def cut_instances(tables: Mapping[str, pl.DataFrame], cut: InstanceCut) -> dict[str, pl.DataFrame]:
    """The tables of instances of some users, with one row per instance and those cut that are surely not listed.

    An instance is surely not listed where so many of its campaign as are listed, of which all rows are here, sent more,
    or as many and began earlier: whoever counts the other users finds no more of either. Of two listed instances and
    four here that sent 3, 2, 2 and 1, the last goes, and the third where it began later than the second; where they
    began together, both stay.

    Args:
        tables: `instances`, `single_instances`, `instance_conversions`, `instances_outside`, and `instances_rest` where
            some were cut before; of several sets of users one below the other.
        cut: which may be cut.
    """
    several, single = _combine(tables["instances"], tables["single_instances"])
    alone = pl.DataFrame(figures_of_rows(*(single[name].to_numpy() for name in single.columns)))
    every = pl.concat([alone, several.select(alone.columns)], how="vertical_relaxed")
    campaign, instance = every["campaign"].to_numpy(), every["instance"].to_numpy()
    may_go = np.flatnonzero(cut.campaigns[campaign] & ~np.isin(instance, cut.kept))
    gone = np.zeros(len(every), np.bool_)
    gone[may_go[_are_not_listed(every[may_go])]] = True
    outside = tables["instances_outside"]
    return {
        "instances": several.filter(pl.Series(~gone[len(alone) :])),
        "single_instances": single.filter(pl.Series(~gone[: len(alone)])),
        "instance_conversions": _sum_conversions(tables["instance_conversions"], instance[gone]),
        # Whether rows lie outside the period is asked of declared instances only.
        "instances_outside": outside.filter(pl.Series(np.isin(outside["instance"].to_numpy(), cut.declared)))
        .unique()
        .sort("campaign", "instance"),
        "instances_rest": _sum_rest(tables.get("instances_rest", _NO_REST), every.filter(pl.Series(gone))),
    }


def _combine(several: pl.DataFrame, single: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per instance, of those with one row in the second frame; each in order of instance."""
    single = single.sort("instance")
    keys = single["instance"].to_numpy()
    starts = find_run_starts(keys)
    is_alone = np.repeat(measure_runs(starts, len(keys)) == 1, measure_runs(starts, len(keys)))
    is_alone &= ~np.isin(keys, several["instance"].to_numpy())
    others = single.filter(pl.Series(~is_alone))
    rows = pl.DataFrame(figures_of_rows(*(others[name].to_numpy() for name in others.columns)))
    together = pl.concat([several, rows.select(several.columns)], how="vertical_relaxed").sort("instance")
    columns = {name: together[name].to_numpy() for name in together.columns}
    return sum_instances(columns).cast(several.schema), single.filter(pl.Series(is_alone))


def _are_not_listed(rows: pl.DataFrame) -> Flags:
    """Whether each instance comes after so many of its campaign as are listed."""
    campaign, sent, first = (rows[name].to_numpy() for name in ("campaign", "sent", "first"))
    order = np.lexsort((first, -sent.astype(np.int64), campaign))
    starts = find_run_starts(campaign[order])
    run, size = number_runs(starts, len(order)), measure_runs(starts, len(order))
    last = order[starts + np.minimum(size, instances.MAX_INSTANCES) - 1][run]
    beyond = np.arange(len(order)) - starts[run] >= instances.MAX_INSTANCES
    behind = np.zeros(len(order), np.bool_)
    behind[order] = beyond & ~((sent[order] == sent[last]) & (first[order] == first[last]))
    return behind


def _sum_rest(before: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """`instances_rest`, `campaign` and REST, with instances that go now."""
    rows = pl.concat([before, gone.with_columns(instances=1).select("campaign", *REST).cast(before.schema)])
    counts = pl.col("instances", *_FIGURES).sum()
    return rows.group_by("campaign").agg(counts, pl.col("first_sent").min(), pl.col("last_sent").max()).sort("campaign")


def _sum_conversions(rows: pl.DataFrame, gone: Ints) -> pl.DataFrame:
    is_gone = pl.Series(np.isin(rows["instance"].to_numpy(), gone))
    placed = rows.with_columns(instance=pl.when(is_gone).then(pl.lit(_CUT_KEY, pl.Int32)).otherwise("instance"))
    keys = ("campaign", "instance")
    return placed.group_by(keys).agg(pl.exclude(keys).sum()).select(rows.columns).sort(keys).cast(rows.schema)


_NO_REST = pl.DataFrame(schema={"campaign": pl.Int32, **dict.fromkeys(REST, pl.Int64)})
