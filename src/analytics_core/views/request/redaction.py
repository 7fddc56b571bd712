"""What of a definition's texts may leave in a shared file: headers, bodies, filters and names, their secrets masked."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from analytics_core.domain.words import pair_up
from analytics_core.views.forms.texts import cut, printable
from analytics_core.views.request.addresses import redact_query, redact_url
from analytics_core.views.request.markup import mask_elements
from analytics_core.views.request.secret_shapes import MASK, looks_secret, mask_shapes
from analytics_core.views.request.sensitive_names import (
    is_named_secret,
    is_person_name,
    is_secret_name,
    is_sensitive_name,
)
from analytics_core.views.request.texts.encodings import without_entities, without_percents
from analytics_core.views.request.texts.pairs import mask_pairs
from analytics_core.views.request.texts.templates import mask_literals

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
_PAIR = 2
_FLAT = re.compile(r"(?i)cookie|env|header|param")
_LONGEST_NAME = 80
_URL = re.compile(r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://(?:\{\{[^{}]*+\}\}|[^\s\"'<>\\])++")
_BARE_HOOK = re.compile(r"(?i)(?<![\w.@/-])(?:[\w-]++\.)++[a-z][\w-]*+(?::\d{1,5})?/[^\s\"'<>\\]*+")
_HOOK = re.compile(r"(?i)hook|/catch/")
_QUERY = re.compile(r"(?<=[\w/})\]])\?(?=[\w.\[\]%-]{1,80}=)[^\s\"'<>\\]*")
_RUN = re.compile(r"""(?<![^\s"'<>&=;,])[^\s"'<>&=;,]++""")


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
        hidden = _named_by_place(value, depth, below)
        return [
            MASK if place in hidden else redact_json(item, depth=depth + 1, below=below)
            for place, item in enumerate(value)
        ]
    if isinstance(value, Mapping):
        return dict(_redact_fields(value, depth, below))
    if isinstance(value, str):
        return _redact_json_text(value, depth=depth + 1)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return MASK if is_number and looks_secret(str(value)) else value


def _redact_fields(fields: Mapping[object, object], depth: int, below: str) -> Iterator[tuple[str, object]]:
    # An object that is itself a name-value pair, such as a listed header, is masked by the name it holds.
    named = pair_up({str(key): item for key, item in fields.items()})
    secret = {held for held, naming, said in named if is_named_secret(naming, said, held)}
    for key, item in fields.items():
        name = printable(str(key))
        hidden = (
            is_sensitive_name(name) or str(key) in secret or (name.lower() in {"id", "_id"} and is_person_name(below))
        )
        says_something = item is not None and not isinstance(item, bool)
        shown = MASK if hidden and says_something else redact_json(item, depth=depth + 1, below=name)
        yield redact_text(name), shown


def _named_by_place(items: Sequence[object], depth: int, below: str) -> set[int]:
    """Places of a list that stand behind a name of a secret: a list of two in a list, or a flat list of headers."""
    is_flat = _FLAT.search(below) is not None
    if not is_flat and (depth == 0 or len(items) != _PAIR):
        return set()
    names = items[::2] if is_flat else items[:1]
    return {2 * place + 1 for place, name in enumerate(names) if isinstance(name, str) and is_secret_name(name)}


def redact_text(text: str) -> str:
    """Any text: addresses, name-value pairs and elements of sensitive names, and everything of a secret's shape."""
    text = printable(text)
    plain = without_entities(text)
    if plain != text and _redact(plain) != plain:
        text = plain
    return _redact(text)


def _redact(text: str) -> str:
    shown = _redact_as_written(text)
    return _RUN.sub(_mask_encoded, shown) if "%" in shown else shown


def _mask_encoded(found: re.Match[str]) -> str:
    """A percent-encoded run is hidden whole where what it stands for is redacted."""
    plain = without_percents(found[0])
    return MASK if plain != found[0] and _redact_as_written(plain) != plain else found[0]


def _redact_as_written(text: str) -> str:
    text = _URL.sub(lambda found: redact_url(found[0]), mask_literals(text))
    if _HOOK.search(text):
        text = _BARE_HOOK.sub(lambda found: redact_url(found[0]) if _HOOK.search(found[0]) else found[0], text)
    text = _QUERY.sub(lambda found: f"?{redact_query(found[0][1:])}", text)
    text, used = mask_pairs(mask_elements(mask_shapes(text)))
    return mask_literals(text, used) if used else text
