"""The campaign book: campaign definitions in a small SQL database, with everything they ever were."""

import hashlib
import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from analytics_core.campaigns.review import import_definition
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import PRIVATE, Access
from analytics_core.store.book.booked import (
    BookChanges,
    BookedCampaign,
    change_staged,
    list_landed,
    read_booked,
    read_first,
    read_reviewed,
)
from analytics_core.store.book.database import BookDatabase
from analytics_core.store.book.edits import list_replaced_edits, restore_definition
from analytics_core.store.book.entries import (
    BookAct,
    BookEntry,
    Change,
    find_break,
    make_entry,
    write_definition,
)
from analytics_core.store.book.rows import (
    Head,
    append_entries,
    find_fault,
    find_last,
    read_entries,
    read_entries_of,
    read_head,
    read_last_versions,
    stage_changes,
)
from analytics_core.store.book.schema import CAMPAIGNS, HISTORY, STAGED, schema_number
from analytics_core.store.commits import Commit


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
                first = read_first(connection)
                if not first:
                    self._refuse_missing(commit)
                return first
            head = self._checked_head(connection, commit)
            staged = self._finish(connection, head, commit)
            current = self._as_of(connection, head, commit, known_at) if known_at else self._current(connection, head)
        for entry in staged:
            if known_at is None or _is_known(entry, known_at):
                current[entry.campaign_id] = entry
        found = (current[campaign_id] for campaign_id in sorted(current))
        return tuple(read_booked(entry, entry.definition) for entry in found if entry.definition is not None)

    def change(
        self, commit: Commit, make: Callable[[Mapping[str, BookEntry]], Change], by: str
    ) -> BookedCampaign | None:
        """Change one definition, in one transaction.

        Args:
            commit: the state of the tables.
            make: from the entries that define campaigns now, by id, to the change; what it raises changes nothing.
            by: who does it, as they say.

        Returns:
            The campaign as it is then; None where the change would change nothing, and makes no entry.
        """
        with self._database.write() as connection:
            head = self._settle(connection, commit)
            now = self._current(connection, head)
            change = make(now)
            before = now.get(change.campaign_id)
            if change.definition is None or (before and before.definition == change.definition):
                return None
            last = connection.execute(sa.select(HISTORY.c.at).where(HISTORY.c.number == head.entries)).scalar()
            entry = make_entry(
                head.entries + 1,
                head.head,
                campaign_id=change.campaign_id,
                version=read_last_versions(connection).get(change.campaign_id, 0) + 1,
                act=change.act,
                definition=change.definition,
                # A clock that was put back does not put an entry before the one it follows.
                at=max(datetime.now(UTC).isoformat(timespec="microseconds"), last or ""),
                by=by,
            )
            append_entries(connection, head, [entry], landed=head.landed)
            return read_booked(entry, change.definition)

    def history(self, campaign_id: str, commit: Commit, known_at: datetime | None = None) -> tuple[BookEntry, ...]:
        """Every entry of a campaign, first to last; those until `known_at` where it is given.

        Raises:
            WorkspaceError: an entry of the book is not what was written.
        """
        with self._database.read() as connection:
            if connection is None or schema_number(connection) == 0:
                return ()
            head = self._checked_head(connection, commit)
            entries = read_entries(connection)
            if find_break(entries, list_landed(commit)) or len(entries) != head.entries:
                raise self._damage()
            entries += self._finish(connection, head, commit)
        known = (entry for entry in entries if known_at is None or _is_known(entry, known_at))
        return tuple(entry for entry in known if entry.campaign_id == campaign_id)

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
            head = self._settle(connection, commit)
            if alone:
                connection.execute(STAGED.delete())
            return {self._location: head.id}

    def stage(self, campaigns: Iterable[Campaign], number: int) -> BookChanges:
        """Stage definitions that an import brings; those with the same id replace what there is.

        Args:
            campaigns: the definitions.
            number: of the import.
        """
        brought = {campaign.campaign_id: campaign for campaign in campaigns}
        at = datetime.now(UTC)
        with self._database.write() as connection:
            now = self._current(connection, read_head(connection))
            before = {campaign_id: read_reviewed(now[campaign_id]) for campaign_id in brought if campaign_id in now}
            changed = {
                campaign_id: campaign
                for campaign_id, campaign in brought.items()
                if before.get(campaign_id) != import_definition(before.get(campaign_id), campaign, at)
            }
            replaced = {
                campaign_id: list_replaced_edits(read_entries_of(connection, campaign_id), campaign)
                for campaign_id, campaign in changed.items()
                if campaign_id in now and now[campaign_id].is_by_hand
            }
            changes = [Change(name, found.model_dump_json(), BookAct.IMPORT) for name, found in changed.items()]
            return BookChanges(
                changed=len(changed),
                unchanged=len(brought) - len(changed),
                token=stage_changes(connection, changes, number),
                replaced={campaign_id: fields for campaign_id, fields in replaced.items() if fields},
            )

    def stage_undo(self, undone: int, number: int, commit: Commit) -> BookChanges:
        """Stage that what an import changed goes back to what it would be without.

        Args:
            undone: the number of the import that is taken back.
            number: of the entry that takes it back.
            commit: the state of the tables; what it says was taken back before is left out too.
        """
        without = {undone, *(landed.of for landed in commit.history)}
        with self._database.write() as connection:
            now = self._current(connection, read_head(connection))
            of_import = sa.select(HISTORY.c.campaign_id).where(HISTORY.c.import_number == undone).distinct()
            changes = []
            for (campaign_id,) in connection.execute(of_import).all():
                definition = restore_definition(read_entries_of(connection, campaign_id), without)
                if definition != (now[campaign_id].definition if campaign_id in now else None):
                    changes.append(Change(campaign_id, definition, BookAct.UNDO))
            return BookChanges(len(changes), 0, stage_changes(connection, changes, number))

    def has_entry(self, number: int, digest: str) -> bool:
        """Whether the history has this entry, with this hash."""
        with self._database.read() as connection:
            if connection is None or schema_number(connection) == 0:
                return False
            found = connection.execute(sa.select(HISTORY.c.hash).where(HISTORY.c.number == number)).scalar()
            return bool(found == digest)

    def find_faults(self, commit: Commit) -> list[str]:
        """What is wrong with the book, one line each, after every entry of its history was looked at."""
        try:
            with self._database.read() as connection:
                if connection is None or schema_number(connection) == 0:
                    return []
                head, entries = read_head(connection), read_entries(connection)
                fault = find_fault(entries, head, list_landed(commit))
                if fault is None and self._current(connection, head) != find_last(entries):
                    fault = "a definition is not that of its last entry"
                return [f"{self._database.address}: {fault}"] if fault else self._database.find_faults(connection)
        except WorkspaceError as error:
            return [str(error)]

    def _settle(self, connection: sa.Connection, commit: Commit) -> Head:
        """Put in what imports that landed had staged; the head after that."""
        head = self._checked_head(connection, commit)
        entries = self._finish(connection, head, commit)
        last = commit.history[-1].number if commit.history else 0
        if entries or head.landed < last:
            append_entries(connection, head, entries, landed=last)
            head = read_head(connection)
        landed = [each.token for each in commit.history if each.token]
        connection.execute(STAGED.delete().where(STAGED.c.token.in_(landed)))
        return head

    def _checked_head(self, connection: sa.Connection, commit: Commit) -> Head:
        head = read_head(connection)
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

    def _current(self, connection: sa.Connection, head: Head) -> dict[str, BookEntry]:
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

    def _as_of(self, connection: sa.Connection, head: Head, commit: Commit, instant: datetime) -> dict[str, BookEntry]:
        """By campaign the last entry until an instant, if the whole history is as it was written."""
        entries = read_entries(connection)
        if find_break(entries, list_landed(commit)) or len(entries) != head.entries:
            raise self._damage()
        return {entry.campaign_id: entry for entry in entries if _is_known(entry, instant)}

    def _finish(self, connection: sa.Connection, head: Head, commit: Commit) -> list[BookEntry]:
        """The entries that what is staged makes, where its import landed."""
        landed = {each.token: each.at for each in commit.history if each.token}
        staged = connection.execute(STAGED.select().order_by(STAGED.c.position)).mappings().all()
        rows = [row for row in staged if row["token"] in landed]
        if not rows:
            return []
        versions = read_last_versions(connection)
        now = {name: read_reviewed(entry) for name, entry in self._current(connection, head).items()}
        entries: list[BookEntry] = []
        for row in rows:
            name, at = row["campaign_id"], landed[row["token"]]
            versions[name] = versions.get(name, 0) + 1
            after = change_staged(
                now.pop(name, None),
                row["definition"],
                datetime.fromisoformat(at),
                is_restored=row["act"] == BookAct.UNDO,
            )
            if after is not None:
                now[name] = after
            entries.append(
                make_entry(
                    head.entries + len(entries) + 1,
                    entries[-1].hash if entries else head.head,
                    campaign_id=name,
                    version=versions[name],
                    act=BookAct(row["act"]),
                    definition=None if after is None else write_definition(after),
                    at=at,
                    by=row["by"],
                    import_number=row["import_number"],
                )
            )
        return entries

    @property
    def _location(self) -> str:
        """What tells this place from others, and says nothing of it."""
        return hashlib.sha256(f"{platform.node()} {self._database.address}".encode()).hexdigest()[:16]

    def _damage(self) -> WorkspaceError:
        where = f"the campaign book {self._database.address}"
        return WorkspaceError(f"{where} is damaged; restore it from a backup, nothing was changed")


def _is_known(entry: BookEntry, instant: datetime) -> bool:
    return not entry.at or datetime.fromisoformat(entry.at) <= instant
