"""How far an import is: it never falls, and it ends at 1, whatever is read."""

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from canonical_files import delivery, event, write_export, write_rows
from currents_files import CUSTOM_EVENT, RETRY, SEND, currents, happened, http_event, json_lines, message
from customerio_files import delivery as webhook
from customerio_files import metric, write_table
from source_files import write_all_formats

from analytics_core.sources import event_files
from analytics_core.sources.customerio import exports as customerio
from analytics_core.sources.files import csv_files, files, jsonl_records, parquet_records
from analytics_core.workspace import Workspace, create_workspace
from analytics_core.workspace.dry_run import preview_table
from seeding import some

# Ids that cannot be compressed, so that compressed files are of some length too.
IDS = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(3_000)]
EVENTS = [event(f"user-{number}", number % 60, event_id=event_id) for number, event_id in enumerate(IDS)]
DONE = [happened(number, f"user-{number}", name="Seen") for number in range(3_000)]
POSTED = [http_event(CUSTOM_EVENT, fields) for fields in DONE]
MAPPING = """
table = "events"
[columns]
event_id = "event_id"
user_id = "user_id"
event_name = "event_name"
occurred_at = "occurred_at"
"""
Take = Callable[[Workspace, Path, Callable[[str, int, float], None]], object]


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _canonical(extension: str) -> Take:
    def take(workspace: Workspace, directory: Path, tell: Callable[[str, int, float], None]) -> object:
        return workspace.import_canonical(write_all_formats(EVENTS, "events", directory)[extension], tell)

    return take


def _mixed(workspace: Workspace, directory: Path, tell: Callable[[str, int, float], None]) -> object:
    made = write_all_formats(EVENTS, "events", directory / "made")
    for extension in made:
        folder = directory / "all" / "events"
        folder.mkdir(parents=True, exist_ok=True)
        (made[extension] / f"events.{extension}").rename(folder / f"{extension}.{extension}")
    return workspace.import_canonical(directory / "all", tell)


def _vendor(vendor: str, write: Callable[[Path], object]) -> Take:
    def take(workspace: Workspace, directory: Path, tell: Callable[[str, int, float], None]) -> object:
        write(directory / "export")
        return workspace.import_export(vendor, [directory / "export"], tell)

    return take


def _mapped(extension: str) -> Take:
    def take(workspace: Workspace, directory: Path, tell: Callable[[str, int, float], None]) -> object:
        written = write_all_formats(EVENTS, "events", directory)[extension]
        mapping = _written(directory / "mapping.toml", MAPPING)
        preview = preview_table(mapping, [written], told := _Told())
        assert preview.read == 3_000
        told.is_honest()
        return workspace.import_table(mapping, [written], tell)

    return take


def _customerio(folder: Path) -> None:
    write_table(folder, "deliveries", [webhook(f"d{number}", f"p{number}", f"s{number}") for number in range(500)])
    tried = [metric(f"m{number}", f"d{number % 500}", "attempted", "10:00:00") for number in range(3_000)]
    write_table(folder, "metrics", tried)


def _avro(folder: Path) -> None:
    currents(folder, CUSTOM_EVENT, DONE)
    currents(folder, RETRY, [message(number, f"user-{number}") for number in range(1_000)])
    currents(folder, SEND, [message(number, f"user-{number}") for number in range(1_000)])


def _moengage(folder: Path) -> None:
    said = {"event_name": "Seen", "event_type": "USER_ACTION_EVENT", "event_time": 1_772_445_600}
    json_lines(folder / "a.json", ({"event": {**said, "event_uuid": f"e{n}", "uid": f"u{n}"}} for n in range(3_000)))


WAYS: Mapping[str, Take] = {
    **{f"canonical {extension}": _canonical(extension) for extension in files.EXTENSIONS},
    "canonical, mixed formats": _mixed,
    "braze avro": _vendor("braze", _avro),
    "braze lines": _vendor("braze", lambda folder: json_lines(folder / "a.jsonl", POSTED)),
    "braze compressed lines": _vendor("braze", lambda folder: json_lines(folder / "a.jsonl.gz", POSTED)),
    "braze document": _vendor("braze", lambda folder: _written(folder / "a.json", json.dumps(POSTED))),
    "braze lines called a document": _vendor("braze", lambda folder: json_lines(folder / "a.json", POSTED)),
    "moengage": _vendor("moengage", _moengage),
    "customerio": _vendor("customerio", _customerio),
    **{f"mapped {extension}": _mapped(extension) for extension in files.EXTENSIONS},
}


class _Told:
    """Hears how far an import is."""

    def __init__(self) -> None:
        self.rows = 0
        self.shares: list[float] = []

    def __call__(self, _name: str, rows: int, share: float) -> None:
        self.rows += rows
        self.shares.append(share)

    def is_honest(self) -> None:
        assert self.shares == sorted(self.shares)
        assert (self.shares[0], self.shares[-1]) == (0, 1)
        between = {share for share in self.shares if 0 < share < 1}
        assert len(between) >= 5
        # What was read all at once may not be told as if it took no time.
        steps = [after - before for before, after in zip(self.shares, self.shares[1:], strict=False)]
        assert max(steps) < 0.5


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, size in (
        (csv_files, "_BLOCK", 20_000),
        (jsonl_records, "_FIRST_STRETCH", 20_000),
        (jsonl_records, "_STRETCH", 20_000),
        (parquet_records, "_ROWS", 300),
        (parquet_records, "_STRETCH", 1_000),
        (event_files, "_ROWS", 300),
        (customerio, "_ROWS", 300),
    ):
        monkeypatch.setattr(module, name, size)
    # From Python 3.12 on a compressed file is read 128 KiB at a time, which is the whole of these.
    monkeypatch.setattr(gzip, "READ_BUFFER_SIZE", 2_048, raising=False)


@pytest.mark.parametrize("way", some(len(WAYS) // 4, [way for first in range(4) for way in list(WAYS)[first::4]]))
def test_the_share_never_falls_and_ends_at_one(way: str, tmp_path: Path) -> None:
    told = _Told()
    WAYS[way](create_workspace(tmp_path / "workspace"), tmp_path / "in", told)
    assert told.rows >= 1_000
    told.is_honest()


def test_files_that_are_known_count_as_read_from_the_start(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace")
    export = write_export(tmp_path / "in")
    (first,) = _parts(export, EVENTS[:1_500], names="a")
    workspace.import_canonical(export)
    second, again = _parts(export, EVENTS[1_500:], names="bc")
    told = _Told()
    workspace.import_canonical(export, told)
    whole = first + second + again
    assert told.shares[0] == pytest.approx((first + again) / whole)
    assert told.shares == sorted(told.shares)
    assert told.shares[-1] == 1
    everything = _Told()
    workspace.import_canonical(export, everything)
    assert everything.shares == [1]


def test_an_import_of_empty_files_is_done(tmp_path: Path) -> None:
    export = write_export(tmp_path / "in", events=[], deliveries=[])
    told = _Told()
    create_workspace(tmp_path / "workspace").import_canonical(export, told)
    assert set(told.shares) == {1}


def test_what_is_read_before_an_error_is_no_end(tmp_path: Path) -> None:
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 0)])
    (export / "events.parquet").write_bytes(b"PAR1 this is no parquet PAR1")
    told = _Told()
    with pytest.raises(Exception, match=r"events\.parquet"):
        create_workspace(tmp_path / "workspace").import_canonical(export, told)
    assert told.shares[-1] < 1


def _parts(export: Path, rows: Sequence[Mapping[str, object]], names: str) -> list[int]:
    """The same rows in a file each of these names, and the size of each file."""
    return [write_rows(export / "events" / f"{name}.jsonl", rows).stat().st_size for name in names]
