"""Whatever lies in a directory, each importer reads it or names it."""

import gzip
import io
import json
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from avro_files import avro_file, text_in_avro

from analytics_core.domain.settings import App
from analytics_core.sources.finding.canonical_files import campaigns_file, find_files
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.vendors import VENDORS
from analytics_core.workspace import ImportSummary, Workspace, create_workspace
from commands import Run

MAPPING = 'table = "events"\ncolumns = {event_id = "event_id", user_id = "user_id", event_name = "event_name", '
MAPPING += 'occurred_at = "occurred_at"}\n'
ROW = {"event_id": "e1", "user_id": "ann", "event_name": "Order", "occurred_at": "2026-04-01T10:00:00+00:00"}
PERSON = {"internal_customer_id": "i1", "customer_id": "ann", "updated_at": 1775037600}
STEMS = (
    "events",
    "a b",
    "日本",
    "x\x1b[31m",
    "line\nbreak",
    "People_v4_1_1",
    "people",
    "_started",
    ".hidden",
    "o'clock;",
)
FOLDERS = ("Events", "Events/day=1", "people", "deep/deeper/deepest", ".cache", "_temporary", "event_type=users.A.B/x")
FOREIGN = ("txt", "tar.gz", "pdf", "xls", "7z", "csv.zst", "jsonl.bz2", "docx", "CSV~", "orc", "bak", "", "crc")


def parquet_bytes(number: int) -> bytes:
    file = io.BytesIO()
    pl.DataFrame([{**ROW, **PERSON, "event_id": f"e{number}", "internal_customer_id": f"i{number}"}]).write_parquet(
        file
    )
    return file.getvalue()


def lines(number: int) -> bytes:
    return json.dumps({**ROW, "event_id": f"e{number}", "event_type": "users.sessions.Start"}).encode() + b"\n"


def array(number: int) -> bytes:
    return b"[" + lines(number) + b"]"


def fields(divider: str) -> Callable[[int], bytes]:
    def made(number: int) -> bytes:
        row = {**ROW, "event_id": f"e{number}"}
        return f"{divider.join(row)}\n{divider.join(row.values())}\n".encode()

    return made


TEXTS = {"csv": fields(","), "tsv": fields("\t"), "jsonl": lines, "ndjson": lines, "json": array}


def zip_bytes(number: int) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("inside.csv", fields(",")(number))
    return file.getvalue()


FORMS: Mapping[str, Callable[[int], bytes]] = {
    **TEXTS,
    **{f"{form}.gz": lambda number, made=made: gzip.compress(made(number)) for form, made in TEXTS.items()},
    "parquet": parquet_bytes,
    "zip": zip_bytes,
    "avro": lambda number: avro_file("users.A.B", {"id": ("string", text_in_avro(f"{number}"))}),
}
MAY_BE_EMPTY = [form for form in FORMS if form not in {"parquet", "avro", "zip"} and "json" not in form.split(".")]


class Heap:
    """A directory of all kinds of files, and what their names are."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.directory, self.names = directory, set[str]()
        self._chance, self._number = random.Random(seed), 0
        directory.mkdir()

    def grow(self, size: int) -> None:
        self.put("Campaigns.JSON", b"[]")
        self.put("Events/first.NDJSON", lines(0))
        self.put("PEOPLE_V4_1_1.Parquet", parquet_bytes(0))
        self.put("event_type=users.A.B/1.avro", FORMS["avro"](0))
        self.link_folders()
        while len(self.names) < size:
            self._number += 1
            name = f"{self._chance.choice(STEMS)}{self._number}.{self._extension()}"
            place = self._chance.choice(("", *(f"{folder}/" for folder in FOLDERS))) + name
            match self._chance.randrange(12):
                case 0:
                    self._name(place).symlink_to("nowhere")
                case 1:
                    os.mkfifo(self._name(place))
                case 2:
                    self._name(f"{place}.jsonl").symlink_to(self.directory / "Events/first.NDJSON")
                case 3:
                    self.put(f"empty{self._number}.{self._chance.choice(MAY_BE_EMPTY)}", b"")
                case _:
                    self.put(place, self._content(place))

    def link_folders(self) -> None:
        """Folders elsewhere, of which the files are here too; and links that lead back, which are named themselves."""
        elsewhere = self.directory.parent / f"{self.directory.name} elsewhere"
        (elsewhere / "more").mkdir(parents=True)
        (self.directory / "linked").symlink_to(elsewhere)
        for number, name in enumerate(
            ("linked/a.JSONL", "linked/more/b.csv", "linked/more/people_1.parquet"), 1_000_000
        ):
            self.put(name, self._content(name, number))
        for name, target in {"back": ".", "linked/above": self.directory.parent, "linked/more/up": ".."}.items():
            (self.directory / name).symlink_to(target)
            self.names.add(f"{name}/")

    def put(self, name: str, content: bytes) -> None:
        self._name(name).write_bytes(content)

    def _name(self, name: str) -> Path:
        self.names.add(name)
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _extension(self) -> str:
        extension = self._chance.choice((*FORMS, *FOREIGN))
        return self._chance.choice((extension, extension.upper(), extension.title()))

    def _content(self, name: str, number: int = 0) -> bytes:
        lower = name.lower()
        found = [made for form, made in FORMS.items() if lower.endswith(f".{form}")]
        return found[0](number or self._number) if found else b"foreign"


def canonical(workspace: Workspace, heap: Heap) -> tuple[ImportSummary, set[Path]]:
    read = {file.path for file in find_files(heap.directory)}
    return workspace.import_canonical(heap.directory), {*read, campaigns_file(heap.directory) or Path()}


def table(workspace: Workspace, heap: Heap) -> tuple[ImportSummary, set[Path]]:
    mapping = workspace.directory / "mapping.toml"
    mapping.write_text(MAPPING)
    readings = find_readings([heap.directory], read_mapping(mapping))
    return workspace.import_table(mapping, [heap.directory]), {path for each in readings for path in each.paths}


def of_vendor(name: str) -> Callable[[Workspace, Heap], tuple[ImportSummary, set[Path]]]:
    def take_in(workspace: Workspace, heap: Heap) -> tuple[ImportSummary, set[Path]]:
        readings = VENDORS[name].readings([heap.directory])
        return workspace.import_export(name, [heap.directory]), {path for each in readings for path in each.paths}

    return take_in


WAYS = {"canonical": canonical, "table": table, **{vendor.value: of_vendor(vendor.value) for vendor in VENDORS}}


def check(way: str, size: int, tmp_path: Path) -> None:
    heap = Heap(tmp_path / "heap", seed=size)
    heap.grow(size)
    summary, read = WAYS[way](create_workspace(tmp_path / "shop", App()), heap)
    names_read = {path.relative_to(heap.directory).as_posix() for path in read}
    named = [file.name for file in summary.not_read]
    assert names_read
    assert len(named) == len(set(named))
    assert names_read.isdisjoint(named)
    assert names_read | set(named) == heap.names
    assert summary.files_read + len(named) == len(heap.names) == size


@pytest.mark.parametrize("way", WAYS)
def test_read_and_named_are_all_there_is(way: str, tmp_path: Path) -> None:
    check(way, 60, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_read_and_named_are_all_there_is_of_five_hundred_files(way: str, tmp_path: Path) -> None:
    check(way, 500, tmp_path)


def test_the_command_names_them_and_says_how_many_more_there_are(tmp_path: Path, run: Run) -> None:
    export, shop = tmp_path / "export", tmp_path / "shop"
    export.mkdir()
    (export / "events.ndjson").write_bytes(lines(1))
    (export / "events.zip").write_bytes(b"")
    (export / "deliveries.TSV").write_bytes(b"")
    run("init", shop, "--timezone", "UTC")
    arguments = ("import", "canonical", export, "-w", shop)
    said = run(*arguments)[1]
    assert "nothing in 'deliveries.TSV'\nnot read: 1 of 3 files\n  events.zip: an archive; unpack it first\n" in said
    for number in range(70):
        (export / f"{number:02}\x1b[31m\n").write_bytes(b"")
    said = run(*arguments)[1]
    assert "not read: 71 of 73 files\n  00\N{REPLACEMENT CHARACTER}[31m\n  01" in said
    assert said.endswith("  and 21 more; --json names them\n")
    found = json.loads(run(*arguments, "--json")[1])
    assert (found["files_read"], len(found["not_read"]), found["not_read_more"]) == (2, 71, 0)
    assert found["not_read"][0] == {"name": "00\x1b[31m\n", "reason": ""}
    assert found["empty_files"] == ["deliveries.TSV"]


def test_files_of_days_that_were_not_asked_for_are_named_too(tmp_path: Path, run: Run) -> None:
    export, shop = tmp_path / "export", tmp_path / "shop"
    for day in ("2026-04-01-09", "2026-05-01-09"):
        (export / f"date={day}").mkdir(parents=True)
        (export / f"date={day}" / "a.json").write_bytes(lines(1))
    (export / "notes.txt").write_bytes(b"")
    run("init", shop, "--timezone", "UTC")
    code, out, _ = run("import", "braze", export, "--since", "2026-04-20", "-w", shop, "--json")
    assert code == 0
    assert json.loads(out)["files_read"] == 1
    assert json.loads(out)["not_read"] == [
        {"name": "date=2026-04-01-09/a.json", "reason": "of other days"},
        {"name": "notes.txt", "reason": ""},
    ]


def test_what_a_workspace_keeps_is_no_export(tmp_path: Path, run: Run) -> None:
    """Whoever has exports beside the workspace's own files, or names it twice, imports no log and no rejected row."""
    shop = tmp_path / "shop"
    run("init", shop, "--timezone", "UTC")
    (shop / "bad.jsonl").write_bytes(lines(1) + b"{}\n")
    for _ in range(2):
        _, out, _ = run("import", "braze", shop, "-w", shop, "--json")
        assert (json.loads(out)["files_read"], json.loads(out)["tables"]["events"]["rejected"]) == (1, 1)
    named = {each["name"]: each["reason"] for each in json.loads(out)["not_read"]}
    assert named == {
        "campaigns.db": "",
        "rejected/": "a part of a workspace",
        "tables/": "a part of a workspace",
        "workspace.toml": "",
    }
