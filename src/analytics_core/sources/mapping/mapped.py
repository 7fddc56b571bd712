"""Files of somebody's own table, read as a mapping says."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from zipfile import ZipInfo

from analytics_core.domain.errors import RowError, UnreadableInputError
from analytics_core.sources.files.files import CAMPAIGNS, SourceFile, naming, source_at
from analytics_core.sources.finding.exports import files_below
from analytics_core.sources.mapping.column_sources import names_in
from analytics_core.sources.mapping.mapping import TableMapping, roots_of
from analytics_core.sources.mapping.translation import Translation
from analytics_core.sources.readings import FileReading, Reading
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import MAX_NAMES, missing
from analytics_core.sources.rows.texts import readable
from analytics_core.sources.tabular.forms import form_of, forms, open_table
from analytics_core.sources.tabular.given_rows import GivenRows, Layout, OpenTable
from analytics_core.sources.tabular.zip_members import member_source, members_of, unpacking

_SHOWN = 100
_ARCHIVE = ".zip"


def find_readings(paths: Sequence[Path], mapping: TableMapping) -> Sequence[Reading]:
    """How the files at or below `paths` are read; each once.

    Raises:
        UnreadableInputError: there are none, or one at a path is of no format that is read.
    """
    found: dict[Path, list[_MappedFile]] = {}
    for name, path in files_below(paths):
        is_archive = path.name.lower().endswith(_ARCHIVE)
        if path.resolve() not in found and path.name.lower() != CAMPAIGNS and (is_archive or form_of(path.name)):
            source = source_at(mapping.table, path, name)
            found[path.resolve()] = list(_packed(source, mapping)) if is_archive else [_MappedFile(source, mapping)]
    readings = list(chain.from_iterable(found.values()))
    if not readings:
        where = ", ".join(map(str, paths))
        raise UnreadableInputError(f"{where}: holds no file ending in {forms()}")
    return readings


def _packed(archive: SourceFile, mapping: TableMapping) -> "Iterator[_MappedFile]":
    members = members_of(archive)
    others = [f"file {archive.name}/{readable(member.filename)}" for member in members if not form_of(member.filename)]
    for member in members:
        if form_of(member.filename):
            yield _MappedFile(member_source(archive, member), mapping, member, others)
            others = []


class _MappedFile(FileReading):
    """A file of somebody's own table.

    Args:
        source: the file.
        mapping: what its columns mean.
        member: which file it is of the archive at its path; None where it is no archive.
        unread: what else there is and is not read, in words.
    """

    def __init__(
        self, source: SourceFile, mapping: TableMapping, member: ZipInfo | None = None, unread: Sequence[str] = ()
    ) -> None:
        super().__init__(source)
        self.tables = tuple(dict.fromkeys(rows.table for rows in mapping.all_rows))
        self._mapping, self._member = mapping, member
        self._wanted = {root for rows in mapping.all_rows for name in rows.names() for root in roots_of(name)}
        self._unknown: set[str] = set()
        self._left_out = Counter(unread)

    @cached_property
    def fingerprint(self) -> str:
        """Of its bytes and the mapping: the same bytes are other rows under another one."""
        return hashlib.sha256(f"{self._source.fingerprint}\n{self._mapping.written()}".encode()).hexdigest()

    def batches(self) -> Iterator[tuple[str, Batch]]:
        with (
            naming(self.name),
            self._unpacked() as source,
            open_table(source, self._layout(), self._wanted, self._note) as table,
        ):
            if table.names is not None:
                self._check(table.names)
            self._left_out.update(table.left_out)
            yield from self._translated(table)

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return {self._mapping.table: tuple(sorted(self._unknown))}

    @property
    def left_out(self) -> Mapping[str, int]:
        return dict(self._left_out)

    def _unpacked(self) -> AbstractContextManager[SourceFile]:
        return nullcontext(self._source) if self._member is None else unpacking(self._source, self._member)

    def _layout(self) -> Layout:
        read = self._mapping.read
        return Layout(
            delimiter=read.delimiter or self._mapping.delimiter,
            header=read.header,
            names=read.names or (),
            sheet=read.sheet,
            spells_numbers=not read.numbers.is_plain,
        )

    def _translated(self, table: OpenTable) -> Iterator[tuple[str, Batch]]:
        mappings = self._mapping.all_rows
        translations = [
            Translation(rows, self._mapping.read, self.name, table.typed, table.numeric) for rows in mappings
        ]
        for turn, given in enumerate(table.rows):
            if turn == 0 and table.names is None:
                self._check_keys(given, translations[0])
            # Several look at the same records.
            shared = given.remembering() if len(translations) > 1 or self._mapping.where else given
            for place, translation in enumerate(translations):
                batch, left_out = translation.batch(shared, is_first=place == 0)
                if left_out:
                    self._left_out[f"rows of {translation.table} that do not fulfil where"] += left_out
                yield translation.table, batch

    def _check(self, names: Sequence[str]) -> None:
        """Refuse a file that lacks a column; note those that are not read."""
        lacking = self._mapping.lacking(names) if names else []
        if lacking:
            known = ", ".join(repr(readable(name[:_SHOWN])) for name in names[:MAX_NAMES])
            raise UnreadableInputError(
                f"{self.name}: has no column {', '.join(map(repr, lacking))}, which the mapping names; it has {known}"
            )
        self._note(names)

    def _check_keys(self, given: GivenRows, translation: Translation) -> None:
        """Refuse a file of which no record that counts has a key that every row needs: some may lack it, not all."""
        sources = self._mapping.columns
        keys: set[str] = set()
        for place, number in enumerate(given.numbers):
            with suppress(RowError):
                record = given.read(place)
                if translation.counts(record, number):
                    keys.update(record)
        seen = {
            name
            for name, source in sources.items()
            if any(not keys.isdisjoint(roots_of(key)) for key in names_in(source)) or not [*names_in(source)]
        }
        lacking = missing(self._mapping.table, seen | self._mapping.constants.keys())
        if keys and lacking:
            named = ", ".join(repr(key) for name in lacking for key in names_in(sources[name]))
            raise UnreadableInputError(f"{self.name}: no record has the key {named}, which the mapping names")

    def _note(self, names: Sequence[str] | Record) -> None:
        for name in names:
            if name not in self._wanted and len(self._unknown) < MAX_NAMES:
                self._unknown.add(readable(name[:_SHOWN]))
