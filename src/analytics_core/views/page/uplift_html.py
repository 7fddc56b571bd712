"""The uplift as a piece of a page: what it says in sentences, a line per comparison, and each in full."""

from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.incremental import incremental_sentences
from analytics_core.views.campaign.uplift_tables import UPLIFT_TITLE, uplift_details, uplift_table
from analytics_core.views.page.pieces import draw, table_html

__all__ = ["UPLIFT_TITLE", "uplift_html"]


def uplift_html(snapshot: Snapshot, campaign: Campaign, *, title_shown: bool = True) -> Markup:
    """Everything about a campaign's uplift; nothing where there is no control group.

    A single comparison is shown in full; of several each opens on request.
    """
    details = uplift_details(snapshot, campaign)
    if not details:
        return Markup()
    table = table_html(uplift_table(snapshot, campaign), title_shown=False)
    opened = [(full.title, table_html(full, title_shown=False)) for full in details]
    goal, arm = snapshot.primary_goal, snapshot.primary_goal.uplift.compared
    sentences = incremental_sentences(snapshot, campaign, goal, arm) if arm else ()
    return draw(
        "uplift",
        UPLIFT_TITLE if title_shown else "",
        [f"{goal.name}: {sentence}" if len(snapshot.goals) > 1 else sentence for sentence in sentences],
        table,
        opened,
    )
