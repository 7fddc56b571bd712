"""Mapping files: what the columns of somebody's own table mean, as TOML."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from analytics_core.domain.errors import UnreadableInputError, plain_reason
from analytics_core.sources.files.files import read_written
from analytics_core.sources.mapping.attribute_types import Attribute
from analytics_core.sources.mapping.column_sources import TAG, AnySource, Source, names_in
from analytics_core.sources.mapping.read_options import Condition, ReadOptions
from analytics_core.sources.mapping.sections import Constant, Mark, Section, hint_at
from analytics_core.sources.mapping.time_formats import TimeFormat
from analytics_core.sources.rows.columns import ATTRIBUTE_PREFIX, COLUMNS, is_attribute, missing
from analytics_core.tables.canonical import CANONICAL
from analytics_core.tables.declaration import Kind

_Attributes = Annotated[
    Annotated[tuple[str, ...], Tag(f"{TAG}list")] | Annotated[Mapping[str, Attribute], Tag(f"{TAG}table")],
    Discriminator(
        lambda value: {list: f"{TAG}list", tuple: f"{TAG}list", dict: f"{TAG}table"}.get(type(value)),
        "attributes",
        "must be a list of columns, or a table of attributes",
    ),
]


class RowMapping(Section):
    """What makes a row of one table out of a record.

    Attributes:
        table: the canonical table it is of.
        columns: by canonical column, where its value comes from.
        constants: by canonical column, the value of every row.
        values: by canonical column, what the source's values mean; `OTHER` stands for all that are not named.
        times: by canonical column, how its times are written where they are not ISO 8601 with an offset.
        attributes: of events: columns of the source by whose names they go, or by name what they are.
        where: what a record must fulfil, all of it.
    """

    younger: ClassVar[tuple[str, ...]] = ("where",)

    table: str
    columns: Mapping[str, Source] = Field(default_factory=dict)
    constants: Mapping[str, Constant] = Field(default_factory=dict)
    values: Mapping[str, Mapping[str, Constant]] = Field(default_factory=dict)
    times: Mapping[str, TimeFormat] = Field(default_factory=dict)
    attributes: _Attributes = ()
    where: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        problem = next(_problems(self), None)
        if problem:
            raise ValueError(problem)
        return self

    @property
    def described(self) -> Mapping[str, Attribute]:
        """By name, the attributes of events that are not among the columns."""
        if isinstance(self.attributes, tuple):
            return {name: Attribute(column=name) for name in self.attributes}
        return self.attributes

    def sources(self) -> Mapping[str, AnySource]:
        """By canonical column, attributes of events among them, where its value comes from."""
        return {**self.columns, **{ATTRIBUTE_PREFIX + name: said.column for name, said in self.described.items()}}

    def names(self) -> Iterator[str]:
        """All names of columns of the source, some more than once."""
        for source in (*self.sources().values(), *(condition.column for condition in self.where)):
            yield from names_in(source)


class TableMapping(RowMapping):
    """What the columns of a table mean, and how its files are read.

    Attributes:
        delimiter: the same as that of `read`.
        read: how files are read.
        also: further rows that each record makes, of any table.
    """

    younger = ("where", "read", "also")

    delimiter: Mark | None = None
    read: ReadOptions = ReadOptions()
    also: tuple[RowMapping, ...] = ()

    @model_validator(mode="after")
    def _one_delimiter(self) -> Self:
        if self.delimiter and self.read.delimiter and self.delimiter != self.read.delimiter:
            raise ValueError("delimiter: read says another one")
        return self

    @property
    def all_rows(self) -> tuple[RowMapping, ...]:
        """What makes each of the rows of a record; what a further one does not say of a column, the first says."""
        return (self, *(_inherit(other, self) for other in self.also))

    def lacking(self, names: Iterable[str]) -> list[str]:
        """Columns of the source that are read and are not among `names`, sorted; an object stands for its keys."""
        present = set(names)
        wanted = {name for rows in self.all_rows for name in rows.names()}
        return sorted(name for name in wanted if present.isdisjoint(roots_of(name)))

    def written(self) -> str:
        """All that it says, in one line; for mappings that need none of what came later, as it always was."""
        said = self.model_dump(mode="json")
        first = {"table": self.table, "delimiter": self.delimiter or ","}
        return json.dumps({**first, **said, **first}, separators=(",", ":"), ensure_ascii=False)


def roots_of(name: str) -> Iterator[str]:
    """The columns in which a name may be found: the one of that name, and those of objects, ``a`` for ``a.b``."""
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def read_mapping(path: Path) -> TableMapping:
    """The mapping in a file.

    Raises:
        UnreadableInputError: it cannot be read, or names something that there is not; one line.
    """
    content = read_written(path, path.name)
    try:
        return TableMapping.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"{path.name}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableInputError(f"{path.name}: is not TOML: {error}") from error
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in found["loc"] if not _is_internal(part))
        message = plain_reason(found["msg"])
        raise UnreadableInputError(f"{path.name}: {place}{': ' if place else ''}{message}") from error


def _is_internal(part: str | int) -> bool:
    """Whether a part of a place is a type's name, and no key of the file."""
    return isinstance(part, str) and (part.startswith(TAG) or "[" in part)


def _inherit(further: RowMapping, first: RowMapping) -> RowMapping:
    times = {name: said for name, said in first.times.items() if name in further.columns}
    values = {name: said for name, said in first.values.items() if name in further.sources()}
    return further.model_copy(update={"times": {**times, **further.times}, "values": {**values, **further.values}})


def _problems(mapping: RowMapping) -> Iterator[str]:
    """What cannot be, most telling first."""
    table = mapping.table
    if table not in CANONICAL:
        yield f"table: there is no table {table!r}{hint_at(table, CANONICAL)}; tables are {', '.join(CANONICAL)}"
        return
    yield from _unknown_names(mapping)
    yield from _contradictions(mapping)
    lacking = missing(table, {*mapping.columns, *mapping.constants})
    if lacking:
        yield f"{', '.join(lacking)} of {table} is not mapped; every row needs it"


def _unknown_names(mapping: RowMapping) -> Iterator[str]:
    table = mapping.table
    known = [column.name for column in COLUMNS[table]]
    for section, named in {"columns": mapping.columns, "constants": mapping.constants}.items():
        for name in named:
            if name not in known and not is_attribute(table, name):
                yield f"{section}: {table} has no column {name!r}{hint_at(name, known)}; it has {', '.join(known)}"
    for section, named_too in {"values": mapping.values, "times": mapping.times}.items():
        for name in named_too:
            if name not in (mapping.sources() if section == "values" else mapping.columns):
                yield f"{section}: {name} has no source column; name one in [columns]"


def _contradictions(mapping: RowMapping) -> Iterator[str]:
    instants = [column.name for column in COLUMNS[mapping.table] if column.kind is Kind.INSTANT]
    for name in mapping.times:
        if name not in instants:
            yield f"times: {name} is not a time; times of {mapping.table} are {', '.join(instants) or 'none'}"
    for name in sorted(mapping.columns.keys() & mapping.constants.keys()):
        yield f"constants: {name} is already mapped to a column"
    for name in mapping.described:
        if (ATTRIBUTE_PREFIX + name) in {*mapping.columns, *mapping.constants}:
            yield f"attributes: {name} is already mapped"
    if not mapping.columns:
        yield "columns: at least one column of the source must be named"
    if mapping.attributes and mapping.table != "events":
        yield "attributes: only events have them"
