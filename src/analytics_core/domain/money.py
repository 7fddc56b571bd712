"""Money: how a currency's code is written, how many decimals it has, its sign; and sums divided by counts."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

_USUAL = 2
_MINOR_UNITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""ISO 4217: how many decimals a currency has, where it is not two.

Babel's are those that people write, none for RSD, LBP or IQD: by them prices would lose what the standard gives them.
"""

_SIGNS = {"NGN": "₦", "TRY": "₺", "UAH": "₴"}
"""Signs that Babel's English leaves to readers at home, though they mean one currency only."""

_NOT_SIGNS = frozenset({"XXX"})
_QUANTUM = Decimal("0.000001")


def currency_code(written: str) -> str | None:
    """`written` without blanks around it and in capitals; None where nothing is left."""
    return written.strip().upper() or None


def decimals_of(code: str | None) -> int:
    """How many decimals the currency `code` has by ISO 4217; two where it is not known, as nearly all have."""
    return _MINOR_UNITS.get(code or "", _USUAL)


@lru_cache(maxsize=256)
def symbol_of(code: str) -> str | None:
    """The sign of the currency `code` as English has it, such as ``$`` or ``A$``; None where it is written by its code.

    Abbreviations such as FCFA are no signs: before a figure they would read as part of it.
    """
    from unicodedata import category  # noqa: PLC0415 (with Babel, whose data takes a tenth of a second to load)

    from babel.numbers import get_currency_symbol  # noqa: PLC0415 (as above)

    sign = _SIGNS.get(code) or get_currency_symbol(code, "en")
    return sign if any(category(character) == "Sc" for character in sign) and code not in _NOT_SIGNS else None


def money_per(amount: Decimal | None, count: int) -> Decimal | None:
    """`amount / count`, rounded half-even to six decimals; None without an amount or over zero.

    What rounds to nothing has no sign.
    """
    if amount is None or not count:
        return None
    with localcontext(prec=64):
        rounded = (amount / count).quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
        return rounded or abs(rounded)
