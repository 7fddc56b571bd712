"""Kills and power cuts: what was under way has happened, or has not, or is one line; never anything else."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from canonical_files import CAMPAIGN, delivery, event, write_export

from analytics_core.domain.errors import WorkspaceError
from analytics_core.json_text import compact
from analytics_core.workspace import Workspace, create_workspace

FORMATS = sorted((Path(__file__).parents[1] / "store" / "formats").glob("layout-*.zip"))
Answer = tuple[list[str], list[str]]
"""Request ids, and the campaign's name."""


def answer(directory: Path) -> Answer:
    opened = Workspace(directory)
    rows = opened.tables().deliveries.select("request_id").collect()["request_id"]
    return sorted(rows), [campaign.name for campaign in opened.campaigns()]


def export(directory: Path, first: int, last: int, name: str) -> Path:
    """Sends of a campaign that is called so."""
    rows = [delivery(f"u{n}", n % 60, request_id=f"r{n:05}") for n in range(first, last)]
    made = write_export(directory, deliveries=rows, events=[event(f"u{first}", first % 60, event_id=f"e{first}")])
    (made / "campaigns.json").write_text(compact([{**CAMPAIGN, "name": name}]))
    return made


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two imports, the second of which renamed the campaign."""
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(export(tmp_path / "1", 0, 4, "First"))
    made.import_canonical(export(tmp_path / "2", 4, 8, "Second"))
    return made.directory


ACTS: dict[str, Callable[[Path, Path], object]] = {
    "import": lambda directory, more: Workspace(directory).import_canonical(more),
    "again": lambda directory, more: Workspace(directory).import_canonical(more.parent / "2", again=True),
    "undo": lambda directory, _more: Workspace(directory).undo_import(2),
    "forget": lambda directory, _more: Workspace(directory).forget({"u1"}, by="mia"),
    "optimize": lambda directory, _more: Workspace(directory).optimize(),
}


class Disk:
    """What a disk holds for sure while a directory is written, as flushing tells: names by directory, content by file.

    The campaign book is taken for durable at all times: SQLite flushes what it writes itself.
    """

    def __init__(self, top: Path) -> None:
        self._top = top
        self._sure = self._read()
        self._flushed = set(self._identities())
        self._moments: list[tuple[dict[str, bytes], dict[str, bytes | None], set[str]]] = []

    def __len__(self) -> int:
        return len(self._moments)

    def flush(self, descriptor: int) -> None:
        """A file or a directory is flushed; what a cut just before would leave is kept first."""
        now, identities = self._read(), dict(zip(self._files(), self._identities(), strict=True))
        books = {name: content for name, content in now.items() if name.endswith("campaigns.db")}
        self._sure |= books
        changed = {name for name in now.keys() | self._sure.keys() if now.get(name) != self._sure.get(name)}
        unsure = {name for name, identity in identities.items() if identity not in self._flushed and name not in books}
        self._moments.append((dict(self._sure), {name: now.get(name) for name in changed}, unsure))
        flushed = os.fstat(descriptor).st_ino
        self._flushed |= {identity for identity in identities.values() if identity[0] == flushed}
        for directory in (path for path in (self._top, *self._top.rglob("*")) if path.is_dir()):
            if directory.stat().st_ino == flushed:
                for name in [name for name in changed if (self._top / name).parent == directory]:
                    if name in now:
                        self._sure[name] = now[name]
                    else:
                        del self._sure[name]

    def after_a_cut(self, chance: Random) -> dict[str, bytes]:
        """One of the states that a power cut may leave: every change since the last flush is there or is not."""
        sure, pending, unsure = chance.choice(self._moments)
        left = dict(sure)
        for name, content in pending.items():
            if chance.random() < 0.5:
                continue
            if content is None:
                del left[name]
            else:
                left[name] = content
        for name in unsure & left.keys():
            left[name] = chance.choice([left[name], b"", left[name][: len(left[name]) // 2]])
        return left

    def _files(self) -> list[str]:
        return sorted(str(path.relative_to(self._top)) for path in self._top.rglob("*") if path.is_file())

    def _read(self) -> dict[str, bytes]:
        return {name: (self._top / name).read_bytes() for name in self._files() if not name.endswith("-journal")}

    def _identities(self) -> Iterator[tuple[int, int]]:
        for name in self._files():
            status = (self._top / name).stat()
            yield status.st_ino, status.st_mtime_ns


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("times", [6, pytest.param(150, marks=pytest.mark.long)])
def test_a_power_cut_leaves_the_old_state_or_the_new_one(
    workspace: Path, act: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = export(tmp_path / "3", 8, 12, "Third")
    before, disk, flush = answer(workspace), Disk(workspace), os.fsync

    def watched(descriptor: int) -> None:
        disk.flush(descriptor)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    ACTS[act](workspace, more)
    monkeypatch.undo()
    after, seen = answer(workspace), set()
    assert len(disk) > 1
    for seed in range(times):
        left = tmp_path / f"left-{seed}"
        for name, content in disk.after_a_cut(Random(seed)).items():
            (left / name).parent.mkdir(parents=True, exist_ok=True)
            (left / name).write_bytes(content)
        try:
            found = answer(left)
        except WorkspaceError:
            seen.add("one line")
        else:
            assert found in (before, after), (act, seed)
            seen.add("old" if found == before else "new")
            Workspace(left).import_canonical(more)
            assert set(answer(left)[0]) == {*found[0], *(f"r{n:05}" for n in range(8, 12))}, (act, seed)
        shutil.rmtree(left)
    assert "old" in seen or before == after


SCRIPT = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
import test_power_cuts
print("begins", flush=True)
test_power_cuts.ACTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
"""


@pytest.mark.long
@pytest.mark.parametrize("act", ACTS)
def test_a_kill_at_any_instant_leaves_the_old_state_or_the_new_one(workspace: Path, act: str, tmp_path: Path) -> None:
    more = export(tmp_path / "3", 8, 4_000, "Third")
    before, done = answer(workspace), tmp_path / "done"
    shutil.copytree(workspace, done)
    took = run_killed(act, done, more, after=None)
    after, chance = answer(done), Random(act)
    for number in range(30):
        killed = tmp_path / f"killed-{number}"
        shutil.copytree(workspace, killed)
        run_killed(act, killed, more, after=chance.uniform(0, took * 1.1))
        assert answer(killed) in (before, after), (act, number)
        Workspace(killed).import_canonical(more)
        rows, names = answer(killed)
        assert {f"r{n:05}" for n in range(8, 4_000)} <= set(rows)
        assert names == ["Third"]
        assert [path.name for path in killed.rglob("*.part")] == []
        shutil.rmtree(killed)


@pytest.mark.long
@pytest.mark.parametrize("layout", FORMATS, ids=[path.stem for path in FORMATS])
def test_a_kill_while_an_earlier_format_is_migrated_leaves_it_as_it_was_or_migrated(
    layout: Path, tmp_path: Path
) -> None:
    old, done = tmp_path / "old", tmp_path / "done"
    with zipfile.ZipFile(layout) as archive:
        archive.extractall(old)
    shutil.copytree(old, done)
    more, chance = export(tmp_path / "3", 8, 4_000, "Third"), Random(0)
    before, took = answer(old), run_killed("import", done, more, after=None)
    after, seen = answer(done), set()
    for number in range(30):
        killed = tmp_path / f"killed-{number}"
        shutil.copytree(old, killed)
        run_killed("import", killed, more, after=chance.uniform(0, took * 1.1))
        found = answer(killed)
        assert found in (before, after), number
        seen.add(found == after)
        Workspace(killed).import_canonical(more)
        assert answer(killed) == after, number
        assert [landed.number for landed in Workspace(killed).imports()] == [1, 2, 3]
        shutil.rmtree(killed)
    assert False in seen


def run_killed(act: str, workspace: Path, more: Path, after: float | None) -> float:
    """Run an act and kill it so many seconds after it began (None: let it end); how long it took."""
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    command = [sys.executable, "-c", SCRIPT, act, str(workspace), str(more), *folders]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        begun = time.monotonic()
        if after is not None:
            time.sleep(after)
            process.kill()
        process.wait()
        assert after is not None or process.returncode == 0, process.stderr and process.stderr.read()
        return time.monotonic() - begun
