"""Writes docs/campaigns.md from the model: ``python -m analytics_core.domain.documentation EXAMPLES``.

Nothing about a field is said twice: names, types, bounds, defaults and meanings come from `campaign`, what operators
ask from `operators`; EXAMPLES is the folder of the example files that the page shows.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analytics_core.domain.campaign import Campaign, GoalFilter
from analytics_core.domain.operators import OPERATORS

Schema = Mapping[str, Any]

_INTRODUCTION = """\
# Campaign definitions

`campaigns.json` is an array of campaigns, read by `import canonical`. Only `campaign_id`, `name`, `delivery_type` and
`goals` are required. This page is generated from the declarations in `src/analytics_core/domain/campaign.py` and
`operators.py` by `make docs`: change the declaration, not this page.

A definition that breaks a rule is not kept: it goes to the workspace's `rejected/` with its reason, and the others are
read. Of definitions with one id the first of a file is kept. Keys that are not in these tables are named in the summary
and ignored. A time is ISO 8601 with an offset, of the years 1970 to 2200. Where null is allowed it means that
nothing is declared.
"""
_OPERATORS = """\
## Operators

A filter on an attribute that is absent or null never holds, and all filters of a goal must hold. Case counts. A text
that is exactly a JSON number, `true` or `false` equals that number or boolean; two texts are compared as texts. Numbers
are compared exactly, also those written as text. A value that an operator cannot compare is equal to nothing, and
neither greater nor less; only a missing list is an error.
[Decision 0012](decisions/0012-goal-filters-do-not-guess.md) says why.

| `op` | holds where the attribute | example | holds for | not for |
|---|---|---|---|---|"""
_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "number": "number",
    "integer": "whole number",
    "object": "object",
}


def campaigns_markdown(examples: Mapping[str, str]) -> str:
    """The documentation of campaign definitions as Markdown: fields, operators, examples.

    Args:
        examples: the text of example files, by name.

    Returns:
        The whole page, ending in a line break; the same text for the same declarations.
    """
    schema = Campaign.model_json_schema()
    parts = {"Campaign": schema, **{name: part for name, part in schema["$defs"].items() if "properties" in part}}
    return "\n".join(
        [_INTRODUCTION, *(_section(name, parts[name]) for name in _reached("Campaign", parts)), *_operators()]
        + [line for name, text in examples.items() for line in _example(name, text)]
    )


def read_examples(directory: Path) -> dict[str, str]:
    """The text of the example files in a directory, by name, in the order of the names."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.json"))}


def _reached(name: str, parts: Mapping[str, Schema]) -> list[str]:
    """A part and those its fields lead to, each before what it is made of."""
    inside = [part for field in parts[name]["properties"].values() if (part := _part(field)) in parts]
    return list(dict.fromkeys([name, *(below for part in inside if part for below in _reached(part, parts))]))


def _part(field: Schema) -> str | None:
    """The part that a field holds, or lists."""
    stated = _stated(field)
    reference: str | None = stated.get("$ref") or stated.get("items", {}).get("$ref")
    return reference.rpartition("/")[2] if reference else None


def _stated(field: Schema) -> Schema:
    """What is said of a field's value where it is not null."""
    choices: list[Schema] = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
    return choices[0] if choices else field


def _section(name: str, part: Schema) -> str:
    rows = []
    for key, field in part["properties"].items():
        default = "*required*" if key in part.get("required", ()) else _code(field.get("default"))
        null = " or null" if "anyOf" in field else ""
        rows.append(f"| `{key}` | {_type(field)}{null} | {default} | {_rule(field)} | {field['description']} |")
    head = "| field | type | default | rule | meaning |\n|---|---|---|---|---|"
    return "\n".join([f"## {name}", "", " ".join(part["description"].split()), "", head, *rows, ""])


def _type(field: Schema) -> str:
    stated, part = _stated(field), _part(field)
    if part is not None and _words(part):
        return "word"
    named = "any JSON" if part == "JsonValue" else f"[{part}](#{part.lower()})" if part else _plain_type(stated)
    return f"list of {named}" if "items" in stated else named


def _plain_type(stated: Schema) -> str:
    if "items" in stated:
        return _plain_type(stated["items"])
    return "time" if stated.get("format") == "date-time" else _TYPES[stated["type"]]


@cache
def _words(part: str) -> tuple[str, ...]:
    return tuple(Campaign.model_json_schema()["$defs"][part].get("enum", ()))


def _rule(field: Schema) -> str:
    stated, part = _stated(field), _part(field)
    if part is not None and _words(part):
        return f"one of {', '.join(f'`{word}`' for word in _words(part))}"
    if "maxLength" in stated:
        return f"{stated['minLength']} to {stated['maxLength']} characters"
    if "maxItems" in stated:
        return f"{stated['minItems']} to {stated['maxItems']} of them"
    if "maximum" in stated:
        low = f"{stated['minimum']:g} to" if "minimum" in stated else f"above {stated['exclusiveMinimum']:g}, at most"
        return f"{low} {stated['maximum']:g} {field['unit']}"
    unit: str = field.get("unit", "")
    return unit


def _operators() -> Iterator[str]:
    yield _OPERATORS
    for op, operator in OPERATORS.items():
        unset = {"value"} if operator.value is None else None
        example = GoalFilter(attribute="a", op=op, value=operator.value).model_dump(mode="json", exclude=unset)
        cells = (f"`{op.value}`", operator.meaning, *map(_code, (example, *operator.pair)))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _code(value: object) -> str:
    return f"`{json.dumps(value)}`"


def _example(name: str, text: str) -> Iterator[str]:
    yield from (
        f"## Example: {name}",
        "",
        f"The whole of [{name}](campaigns/{name}).",
        "",
        "```json",
        text.rstrip(),
        "```",
        "",
    )


if __name__ == "__main__":
    sys.stdout.write(campaigns_markdown(read_examples(Path(sys.argv[1]))))
