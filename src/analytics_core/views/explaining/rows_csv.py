"""Rows as a frame whose CSV a spreadsheet may open: ISO times, seconds, and no text that it would run."""

import polars as pl
import polars.selectors as cs

_FORMULA = r"^[ \n]*[=+\-@\t\r]"
_UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{fffe}\x{ffff}]"
_DIRECTION = r"[\x{202a}-\x{202e}\x{2066}-\x{2069}]"


def csv_ready(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows for writing as CSV.

    Times become ISO 8601 in UTC, durations seconds (their column gains `_seconds`), control characters U+FFFD; a text
    a spreadsheet would take for a formula gets a leading apostrophe. Numbers stay numbers, also negative ones.
    """
    texts = cs.string()
    return rows.with_columns(
        texts.str.replace_all(_DIRECTION, "").str.replace_all(_UNPRINTABLE, "\N{REPLACEMENT CHARACTER}"),
    ).select(
        *(_cell(name, dtype) for name, dtype in rows.schema.items()),
    )


def _cell(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    match dtype:
        case pl.String():
            return pl.when(column.str.contains(_FORMULA)).then(pl.lit("'") + column).otherwise(column).alias(name)
        case pl.Datetime():
            return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        case pl.Duration():
            return (column.dt.total_microseconds().cast(pl.Decimal(38, 6)) / 1_000_000).alias(f"{name}_seconds")
        case _:
            return column
