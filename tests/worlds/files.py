"""Canonical input files of a world, each table in some files of one folder, with times in many spellings."""

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from analytics_core.tables.canonical import schema_of
from worlds.frames import canonical_frame

Row = dict[str, Any]
FAR_EAST = timezone(timedelta(hours=5, minutes=30))


def write_world(campaigns_text: str, rows: dict[str, list[Row]], directory: Path, *, fmt: str, parts: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "campaigns.json").write_text(campaigns_text, encoding="utf-8")
    for table, found in rows.items():
        if found:
            write_table(directory / table, found, fmt=fmt, parts=parts)


def write_table(folder: Path, rows: list[Row], *, fmt: str, parts: int) -> None:
    """The rows of the table `folder` is named after, in `parts` files whose names sort in row order."""
    folder.mkdir()
    size = -(-len(rows) // parts)
    for part in range(parts):
        WRITERS[fmt](folder / f"part-{part:02d}.{fmt}", folder.name, rows[part * size : (part + 1) * size])


def write_jsonl(path: Path, table: str, rows: list[Row]) -> None:
    path.write_text("".join(json_line(table, row, n) + "\n" for n, row in enumerate(rows)), encoding="utf-8")


def json_line(table: str, row: Row, position: int) -> str:
    """One row; attributes are pasted in as they are, so that every spelling of a number survives."""
    fields = []
    for name in schema_of(table):
        value = row.get(name)
        if value is None:
            continue
        text = spaced(value) if name == "attributes" else json.dumps(json_value(value, position), ensure_ascii=False)
        fields.append(f"{json.dumps(name)}: {text}")
    return "{" + ", ".join(fields) + "}"


def json_value(value: object, position: int) -> object:
    return spelled(value, position) if isinstance(value, datetime) else value


def spelled(moment: datetime, position: int) -> str | int:
    """The same instant, spelled in one of the ways an export may choose."""
    if position % 4 == 0 and moment.microsecond == 0:
        return int(moment.timestamp())
    if position % 4 == 1:
        return moment.astimezone(FAR_EAST).isoformat()
    return moment.isoformat().replace("+00:00", "Z") if position % 4 == 2 else moment.isoformat()


def write_csv(path: Path, table: str, rows: list[Row]) -> None:
    names = list(schema_of(table))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        found = enumerate(with_spaced_attributes(rows))
        writer.writerows([csv_value(row.get(name), n) for name in names] for n, row in found)


def csv_value(value: object, position: int) -> str:
    if isinstance(value, datetime):
        return str(spelled(value, position))
    if isinstance(value, list):
        return "|".join(f"{error['category']}:{error['attribute'] or ''}" for error in value)
    return "" if value is None else str(value)


def spaced(attributes: str) -> str:
    """The same object with a blank that compact JSON does not have."""
    return attributes.replace("{", "{ ", 1)


def with_spaced_attributes(rows: list[Row]) -> list[Row]:
    return [row | {"attributes": spaced(row["attributes"])} if row.get("attributes") else row for row in rows]


def write_parquet(path: Path, table: str, rows: list[Row]) -> None:
    canonical_frame(table, with_spaced_attributes(rows)).write_parquet(path)


WRITERS: dict[str, Callable[[Path, str, list[Row]], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
}
