"""The values of sources: of one record, and column-wise where every column that is asked for is plain."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.json_text import compact, parse
from analytics_core.sources.mapping.attribute_types import spell
from analytics_core.sources.mapping.column_sources import AnySource, Digest, Join, RowNumber
from analytics_core.sources.rows.cells import Record
from analytics_core.tables.declaration import MAX_ID_LENGTH

NUMBER = "\0number"
"""The name of a column with the numbers of rows."""

_DIGEST_LENGTH = 32
_NAME_LENGTH = 16
_MOST_DIGITS = 12


class SourceValues:
    """Finds the values of sources in the rows of a file.

    Args:
        file: what the file is called.
        nulls: texts that are no value.
    """

    def __init__(self, file: str, nulls: Sequence[str] = ()) -> None:
        self._file, self._nulls = file, frozenset(nulls)

    def find(self, source: AnySource, given: Record, number: int) -> object:
        """The value of a source in the record that is row `number`; None where there is none.

        Raises:
            RowError: a key is asked for of a text that begins as JSON does, and is none.
        """
        match source:
            case str():
                value = value_at(given, source)
                return None if isinstance(value, str) and value in self._nulls else value
            case tuple():
                found = (self.find(part, given, number) for part in source)
                return next((value for value in found if value is not None and value != ""), None)
            case Join(join=parts, between=between):
                texts = [spell(self.find(part, given, number)) for part in parts]
                return between.join(texts) if all(texts) else None
            case Digest(digest=parts):
                return _hash([spell(self.find(part, given, number)) for part in parts])
            case RowNumber(row=prefix):
                return f"{self._place(prefix)}{number}"

    def finder(self, source: AnySource) -> Callable[[Record, int], object]:
        """The same (see `find`) for one source, of many records."""
        if isinstance(source, str) and not self._nulls:
            return (lambda given, _: value_at(given, source)) if "." in source else lambda given, _: given.get(source)
        return partial(self.find, source)

    def column(self, source: AnySource, schema: Mapping[str, pl.DataType]) -> pl.Expr | None:
        """The same column-wise; None where that would not say all there is to say."""
        if not isinstance(source, str):
            return self._compose(source, schema)
        if source not in schema:
            return None
        given = pl.col(source)
        if self._nulls and schema[source].is_numeric():
            return None
        if self._nulls and schema[source] == pl.String:
            return pl.when(~given.is_in(list(self._nulls))).then(given)
        return given

    def text(self, source: AnySource, schema: Mapping[str, pl.DataType]) -> pl.Expr | None:
        """The value as a text, column-wise; null where there is none."""
        if not isinstance(source, str):
            return self._compose(source, schema)
        dtype = schema.get(source)
        if dtype is None or not (dtype in (pl.String, pl.Boolean) or dtype.is_integer()):
            return None
        text = pl.col(source).cast(pl.String)
        return pl.when(~text.is_in(["", *self._nulls])).then(text)

    def _compose(self, source: AnySource, schema: Mapping[str, pl.DataType]) -> pl.Expr | None:
        if isinstance(source, str):
            return self.text(source, schema)
        if isinstance(source, RowNumber):
            return pl.concat_str(pl.lit(self._place(source.row)), pl.col(NUMBER).cast(pl.String))
        parts = source if isinstance(source, tuple) else source.join if isinstance(source, Join) else source.digest
        found = [self.text(part, schema) for part in parts]
        given = [part for part in found if part is not None]
        if len(given) < len(found):
            return None
        if isinstance(source, Join):
            return pl.concat_str(given, separator=source.between)
        if isinstance(source, Digest):
            texts = [part.fill_null("").alias(str(place)) for place, part in enumerate(given)]
            return pl.struct(texts).map_batches(_hash_rows, return_dtype=pl.String)
        # The first of numbers and texts keeps its type only row by row.
        is_text = all(schema[part] == pl.String for part in parts if isinstance(part, str))
        return pl.coalesce(given) if is_text else None

    def _place(self, prefix: str) -> str:
        """What stands before the number of a row; the name of the file is hashed where an id would become too long."""
        room = MAX_ID_LENGTH - len(prefix) - _MOST_DIGITS
        file = self._file if len(self._file) < room else _sha256(self._file)[:_NAME_LENGTH]
        return f"{prefix}{file}:"


def value_at(given: Record, source: str) -> object:
    """The value of a column; where there is none of that name, ``a.b`` is the key ``b`` of the object ``a``.

    The object may be written as JSON text; of an array, the keys are the places from 0.

    Raises:
        RowError: a text begins as JSON does, and is none.
    """
    if source in given or "." not in source:
        return given.get(source)
    for dot in re.finditer(r"\.", source):
        outer, inner = source[: dot.start()], source[dot.end() :]
        if outer in given:
            return _inside(given[outer], inner, outer)
    return None


def _inside(found: object, inner: str, outer: str) -> object:
    if type(found) is str and found.lstrip()[:1] in ("{", "["):
        try:
            found = _parse(found)
        except RowError as error:
            raise RowError(f"{outer} is {error}") from error
    if isinstance(found, list):
        head, _, _ = inner.partition(".")
        found = {head: found[int(head)]} if head.isdecimal() and int(head) < len(found) else {}
    return value_at(found, inner) if isinstance(found, dict) else None


@lru_cache(maxsize=4)
def _parse(text: str) -> object:
    """Several keys of one text are asked for, one after the other."""
    return parse(text)


def _hash(texts: Sequence[str]) -> str | None:
    return _sha256(compact(list(texts)))[:_DIGEST_LENGTH] if any(texts) else None


def _hash_rows(texts: pl.Series) -> pl.Series:
    return pl.Series([_hash(row) for row in texts.struct.unnest().iter_rows()], dtype=pl.String)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
