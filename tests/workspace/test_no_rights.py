"""What may not be read or written, has gone, or has no room: one line, exit code 2, and nothing half written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from canonical_files import delivery, event, write_export
from test_hard_imports import small_disk

from analytics_core.workspace import Workspace, create_workspace
from seeding import some

COMMAND = [sys.executable, "-m", "analytics_core"]
STRANGER = 50_003
"""A number nobody has here."""
MAPPING = 'table = "events"\ncolumns = {event_id = "a", user_id = "b", event_name = "c", occurred_at = "d"}\n'


def as_anybody() -> list[str]:
    """What a command begins with so that it may do no more than the modes of files say, who ever starts it."""
    if os.geteuid():
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("only with setpriv root can do without its rights")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]


def tell(*arguments: object, cwd: Path | None = None) -> str:
    """The one line of a command that fails."""
    command = [*as_anybody(), *COMMAND, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, ""), (arguments, done)
    (line,) = done.stderr.splitlines()
    assert "unexpected" not in line, (arguments, line)
    return line.removeprefix("error: ")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 1)], events=[event("ann", 1)]))
    return made


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A directory that nobody may enter, with something in it."""
    made = tmp_path / "closed"
    (made / "inside").mkdir(parents=True)
    made.chmod(0)
    yield made
    made.chmod(0o700)


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Path]:
    """A directory that others may read only."""
    made = tmp_path / "another"
    made.mkdir()
    made.chmod(0o555)
    if not os.geteuid():
        os.chown(made, STRANGER, STRANGER)
    yield made
    made.chmod(0o755)


@pytest.mark.parametrize(
    "name", some(2, ["events", "deliveries.csv", "campaigns.json", "events.parquet", "Events.JSONL.GZ"])
)
def test_a_link_to_where_nobody_may_look_is_named(
    name: str, workspace: Workspace, closed: Path, tmp_path: Path
) -> None:
    export = tmp_path / "export"
    export.mkdir()
    (export / name).symlink_to(closed / "inside")
    assert tell("import", "canonical", export, "-w", workspace.directory) == f"{name}: Permission denied"


@pytest.mark.parametrize("importer", some(2, ["canonical", "table", "braze", "moengage", "customerio"]))
def test_a_folder_that_nobody_may_enter_is_named(
    importer: str, workspace: Workspace, closed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "export" / "events"
    folder.mkdir(parents=True)
    closed.rename(folder / "day")
    (tmp_path / "m.toml").write_text(MAPPING)
    options = ("--mapping", tmp_path / "m.toml") if importer == "table" else ()
    try:
        line = tell("import", importer, tmp_path / "export", *options, "-w", workspace.directory)
    finally:
        (folder / "day").rename(closed)
    assert line.endswith("events/day: cannot be listed: Permission denied")


def test_links_that_cannot_be_followed_are_named_beside_what_is_read(
    workspace: Workspace, closed: Path, tmp_path: Path
) -> None:
    export = write_export(tmp_path / "more", deliveries=[delivery("bob", 2)])
    (export / "a.csv").symlink_to(closed / "inside")
    (export / "b.csv").symlink_to("nowhere")
    command = [*as_anybody(), *COMMAND, "import", "canonical", export, "-w", workspace.directory]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "  a.csv: a link that cannot be followed: Permission denied\n  b.csv: a link to nothing\n" in done.stdout


@pytest.mark.long
def test_where_nobody_may_write_nothing_is_written(workspace: Workspace, another: Path, tmp_path: Path) -> None:
    here, export = workspace.directory, tmp_path / "in"
    for command, said in (
        (("init", another / "new"), f"cannot make a workspace in {another}/new: Permission denied"),
        (("demo", another / "new"), f"cannot make a demo workspace in {another}/new: Permission denied"),
        (
            ("report", "--all", "--output", another, "-w", here),
            f"cannot write reports into {another}: Permission denied",
        ),
        (
            ("report", "--all", "--output", another / "a" / "b", "-w", here),
            f"cannot write reports into {another}/a/b: Permission denied",
        ),
        (
            ("explain", "spring", "sent", "--csv", another / "a", "-w", here),
            f"cannot write {another}/a: Permission denied",
        ),
    ):
        assert tell(*command) == said
    assert list(another.iterdir()) == []
    for path in (here, *here.rglob("*")):
        os.chown(path, STRANGER if not os.geteuid() else -1, -1)
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    people = tmp_path / "people"
    people.write_text("ann\n")
    for command in (
        ("import", "canonical", export, "--again"),
        ("optimize",),
        ("imports", "undo", 1),
        ("forget", "--users", people),
    ):
        assert tell(*command, "-w", here) == f"cannot write to {here}/tables: Permission denied"
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before
    for path in (here, *here.rglob("*")):
        path.chmod(0o700)


@pytest.mark.parametrize("command", some(1, [("report", "--all", "--output", "{}"), ("demo", "{}"), ("init", "{}")]))
def test_a_file_in_place_of_a_directory_stays(command: tuple[str, ...], workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    options = ("-w", workspace.directory) if command[0] == "report" else ()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert str(place) in tell(*(part.format(place) for part in command), *options)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_demo_replaces_nothing_but_a_demo(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    assert tell("demo", tmp_path / "mine").endswith(
        "holds something other than a demo workspace; choose another directory"
    )
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]


@pytest.mark.parametrize(
    "command", [("metrics", "--all", "-w", "x"), ("campaigns",), ("init", "x"), ("demo",), ("doctor",)]
)
def test_a_current_directory_that_has_gone_is_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    program = (
        "import os, shutil, sys\n"
        "os.chdir(sys.argv[1]); shutil.rmtree(sys.argv[1]); sys.argv[1:] = sys.argv[2:]\n"
        "from analytics_core.cli import main\n"
        "main()\n"
    )
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "gone", *command], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the current directory is no longer there; go to one that is\n"


FULL = (
    ("report", "--all", "-w", "{workspace}", "--output", "{disk}/reports"),
    ("init", "{disk}/new"),
    ("demo", "{disk}/new"),
    ("report", "--all", "-w", "{workspace}", "--output", "{disk}/reports", "--jobs", "2"),
    ("explain", "spring", "sent", "--csv", "{disk}/rows.csv", "-w", "{workspace}"),
    ("import", "canonical", "{in}", "-w", "{disk}/workspace"),
    ("import", "canonical", "{in}", "--again", "-w", "{disk}/workspace", "--write-campaigns", "{disk}/c.json"),
    ("optimize", "-w", "{disk}/workspace"),
    ("imports", "undo", "1", "-w", "{disk}/workspace"),
    ("forget", "--users", "{people}", "-w", "{disk}/workspace"),
)


@pytest.mark.parametrize(
    "command", [FULL[0], *(pytest.param(each, marks=pytest.mark.long) for each in FULL[1:])], ids=" ".join
)
def test_a_disk_that_is_full_is_one_line_and_nothing_is_half_written(
    command: tuple[str, ...], workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "people").write_text("ann\n")
    more = write_export(tmp_path / "more", deliveries=[delivery(f"u{number}", number) for number in range(50)])
    with small_disk(tmp_path / "disk", 1):
        disk = tmp_path / "disk"
        shutil.copytree(workspace.directory, disk / "workspace")
        with (disk / "filling").open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 20)):
                pass
        before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
        places = {"disk": disk, "workspace": workspace.directory, "in": more, "people": tmp_path / "people"}
        line = tell(*(part.format_map(places) for part in command))
        assert "no space left on" in line.lower() or "disk is full" in line.lower() or "disk I/O" in line, line
        assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", some(1, [("doctor",), ("campaigns",), ("optimize",)]))
def test_a_workspace_in_a_directory_that_nobody_may_enter_is_one_line(command: tuple[str, ...], closed: Path) -> None:
    place = closed / "inside"
    assert tell(*command, "-w", place) == f"cannot read {place}/workspace.toml: Permission denied"
