"""Texts that may mean one thing though they are not equal: ids and event names as two systems write them.

`123.0` and `123` are one id to people and two to a computer; so are `Ann` and `ann`, and names that differ in a blank,
an accent or a hyphen. Nothing is computed by likeness: it only says why things did not meet.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Difference(StrEnum):
    """What one text has and another, which may mean the same, has not."""

    DECIMALS = "decimals"
    EXPONENT = "exponent"
    QUOTES = "quotes"
    INVISIBLE = "invisible"
    UNICODE = "unicode"
    BLANKS = "blanks"
    ZEROS = "zeros"
    ACCENTS = "accents"
    SIGNS = "signs"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Unlikeness:
    """How two alike texts differ.

    Attributes:
        what: what one of them has; of several differences the first in the order of `Difference`.
        in_first: whether the first has it; no matter where both are merely written in other cases or signs.
    """

    what: Difference
    in_first: bool = True


def _holds_category(*categories: str) -> Callable[[str], bool]:
    # Ordinary texts are not looked at character by character.
    return lambda text: (
        not (text.isascii() and text.isprintable())
        and any(unicodedata.category(character) in categories for character in text)
    )


_FEATURES: Mapping[Difference, Callable[[str], bool]] = {
    Difference.DECIMALS: lambda text: re.search(r"\d\.0*\W*$", text) is not None,
    Difference.EXPONENT: lambda text: re.fullmatch(r"\W*\d(\.\d+)?[eE]\+?\d+\W*", text) is not None,
    Difference.QUOTES: lambda text: re.match(r"\s*[\"'`{\[(<\u2018-\u201f]", text) is not None,
    Difference.INVISIBLE: _holds_category("Cf", "Cc"),
    Difference.UNICODE: lambda text: not unicodedata.is_normalized("NFKC", text),
    Difference.BLANKS: lambda text: any(map(str.isspace, text)),
    Difference.ZEROS: lambda text: re.match(r"\W*0\d", text) is not None,
    Difference.ACCENTS: lambda text: _holds_category("Mn")(unicodedata.normalize("NFKD", text)),
    Difference.SIGNS: lambda text: re.search(r"[^\w\s]|_", text) is not None,
}
"""All but the case of letters, which no text has or lacks."""


def compare_texts(first: str, second: str) -> Unlikeness:
    """How two alike texts, which are not equal, differ."""
    for what, has in _FEATURES.items():
        if has(first) != has(second):
            return Unlikeness(what, in_first=has(first))
    one, other = first.casefold(), second.casefold()
    if one == other:
        return Unlikeness(Difference.CASE)
    return Unlikeness(Difference.BLANKS if "".join(one.split()) == "".join(other.split()) else Difference.SIGNS)


def compare_all(pairs: Iterable[tuple[str, str]]) -> Unlikeness | None:
    """How most of some pairs of alike texts differ; None without pairs."""
    found = Counter(compare_texts(first, second) for first, second in pairs)
    return min(found, key=lambda unlike: (-found[unlike], unlike.what, unlike.in_first), default=None)


def profile_texts(texts: Iterable[str]) -> frozenset[tuple[bool, ...]]:
    """The manners in which texts are written; sets of texts that have the same are not told apart by writing."""
    return frozenset(
        (*(has(text) for has in _FEATURES.values()), text != text.lower(), text != text.upper()) for text in set(texts)
    )
