"""What the parts of a mapping file have in common, and the values that more than one of them has."""

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

OTHER = "other"
"""In a table of values: what all values become that it does not name."""


class Section(BaseModel):
    """A misspelt key is an error, not a setting that silently does nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    younger: ClassVar[tuple[str, ...]] = ()
    """Keys that came later: a mapping that does not say them is written down as it was before them, so that a file
    which was imported with it is still known."""

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        fields = type(self).model_fields
        unsaid = {name for name in self.younger if getattr(self, name) == fields[name].default}
        return {name: value for name, value in written.items() if name not in unsaid}


def _check_constant(value: object) -> object:
    if not isinstance(value, str | bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError("must be text, a number, true or false")
    return value


Constant = Annotated[str | bool | int | float, BeforeValidator(_check_constant)]

Mark = Annotated[str, Field(min_length=1, max_length=1, pattern=r'^[^"\r\n]$')]
"""What stands between the fields of CSV files."""

_SPELLED: Mapping[bool, str] = {True: "true", False: "false"}


def spell_constant(value: object) -> str:
    """A value of the mapping as a cell has it."""
    return _SPELLED[value] if isinstance(value, bool) else str(value)


def hint_at(name: str, known: Iterable[str]) -> str:
    """What was probably meant, in brackets; empty where nothing is close."""
    close = get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
