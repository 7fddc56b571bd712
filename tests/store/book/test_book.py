"""The campaign book: definitions, what they were, and what becomes of those whose import did not land."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.book.book import CampaignBook
from analytics_core.store.book.entries import BookAct, BookEntry, make_entry
from analytics_core.store.commits import Commit, ImportRecord

FIRST = "2026-05-01T12:00:00.000000+00:00"


def _campaign(campaign_id: str, name: str = "Spring sale") -> Campaign:
    return Campaign.model_validate(
        {
            "campaign_id": campaign_id,
            "name": name,
            "delivery_type": "one_time",
            "goals": [{"goal_id": "g", "name": "G", "event_name": "Order"}],
        }
    )


def _book(directory: Path) -> CampaignBook:
    return CampaignBook("sqlite:///campaigns.db", directory)


def _landed(commit: Commit, token: str | None, book: Mapping[str, str], at: str = FIRST) -> Commit:
    record = ImportRecord(
        number=commit.next_number, at=at, keys={"user": 0}, latest_at=None, last_file=0, token=token, definitions=1
    )
    return replace(commit, history=(*commit.history, record), books=book)


def _put(book: CampaignBook, commit: Commit, *campaigns: Campaign, at: str = FIRST) -> Commit:
    """Import definitions, as far as the book is concerned."""
    identity = book.settle(commit, alone=True)
    after = _landed(commit, book.stage(campaigns, commit.next_number).token, identity, at)
    book.settle(after, alone=False)
    return after


def _names(book: CampaignBook, commit: Commit, known_at: datetime | None = None) -> dict[str, str]:
    return {each.campaign.campaign_id: each.campaign.name for each in book.campaigns(commit, known_at)}


def _day(number: int) -> str:
    return datetime(2026, 5, number, 12, tzinfo=UTC).isoformat(timespec="microseconds")


def test_campaigns_come_back_in_the_order_of_their_ids(tmp_path: Path) -> None:
    commit = _put(_book(tmp_path), Commit(), _campaign("b"), _campaign("a"), _campaign("Z"))
    assert list(_names(_book(tmp_path), commit)) == ["Z", "a", "b"]


def test_writing_the_same_definition_again_changes_nothing(tmp_path: Path) -> None:
    book = _book(tmp_path)
    _put(book, Commit(), _campaign("a"))
    assert book.stage([_campaign("a")], 2).token is None
    changes = book.stage([_campaign("a"), _campaign("b")], 2)
    assert (changes.changed, changes.unchanged) == (1, 1)


def test_a_changed_definition_replaces_the_old_one_and_both_are_known_at_their_times(tmp_path: Path) -> None:
    book = _book(tmp_path)
    commit = _put(book, Commit(), _campaign("a"), at=_day(1))
    commit = _put(book, commit, _campaign("a", name="Autumn sale"), _campaign("b"), at=_day(3))
    assert _names(book, commit) == {"a": "Autumn sale", "b": "Spring sale"}
    assert _names(book, commit, datetime(2026, 5, 2, tzinfo=UTC)) == {"a": "Spring sale"}
    assert [each.entry and each.entry[0] for each in book.campaigns(commit)] == [2, 3]


def test_the_definition_survives_unchanged(tmp_path: Path) -> None:
    evil = _campaign("a", name="\u202eevil 🎉 </script>")
    commit = _put(_book(tmp_path), Commit(), evil)
    assert [each.campaign for each in _book(tmp_path).campaigns(commit)] == [evil]


def test_what_is_staged_counts_once_its_import_has_landed_and_is_dropped_otherwise(tmp_path: Path) -> None:
    book = _book(tmp_path)
    commit = _put(book, Commit(), _campaign("a"))
    token = book.stage([_campaign("a", name="Autumn sale"), _campaign("b")], 2).token
    landed = _landed(commit, token, commit.books)
    # Killed before the commit file, or after it: who reads sees the one or the other, and changes nothing.
    content = (tmp_path / "campaigns.db").read_bytes()
    assert _names(book, commit) == {"a": "Spring sale"}
    assert _names(book, landed) == {"a": "Autumn sale", "b": "Spring sale"}
    assert (tmp_path / "campaigns.db").read_bytes() == content
    seen = book.campaigns(landed)
    book.settle(landed, alone=True)
    assert book.campaigns(landed) == seen
    book.stage([_campaign("c")], 3)
    book.settle(landed, alone=True)
    assert "c" not in _names(book, landed)


def test_an_import_that_is_taken_back_leaves_what_would_be_without_it(tmp_path: Path) -> None:
    book = _book(tmp_path)
    commit = _put(book, Commit(), _campaign("a"))
    commit = _put(book, commit, _campaign("a", name="Second"), _campaign("b"))
    commit = _put(book, commit, _campaign("a", name="Third"))
    for undone, expected in ((2, {"a": "Third"}), (3, {"a": "Spring sale"}), (1, {})):
        changes = book.stage_undo(undone, commit.next_number, commit)
        commit = _landed(commit, changes.token, commit.books)
        commit = replace(commit, history=(*commit.history[:-1], replace(commit.history[-1], of=undone)))
        book.settle(commit, alone=True)
        assert _names(book, commit) == expected
    assert book.find_faults(commit) == []


def test_reading_makes_nothing(tmp_path: Path) -> None:
    assert _book(tmp_path).campaigns(Commit()) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_broken_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "campaigns.db").write_bytes(b"this is no database, and long enough to be read as one" * 100)
    with pytest.raises(WorkspaceError, match=r"cannot use the campaign book .*campaigns\.db"):
        _book(tmp_path).campaigns(Commit())


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "oracle://x"])
def test_a_url_that_cannot_be_is_one_clear_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(WorkspaceError, match=r"\[storage\] campaigns") as refused:
        CampaignBook(url, tmp_path)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("gone", ["missing", "empty"])
def test_a_book_that_is_gone_beside_imports_is_one_line(tmp_path: Path, gone: str) -> None:
    commit = _put(_book(tmp_path), Commit(), _campaign("a"))
    (tmp_path / "campaigns.db").unlink()
    if gone == "empty":
        (tmp_path / "campaigns.db").touch()
    for use in (_book(tmp_path).campaigns, partial(_book(tmp_path).settle, alone=True)):
        with pytest.raises(WorkspaceError, match=r"campaigns\.db is missing or empty, but the tables have imports"):
            use(commit)


def test_tables_that_are_older_than_the_book_are_one_line(tmp_path: Path) -> None:
    book = _book(tmp_path)
    before = _put(book, Commit(), _campaign("a"))
    _put(book, before, _campaign("b"))
    with pytest.raises(WorkspaceError, match="has definitions of import 2, but the tables end with import 1"):
        book.campaigns(before)


def test_a_book_that_is_older_than_the_tables_is_one_line(tmp_path: Path) -> None:
    book = _book(tmp_path)
    commit = _put(book, Commit(), _campaign("a"))
    before = (tmp_path / "campaigns.db").read_bytes()
    commit = _put(book, commit, _campaign("b"))
    (tmp_path / "campaigns.db").write_bytes(before)
    with pytest.raises(WorkspaceError, match="is older than the tables"):
        book.campaigns(commit)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history SET definition = replace(definition, 'Spring', 'Sprung')",
        "UPDATE history SET by = 'mallory'",
        "UPDATE campaigns SET entry = 1",
        "UPDATE campaigns SET version = 7",
        "DELETE FROM campaigns WHERE campaign_id = 'b'",
        "DELETE FROM history WHERE number = 1",
    ],
)
def test_a_row_that_was_changed_behind_its_back_is_told(tmp_path: Path, change: str) -> None:
    book = _book(tmp_path)
    commit = _put(book, Commit(), _campaign("a"), _campaign("b"))
    with closing(sqlite3.connect(tmp_path / "campaigns.db")) as connection:
        connection.execute(change)
        connection.commit()
    with pytest.raises(WorkspaceError, match=r"campaigns\.db is damaged; restore it from a backup"):
        book.campaigns(commit)
    assert book.find_faults(commit)


def test_the_time_of_an_import_is_that_of_the_commit_file(tmp_path: Path) -> None:
    book = _book(tmp_path)
    commit = _put(book, Commit(), _campaign("a"))
    other = tmp_path / "other"
    other.mkdir()
    again = _book(other)
    later = _put(again, Commit(), _campaign("a"), at=_day(9))
    assert book.campaigns(commit)[0].entry == again.campaigns(later)[0].entry
    with closing(sqlite3.connect(tmp_path / "campaigns.db")) as connection, connection:
        connection.execute("UPDATE history SET at = ?", (_day(2),))
    assert book.find_faults(commit)
    with pytest.raises(WorkspaceError, match="is damaged"):
        book.campaigns(commit, datetime.now(UTC))


def test_an_entry_that_version_0_2_sealed_with_its_time_is_sound() -> None:
    entry = make_entry(
        1, "", campaign_id="a", version=1, act=BookAct.IMPORT, definition="{}", at=FIRST, import_number=1
    )
    fields = {**asdict(entry), "hash": ""}
    said = [fields[name] for name in BookEntry.__slots__ if name != "hash"]
    sealed = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
    assert sealed != entry.hash
    assert replace(entry, hash=sealed).is_sound
    assert not replace(entry, hash=sealed, at=_day(2)).is_sound


def test_a_newer_schema_is_one_line(tmp_path: Path) -> None:
    commit = _put(_book(tmp_path), Commit(), _campaign("a"))
    with closing(sqlite3.connect(tmp_path / "campaigns.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(WorkspaceError, match="was written by a newer version"):
        _book(tmp_path).campaigns(commit)


def test_a_writer_that_was_killed_in_the_middle_has_done_nothing(tmp_path: Path) -> None:
    commit = _put(_book(tmp_path), Commit(), _campaign("a"))
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1')\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute(\"UPDATE history SET definition = 'x' || hex(zeroblob(100000))\")\n"
        "c.execute(\"UPDATE staged SET act = 'x'\")\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path / "campaigns.db"], check=False)
    assert _names(_book(tmp_path), commit) == {"a": "Spring sale"}


def test_who_settles_what_has_landed_leaves_alone_what_another_import_has_staged(tmp_path: Path) -> None:
    book, other = _book(tmp_path), _book(tmp_path)
    identity = book.settle(Commit(), alone=True)
    first = _landed(Commit(), book.stage([_campaign("a")], 1).token, identity)
    # Before the first import has come to settle, the next one has the right to write, and stages.
    other.settle(first, alone=True)
    staged = other.stage([_campaign("b", "Autumn")], 2)
    book.settle(first, alone=False)
    second = _landed(first, staged.token, identity, _day(2))
    other.settle(second, alone=False)
    assert _names(book, second) == {"a": "Spring sale", "b": "Autumn"}
