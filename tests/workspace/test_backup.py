"""What docs/backup.md says of backups, carried out."""

import json
import shutil
from pathlib import Path

import pytest
from canonical_files import CAMPAIGN, delivery, event, write_export

from analytics_core.workspace import Workspace, create_workspace
from commands import Run


def export(directory: Path, user: str, number: int, name: str) -> Path:
    made = write_export(directory, deliveries=[delivery(user, number)], events=[event(user, number)])
    (made / "campaigns.json").write_text(json.dumps([{**CAMPAIGN, "name": name}]))
    return made


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace after two imports, with a backup that was made between them."""
    made = create_workspace(tmp_path / "acme")
    made.import_canonical(export(tmp_path / "1", "ann", 1, "First"))
    shutil.copytree(made.directory, tmp_path / "backup")
    made.import_canonical(export(tmp_path / "2", "bob", 2, "Second"))
    return made.directory


def answer(directory: Path) -> tuple[int, str]:
    opened = Workspace(directory)
    return opened.snapshot("spring").performance.converted_users, opened.campaign("spring").name


def test_a_backup_is_sound_and_what_came_after_it_is_imported_again(workspace: Path, tmp_path: Path, run: Run) -> None:
    assert run("doctor", "-w", tmp_path / "backup")[0] == 0
    shutil.rmtree(workspace)
    shutil.copytree(tmp_path / "backup", workspace)
    assert answer(workspace) == (1, "First")
    for number in (1, 2):
        assert run("import", "canonical", tmp_path / str(number), "-w", workspace)[0] == 0
    # The first export has the older definition, and says so again: definitions are those that came last.
    assert answer(workspace) == (2, "Second")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("tables", "has definitions of import 2, but the tables end with import 1"),
        ("campaigns.db", "is older than the"),
    ],
)
def test_tables_and_book_of_different_times_are_one_line(
    workspace: Path, tmp_path: Path, run: Run, part: str, said: str
) -> None:
    if part == "tables":
        shutil.rmtree(workspace / part)
        shutil.copytree(tmp_path / "backup" / part, workspace / part)
    else:
        shutil.copyfile(tmp_path / "backup" / part, workspace / part)
    for command in (("metrics", "spring"), ("import", "canonical", tmp_path / "1")):
        code, out, err = run(*command, "-w", workspace)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert said in err
    assert run("doctor", "-w", workspace)[0] == 1


def test_a_file_that_was_lost_comes_back_from_any_backup_that_has_it(workspace: Path, tmp_path: Path, run: Run) -> None:
    before = answer(workspace)
    name = next(iter((tmp_path / "backup" / "tables" / "events").glob("*.parquet"))).name
    (workspace / "tables" / "events" / name).unlink()
    code, out, _ = run("doctor", "-w", workspace)
    assert (code, f"{name} is missing" in out) == (1, True)
    shutil.copyfile(tmp_path / "backup" / "tables" / "events" / name, workspace / "tables" / "events" / name)
    assert answer(workspace) == before
