"""The campaign book: campaign definitions in a small SQL database, with everything they ever were."""

import hashlib
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import PRIVATE, Access
from analytics_core.store.book.database import BookDatabase
from analytics_core.store.book.entries import BookAct, BookEntry, Change, find_break, login_name, make_entry
from analytics_core.store.book.schema import CAMPAIGNS, HISTORY, META, STAGED, schema_number
from analytics_core.store.commits import Commit


@dataclass(frozen=True, slots=True)
class BookChanges:
    """What definitions change: how many are new or changed, how many say nothing new; the mark they are staged with."""

    changed: int
    unchanged: int
    token: str | None


@dataclass(frozen=True, slots=True)
class BookedCampaign:
    """A definition, and the entry of the history that made it: number and hash; None where the book keeps none yet."""

    campaign: Campaign
    entry: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class _Head:
    """The row that says what the book holds."""

    id: str
    entries: int
    head: str
    campaigns: int
    landed: int


class CampaignBook:
    """Campaign definitions by id, and their history.

    Definitions that an import brings are staged under a mark. They are the book's once the commit file of the tables
    has an entry with that mark: whoever writes next puts them in or drops them, who reads takes them for put in.

    Args:
        url: a SQLAlchemy URL of SQLite or PostgreSQL.
        directory: what a relative SQLite file lies in.
        access: the mode of a SQLite file.
        alone: whether no other workspace uses the same tables, with a book of its own.
    """

    def __init__(self, url: str, directory: Path, access: Access = PRIVATE, *, alone: bool = True) -> None:
        self._database = BookDatabase(url, directory, access)
        self._alone = alone

    def campaigns(self, commit: Commit, known_at: datetime | None = None) -> tuple[BookedCampaign, ...]:
        """The definitions, in the order of their ids.

        Args:
            commit: the state of the tables.
            known_at: as they were at this instant; None: as they are.

        Raises:
            WorkspaceError: the book is damaged, is not the one the tables got definitions from, or is missing.
        """
        with self._database.read() as connection:
            if connection is None:
                self._refuse_missing(commit)
                return ()
            if schema_number(connection) == 0:
                first = _read_first(connection)
                if not first:
                    self._refuse_missing(commit)
                return first
            head = self._checked_head(connection, commit)
            staged = self._finish(connection, head, commit)
            current = self._as_of(connection, head, known_at) if known_at else self._current(connection, head)
        for entry in staged:
            if known_at is None or _is_known(entry, known_at):
                current[entry.campaign_id] = entry
        found = (current[campaign_id] for campaign_id in sorted(current))
        return tuple(
            BookedCampaign(Campaign.model_validate_json(entry.definition), (entry.number, entry.hash))
            for entry in found
            if entry.definition is not None
        )

    def settle(self, commit: Commit, *, alone: bool) -> dict[str, str]:
        """Put in what was staged by an import that landed.

        Args:
            commit: the state of the tables.
            alone: whether nobody else can be importing now. Only then is dropped what was staged by an import that did
                not land: it may be that of one that is about to.

        Returns:
            The id of the book, by where it lies.
        """
        with self._database.write() as connection:
            head = self._checked_head(connection, commit)
            entries = self._finish(connection, head, commit)
            last = commit.history[-1].number if commit.history else 0
            if entries or head.landed < last:
                self._append(connection, head, entries, landed=last)
            staged = set(connection.execute(sa.select(STAGED.c.token).distinct()).scalars())
            decided = staged if alone else staged.intersection(each.token for each in commit.history)
            connection.execute(STAGED.delete().where(STAGED.c.token.in_(decided)))
            return {self._location: head.id}

    def stage(self, campaigns: Iterable[Campaign], number: int) -> BookChanges:
        """Stage definitions that an import brings; those with the same id replace what there is.

        Args:
            campaigns: the definitions.
            number: of the import.
        """
        texts = {campaign.campaign_id: campaign.model_dump_json() for campaign in campaigns}
        with self._database.write() as connection:
            head = _head_of(connection)
            now = self._current(connection, head)
            changed = [
                Change(campaign_id, text, BookAct.IMPORT)
                for campaign_id, text in texts.items()
                if campaign_id not in now or now[campaign_id].definition != text
            ]
            return BookChanges(len(changed), len(texts) - len(changed), _stage(connection, changed, number))

    def stage_undo(self, undone: int, number: int, commit: Commit) -> BookChanges:
        """Stage that what an import changed goes back to what it would be without.

        Args:
            undone: the number of the import that is taken back.
            number: of the entry that takes it back.
            commit: the state of the tables; what it says was taken back before is left out too.
        """
        without = {undone, *(landed.of for landed in commit.history)}
        with self._database.write() as connection:
            now = self._current(connection, _head_of(connection))
            of_import = sa.select(HISTORY.c.campaign_id).where(HISTORY.c.import_number == undone).distinct()
            changes = []
            for (campaign_id,) in connection.execute(of_import).all():
                of_campaign = HISTORY.select().where(HISTORY.c.campaign_id == campaign_id).order_by(HISTORY.c.number)
                entries = _as_entries(connection, of_campaign)
                kept = [e for e in entries if e.act != BookAct.UNDO.value and e.import_number not in without]
                definition = kept[-1].definition if kept else None
                if definition != (now[campaign_id].definition if campaign_id in now else None):
                    changes.append(Change(campaign_id, definition, BookAct.UNDO))
            return BookChanges(len(changes), 0, _stage(connection, changes, number))

    def find_faults(self) -> list[str]:
        """What is wrong with the book, one line each, after every entry of its history was looked at."""
        try:
            with self._database.read() as connection:
                if connection is None or schema_number(connection) == 0:
                    return []
                head = _head_of(connection)
                broken = find_break(_entries(connection))
                if broken:
                    return [f"{self._database.address}: entry {broken} of the history is not what was written"]
                self._current(connection, head)
                return self._database.find_faults(connection)
        except WorkspaceError as error:
            return [str(error)]

    def _checked_head(self, connection: sa.Connection, commit: Commit) -> _Head:
        head = _head_of(connection)
        if head.id not in commit.books.values() and not head.entries:
            self._refuse_missing(commit)
        last = commit.history[-1].number if commit.history else 0
        if head.landed > last:
            raise WorkspaceError(
                f"the campaign book {self._database.address} has definitions of import {head.landed}, but the tables "
                f"end with import {last}; restore tables and book from the same backup, nothing was changed"
            )
        late = {each.token for each in commit.history if each.token and each.number > head.landed}
        own = {token for token in late if token.startswith(head.id)}
        if own.difference(connection.execute(sa.select(STAGED.c.token).distinct()).scalars() if own else ()):
            raise WorkspaceError(
                f"the campaign book {self._database.address} is older than the tables; restore both from the same "
                "backup, nothing was changed"
            )
        return head

    def _refuse_missing(self, commit: Commit) -> None:
        if commit.books and (self._alone or self._location in commit.books):
            raise WorkspaceError(
                f"the campaign book {self._database.address} is missing or empty, but the tables have imports; "
                "restore it from a backup, nothing was changed"
            )

    def _current(self, connection: sa.Connection, head: _Head) -> dict[str, BookEntry]:
        """By campaign the entry that defines it, if all is as it was written."""
        query = sa.select(
            HISTORY, CAMPAIGNS.c.campaign_id.label("defined"), CAMPAIGNS.c.version.label("defined_version")
        ).select_from(CAMPAIGNS.outerjoin(HISTORY, HISTORY.c.number == CAMPAIGNS.c.entry))
        rows = connection.execute(query).mappings().all()
        found = {row["defined"]: BookEntry.from_row(dict(row)) for row in rows}
        sound = all(
            entry.campaign_id == row["defined"] and entry.version == row["defined_version"] and entry.is_sound
            for row, entry in zip(rows, found.values(), strict=True)
        )
        if not sound or len(found) != head.campaigns:
            raise self._damage()
        return found

    def _as_of(self, connection: sa.Connection, head: _Head, instant: datetime) -> dict[str, BookEntry]:
        """By campaign the last entry until an instant, if the whole history is as it was written."""
        entries = _entries(connection)
        if find_break(entries) or len(entries) != head.entries:
            raise self._damage()
        return {entry.campaign_id: entry for entry in entries if _is_known(entry, instant)}

    def _finish(self, connection: sa.Connection, head: _Head, commit: Commit) -> list[BookEntry]:
        """The entries that what is staged makes, where its import landed."""
        landed = {each.token: each.at for each in commit.history if each.token}
        rows = connection.execute(STAGED.select().order_by(STAGED.c.position)).mappings().all()
        versions: dict[str, int] = {}
        if rows:
            query = sa.select(HISTORY.c.campaign_id, sa.func.max(HISTORY.c.version)).group_by(HISTORY.c.campaign_id)
            versions = {row[0]: row[1] for row in connection.execute(query)}
        entries: list[BookEntry] = []
        for row in rows:
            if row["token"] in landed:
                versions[row["campaign_id"]] = versions.get(row["campaign_id"], 0) + 1
                entries.append(
                    make_entry(
                        head.entries + len(entries) + 1,
                        entries[-1].hash if entries else head.head,
                        campaign_id=row["campaign_id"],
                        version=versions[row["campaign_id"]],
                        act=BookAct(row["act"]),
                        definition=row["definition"],
                        at=landed[row["token"]],
                        by=row["by"],
                        import_number=row["import_number"],
                    )
                )
        return entries

    def _append(self, connection: sa.Connection, head: _Head, entries: Sequence[BookEntry], landed: int) -> None:
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

    @property
    def _location(self) -> str:
        """What tells this place from others, and says nothing of it."""
        return hashlib.sha256(f"{platform.node()} {self._database.address}".encode()).hexdigest()[:16]

    def _damage(self) -> WorkspaceError:
        where = f"the campaign book {self._database.address}"
        return WorkspaceError(f"{where} is damaged; restore it from a backup, nothing was changed")


def _head_of(connection: sa.Connection) -> _Head:
    return _Head(*connection.execute(sa.select(*(META.c[name] for name in _Head.__slots__))).one())


def _entries(connection: sa.Connection) -> list[BookEntry]:
    return _as_entries(connection, HISTORY.select().order_by(HISTORY.c.number))


def _as_entries(connection: sa.Connection, query: sa.Select[Any]) -> list[BookEntry]:
    return [BookEntry.from_row(dict(row)) for row in connection.execute(query).mappings()]


def _read_first(connection: sa.Connection) -> tuple[BookedCampaign, ...]:
    """The definitions of a book of version 0.1, or of a database without any table."""
    if not sa.inspect(connection).has_table("campaigns"):
        return ()
    found = [
        Campaign.model_validate_json(row[0]) for row in connection.exec_driver_sql("SELECT definition FROM campaigns")
    ]
    # A database may collate ids in its own way; the order of code points is ours everywhere.
    return tuple(BookedCampaign(campaign, None) for campaign in sorted(found, key=lambda found: found.campaign_id))


def _stage(connection: sa.Connection, changes: Sequence[Change], number: int) -> str | None:
    connection.execute(STAGED.delete())
    if not changes:
        return None
    # Several workspaces, each with a book of its own, may share one place of tables: a mark says whose it is.
    token, by = f"{_head_of(connection).id}-{uuid4().hex}", login_name()
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


def _is_known(entry: BookEntry, instant: datetime) -> bool:
    return not entry.at or datetime.fromisoformat(entry.at) <= instant
