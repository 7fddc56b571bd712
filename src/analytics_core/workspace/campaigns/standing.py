"""Where campaigns stand at an instant: the status that holds, and what it rests on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics_core.campaigns.review import Reviewed
from analytics_core.campaigns.status import CurrentStatus, Sends, find_status
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import DeliveryType
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Standing:
    """One campaign at an instant.

    Attributes:
        campaign: its definition, with the status that holds in place of the one that is stated.
        current: that status, and why it is not the stated one.
        reviewed: the definition as the book has it.
        sends: what is known of the campaign besides its definition.
    """

    campaign: Campaign
    current: CurrentStatus
    reviewed: Reviewed
    sends: Sends


def find_standings(
    workspace: Workspace, at: datetime | None, campaign_ids: Collection[str] | None = None
) -> dict[str, Standing]:
    """Where campaigns stand, by id.

    Args:
        workspace: whose campaigns.
        at: an instant: of screens and reports their as-of, of actions the clock; None: nothing has happened yet.
        campaign_ids: which; None: all.
    """
    ids = [each.campaign_id for each in workspace.campaigns()] if campaign_ids is None else [*campaign_ids]
    sends = find_sends(workspace, ids)
    return {campaign_id: _stand(workspace.booked(campaign_id).reviewed, at, sends[campaign_id]) for campaign_id in ids}


def stand_as_of(workspace: Workspace, snapshots: Sequence[Snapshot]) -> dict[str, Standing]:
    """Where the campaigns of Snapshots stand as of these, by id; all Snapshots are of one instant."""
    ids = [snapshot.campaign_id for snapshot in snapshots]
    return find_standings(workspace, snapshots[0].as_of if snapshots else None, ids)


def find_sends(workspace: Workspace, campaign_ids: Collection[str]) -> dict[str, Sends]:
    """What is known of campaigns besides their definitions, by id."""
    with_rows = workspace.find_campaigns_with_rows()
    runs = workspace.runs(campaign_ids, None)
    found = {}
    for campaign_id in campaign_ids:
        booked = workspace.booked(campaign_id)
        once = booked.campaign.delivery_type is DeliveryType.ONE_TIME
        ends = [run.last_sent_at for run in runs.get(campaign_id, ())] if once else []
        last = max((end for end in ends if end is not None), default=None)
        found[campaign_id] = Sends(
            has_rows=campaign_id in with_rows,
            last_sent_at=last if None not in ends else None,
        )
    return found


def _stand(reviewed: Reviewed, at: datetime | None, sends: Sends) -> Standing:
    current = find_status(reviewed.campaign, at or datetime.min.replace(tzinfo=UTC), sends)
    campaign = reviewed.campaign.model_copy(update={"status": current.status})
    return Standing(campaign, current, reviewed, sends)
