"""Texts of cells and rows: whether they can be written down, how they are kept, and which numbers they spell."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal

from analytics_core.domain.money import currency_code, decimals_of
from analytics_core.json_text import Number

RAW_LENGTH = 10_000
NOT_UTF8, TOO_LONG = "not UTF-8", "the line is longer than 64 MiB"
CUT_OFF = "\udcff\udcfe cut off"
"""Stands where the rest of a line was passed over because the line is too long; no text that is UTF-8 has it."""

_SURROGATE = re.compile("[\ud800-\udfff]")
# Exponents are bounded so that no short text can ask for a number of a million digits.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST = 60
_EXACT = Context(prec=2 * _LONGEST, rounding=ROUND_HALF_EVEN)


def is_unicode(text: str) -> bool:
    """Whether `text` can be written down: no lone surrogate, from an escape or from a byte that is not UTF-8."""
    return text.isascii() or _SURROGATE.search(text) is None


def why_not_unicode(text: str) -> str:
    """Why a text that is not Unicode cannot be read."""
    return TOO_LONG if CUT_OFF in text else NOT_UTF8


def readable(text: str) -> str:
    """`text` with every byte or half character that is not Unicode shown as a replacement character."""
    return text if is_unicode(text) else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def cut_raw(text: str) -> str:
    """The raw text as it is kept: whole up to 10,000 characters, then cut with an ellipsis."""
    return readable(text if len(text) <= RAW_LENGTH else text[:RAW_LENGTH] + "…")


def decimal_of(text: str) -> Decimal | None:
    """The finite number `text` spells, exact; None where it spells none. Spaces around it do not matter."""
    stripped = text.strip(" \t")
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None


def round_price(value: object, currency: object) -> object:
    """A price rounded half to even to the decimals of its currency; what is no number, or absurdly long, as it is.

    19.99 as a 32-bit float is 19.989999771118164. Its digits are cut here, before anything adds it up.
    """
    found = decimal_of(value) if isinstance(value, str) else None
    if found is None or found.adjusted() > _LONGEST:
        return value
    decimals = decimals_of(currency_code(currency) if isinstance(currency, str) else None)
    return Number(f"{found.quantize(Decimal(1).scaleb(-decimals), context=_EXACT):f}")
