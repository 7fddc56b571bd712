"""How a period is written."""

from datetime import date

from analytics_core.views.forms.numbers import day_text


def period_text(since: date | None, until: date | None) -> str:
    """Its days, such as ``Sun 1 Mar 2026 to Tue 31 Mar 2026``; they are local already."""
    if since is None or until is None:
        return f"{day_text(until)} and earlier" if since is None else f"{day_text(since)} and later"
    return day_text(since) if since == until else f"{day_text(since)} to {day_text(until)}"
