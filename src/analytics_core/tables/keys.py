"""Small numbers for the ids of the tables: computing with them costs a fraction of computing with text.

A key is a number that stands for an id within one set of tables: dense, from 0, in no particular order. Text comes back
into play where people read it, and where two ids are compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from analytics_core.domain.words import ControlGroupType, Outcome, require_every
from analytics_core.tables.canonical import CanonicalTables, schema_of

KEY = pl.Int32
KEY_COLUMNS: dict[str, dict[str, type[pl.DataType]]] = {
    "deliveries": {"campaign_key": KEY, "instance_key": KEY, "user_key": KEY, "outcome_key": pl.Int8},
    "events": {"event_key": KEY, "user_key": KEY},
}
"""The columns that a keyed table has beside its canonical ones."""

OUTCOMES = (
    (Outcome.REQUESTED, None),
    (Outcome.PERSONALIZATION_FAILED, None),
    (Outcome.CONTROL_GROUP, ControlGroupType.CAMPAIGN),
    (Outcome.CONTROL_GROUP, ControlGroupType.GLOBAL),
    (Outcome.FREQUENCY_CAPPED, None),
)
"""What `outcome_key` stands for, by number; of several rows of one audience row the smaller number wins.

A control row that names no group is one of the campaign's.
"""
require_every(Outcome, {outcome for outcome, _ in OUTCOMES})
require_every(ControlGroupType, {group for _, group in OUTCOMES})

BLOCK = 1 << 17
"""User keys in a block: tables are kept, and computations run, block by block."""

_TOGETHER = 1 << 15
"""Events of one name, neighbours in time, that are kept together: about what is read at once."""
_IN_BLOCK = {"deliveries": "campaign_key", "events": "event_key"}
"""What a block is in order of before all."""

DICTIONARIES: dict[str, tuple[str, ...]] = {
    "campaign": ("campaign_id",),
    "event": ("event_name",),
    "instance": ("campaign_id", "instance_id"),
    "user": ("user_id",),
}
"""What each kind of key stands for: `KIND_key` is the number of a row of these columns."""


def dictionary_of(kind: str) -> str:
    """The table that holds the keys of a kind."""
    return f"{kind}_keys"


@dataclass(frozen=True, slots=True, eq=False)
class KeyedTables:
    """Canonical tables whose deliveries and events also have the columns of KEY_COLUMNS.

    Attributes:
        deliveries: canonical columns and keys, duplicates removed, user ids as logged.
        events: the same of events.
        instances: canonical instances.
        identities: canonical identities.
        dictionaries: by kind, one row per key: `KIND_key` and the columns it stands for.
        campaigns: campaign keys by id.
        events_by_name: event keys by name.
        users: how many user keys there are; the keys are 0 to that number, exclusive.
        latest_at: the latest `occurred_at` of deliveries and events; None where there are none.
        gaps: by campaign id, what the exports its deliveries came from cannot say (see `domain.words.Gap`).
        vendor_stats: what vendors say of campaigns; None where they say nothing.
        last_import: number of the latest import that brought any of this; None where nothing was imported.
    """

    deliveries: pl.LazyFrame
    events: pl.LazyFrame
    instances: pl.LazyFrame
    identities: pl.LazyFrame
    dictionaries: Mapping[str, pl.LazyFrame]
    campaigns: Mapping[str, int]
    events_by_name: Mapping[str, int]
    users: int
    latest_at: datetime | None
    gaps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vendor_stats: pl.LazyFrame | None = None
    last_import: int | None = None


class Keyring:
    """Hands out keys: known rows keep theirs, new ones get the next.

    Args:
        dictionaries: the keys handed out so far, by kind.
    """

    def __init__(self, dictionaries: Mapping[str, pl.DataFrame] | None = None) -> None:
        known = dictionaries or {}
        self._known = {kind: known.get(kind, key_schema(kind).to_frame()) for kind in DICTIONARIES}
        self._before = {kind: frame.height for kind, frame in self._known.items()}

    @property
    def dictionaries(self) -> dict[str, pl.DataFrame]:
        """All keys, by kind, in the order of the keys."""
        return self._known

    @property
    def added(self) -> dict[str, pl.DataFrame]:
        """The keys that are new, by kind."""
        return {kind: frame.slice(self._before[kind]) for kind, frame in self._known.items()}

    def with_keys(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` of a canonical table with its KEY_COLUMNS, in the same order; other tables have none."""
        for column in KEY_COLUMNS.get(table, ()):
            kind = column.removesuffix("_key")
            rows = self._with_key(kind, rows) if kind in DICTIONARIES else rows.with_columns(_outcome_key())
        return rows

    def _with_key(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        columns, key = list(DICTIONARIES[kind]), f"{kind}_key"
        known = self._known[kind]
        new = rows.select(columns).unique().join(known, on=columns, how="anti").sort(columns)
        numbered = new.with_columns(
            pl.int_range(known.height, known.height + new.height, dtype=KEY, eager=True).alias(key)
        )
        self._known[kind] = pl.concat([known, numbered.select(known.columns)], rechunk=False)
        return rows.join(self._known[kind], on=columns, how="left", maintain_order="left")


def add_keys(tables: CanonicalTables) -> KeyedTables:
    """Tables that have no keys yet, with keys; they are read into memory."""
    ring = Keyring()
    frames = {name: in_blocks(name, ring.with_keys(name, getattr(tables, name).collect())) for name in KEY_COLUMNS}
    return KeyedTables(
        deliveries=frames["deliveries"].lazy(),
        events=frames["events"].lazy(),
        instances=tables.instances,
        identities=tables.identities,
        dictionaries={kind: frame.lazy() for kind, frame in ring.dictionaries.items()},
        campaigns=numbers("campaign", ring.dictionaries["campaign"]),
        events_by_name=numbers("event", ring.dictionaries["event"]),
        users=ring.dictionaries["user"].height,
        latest_at=latest_of(frames.values()),
    )


def numbers(kind: str, dictionary: pl.DataFrame) -> dict[str, int]:
    """The keys of a kind that stands for one column, by text."""
    (column,) = DICTIONARIES[kind]
    return dict(dictionary.select(column, f"{kind}_key").iter_rows())


def in_blocks(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Keyed rows in the order in which a table is kept: block by block of users, so that a few users are read alone.

    Within a block deliveries are in order of campaign, user and time. Events are in order of name, then stretch by
    stretch of time, then of user and time: what one campaign needs is read alone, and what is read is almost sorted.
    """
    if table not in _IN_BLOCK:
        return rows
    order = [pl.col("user_key") // BLOCK, pl.col(_IN_BLOCK[table])]
    if table == "events":
        order.append((pl.col("occurred_at").rank("ordinal").over(order) - 1) // _TOGETHER)
    return rows.sort(*order, "user_key", "occurred_at", maintain_order=True)


def latest_of(frames: Iterable[pl.DataFrame]) -> datetime | None:
    """The latest `occurred_at`; None without rows."""
    found = [frame["occurred_at"].max() for frame in frames]
    return max((instant for instant in found if isinstance(instant, datetime)), default=None)


def schema_with_keys(table: str) -> pl.Schema:
    """Column names and types of a table with its keys."""
    return pl.Schema([*schema_of(table).items(), *KEY_COLUMNS.get(table, {}).items()])


def key_schema(kind: str) -> pl.Schema:
    """Columns and types of a dictionary."""
    return pl.Schema({f"{kind}_key": KEY, **dict.fromkeys(DICTIONARIES[kind], pl.String)})


def _outcome_key() -> pl.Expr:
    is_global = pl.col("control_group_type").eq_missing(pl.lit(ControlGroupType.GLOBAL.value))
    conditions = []
    for outcome, group in OUTCOMES:
        of_group = is_global if group is ControlGroupType.GLOBAL else pl.lit(value=True)
        conditions.append((pl.col("outcome") == outcome.value) & of_group)
    # A global control row fulfils the campaign's condition too: the last one that holds is it.
    numbers = [pl.when(condition).then(pl.lit(number, pl.Int8)) for number, condition in enumerate(conditions)]
    return pl.coalesce(*reversed(numbers)).alias("outcome_key")
