"""User ids that were merged into others: chains are followed to the id that stands for the person."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from analytics_core.tables.keys import KeyedTables


def roots(merged_into: Mapping[str, str]) -> dict[str, str]:
    """The final id of every merged id; ids on or behind a cycle are left out.

    Args:
        merged_into: user id -> the id it was merged into.
    """
    found: dict[str, str | None] = {}
    for start in merged_into:
        path: list[str] = []
        walked: set[str] = set()
        here = start
        while here in merged_into and here not in found and here not in walked:
            path.append(here)
            walked.add(here)
            here = merged_into[here]
        end = None if here in walked else found.get(here, here)
        found.update(dict.fromkeys(path, end))
    return {user: root for user, root in found.items() if root is not None}


def cyclic(merged_into: Mapping[str, str]) -> set[str]:
    """The ids that are part of a cycle (an id merged into itself is the shortest one)."""
    on_cycle: set[str] = set()
    done: set[str] = set()
    for start in merged_into:
        path: dict[str, int] = {}
        here = start
        while here in merged_into and here not in done and here not in path:
            path[here] = len(path)
            here = merged_into[here]
        if here in path:
            on_cycle.update(user for user, at in path.items() if at >= path[here])
        done.update(path)
    return on_cycle


def merge_users(tables: KeyedTables, pairs: Iterable[tuple[str, str]]) -> KeyedTables:
    """The same tables with every merged user id replaced by the id that stands for the person; keys stay."""
    persons = roots(dict(pairs))
    if not persons:
        return tables
    mapping = pl.LazyFrame(
        {"user_id": list(persons), "person_id": list(persons.values())},
        schema={"user_id": pl.String, "person_id": pl.String},
    )
    return replace(
        tables, deliveries=_rename_users(tables.deliveries, mapping), events=_rename_users(tables.events, mapping)
    )


def _rename_users(frame: pl.LazyFrame, mapping: pl.LazyFrame) -> pl.LazyFrame:
    joined = frame.join(mapping, on="user_id", how="left")
    return joined.with_columns(user_id=pl.coalesce("person_id", "user_id")).drop("person_id")
