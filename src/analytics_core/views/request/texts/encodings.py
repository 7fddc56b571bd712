"""Texts behind an encoding: percent signs, entities of HTML, base64, hexadecimal."""

import re
from base64 import b64decode
from binascii import Error
from html import unescape
from urllib.parse import unquote

_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(r"(?=\d*[A-Fa-f])(?:[0-9A-Fa-f]{2}){6,}")
_SURELY_CODED = 16
_SAYS_SOMETHING = re.compile(r"[:={]")
_TIMES = 3


def without_entities(text: str) -> str:
    """`text` as a reader of HTML or XML takes it."""
    return unescape(text) if "&" in text and _ENTITY.search(text) else text


def without_percents(text: str) -> str:
    """`text` as whoever is called takes it, of what was encoded up to three times."""
    for _ in range(_TIMES if "%" in text else 0):
        text = unquote(text)
    return text


def is_coded_text(token: str) -> bool:
    """Whether a part of `token` is base64, or hexadecimal, of a text.

    Worked example: `YWRhOnNlc2FtZQ==` is `ada:sesame`; of a word such as `subscription` nothing readable comes out. A
    short run may be a text by chance, so it has to look like one that says something.
    """
    return any(_is_coded(run) for run in _RUN.findall(token))


def _is_coded(run: str) -> bool:
    raw = bytes.fromhex(run) if _HEX.fullmatch(run) else _decode(run)
    try:
        plain = raw.decode()
    except UnicodeDecodeError:
        return False
    readable = bool(plain) and all(sign.isprintable() or sign.isspace() for sign in plain)
    return readable and (len(run) >= _SURELY_CODED or _SAYS_SOMETHING.search(plain) is not None)


def _decode(run: str) -> bytes:
    try:
        return b64decode(run + "=" * (-len(run) % 4), altchars=b"-_" if {"-", "_"} & set(run) else b"+/")
    except (Error, ValueError):
        return b""
