"""What of a definition's texts may leave in a shared file: headers, bodies, filters and names, their secrets masked."""

import json
import re
from collections.abc import Iterator, Mapping

from analytics_core.views.forms.texts import cut, printable
from analytics_core.views.request.addresses import redact_url
from analytics_core.views.request.markup import mask_elements
from analytics_core.views.request.secret_shapes import MASK, looks_secret, mask_shapes
from analytics_core.views.request.sensitive_names import (
    is_numbering,
    is_person_name,
    is_sensitive_name,
    is_weak_name,
)

SHOWN_HEADERS = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "user-agent",
    }
)
"""Only these headers' values are shown, in lower case."""

_DEEPEST = 40
_LONGEST_NAME = 80
_BEFORE_NUMBER = 40
_URL = re.compile(r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>\\]+")
_BARE_HOOK = re.compile(r"(?i)(?<![\w.@/-])(?:[\w-]++\.)++[a-z][\w-]*+(?::\d{1,5})?/[^\s\"'<>\\]*+")
_HOOK = re.compile(r"(?i)hook|/catch/")
_NAME = re.compile(
    r"""(?<![\w.$\[\]-])(?P<name>[\w.$\[\]-]++)(?P<sign>\\{0,4}["']?\s{0,8}(?:=>|:=|={1,3}|:|%3[ADad])\s{0,8})"""
)
_VALUE = re.compile(
    r"""(?P<quote>\\{0,4}["'])(?:(?!(?P=quote))(?:\\.|[^\n]))*|(?:(?!\s(?:and|AND|or|OR|und|oder|&&|then)\s|[.!?]\s)[^\n,;&}\]<])*"""
)
_SAYS_NOTHING = re.compile(
    r"(?i)\s*(?:[01]|any|empty|exists|false|known|missing|none|no|not set|null|set|true|unknown|unset|verified|yes)\s*"
)
_EVERYDAY = re.compile(r"\s*(?:[^\W\d_]+|\d{1,4})(?=[\s.,;:!?)]|\Z)")


def visible_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Name and value of each header, in the given order; values not on the allow-list are masked."""
    return tuple((header_name(name), redact_text(value) if is_shown(name) else MASK) for name, value in headers.items())


def header_name(name: str) -> str:
    """A header's name as it may be shown."""
    return cut(redact_text(name[: 2 * _LONGEST_NAME]), _LONGEST_NAME)


def is_shown(header: str) -> bool:
    """Whether the value of a header of this name is shown."""
    return header.strip().lower() in SHOWN_HEADERS


def redact_body(text: str) -> str:
    """A request body: JSON by its fields (and indented), anything else by name-value pairs, elements and shapes."""
    return _redact_json_text(text, depth=0, indent=2)


def _redact_json_text(text: str, *, depth: int, indent: int | None = None) -> str:
    """A text that holds a JSON object or array, redacted as such; any other like any text."""
    text = printable(text)
    try:
        value = json.loads(text) if text.lstrip()[:1] in {"{", "["} else None
    except (ValueError, RecursionError):
        value = None
    if value is None:
        return redact_text(text)
    return json.dumps(redact_json(value, depth=depth), indent=indent, ensure_ascii=False)


def redact_json(value: object, *, depth: int = 0, below: str = "") -> object:
    """A JSON value with sensitive fields masked, at any depth; below forty levels everything is.

    Args:
        value: of objects, arrays and plain values.
        depth: how many levels are above it.
        below: the name of the field that holds it; an `id` of a person is masked.
    """
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, list | tuple):
        return [redact_json(item, depth=depth + 1, below=below) for item in value]
    if isinstance(value, Mapping):
        return dict(_redact_fields(value, depth, below))
    if isinstance(value, str):
        return _redact_json_text(value, depth=depth + 1)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return MASK if is_number and looks_secret(str(value)) else value


def _redact_fields(fields: Mapping[object, object], depth: int, below: str) -> Iterator[tuple[str, object]]:
    # An object that is itself a name-value pair, such as a listed header, is masked by the name it holds.
    names = ("name", "key", "field", "header", "attribute", "property")
    named = next((fields[key] for key in names if isinstance(fields.get(key), str)), "")
    for key, item in fields.items():
        name = printable(str(key))
        hidden = (
            is_sensitive_name(name)
            or (name.lower() in {"value", "values"} and is_sensitive_name(str(named)))
            or (name.lower() in {"id", "_id"} and is_person_name(below))
        )
        says_something = item is not None and not isinstance(item, bool)
        shown = MASK if hidden and says_something else redact_json(item, depth=depth + 1, below=name)
        yield redact_text(name), shown


def redact_text(text: str) -> str:
    """Any text: addresses, name-value pairs and elements of sensitive names, and everything of a secret's shape."""
    text = _URL.sub(lambda found: redact_url(found[0]), printable(text))
    if _HOOK.search(text):
        text = _BARE_HOOK.sub(lambda found: redact_url(found[0]) if _HOOK.search(found[0]) else found[0], text)
    text = mask_elements(mask_shapes(text))
    shown, done = [], 0
    for pair in _NAME.finditer(text):
        # What follows a name that is not sensitive is searched on, as it may hold pairs itself.
        if pair.start() < done or not _is_sensitive_pair(pair, text):
            continue
        value = _VALUE.match(text, pair.end())
        if value is not None and _says_something(pair, value):
            shown += [text[done : pair.end()], value["quote"] or "", MASK]
            done = value.end() if value["quote"] else pair.end() + len(value[0].rstrip())
    return "".join((*shown, text[done:]))


def _is_sensitive_pair(pair: re.Match[str], text: str) -> bool:
    if is_sensitive_name(pair["name"]):
        return True
    if not is_numbering(pair["name"]):
        return False
    before = text[max(0, pair.start() - _BEFORE_NUMBER) : pair.start()].split()[-2:]
    return is_sensitive_name(" ".join((*before, pair["name"])))


def _says_something(pair: re.Match[str], value: re.Match[str]) -> bool:
    """Whether a value may be secret: no yes or no, nor, in a sentence, an everyday word behind an everyday name."""
    if not value[0].strip() or _SAYS_NOTHING.fullmatch(value[0]):
        return False
    in_sentence = pair["sign"][-1:].isspace() and not value["quote"]
    everyday = is_weak_name(pair["name"]) and not is_numbering(pair["name"])
    return not (in_sentence and everyday and _EVERYDAY.match(value[0]))
