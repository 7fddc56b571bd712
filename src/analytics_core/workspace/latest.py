"""Which row is the latest of a workspace, and what brought it."""

from datetime import datetime

import polars as pl

from analytics_core.domain.latest import LatestRow
from analytics_core.store.commits import LATEST_KEPT, Commit
from analytics_core.tables.keys import KEY_COLUMNS, KeyedTables


def latest_row(commit: Commit, tables: KeyedTables) -> LatestRow | None:
    """The latest delivery or event of a state; None where there are not at least two.

    The records of the imported files say it. Where some of them do not, because they were made before, or rows have
    been taken out since, the tables are looked at.
    """
    records = [record for of_file in commit.files.values() for record in of_file if record.table in KEY_COLUMNS]
    found = sorted(
        ((datetime.fromisoformat(text), record.name) for record in records for text in record.latest), reverse=True
    )[:LATEST_KEPT]
    complete = all(record.latest for record in records if record.accepted)
    if not complete or [instant for instant, _ in found[:1]] != [tables.latest_at]:
        # The import after which no row was later.
        landed = next((landed for landed in commit.history if landed.latest_at == commit.latest_at), None)
        origin = f"import {landed.number}" if landed else "an import"
        found = [(instant, origin) for instant in _look_up(tables)]
    if len(found) < LATEST_KEPT:
        return None
    (at, origin), (others_until, _) = found
    return LatestRow(at, others_until, origin)


def _look_up(tables: KeyedTables) -> list[datetime]:
    rows = pl.concat([getattr(tables, table).select("occurred_at") for table in KEY_COLUMNS])
    latest: list[datetime] = rows.top_k(LATEST_KEPT, by="occurred_at").collect()["occurred_at"].to_list()
    return sorted(latest, reverse=True)
