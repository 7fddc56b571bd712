"""Mapping files: what the columns of somebody's own table mean, as TOML."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.time import zone_named
from analytics_core.sources.files.files import naming
from analytics_core.sources.rows.columns import ATTRIBUTE_PREFIX, COLUMNS, is_attribute, missing
from analytics_core.tables.canonical import CANONICAL
from analytics_core.tables.declaration import Kind

OTHER = "other"
"""In a table of values: what all values become that it does not name."""


Constant = str | bool | int | float


class _Section(BaseModel):
    """A misspelt key is an error, not a setting that silently does nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeFormat(_Section):
    """How the times of one column are written.

    Attributes:
        format: as `datetime.strptime` takes it; None: ISO 8601.
        timezone: the zone of times that name no offset.
        unit: of whole numbers since 1970; then there is neither format nor zone.
    """

    format: str | None = None
    timezone: str | None = None
    unit: Literal["s", "ms", "us", "ns"] | None = None

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name

    @model_validator(mode="after")
    def _clear(self) -> "TimeFormat":
        if self.unit and (self.format or self.timezone):
            raise ValueError("unit cannot be combined with format or timezone")
        if not self.unit and not self.timezone and "%z" not in (self.format or ""):
            raise ValueError("give a timezone, a unit, or a format with %z")
        return self


class TableMapping(_Section):
    """What the columns of a table mean.

    Attributes:
        table: the canonical table its rows are of.
        delimiter: what stands between the fields of CSV files.
        columns: by canonical column, the source's column.
        constants: by canonical column, the value of every row.
        values: by canonical column, what the source's values mean; `OTHER` stands for all that are not named.
        times: by canonical column, how its times are written where they are not ISO 8601 with an offset.
        attributes: columns of the source that become attributes of events, by their names.
    """

    table: str
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r'^[^"\r\n]$')] = ","
    columns: Mapping[str, str] = Field(default_factory=dict)
    constants: Mapping[str, Constant] = Field(default_factory=dict)
    values: Mapping[str, Mapping[str, Constant]] = Field(default_factory=dict)
    times: Mapping[str, TimeFormat] = Field(default_factory=dict)
    attributes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sensible(self) -> "TableMapping":
        problem = next(_problems(self), None)
        if problem:
            raise ValueError(problem)
        return self

    def sources(self) -> Mapping[str, str]:
        """By canonical column, attributes of events among them, the source's column."""
        return {**self.columns, **{ATTRIBUTE_PREFIX + name: name for name in self.attributes}}

    def lacking(self, names: Iterable[str]) -> list[str]:
        """Columns of the source that are read and are not among `names`, sorted."""
        return sorted(set(self.sources().values()) - set(names))


def read_mapping(path: Path) -> TableMapping:
    """The mapping in a file.

    Raises:
        UnreadableInputError: it cannot be read, or names something that there is not; one line.
    """
    with naming(path.name):
        content = path.read_bytes()
    try:
        return TableMapping.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"{path.name}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableInputError(f"{path.name}: is not TOML: {error}") from error
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, found["loc"]))
        message = found["msg"].removeprefix("Value error, ")
        raise UnreadableInputError(f"{path.name}: {place}{': ' if place else ''}{message}") from error


def _problems(mapping: TableMapping) -> Iterator[str]:
    """What cannot be, most telling first."""
    table = mapping.table
    if table not in CANONICAL:
        yield f"table: there is no table {table!r}{_hint(table, CANONICAL)}; tables are {', '.join(CANONICAL)}"
        return
    yield from _unknown_names(mapping)
    yield from _contradictions(mapping)
    lacking = missing(table, {*mapping.columns, *mapping.constants})
    if lacking:
        yield f"{', '.join(lacking)} of {table} is not mapped; every row needs it"


def _unknown_names(mapping: TableMapping) -> Iterator[str]:
    table = mapping.table
    known = [column.name for column in COLUMNS[table]]
    for section, named in {"columns": mapping.columns, "constants": mapping.constants}.items():
        for name in named:
            if name not in known and not is_attribute(table, name):
                yield f"{section}: {table} has no column {name!r}{_hint(name, known)}; it has {', '.join(known)}"
    for section, named_too in {"values": mapping.values, "times": mapping.times}.items():
        for name in named_too:
            if name not in mapping.columns:
                yield f"{section}: {name} has no source column; name one in [columns]"


def _contradictions(mapping: TableMapping) -> Iterator[str]:
    instants = [column.name for column in COLUMNS[mapping.table] if column.kind is Kind.INSTANT]
    for name in mapping.times:
        if name not in instants:
            yield f"times: {name} is not a time; times of {mapping.table} are {', '.join(instants) or 'none'}"
    for name in sorted(mapping.columns.keys() & mapping.constants.keys()):
        yield f"constants: {name} is already mapped to a column"
    if not mapping.columns:
        yield "columns: at least one column of the source must be named"
    if mapping.attributes and mapping.table != "events":
        yield "attributes: only events have them"


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
