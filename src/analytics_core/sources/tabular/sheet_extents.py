"""How far a sheet of a workbook reaches, told before it is read: who reads it makes room for every cell up to there."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.bounded import most_unpacked
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.rows.texts import readable
from analytics_core.sources.tabular.zip_members import opening

_CELL = 8
"""Bytes that an empty cell takes in memory, at least."""
_BLOCK = 1 << 20
_BOOK, _RELATIONS, _SHEETS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/"
# A cell that ends where it begins is one with a style and without a value, for which nobody makes room.
_PLACED = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\sr=["']([A-Za-z]+)([0-9]+)["'](?:[^>]*[^/>])?>""")
_UNPLACED = re.compile(rb"""<(?:\w+:)?c(?:\s(?![^>]*?\br=)[^>]*)?>""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b(?:[^>]*?\sr=["']([0-9]+)["'])?""")


def require_extent(source: SourceFile, sheet: str) -> None:
    """Refuse a workbook of which a sheet reaches far beyond what is in it.

    Raises:
        UnreadableInputError: it does, or the file is no workbook.
    """
    with opening(source) as book:
        room = most_unpacked(source.path.stat().st_size)
        for name in _parts_of(book, sheet):
            extent = _Extent()
            for block in _blocks(book, name):
                extent.add(block)
                if extent.rows * extent.columns * _CELL > room:
                    raise UnreadableInputError(
                        f"{source.name}: sheet {readable(sheet)!r} reaches to row {extent.rows:,} and column "
                        f"{extent.columns:,} with next to nothing in between; delete what is in the cells far away"
                    )


def _parts_of(book: ZipFile, sheet: str) -> list[str]:
    """The names of the file in the archive that holds a sheet; of all sheets where nothing says which."""
    there = set(book.namelist())
    try:
        sheets, relations = (ET.fromstring(book.read(name)).iter() for name in (_BOOK, _RELATIONS))  # noqa: S314 - what unpacks beyond all bounds was refused, and the parser bounds entities
        targets = {each.get("Id"): each.get("Target", "") for each in relations}
        ids = (_id_of(each) for each in sheets if _is(each, "sheet") and each.get("name") == sheet)
        found = [posixpath.normpath(posixpath.join("xl", targets.get(each, ""))).lstrip("/") for each in ids]
    except (KeyError, ET.ParseError):
        found = []
    return [name for name in found if name in there] or sorted(name for name in there if name.startswith(_SHEETS))


def _is(element: "ET.Element[str]", name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _id_of(element: "ET.Element[str]") -> str | None:
    return next((value for name, value in element.items() if name.endswith("}id")), None)


def _blocks(book: ZipFile, name: str) -> Iterator[bytes]:
    """A file some bytes at a time, each of which end where a tag does."""
    with book.open(name) as file:
        rest = b""
        while block := file.read(_BLOCK):
            whole, mark, rest = (rest + block).rpartition(b">")
            yield whole + mark


@dataclass
class _Extent:
    """How far cells reach, of those that came so far."""

    rows: int = 0
    columns: int = 0
    row: int = 0
    """The present one, and how many cells it has that do not say where they are."""
    unplaced: int = 0

    def add(self, block: bytes) -> None:
        """Some more of the sheet."""
        found = _PLACED.findall(block)
        self.columns = max([self.columns, *map(_column_of, {letters for letters, _ in found})])
        self.rows = max([self.rows, *map(int, {digits for _, digits in found})])
        if _UNPLACED.search(block):
            self._add_unplaced(block)
        else:
            self.row, self.unplaced = int(found[-1][1]) if found else self.row, 0

    def _add_unplaced(self, block: bytes) -> None:
        """Cells that say nothing of where they are: each follows the one before."""
        texts = _ROW.split(block)
        for place, text in enumerate(texts[::2]):
            if place:
                said = texts[2 * place - 1]
                self.row, self.unplaced = int(said) if said else self.row + 1, 0
            self.unplaced += len(_UNPLACED.findall(text))
            if self.unplaced:
                self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.unplaced)


def _column_of(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
