"""Instants that people write down."""

from datetime import datetime

from analytics_core.domain.errors import AnalyticsError

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Rows are of these years and those between."""


def instant_of(name: str, text: str) -> datetime:
    """An ISO 8601 instant; a time without an offset could mean any of 24 hours and is refused.

    Args:
        name: what an error calls it, such as ``--as-of``.
        text: as given.

    Raises:
        AnalyticsError: it is no instant, or of a year no row can be of.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise AnalyticsError(f"{name} {text!r} is no instant; use ISO 8601 with an offset: 2026-04-30T23:59:59-04:00")
    # The year is looked at first: beyond 1 and 9999 there is no UTC instant.
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise AnalyticsError(f"{name} {text!r} is out of range; rows are of the years {FIRST_YEAR} to {LAST_YEAR}")
    return found
