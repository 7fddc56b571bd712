"""Where the report's notebook lies, and which parameters it declares."""

from functools import cache
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError

NAME = "campaign_report.ipynb"
BESIDE = Path(__file__).with_name(NAME)
IN_CHECKOUT = Path(__file__).parents[3] / "notebooks" / NAME


@cache
def notebook_path() -> Path:
    """The notebook as installed with the package, else the one of a source checkout.

    Raises:
        AnalyticsError: where neither is there.
    """
    found = next((path for path in (BESIDE, IN_CHECKOUT) if path.is_file()), None)
    if found is None:
        raise AnalyticsError(f"the report's notebook {NAME} is missing; install connector-analytics again")
    return found
