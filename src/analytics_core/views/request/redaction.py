"""What of a request may leave in a shared file: addresses, headers and bodies with their secrets masked."""

import json
import re
from collections.abc import Mapping
from urllib.parse import unquote, unquote_plus

from analytics_core.views.forms.texts import cut
from analytics_core.views.request.secret_shapes import MASK, is_sensitive_name, looks_secret, mask_shapes

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
_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:)?[/\\]{2}")
_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>\\]+")
_NAME = re.compile(r"""[\w.$\[\]-]{1,80}\\{0,4}["']?\s{0,8}(?:=>|[:=])\s{0,8}""")
_VALUE = re.compile(r"""(?P<quote>\\{0,4}["'])(?:(?!(?P=quote))(?:\\.|[^\n]))*|[^\n,;&}\]<]*""")
_ELEMENT = re.compile(r"(?s)(?P<open><(?P<name>[\w:.-]{1,80})(?:\s[^<>]*)?>)(?P<value>[^<]*|<!\[CDATA\[.*?\]\]>)(?=</)")


def visible_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Name and value of each header, in the given order; values not on the allow-list are masked."""
    return tuple(
        (
            cut(mask_shapes(name), _LONGEST_NAME),
            redact_text(value) if name.strip().lower() in SHOWN_HEADERS else MASK,
        )
        for name, value in headers.items()
    )


def redact_url(url: str) -> str:
    """`url` without user info and fragment, its query values masked, and path parts that look like secrets too."""
    address, has_query, query = url.partition("#")[0].partition("?")
    start = _SCHEME.match(address)
    scheme = start[0] if start else ""
    authority, slash, path = _without_user_info(address[len(scheme) :]).partition("/")
    segments = "/".join(map(_redact_segment, path.split("/")))
    parameters = "&".join(map(_mask_parameter, re.split("[&;]", query)))
    shown = f"{scheme}{mask_shapes(authority)}{slash}{segments}"
    return f"{shown}?{parameters}" if has_query else shown


def _without_user_info(rest: str) -> str:
    """What stands before the authority's last @ goes; a password may hold a slash, so a colon before one is enough."""
    authority, _, path = rest.replace("\\", "/").partition("/")
    if "@" in authority:
        return rest[rest.rfind("@", 0, len(authority)) + 1 :]
    if "@" in path and ":" in authority:
        return rest[rest.rfind("@") + 1 :]
    return rest


def _redact_segment(segment: str) -> str:
    """One part of a path; what follows a semicolon is a parameter, and a nested address is redacted like one."""
    name, has_parameter, _ = segment.partition(";")
    plain = unquote(name)
    shown = MASK if looks_secret(plain) or ("@" in plain and ":" in plain) else redact_text(name)
    return f"{shown};{MASK}" if has_parameter else shown


def _mask_parameter(part: str) -> str:
    name, has_value, _ = part.partition("=")
    if not has_value:
        return MASK if part else ""
    return f"{MASK if looks_secret(unquote_plus(name)) else name}={MASK}"


def redact_body(text: str) -> str:
    """A request body: JSON by its fields (and indented), anything else by name-value pairs, elements and shapes."""
    return _redact_json_text(text, depth=0, indent=2)


def _redact_json_text(text: str, *, depth: int, indent: int | None = None) -> str:
    """A text that holds a JSON object or array, redacted as such; any other like any text."""
    try:
        value = json.loads(text) if text.lstrip()[:1] in {"{", "["} else None
    except (ValueError, RecursionError):
        value = None
    if value is None:
        return redact_text(text)
    return json.dumps(redact_json(value, depth=depth), indent=indent, ensure_ascii=False)


def redact_json(value: object, *, depth: int = 0) -> object:
    """A JSON value with sensitive fields masked, at any depth; below forty levels everything is."""
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, list | tuple):
        return [redact_json(item, depth=depth + 1) for item in value]
    if not isinstance(value, Mapping):
        return _redact_json_text(value, depth=1) if isinstance(value, str) else value
    # An object that is itself a name-value pair, such as a listed header, is masked by the name it holds.
    named = next((value[key] for key in ("name", "key", "field", "header") if isinstance(value.get(key), str)), "")
    shown = {}
    for key, item in value.items():
        name = str(key)
        hidden = is_sensitive_name(name) or (name.lower() == "value" and is_sensitive_name(str(named)))
        shown[mask_shapes(name)] = MASK if hidden and item is not None else redact_json(item, depth=depth + 1)
    return shown


def redact_text(text: str) -> str:
    """Any text: addresses, name-value pairs and elements of sensitive names, and everything of a secret's shape."""
    text = mask_shapes(_URL.sub(lambda found: redact_url(found[0]), text))
    text = _ELEMENT.sub(_mask_element, text)
    shown, done = [], 0
    for name in _NAME.finditer(text):
        # What follows a name that is not sensitive is searched on, as it may hold pairs itself.
        if name.start() < done or not is_sensitive_name(name[0]):
            continue
        value = _VALUE.match(text, name.end())
        if value is not None and value[0].strip():
            shown += [text[done : name.end()], value["quote"] or "", MASK]
            done = value.end()
    return "".join((*shown, text[done:]))


def _mask_element(found: re.Match[str]) -> str:
    return f"{found['open']}{MASK}" if is_sensitive_name(found["name"]) and found["value"].strip() else found[0]
