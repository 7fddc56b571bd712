"""The uplift as a piece of a page: what it says in sentences, a line per comparison, and each in full."""

from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.metrics.comparison_metrics import compared_arm
from analytics_core.metrics.snapshot import Snapshot
from analytics_core.views.incremental import incremental_sentences
from analytics_core.views.pieces import draw, table_html
from analytics_core.views.uplift_tables import UPLIFT_TITLE, uplift_details, uplift_table

__all__ = ["UPLIFT_TITLE", "uplift_html"]


def uplift_html(snapshot: Snapshot, campaign: Campaign, *, title_shown: bool = True) -> Markup:
    """Everything about a campaign's uplift; nothing where there is no control group.

    A single comparison is shown in full; of several each opens on request.
    """
    details = uplift_details(snapshot, campaign)
    if not details:
        return Markup()
    goal = snapshot.primary_goal
    arm = compared_arm(goal)
    said = incremental_sentences(snapshot, campaign, goal, arm) if arm else ()
    table = table_html(uplift_table(snapshot, campaign), title_shown=title_shown)
    opened = [(table.title, table_html(table, title_shown=False)) for table in details]
    return draw("uplift", said, table, opened)
