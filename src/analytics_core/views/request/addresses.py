"""Addresses without their secrets: user info, query values, and of a webhook's path all that is no plain word."""

import re
from itertools import accumulate
from urllib.parse import unquote, unquote_plus

from analytics_core.views.request.randomness import is_random
from analytics_core.views.request.secret_shapes import MASK, looks_secret, mask_shapes
from analytics_core.views.request.texts.templates import mask_every_literal

_SIGNS = str.maketrans("\uff0f\uff1a\uff1f\uff03\uff20\uff06\uff1d\ufe6b\ufe56\ufe5f", "/:?#@&=@?#")
"""Signs of an address in their full-width and small forms."""
_SCHEME = re.compile(r"\s*(?:\{%[^{}]*+\}\s*)*(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:)?[/\\]{2}")
_AT_ENTITY = re.compile(r"&#(?:0{0,4}64|[xX]0{0,4}40);")
_QUESTION = re.compile("%(?:25){0,3}3[fF]")
_AT_ENCODED = re.compile(r"%(?:25){0,3}40")
_NO_PORT = re.compile(r"\A(?P<host>[^:\[\]{}]*+|\[[^\[\]{}]*+\]):(?!\d{0,5}\Z)[^{}]*\Z")
_HOOK = re.compile(r"(?i)hook|catch|callback")
_SECRET_FOLLOWS = re.compile(
    r"(?i)[\w.-]*hooks?[\w.-]*|catch|(?:api|access)?[_-]?keys?|[\w-]*tokens?|auth|[\w-]*secrets?|passw\w*"
)
_WORD = r"(?:[a-z]{1,20}|[A-Z][a-z]{1,20}|[A-Z]{1,6}|[a-z]{1,12}(?:[A-Z][a-z]{1,12}){1,4})"
_PLAIN = re.compile(rf"{_WORD}(?:[._-](?:{_WORD}|\d{{1,4}}|v\d{{1,2}}))*|v\d{{1,2}}(?:\.\d)?|\{{\{{[^{{}}]*\}}\}}|")
_NO_WORD = re.compile(r"(?i)[b-df-hj-np-tv-xz]{6}")
_WORD_AFTER_HOST = re.compile(r"[\w.~-]{1,15}")
_HOST_LABEL = re.compile(r"(?i)(?=(?:[a-z-]*\d){3})(?=\d*[a-z-]+\d+[a-z-]+\d+[a-z-]*)[a-z0-9-]{8,}")


def redact_url(url: str, *, is_request: bool = False) -> str:
    """`url` without user info and fragment, its query values masked, and path parts that look like secrets too.

    Args:
        url: any text that is meant to be an address.
        is_request: whether it is what a campaign calls; of those, as of all that is called a hook, a path shows its
            first part and after that plain words only, none behind a word such as `hooks`.
    """
    # The sign as an entity has one that would be taken for the beginning of a fragment.
    written = _AT_ENTITY.sub("@", mask_every_literal(url.translate(_SIGNS)))
    address, has_query, query = _QUESTION.sub("?", written).partition("#")[0].partition("?")
    start = _SCHEME.match(address)
    scheme = start[0] if start else ""
    authority, slash, path = _without_user_info(address[len(scheme) :]).partition("/")
    strictly = is_request or _HOOK.search(address) is not None
    segments = "/".join(_redact_path(path.split("/"), strictly=strictly))
    shown = f"{scheme}{_redact_host(authority)}{slash}{segments}"
    return f"{shown}?{redact_query(query)}" if has_query else shown


def redact_query(query: str) -> str:
    """The parameters of an address, their values masked, and names that look like secrets too."""
    return "&".join(map(_mask_parameter, re.split("[&;]", query)))


def _without_user_info(rest: str) -> str:
    """What stands before the authority's last @ goes; a password may hold a slash, so a colon before one is enough."""
    authority, _, path = rest.replace("\\", "/").partition("/")
    if encoded := [*_AT_ENCODED.finditer(authority)]:
        rest = rest[encoded[-1].end() :] if "@" not in authority[encoded[-1].end() :] else rest
        authority, _, path = rest.replace("\\", "/").partition("/")
    if "@" in authority:
        return rest[rest.rfind("@", 0, len(authority)) + 1 :]
    if "@" in path and ":" in authority:
        return rest[rest.rfind("@") + 1 :]
    return rest


def _redact_host(authority: str) -> str:
    """A label that mixes letters and digits as only a machine would is somebody's secret name; a port is a number."""
    shown = _NO_PORT.sub(rf"\g<host>:{MASK}", mask_shapes(authority))
    labels = shown.split(".")
    return ".".join(MASK if _HOST_LABEL.fullmatch(label) or _is_coded(label) else label for label in labels)


def _redact_path(segments: list[str], *, strictly: bool) -> list[str]:
    """Nothing behind a part that a secret follows; strictly, the first part as any, of the others plain words only."""
    named = [place for place, segment in enumerate(segments) if segment]
    first = named[0] if named else 0
    hidden = [
        False,
        *accumulate((_SECRET_FOLLOWS.fullmatch(unquote(one)) is not None for one in segments), bool.__or__),
    ]
    shown = []
    for place, segment in enumerate(segments):
        redacted = _redact_segment(segment)
        if segment and (hidden[place] or (strictly and not _is_plain(redacted, is_first=place == first))):
            redacted = MASK
        shown.append(redacted)
    return shown


def _is_plain(segment: str, *, is_first: bool) -> bool:
    name = segment.partition(";")[0]
    if _PLAIN.fullmatch(name) and not _NO_WORD.search(name):
        return True
    return is_first and _WORD_AFTER_HOST.fullmatch(name) is not None


def _is_coded(name: str) -> bool:
    return name.isalnum() and is_random(name)


def _redact_segment(segment: str) -> str:
    """One part of a path; what follows a semicolon is a parameter, and a nested address is hidden."""
    name, has_parameter, _ = segment.partition(";")
    plain = unquote(name)
    shown = MASK if looks_secret(plain) or ("@" in plain and ":" in plain) else mask_shapes(name)
    return f"{shown};{MASK}" if has_parameter else shown


def _mask_parameter(part: str) -> str:
    name, has_value, _ = part.partition("=")
    if not has_value:
        return MASK if part else ""
    return f"{MASK if looks_secret(unquote_plus(name)) else name}={MASK}"
