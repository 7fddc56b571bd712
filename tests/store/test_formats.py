"""Workspaces of every format that has landed: read as they are, migrated by the next write, losing nothing.

`formats/layout-N.zip` is a small workspace as the version that wrote that layout left it: two imports of sends and
orders, one row of the first repeated by the second, a rejected row, a campaign that the second import renamed. Layout 3
has a campaign book without history, layout 4 knows files by their bytes alone.
"""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from canonical_files import delivery, write_export

from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.formats import LAYOUT
from analytics_core.store.tables import COMMIT_FILE
from analytics_core.workspace import Workspace

FORMATS = sorted((Path(__file__).parent / "formats").glob("layout-*.zip"))


@pytest.fixture(params=FORMATS, ids=[path.stem for path in FORMATS])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workspace of an earlier version."""
    directory = tmp_path / "kept"
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(directory)
    return directory


def content_of(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def counts(directory: Path, number: int | None = None) -> tuple[int, int, str]:
    """Sent, converted and the campaign's name, as known after an import, or now."""
    known_at = None if number is None else Workspace(directory).imports()[number - 1].at
    opened = Workspace(directory, known_at)
    performance = opened.snapshot("spring").performance
    return performance.sent.total, performance.converted_users, opened.campaign("spring").name


def layout_of(directory: Path) -> int:
    return int(json.loads((directory / "tables" / COMMIT_FILE).read_text())["layout"])


def test_it_is_read_and_nothing_is_written(kept: Path) -> None:
    before = content_of(kept)
    assert counts(kept) == (3, 2, "Second")
    assert counts(kept, 1)[:2] == (2, 1)
    assert content_of(kept) == before


def test_the_next_import_migrates_it_and_loses_nothing(kept: Path, tmp_path: Path) -> None:
    rows = {"deliveries": [delivery("dan", 5)]}
    Workspace(kept).import_canonical(write_export(tmp_path / "more", **rows))
    assert layout_of(kept) == LAYOUT
    assert counts(kept) == (4, 2, "Spring sale")
    assert [counts(kept, number)[:2] for number in (1, 2)] == [(2, 1), (3, 2)]
    with closing(sqlite3.connect(kept / "campaigns.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    Workspace(kept).undo_import(2)
    assert counts(kept) == (3, 1, "Spring sale")
    assert counts(kept, 2)[:2] == (3, 2)


@pytest.mark.parametrize(
    "write", [Workspace.optimize, lambda opened: opened.undo_import(2), lambda opened: opened.forget({"cat"}, "")]
)
def test_whatever_writes_migrates_it(kept: Path, write: Callable[[Workspace], object]) -> None:
    write(Workspace(kept))
    assert layout_of(kept) == LAYOUT
    assert counts(kept)[0] in (2, 3)
    assert counts(kept, 1)[:2] == (2, 1)


@pytest.mark.parametrize("kept", FORMATS[:1], ids=["layout-3"], indirect=True)
def test_what_imports_that_were_cut_off_left_in_a_log_is_no_part_of_it(kept: Path) -> None:
    log = kept / "tables" / "deliveries" / "_delta_log"
    for number in (3, 4):
        shutil.copyfile(log / f"{2:020}.json", log / f"{number:020}.json")
    for _ in range(2):
        Workspace(kept).optimize()
        assert counts(kept)[0] == 3
    assert max(path.name for path in log.iterdir()) == f"{4:020}.json"


def test_a_damaged_file_is_told_once_it_is_migrated(kept: Path) -> None:
    Workspace(kept).optimize()
    data = next((kept / "tables" / "events").glob("*.parquet"))
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    with pytest.raises(WorkspaceError, match="is damaged: its content is not what was written"):
        counts(kept)


def test_what_was_not_kept_apart_cannot_be_replaced_file_by_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(FORMATS[0]) as archive:
        archive.extractall(tmp_path / "kept")
    opened = Workspace(tmp_path / "kept")
    rows = [delivery("ann", 1), delivery("bob", 2), delivery("eve", 3, occurred_at="yesterday")]
    again = write_export(tmp_path / "in1", deliveries=rows)
    with pytest.raises(WorkspaceError, match=r"import 1 was made by an older version.*`imports undo 1`"):
        opened.import_canonical(again, again=True)


@pytest.mark.parametrize("kept", FORMATS[1:], ids=[path.stem for path in FORMATS[1:]], indirect=True)
def test_a_file_that_was_known_by_its_bytes_alone_is_known(kept: Path, tmp_path: Path) -> None:
    rows = [delivery("ann", 1), delivery("bob", 2), delivery("eve", 3, occurred_at="yesterday")]
    again = write_export(tmp_path / "in1", deliveries=rows)
    counts = Workspace(kept).import_canonical(again).tables["deliveries"]
    assert (counts.read, counts.accepted, counts.duplicates, counts.rejected) == (3, 0, 2, 1)
    # The same bytes are other rows under the name of another table.
    (again / "deliveries.jsonl").rename(again / "identities.jsonl")
    assert Workspace(kept).import_canonical(again).tables["identities"].rejected == 3


@pytest.mark.parametrize("kept", FORMATS[:1], ids=["layout-3"], indirect=True)
def test_a_state_whose_rows_no_import_brought_is_damaged(kept: Path) -> None:
    commit = kept / "tables" / COMMIT_FILE
    commit.write_text(json.dumps({**json.loads(commit.read_text()), "history": []}))
    with pytest.raises(WorkspaceError, match="is damaged; restore it from a backup"):
        counts(kept)


@pytest.mark.parametrize("newer", ["layout", "schema"])
def test_a_newer_format_is_one_line(kept: Path, newer: str) -> None:
    Workspace(kept).import_canonical(write_export(kept.parent / "in", deliveries=[delivery("dan", 5)]))
    commit = kept / "tables" / COMMIT_FILE
    if newer == "layout":
        commit.write_text(json.dumps({**json.loads(commit.read_text()), "layout": LAYOUT + 1}))
    else:
        with closing(sqlite3.connect(kept / "campaigns.db")) as connection:
            connection.execute("PRAGMA user_version = 99")
    before = content_of(kept)
    for use in (counts, lambda directory: Workspace(directory).undo_import(1)):
        with pytest.raises(WorkspaceError, match=r"was written by a newer version.*; upgrade connector-analytics"):
            use(kept)
    assert content_of(kept) == before


@pytest.mark.parametrize("kept", FORMATS[:1], ids=["layout-3"], indirect=True)
def test_a_book_of_an_earlier_version_is_read_where_nothing_can_be_written(kept: Path) -> None:
    book = kept / "campaigns.db"
    assert book.read_bytes()[18:20] == b"\x02\x02"  # of a write-ahead log, which makes files where it is read
    before = sorted(path.name for path in kept.iterdir())
    assert counts(kept)[2] == "Second"
    assert sorted(path.name for path in kept.iterdir()) == before
    shutil.copyfile(book, kept.parent / "copy.db")
