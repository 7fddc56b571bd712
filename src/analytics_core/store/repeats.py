"""Rows whose key was there before: whether they say the same once more, or are another thing with the same id.

Of three rows that repeat the event "e1" of ann, an order at 10:00 with the attributes `{"price": 5}`::

    event_id  user_id  event_name  occurred_at  attributes      what it is
    "e1"      "ann"    "order"     10:00        {"price": 5}    a duplicate
    "e1"      "ann"    "order"     10:00        {"price": 6}    a duplicate that differs
    "e1"      "bob"    "order"     10:00        {"price": 5}    a conflict: user_id differs

The rows are held until there are many, because the first ones have to be read once more to compare.
"""

from dataclasses import dataclass, field

import polars as pl

from analytics_core.tables.canonical import TABLES
from analytics_core.tables.declaration import Kind, Table

_MOST_HELD = 1_000_000
"""Rows of a table that are held before they are compared."""
_FIRST = "_first_"


@dataclass(frozen=True, slots=True)
class Compared:
    """What repeated rows are.

    Attributes:
        conflicts: those that are another thing, in the order in which they came, with `reason`: in what they differ.
        duplicates: all others, with `differs`: whether they say something else than the first all the same.
    """

    conflicts: pl.DataFrame
    duplicates: pl.DataFrame


@dataclass
class HeldRows:
    """Rows of one table that wait until there are many."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    height: int = 0

    def add(self, rows: pl.DataFrame) -> int:
        """Hold some more; how many there are now."""
        self.frames.append(rows)
        self.height += rows.height
        return self.height


class Repeats:
    """Rows of one import whose key was there before."""

    def __init__(self) -> None:
        self._held: dict[str, HeldRows] = {}

    def hold(self, table: str, rows: pl.DataFrame) -> bool:
        """Keep rows until they are compared; whether there are so many now that they should be."""
        if rows.is_empty() or not TABLES[table].tells_apart:
            return False
        return self._held.setdefault(table, HeldRows()).add(rows) >= _MOST_HELD

    def compare(self, table: str, kept: pl.LazyFrame) -> Compared | None:
        """What the rows that are held are, which are held no more; None where there are none.

        Args:
            table: name of the canonical table.
            kept: the table with all that has been kept of this import and of earlier ones.
        """
        held = self._held.pop(table, None)
        if held is None:
            return None
        declared, rows = TABLES[table], pl.concat(held.frames)
        (key,) = declared.key
        others = [name for name in declared.schema if name != key]
        renamed = {name: f"{_FIRST}{name}" for name in others}
        firsts = kept.select(key, *others).rename(renamed)
        met = firsts.join(rows.lazy().select(key).unique(), on=key, how="semi").collect(engine="streaming")
        judged = rows.join(met, on=key, how="left", maintain_order="left").with_columns(
            reason=_conflict(declared), differs=~pl.all_horizontal(_equal(declared, name) for name in others)
        )
        shown = judged.drop(renamed.values())
        is_conflict = pl.col("reason").is_not_null()
        return Compared(shown.filter(is_conflict).drop("differs"), shown.filter(~is_conflict).drop("reason"))


def _conflict(table: Table) -> pl.Expr:
    """In which columns a row is another thing than the first with its key, in words; null where in none."""
    differing = pl.concat_list(
        pl.when(~_equal(table, name)).then(pl.lit(name)) for name in table.tells_apart
    ).list.drop_nulls()
    words = pl.format("another {}", differing.list.join(", "))
    said = pl.concat_str(pl.lit(f"conflict: the {table.key[0]} is that of an earlier row with "), words)
    return pl.when(differing.list.len() > 0).then(said)


def _equal(table: Table, name: str) -> pl.Expr:
    kinds = {column.name: column.kind for column in table.columns}
    mine, first = pl.col(name), pl.col(f"{_FIRST}{name}")
    if kinds[name] is Kind.PERSONALIZATION:  # lists of structs are compared as text
        mine, first = (each.list.eval(pl.element().struct.json_encode()).list.join("\n") for each in (mine, first))
    return mine.eq_missing(first)
