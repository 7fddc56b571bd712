"""Ratios: undefined over zero, and exact money rounded only where it is divided."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

_QUANTUM = Decimal("0.000001")


def share(numerator: int, denominator: int) -> float | None:
    """`numerator / denominator` as a share 0-1; None over zero."""
    return numerator / denominator if denominator else None


def money_per(amount: Decimal | None, count: int) -> Decimal | None:
    """`amount / count`, rounded half-even to six decimals; None without an amount or over zero.

    What rounds to nothing has no sign.
    """
    if amount is None or not count:
        return None
    with localcontext(prec=64):
        rounded = (amount / count).quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
        return rounded or abs(rounded)
