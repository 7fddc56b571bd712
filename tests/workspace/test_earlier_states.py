"""What was known once: every number as it came out then, whatever was imported or rearranged later."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from canonical_files import delivery, event, write_export
from gapped_exports import NO_CAPS, SENT_ONLY, take_in

import kept
from analytics_core.domain.errors import WorkspaceError
from analytics_core.domain.settings import Settings
from analytics_core.snapshot.documents import as_json
from analytics_core.store import commits
from analytics_core.views.explaining.explanation_json import explanation_json
from analytics_core.workspace import Workspace, create_workspace
from seeding import seeds
from worlds import World, rules_of, world

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
TABLES = ("deliveries", "events", "instances", "identities")


def split(told: World, seed: int, parts: int) -> list[World]:
    """The rows of a world in so many exports, each table cut somewhere else."""
    chance = Random(seed)
    cut: dict[str, list[tuple[Any, ...]]] = {}
    for table in TABLES:
        rows = getattr(told, table)
        ends = [0, *sorted(chance.randint(0, len(rows)) for _ in range(parts - 1)), len(rows)]
        cut[table] = [rows[low:high] for low, high in pairwise(ends)]
    return [replace(told, **{table: cut[table][part] for table in TABLES}) for part in range(parts)]


def text_of(workspace: Workspace, settings: Settings) -> str:
    """All snapshots, and the rows behind the first campaign's conversions, as JSON text."""
    documents = [as_json(snapshot) for snapshot in workspace.snapshots(settings=settings)]
    first = workspace.campaigns()[0].campaign_id
    explained = workspace.explain(first, "conversion_events", settings=settings, rows=None)
    return json.dumps([documents, explanation_json(explained)], ensure_ascii=False)


@pytest.mark.parametrize("seed", seeds(0, few=1, long=12))
def test_a_state_has_the_numbers_it_had_then(seed: int, tmp_path: Path) -> None:
    told = world(seed)
    rules = rules_of(seed, told)
    whole, texts, states = create_workspace(tmp_path / "whole", told.app), {}, []
    for number, part in enumerate(split(told, seed, 3)):
        whole.import_canonical(part.write(tmp_path / f"export-{number}", fmt="jsonl", parts=1))
        if len(whole.imports()) > len(states):
            states.append(whole.imports()[-1].at)
        if states:
            texts[states[-1]] = (text_of(whole, rules), whole.fingerprint)
    assert len(states) >= 2
    for optimized in (False, True):
        if optimized:
            whole.optimize()
        for at, (text, fingerprint) in texts.items():
            then = Workspace(whole.directory, known_at=at)
            assert (text_of(then, rules), then.fingerprint) == (text, fingerprint), f"world({seed}) at {at}"


def test_a_state_is_that_of_a_workspace_with_only_the_first_imports(tmp_path: Path) -> None:
    told = world(3)
    parts = split(told, 3, 3)
    exports = [part.write(tmp_path / f"export-{n}", fmt="parquet", parts=1) for n, part in enumerate(parts)]
    whole, first = (create_workspace(tmp_path / name, told.app) for name in ("whole", "first"))
    for export in exports:
        whole.import_canonical(export)
    for export in exports[:2]:
        first.import_canonical(export)
    whole.optimize()
    then = Workspace(whole.directory, known_at=whole.imports()[1].at)
    assert text_of(then, Settings()) == text_of(first, Settings()) != text_of(whole, Settings())
    assert then.fingerprint == first.fingerprint != whole.fingerprint


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The times at which imports land; the last one stays."""
    times = [NOON]
    monkeypatch.setattr(commits, "_now", lambda: times.pop(0) if len(times) > 1 else times[0])
    return times


@pytest.fixture
def workspace(tmp_path: Path, clock: list[datetime]) -> Workspace:
    """Three imports on three days, of one send each; the second brings an order of the first send's user, late."""
    clock[:] = [NOON, NOON + timedelta(days=1), NOON + timedelta(days=2)]
    made = create_workspace(tmp_path / "workspace")
    for number, (user, orders) in enumerate((("ann", ()), ("bob", (event("ann", 0),)), ("cat", ()))):
        made.import_canonical(write_export(tmp_path / str(number), deliveries=[delivery(user, number)], events=orders))
    return made


def counts(workspace: Workspace, known_at: datetime | None) -> tuple[int, int]:
    """Sent and converted."""
    performance = Workspace(workspace.directory, known_at).snapshot("spring").performance
    return performance.sent.total, performance.converted_users


def test_rows_that_came_late_are_not_known_before(workspace: Workspace) -> None:
    days = [NOON + timedelta(days=day) for day in (0, 1, 2, 30)]
    assert [counts(workspace, at) for at in days] == [(1, 0), (2, 1), (3, 1), (3, 1)]
    assert counts(workspace, NOON + timedelta(days=1) - TICK) == (1, 0)
    assert counts(workspace, None) == (3, 1)


def test_before_the_first_import_is_one_clear_line(workspace: Workspace, tmp_path: Path) -> None:
    early = Workspace(workspace.directory, NOON - TICK)
    with pytest.raises(WorkspaceError) as refused:
        early.snapshots()
    assert str(refused.value) == (
        "nothing was imported yet at 2026-05-01T11:59:59.999999+00:00; "
        "the first import was at 2026-05-01T12:00:00.000000+00:00"
    )
    create_workspace(tmp_path / "empty")
    with pytest.raises(WorkspaceError, match="nothing was imported yet"):
        Workspace(tmp_path / "empty", NOON).tables()


def test_a_time_without_an_offset_is_refused(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="needs an offset"):
        Workspace(workspace.directory, NOON.replace(tzinfo=None))


@pytest.mark.parametrize("shift", [timedelta(), timedelta(hours=-5)], ids=["not moved", "put back"])
def test_imports_are_told_apart_whatever_the_clock_says(
    tmp_path: Path, clock: list[datetime], shift: timedelta
) -> None:
    clock[:] = [NOON, NOON + shift]
    made = create_workspace(tmp_path / "workspace")
    for number, user in enumerate(("ann", "bob", "cat")):
        made.import_canonical(write_export(tmp_path / user, deliveries=[delivery(user, number)]))
    assert [landed.at for landed in made.imports()] == [NOON, NOON + TICK, NOON + 2 * TICK]
    assert [counts(made, NOON + n * TICK)[0] for n in range(3)] == [1, 2, 3]


def test_an_import_of_known_files_is_no_state_of_its_own(workspace: Workspace, tmp_path: Path) -> None:
    before = workspace.imports()
    workspace.import_canonical(tmp_path / "0")
    assert workspace.imports() == before
    assert [landed.number for landed in before] == [1, 2, 3]


@pytest.mark.usefixtures("kept_anywhere")
def test_what_an_import_that_never_landed_wrote_is_in_no_state(workspace: Workspace, tmp_path: Path) -> None:
    before = kept.state(workspace)
    workspace.import_canonical(write_export(tmp_path / "cut", deliveries=[delivery("dan", 9)]))
    kept.restore(workspace, before)  # as if it had been killed before the last step
    workspace.import_canonical(write_export(tmp_path / "next", deliveries=[delivery("eve", 10)]))
    users = Workspace(workspace.directory, NOON + timedelta(days=30)).tables().deliveries.collect()["user_id"]
    assert sorted(users) == ["ann", "bob", "cat", "eve"]


@pytest.mark.usefixtures("kept_anywhere")
def test_gaps_are_those_that_were_known_then(workspace: Workspace) -> None:
    rows = (delivery("dan", 30), delivery("eve", 31, campaign_id="fall"))
    take_in(workspace, replace(SENT_ONLY, rows=rows))
    take_in(workspace, replace(NO_CAPS, rows=(delivery("fay", 32),)))
    gaps = [Workspace(workspace.directory, landed.at).tables().gaps for landed in workspace.imports()]
    assert gaps[:3] == [{}, {}, {}]
    assert gaps[3] == {"spring": ("failed_responses",), "fall": ("failed_responses",)}
    assert gaps[4] == {"spring": ("failed_responses", "frequency_cap"), "fall": ("failed_responses",)}


@pytest.mark.usefixtures("kept_anywhere")
def test_keys_are_those_that_were_handed_out_then(workspace: Workspace) -> None:
    tables = Workspace(workspace.directory, NOON).tables()
    assert (tables.users, tables.events_by_name, tables.campaigns) == (1, {}, {"spring": 0})
    assert tables.dictionaries["user"].collect()["user_id"].to_list() == ["ann"]


@pytest.mark.usefixtures("kept_anywhere")
def test_nothing_is_looked_at_for_the_current_state(workspace: Workspace) -> None:
    now, then = workspace.tables(), Workspace(workspace.directory, NOON).tables()
    assert "import_key" not in now.deliveries.explain()
    assert "import_key" in then.deliveries.explain()
    assert now.deliveries.collect_schema() == then.deliveries.collect_schema()


def test_files_of_later_imports_are_not_opened(workspace: Workspace) -> None:
    rows = Workspace(workspace.directory, NOON).tables().deliveries.collect()
    deliveries = workspace.directory / "tables" / "deliveries"
    for path in sorted(deliveries.glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)[1:]:
        path.write_bytes(b"")
    assert Workspace(workspace.directory, NOON).tables().deliveries.collect().equals(rows)
