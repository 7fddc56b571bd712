"""Writes docs/tables.md from the table declarations: ``python -m analytics_core.tables.documentation``.

Nothing about a column is said twice: names, types, rules and meanings come from `canonical`.
"""

import inspect
import sys

import dataframely as dy

from analytics_core.tables.canonical import KEYS, LONGEST, TABLES

_INTRODUCTION = """\
# Tables

Every export becomes these tables; every number is computed from the first four. This file is generated from the
declarations in `src/analytics_core/tables/canonical.py` by `make docs`: change the declaration, not this page.

A row that breaks a rule is not kept: it goes to the workspace's `rejected/` with its reason. Of rows with the same key
the first is kept, the others are counted as duplicates. Instants are stored in UTC, to the microsecond.
"""

_TYPES: dict[type[dy.Column], str] = {
    dy.String: "text",
    dy.Int32: "integer",
    dy.Int64: "integer",
    dy.Datetime: "instant",
    dy.Date: "day",
    dy.Decimal: "number",
}


def tables_markdown() -> str:
    """The documentation of all tables as Markdown, one section per table, in declared order.

    Returns:
        The whole page, ending in a line break; the same text for the same declarations.
    """
    sections = [_section(name, schema) for name, schema in TABLES.items()]
    return "\n".join([_INTRODUCTION, *sections])


def _section(name: str, schema: type[dy.Schema]) -> str:
    rows = [_row(column_name, column) for column_name, column in schema.columns().items()]
    return "\n".join(
        [
            f"## {name}",
            "",
            inspect.cleandoc(schema.__doc__ or ""),
            "",
            "Duplicates are recognised by " + ", ".join(f"`{column}`" for column in KEYS[name]) + ".",
            "",
            "| column | type | may be null | rule | meaning |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(name: str, column: dy.Column) -> str:
    nullable = "yes" if column.nullable else "no"
    return f"| `{name}` | {_type(column)} | {nullable} | {_rule(column)} | {column.description or ''} |"


def _type(column: dy.Column) -> str:
    if isinstance(column, dy.List):
        return f"list of {_type(column.inner)}"
    if isinstance(column, dy.Struct):
        return "{" + ", ".join(f"`{name}`" for name in column.inner) + "}"
    return _TYPES[type(column)]


def _rule(column: dy.Column) -> str:
    if isinstance(column, dy.List):
        return _rule(column.inner)
    if isinstance(column, dy.Struct):
        rules = {name: _rule(inner) for name, inner in column.inner.items()}
        return "; ".join(f"`{name}`: {rule}" for name, rule in rules.items() if rule)
    if isinstance(column, dy.String):
        return _text_rule(column)
    return _range_rule(column) if isinstance(column, dy.Int32 | dy.Int64) else ""


def _text_rule(column: dy.String) -> str:
    if column.regex is not None:
        return "one of " + ", ".join(
            f"`{word}`" for word in column.regex.removeprefix("^(").removesuffix(")$").split("|")
        )
    if column.min_length is None:
        return ""
    longest = (column.metadata or {}).get(LONGEST)
    if longest is None:
        return f"at least {column.min_length} character"
    return f"{column.min_length} to {longest} characters"


def _range_rule(column: dy.Int32 | dy.Int64) -> str:
    if column.min is None:
        return ""
    return f"at least {column.min}" if column.max is None else f"{column.min} to {column.max}"


if __name__ == "__main__":
    sys.stdout.write(tables_markdown())
