"""Reading and writing the rows of the campaign book, inside a transaction that is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from analytics_core.store.book.entries import BookEntry, Change, find_break, login_name
from analytics_core.store.book.schema import CAMPAIGNS, HISTORY, META, STAGED


@dataclass(frozen=True, slots=True)
class Head:
    """The row that says what the book holds."""

    id: str
    entries: int
    head: str
    campaigns: int
    landed: int


def read_head(connection: sa.Connection) -> Head:
    """What the book says of itself."""
    return Head(*connection.execute(sa.select(*(META.c[name] for name in Head.__slots__))).one())


def read_entries(connection: sa.Connection) -> list[BookEntry]:
    """Every entry of the history, first to last."""
    return _as_entries(connection, HISTORY.select().order_by(HISTORY.c.number))


def read_entries_of(connection: sa.Connection, campaign_id: str) -> list[BookEntry]:
    """Every entry of a campaign, first to last."""
    of_campaign = HISTORY.select().where(HISTORY.c.campaign_id == campaign_id).order_by(HISTORY.c.number)
    return _as_entries(connection, of_campaign)


def read_last_versions(connection: sa.Connection) -> dict[str, int]:
    """By campaign that ever was the version of its last entry."""
    query = sa.select(HISTORY.c.campaign_id, sa.func.max(HISTORY.c.version)).group_by(HISTORY.c.campaign_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def _as_entries(connection: sa.Connection, query: sa.Select[Any]) -> list[BookEntry]:
    return [BookEntry.from_row(dict(row)) for row in connection.execute(query).mappings()]


def stage_changes(connection: sa.Connection, changes: Sequence[Change], number: int) -> str | None:
    """Stage changes in place of all that are staged; the mark they have, None without any."""
    connection.execute(STAGED.delete())
    if not changes:
        return None
    # Several workspaces, each with a book of its own, may share one place of tables: a mark says whose it is.
    token, by = f"{read_head(connection).id}-{uuid4().hex}", login_name()
    rows = [
        {
            "position": position,
            "token": token,
            "import_number": number,
            "by": by,
            "act": change.act.value,
            "campaign_id": change.campaign_id,
            "definition": change.definition,
        }
        for position, change in enumerate(changes)
    ]
    connection.execute(STAGED.insert(), rows)
    return token


def append_entries(connection: sa.Connection, head: Head, entries: Sequence[BookEntry], landed: int) -> None:
    """Put entries behind the last one, and say what they define; `landed` is the last import that is in the book."""
    for entry in entries:
        connection.execute(HISTORY.insert().values(entry.as_row()))
        connection.execute(CAMPAIGNS.delete().where(CAMPAIGNS.c.campaign_id == entry.campaign_id))
        if entry.definition is not None:
            row = {"campaign_id": entry.campaign_id, "version": entry.version, "entry": entry.number}
            connection.execute(CAMPAIGNS.insert().values(row))
    count = connection.execute(sa.select(sa.func.count()).select_from(CAMPAIGNS)).scalar_one()
    last = entries[-1].hash if entries else head.head
    values = {"entries": head.entries + len(entries), "head": last, "campaigns": count, "landed": landed}
    connection.execute(META.update().values(values))


def find_fault(entries: Sequence[BookEntry], head: Head, landed: Mapping[int, str]) -> str | None:
    """What is wrong with a whole history, in words; None where it is what was written.

    Args:
        entries: all of a book, in order.
        head: what the book says of itself.
        landed: when each import landed, by its number.
    """
    broken = find_break(entries, landed)
    if broken:
        return f"entry {broken} of the history is not what was written"
    if (len(entries), entries[-1].hash if entries else head.head) != (head.entries, head.head):
        return f"its history ends with entry {len(entries)}, not {head.entries}"
    return None


def find_last(entries: Sequence[BookEntry]) -> dict[str, BookEntry]:
    """By campaign that is defined the last of all entries."""
    last = {entry.campaign_id: entry for entry in entries}
    return {name: entry for name, entry in last.items() if entry.definition is not None}
