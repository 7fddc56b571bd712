"""Writes docs/tables.md from the table declarations: ``python -m analytics_core.tables.documentation``.

Nothing about a column is said twice: names, types, rules and meanings come from `canonical`.
"""

import sys
from collections.abc import Iterable

from analytics_core.tables.canonical import TABLES
from analytics_core.tables.declaration import MAX_ID_LENGTH, Column, Kind, Table

_INTRODUCTION = """\
# Tables

Every export becomes these tables; every number is computed from the first four. This file is generated from the
declarations in `src/analytics_core/tables/canonical.py` by `make docs`: change the declaration, not this page.

A row that breaks a rule is not kept: it goes to the workspace's `rejected/` with its reason. Of rows with the same key
the first is kept; the others are counted as duplicates, or, where they are plainly another thing, rejected as
conflicts. Instants are stored in UTC, to the microsecond.
"""

_TYPES = {
    Kind.IDENTIFIER: "text",
    Kind.TEXT: "text",
    Kind.WORD: "text",
    Kind.ATTRIBUTES: "text",
    Kind.INSTANT: "instant",
    Kind.DAY: "day",
    Kind.WHOLE: "integer",
    Kind.ROUNDED: "integer",
    Kind.EXACT: "number",
    Kind.PERSONALIZATION: "list of {`category`, `attribute`}",
}


def tables_markdown() -> str:
    """The documentation of all tables as Markdown, one section per table, in declared order.

    Returns:
        The whole page, ending in a line break; the same text for the same declarations.
    """
    return "\n".join([_INTRODUCTION, *(_section(name, table) for name, table in TABLES.items())])


def _section(name: str, table: Table) -> str:
    return "\n".join(
        [
            f"## {name}",
            "",
            table.description,
            "",
            f"Duplicates are recognised by {_names(table.key)}.{_conflict(table)}",
            "",
            "| column | type | may be null | rule | meaning |",
            "|---|---|---|---|---|",
            *map(_row, table.columns),
            "",
        ]
    )


def _conflict(table: Table) -> str:
    if not table.tells_apart:
        return ""
    return f" A repeat with another {_names(table.tells_apart)} is a conflict."


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _row(column: Column) -> str:
    nullable = "no" if column.required else "yes"
    return f"| `{column.name}` | {_TYPES[column.kind]} | {nullable} | {_rule(column)} | {column.meaning} |"


def _rule(column: Column) -> str:
    match column.kind:
        case Kind.IDENTIFIER:
            return f"1 to {MAX_ID_LENGTH} characters"
        case Kind.TEXT if column.required:
            return "at least 1 character"
        case Kind.WORD:
            return _one_of(column.words)
        case Kind.PERSONALIZATION:
            return f"`category`: {_one_of(column.words)}"
        case _:
            # What is declared to have a greatest number has a least one.
            least = f"at least {column.low}" if column.has_least else ""
            return f"{column.low} to {column.high}" if column.has_greatest else least


def _one_of(words: Iterable[str]) -> str:
    return "one of " + ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    sys.stdout.write(tables_markdown())
