"""The rules of a computation as people write them, on a command line or in a form.

Every function takes the text and what it answers to, such as `--window`; the error then begins with that. A form, which
shows the error at its field, gives none.
"""

import re
from datetime import date

from analytics_core.domain.campaign import MAX_WINDOW_HOURS
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.time import FIRST_YEAR, LAST_YEAR

_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "": 1.0}
_LONGEST_REPEATED = 40
"""Characters of a wrong text that its error repeats."""


def read_window(text: str, name: str = "") -> float:
    """A window such as `36h`, `90m`, `7d` or `36` (hours), in hours.

    Raises:
        AnalyticsError: it is none, or longer than a year.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([mhd]?)", text.strip())
    hours = float(match[1]) * _HOURS[match[2]] if match else 0.0
    if not 0 < hours <= MAX_WINDOW_HOURS:
        raise AnalyticsError(f"{_repeat(text, name)} is not a valid duration; use hours such as 36h (up to a year)")
    return hours


def read_day(text: str, name: str = "") -> date:
    """A day such as `2026-04-30`.

    Raises:
        AnalyticsError: it is none, or of a year that no row is of.
    """
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        years = f"from {FIRST_YEAR} to {LAST_YEAR}"
        raise AnalyticsError(f"{_repeat(text, name)} is not a valid date {years}; use YYYY-MM-DD, such as 2026-04-30")
    return found


def read_success_codes(text: str, name: str = "") -> frozenset[int]:
    """Response codes with commas between them.

    Raises:
        AnalyticsError: one is no number of at most three digits.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,3}", part, re.ASCII) for part in parts):
        raise AnalyticsError(f"{_repeat(text, name)} are not response codes; use numbers such as 200,202")
    return frozenset(map(int, parts))


def _repeat(text: str, name: str) -> str:
    shown = text if len(text) <= _LONGEST_REPEATED else f"{text[:_LONGEST_REPEATED]}\N{HORIZONTAL ELLIPSIS}"
    return f"{name} {shown!r}".lstrip()
