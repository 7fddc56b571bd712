"""Pairs of name and value in any text: what a sensitive name stands before is masked, however far it goes.

A value is what stands in quotes, also on several lines; what stands in brackets; the lines below that are set in
further; else the rest of the line up to a comma or the like.
"""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from analytics_core.domain.words import is_holding, is_naming
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import (
    is_named_secret,
    is_numbering,
    is_sensitive_name,
    is_weak_name,
)
from analytics_core.views.request.texts.templates import list_roots

_BEFORE_NUMBER = 40
_NEAR = 300
"""Characters between a name and a value of one object, at most."""
_MOST_BESIDE = 8
_NAME = re.compile(
    r"""(?<![\w.$\[\]%-])(?P<name>(?:[\w.$\[\]-]|%(?!3[ADad]))++)"""
    r"""(?P<sign>\\{0,4}["'`]?\]?\s{0,8}(?:=>|:=|={1,3}|:|%3[ADad])\s{0,8})"""
)
_QUOTE = r"""(?P<quote>\\{0,4}(?:"{3}|'{3}|["'`]))"""
_CLOSED = re.compile(_QUOTE + r"(?P<said>(?:(?!(?P=quote))(?:\\.|[\s\S])){0,4000})(?=(?P=quote))")
_OPEN = re.compile(_QUOTE + r"(?P<said>(?:(?!(?P=quote))(?:\\.|[^\n]))*)")
_PLAIN = re.compile(r"(?:\{\{[^{}]*+\}\}|(?!\s(?:and|AND|or|OR|und|oder|&&|then)\s|[.!?]\s)[^\n,;&}\]<])*")
_IN_FORM = re.compile(r"[^&\n]*")
_FORM = re.compile(r"\s*+[^\s&=]++=(?:\S*+|[^&\n]*+(?:&[^\s&=]++=[^&\n]*+)+)\s*+")
_BRACKET = re.compile(r"[\[{](?![{%])")
_IN_BRACKETS = re.compile(r"""\{\{[^{}]*+\}\}|\{%[^{}]*+\}|"(?:\\.|[^"\\])*+"|[\[\]{}]""")
_BLOCK = re.compile(r"[|>][+-]?\d?[ \t]*(?=\n)")
_LINE = re.compile(r"\n(?P<inset>[ \t]*)(?P<rest>[^\n]*)")
_INSET = re.compile(r"[ \t]*(?:- )?")
_COMMAND_USER = re.compile(
    r"""(?<!\S)(?P<start>(?:-[uU]|--(?:proxy-)?user)(?:=|\s{1,4})["']?)[^\s:"']{1,80}:[^\s"']+"""
)
_SAYS_NOTHING = re.compile(
    r"(?i)\s*(?:[01]|any|empty|exists|false|known|missing|none|no|not set|null|set|true|unknown|unset|verified|yes)\s*"
)
_EVERYDAY = re.compile(r"\s*(?:[^\W\d_]+|\d{1,4})(?=[\s.,;:!?)]|\Z)")


def mask_pairs(text: str) -> tuple[str, set[str]]:
    """`text` with the values of sensitive names masked, and the variables of a template that stood in them."""
    text = _COMMAND_USER.sub(rf"\g<start>{MASK}", text) if "-u" in text.lower() else text
    is_form = "=" in text and _FORM.fullmatch(text) is not None
    pairs = [*_NAME.finditer(text)]
    naming = _list_naming(text, pairs)
    shown, done, used = [], 0, set[str]()
    for pair in pairs:
        # What follows a name that is not sensitive is searched on, as it may hold pairs itself.
        if pair.start() < done or not (_is_sensitive_pair(pair, text) or _is_named(pair, naming)):
            continue
        quote, end = _find_value(text, pair, is_form=is_form)
        value = text[pair.end() : end]
        if _says_something(pair, value, quote):
            shown += [text[done : pair.end()], quote, MASK]
            done = end
            used |= list_roots(value)
    return "".join((*shown, text[done:])), used


def _list_naming(text: str, pairs: Sequence[re.Match[str]]) -> list[tuple[int, str, str]]:
    """Pairs such as `"name": "Authorization"`: where each is, its name and what it says."""
    found = []
    for pair in pairs:
        value = _CLOSED.match(text, pair.end()) if is_naming(pair["name"]) else None
        if value is not None and is_sensitive_name(value["said"]):
            found.append((pair.start(), pair["name"], value["said"]))
    return found


def _is_named(pair: re.Match[str], naming: Sequence[tuple[int, str, str]]) -> bool:
    """Whether a pair beside this one says that it holds a secret."""
    if not naming or not is_holding(pair["name"]):
        return False
    first = bisect(naming, (pair.start() - _NEAR, "", ""))
    last = bisect(naming, (pair.start() + _NEAR, "", ""))
    return any(is_named_secret(name, said, pair["name"]) for _, name, said in naming[first:last][:_MOST_BESIDE])


def _is_sensitive_pair(pair: re.Match[str], text: str) -> bool:
    name = unquote(pair["name"])
    if is_sensitive_name(name):
        return True
    if not is_numbering(name):
        return False
    before = text[max(0, pair.start() - _BEFORE_NUMBER) : pair.start()].split()[-2:]
    return is_sensitive_name(" ".join((*before, name)))


def _find_value(text: str, pair: re.Match[str], *, is_form: bool) -> tuple[str, int]:
    """The quotes that a pair's value begins with, if any, and where the value ends."""
    start = pair.end()
    if is_form:
        return "", _end_of(_IN_FORM, text, start)
    quoted = _CLOSED.match(text, start) or _OPEN.match(text, start)
    if quoted is not None:
        return quoted["quote"], quoted.end()
    if _BRACKET.match(text, start):
        return "", _end_of_brackets(text, start)
    end = _end_of(_BLOCK, text, start) or _end_of(_PLAIN, text, start)
    end = _end_of_inset(text, pair.start(), end) if text[end : end + 1] == "\n" else end
    return "", start + len(text[start:end].rstrip())


def _end_of(shape: re.Pattern[str], text: str, start: int) -> int:
    """Where what has this shape ends; 0 where nothing has."""
    found = shape.match(text, start)
    return found.end() if found else 0


def _end_of_brackets(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; where none does, everything else is inside."""
    depth = 0
    for found in _IN_BRACKETS.finditer(text, start):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if not depth:
            return found.end()
    return len(text)


def _end_of_inset(text: str, name: int, end: int) -> int:
    """Behind the lines below `end` that are set in further than the line with the name."""
    begin = text.rfind("\n", 0, name) + 1
    own = len((_INSET.match(text, begin, name) or [""])[0])
    for line in _lines(text, end):
        if line["rest"].strip() and len(line["inset"]) <= own:
            break
        end = line.end()
    return end


def _lines(text: str, end: int) -> Iterator[re.Match[str]]:
    while (line := _LINE.match(text, end)) is not None:
        yield line
        end = line.end()


def _says_something(pair: re.Match[str], value: str, quote: str) -> bool:
    """Whether a value may be secret: no yes or no, nor, in a sentence, an everyday word behind an everyday name."""
    if not value.strip() or value in {"{}", "[]"} or _SAYS_NOTHING.fullmatch(value):
        return False
    in_sentence = pair["sign"][-1:].isspace() and not quote
    everyday = is_weak_name(pair["name"]) and not is_numbering(pair["name"])
    return not (in_sentence and everyday and _EVERYDAY.match(value))
