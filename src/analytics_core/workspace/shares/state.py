"""The state of a workspace that a plan pins: found again, whatever was imported, rearranged or edited since."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.opening import open_place
from analytics_core.store.book.book import CampaignBook
from analytics_core.store.book.booked import BookedCampaign, read_booked
from analytics_core.store.commits import Act, Commit, ImportRecord
from analytics_core.store.settings import read_settings
from analytics_core.store.tables import TableStore
from analytics_core.tables.keys import KeyedTables
from analytics_core.workspace.shares.plan import PinnedDefinition, PinnedState

S = TypeVar("S")
_ANEW = "make the plan anew"


class StateReader:
    """Tables and definitions of one workspace, by state.

    Args:
        directory: of the workspace; WorkspaceError where there is none.
    """

    def __init__(self, directory: Path) -> None:
        storage = read_settings(directory).storage
        self._directory = directory
        self._store = TableStore(open_place(storage.tables, directory, storage.access))
        self._book = CampaignBook(storage.campaigns, directory, storage.access, alone=storage.has_own_tables)

    @property
    def address(self) -> str:
        """Where the tables' commit file lies."""
        return self._store.address

    def pin(self, known_at: datetime | None) -> tuple[PinnedState, tuple[BookedCampaign, ...]]:
        """The state as it is, or as it was known at an instant, and its definitions, all of them pinned."""
        made_at = datetime.now(UTC)
        now, booked = self._ask_book(lambda commit: (commit, self._book.campaigns(commit, known_at)))
        then = now.as_known(known_at) if known_at else now
        state = PinnedState(
            entries=len(then.history),
            digest=_digest(then.history),
            last_import=then.history[-1].number if then.history else None,
            versions={name: table.version for name, table in now.tables.items()},
            definitions={each.campaign.campaign_id: pin_definition(each) for each in booked},
            known_at=known_at,
            made_at=made_at,
        )
        return state, booked

    def find(self, state: PinnedState) -> Commit:
        """The tables' state that was pinned.

        Raises:
            WorkspaceError: it is gone, or was never here.
        """
        now = self._store.commit()
        then = now.history[: state.entries]
        name = f"import {state.last_import}" if state.last_import else "the empty state"
        if len(then) < state.entries or _digest(then) != state.digest:
            raise WorkspaceError(
                f"{self._directory} does not hold the state of the plan ({name}); name the plan's workspace, or {_ANEW}"
            )
        if any(later.act is Act.FORGET for later in now.history[state.entries :]):
            raise WorkspaceError(f"people were erased since the plan was made, so its state is gone; {_ANEW}")
        versions = {name: table.version for name, table in now.tables.items()}
        older = [name for name, version in state.versions.items() if versions.get(name, -1) < version]
        if older:
            raise WorkspaceError(f"the table {older[0]} is older than the plan; restore it from a backup, or {_ANEW}")
        if len(then) == len(now.history):
            return now
        return now.as_known(then[-1].instant) if then else Commit()

    def compute(self, state: PinnedState, compute: Callable[[KeyedTables], S], users: range | None = None) -> S:
        """What `compute` makes of the pinned tables; whoever optimizes meanwhile does not disturb it.

        Args:
            state: which.
            compute: what is done with them.
            users: places in the line of users (see `Partition.parts_between`) whose rows are needed; None: all.
        """
        while True:
            commit = self.find(state)
            # People with several ids, who stand behind all keys, have rows anywhere.
            needed = None if users is None or users.stop > commit.users else users
            try:
                return compute(self._store.read(commit, needed))
            except (OSError, pl.exceptions.PolarsError, WorkspaceError):
                # Whoever optimizes deletes the files that were being read; the new ones hold the same rows.
                if self.find(state) == commit:
                    raise

    def campaigns(self, state: PinnedState) -> tuple[BookedCampaign, ...]:
        """The definitions that were pinned, in the order of their ids.

        Raises:
            WorkspaceError: one is gone, or the book is damaged.
        """
        # As they are, as they were, in every entry: the quickest first.
        found = self._select(state, self._defined_at(None))
        if len(found) < len(state.definitions):
            found |= self._select(state, self._defined_at(state.known_at or state.made_at))
        for name in sorted(state.definitions.keys() - found.keys()):
            found |= self._select(state, self._ask_book(partial(self._read_entries, name)))
            if name not in found:
                raise WorkspaceError(
                    f"the campaign book no longer has the definition of {name!r} that the plan pins; {_ANEW}"
                )
        return tuple(found[name] for name in sorted(found))

    def _select(self, state: PinnedState, booked: Iterable[BookedCampaign]) -> dict[str, BookedCampaign]:
        """By id, those that were pinned."""
        by_id = ((each.campaign.campaign_id, each) for each in booked)
        return {name: each for name, each in by_id if state.definitions.get(name) == pin_definition(each)}

    def _defined_at(self, instant: datetime | None) -> tuple[BookedCampaign, ...]:
        return self._ask_book(lambda commit: self._book.campaigns(commit, instant))

    def _read_entries(self, campaign_id: str, commit: Commit) -> list[BookedCampaign]:
        """Every definition that a campaign ever had."""
        entries = self._book.history(campaign_id, commit)
        return [read_booked(entry, entry.definition) for entry in entries if entry.definition is not None]

    def _ask_book(self, ask: Callable[[Commit], S]) -> S:
        while True:
            commit = self._store.commit()
            try:
                return ask(commit)
            except WorkspaceError:
                # An import that lands between the two looks makes the book seem newer than the tables.
                if self._store.commit() == commit:
                    raise


def pin_definition(booked: BookedCampaign) -> PinnedDefinition:
    """What tells a definition from any other."""
    return PinnedDefinition(booked.entry, hashlib.sha256(booked.campaign.model_dump_json().encode()).hexdigest())


def _digest(history: Sequence[ImportRecord]) -> str:
    text = json.dumps([asdict(landed) for landed in history], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
