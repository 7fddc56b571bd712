"""Numbers of cells, read digit by digit."""

import re
from decimal import Decimal

# Exponents are bounded so that no short text can ask for a number of a million digits.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def decimal_of(text: str) -> Decimal | None:
    """The finite number `text` spells, exact; None where it spells none. Spaces around it do not matter."""
    stripped = text.strip(" \t")
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None
