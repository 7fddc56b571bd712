"""Prices that went through binary floating point, back to the digits their currency has."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from analytics_core.domain.currencies import currency_code
from analytics_core.json_text import Number
from analytics_core.sources.rows.numbers import decimal_of

_USUAL = 2
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""ISO 4217: how many decimals a currency has, where it is not two."""

_LONGEST = 60
_EXACT = Context(prec=2 * _LONGEST, rounding=ROUND_HALF_EVEN)


def exponent(currency: object) -> int:
    """How many decimals a currency has; two where it is not known, as nearly all have."""
    return _EXPONENTS.get(currency_code(currency) or "", _USUAL) if isinstance(currency, str) else _USUAL


def price(value: object, currency: object) -> object:
    """A price rounded half to even to the decimals of its currency; what is no number, or absurdly long, as it is.

    19.99 as a 32-bit float is 19.989999771118164. Its digits are cut here, before anything adds it up.
    """
    found = decimal_of(value) if isinstance(value, str) else None
    if found is None or found.adjusted() > _LONGEST:
        return value
    return Number(f"{found.quantize(Decimal(1).scaleb(-exponent(currency)), context=_EXACT):f}")
