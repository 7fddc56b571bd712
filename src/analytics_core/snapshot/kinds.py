"""What the numbers of a Snapshot are, said in their types: plain numbers to a type checker, more to the schema.

A plain `int` is a count, 0 or more.
"""

from decimal import Decimal
from enum import Enum, auto
from typing import Annotated


class Kind(Enum):
    """Which values a number can take and how the document writes it."""

    SHARE = auto()
    CHANGE = auto()
    POINTS = auto()
    SECONDS = auto()
    HOURS = auto()
    SUM = auto()
    AVERAGE = auto()
    NUMBER = auto()


Share = Annotated[float, Kind.SHARE]
"""A part of a whole, 0-1."""

Change = Annotated[float, Kind.CHANGE]
"""A relative change: 0 where nothing changed, at least -1."""

Points = Annotated[float, Kind.POINTS]
"""A difference of two shares, -1 to 1."""

Seconds = Annotated[float, Kind.SECONDS]
"""A length of time."""

Hours = Annotated[float, Kind.HOURS]
"""A length of time."""

Number = Annotated[float, Kind.NUMBER]
"""Any number; whole where it counts something."""

Money = Annotated[Decimal, Kind.SUM]
"""An exact sum; negative where refunds prevail."""

Average = Annotated[Decimal, Kind.AVERAGE]
"""Money divided: six decimals, rounded half to even."""


def share(numerator: int, denominator: int) -> float | None:
    """`numerator / denominator` as a share 0-1; None over zero."""
    return numerator / denominator if denominator else None


def exact_money(amount: Decimal) -> str:
    """An exact sum as text: at least two decimals, at most six, no exponent."""
    whole, _, decimals = six_decimals(amount).partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def six_decimals(amount: Decimal) -> str:
    """Money that was divided, as text; what rounds to nothing has no sign."""
    return f"{amount:z.6f}"
