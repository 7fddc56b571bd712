"""Actions on the campaigns of a workspace. They change the campaign book, and nothing at the vendor."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from analytics_core.campaigns.actions import Deed, duplicate, edit, find_refusal, take_action
from analytics_core.campaigns.lifecycle import Action
from analytics_core.campaigns.review import Reviewed
from analytics_core.campaigns.status import Sends
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError, UnknownNameError
from analytics_core.store.book.booked import BookedCampaign
from analytics_core.store.book.entries import BookAct, BookEntry, Change, read_definition, write_definition
from analytics_core.workspace.campaigns.standing import find_sends
from analytics_core.workspace.workspace import Workspace


def act_on_campaign(
    workspace: Workspace,
    campaign_id: str,
    action: Action,
    by: str,
    *,
    comment: str | None = None,
    definition: str | None = None,
) -> BookedCampaign:
    """Take an action other than edit and duplicate; the campaign as it is then.

    Args:
        workspace: whose campaign.
        campaign_id: of the campaign.
        action: what is done; a refresh only reads the workspace anew.
        by: who does it, as they say; nobody proves it.
        comment: what they say to an approval or a rejection.
        definition: the hash of the definition they saw; None: of whatever it is now.

    Raises:
        UnknownNameError: the book has no such campaign.
        RefusedActionError: it cannot be done; nothing has changed.
    """
    if action is Action.REFRESH:
        workspace.refresh()
        return workspace.booked(campaign_id)

    def decide(before: Reviewed, now: datetime, sends: Sends) -> Reviewed:
        return take_action(before, Deed(action, by, now, comment, definition), sends)

    return _change(workspace, campaign_id, BookAct(action.value), by, decide)


def edit_campaign(
    workspace: Workspace,
    campaign_id: str,
    by: str,
    make: Callable[[Campaign], Campaign],
    *,
    definition: str | None = None,
) -> BookedCampaign:
    """Edit a campaign; the campaign as it is then.

    Args:
        workspace: whose campaign.
        campaign_id: of the campaign.
        by: who edits it, as they say.
        make: from the definition as it is at that time to the one wanted.
        definition: the hash of the definition they saw; None: of whatever it is now.

    Raises:
        UnknownNameError: the book has no such campaign.
        RefusedActionError: it cannot be edited, or not by this user.
        AnalyticsError: the edit breaks rules; with every one.
    """

    def change(before: Reviewed, now: datetime, sends: Sends) -> Reviewed:
        deed = Deed(Action.EDIT, by, now, definition=definition)
        return edit(before, make(before.campaign), deed, sends)

    return _change(workspace, campaign_id, BookAct.EDIT, by, change)


def duplicate_campaign(workspace: Workspace, campaign_id: str, by: str) -> BookedCampaign:
    """Make a Draft like a campaign, with an id and a name of its own; the new campaign.

    Raises:
        UnknownNameError: the book has no such campaign.
    """

    def make(entries: Mapping[str, BookEntry]) -> Change:
        original = _defined(entries, campaign_id)
        copied = duplicate(original.campaign, entries.keys(), Deed(Action.DUPLICATE, by, datetime.now(UTC)))
        return Change(copied.campaign.campaign_id, write_definition(copied), BookAct.DUPLICATE)

    made = workspace.change_book(make, by)
    if made is None:
        raise AnalyticsError(f"{campaign_id[:60]!r} was not duplicated: the book has such a campaign already")
    return made


def list_refusals(workspace: Workspace, campaign_id: str, by: str, now: datetime) -> dict[Action, str | None]:
    """By action why a user cannot take it now, in a sentence; None where they can."""
    before = workspace.booked(campaign_id).reviewed
    sends = find_sends(workspace, [campaign_id])[campaign_id]
    return {action: find_refusal(before, action, by, now, sends) for action in Action}


def _change(
    workspace: Workspace,
    campaign_id: str,
    act: BookAct,
    by: str,
    change: Callable[[Reviewed, datetime, Sends], Reviewed],
) -> BookedCampaign:
    workspace.booked(campaign_id)  # an unknown one is an error before anything is locked
    sends = find_sends(workspace, [campaign_id])[campaign_id]

    def make(entries: Mapping[str, BookEntry]) -> Change:
        after = change(_defined(entries, campaign_id), datetime.now(UTC), sends)
        return Change(campaign_id, write_definition(after), act)

    return workspace.change_book(make, by) or workspace.booked(campaign_id)


def _defined(entries: Mapping[str, BookEntry], campaign_id: str) -> Reviewed:
    entry = entries.get(campaign_id)
    if entry is None or entry.definition is None:
        raise UnknownNameError("campaign", campaign_id, entries)
    return read_definition(entry.definition)
