"""Rows behind a number as tables of texts: audience rows, credits, instances, events with their verdicts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import polars.selectors as cs

from analytics_core.metrics.metric import Grain
from analytics_core.views.explaining.arm_fates import fate_text
from analytics_core.views.explaining.why import AMOUNT_NOTES, standing_text
from analytics_core.views.forms.numbers import UNDEFINED, count, duration, money
from analytics_core.views.forms.table import Column, Row, Table, columns
from analytics_core.views.forms.texts import HIDDEN_CLASS

_Record = Mapping[str, Any]
# Signs that begin a formula, full-width and small ones too, behind whatever is not seen before them.
_FORMULA = rf"^[\s{HIDDEN_CLASS}\x{{200c}}\x{{200d}}\x{{85}}\x{{2800}}\x00-\x1f]*[=+\-@＝＋－＠﹦﹢﹣﹫−\t\r]"  # noqa: RUF001 - on purpose
_UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{fffe}\x{ffff}]"
_DIRECTION = r"[\x{61c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"


def rows_table(title: str, rows: pl.DataFrame, grain: Grain, timezone: str, currency: str | None) -> Table:
    """The rows behind a number, one line each, with user ids as they are; times in the app's zone."""
    records = rows.iter_rows(named=True)
    match grain:
        case Grain.AUDIENCE_ROW:
            return table_of_rows(title, AUDIENCE_COLUMNS, (audience_cells(record, timezone) for record in records))
        case Grain.CREDIT:
            return table_of_rows(
                title, _CREDIT_COLUMNS, (_credit_cells(record, timezone, currency) for record in records)
            )
        case Grain.COMPARED_EVENT:
            parts = ((record, _credit_cells(record, timezone, currency)) for record in records)
            cells = ((*credit[:3], record["arm"], *credit[3:]) for record, credit in parts)
            return table_of_rows(title, _COMPARED_EVENT_COLUMNS, cells)
        case Grain.COMPARED_ROW | Grain.FIRST_ROW:
            return table_of_rows(title, COMPARED_COLUMNS, (comparison_cells(record, timezone) for record in records))
        case Grain.INSTANCE:
            sizes = ("users_in_segment", "logged", "unaccounted")
            cells = ((record["instance_id"], *(count(record[size]) for size in sizes)) for record in records)
            return table_of_rows(title, _INSTANCE_COLUMNS, cells)


def events_table(title: str, events: pl.DataFrame, grain: Grain, timezone: str) -> Table:
    """Events with what became of them; `grain` is that of the number they could have counted in."""
    cells = (event_cells(event, grain, timezone) for event in events.iter_rows(named=True))
    return table_of_rows(title, _EVENT_COLUMNS, cells)


def exact_time(instant: datetime | None, timezone: str) -> str:
    """An instant in the app's zone to the last digit, with its offset; an en dash where there is none."""
    if instant is None:
        return UNDEFINED
    precision = "auto" if instant.microsecond % 1000 or not instant.microsecond else "milliseconds"
    return instant.astimezone(ZoneInfo(timezone)).isoformat(sep=" ", timespec=precision)


def text(value: object) -> str:
    """An id or a word; an en dash where there is none."""
    return UNDEFINED if value is None else str(value)


def yes_no(value: object) -> str:
    """A truth in a word."""
    return "yes" if value else "no"


def amount_text(record: _Record, currency: str | None) -> str:
    """The money a credit brings, or why it brings none."""
    note = AMOUNT_NOTES.get(record["amount_note"])
    if record["amount"] is None:
        return note or UNDEFINED
    amount = money(record["amount"], currency)
    return f"{amount} ({note})" if note else amount


_DROPPABLE = (
    "Attempts",
    "Request",
    "Logged as",
    "Matured",
    "Window ends",
    "Delay",
    "Clock",
    "Response",
    "Instance",
    "Event",
)
"""Headings that a narrow terminal leaves out, the least important first; the user and what happened stay."""
_WHOLE = frozenset(["Outcome", "Standing", "What became of it"])


def row_columns(first: str, *rest: str, texts: Iterable[str]) -> tuple[Column, ...]:
    """Columns the first of which is of instants; neither these nor what a row says are cut where room is short."""
    found = columns(first, *rest, texts=texts)
    return tuple(replace(column, whole=column.label in {first, *_WHOLE}) for column in found)


AUDIENCE_COLUMNS = row_columns(
    "Clock",
    "Instance",
    "User",
    "Standing",
    "Attempts",
    "Window ends",
    "Matured",
    texts=["Instance", "User", "Standing"],
)
_CREDIT_COLUMNS = row_columns(
    "Event at",
    "Event",
    "User",
    "Instance",
    "Clock",
    "Delay",
    "Amount",
    texts=["Event", "User", "Instance"],
)
_COMPARED_EVENT_COLUMNS = row_columns(
    "Event at",
    "Event",
    "User",
    "Arm",
    "Instance",
    "Clock",
    "Delay",
    "Amount",
    texts=["Event", "User", "Arm", "Instance"],
)
COMPARED_COLUMNS = row_columns(
    "Clock",
    "Instance",
    "User",
    "Arm",
    "Standing",
    "Window ends",
    "Matured",
    texts=["Instance", "User", "Arm", "Standing"],
)
_INSTANCE_COLUMNS = columns("Instance", "Declared", "Logged", "Unaccounted")
_EVENT_COLUMNS = row_columns(
    "Event at",
    "Event",
    "User",
    "What became of it",
    "Instance",
    texts=["Event", "User", "What became of it", "Instance"],
)


def audience_cells(record: _Record, timezone: str) -> tuple[str, ...]:
    """One audience row."""
    return (
        exact_time(record["clock_at"], timezone),
        record["instance_id"],
        record["user_id"],
        _standing(record),
        count(record["request_attempts"]),
        exact_time(record["window_ends_at"], timezone),
        yes_no(record["matured"]),
    )


def comparison_cells(record: _Record, timezone: str) -> tuple[str, ...]:
    """One audience row as comparisons see it."""
    return (
        exact_time(record["clock_at"], timezone),
        record["instance_id"],
        record["user_id"],
        record["arm"] or "neither",
        _standing(record),
        exact_time(record["window_ends_at"], timezone),
        yes_no(record["matured"]),
    )


def _standing(record: _Record) -> str:
    standing = standing_text(record["standing"], record["response_code"])
    standing = f"{standing}, also control group" if record["contaminated"] else standing
    return standing if record["control_group_type"] is None else f"{standing} ({record['control_group_type']})"


def event_cells(event: _Record, grain: Grain, timezone: str) -> tuple[str, ...]:
    """One event with its verdict and the delivery the verdict is about."""
    happened = exact_time(event["occurred_at"], timezone)
    return (happened, event["event_id"], event["user_id"], fate_text(event, grain), text(event["instance_id"]))


def _credit_cells(record: _Record, timezone: str, currency: str | None) -> tuple[str, ...]:
    return (
        exact_time(record["occurred_at"], timezone),
        record["event_id"],
        record["user_id"],
        record["instance_id"],
        exact_time(record["clock_at"], timezone),
        duration(record["delay"].total_seconds()),
        amount_text(record, currency),
    )


def table_of_rows(
    title: str, heading: tuple[Column, ...], lines: Iterable[tuple[str, ...]], nothing: str | None = None
) -> Table:
    """One line a row; without any, a note that says `nothing`."""
    rows = tuple(Row(cells) for cells in lines)
    return Table(title, heading, rows, None if rows else nothing, _DROPPABLE)


def csv_ready(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows for writing as CSV.

    Times become ISO 8601 in UTC, durations seconds (their column gains `_seconds`), control characters U+FFFD; a text
    a spreadsheet would take for a formula, also behind blanks and what is not seen, gets a leading apostrophe. Numbers
    stay numbers, also negative ones.
    """
    texts = cs.string()
    guarded = rows.with_columns(
        pl.when(texts.str.contains(_FORMULA)).then(pl.lit("'") + texts).otherwise(texts).name.keep(),
    ).with_columns(
        texts.str.replace_all(_DIRECTION, "").str.replace_all(_UNPRINTABLE, "\N{REPLACEMENT CHARACTER}"),
    )
    return guarded.select(*(_cell(name, dtype) for name, dtype in rows.schema.items()))


def _cell(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    match dtype:
        case pl.Datetime():
            return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        case pl.Duration():
            return (column.dt.total_microseconds().cast(pl.Decimal(38, 6)) / 1_000_000).alias(f"{name}_seconds")
        case _:
            return column
