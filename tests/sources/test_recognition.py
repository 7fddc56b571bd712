"""Which importer's rows a file looks like, and what the errors of the others say of it."""

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from currents_files import SEND, frame_of, http_event, message

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.recognition import recognise_importer, recognise_table
from analytics_core.workspace import create_workspace

SENT = http_event(SEND, message(1, "ann"))
SEEN = {"event_name": "Seen", "event_code": "Seen", "event_uuid": "e1", "uid": "ann"}
DELIVERY = "campaign_id,instance_id,user_id,occurred_at,outcome"
METRIC = ["event_id", "delivery_id", "metric", "created_at"]


@pytest.mark.parametrize(
    ("name", "content", "importer"),
    [
        ("a.jsonl", json.dumps(SENT), "braze"),
        ("a.json", json.dumps([{"events": [[SENT]]}], indent=1), "braze"),
        ("a.jsonl", json.dumps({**message(1, "ann"), "dispatch_id": "d"}), "braze"),
        ("a.json", json.dumps(SEEN, indent=1), "moengage"),
        ("a.json", "x\n" + json.dumps(SEEN), None),
        ("a.json", "{\n" + json.dumps({"export_day": "1", "event": SEEN}), "moengage"),
        ("a.json", json.dumps({"request": {}, "data": {"c": []}}), "moengage"),
        ("a.jsonl", json.dumps({"event_id": "1", "user_id": "a", "event_name": "b", "occurred_at": "c"}), "canonical"),
        ("a.csv", DELIVERY, "canonical"),
        ("a.csv", "\ufeff" + DELIVERY.replace(",", ";") + "\n1;2;3;4;5", "canonical"),
        ("a.tsv", "\t".join(f'"{name}"' for name in METRIC), "customerio"),
        ("a.csv", "a,b,c", None),
        ("a.csv", "", None),
        ("a.json", "[7, null]", None),
        ("a.json", "{", None),
    ],
)
def test_a_file_looks_like_rows_of_an_importer(name: str, content: str, importer: str | None, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content.encode())
    assert recognise_importer(tmp_path / name) == importer
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content.encode()))
    assert recognise_importer(tmp_path / f"{name}.gz") == importer


def test_typed_files_are_known_by_their_columns(tmp_path: Path) -> None:
    frame_of(SEND, [message(1, "ann")]).write_avro(tmp_path / "a.avro")
    pl.DataFrame({name: ["x"] for name in METRIC}).write_parquet(tmp_path / "a.parquet")
    assert recognise_importer(tmp_path / "a.avro") == "braze"
    assert recognise_importer(tmp_path / "a.parquet") == "customerio"


@pytest.mark.parametrize("content", [b"Obj\x01", b"PAR1", b"\x1f\x8b", b"\xff\xfe\x00", b"{" * 300_000])
def test_a_damaged_file_could_be_anything(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    assert recognise_importer(tmp_path / "a") is None
    assert recognise_importer(tmp_path / "nowhere") is None


def test_records_and_columns_are_known_without_a_file() -> None:
    assert recognise_importer([SENT]) == "braze"
    assert recognise_importer([{}, SEEN]) == "moengage"
    assert recognise_importer([DELIVERY.split(",")]) == "canonical"
    assert recognise_importer([7, None, "x", []]) is None
    assert (recognise_table(DELIVERY.split(",")), recognise_table(["user_id"])) == ("deliveries", None)


@pytest.mark.parametrize(
    ("importer", "name", "content", "said"),
    [
        ("customerio", "a.jsonl", json.dumps(SENT), "a.jsonl looks like rows of `import braze`"),
        ("braze", "deliveries.csv", DELIVERY, "deliveries.csv looks like rows of `import canonical`"),
        ("moengage", "deliveries.csv", DELIVERY, "deliveries.csv looks like rows of `import canonical`"),
        ("canonical", "a.jsonl", json.dumps(SENT), "a.jsonl looks like rows of `import braze`"),
        (
            "canonical",
            "deliveries.csv",
            ",".join(METRIC) + "\n",
            "deliveries.csv looks like rows of `import customerio`",
        ),
    ],
)
def test_an_importer_that_reads_nothing_says_which_one_would(
    importer: str, name: str, content: str, said: str, tmp_path: Path
) -> None:
    made = create_workspace(tmp_path / "workspace")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / name).write_text(content)
    take_in: Any = made.import_canonical if importer == "canonical" else partial(made.import_export, importer)
    with pytest.raises(UnreadableInputError, match=said):
        take_in(tmp_path / "export" if importer == "canonical" else [tmp_path / "export"])
