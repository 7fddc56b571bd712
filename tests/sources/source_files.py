"""Small canonical files in every format, and both ways of reading them."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from analytics_core.sources.canonical import _READERS, reading_of
from analytics_core.sources.files.files import SourceFile, extension_of
from analytics_core.sources.finding.canonical_files import find_files
from analytics_core.sources.rows.batches import REJECTED, convert_batch
from analytics_core.sources.rows.columns import UnknownNames
from analytics_core.tables.canonical import schema_of

Row = Mapping[str, object]

EVENT = {"event_id": "e1", "user_id": "u1", "event_name": "Seen", "occurred_at": "2026-03-01T09:00:00Z"}
DELIVERY = {
    "campaign_id": "spring-sale",
    "instance_id": "i1",
    "user_id": "u1",
    "occurred_at": "2026-03-01T09:00:00Z",
    "outcome": "requested",
}
IDENTITY = {"user_id": "u1", "merged_into": "u2"}
INSTANCE = {"campaign_id": "spring-sale", "instance_id": "i1"}


@dataclass(frozen=True)
class Json:
    """JSON text that stands in a row as it is."""

    text: str


@dataclass(frozen=True)
class Extract:
    """All of one file: its good rows, the rejected ones, how many both are, and the names that are not read."""

    rows: pl.DataFrame
    rejected: pl.DataFrame
    read: int
    unknown_columns: tuple[str, ...]


def read_file(source: SourceFile) -> Extract:
    reading = reading_of(source)
    settled = [convert_batch(table, batch, source.name) for table, batch in reading.batches()]
    rows = pl.concat([schema_of(source.table).to_frame(), *(part.rows for part in settled)])
    rejected = pl.concat([REJECTED.to_frame(), *(part.rejected for part in settled)])
    return Extract(rows, rejected, rows.height + rejected.height, reading.unknown_columns[source.table])


def read_bytes(content: bytes, directory: Path, name: str = "events.jsonl") -> Extract:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(content)
    return read_only_file(directory)


def read_text(content: str, directory: Path, name: str = "events.jsonl") -> Extract:
    return read_bytes(content.encode(), directory, name)


def read_only_file(directory: Path) -> Extract:
    (source,) = find_files(directory)
    extract = read_file(source)
    assert extract.read == extract.rows.height + extract.rejected.height
    assert extract.rows.schema == schema_of(source.table)
    assert extract.rejected.schema == REJECTED
    return extract


def read_record_by_record(source: SourceFile) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows and the rejected rows when nothing is read column-wise."""
    batches = _READERS[extension_of(source.name) or ""](source, UnknownNames(source.table))
    distrusted = (replace(batch, exact=pl.repeat(value=False, n=len(batch.numbers), eager=True)) for batch in batches)
    settled = [convert_batch(source.table, batch, source.name) for batch in distrusted]
    rows = [schema_of(source.table).to_frame(), *(part.rows for part in settled)]
    return pl.concat(rows), pl.concat([REJECTED.to_frame(), *(part.rejected for part in settled)])


def reasons(extract: Extract) -> dict[int, str]:
    """Reason by row number."""
    return dict(extract.rejected.select("row", "reason").iter_rows())


def json_text(value: object) -> str:
    return value.text if isinstance(value, Json) else json.dumps(value, ensure_ascii=False)


def jsonl_of(rows: Sequence[Row]) -> str:
    lines = (", ".join(f"{json.dumps(name)}: {json_text(value)}" for name, value in row.items()) for row in rows)
    return "".join(f"{{{line}}}\n" for line in lines)


def csv_of(rows: Sequence[Row], names: Sequence[str], delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(names)
    writer.writerows([csv_cell(row.get(name)) for name in names] for row in rows)
    return file.getvalue()


def csv_cell(value: object) -> str:
    if isinstance(value, Json):
        return value.text
    if isinstance(value, list):
        return "|".join(f"{item['category']}:{item['attribute'] or ''}" for item in value)
    return "" if value is None else str(value)


def write_all_formats(rows: Sequence[Row], table: str, directory: Path) -> dict[str, Path]:
    """The same rows in every format, all cells as text where a format allows it; the directory of each file."""
    names = list(schema_of(table))
    # The same bytes twice would be one file.
    texts = {"jsonl": jsonl_of(rows), "ndjson": jsonl_of(rows).replace("\n", "\r\n")}
    texts |= {"csv": csv_of(rows, names), "tsv": csv_of(rows, names, "\t")}
    made = {}
    for kind, text in texts.items():
        for extension, content in ((kind, text.encode()), (f"{kind}.gz", gzip.compress(text.encode(), 1))):
            made[extension] = directory / extension
            made[extension].mkdir(parents=True)
            (made[extension] / f"{table}.{extension}").write_bytes(content)
    made["parquet"] = directory / "parquet"
    made["parquet"].mkdir()
    parquet_of(rows, table).write_parquet(made["parquet"] / f"{table}.parquet")
    return made


def parquet_of(rows: Sequence[Row], table: str) -> pl.DataFrame:
    schema = {name: dtype if isinstance(dtype, pl.List) else pl.String for name, dtype in schema_of(table).items()}
    cells = [{name: parquet_cell(row.get(name)) for name in schema} for row in rows]
    return pl.DataFrame(cells, schema=schema)


def parquet_cell(value: object) -> object:
    if isinstance(value, Json):
        return value.text
    return value if value is None or isinstance(value, list) else str(value)
