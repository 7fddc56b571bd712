"""Dividing the users of a computation into shares of about as many rows, and what shares may cut off.

Users stand in one line (see `parts.Partition.parts_between`); a share is a stretch of it, so a person with several ids
is in one share with all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints
from analytics_core.attribution.rules import Rules
from analytics_core.counting import instances
from analytics_core.engines.parts import MergedUsers, find_merged_users
from analytics_core.tables.keys import BLOCK, KeyedTables

_FINENESS = 64
"""Of how many stretches of users, about, a share is put together: even to one part in so many."""
_PEOPLE = {"user_key": pl.Int32, "person": pl.Int32}


@dataclass(frozen=True, slots=True)
class Division:
    """How users are divided into shares.

    Attributes:
        bounds: the places in the line where shares begin, and the place after the last.
        rows: how many deliveries and events there are.
        spread: by campaign key of those with many instances, the keys of the few that are in several shares; of any
            other instance a share has all rows. Campaigns with many such instances are left out.
    """

    bounds: tuple[int, ...]
    rows: int
    spread: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def shares(self) -> int:
        """How many shares there are."""
        return len(self.bounds) - 1


def divide_users(tables: KeyedTables, rules: Rules, shares: int) -> Division:
    """Divide the users of tables into shares of about as many deliveries and events.

    Args:
        tables: the tables as they stood at the as-of instant.
        rules: which campaigns take part.
        shares: how many; with fewer users than that some have none.
    """
    merged = find_merged_users(tables)
    width = min(max(tables.users // (shares * _FINENESS), 1), BLOCK)
    width = 1 << width.bit_length() - 1  # blocks of stored rows then hold whole stretches
    edges = np.append(np.arange(0, tables.users, width), tables.users)
    weights = np.concatenate([_weigh_stretches(tables, width, len(edges) - 1), _weigh_people(tables, merged)])
    edges = np.concatenate([edges, tables.users + 1 + np.arange(len(merged.names))])
    so_far = np.concatenate([[0], np.cumsum(weights)])
    rows = int(so_far[-1])
    wanted = rows * np.arange(1, shares) / shares
    inner = edges[np.minimum(np.searchsorted(so_far, wanted), len(edges) - 1)]
    bounds = (0, *inner.tolist(), int(edges[-1]))
    return Division(bounds, rows, _find_spread(tables, rules, merged, bounds))


def _weigh_stretches(tables: KeyedTables, width: int, stretches: int) -> Ints:
    """How many rows the users of each stretch of keys have."""
    weights = np.zeros(stretches, np.int64)
    for frame in (tables.deliveries, tables.events):
        counted = frame.group_by(pl.col("user_key") // width).len().collect()
        weights[counted["user_key"].to_numpy()] += counted["len"].to_numpy()
    return weights


def _weigh_people(tables: KeyedTables, merged: MergedUsers) -> Ints:
    """How many rows each person with several ids has."""
    weights = np.zeros(len(merged.names), np.int64)
    keys = pl.Series(merged.keys, dtype=pl.Int32)
    for frame in (tables.deliveries, tables.events) if len(keys) else ():
        counted = frame.filter(pl.col("user_key").is_in(keys.implode())).group_by("user_key").len().collect()
        people = merged.people[np.searchsorted(merged.keys, counted["user_key"].to_numpy())]
        np.add.at(weights, people, counted["len"].to_numpy())
    return weights


def _find_spread(
    tables: KeyedTables, rules: Rules, merged: MergedUsers, bounds: tuple[int, ...]
) -> dict[int, tuple[int, ...]]:
    counted = tables.dictionaries["instance"].group_by("campaign_id").len()
    many = counted.filter(pl.col("len") > 2 * instances.MAX_INSTANCES).collect()["campaign_id"].to_list()
    campaigns = sorted(tables.campaigns[name] for name in many if name in tables.campaigns)
    campaigns = [campaign for campaign in campaigns if rules.windows[campaign] >= 0]
    if not campaigns:
        return {}
    people = pl.LazyFrame({"user_key": merged.keys, "person": merged.people}, schema=_PEOPLE)
    place = pl.coalesce(pl.col("person") + tables.users, "user_key")
    rows = tables.deliveries.filter(pl.col("campaign_key").is_in(campaigns))
    ends = (
        rows.join(people, on="user_key", how="left")
        .group_by("campaign_key", "instance_key")
        .agg(first=place.min(), last=place.max())
        .collect()
    )
    first, last = (np.searchsorted(bounds[1:], ends[name].to_numpy(), side="right") for name in ("first", "last"))
    several = ends.filter(pl.Series(first != last)).sort("instance_key")
    found = {key: several.filter(pl.col("campaign_key") == key)["instance_key"].to_list() for key in campaigns}
    return {key: tuple(keys) for key, keys in found.items() if len(keys) <= instances.MAX_INSTANCES}
