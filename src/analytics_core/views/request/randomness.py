"""Whether letters and digits look drawn by chance, or like words, dates and names of things.

Words of the languages around us are made of few of the pairs that 26 letters can form; random text takes them all, and
changes between digits, small and capital letters all the time.
"""

import re
from itertools import pairwise

_COMMON = (
    "aabcdefgijklmnoprstuvxyz baeijlorsuy cacehiklorstuy dadeijlorstu eabcdefgijlmnopqrstuvwxyz "
    "faefilnortuy gaehilnorsu haeilmnortu iabcdefgijklmnoprstuvxz jaeu kaeinstwz labcdefgiklmopstuvyz "
    "mabeilmopsu nacdefgijklnopstuvyz oabcdefgijklmnoprstuvwxz paefhiloprstuy qu rabcdefgiklmnoprstuvwyz "
    "sacefhiklmnopqstuyz tacehilmoprstuwyz uabcdefghilmnprstu vaeio waehinorsu xaceipt yaeinopst zaeuw "
)
"""Each letter with those that often follow it: 98 % of the pairs in English prose and code, and usual German ones."""
_PAIRS = frozenset(group[0] + after for group in _COMMON.split() for after in group[1:])
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]|[0-9]+")
_SEPARATOR = re.compile(r"[+/_-]")
_HEX = re.compile(r"(?=(?:[a-fA-F]*\d){3})(?=(?:\d*[a-fA-F]){2})[0-9a-fA-F]+")
_CHARACTERS_A_SEPARATOR = 6
_SHORTEST = 12
_FEWEST_LETTERS, _FEWEST_SIGNS = 3, 6
_SHORT_PIECE = 3
_SPEAKABLE, _SURELY_SPEAKABLE = 0.75, 0.9
_RESTLESS = 0.4


def is_random(token: str) -> bool:
    """Whether `token` (letters, digits and `+/_=-`) looks drawn by chance; worked example: `OrderPlaced2026` does not.

    What has many separators is a list of short names; only its unbroken runs are looked at.
    """
    return any(map(_has_drawn_run, token.split("=")))


def _has_drawn_run(part: str) -> bool:
    runs = _RUN.findall(part)
    if len(_SEPARATOR.findall(part)) * _CHARACTERS_A_SEPARATOR <= len(part) and len(part) >= _SHORTEST:
        runs.append(_SEPARATOR.sub("", part))
    return any(map(_is_drawn, runs))


def _is_drawn(run: str) -> bool:
    if len(set(run)) < _FEWEST_SIGNS:
        return False
    if _HEX.fullmatch(run):
        return True
    if sum(map(str.isalpha, run)) < _FEWEST_LETTERS:
        return False
    share = _share_of_speech(run)
    return share < _SPEAKABLE or (share < _SURELY_SPEAKABLE and _changes(run) >= _RESTLESS)


def _share_of_speech(run: str) -> float:
    """The share of pairs of letters that words are made of; short pieces and many numbers speak against a run."""
    pieces = _PIECE.findall(run)
    numbers = sum(piece[0].isdigit() for piece in pieces)
    good, bad = 0.0, float(max(numbers - 1, 0))
    for piece in (piece.lower() for piece in pieces if piece[0].isalpha()):
        common = sum(left + right in _PAIRS for left, right in pairwise(piece))
        good += common
        bad += len(piece) - 1 - common + (0.5 if len(piece) <= _SHORT_PIECE else 0)
    return good / (good + bad) if good else 0.0


def _changes(run: str) -> float:
    kinds = [0 if character.isdigit() else 1 if character.islower() else 2 for character in run]
    return sum(left != right for left, right in pairwise(kinds)) / (len(run) - 1)
