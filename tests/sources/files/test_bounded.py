"""No line is endless, and nothing unpacks to many times what it is."""

import gzip
import io
import json
import zlib
from pathlib import Path

import pytest
from source_files import EVENT, read_bytes, read_text, reasons

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.braze.exports import find_readings as find_braze
from analytics_core.sources.files import bounded
from analytics_core.sources.files.bounded import BoundedBytes
from analytics_core.sources.moengage.exports import find_readings as find_moengage
from analytics_core.sources.rows.batches import convert_batch

LINES = [b"a" * 10, b"b" * 11, b"", b"c" * 500, b"\r" * 12, b"d\r", b"e" * 10]
WHOLE = b"\n".join(LINES)
CUT = b"\xff\xfe cut off"
KEPT = b"\n".join([LINES[0], b"b" * 10 + CUT, b"", b"c" * 10 + CUT, b"\r" * 10 + CUT, b"d\r", b"e" * 10])


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LONGEST_LINE", 10)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("size", [1, 2, 3, 10, 11, 12, 100, 10_000, -1, None])
def test_lines_are_cut_however_they_are_read(size: int | None) -> None:
    file = BoundedBytes(io.BytesIO(WHOLE), "x", None)
    blocks = []
    while block := file.read(size):
        blocks.append(block)
    assert b"".join(blocks) == KEPT
    assert b"".join(BoundedBytes(io.BytesIO(WHOLE), "x", None)) == KEPT


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("size", range(1, 40))
def test_a_block_and_the_rest_of_its_line_are_whole_lines(size: int) -> None:
    file = BoundedBytes(io.BytesIO(WHOLE), "x", None)
    blocks = []
    while block := file.read(size) + file.readline():
        blocks.append(block)
    assert b"".join(blocks) == KEPT


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_a_line_that_is_too_long_is_kept_aside_and_others_count(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "LONGEST_LINE", 1_000)
    lines = [json.dumps({**EVENT, "event_id": f"e{number}"}) for number in range(3)]
    lines[1] = lines[1][:-1] + f', "attributes": {{"text": "{"x" * 5_000}"}}}}'
    content = "\n".join(lines).encode()
    extract = read_bytes(gzip.compress(content) if name.endswith(".gz") else content, tmp_path, name)
    assert extract.rows["event_id"].to_list() == ["e0", "e2"]
    assert reasons(extract) == {2: "the line is longer than 64 MiB"}


def test_a_line_of_a_table_that_is_too_long_is_kept_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LONGEST_LINE", 1_000)
    header, row = ",".join(EVENT), ",".join(EVENT.values())
    extract = read_text(f"{header}\n{row}\n{row}{'x' * 5_000}\n{row}\n", tmp_path, "events.csv")
    assert extract.rows.height == 2
    assert reasons(extract) == {3: "the line is longer than 64 MiB"}


@pytest.mark.parametrize("find", [find_braze, find_moengage])
def test_a_document_that_is_too_long_is_kept_aside(
    find: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "LONGEST_LINE", 1_000)
    (tmp_path / "a.jsonl").write_text(json.dumps({"event_type": "x" * 5_000}) + "\n")
    (reading,) = find([tmp_path])  # type: ignore[operator]  # either of two functions
    settled = [convert_batch(table, batch, reading.name) for table, batch in reading.batches()]
    assert [each.rejected["reason"].to_list() for each in settled] == [["the line is longer than 64 MiB"]]


@pytest.mark.parametrize("name", ["events.csv.gz", "events.jsonl.gz"])
def test_what_unpacks_to_many_times_its_size_is_refused(name: str, tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    content = b"".join(packer.compress(b"x" * 1_000_000) for _ in range(80)) + packer.flush()
    with pytest.raises(UnreadableInputError, match=rf"^{name}: unpacks to more than 200 times its size, .* unpack it"):
        read_bytes(content, tmp_path, name)


def test_what_stays_small_may_be_packed_well(tmp_path: Path) -> None:
    content = gzip.compress(b"\n" * 1_000_000, 9)
    assert read_bytes(content, tmp_path, "events.jsonl.gz").read == 0
