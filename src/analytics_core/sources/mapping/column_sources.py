"""Where the value of a column comes from: a column of the source, the first of several, or a composed text."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Discriminator, Field, Tag

from analytics_core.sources.mapping.sections import Section

TAG = "~"
"""What the marks begin with that tell one kind of source from another; they are no keys of the file."""

_COMPOSED = '{join = […]}, {digest = […]} or {row = "…"}'


class Composed(Section):
    """A text that is put together."""

    kind: ClassVar[str]


class Join(Composed):
    """Texts one after the other; no value where one of them is empty.

    Attributes:
        join: where they come from.
        between: what stands between them; `with` in the file.
    """

    kind = "join"
    join: Annotated[tuple["Source", ...], Field(min_length=1)]
    between: str = Field("", alias="with")


class Digest(Composed):
    """A hash of texts: the same texts give the same one, in every file; no value where all of them are empty.

    Attributes:
        digest: where they come from.
    """

    kind = "digest"
    digest: Annotated[tuple["Source", ...], Field(min_length=1)]


class RowNumber(Composed):
    """The name of the file and the number of the row in it.

    Attributes:
        row: what comes before them.
    """

    kind = "row"
    row: str


def _tag_of(value: object) -> str | None:
    match value:
        case str():
            return "~name"
        case list() | tuple():
            return "~first"
        case dict():
            return next((f"{TAG}{kind}" for kind in ("join", "digest", "row") if kind in value), None)
        case Composed():
            return f"{TAG}{value.kind}"
        case _:
            return None


_Name: TypeAlias = Annotated[str, Field(min_length=1), Tag("~name")]
_Join: TypeAlias = Annotated[Join, Tag("~join")]
_Digest: TypeAlias = Annotated[Digest, Tag("~digest")]
_Row: TypeAlias = Annotated[RowNumber, Tag("~row")]
_Single = Annotated[
    _Name | _Join | _Digest | _Row,
    Discriminator(_tag_of, "source", f"must be the name of a column, {_COMPOSED}"),
]
Single: TypeAlias = str | Join | Digest | RowNumber
Source = Annotated[
    _Name | Annotated[tuple[_Single, ...], Field(min_length=1), Tag("~first")] | _Join | _Digest | _Row,
    Discriminator(_tag_of, "source", f"must be the name of a column, a list of them, {_COMPOSED}"),
]
"""A name: of a column, or ``a.b`` of a key in an object. Several: the first that is not empty."""

AnySource: TypeAlias = Single | tuple[Single, ...]


def names_in(source: AnySource) -> Iterator[str]:
    """The names of columns that a source is made of, in order."""
    match source:
        case str():
            yield source
        case Join(join=parts) | Digest(digest=parts) | (tuple() as parts):
            for part in parts:
                yield from names_in(part)
        case RowNumber():
            pass
