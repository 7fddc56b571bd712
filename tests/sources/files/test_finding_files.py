"""Which files of a directory are read, in which order, and what is refused."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from source_files import EVENT, jsonl_of, read_file

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.finding.canonical_files import campaigns_file, find_files


def write(directory: Path, *names: str) -> Path:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return directory


def test_files_come_in_table_order_then_by_name(tmp_path: Path) -> None:
    names = ("identities.csv", "events/b.csv", "events/a.jsonl.gz", "events/a.parquet", "deliveries.csv.gz")
    found = find_files(write(tmp_path, *names))
    assert [(file.table, file.name) for file in found] == [
        ("deliveries", "deliveries.csv.gz"),
        ("events", "events/a.jsonl.gz"),
        ("events", "events/a.parquet"),
        ("events", "events/b.csv"),
        ("identities", "identities.csv"),
    ]


def test_a_file_is_known_by_the_hash_of_its_bytes(tmp_path: Path) -> None:
    (file,) = find_files(write(tmp_path, "events.csv"))
    assert file.fingerprint == sha256(b"content of events.csv").hexdigest()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    names = ("events/a.csv", "events/notes.txt", "events/.a.csv.swp", "events/.b.csv", "orders.csv", "events.old.csv")
    found = find_files(write(tmp_path, *names))
    assert [file.name for file in found] == ["events/a.csv"]


def test_extensions_may_be_in_upper_case(tmp_path: Path) -> None:
    assert [file.name for file in find_files(write(tmp_path, "events.CSV"))] == ["events.CSV"]


def test_campaign_definitions_alone_are_enough(tmp_path: Path) -> None:
    assert find_files(write(tmp_path, "campaigns.json")) == ()
    assert campaigns_file(tmp_path) == tmp_path / "campaigns.json"


def test_a_directory_without_campaign_definitions_has_none(tmp_path: Path) -> None:
    assert campaigns_file(tmp_path) is None


def test_a_missing_directory_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"exports: No such file or directory$"):
        find_files(tmp_path / "exports")


def test_a_file_in_place_of_the_directory_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"events\.csv: Not a directory$"):
        find_files(write(tmp_path, "events.csv") / "events.csv")


def test_a_directory_without_anything_of_ours_says_what_would_do(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"holds none of campaigns\.json, deliveries, events"):
        find_files(write(tmp_path, "orders.csv"))


def test_a_table_given_twice_is_refused_because_its_rows_could_count_twice(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"events is given more than once \(events, events\.csv\)"):
        find_files(write(tmp_path, "events.csv", "events/a.csv"))


def test_a_folder_without_a_readable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"events: holds no file ending in parquet, csv"):
        find_files(write(tmp_path, "events/notes.txt"))


def test_folders_in_a_tables_folder_are_entered(tmp_path: Path) -> None:
    names = ("events/a.csv", "events/day=1/b.NDJSON", "events/_temporary/c.csv", "events/.trash/d.csv")
    found = find_files(write(tmp_path, *names))
    assert [file.name for file in found] == ["events/a.csv", "events/day=1/b.NDJSON"]


@pytest.mark.parametrize("name", ["EVENTS.Csv", "Events.TSV", "events.ndjson", "Events.JSONL.GZ", "events.tsv.gz"])
def test_the_case_of_letters_does_not_matter(tmp_path: Path, name: str) -> None:
    assert [(file.table, file.name) for file in find_files(write(tmp_path, name))] == [("events", name)]


def test_the_case_of_letters_does_not_matter_for_folders_and_definitions(tmp_path: Path) -> None:
    found = find_files(write(tmp_path, "Events/A.CSV", "Campaigns.JSON"))
    assert [file.name for file in found] == ["Events/A.CSV"]
    assert campaigns_file(tmp_path) == tmp_path / "Campaigns.JSON"


def test_names_that_differ_in_the_case_of_letters_are_given_twice(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"events is given more than once \(Events.csv, events.csv\)"):
        find_files(write(tmp_path, "events.csv", "Events.csv"))
    with pytest.raises(UnreadableInputError, match=r"holds campaigns.json more than once"):
        campaigns_file(write(tmp_path, "campaigns.json", "CAMPAIGNS.json"))


def test_a_linked_folder_of_a_table_is_read(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "a.jsonl", "more/b.csv")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "events").symlink_to(tmp_path / "elsewhere")
    assert [file.name for file in find_files(tmp_path / "export")] == ["events/a.jsonl", "events/more/b.csv"]


def test_definitions_that_are_a_pipe_are_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "campaigns.json")
    with pytest.raises(UnreadableInputError, match=r"^campaigns\.json: is not a file$"):
        campaigns_file(tmp_path)


@pytest.mark.parametrize(
    ("log", "kind"), [("_delta_log/0.json", "Delta"), ("metadata/v1.metadata.json", "Iceberg"), (".hoodie/x", "Hudi")]
)
def test_files_of_a_table_with_a_log_are_refused_because_they_hold_deleted_rows(
    tmp_path: Path, log: str, kind: str
) -> None:
    write(tmp_path, f"events/{log}", "events/data/a.parquet")
    with pytest.raises(UnreadableInputError, match=rf"data/a\.parquet: is a part of the {kind} table .*/events,"):
        find_files(tmp_path)


def test_a_file_without_extension_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"^events: has no extension"):
        find_files(write(tmp_path, "events"))


@pytest.mark.parametrize("name", ["events.csv", "events/a.jsonl"])
def test_a_directory_with_the_name_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(UnreadableInputError, match=r"^events"):
        find_files(tmp_path)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "events.csv")
    with pytest.raises(UnreadableInputError, match=r"^events\.csv: is not a file$"):
        find_files(tmp_path)


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "events.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(UnreadableInputError, match=r"^events\.csv: No such file or directory$"):
        find_files(tmp_path)


def test_a_file_that_goes_away_after_it_was_found_is_named(tmp_path: Path) -> None:
    (file,) = find_files(write(tmp_path, "events.jsonl"))
    file.path.unlink()
    with pytest.raises(UnreadableInputError, match=r"^events\.jsonl: No such file or directory$"):
        read_file(file)


def test_a_file_name_that_is_not_unicode_can_still_be_reported(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    content = jsonl_of([{**EVENT, "occurred_at": "never"}])
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/events/caf\xe9.jsonl")).write_text(content)
    (file,) = find_files(tmp_path)
    assert read_file(file).rejected["file"].to_list() == ["events/caf\N{REPLACEMENT CHARACTER}.jsonl"]
