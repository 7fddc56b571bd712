"""The approval of a definition: it is of one hash, and whatever changes the definition ends it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.status import find_deadline
from analytics_core.domain.campaign import Approval, Campaign
from analytics_core.domain.words import Status

_REVIEWED_AGAIN = frozenset({Status.SCHEDULED, Status.ACTIVE, Status.SENDING, Status.PAUSED})
_DECISION = ("approved_by", "rejected_by", "decided_at", "comment")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A definition, and since when it waits for a decision; None where it was decided, or nobody has to.

    Where `campaign.approval` says that somebody approved it, they approved this very definition. It waits since it was
    submitted, or changed after it had been approved; what was decided before that is no decision about it.
    """

    campaign: Campaign
    waits_since: datetime | None = None


def is_approved(campaign: Campaign) -> bool:
    """Whether somebody approved the definition as it is."""
    return campaign.approval is not None and campaign.approval.approved_by is not None


def is_decided(approval: Approval | None) -> bool:
    """Whether somebody approved or rejected."""
    return approval is not None and bool(approval.approved_by or approval.rejected_by)


def change_definition(before: Reviewed, after: Campaign, at: datetime) -> Reviewed:
    """What becomes of a campaign that is edited: an approval ends with the definition it was of.

    Args:
        before: what it was.
        after: what it is to be; its status and its approval are as before.
        at: when it is edited.
    """
    if hash_definition(before.campaign) == hash_definition(after):
        return Reviewed(after, before.waits_since)
    waits_since = at if is_approved(before.campaign) else before.waits_since
    return _review_again(after, waits_since) if waits_since else Reviewed(after)


def import_definition(
    before: Reviewed | None, brought: Campaign, at: datetime, *, is_restored: bool = False
) -> Reviewed:
    """What becomes of a campaign when an import brings a definition of it.

    What the import states wins; what it does not state of status and decision stays. A decision that it brings counts
    unless the campaign waits for one since a later time.

    Args:
        before: what it was; None where it is new.
        brought: what the import says.
        at: when the import landed.
        is_restored: it comes back because an import was taken out: that is the change, whatever it says of itself.
    """
    if before is None:
        return Reviewed(brought)
    stated = brought if brought.status else brought.model_copy(update={"status": before.campaign.status})
    same, waits_since = hash_definition(before.campaign) == hash_definition(brought), before.waits_since
    if same and waits_since is None and is_decided(before.campaign.approval):
        newer = _is_newer(brought.approval, before.campaign.approval)
        return Reviewed(stated if newer else _with_decision(stated, before.campaign))
    if not same and (waits_since or is_approved(before.campaign) or is_decided(brought.approval)):
        waits_since = at if is_restored else _changed_at(before.campaign, brought, at)
    if _counts(brought.approval, waits_since):
        return Reviewed(stated)
    return _review_again(stated, waits_since) if waits_since else Reviewed(without_decision(stated))


def without_decision(campaign: Campaign) -> Campaign:
    """`campaign` about which nobody decided."""
    if campaign.approval is None:
        return campaign
    undecided = campaign.approval.model_copy(update=dict.fromkeys(_DECISION))
    return campaign.model_copy(update={"approval": undecided})


def _changed_at(before: Campaign, brought: Campaign, at: datetime) -> datetime:
    """When the definition was changed: as it says where that can be, else when we learnt of it."""
    said = brought.updated_at
    is_news = said is not None and (before.updated_at is None or said > before.updated_at)
    return min(said, at) if said is not None and is_news else at


def _counts(approval: Approval | None, waits_since: datetime | None) -> bool:
    """Whether an approval holds a decision that is not older than what it would be about."""
    if approval is None or not is_decided(approval):
        return False
    return waits_since is None or (approval.decided_at is not None and approval.decided_at >= waits_since)


def _is_newer(brought: Approval | None, here: Approval | None) -> bool:
    """Whether an import brings another decision than the known one; of two without a time the import's wins."""
    if brought is None or here is None or not is_decided(brought):
        return False
    never = datetime.min.replace(tzinfo=UTC)
    decided, known = brought.decided_at or never, here.decided_at or never
    other = (brought.approved_by, brought.rejected_by) != (here.approved_by, here.rejected_by)
    return decided > known or (decided == known and other)


def _with_decision(campaign: Campaign, before: Campaign) -> Campaign:
    """`campaign` with the decision of `before`; one that is decided is no longer Under Review."""
    decided, brought = before.approval or Approval(), campaign.approval or Approval()
    kept = {name: getattr(decided, name) for name in _DECISION}
    fields = {"required": brought.required or decided.required, "approvers": brought.approvers or decided.approvers}
    waits = campaign.status is Status.UNDER_REVIEW
    status = before.status if waits else campaign.status
    return campaign.model_copy(update={"approval": brought.model_copy(update={**fields, **kept}), "status": status})


def _review_again(campaign: Campaign, waits_since: datetime) -> Reviewed:
    again, deadline = without_decision(campaign), find_deadline(campaign)
    # What was sent cannot be reviewed any more.
    if again.status in _REVIEWED_AGAIN and (deadline is None or deadline > waits_since):
        again = again.model_copy(update={"status": Status.UNDER_REVIEW})
    return Reviewed(again, waits_since)
