"""Rows of a world as the canonical tables of the product."""

from typing import Any

import polars as pl

from analytics_core.tables.canonical import TABLES, CanonicalTables, schema_of
from analytics_core.tables.identities import cyclic

Row = dict[str, Any]


def canonical_frame(table: str, rows: list[Row]) -> pl.DataFrame:
    """All rows in file order; columns a row does not name are null."""
    schema = schema_of(table)
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def canonical_tables(rows: dict[str, list[Row]]) -> CanonicalTables:
    """The tables as an import would leave them: duplicates dropped, merges that form a circle rejected."""
    frames = {table: keep_first(table, canonical_frame(table, found)) for table, found in rows.items()}
    frames["identities"] = without_circles(frames["identities"])
    return CanonicalTables(**{table: frame.lazy() for table, frame in frames.items()})


def without_circles(identities: pl.DataFrame) -> pl.DataFrame:
    circle = cyclic(dict(identities.iter_rows()))
    return identities.filter(~pl.col("user_id").is_in(list(circle)))


def keep_first(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of `frame` without those that repeat an earlier row's key; one whose key has a null part repeats nothing."""
    key = list(TABLES[table].key)
    complete = pl.all_horizontal(pl.col(key).is_not_null())
    return frame.filter(pl.struct(key).is_first_distinct() | ~complete)
