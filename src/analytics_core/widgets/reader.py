"""What the explorer shows of a workspace: read once per campaign and rules, and anew after a refresh."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import Action
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import Status
from analytics_core.views.request.shown import shown_campaign, shown_snapshot
from analytics_core.widgets.state import Chosen, Rules, State, select_campaigns

if TYPE_CHECKING:
    from analytics_core.workspace import Workspace

_EARLIER = "the workspace is shown as it was known earlier, and the past cannot be changed"


class Reader:
    """Reads what is shown. Nothing is computed here: numbers come from the workspace's Snapshots.

    Args:
        workspace: as it was opened.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._opened = workspace
        self._known: dict[datetime, Workspace] = {}
        self._chosen: tuple[tuple[str, Rules], Chosen] | None = None
        self._campaigns: tuple[tuple[datetime | None, Rules], tuple[Campaign, ...]] | None = None

    def find_workspace(self, rules: Rules) -> "Workspace":
        """The workspace as it was known when the rules say."""
        from analytics_core.workspace import open_workspace  # noqa: PLC0415 - it loads what reads tables

        known_at = rules.known_at
        if known_at is None or known_at == self._opened.known_at:
            return self._opened
        if known_at not in self._known:
            self._known[known_at] = open_workspace(self._opened.directory, known_at=known_at)
        return self._known[known_at]

    def find_settings(self, rules: Rules) -> Settings:
        """The rules of the computation, the workspace's where a person asked for no others."""
        return rules.settings or self._opened.settings

    def refresh(self) -> None:
        """Forget everything."""
        self._opened.refresh()
        self._known.clear()
        self.forget()

    def forget(self) -> None:
        """Forget what was read; what was computed stays with the workspace."""
        self._chosen = self._campaigns = None

    def compute(self, campaign_id: str, rules: Rules) -> None:
        """Have the numbers ready, so that `choose` takes no time."""
        self.find_workspace(rules).snapshot(campaign_id, self.find_settings(rules))

    def choose(self, campaign_id: str, rules: Rules) -> Chosen:
        """One campaign: its numbers, and where it stands."""
        if self._chosen is None or self._chosen[0] != (campaign_id, rules):
            self._chosen = (campaign_id, rules), self._read(campaign_id, rules)
        return self._chosen[1]

    def list_campaigns(self, rules: Rules, chosen: Chosen | None) -> tuple[Campaign, ...]:
        """The book, each campaign with the status that holds as of the numbers on the screen."""
        workspace = self.find_workspace(rules)
        if chosen is None:
            return workspace.campaigns()
        from analytics_core.workspace.campaigns.standing import find_standings  # noqa: PLC0415 - it loads what reads tables

        key = chosen.snapshot.as_of, rules
        if self._campaigns is None or self._campaigns[0] != key:
            found = find_standings(workspace, chosen.snapshot.as_of)
            self._campaigns = key, tuple(each.campaign for each in found.values())
        return self._campaigns[1]

    def find_first(self, rules: Rules) -> str | None:
        """The first active campaign of the picker's list, which is what people mostly come for; else its first."""
        campaigns = self.find_workspace(rules).campaigns()
        active = select_campaigns(campaigns, State(status=Status.ACTIVE))
        return next((campaign.campaign_id for campaign in (*active, *select_campaigns(campaigns, State()))), None)

    def _read(self, campaign_id: str, rules: Rules) -> Chosen:
        from analytics_core.workspace.campaigns.standing import find_standings, stand_as_of  # noqa: PLC0415 - as above
        from analytics_core.workspace.oddities import find_oddities  # noqa: PLC0415 - as above

        workspace, settings = self.find_workspace(rules), self.find_settings(rules)
        snapshot = workspace.snapshot(campaign_id, settings)
        standing = stand_as_of(workspace, [snapshot])[campaign_id]
        now = datetime.now(UTC)
        return Chosen(
            campaign=shown_campaign(standing.campaign),
            snapshot=shown_snapshot(snapshot),
            instances=workspace.runs([campaign_id], snapshot.as_of).get(campaign_id, ()),
            oddities=find_oddities(workspace, [snapshot], settings)[campaign_id],
            current=standing.current,
            refusals=list_refusals(workspace, campaign_id, now),
            status_now=find_standings(workspace, now, [campaign_id])[campaign_id].current.status,
            definition=hash_definition(workspace.campaign(campaign_id)),
        )


def list_refusals(workspace: "Workspace", campaign_id: str, now: datetime) -> dict[Action, str | None]:
    """By action why whoever looks cannot take it now; None where they can."""
    from analytics_core.widgets.acting.actions import find_user  # noqa: PLC0415 - as above
    from analytics_core.workspace.campaigns import actions  # noqa: PLC0415 - as above

    found = actions.list_refusals(workspace, campaign_id, find_user(), now)
    if workspace.known_at is None:
        return found
    return {action: None if action is Action.REFRESH else f"Not now: {_EARLIER}." for action in found}
