"""How a period is written."""

from datetime import date

from analytics_core.views.forms.numbers import written_day


def period_text(since: date | None, until: date | None) -> str:
    """Its days, such as ``Sun 1 Mar 2026 to Tue 31 Mar 2026``; they are local already."""
    if since is None or until is None:
        return f"{written_day(until)} and earlier" if since is None else f"{written_day(since)} and later"
    return written_day(since) if since == until else f"{written_day(since)} to {written_day(until)}"
