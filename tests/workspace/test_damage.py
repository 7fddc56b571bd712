"""Every file of a workspace, damaged in every way: never other numbers, nothing deleted, one line that names it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from canonical_files import delivery, event, write_export

import kept
from analytics_core.workspace import create_workspace
from commands import Run
from seeding import some


def _flip(path: Path) -> None:
    content, chance = bytearray(path.read_bytes()), Random(str(path.name))
    for _ in range(5):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


KINDS: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one byte less": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "zeroed": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "random": lambda path: path.write_bytes(Random(0).randbytes(path.stat().st_size)),
    "bits flipped": _flip,
    "a directory": lambda path: (path.unlink(), path.mkdir()),
    "a link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "no rights": lambda path: path.chmod(0),
}
SETTINGS = "workspace.toml"
"""Its values are the user's to change, so a bit that turns one into another is not told."""


@dataclass(frozen=True)
class Healthy:
    """A workspace, an export for it, and what the commands say before and after that is imported."""

    workspace: Path
    export: Path
    before: str
    after: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace after two imports and an undo, with rejected rows, and one more export."""
    top = tmp_path_factory.mktemp("healthy")
    workspace = create_workspace(top / "workspace")
    rows = [delivery("ann", 1), delivery("bob", 2), delivery("eve", 3, occurred_at="yesterday")]
    workspace.import_canonical(write_export(top / "1", deliveries=rows, events=[event("ann", 1)]))
    identities = [{"user_id": "bob", "merged_into": "bobby"}]
    workspace.import_canonical(write_export(top / "2", deliveries=[delivery("cat", 4)], identities=identities))
    workspace.import_canonical(write_export(top / "3", deliveries=[delivery("dan", 5)]))
    workspace.undo_import(3)
    return workspace.directory, write_export(top / "4", deliveries=[delivery("fay", 6)], events=[event("fay", 2)])


@pytest.fixture
def healthy(made: tuple[Path, Path], tmp_path: Path, run: Run) -> Healthy:
    after = tmp_path / "after"
    shutil.copytree(made[0], after)
    before = numbers(run, after)
    assert run("import", "canonical", made[1], "-w", after)[0] == 0
    return Healthy(*made, before, numbers(run, after))


def numbers(run: Run, workspace: Path) -> str:
    code, out, err = run("metrics", "--all", "--json", "-w", workspace)
    assert code == 0, err
    return out


def files_of(workspace: Path) -> list[str]:
    found = (path for path in workspace.rglob("*") if path.is_file() and path.name != ".lock")
    return sorted(path.relative_to(workspace).as_posix() for path in found)


def content_of(workspace: Path) -> Iterator[tuple[str, bytes]]:
    for name in files_of(workspace):
        if os.access(workspace / name, os.R_OK):
            yield name, (workspace / name).read_bytes()


def check_told(told: tuple[int, str, str], name: str, kind: str) -> None:
    """An error is one line that names the file, and is expected."""
    code, _, err = told
    assert code == 2, (name, kind, told)
    (line,) = err.splitlines()
    named = (name.rpartition("/")[2], name.rpartition("/")[0], "rejected")
    assert "unexpected" not in line, (name, kind, line)
    assert any(part and part in line for part in named[: 3 if name.startswith("rejected") else 2]), (name, kind, line)


@pytest.mark.no_cover
@pytest.mark.parametrize("commands", some(1, [("metrics",), ("import", "optimize", "report")]))
@pytest.mark.parametrize("kind", some(1, sorted(KINDS, key=lambda kind: kind != "missing")))
def test_damage_is_told_and_never_computed_with(
    kind: str, commands: tuple[str, ...], healthy: Healthy, tmp_path: Path, run: Run
) -> None:
    told = 0
    for number, name in enumerate(files_of(healthy.workspace)):
        for command in commands:
            workspace = tmp_path / f"{number}-{command}"
            shutil.copytree(healthy.workspace, workspace)
            KINDS[kind](workspace / name)
            before = dict(content_of(workspace))
            if command == "import":
                result = run("import", "canonical", healthy.export, "-w", workspace)
            elif command == "optimize":
                result = run("optimize", "-w", workspace)
            elif command == "report":
                result = run("report", "spring", "-w", workspace, "--output", tmp_path / "reports")
            else:
                result = run("metrics", "--all", "--json", "-w", workspace)
            if result[0] == 0 and not (name == SETTINGS and kind == "bits flipped"):
                expected = healthy.after if command == "import" else healthy.before
                then = run("metrics", "--all", "--json", "-w", workspace)
                if then[0]:  # such as a campaign book, which optimizing has no need of
                    check_told(then, name, kind)
                else:
                    assert then[1] == expected, (name, kind, command)
            elif result[0]:
                told += 1
                check_told(result, name, kind)
                after = dict(content_of(workspace))
                assert {each: after.get(each) for each in before} == before, (name, kind, command)
            shutil.rmtree(workspace)
    assert told > 0 or kind == "no rights"


@pytest.mark.long
@pytest.mark.usefixtures("in_object_store")
def test_damage_in_an_object_store_is_told(tmp_path: Path, run: Run) -> None:
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(write_export(tmp_path / "1", deliveries=[delivery("ann", 1)], events=[event("ann", 1)]))
    made.import_canonical(write_export(tmp_path / "2", deliveries=[delivery("bob", 2)]))
    more, before = write_export(tmp_path / "3", deliveries=[delivery("cat", 3)]), numbers(run, made.directory)
    changes: dict[str, Callable[[bytes], bytes | None]] = {
        "missing": lambda _content: None,
        "empty": lambda _content: b"",
        "half": lambda content: content[: len(content) // 2],
        "zeroed": lambda content: bytes(len(content)),
        "one bit": lambda content: content[:9] + bytes([content[9] ^ 1]) + content[10:],
    }
    for name in sorted(kept.names(made)):
        content = kept.read(made, name)
        for kind, change in changes.items():
            left = change(content)
            if left is None:
                kept.delete(made, name)
            else:
                kept.write(made, left, name)
            for command in (("metrics", "--all"), ("import", "canonical", more), ("optimize",)):
                check_told(run(*command, "-w", made.directory), name, kind)
        kept.write(made, content, name)
        assert numbers(run, made.directory) == before


def test_a_commit_file_that_was_lost_is_one_line_and_the_next_import_deletes_nothing(
    healthy: Healthy, tmp_path: Path, run: Run
) -> None:
    workspace = tmp_path / "lost"
    shutil.copytree(healthy.workspace, workspace)
    (workspace / "tables" / "commit.json").unlink()
    before = dict(content_of(workspace))
    for command in (("metrics", "spring"), ("campaigns",), ("import", "canonical", healthy.export), ("optimize",)):
        code, out, err = run(*command, "-w", workspace)
        assert (code, out) == (2, "")
        assert "commit.json is missing beside tables that have rows; restore it from a backup" in err
    assert dict(content_of(workspace)) == before


def test_a_log_entry_that_is_empty_is_one_line(healthy: Healthy, tmp_path: Path, run: Run) -> None:
    workspace = tmp_path / "emptied"
    shutil.copytree(healthy.workspace, workspace)
    (workspace / "tables" / "deliveries" / "_delta_log" / f"{2:020}.json").write_bytes(b"")
    for command in (("metrics", "spring"), ("import", "canonical", healthy.export), ("optimize",)):
        code, out, err = run(*command, "-w", workspace)
        assert (code, out) == (2, "")
        assert f"{2:020}.json is empty; restore it from a backup" in err


def test_the_doctor_finds_what_is_wrong_and_is_content_with_what_is_sound(
    healthy: Healthy, tmp_path: Path, run: Run
) -> None:
    workspace = tmp_path / "examined"
    shutil.copytree(healthy.workspace, workspace)
    code, out, _ = run("doctor", "-w", workspace)
    assert (code, "WRONG" in out) == (0, False), out
    data = next(name for name in files_of(workspace) if name.endswith(".parquet") and "events/" in name)
    _flip(workspace / data)
    (workspace / SETTINGS).write_text("[app]\nname = 'half of it'\n")
    code, out, _ = run("doctor", "-w", workspace)
    wrong = [line for line in out.splitlines() if line.startswith("WRONG")]
    assert code == 1
    assert [data.rpartition("/")[2] in wrong[0], "no longer says app.currency" in wrong[1]] == [True, True]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.long) for kind in KINDS if kind != "half"] + ["half"]
)
def test_the_doctor_finds_whatever_a_command_stumbles_over(
    kind: str, healthy: Healthy, tmp_path: Path, run: Run
) -> None:
    for number, name in enumerate(files_of(healthy.workspace)):
        workspace = tmp_path / str(number)
        shutil.copytree(healthy.workspace, workspace)
        KINDS[kind](workspace / name)
        before = dict(content_of(workspace))
        told = [run(*command, "-w", workspace) for command in (("metrics", "--all", "--json"), ("optimize",))]
        before |= {each: content for each, content in content_of(workspace) if told[1][0] == 0}
        code, out, err = run("doctor", "-w", workspace)
        assert "unexpected" not in out + err, (name, out, err)
        if code == 2:
            check_told((code, out, err), name, kind)
        elif any(each[0] for each in told):
            wrong = "".join(line for line in out.splitlines() if line.startswith("WRONG"))
            assert (code, name.rpartition("/")[2] in wrong) == (1, True), (name, out, told)
        else:
            assert (code, "WRONG" in out) == (0, False), (name, out)
        shutil.rmtree(workspace)


@pytest.mark.no_cover
def test_a_pipe_in_place_of_a_file_of_the_tables_is_told_and_not_waited_for(
    healthy: Healthy, tmp_path: Path, run: Run
) -> None:
    for number, name in enumerate(name for name in files_of(healthy.workspace) if name.startswith("tables/")):
        workspace = tmp_path / str(number)
        shutil.copytree(healthy.workspace, workspace)
        (workspace / name).unlink()
        os.mkfifo(workspace / name)
        # Each command in turn: what waits for a pipe waits whatever the file is called.
        commands = (("metrics", "--all"), ("import", "canonical", healthy.export), ("optimize",))
        check_told(run(*commands[number % len(commands)], "-w", workspace), name, "a pipe")
        assert run("doctor", "-w", workspace)[0] == 1
        assert (workspace / name).is_fifo()


def test_the_doctor_looks_at_the_book_the_leftovers_and_who_may_read(
    healthy: Healthy, tmp_path: Path, run: Run
) -> None:
    workspace = tmp_path / "examined"
    shutil.copytree(healthy.workspace, workspace)

    def found(mark: str) -> list[str]:
        said = run("doctor", "-w", workspace)[1].splitlines()
        return [line.removeprefix(mark).strip() for line in said if line.startswith(mark)]

    assert found("note") == []
    (workspace / "tables" / "events" / "part-left.parquet").write_bytes(b"")
    (workspace / "tables" / "deliveries" / "_delta_log" / f"{9:020}.json").touch(mode=0o600)
    (workspace / "link").symlink_to("/etc")
    assert [line.partition(";")[0] for line in found("note")] == [
        "2 files belong to no state of the tables",
        f"1 file or directory may be read by others, such as {workspace}/tables/events/part-left.parquet",
    ]
    (workspace / "rejected").chmod(0o755)
    assert found("note")[1].startswith("2 files or directories may be read by others, such as ")
    assert found("note")[1].endswith(f"; chmod -R go-rwx {workspace}")
    settings = workspace / SETTINGS
    settings.write_text(settings.read_text() + "group = true\n")
    (workspace / "rejected").chmod(0o2770)
    (workspace / "tables" / "commit.json").chmod(0o660)
    assert found("note")[1].endswith(f"part-left.parquet; chmod -R g+rwX,o-rwx {workspace}")
    settings.write_text("not TOML")
    (wrong,) = found("WRONG")
    assert wrong.startswith(f"cannot read {settings}: ")
    assert wrong.endswith("mend workspace.toml; docs/backup.md says how to restore")


def test_the_doctor_says_in_one_line_that_there_is_no_workspace(tmp_path: Path, run: Run) -> None:
    code, out, err = run("doctor", "-w", tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: no workspace in {tmp_path}: workspace.toml is missing")


def test_settings_that_were_cut_off_do_not_silently_mean_others(healthy: Healthy, tmp_path: Path, run: Run) -> None:
    workspace = tmp_path / "cut"
    shutil.copytree(healthy.workspace, workspace)
    text = (workspace / SETTINGS).read_text()
    (workspace / SETTINGS).write_text(text[: text.index("[attribution]")])
    for command in (("metrics", "spring"), ("import", "canonical", healthy.export)):
        code, out, err = run(*command, "-w", workspace)
        assert (code, out) == (2, "")
        assert "no longer says attribution.instance_credit" in err
