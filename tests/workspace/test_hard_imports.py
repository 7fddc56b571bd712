"""Imports that are killed, meet each other, fill the disk, or hold bad lines: nothing is lost, nothing is doubled."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from canonical_files import CAMPAIGN, delivery, event, write_export, write_rows
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kept
from analytics_core.domain.errors import WorkspaceError
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import Workspace, create_workspace, intake

ANYWHERE = pytest.mark.usefixtures("kept_anywhere")
ROWS = 20_000
Rows = list[dict[str, object]]


def command(export: Path, workspace: Workspace) -> list[str]:
    return [sys.executable, "-m", "analytics_core", "import", "canonical", str(export), "-w", str(workspace.directory)]


def many(rows: int, first: int = 0) -> dict[str, Rows]:
    numbers = range(first, first + rows)
    return {
        "deliveries": [
            delivery(f"u{n % 5_000}", n % 60, request_id=f"r{n}", instance_id=f"i{n // 5_000}") for n in numbers
        ],
        "events": [event(f"u{n % 5_000}", n % 60, event_id=f"e{n}") for n in numbers],
    }


def stray_files(workspace: Workspace) -> set[str]:
    """Data files that no table needs, and whatever else is half-finished."""
    there = kept.data_files(workspace)
    tables = {name.split("/")[0] for name in kept.names(workspace) if "/" in name}
    address = kept.place(workspace).address
    needed = {f"{table}/{Path(uri).name}" for table in tables for uri in DeltaTable(address(table)).file_uris()}
    return (there - needed) | {path.name for path in workspace.directory.rglob("*.part")}


def ids(workspace: Workspace, table: str, column: str) -> list[str]:
    frame: pl.DataFrame = getattr(workspace.tables(), table).select(column).collect()
    return sorted(frame[column].to_list())


@ANYWHERE
@pytest.mark.long
def test_thirty_kills_lose_nothing_double_nothing_and_leave_nothing_behind(tmp_path: Path) -> None:
    chance = random.Random(30)
    bad = [{"event_id": "bad", "user_id": "u1"}] * 50
    tables = many(ROWS)
    export = write_export(tmp_path / "in", deliveries=tables["deliveries"], events=[*tables["events"], *bad])
    started = time.monotonic()
    subprocess.run(command(export, create_workspace(tmp_path / "timing")), check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - started
    workspaces, killed = [create_workspace(tmp_path / "0")], 0
    while killed < 30:
        workspace = workspaces[-1]
        process = subprocess.Popen(command(export, workspace), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * chance.uniform(0.2, 1.0))
        os.kill(process.pid, signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            killed += 1
        else:
            whole *= 0.8  # it was faster than that
        found = {
            table: len(ids(workspace, table, key))
            for table, key in (("deliveries", "request_id"), ("events", "event_id"))
        }
        assert found in ({"deliveries": 0, "events": 0}, {"deliveries": ROWS, "events": ROWS}), killed
        if any(found.values()):
            workspaces.append(create_workspace(tmp_path / f"{len(workspaces)}"))
    for workspace in (workspaces[0], workspaces[-1]):
        subprocess.run(command(export, workspace), check=True, stdout=subprocess.DEVNULL)
        assert ids(workspace, "deliveries", "request_id") == sorted(f"r{n}" for n in range(ROWS))
        assert ids(workspace, "events", "event_id") == sorted(f"e{n}" for n in range(ROWS))
        workspace.optimize()
        assert stray_files(workspace) == set()
        assert workspace.snapshot("spring") == Workspace(tmp_path / "timing").snapshot("spring")


@ANYWHERE
@pytest.mark.long
def test_two_imports_at_once_both_land_twenty_times(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace")
    for turn in range(20):
        exports = [
            write_export(tmp_path / f"in-{turn}-{half}", **many(200, first=(2 * turn + half) * 200)) for half in (0, 1)
        ]
        running = [subprocess.Popen(command(export, workspace), stdout=subprocess.DEVNULL) for export in exports]
        assert [process.wait() for process in running] == [0, 0]
    assert ids(workspace, "deliveries", "request_id") == sorted(f"r{n}" for n in range(8_000))
    assert ids(workspace, "events", "event_id") == sorted(f"e{n}" for n in range(8_000))


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[None]:
    """A disk of a few megabytes at `place`; only root can have one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_one_clear_line_and_the_store_is_as_before(tmp_path: Path) -> None:
    small, large = many(100), many(30_000, first=100)
    for number, row in enumerate(large["events"]):
        row["attributes"] = {"note": random.Random(number).randbytes(150).hex()}
    first, second = (write_export(tmp_path / name, **rows) for name, rows in (("a", small), ("b", large)))
    with small_disk(tmp_path / "disk", 3):
        workspace = create_workspace(tmp_path / "disk" / "workspace")
        workspace.import_canonical(first)
        before = as_json(workspace.snapshot("spring"))
        done = subprocess.run(command(second, workspace), check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.strip().splitlines()
        assert "no space left on the disk" in line.lower()
        workspace = Workspace(workspace.directory)
        assert as_json(workspace.snapshot("spring")) == before
        assert len(ids(workspace, "events", "event_id")) == 100
        third = write_export(tmp_path / "c", **many(10, first=100_000))
        assert workspace.import_canonical(third).tables["events"].accepted == 10


BAD: tuple[tuple[str, str], ...] = (
    ("", "not JSON"),
    ("{", "not JSON"),
    ('{"event_id": "x"', "not JSON"),
    ("[1]", "not a JSON object"),
    ('"text"', "not a JSON object"),
    ('{"user_id":"u","event_name":"Order","occurred_at":"2026-04-01T11:00:00Z"}', "event_id is missing"),
    ('{"event_id":"x","event_name":"Order","occurred_at":"2026-04-01T11:00:00Z"}', "user_id is missing"),
    ('{"event_id":"x","user_id":"u","occurred_at":"2026-04-01T11:00:00Z"}', "event_name is missing"),
    ('{"event_id":"x","user_id":"u","event_name":"Order"}', "occurred_at is missing"),
    ('{"event_id":"x","user_id":"u","event_name":"Order","occurred_at":"2026-04-01T11:00:00"}', "offset"),
    ('{"event_id":"x","user_id":"u","event_name":"Order","occurred_at":"yesterday"}', "occurred_at"),
    ('{"event_id":"x","user_id":"u","event_name":"Order","occurred_at":"9999-01-01T00:00:00Z"}', "occurred_at"),
    ('{"event_id":["x"],"user_id":"u","event_name":"Order","occurred_at":1775041200}', "event_id must be text"),
    ('{"event_id":1.5,"user_id":"u","event_name":"Order","occurred_at":1775041200}', "event_id must be text"),
    ('{"event_id":"x","user_id":"' + "u" * 129 + '","event_name":"Order","occurred_at":1775041200}', "longer than"),
    ('{"event_id":"x","user_id":"u\\u0000","event_name":"Order","occurred_at":1775041200}', "NUL"),
    ('{"event_id":"x","user_id":"\\ud800","event_name":"Order","occurred_at":1775041200}', "not Unicode"),
    (
        '{"event_id":"x","user_id":"u","event_name":"Order","occurred_at":1775041200,"attributes":[1]}',
        "not a JSON object",
    ),
    ('{"event_id":"x","user_id":"u","event_name":"Order","occurred_at":1775041200,"attributes":"{"}', "attributes is"),
    ('{"event_id":"x","user_id":"u","event_name":true,"occurred_at":1775041200}', "event_name must be text"),
)[1:]
"""Lines that are no event, and what their reason says; at least fifteen kinds."""


def write_lines(path: Path, lines: int, bad: Sequence[int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    kinds = {line: BAD[number % len(BAD)][0] for number, line in enumerate(bad)}
    with path.open("w") as file:
        for line in range(1, lines + 1):
            good = (
                f'{{"event_id":"e{line}","user_id":"u{line % 1_000}","event_name":"Order",'
                f'"occurred_at":"2026-04-01T11:{line % 60:02}:00+00:00","attributes":{{"value":{line % 97}.5}}}}'
            )
            file.write(kinds.get(line, good) + "\n")


@pytest.mark.long
def test_ten_thousand_bad_lines_among_a_million_are_told_apart(tmp_path: Path) -> None:
    lines = 1_000_000
    bad = sorted(random.Random(7).sample(range(1, lines + 1), 10_000))
    write_lines(tmp_path / "dirty" / "events.jsonl", lines, bad)
    dirty, spoiled = (tmp_path / "dirty" / "events.jsonl").read_text().splitlines(), set(bad)
    left = [text for number, text in enumerate(dirty, start=1) if number not in spoiled]
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "events.jsonl").write_text("\n".join(left) + "\n")
    sends = [delivery(f"u{n}", n % 60, request_id=f"r{n}") for n in range(1_000)]
    found = {}
    for name in ("clean", "dirty"):
        workspace = create_workspace(tmp_path / f"workspace-{name}")
        write_export(tmp_path / name, deliveries=sends)
        counts = workspace.import_canonical(tmp_path / name).tables["events"]
        found[name] = as_json(workspace.snapshot("spring"))
    assert (counts.read, counts.accepted, counts.duplicates, counts.rejected) == (lines, lines - 10_000, 0, 10_000)
    assert found["dirty"] == found["clean"]
    (aside,) = (tmp_path / "workspace-dirty" / "rejected").glob("events-*.jsonl")
    rejected = pl.read_ndjson(aside)
    assert rejected["row"].to_list() == bad
    for number, reason in enumerate(rejected["reason"].to_list()):
        assert BAD[number % len(BAD)][1] in reason, BAD[number % len(BAD)][0]


GOOD_OR_BAD = st.sampled_from(["good", "again", "bad"])


SPLIT = given(st.lists(st.tuples(GOOD_OR_BAD, st.integers(0, 15)), max_size=60), st.integers(1, 5), st.randoms())


@SPLIT
@settings(max_examples=6, deadline=None)
def test_however_rows_are_split_and_shuffled_into_files_the_numbers_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[tuple[str, int]], files: int, chance: random.Random
) -> None:
    split_and_shuffle(tmp_path_factory.mktemp("split"), given_rows, files, chance)


@pytest.mark.usefixtures("in_object_store")
@SPLIT
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_rows_are_split_and_shuffled_the_numbers_are_the_same_in_an_object_store(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[tuple[str, int]], files: int, chance: random.Random
) -> None:
    split_and_shuffle(tmp_path_factory.mktemp("split"), given_rows, files, chance)


def split_and_shuffle(place: Path, given_rows: list[tuple[str, int]], files: int, chance: random.Random) -> None:
    """Import rows in one file a table, and in several, twice: the sums hold and the numbers are the same."""
    tables: dict[str, Rows] = {"deliveries": [], "events": []}
    for kind, number in given_rows:
        rows: Mapping[str, dict[str, object]] = {
            "deliveries": delivery(f"u{number % 7}", number, instance_id=f"i{number % 3}"),
            "events": event(f"u{number % 7}", number),
        }
        for table, row in rows.items():
            tables[table] += {"good": [row], "again": [row, row], "bad": [{**row, "user_id": ""}]}[kind]
    whole, split = create_workspace(place / "whole"), create_workspace(place / "split")
    whole.import_canonical(write_export(place / "one", **tables))
    (place / "many").mkdir()
    (place / "many" / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    for table, rows in tables.items():
        shuffled = chance.sample(rows, len(rows))
        for number in range(files):
            write_rows(place / "many" / table / f"{number}.jsonl", shuffled[number::files])
    for _ in range(2):
        summary = split.import_canonical(place / "many")
        for table, counts in summary.tables.items():
            assert counts.read == counts.accepted + counts.duplicates + counts.rejected
            if table in tables:
                assert counts.read == len(tables[table])
    assert json.dumps(as_json(split.snapshot("spring"))) == json.dumps(as_json(whole.snapshot("spring")))


@ANYWHERE
def test_a_long_import_is_written_a_stretch_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = many(50)
    again = [*tables["events"], *tables["events"][:20]]
    stretched, whole = create_workspace(tmp_path / "stretched"), create_workspace(tmp_path / "whole")
    (tmp_path / "in" / "events").mkdir(parents=True)
    for number in range(10):
        write_rows(tmp_path / "in" / "events" / f"{number:02}.jsonl", again[number * 7 : number * 7 + 7])
    write_export(tmp_path / "in", deliveries=tables["deliveries"])
    with monkeypatch.context() as short:
        short.setattr(intake, "_ROWS", 7)
        counts = stretched.import_canonical(tmp_path / "in").tables["events"]
    assert (counts.read, counts.accepted, counts.duplicates) == (70, 50, 20)
    assert len(kept.data_files(stretched, "events")) > 1
    whole.import_canonical(write_export(tmp_path / "one", **tables))
    assert as_json(stretched.snapshot("spring")) == as_json(whole.snapshot("spring"))


@ANYWHERE
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_what_fails_while_it_is_written_has_not_happened(
    turn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = create_workspace(tmp_path / "workspace")
    workspace.import_canonical(write_export(tmp_path / "first", **many(5)))
    before = as_json(workspace.snapshot("spring"))
    written = pl.DataFrame.write_parquet
    turns = iter(range(100))

    def failing(frame: pl.DataFrame, *args: object, **more: object) -> None:
        if next(turns) == turn:
            raise OSError(28, "No space left on device")
        written(frame, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as full:
        full.setattr(pl.DataFrame, "write_parquet", failing)
        with pytest.raises(WorkspaceError, match=r"^cannot write the table \w+: no space left on the disk$"):
            workspace.import_canonical(write_export(tmp_path / "second", **many(50, first=5)))
    assert as_json(Workspace(workspace.directory).snapshot("spring")) == before
    assert stray_files(workspace) == set()
