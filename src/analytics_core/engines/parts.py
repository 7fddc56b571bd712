"""Which users are computed together, and reading what their rows say.

Every count that tells users apart needs all rows of a user at once and no other's: parts are disjoint sets of users, so
that what is counted in each may be added, and memory holds one of them at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints
from analytics_core.attribution.audience import NO_CODE, Lookups, RawRows
from analytics_core.attribution.matching import EventColumns
from analytics_core.tables.identities import roots
from analytics_core.tables.keys import BLOCK, KeyedTables

ROWS = 2_000_000
"""Deliveries and events of one part, about."""
MERGED_USERS = 1 << 17
"""User ids, of people who have several, in one part."""


@dataclass(frozen=True, slots=True, eq=False)
class MergedUsers:
    """User ids that are one person's with others.

    Where the keys 3 and 9 are Ann's, and 5 is another id of Bob's, whose first is 7: `keys` 3, 5, 7, 9 and `people`
    0, 1, 1, 0; `names` are the two ids that stand for Ann and Bob.

    Attributes:
        keys: the user keys of such people, ascending.
        people: the number of the person of each; the numbers are dense.
        names: the id that stands for the person, by number.
    """

    keys: Ints
    people: Ints
    names: pl.Series

    def between(self, first: int, end: int) -> "MergedUsers":
        """Those of the people with some numbers, numbered from 0."""
        inside = (self.people >= first) & (self.people < end)
        return MergedUsers(self.keys[inside], self.people[inside] - first, self.names.slice(first, end - first))


@dataclass(frozen=True, eq=False)
class Part:
    """The users of one part.

    Attributes:
        tables: the tables as they stood at the as-of instant, of all users.
        users: which user keys are read.
        merged: the ids of people with several: those of this part, or, of a part of plain users, all that are not its.
        low: of a part of plain users the lowest key; -1 of one of merged users.
    """

    tables: KeyedTables
    users: pl.Expr
    merged: MergedUsers
    low: int

    def raw_rows(self, *more: str, where: pl.Expr | None = None) -> RawRows:
        """Deliveries of the part's users, with the columns `more` beside; `where` picks some."""
        rows = self.tables.deliveries.filter(self.users, *([] if where is None else [where])).select(
            pl.col("campaign_key").alias("campaign"),
            pl.col("instance_key").alias("instance"),
            self._user,
            pl.col("occurred_at").to_physical().alias("at"),
            pl.col("outcome_key").alias("outcome"),
            pl.col("response_code").fill_null(NO_CODE).cast(pl.Int16).alias("code"),
            *more,
        )
        return self._numbered(rows.collect())

    def events(self, where: Sequence[pl.Expr], *more: str) -> tuple[EventColumns, pl.DataFrame]:
        """Events of the part's users, and the columns `more` of the same events in the same order."""
        rows = self.tables.events.filter(self.users, *where).select(
            pl.col("event_key").alias("name"),
            self._user,
            pl.col("occurred_at").to_physical().alias("at"),
            *more,
        )
        numbered = self._numbered(rows.collect())
        columns = (numbered[name].to_numpy() for name in ("name", "user", "at"))
        return EventColumns(*columns), numbered.select(more)

    @property
    def lookups(self) -> Lookups:
        """What reading a few rows again says."""
        return Lookups(self._with_request_ids, self._instance_order)

    def user_ids(self) -> pl.Series:
        """The ids of people, by number."""
        if self.low < 0:
            return self.merged.names
        users = self.tables.dictionaries["user"].filter(pl.col("user_key") >= self.low)
        return users.sort("user_key").select("user_id").collect().to_series()

    def user_keys(self, users: Ints) -> Ints:
        """The keys of all ids of people, by number."""
        if self.low >= 0:
            return np.unique(users) + self.low
        keys: Ints = self.merged.keys[np.isin(self.merged.people, users)]
        return keys

    def _with_request_ids(self, users: Ints) -> RawRows:
        keys = pl.Series(self.user_keys(users), dtype=pl.Int32)
        return self.raw_rows("request_id", where=pl.col("user_key").is_in(keys.implode()))

    def _instance_order(self, instances: Ints) -> Ints:
        keys = pl.DataFrame({"instance_key": pl.Series(instances, dtype=pl.Int32)})
        named = self.tables.dictionaries["instance"].join(keys.lazy().unique(), on="instance_key", how="semi")
        ordered = named.select("instance_key", "instance_id").collect().sort("instance_id").with_row_index("order")
        order: Ints = keys.join(ordered, on="instance_key", how="left", maintain_order="left")["order"].to_numpy()
        return order

    @property
    def _user(self) -> pl.Expr:
        """People's numbers where users are plain, else their keys still."""
        return (pl.col("user_key") - max(self.low, 0)).alias("user")

    def _numbered(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with people's numbers, of the part's people only."""
        users = rows["user"].to_numpy()
        if self.low < 0:
            places = np.searchsorted(self.merged.keys, users)
            return rows.with_columns(pl.Series("user", self.merged.people[places], dtype=pl.Int32))
        others = self.merged.keys[self.merged.keys >= self.low] - self.low
        if not len(others):
            return rows
        alone = np.ones(int(others[-1]) + 2, np.bool_)
        alone[others] = False
        return rows.filter(pl.Series(alone[np.minimum(users, len(alone) - 1)]))


@dataclass(frozen=True, eq=False)
class Partition:
    """How the users of tables are divided into parts.

    Attributes:
        tables: the tables.
        whole: all users are in one part.
        few_events: of the events only a few are read, next to the deliveries: these alone say how large a part is.
    """

    tables: KeyedTables
    whole: bool = False
    few_events: bool = False

    def __iter__(self) -> Iterator[Part]:
        """The parts, one after another."""
        if self.whole:
            yield self.one_part()
            return
        read = [self.tables.deliveries, *([] if self.few_events else [self.tables.events])]
        rows = sum(int(frame.item()) for frame in pl.collect_all([frame.select(pl.len()) for frame in read]))
        yield from self.parts_between(0, self.tables.users + len(self._merged.names), rows)

    def parts_between(self, first: int, end: int, rows: int) -> Iterator[Part]:
        """The parts of a stretch of users; one empty part where there are none.

        Users stand in one line: first by their keys, then by number the people who have several ids, whose keys count
        for nobody. Of three keys, of which 0 and 2 are one person's, the places 0 and 2 are empty, 1 is a user and 3
        that person.

        Args:
            first: the place of the first in the line.
            end: the place after the last.
            rows: how many rows all users have, about.
        """
        users, key = self.tables.users, pl.col("user_key")
        if first >= end:
            yield Part(self.tables, pl.lit(value=False), self._merged, 0)
        width = _width_of(rows * BLOCK // max(users, 1))
        for low in range(first, min(end, users), width):
            inside = (key >= low) & (key < min(low + width, end))
            yield Part(self.tables, inside, self._merged, low)
        for person in range(max(first - users, 0), end - users, MERGED_USERS):
            merged = self._merged.between(person, min(person + MERGED_USERS, end - users))
            keys = pl.Series(merged.keys, dtype=pl.Int32)
            yield Part(self.tables, key.is_in(keys.implode()), merged, -1)

    def one_part(self) -> Part:
        """All users in one part."""
        merged, users = self._merged, self.tables.users
        if not len(merged.keys):
            return Part(self.tables, pl.lit(value=True), merged, 0)
        people = np.full(users, -1, np.int32)
        people[merged.keys] = merged.people
        alone = np.flatnonzero(people < 0)
        people[alone] = np.arange(len(alone)) + len(merged.names)
        ids = self.tables.dictionaries["user"].sort("user_key").select("user_id").collect().to_series()
        names = merged.names.append(ids.gather(alone))
        return Part(self.tables, pl.lit(value=True), MergedUsers(np.arange(users, dtype=np.int32), people, names), -1)

    @cached_property
    def _merged(self) -> MergedUsers:
        return find_merged_users(self.tables)


def _width_of(in_block: int) -> int:
    """How many user keys make a part: whole blocks, or an even share of one; a block has `in_block` rows."""
    if in_block > ROWS * 3 // 2:
        return max(BLOCK // -(-in_block // ROWS), 1)
    return BLOCK * max(ROWS // max(in_block, 1), 1)


def find_merged_users(tables: KeyedTables) -> MergedUsers:
    """The user ids that are one person's with others."""
    pairs = tables.identities.select("user_id", "merged_into").collect()
    persons = roots(dict(pairs.iter_rows()))
    ids = pl.DataFrame(
        {"user_id": [*persons, *persons.values()], "person": [*persons.values(), *persons.values()]},
        schema={"user_id": pl.String, "person": pl.String},
    ).unique()
    known = (
        ids.join(tables.dictionaries["user"].collect(), on="user_id")
        if ids.height
        else ids.with_columns(user_key=pl.lit(None, pl.Int32))
    )
    ordered = known.sort("user_key")
    # Ids of one person that has only one of them in the rows need no care, but do no harm.
    people = ordered["person"].rank("dense").cast(pl.Int32) - 1
    return MergedUsers(ordered["user_key"].to_numpy(), people.to_numpy(), ordered["person"].unique().sort())
