"""Workspaces in directories of any name, on read-only mounts, and for a group."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from canonical_files import delivery, event, write_export
from deltalake import DeltaTable

from analytics_core.domain.settings import App
from analytics_core.workspace import Workspace, create_workspace, opening
from commands import Run
from seeding import some

NAMES = (
    *(
        "a b",
        "ü",
        "日本",
        "a%b",
        "a%20b",
        "a%2Fb",
        "a#b",
        "a?b",
        "a[b]",
        "a[0-9]",
        "a{b}",
        "a{b,c}",
        "a'b",
        'a"b',
        "a*b",
    ),
    *("a\\b", "a&b=c", "a;b", "~a", "a:b", "$HOME", "a|b", "a<b>", "a^b`c", "e\u0301", "..a", "file:", "a+b"),
    *("-a", "a@b", "a,b", "(a)", "a\tb", "a\nb", "!a", " ", "a ", " a", ".", "…", "\u202eevil", "a\u200bb", "🎉"),
    *(
        "con",
        "nul",
        "a" * 200,
        "%",
        "%%",
        "%00",
        "\x7f",
        "a\rb",
        "\x1b[31m",
        "*",
        "?",
        "[",
        "]",
        "{",
        "}",
        "#",
        "=",
        "@",
    ),
)


def odd_names(extra: int) -> list[str]:
    """The names above, and pairs of them."""
    pairs = [f"{first}{second}" for first in NAMES[:16] for second in NAMES[16:48]]
    return [name for name in (*NAMES, *pairs[:: max(1, len(pairs) // extra)]) if name.strip(".") and len(name) < 250]


FEW_OR_ALL = pytest.mark.parametrize("names", some(1, [odd_names(150)[:3], odd_names(150)[3:]]), ids=["few", "all"])
NASTY = (
    *("a b", "a%2Fb", "a[0-9]", "a{b,c}", "$HOME", "a\nb", "\x1b[31m", "-a", " ", "\u202eevil", "{}", "*"),
    "a" * 250,
)
"""Some of the worst."""
NO_TEXT = os.fsdecode(b"a\xffb")


def small_export(directory: Path) -> Path:
    return write_export(directory, deliveries=[delivery("ann", 1)], events=[event("ann", 1)])


@FEW_OR_ALL
def test_a_directory_may_have_any_name(names: list[str], tmp_path: Path, run: Run) -> None:
    for number, name in enumerate(names):
        top = tmp_path / str(number) / name
        workspace, out = top / name, top / f"{name}-reports"
        export = small_export(top / f"{name}-in")
        for command in (
            ("init", workspace, "--timezone", "UTC"),
            ("import", "canonical", export, "-w", workspace),
            ("optimize", "-w", workspace),
            ("doctor", "-w", workspace),
            ("imports", "-w", workspace),
            ("campaigns", "--json", "-w", workspace),
            ("report", "--all", "-w", workspace, "--output", out),
        ):
            code, said, err = run(*command)
            assert (code, err) == (0, ""), (name, command, said, err)
        assert Workspace(workspace).snapshot("spring").performance.converted_users == 1, name
        assert sorted(path.name for path in out.iterdir()) == ["index.html", "spring.html"], name
        assert "Spring sale" in (out / "spring.html").read_text(), name
        shutil.rmtree(tmp_path / str(number))


@FEW_OR_ALL
def test_a_demo_may_lie_in_a_directory_of_any_name(
    names: list[str], tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A demo of one row each, made as the large one is: where there is no directory, and in place of an older one."""
    monkeypatch.setattr(opening, "write_demo", lambda directory, _dataset: (small_export(directory), App())[1])
    for name in (*names[:3], *NASTY[-1:]) if names[0] == NAMES[0] else (*names, *NASTY):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("CONNECTOR_ANALYTICS_WORKSPACE", name)
        for command in (("demo", tmp_path / name), ("demo", "--workspace", name), ("campaigns", "--json")):
            code, said, err = run(*command)
            assert (code, err) == (0, ""), (name, command, said, err)
        assert json.loads(said)["sent"] == 1
        assert [path.name for path in tmp_path.iterdir()] == [name]
        monkeypatch.chdir(name)
        code, said, err = run("demo", ".")
        assert (code, err, (Path() / "demo.txt").exists()) == (0, "", True), (name, said, err)
        shutil.rmtree(tmp_path / name)


def test_a_name_that_is_no_text_is_one_line_and_nothing_is_written(tmp_path: Path, run: Run) -> None:
    """A name may be any bytes; what computes takes nothing but text."""
    home = tmp_path / NO_TEXT
    for command in (("init", home), ("demo", home), ("init", home / "inside"), ("demo", home / "inside")):
        code, said, err = run(*command)
        assert (code, said, err.count("\n")) == (2, "", 1), command
        assert "its name is not UTF-8 text; choose a directory whose name is" in err
    assert list(tmp_path.iterdir()) == []
    create_workspace(tmp_path / "workspace").directory.rename(home)
    for command in (("metrics", "--all"), ("doctor",), ("import", "canonical", small_export(tmp_path / "in"))):
        code, said, err = run(*command, "-w", home)
        assert (code, said, err.count("\n")) == (2, "", 1), command
        assert "its name is not UTF-8 text" in err


def test_files_to_import_lie_at_paths_that_are_no_text(tmp_path: Path, run: Run) -> None:
    """Text is read; of a form that a library reads, the file is named."""
    create_workspace(tmp_path / "workspace")
    export = small_export(tmp_path / NO_TEXT)
    assert run("import", "canonical", export, "-w", tmp_path / "workspace")[0] == 0
    pl.read_ndjson((export / "events.jsonl").read_bytes()).write_parquet(tmp_path / "events.parquet")
    (export / "events.jsonl").unlink()
    (tmp_path / "events.parquet").rename(export / "events.parquet")
    code, said, err = run("import", "canonical", export, "-w", tmp_path / "workspace")
    assert (code, said) == (2, "")
    assert err == "error: events.parquet: the path to it is not UTF-8 text; rename it\n"


@pytest.mark.long
@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_the_command_makes_the_demo_and_its_reports_in_a_directory_of_any_name(name: str, tmp_path: Path) -> None:
    """The command as a person starts it, within such a directory: paths that are relative, and that the shell names."""
    home = tmp_path / name[:100]  # SQLite opens no file whose path is longer than 512 bytes
    home.mkdir()
    named = {**os.environ, "CONNECTOR_ANALYTICS_WORKSPACE": name}
    for arguments in (
        ("demo", "--workspace", name),
        ("campaigns",),
        ("report", "spring-sale", "cart-reminder", "--jobs", "2", "--workspace", name, "--output", f"{name}/{name}"),
        ("doctor",),
    ):
        command = [sys.executable, "-m", "analytics_core", *arguments]
        done = subprocess.run(command, cwd=home, env=named, capture_output=True, check=False, text=True)
        assert (done.returncode, done.stderr) == (0, ""), (arguments, done.stdout, done.stderr)
    assert [path.name for path in home.iterdir()] == [name]
    assert len([*(home / name / name).iterdir()]) == 3


def test_other_programs_read_the_log(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "workspace")
    for number in range(3):
        made.import_canonical(write_export(tmp_path / str(number), deliveries=[delivery("ann", number)]))
    table = DeltaTable(tmp_path / "workspace" / "tables" / "deliveries")
    assert (table.version(), len(table.file_uris())) == (3, 3)
    made.optimize()
    table = DeltaTable(tmp_path / "workspace" / "tables" / "deliveries")
    assert (table.version(), len(table.file_uris())) == (4, 1)


def snapshot_of(directory: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in directory.rglob("*")}


def test_reading_changes_nothing_and_needs_no_right_to_write(tmp_path: Path, run: Run) -> None:
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 1)], events=[event("ann", 1)]))
    before = snapshot_of(tmp_path / "workspace")
    for command in (
        ("metrics", "--all"),
        ("campaigns",),
        ("imports",),
        ("explain", "spring", "sent"),
        ("doctor",),
        ("report", "--all", "--output", tmp_path / "out"),
    ):
        code, _, err = run(*command, "-w", tmp_path / "workspace")
        assert code == 0, (command, err)
    assert snapshot_of(tmp_path / "workspace") == before


@pytest.mark.parametrize("group", [False, True])
def test_what_is_made_is_for_its_owner_or_for_a_group_only(tmp_path: Path, group: bool) -> None:  # noqa: FBT001 - a case
    made = create_workspace(tmp_path / "workspace")
    if group:
        settings = made.directory / "workspace.toml"
        settings.write_text(f"{settings.read_text()}group = true\n")
        made = Workspace(made.directory)
    bad = delivery("eve", 3, occurred_at="yesterday")
    mask = os.umask(0o077 if group else 0)
    try:
        made.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 1), bad]))
    finally:
        os.umask(mask)
    found = [path for path in made.directory.rglob("*") if path.name != "workspace.toml"]
    assert {"campaigns.db", "rejected", ".lock", "commit.json", "_delta_log"} <= {path.name for path in found}
    modes = {stat.S_ISDIR(path.stat().st_mode): stat.S_IMODE(path.stat().st_mode) for path in found}
    assert modes == ({True: 0o2770, False: 0o660} if group else {True: 0o700, False: 0o600})
    assert len({(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in found}) == 2


def test_what_a_killed_writer_left_is_gone_at_the_next_command(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from analytics_core.places.files import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path / "page.html"], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    create_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["workspace.toml"]
