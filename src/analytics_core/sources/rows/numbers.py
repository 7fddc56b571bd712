"""Numbers of cells, read digit by digit, and prices that went through binary floating point."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal

from analytics_core.domain.money import currency_code, decimals_of
from analytics_core.json_text import Number

# Exponents are bounded so that no short text can ask for a number of a million digits.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST = 60
_EXACT = Context(prec=2 * _LONGEST, rounding=ROUND_HALF_EVEN)


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
