"""An opened workspace: its app, its campaigns, and their Snapshots."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError, UnknownNameError, WorkspaceError
from analytics_core.domain.settings import App, LatestRow, Settings
from analytics_core.places.opening import open_place
from analytics_core.store.commits import Commit, digest_inputs
from analytics_core.store.settings import SETTINGS_FILE, read_settings
from analytics_core.store.tables import TableStore
from analytics_core.tables.keys import KeyedTables, dictionary_of
from analytics_core.workspace.summaries import Days, ImportSummary, PastImport, Progress, list_past_imports, silent

if TYPE_CHECKING:
    from analytics_core.engines.scene import CampaignView
    from analytics_core.explaining.explanation import Explanation, UserExplanation
    from analytics_core.snapshot.parts import Part
    from analytics_core.snapshot.snapshot import Snapshot
    from analytics_core.store.book.booked import BookedCampaign
    from analytics_core.store.book.entries import BookEntry, Change
    from analytics_core.store.tables import Forgotten
    from analytics_core.workspace.dry_run import Preview
    from analytics_core.workspace.intake import Destination
    from analytics_core.workspace.summaries import UndoSummary
    from analytics_core.workspace.times import Runs

S = TypeVar("S")


class Workspace:
    """One directory of campaigns and rows. Snapshots are computed once per set of rules, until `refresh`.

    Most asked for are `campaigns`, `snapshot`, `snapshots`, `explain` and `explain_user`; `open_workspace` shows each.

    Attributes:
        engine: what computes for commands, as the settings say.
        compute_elsewhere: computes Snapshots from ids and rules, with their entries; None: they are computed here.

    Args:
        directory: holds `workspace.toml`; WorkspaceError where it does not or says something that cannot be.
        known_at: rows and campaign definitions are those of the imports that had landed by this instant; None: of all.
            Settings are today's either way, and imports go on from the current state.
    """

    def __init__(self, directory: Path, known_at: datetime | None = None) -> None:
        if known_at is not None and known_at.tzinfo is None:
            raise WorkspaceError("known_at needs an offset: without one it could mean any of 24 hours")
        self.directory, self.known_at = directory.resolve(), known_at
        self._rejected = self.directory / "rejected"
        self.refresh()
        self.engine = self._configured.engine.kind
        self.compute_elsewhere: Callable[[Sequence[str], Settings], tuple[Snapshot, ...]] | None = None

    def refresh(self) -> None:
        """Read the settings anew and forget what was computed; the next question reads all the rest.

        Raises:
            WorkspaceError: there is no workspace any more, or its settings are not to be read or followed; all stays.
        """
        from analytics_core.store.book.book import CampaignBook  # noqa: PLC0415 - importing a database toolkit takes time

        configured = read_settings(self.directory)
        storage, access = configured.storage, configured.storage.access
        store = TableStore(open_place(storage.tables, self.directory, access))
        book = CampaignBook(storage.campaigns, self.directory, access, alone=storage.has_own_tables)
        self._configured, self._access, self._store, self._book = configured, access, store, book
        self._read: tuple[Commit, KeyedTables] | None = None
        self._latest: tuple[KeyedTables, LatestRow | None] | None = None
        self._forget()

    def _forget(self) -> None:
        self._snapshots: dict[Settings, dict[str, Snapshot]] = {}
        self._booked: dict[str, BookedCampaign] | None = None
        self._followed = False

    def __repr__(self) -> str:
        """Where it is, how many campaigns it has, when it last imported; the path alone where that cannot be read."""
        try:
            campaigns, commit = len(self.campaigns()), self._store.commit()
            history = (commit if self.known_at is None else commit.as_known(self.known_at)).history
        except AnalyticsError:
            return f"Workspace({str(self.directory)!r})"
        last = history[-1].instant.isoformat(timespec="seconds") if history else None
        return f"Workspace({str(self.directory)!r}, campaigns={campaigns}, last_import={last!r})"

    @property
    def app(self) -> App:
        """The app these campaigns belong to."""
        return self._configured.as_app()

    @property
    def settings(self) -> Settings:
        """The rules a computation follows where it is asked for nothing else."""
        return self._configured.as_settings()

    @property
    def fingerprint(self) -> str:
        """A digest of everything that can change a number: imported files, definitions, settings."""
        parts = [each.model_dump_json() for each in self.campaigns()]
        parts.append(self._configured.model_dump_json(exclude={"storage", "engine"}))
        return digest_inputs(self._commit(), self._store.commit(), parts)

    @property
    def rejected_in_place(self) -> int:
        """How many rows of the tables that are used in place cannot be taken in, as they lie there now."""
        places = self._configured.storage.in_place
        return sum(record.rejected for record in self._commit().records if record.table in places) if places else 0

    def campaigns(self) -> tuple[Campaign, ...]:
        """All campaigns, in the order of their ids."""
        return tuple(booked.campaign for booked in self._read_book().values())

    def campaign(self, campaign_id: str) -> Campaign:
        """One campaign; UnknownNameError where the book has none of that id."""
        return self.booked(campaign_id).campaign

    def snapshots(self, ids: Iterable[str] | None = None, settings: Settings | None = None) -> "tuple[Snapshot, ...]":
        """Snapshots of the campaigns `ids` (all where None), in the order of their ids.

        All of a workspace are computed in one pass. Where it has many users, a few campaigns are computed by
        themselves, from what they need. Either is remembered.
        """
        rules = settings or self.settings
        known = self._snapshots.setdefault(rules, {})
        book = [campaign.campaign_id for campaign in self.campaigns()]
        wanted = book if ids is None else sorted({self.campaign(campaign_id).campaign_id for campaign_id in ids})
        missing = [campaign_id for campaign_id in wanted if campaign_id not in known]
        if missing:
            known.update({each.campaign_id: each for each in self._compute(missing, rules)})
        return tuple(known[campaign_id] for campaign_id in wanted)

    def _compute(self, missing: Sequence[str], rules: Settings) -> "tuple[Snapshot, ...]":
        from analytics_core.engines.local import are_few, compute_snapshots  # noqa: PLC0415 - opening computes nothing

        if self.compute_elsewhere is not None:
            return self.compute_elsewhere(missing, rules)

        def compute(tables: KeyedTables) -> "tuple[Snapshot, ...]":
            only = missing if are_few(missing, tables) else None
            return compute_snapshots(tables, self.campaigns(), self.app, rules, only=only)

        computed = self.compute_from_tables(compute)
        return tuple(each.with_entry(self.booked(each.campaign_id).entry) for each in computed)

    def compute_from_tables(self, compute: Callable[[KeyedTables], S]) -> S:
        """What `compute` makes of the tables; whoever optimizes meanwhile does not disturb it."""
        while True:
            tables = self.tables()
            try:
                return compute(tables)
            except (OSError, pl.exceptions.PolarsError):
                # Whoever optimizes deletes the files that were being read; the new ones hold the same rows.
                if self.tables() is tables:
                    raise

    def snapshot(self, campaign_id: str, settings: Settings | None = None) -> "Snapshot":
        """Every number of one campaign; UnknownNameError where the book has none of that id."""
        (found,) = self.snapshots([campaign_id], settings)
        return found

    def explain(
        self,
        campaign_id: str,
        metric: str,
        *,
        goal_id: str | None = None,
        part: "Part | None" = None,
        settings: Settings | None = None,
        rows: int | None = 0,
    ) -> "Explanation":
        """A number down to its rows.

        Args:
            campaign_id: a campaign of the book.
            metric: a metric of the catalog, a reason of the error breakdown or a personalization category.
            goal_id: the goal whose conversions are meant; None: the primary one.
            part: the instance, hour, day, week or month that the number is of; None: the whole campaign.
            settings: the rules; None: the workspace's.
            rows: how many rows behind the number, and how many near misses, to bring along; None for all.

        Raises:
            UnknownNameError: one of the names is unknown, or this campaign has no such metric.
            AnalyticsError: the part is not there, or the number is not told of it.
        """
        from analytics_core.engines.explaining import explain_number  # noqa: PLC0415 - opening a workspace explains nothing
        from analytics_core.explaining.explanation import question_of  # noqa: PLC0415 - as above

        question = question_of(self.campaign(campaign_id), metric, goal_id, part)
        return explain_number(self._scene(question.campaign, settings), question, rows=rows)

    def explain_user(
        self,
        campaign_id: str,
        metric: str,
        user_id: str,
        *,
        goal_id: str | None = None,
        settings: Settings | None = None,
    ) -> "UserExplanation":
        """Why a user counts in a number or does not.

        Raises:
            UnknownNameError: as `explain` does.
            AnalyticsError: the workspace has no rows of that user; the text does not repeat the id.
        """
        from analytics_core.engines.explaining import explain_user  # noqa: PLC0415 - as above
        from analytics_core.explaining.explanation import question_of  # noqa: PLC0415 - as above

        question = question_of(self.campaign(campaign_id), metric, goal_id)
        return explain_user(self._scene(question.campaign, settings), question, user_id)

    def tables(self) -> KeyedTables:
        """The tables as of the latest import, or the latest that had imported at `known_at`.

        Raises:
            WorkspaceError: no import had landed by then.
        """
        commit = self._commit()
        while self._read is None or self._read[0] != commit:
            try:
                self._read = commit, self._store.read(commit)
            except WorkspaceError:
                # Whoever optimizes deletes the files of the state before.
                before, commit = commit, self._commit()
                if commit == before:
                    raise
        return self._read[1]

    def latest_row(self) -> LatestRow | None:
        """The row that numbers look from where they are asked for no other instant; None with fewer than two rows."""
        from analytics_core.workspace.times import latest_row  # noqa: PLC0415 - opening a workspace asks for no row

        tables = self.tables()
        if self._latest is None or self._latest[0] is not tables:
            self._latest = tables, latest_row(self._commit(), tables)
        return self._latest[1]

    def imports(self) -> tuple[PastImport, ...]:
        """The imports that brought new files, first to last; of those that had imported at `known_at`."""
        return list_past_imports(self._commit())

    def find_undefined_campaigns(self) -> tuple[str, ...]:
        """Ids of campaigns that have deliveries but no definition, and so no Snapshot; in order."""
        return tuple(sorted(self.find_campaigns_with_rows().difference(each.campaign_id for each in self.campaigns())))

    def find_campaigns_with_rows(self) -> set[str]:
        """Ids of campaigns that have deliveries."""
        # The keys of the campaigns say it, but where an import was taken back: then nothing else has to be read.
        commit = self._store.commit()
        table = "deliveries" if commit.dropped else dictionary_of("campaign")
        return set(self._store.scan(table, commit).select(pl.col("campaign_id").unique()).collect()["campaign_id"])

    def booked(self, campaign_id: str) -> "BookedCampaign":
        """One campaign as the book has it; UnknownNameError where it has none of that id."""
        if campaign_id not in self._read_book():
            raise UnknownNameError("campaign", campaign_id, self._read_book())
        return self._read_book()[campaign_id]

    def change_book(self, make: "Callable[[Mapping[str, BookEntry]], Change]", by: str) -> "BookedCampaign | None":
        """Change one definition (see `CampaignBook.change`).

        Raises:
            WorkspaceError: the workspace was opened as it was known earlier, or the book cannot be written.
        """
        if self.known_at is not None:
            raise WorkspaceError("a workspace that is opened as it was known earlier cannot be changed")
        while True:
            commit = self._current()
            try:
                return self._forget_after(self._book.change(commit, make, by))
            except WorkspaceError:
                # An import that lands between the two looks makes the book seem newer than the tables.
                if self._store.commit() == commit:
                    raise

    def history(self, campaign_id: str) -> "tuple[BookEntry, ...]":
        """Every change of a campaign's definition, first to last; of those known at `known_at`."""
        self.booked(campaign_id)
        return self._book.history(campaign_id, self._current(), self.known_at)

    def runs(self, campaign_ids: Collection[str], as_of: datetime | None) -> "Runs":
        """The instances of campaigns as they stood at `as_of` (see `runs_of`)."""
        from analytics_core.workspace.times import runs_of  # noqa: PLC0415 - as above

        return runs_of(self.tables().instances, campaign_ids, as_of)

    def import_canonical(self, directory: Path, progress: Progress = silent, *, again: bool = False) -> ImportSummary:
        """Take canonical files in (see `import_directory`)."""
        from analytics_core.workspace.importing import import_directory  # noqa: PLC0415 - computing reads no such files

        return self._forget_after(import_directory(directory, self._destination(), progress, again=again))

    def undo_import(self, number: int) -> "UndoSummary":
        """Take the rows and definitions of an import out again (see `importing.undo_import`)."""
        from analytics_core.workspace.importing import undo_import  # noqa: PLC0415 - as above

        return self._forget_after(undo_import(number, self._destination()))

    def import_export(
        self, vendor: str, paths: Sequence[Path], progress: Progress = silent, *, again: bool = False, days: Days = None
    ) -> ImportSummary:
        """Take a vendor's export files in; where the names of files say their `days`, those of other days stay out.

        Raises:
            UnreadableInputError: a file cannot be read at all; nothing of the import is kept.
        """
        from analytics_core.workspace.importing import import_export  # noqa: PLC0415 - computing reads no such files

        return self._forget_after(import_export(vendor, paths, self._destination(), progress, again=again, days=days))

    def import_table(
        self, mapping: Path, paths: Sequence[Path], progress: Progress = silent, *, again: bool = False
    ) -> ImportSummary:
        """Take files of somebody's own table in, as a mapping file says.

        Raises:
            UnreadableInputError: the mapping or a file cannot be read; nothing of the import is kept.
        """
        from analytics_core.workspace.importing import import_table  # noqa: PLC0415 - as above

        return self._forget_after(import_table(mapping, paths, self._destination(), progress, again=again))

    def preview_table(self, mapping: Path, paths: Sequence[Path], progress: Progress = silent) -> "Preview":
        """What `import_table` would bring; nothing is written (see `dry_run.preview_table`)."""
        from analytics_core.workspace.dry_run import preview_table  # noqa: PLC0415 - computing reads no such files

        return preview_table(mapping, paths, progress, self._store)

    def forget(self, ids: Collection[str], by: str) -> "Forgotten":
        """Erase people: their rows in every state, and the rejected ones that name them.

        Args:
            ids: of users, as they were logged.
            by: who asked for it; the history says so.
        """
        from analytics_core.store.forgetting import scrub_rejects  # noqa: PLC0415 - seldom asked for

        done = self._forget_after(self._store.forget(ids, by))
        scrub_rejects(self._rejected, done.ids, self._access)
        return done

    def optimize(self) -> None:
        """Put the tables into the order in which they are read (see `TableStore.optimize`); no number changes."""
        self._store.optimize()
        self._forget()

    def _forget_after(self, summary: S) -> S:
        """`summary`, after what was computed is forgotten."""
        self._forget()
        return summary

    def _current(self) -> Commit:
        """The current state, if the settings still say what they said when it came about.

        A file that was cut off is well-formed all the same, and would mean other numbers.
        """
        commit = self._store.commit()
        lost = self._configured.find_lost(commit.said)
        if lost:
            raise WorkspaceError(
                f"{self.directory / SETTINGS_FILE} no longer says {', '.join(lost)}, as it did at the last import; "
                "say it again, or restore the file from a backup"
            )
        return commit

    def _commit(self) -> Commit:
        """The state that is asked for; tables that are used in place are looked at once, until `refresh`."""
        commit = self._current() if self._followed else self._follow()
        return commit if self.known_at is None else commit.as_known(self.known_at)

    def _follow(self) -> Commit:
        commit, places = self._current(), self._configured.storage.in_place
        if places or commit.outside:
            from analytics_core.workspace.external_tables import follow  # noqa: PLC0415 - few workspaces need it

            follow(places, self.directory, self._destination())
            commit = self._store.commit()
        self._followed = True
        return commit

    def _destination(self) -> "Destination":
        from analytics_core.workspace.intake import Destination  # noqa: PLC0415 - computing reads no such files

        self._current()
        in_place, said = frozenset(self._configured.storage.in_place), self._configured.said
        return Destination(self._store, self._book, self._rejected, self._access, in_place, said)

    def _read_book(self) -> "dict[str, BookedCampaign]":
        """The campaigns by their ids, in the order of these."""
        while self._booked is None:
            commit = self._current()
            if self.known_at is not None:
                commit.as_known(self.known_at)  # before the first import nothing was known, definitions neither
            try:
                self._booked = {b.campaign.campaign_id: b for b in self._book.campaigns(commit, self.known_at)}
            except WorkspaceError:
                # An import that lands between the two looks makes the book seem newer than the tables.
                if self._store.commit() == commit:
                    raise
        return self._booked

    def _scene(self, campaign: Campaign, settings: Settings | None) -> "CampaignView":
        from analytics_core.engines.scene import WorkspaceData, view_campaign  # noqa: PLC0415 - as above

        repeated = sum(record.duplicates for record in self._commit().records if record.table == "events")
        holdings = WorkspaceData(self.tables(), self.campaigns(), self.app, repeated)
        return view_campaign(holdings, campaign, settings or self.settings)
