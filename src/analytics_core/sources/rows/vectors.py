"""Column-wise reading of clean cells: fast, and silent about anything unusual.

A value that is given is exactly what `cells` would give; where a column gives none though its cell is not empty, the
row is left to `cells`. So a spelling that is missing here costs time, never a row.

JSON is read by regular expressions (Rust's dialect, linear time), if it needs no unescaping and nests at most twice:
text that matches is valid, and every quotation mark in it opens or closes a string, in turns.
"""

from collections.abc import Sequence

import polars as pl

from analytics_core.json_text import quoted
from analytics_core.sources.rows.columns import ATTRIBUTE_PREFIX, ATTRIBUTES, COLUMNS
from analytics_core.sources.rows.instants import vector as instants
from analytics_core.tables.canonical import schema_of
from analytics_core.tables.declaration import MAX_ID_LENGTH, Column, Kind

EXACT = "_vouched"

_ABSENT = "_absent_"
_NO_OBJECT = "?"
_SPECIAL = r'["\\\x00-\x1f]'
_WHOLE = {True: r"^(-?[0-9]{1,18})(?:\.0+)?$", False: r"^([0-9]{1,18})(?:\.0+)?$"}

SPACE = r"[ \t\r\n]*"
STRING = r'"[^"\\\x00-\x1f]*"'
WHOLE_NUMBER = r"-?(?:0|[1-9][0-9]*)"
NUMBER = rf"{WHOLE_NUMBER}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
SCALAR = rf"(?:{STRING}|{NUMBER}|true|false|null)"


def _list_of(item: str, space: str) -> str:
    spaced = f"{space}{item}{space}"
    return f"(?:{spaced}(?:,{spaced})*|{space})"


def object_of(members: str) -> str:
    """An object of any number of `members`."""
    return r"\{" + _list_of(members, SPACE) + r"\}"


def member(key: str, value: str) -> str:
    """A key and its value."""
    return f"{key}{SPACE}:{SPACE}{value}"


def _nest(space: str) -> str:
    def flat(value: str) -> str:
        return r"\{" + _list_of(f"{STRING}{space}:{space}{value}", space) + r"\}"

    return flat(rf"(?:{SCALAR}|\[{_list_of(SCALAR, space)}\]|{flat(SCALAR)})")


OBJECT = _nest(SPACE)
"""An object of scalars, lists of scalars and flat objects."""

_DENSE_OBJECT = _nest("")
"""The same without white space between tokens."""

_DENSE_KEY = f"{STRING}:"

_LOOSE = ('": ', ', "')
"""Where writers like to put a blank. Where the quotation mark of the first closes a string, or that of the second
opens one, the blank lies between tokens and can go."""

_AMBIGUOUS = r"""[{\[,: ]": |, "[,:}\]]"""
"""Found wherever it is the other way round: an opening mark follows punctuation, a closing one precedes it."""


def read_columns(table: str, cells: pl.DataFrame) -> pl.DataFrame:
    """The canonical columns of `cells` (text, or zoned timestamps for instants) and `EXACT`; order kept."""
    given = _with_all_columns(table, cells)
    schema = schema_of(table)
    values = (_value(column, given.schema[column.name]).cast(schema[column.name]) for column in COLUMNS[table])
    # A lazy query computes an expression that is used twice only once.
    read = given.lazy().select(
        *(value.alias(name) for name, value in zip(schema, values, strict=True)),
        *(
            pl.col(column.name).is_null().alias(_ABSENT + column.name)
            for column in COLUMNS[table]
            if not column.required
        ),
    )
    exact = (
        pl.col(column.name).is_not_null() | (pl.lit(value=False) if column.required else pl.col(_ABSENT + column.name))
        for column in COLUMNS[table]
    )
    empty = [pl.when(pl.col(name) != "{}").then(pl.col(name)) for name in (ATTRIBUTES,) if name in schema]
    return (
        read.with_columns(pl.all_horizontal(*exact).alias(EXACT))
        .with_columns(empty)
        .select(*schema, EXACT)
        .collect(engine="in-memory")
    )


def member_text(text: pl.Expr) -> pl.Expr:
    """JSON strings of texts; null where something needs an escape."""
    return pl.when(~text.str.contains(_SPECIAL)).then(pl.concat_str(pl.lit('"'), text, pl.lit('"')))


def _with_all_columns(table: str, cells: pl.DataFrame) -> pl.DataFrame:
    """A column each, null where a cell is empty; the attributes as one text without the usual white space."""
    absent = [
        pl.lit(None, pl.String).alias(column.name) for column in COLUMNS[table] if column.name not in cells.columns
    ]
    single = [name for name in cells.columns if name.startswith(ATTRIBUTE_PREFIX)]
    texts = [name for name, dtype in cells.schema.items() if dtype == pl.String and name not in single]
    given = cells.with_columns(absent).with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in texts)
    return given.with_columns(_attributes(single).alias(ATTRIBUTES)) if ATTRIBUTES in given.columns else given


def _value(column: Column, dtype: pl.DataType) -> pl.Expr:
    cell = pl.col(column.name)
    match column.kind:
        case Kind.IDENTIFIER:
            return pl.when((cell.str.len_chars() <= MAX_ID_LENGTH) & ~cell.str.contains("\0", literal=True)).then(cell)
        case Kind.WORD:
            return pl.when(cell.is_in(column.words)).then(cell)
        case Kind.INSTANT:
            return instants(cell, dtype)
        case Kind.WHOLE | Kind.ROUNDED | Kind.EXACT:
            number = cell.str.extract(_WHOLE[column.low < 0], 1).cast(pl.Int64)
            return pl.when(number.is_between(column.low, column.high)).then(number)
        case Kind.ATTRIBUTES:
            keys = cell.str.extract_all(_DENSE_KEY)
            has_each_key_once = keys.list.len() == keys.list.n_unique()
            return pl.when(cell.str.contains(f"^{_DENSE_OBJECT}$") & has_each_key_once).then(cell)
        case _:
            # Failed personalization is rare, and a list: always row by row.
            return cell if column.kind is Kind.TEXT else pl.lit(None)


def _attributes(single: Sequence[str]) -> pl.Expr:
    """The object of a row: its JSON text, or put together from the `single` attributes.

    Where there are both, the two texts one after the other, which is no object and so left to `cells`.
    """
    whole = pl.col(ATTRIBUTES)
    dense = whole.str.replace_many(list(_LOOSE), [loose.replace(" ", "") for loose in _LOOSE])
    clean = pl.when(whole.str.contains(_AMBIGUOUS)).then(pl.lit(_NO_OBJECT)).otherwise(dense)
    if not single:
        return clean
    members = (
        pl.concat_str(pl.lit(f"{quoted(name.removeprefix(ATTRIBUTE_PREFIX))}:"), pl.col(name)) for name in single
    )
    joined = pl.concat_str(*members, separator=",", ignore_nulls=True)
    made = pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))
    return pl.when(made.is_null() | whole.is_null()).then(pl.coalesce(made, clean)).otherwise(pl.lit(_NO_OBJECT))
