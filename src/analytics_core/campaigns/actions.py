"""Taking an action: from a definition, who asks and when, to what becomes of it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from analytics_core.campaigns.editing import require_unlocked
from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import LIFECYCLE, PAST_TENSE, Action, Effect, Role, judge
from analytics_core.campaigns.review import Reviewed, change_definition, without_decision
from analytics_core.campaigns.status import NO_SENDS, Sends, find_deadline, find_status, started_status
from analytics_core.campaigns.validation import LONGEST_NAME, find_problems, require_no_problem
from analytics_core.domain.campaign import Approval, Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import DeliveryType, Status

MAX_ID = 128
_SHOWN = 60
_STATUSES = {Effect.DRAFT: Status.DRAFT, Effect.STOPPED: Status.STOPPED, Effect.PAUSED: Status.PAUSED}


class RefusedActionError(AnalyticsError):
    """An action cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that somebody takes.

    Attributes:
        action: what they do.
        by: who, as they say; nobody proves it.
        now: when, by the clock.
        comment: what they say to an approval or a rejection.
        definition: the hash of what they saw when they decided; None where they do not say.
    """

    action: Action
    by: str
    now: datetime
    comment: str | None = None
    definition: str | None = None


def role_of(campaign: Campaign, user: str) -> Role:
    """Whether a user is one of the campaign's approvers; capitals and blanks around a name do not matter."""
    approvers = campaign.approval.approvers if campaign.approval else ()
    names = {name.strip().casefold() for name in approvers}
    return Role.APPROVER if user.strip().casefold() in names - {""} else Role.OTHER


def find_refusal(before: Reviewed, action: Action, by: str, now: datetime, sends: Sends = NO_SENDS) -> str | None:
    """Why a user cannot take an action at `now`, in a sentence; None where they can.

    Args:
        before: the campaign.
        action: what they would do.
        by: who.
        now: by the clock.
        sends: what is known of the campaign besides its definition.
    """
    reason = find_reason(before, action, by, now, sends)
    if reason is None:
        return None
    current = find_status(before.campaign, now, sends)
    because = f" because {current.reason}" if current.reason else ""
    stands = f"it is {_word(current.status)}{because}" if current.status else "no status is stated"
    return f"{_name(before.campaign)} cannot be {PAST_TENSE[action]}: {stands}, and {reason}"


def find_reason(before: Reviewed, action: Action, by: str, now: datetime, sends: Sends = NO_SENDS) -> str | None:
    """The last part of that sentence: the rule that stands against it."""
    status = find_status(before.campaign, now, sends).status
    return judge(before.campaign.delivery_type, status, action, role_of(before.campaign, by)).refusal


def take_action(before: Reviewed, deed: Deed, sends: Sends = NO_SENDS) -> Reviewed:
    """What an action other than an edit or a duplicate makes of a campaign.

    Raises:
        RefusedActionError: it cannot be taken; nothing changes.
        AnalyticsError: the definition cannot be submitted as it is; with every reason.
    """
    _require(before, deed, sends)
    effect = LIFECYCLE[deed.action].effect
    if effect is Effect.NONE:
        return before
    if effect is Effect.REVIEW:
        return _submit(before, deed)
    if deed.action in {Action.APPROVE, Action.REJECT}:
        return _decide(before.campaign, deed)
    status = started_status(before.campaign, deed.now) if effect is Effect.START else _STATUSES[effect]
    return Reviewed(_with_status(before.campaign, status), before.waits_since)


def edit(before: Reviewed, after: Campaign, deed: Deed, sends: Sends = NO_SENDS) -> Reviewed:
    """What an edit makes of a campaign: `after`, Under Review again where what was approved is no longer what it is.

    Raises:
        RefusedActionError: it cannot be edited, or not by this user.
        AnalyticsError: it changes what cannot be changed now, or `after` breaks a rule; with every reason.
    """
    _require(before, deed, sends)
    require_unlocked(before.campaign, after, find_status(before.campaign, deed.now, sends).status)
    if (
        _needs_approval(before.campaign)
        and not _needs_approval(after)
        and role_of(before.campaign, deed.by) is Role.OTHER
    ):
        raise RefusedActionError(f"{_name(before.campaign)} needs an approval; only its approvers can do without")
    require_no_problem(find_problems(after))
    if after == before.campaign:
        return before
    said = after.model_copy(update={"updated_at": deed.now, "updated_by": deed.by})
    return change_definition(before, said, deed.now)


def duplicate(campaign: Campaign, taken: Collection[str], deed: Deed) -> Reviewed:
    """A Draft like a campaign, with a name and an id of its own, about which nobody decided.

    Args:
        campaign: what is copied, with all its secrets.
        taken: the ids there are.
        deed: who does it, and when.
    """
    fresh = {
        "campaign_id": _free_id(campaign.campaign_id, taken),
        "name": f"Duplicate - {campaign.name}"[:LONGEST_NAME],
        "status": Status.DRAFT,
        "created_at": deed.now,
        "created_by": deed.by,
        "updated_at": None,
        "updated_by": None,
    }
    return Reviewed(without_decision(campaign).model_copy(update=fresh))


def _submit(before: Reviewed, deed: Deed) -> Reviewed:
    campaign = without_decision(before.campaign)
    require_no_problem(find_problems(campaign))
    deadline = find_deadline(campaign)
    if deadline is not None and deadline <= deed.now:
        end = "start" if campaign.delivery_type is DeliveryType.ONE_TIME else "end"
        why = f"its {end} has passed; change schedule.{end}s_at"
        raise RefusedActionError(f"{_name(campaign)} cannot be submitted: {why}")
    if not _needs_approval(campaign):
        return Reviewed(_with_status(campaign, started_status(campaign, deed.now)))
    if not (campaign.approval or Approval()).approvers:
        raise RefusedActionError(f"{_name(campaign)} cannot be submitted: approval.approvers names nobody")
    return Reviewed(_with_status(campaign, Status.UNDER_REVIEW), deed.now)


def _require(before: Reviewed, deed: Deed, sends: Sends) -> None:
    refusal = find_refusal(before, deed.action, deed.by, deed.now, sends)
    if refusal:
        raise RefusedActionError(refusal)
    if deed.definition is not None and deed.definition != hash_definition(before.campaign):
        raise RefusedActionError(f"{_name(before.campaign)} was changed meanwhile; look at it again")


def _decide(campaign: Campaign, deed: Deed) -> Reviewed:
    approved = deed.action is Action.APPROVE
    decision = {
        "approved_by": deed.by if approved else None,
        "rejected_by": None if approved else deed.by,
        "decided_at": deed.now,
        "comment": deed.comment,
    }
    approval = (campaign.approval or Approval()).model_copy(update=decision)
    status = started_status(campaign, deed.now) if approved else Status.REJECTED
    return Reviewed(campaign.model_copy(update={"approval": approval, "status": status}))


def _needs_approval(campaign: Campaign) -> bool:
    return campaign.approval is not None and campaign.approval.required


def _with_status(campaign: Campaign, status: Status) -> Campaign:
    return campaign.model_copy(update={"status": status})


def _free_id(campaign_id: str, taken: Collection[str]) -> str:
    """An id like another one that nothing has yet."""
    stem, number = re.sub(r"-copy(-\d+)?\Z", "", campaign_id), 1
    while (found := _numbered(stem, number)) in taken:
        number += 1
    return found


def _numbered(stem: str, number: int) -> str:
    end = "-copy" if number == 1 else f"-copy-{number}"
    return f"{stem[: MAX_ID - len(end)]}{end}"


def _name(campaign: Campaign) -> str:
    """The campaign in an error: its id, which is no secret, cut."""
    return f"campaign {campaign.campaign_id[:_SHOWN]!r}"


def _word(status: Status) -> str:
    return status.value.replace("_", " ").title()
