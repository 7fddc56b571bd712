"""Imports that are taken back, files that are imported again, and people who are erased: against a plain model."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

import polars as pl
import pytest
from canonical_files import CAMPAIGN, delivery, event, write_rows

import kept
from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.tables import TableStore
from analytics_core.workspace import Workspace, create_workspace
from seeding import seeds

pytestmark = pytest.mark.usefixtures("kept_anywhere")
USERS = ("ann", "bob", "cat", "dan")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "workspace")


def export(directory: Path, rows: Iterable[dict[str, object]] = (), name: str | None = None) -> Path:
    """An export of deliveries, or events where rows are such; `name` is the campaign's, if it is defined."""
    directory.mkdir(parents=True, exist_ok=True)
    found = list(rows)
    for table, key in (("deliveries", "request_id"), ("events", "event_id")):
        of_table = [row for row in found if key in row]
        if of_table:
            write_rows(directory / f"{table}.jsonl", of_table)
    if name:
        (directory / "campaigns.json").write_text(json.dumps([{**CAMPAIGN, "name": name}]))
    return directory


def requests(workspace: Workspace, known_at: datetime | None = None) -> list[str]:
    tables = Workspace(workspace.directory, known_at).tables()
    return sorted(tables.deliveries.select("request_id").collect()["request_id"])


def names(workspace: Workspace, known_at: datetime | None = None) -> list[str]:
    return [campaign.name for campaign in Workspace(workspace.directory, known_at).campaigns()]


def test_an_import_that_is_taken_back_no_longer_counts_and_is_still_known_before(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.import_canonical(export(tmp_path / "1", [delivery("ann", 1)], name="First"))
    workspace.import_canonical(export(tmp_path / "2", [delivery("bob", 2), event("bob", 2)], name="Second"))
    second = workspace.imports()[-1].at
    done = workspace.undo_import(2)
    assert (done.number, done.entry, dict(done.rows), done.definitions) == (2, 3, {"deliveries": 1, "events": 1}, 1)
    assert (requests(workspace), names(workspace)) == (["r1"], ["First"])
    assert (requests(workspace, second), names(workspace, second)) == (["r1", "r2"], ["Second"])
    assert str(workspace.tables().latest_at) == "2026-04-01 10:01:00+00:00"
    assert workspace.snapshot("spring").provenance.import_ == 1
    assert [(each.act, each.undone, each.of) for each in workspace.imports()][1:] == [
        ("import", True, None),
        ("undo", False, 2),
    ]


def test_files_of_an_import_that_was_taken_back_can_be_imported_anew(workspace: Workspace, tmp_path: Path) -> None:
    path = export(tmp_path / "1", [delivery("ann", 1)], name="First")
    workspace.import_canonical(path)
    workspace.undo_import(1)
    assert (requests(workspace), names(workspace)) == ([], [])
    assert workspace.import_canonical(path).tables["deliveries"].accepted == 1
    assert (requests(workspace), names(workspace)) == (["r1"], ["First"])
    workspace.optimize()
    assert requests(workspace) == ["r1"]


def test_later_files_with_some_of_the_rows_are_named_and_read_anew(workspace: Workspace, tmp_path: Path) -> None:
    workspace.import_canonical(export(tmp_path / "1", [delivery("ann", 1), delivery("bob", 2)]))
    workspace.import_canonical(export(tmp_path / "2", [delivery("bob", 2), delivery("cat", 3)]))
    workspace.import_canonical(export(tmp_path / "3", [delivery("cat", 3), delivery("dan", 4)]))
    done = workspace.undo_import(1)
    assert done.import_anew == ("deliveries.jsonl",)
    assert requests(workspace) == ["r3", "r4"]
    again = workspace.import_canonical(tmp_path / "2").tables["deliveries"]
    assert (again.read, again.accepted, again.duplicates) == (2, 1, 1)
    assert workspace.import_canonical(tmp_path / "3").tables["deliveries"].accepted == 0
    assert requests(workspace) == ["r2", "r3", "r4"]


def test_importing_again_replaces_what_a_file_had_brought(workspace: Workspace, tmp_path: Path) -> None:
    first = export(tmp_path / "1", [delivery("ann", 1, response_code=500), event("ann", 1)])
    workspace.import_canonical(first)
    before = workspace.imports()[-1].at
    counts = workspace.import_canonical(first, again=True).tables
    assert [(each.read, each.accepted, each.duplicates) for each in counts.values() if each.read] == [(1, 1, 0)] * 2
    assert requests(workspace) == requests(workspace, before) == ["r1"]
    assert len(workspace.imports()) == 2
    assert workspace.import_canonical(first).tables["deliveries"].accepted == 0


def test_taking_back_what_was_imported_again_names_the_file_that_it_had_replaced(
    workspace: Workspace, tmp_path: Path
) -> None:
    first = export(tmp_path / "1", [delivery("ann", 1)])
    workspace.import_canonical(first)
    workspace.import_canonical(first, again=True)
    assert workspace.undo_import(2).import_anew == ("deliveries.jsonl",)
    assert requests(workspace) == []
    assert workspace.import_canonical(first).tables["deliveries"].accepted == 1
    assert requests(workspace) == ["r1"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [(0, "no import 0; there are 1 to 1"), (7, "no import 7; there are 1 to 1"), (2, "no import 2"), (1, "before")],
)
def test_what_cannot_be_taken_back_is_one_line_and_changes_nothing(
    workspace: Workspace, tmp_path: Path, number: int, reason: str
) -> None:
    workspace.import_canonical(export(tmp_path / "1", [delivery("ann", 1)]))
    workspace.undo_import(1)
    before = kept.store(workspace).commit()
    with pytest.raises(WorkspaceError, match=reason):
        workspace.undo_import(number)
    assert kept.store(workspace).commit() == before


def test_people_are_erased_from_every_state_and_from_the_disk(workspace: Workspace, tmp_path: Path) -> None:
    rows = [delivery(f"{user}@mail.example", number) for number, user in enumerate(USERS)]
    bad = delivery("bob@mail.example", 9, occurred_at="yesterday")
    workspace.import_canonical(export(tmp_path / "1", [*rows, bad, event("bob@mail.example", 1)], name="First"))
    first = workspace.imports()[-1].at
    prints = {Workspace(workspace.directory, at).fingerprint for at in (None, first)}
    done = workspace.forget({"bob@mail.example", "nobody"}, by="mia")
    # Reports that were made before are made anew.
    assert prints.isdisjoint(Workspace(workspace.directory, at).fingerprint for at in (None, first))
    assert (done.people, dict(done.rows)["deliveries"], dict(done.rows)["events"]) == (1, 1, 1)
    assert requests(workspace) == requests(workspace, first) == ["r0", "r2", "r3"]
    told = workspace.imports()[-1]
    assert (told.act, told.people, told.by) == ("forget", 1, "mia")
    for name in kept.names(workspace):
        assert b"bob@mail" not in _content(kept.read(workspace, name), name), name
    rejected = [path.read_text() for path in (workspace.directory / "rejected").iterdir()]
    assert "bob@mail" not in "".join(rejected)
    more = export(tmp_path / "2", [delivery("eve@mail.example", 8)])
    assert workspace.import_canonical(more).tables["deliveries"].accepted == 1
    assert requests(workspace) == ["r0", "r2", "r3", "r8"]


def _content(file: bytes, name: str) -> bytes:
    """What a file says, uncompressed."""
    return pl.read_parquet(file).write_ndjson().encode() if name.endswith(".parquet") else file


def test_all_ids_of_a_person_are_erased(workspace: Workspace, tmp_path: Path) -> None:
    path = export(tmp_path / "1", [delivery("old", 1), delivery("new", 2), delivery("other", 3)])
    write_rows(path / "identities.jsonl", [{"user_id": "old", "merged_into": "new"}])
    workspace.import_canonical(path)
    assert workspace.forget({"old"}, by="").people == 2
    assert requests(workspace) == ["r3"]
    assert workspace.tables().identities.collect().height == 0


def test_an_erasure_that_was_cut_off_is_finished_by_the_next_who_writes(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.import_canonical(export(tmp_path / "1", [delivery("ann", 1), delivery("bob", 2)]))
    with monkeypatch.context() as cut:
        cut.setattr(TableStore, "_sweep", _fail)
        with pytest.raises(WorkspaceError, match="killed"):
            workspace.forget({"bob"}, by="")
    assert requests(workspace) == ["r1"]
    assert len(kept.data_files(workspace, "deliveries")) == 2
    workspace.import_canonical(tmp_path / "1")
    assert len(kept.data_files(workspace, "deliveries")) == 1


def _fail(*_given: object) -> None:
    raise OSError("killed")


@dataclass
class Source:
    """One reading of a file, as the model has it: the rows that were new, and the readings that had had the others."""

    number: int
    path: Path
    rows: set[str]
    repeats: list["Source"]
    active: bool = True
    known: bool = True


@dataclass(frozen=True)
class State:
    """What was known once."""

    at: datetime
    sources: tuple[Source, ...]
    names: list[str]


@dataclass
class Model:
    """What a workspace ought to hold, the slow way."""

    workspace: Workspace
    users: dict[str, str]
    sources: list[Source] = field(default_factory=list)
    definitions: list[tuple[int, str]] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)
    states: list[State] = field(default_factory=list)

    @property
    def active(self) -> list[Source]:
        return [source for source in self.sources if source.active]

    @property
    def names(self) -> list[str]:
        return [name for number, name in self.definitions if number not in self.undone][-1:]

    def take_in(self, path: Path, rows: list[str], name: str | None, *, again: bool) -> None:
        before = len(self.workspace.imports())
        self.workspace.import_canonical(path, again=again)
        number = before + 1
        known = [source for source in self.active if source.path == path and source.known][-1:]
        if again:
            for source in known:
                self._drop([source])
            known = []
        if not known:
            holders = {row: source for source in self.active for row in source.rows}
            repeats = [holders[row] for row in rows if row in holders]
            self.sources.append(Source(number, path, set(rows) - holders.keys(), repeats))
        if name and [name] != self.names:
            self.definitions.append((number, name))
        self._note(before)

    def undo(self, number: int) -> None:
        before = len(self.workspace.imports())
        self.workspace.undo_import(number)
        self._drop([source for source in self.active if source.number == number])
        self.undone.add(number)
        self._note(before)

    def forget(self, user: str) -> None:
        before = len(self.workspace.imports())
        self.workspace.forget({user}, by="model")
        for source in self.sources:
            source.rows = {row for row in source.rows if self.users[row] != user}
        self._note(before)

    def _drop(self, sources: list[Source]) -> None:
        for source in sources:
            source.active = False
        for source in self.active:
            if any(repeated in sources for repeated in source.repeats):
                source.known = False

    def _note(self, before: int) -> None:
        landed = self.workspace.imports()
        if len(landed) > before:
            self.states.append(State(landed[-1].at, tuple(self.active), self.names))


def rows_of(sources: Iterable[Source]) -> list[str]:
    return sorted(row for source in sources for row in source.rows)


@pytest.mark.parametrize("seed", seeds(0, few=5, long=1000))
def test_any_sequence_leaves_what_a_plain_model_says(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "fsync", lambda _descriptor: None
    )  # no power is cut here, and waiting for disks takes half of it
    chance = Random(seed)
    users = {f"r{number}": USERS[number % len(USERS)] for number in range(8)}
    exports = []
    for number in range(4):
        rows = chance.sample(sorted(users), chance.randint(1, 5))
        name = chance.choice([None, f"Name {number}"])
        path = export(tmp_path / str(number), [delivery(users[row], int(row[1:])) for row in rows], name=name)
        exports.append((path, rows, name))
    model = Model(create_workspace(tmp_path / "workspace"), users)
    for _ in range(chance.randint(3, 7)):
        imports = [each.number for each in model.workspace.imports() if each.act == "import" and not each.undone]
        match chance.choice(["import", "import", "import", "again", "undo", "forget", "optimize"]):
            case "import":
                model.take_in(*chance.choice(exports), again=False)
            case "again":
                model.take_in(*chance.choice(exports), again=True)
            case "undo" if imports:
                model.undo(chance.choice(imports))
            case "forget":
                model.forget(chance.choice(USERS))
            case _:
                model.workspace.optimize()
        assert requests(model.workspace) == rows_of(model.active), f"seed {seed}"
        assert names(model.workspace) == model.names, f"seed {seed}"
    for state in model.states:
        assert requests(model.workspace, state.at) == rows_of(state.sources), f"seed {seed} at {state.at}"
        assert names(model.workspace, state.at) == state.names, f"seed {seed} at {state.at}"
