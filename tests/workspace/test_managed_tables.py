"""Delta and Iceberg tables used in place: read by their logs, never by the files that still hold deleted rows."""

import json
import struct
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from canonical_files import write_export
from deltalake import DeltaTable

from analytics_core.domain.errors import UnreadableInputError, WorkspaceError
from analytics_core.sources.files.iceberg_tables import find_metadata
from analytics_core.store.settings import SETTINGS_FILE
from analytics_core.workspace import Workspace, create_workspace
from commands import Run

USERS = ["ada", "lee", "mia", "zoe"]
BASE_85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
MAGIC = 1681511377
NEEDS_PYICEBERG = pytest.mark.skipif(
    find_spec("pyiceberg") is None, reason="pyiceberg is not installed; it makes and reads the table of this test"
)


def deliveries() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "campaign_id": ["spring"] * 4,
            "instance_id": ["1"] * 4,
            "user_id": USERS,
            "occurred_at": [datetime(2026, 3, 2, 14, tzinfo=UTC)] * 4,
            "outcome": ["requested"] * 4,
            "request_id": ["r1", "r2", "r3", "r4"],
            "response_code": pl.Series([200] * 4, dtype=pl.Int32),
        }
    )


def using(directory: Path, place: Path) -> Workspace:
    """A workspace that uses deliveries in place."""
    settings = create_workspace(directory).directory / SETTINGS_FILE
    settings.write_text(f"{settings.read_text()}deliveries = {json.dumps(str(place))}\n")
    Workspace(directory).import_canonical(write_export(directory.parent / f"{directory.name} book"))
    return Workspace(directory)


def sent(workspace: Workspace) -> int:
    return workspace.snapshot("spring").performance.sent.total


def delta_table(place: Path) -> Path:
    """Four rows, of which two were deleted: their file stays until it is vacuumed."""
    deliveries().write_delta(str(place))
    DeltaTable(str(place)).delete("user_id in ('lee', 'mia')")
    return place


def write_layout_of_iceberg(place: Path) -> Path:
    """The files of an Iceberg table, as far as it can be told by them."""
    for folder in ("data", "metadata"):
        (place / folder).mkdir(parents=True)
    deliveries().write_parquet(place / "data" / "0.parquet")
    (place / "metadata" / "v1.metadata.json").write_text("{}")
    return place


def vector_of(*rows: int) -> dict[str, object]:
    """A deletion vector inside the log: a bitmap of 64 bits that holds one of 32 bits, in base 85."""
    bitmap = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + struct.pack(f"<{len(rows)}H", *rows)
    raw = struct.pack("<iQI", MAGIC, 1, 0) + bitmap
    text = ""
    for (number,) in struct.iter_unpack(">I", raw + bytes(-len(raw) % 4)):
        text += "".join(BASE_85[number // 85**place % 85] for place in range(4, -1, -1))
    return {"storageType": "i", "pathOrInlineDv": text, "sizeInBytes": len(raw), "cardinality": len(rows)}


def test_rows_that_a_deletion_vector_names_do_not_count(tmp_path: Path) -> None:
    place = tmp_path / "outside"
    deliveries().write_delta(str(place))
    (file,) = place.glob("*.parquet")
    log = place / "_delta_log"
    lines = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
    (metadata,) = (line["metaData"] for line in lines if "metaData" in line)
    of_file = {"path": file.name, "partitionValues": {}, "size": file.stat().st_size, "dataChange": True}
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    actions = [
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **features}},
        {"metaData": {**metadata, "configuration": {"delta.enableDeletionVectors": "true"}}},
        {"remove": {**of_file, "deletionTimestamp": 1, "extendedFileMetadata": True}},
        {"add": {**of_file, "modificationTime": 1, "stats": '{"numRecords": 4}', "deletionVector": vector_of(1, 2)}},
    ]
    (log / f"{1:020}.json").write_text("".join(f"{json.dumps(action)}\n" for action in actions))
    workspace = using(tmp_path / "shop", place)
    assert sent(workspace) == 2
    assert workspace.tables().deliveries.collect()["user_id"].sort().to_list() == ["ada", "zoe"]


@pytest.mark.parametrize("pattern", ["", "table", "table/*.parquet", "**/*.parquet", "tab*/part-*"])
def test_files_of_a_delta_table_do_not_count_without_its_log(pattern: str, tmp_path: Path) -> None:
    delta_table(tmp_path / "outside" / "table")
    workspace = using(tmp_path / "shop", tmp_path / "outside" / pattern)
    if pattern == "table":
        assert sent(workspace) == 2
        return
    with pytest.raises(WorkspaceError, match=r"leads to files of the Delta table .*outside/table, which .* deleted"):
        workspace.tables()


@pytest.mark.parametrize("pattern", ["", "table/data", "table/data/*.parquet", "**/*.parquet", "table/data/0.parquet"])
def test_files_of_an_iceberg_table_do_not_count_without_its_metadata(pattern: str, tmp_path: Path) -> None:
    write_layout_of_iceberg(tmp_path / "outside" / "table")
    workspace = using(tmp_path / "shop", tmp_path / "outside" / pattern)
    with pytest.raises(WorkspaceError, match=r"leads to files of the Iceberg table .*outside/table, which .* deleted"):
        workspace.tables()


def test_a_link_to_a_file_of_a_managed_table_is_refused_too(tmp_path: Path) -> None:
    delta_table(tmp_path / "elsewhere" / "table")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "linked").symlink_to(tmp_path / "elsewhere")
    workspace = using(tmp_path / "shop", tmp_path / "outside")
    with pytest.raises(WorkspaceError, match=r"leads to files of the Delta table .*outside/linked/table"):
        workspace.tables()


def test_linked_folders_are_entered_and_what_is_no_file_is_not_overlooked(tmp_path: Path) -> None:
    for folder in ("outside", "elsewhere"):
        (tmp_path / folder).mkdir()
    deliveries()[:1].write_parquet(tmp_path / "outside" / "a.parquet")
    deliveries()[1:].write_parquet(tmp_path / "elsewhere" / "b.PARQUET")
    (tmp_path / "outside" / "linked").symlink_to(tmp_path / "elsewhere")
    workspace = using(tmp_path / "shop", tmp_path / "outside")
    assert sent(workspace) == 4
    (tmp_path / "outside" / "c.parquet").symlink_to("nowhere")
    with pytest.raises(WorkspaceError, match=r"deliveries: c\.parquet: is a link to nothing$"):
        Workspace(workspace.directory).tables()


@pytest.mark.skipif(find_spec("pyiceberg") is not None, reason="pyiceberg is installed; this is about its absence")
def test_an_iceberg_table_says_what_it_needs(tmp_path: Path) -> None:
    workspace = using(tmp_path / "shop", write_layout_of_iceberg(tmp_path / "table"))
    with pytest.raises(WorkspaceError, match=r"deliveries: is an Iceberg table; .*'connector-analytics\[iceberg\]'$"):
        workspace.tables()


@NEEDS_PYICEBERG
def test_an_iceberg_table_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    workspace = using(tmp_path / "shop", write_layout_of_iceberg(tmp_path / "table"))
    with pytest.raises(WorkspaceError, match=r"deliveries: is not a readable Iceberg table"):
        workspace.tables()


@NEEDS_PYICEBERG
def test_an_iceberg_table_is_read_without_its_deleted_rows_and_followed(
    tmp_path: Path, run: Run, request: pytest.FixtureRequest
) -> None:
    from pyiceberg.catalog.sql import SqlCatalog  # noqa: PLC0415 - installed by few

    catalog = SqlCatalog("made", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/warehouse")
    request.addfinalizer(catalog.close)
    catalog.create_namespace("own")
    rows = deliveries().to_arrow()
    table = catalog.create_table("own.deliveries", schema=rows.schema)
    table.append(rows)
    table.delete("user_id in ('lee', 'mia')")
    place = tmp_path / "warehouse" / "own" / "deliveries"
    workspace = using(tmp_path / "shop", place)
    assert sent(workspace) == 2
    later = [pl.lit("r5").alias("request_id"), pl.lit("kim").alias("user_id")]
    table.append(deliveries()[:1].with_columns(later).to_arrow())
    assert sent(Workspace(workspace.directory)) == 3
    code, out, _ = run("imports", "-w", workspace.directory)
    assert (code, "Imports" in out) == (0, True)
    earlier = sorted((place / "metadata").glob("*.metadata.json"))[2]
    settings = workspace.directory / SETTINGS_FILE
    settings.write_text(settings.read_text().replace(str(place), str(earlier)))
    assert sent(Workspace(workspace.directory)) == 2


def make_metadata(directory: Path, *names: str, hint: str | None = None) -> Path:
    (directory / "metadata").mkdir(exist_ok=True)
    for name in names:
        (directory / "metadata" / name).write_text("{}")
    if hint is not None:
        (directory / "metadata" / "version-hint.text").write_text(hint)
    return directory


@pytest.mark.parametrize(
    ("names", "hint", "newest"),
    [
        (("00001-a.metadata.json", "00010-b.metadata.json", "00009-c.metadata.json"), None, "00010-b.metadata.json"),
        (("v9.metadata.json", "v10.metadata.json"), None, "v10.metadata.json"),
        (("v1.metadata.json", "v2.metadata.json", "v4.metadata.json"), "1\n", "v2.metadata.json"),
        (("v1.metadata.json", "v2.gz.metadata.json"), "7", "v2.gz.metadata.json"),
        (("00001-a.metadata.json", "00002-b.metadata.json"), "00001-a.metadata.json", "00002-b.metadata.json"),
        (("00001-a.metadata.json",), "nonsense", "00001-a.metadata.json"),
        (("v1.metadata.json", "snap-1.avro", "notes.metadata.json"), None, "v1.metadata.json"),
    ],
)
def test_the_present_version_is_the_hints_or_a_later_one_else_the_newest(
    names: tuple[str, ...], hint: str | None, newest: str, tmp_path: Path
) -> None:
    assert find_metadata(make_metadata(tmp_path, *names, hint=hint)).name == newest


def test_of_two_files_of_one_version_none_is_guessed(tmp_path: Path) -> None:
    made = make_metadata(tmp_path, "00002-a.metadata.json", "00002-b.metadata.json")
    with pytest.raises(UnreadableInputError, match=r"has version 2 twice; .*: 00002-a\.metadata\.json, 00002-b"):
        find_metadata(made)
    with pytest.raises(UnreadableInputError, match="says by its name which version it is"):
        find_metadata(make_metadata(tmp_path / "metadata", "odd.metadata.json"))
