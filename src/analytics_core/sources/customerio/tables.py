"""The tables of a Customer.io warehouse sync: their files, and their rows with ids as text and times in UTC."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import SourceFile, source_at
from analytics_core.sources.files.parquet_records import frame_of, names_of
from analytics_core.sources.finding.exports import files_below
from analytics_core.sources.rows.instants import UTC_MICROSECONDS, vector

ORDER = "_order"
"""Column that tells which of several rows of one key is the newest; -1 where nothing does."""

_OTHERS = ("attributes", "delivery_contents", "delivery_content", "campaigns", "broadcasts")
_SECONDS, _MILLISECONDS, _MICROSECONDS = 10**11, 10**14, 10**17
"""Whole numbers below these are epochs in that unit: each is the year 1973 in the next."""
_WITHOUT_OFFSET = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the sync.

    Attributes:
        key: the column that tells its rows apart.
        newest: the column that grows with every version of a row.
        needed: columns without which nothing can be said.
        ids: columns that are read as text.
        times: columns that are read as instants.
        ignored: columns that are known, and not read.
    """

    key: str
    newest: str
    needed: tuple[str, ...]
    ids: tuple[str, ...]
    times: tuple[str, ...]
    ignored: tuple[str, ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(dict.fromkeys((*self.ids, *self.times, self.newest)))


_ABOUT_MAIL = (
    *("proxied", "prefetched", "machine", "user_agent"),
    *("email_client", "inbox_domain", "inbox_provider", "mx_host"),
)

TABLES: Mapping[str, Table] = {
    "deliveries": Table(
        key="delivery_id",
        newest="seq_num",
        needed=("delivery_id", "delivery_type", "internal_customer_id"),
        ids=(
            *("delivery_id", "delivery_type", "internal_customer_id", "subject_id", "event_id", "campaign_id"),
            *("newsletter_id", "transactional_message_id", "trigger_id", "action_id"),
        ),
        times=(),
        ignored=("workspace_id", "content_id", "created_at"),
    ),
    "metrics": Table(
        key="event_id",
        newest="seq_num",
        needed=("event_id", "delivery_id", "metric", "created_at"),
        ids=("event_id", "delivery_id", "metric", "reason"),
        times=("created_at",),
        ignored=("workspace_id", "link_id", "link_url", *_ABOUT_MAIL),
    ),
    "outputs": Table(
        key="output_id",
        newest="seq_num",
        needed=("output_id", "subject_name", "output_type", "created_at"),
        ids=("output_id", "subject_name", "output_type", "action_id", "explanation", "delivery_id", "draft"),
        times=("created_at",),
        ignored=(
            *("workspace_id", "link_tracked", "split_test_index", "delay_ends_at", "branch_index"),
            *("manual_segment_id", "add_to_manual_segment"),
        ),
    ),
    "subjects": Table(
        key="subject_name",
        newest="seq_num",
        needed=("subject_name", "internal_customer_id", "campaign_id"),
        ids=("subject_name", "internal_customer_id", "campaign_id", "trigger_id"),
        times=(),
        ignored=("workspace_id", "campaign_type", "event_id", "started_campaign_at", "created_at"),
    ),
    "people": Table(
        key="internal_customer_id",
        newest="updated_at",
        needed=("internal_customer_id", "customer_id"),
        ids=("internal_customer_id", "customer_id"),
        times=("updated_at",),
        ignored=("workspace_id", "deleted", "suppressed", "created_at", "email_addr"),
    ),
}

_NAME = re.compile(rf"({'|'.join((*TABLES, *_OTHERS))})(?:_v\d+)?((?:_\d+)*)\.parquet", re.IGNORECASE)


def files_of(paths: Sequence[Path]) -> Mapping[str, tuple[SourceFile, ...]]:
    """By table, its files at or below `paths` in the order of their sequence numbers; each file once.

    A file belongs to the table that its name starts with, else to the one its folder is named after.

    Raises:
        UnreadableInputError: there are none, or metrics come without the deliveries they are about.
    """
    found: dict[str, dict[Path, tuple[tuple[int, ...], SourceFile]]] = {}
    for name, path in files_below(paths):
        match = _NAME.fullmatch(path.name)
        table = match[1].lower() if match else path.parent.name.lower()
        if table in TABLES and path.suffix.lower() == ".parquet":
            numbers = tuple(map(int, re.findall(r"\d+", match[2]))) if match else ()
            found.setdefault(table, {})[path.resolve()] = numbers, source_at(table, path, name)
    where = ", ".join(map(str, paths))
    if not found.keys() & {"metrics", "outputs", "people"}:
        raise UnreadableInputError(
            f"{where}: holds no table of a Customer.io export; files are named like metrics_v4_WORKSPACE_NUMBER.parquet"
        )
    if "metrics" in found and "deliveries" not in found:
        raise UnreadableInputError(f"{where}: holds metrics but no deliveries; import both tables together")
    return {
        table: tuple(file for _, file in sorted(files.values(), key=lambda entry: (entry[0], entry[1].name)))
        for table, files in found.items()
    }


def table_rows(file: SourceFile) -> pl.DataFrame:
    """All rows of a file in file order: the columns of its table that are read, and `ORDER`.

    Raises:
        UnreadableInputError: the file cannot be read, or lacks a column that is needed.
    """
    table = TABLES[file.table]
    frame = frame_of(file, table.read)
    lacking = [name for name in table.needed if name not in frame.columns]
    if lacking:
        raise UnreadableInputError(f"{file.name}: has no column {', '.join(lacking)}")
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in table.read if name not in frame.columns)


def read_cells(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of `table_rows` with ids as text (null where empty) and times as zoned timestamps or text."""
    cells = rows.select(
        *(_text(name, rows.schema[name]).alias(name) for name in table.ids),
        *(_instant(name, rows.schema[name]).alias(name) for name in table.times),
        *([] if table.newest in table.times else [table.newest]),
    )
    return cells.select(*table.ids, *table.times, _order(table, cells).alias(ORDER))


def unread_names(file: SourceFile) -> Iterator[str]:
    """Columns of a file that nobody has said anything about, in file order."""
    table = TABLES[file.table]
    known = {*table.read, *table.ignored}
    return (name for name in names_of(file) if name not in known)


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    given = pl.col(name)
    # Whole numbers with nulls among them are often written as floats.
    whole = given.cast(pl.Int64, strict=False) if dtype.is_float() or dtype.is_decimal() else given
    text = whole.cast(pl.String, strict=False)
    return pl.when(text != "").then(text)


def _instant(name: str, dtype: pl.DataType) -> pl.Expr:
    """Times of any spelling; those without a zone are UTC, as everything in these exports is."""
    given = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return given if dtype.time_zone else given.dt.replace_time_zone("UTC")
    if dtype.is_numeric():
        number = given.cast(pl.Int64, strict=False)
        ticks = (
            pl.when(number.abs() < _SECONDS)
            .then(number * 1_000_000)
            .when(number.abs() < _MILLISECONDS)
            .then(number * 1_000)
            .when(number.abs() < _MICROSECONDS)
            .then(number)
            .otherwise(number // 1_000)
        )
        return ticks.cast(UTC_MICROSECONDS)
    text = given.cast(pl.String, strict=False)
    return pl.when(text.str.contains(_WITHOUT_OFFSET)).then(text + "Z").otherwise(text)


def _order(table: Table, cells: pl.DataFrame) -> pl.Expr:
    given = pl.col(table.newest)
    if table.newest in table.times:
        return vector(given, cells.schema[table.newest]).to_physical().fill_null(-1)
    return given.cast(pl.Int64, strict=False).fill_null(-1)
