"""The life of a campaign: what each action does to it, or why it cannot be taken. One table, and one function."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analytics_core.domain.words import DeliveryType, Status, require_every


class Action(StrEnum):
    """What a person can do with a campaign."""

    REFRESH = "refresh"
    EDIT = "edit"
    DUPLICATE = "duplicate"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"


PAST_TENSE = require_every(
    Action,
    {
        Action.REFRESH: "refreshed",
        Action.EDIT: "edited",
        Action.DUPLICATE: "duplicated",
        Action.SUBMIT: "submitted",
        Action.WITHDRAW: "withdrawn",
        Action.APPROVE: "approved",
        Action.REJECT: "rejected",
        Action.STOP: "stopped",
        Action.PAUSE: "paused",
        Action.RESUME: "resumed",
    },
)
"""What was done, as in "it was …"."""


class Role(StrEnum):
    """Who takes an action, as they say: one of the campaign's approvers, or anybody else."""

    APPROVER = "approver"
    OTHER = "other"


class Effect(StrEnum):
    """What an action makes of the status; `REVIEW` is `START` where nobody must approve."""

    NONE = "stays"
    REVIEW = "Under Review; where nobody must approve Scheduled, Sending or Active, by its schedule"
    START = "Scheduled, Sending or Active, by its schedule"
    DRAFT = "Draft"
    REJECTED = "Rejected"
    STOPPED = "Stopped"
    PAUSED = "Paused"


@dataclass(frozen=True, slots=True)
class Rule:
    """When an action may be taken, and what it does.

    Attributes:
        effect: what becomes of the status.
        before: by delivery type the statuses in which it may be taken; None stands for a campaign that states none.
        refusal: why not in every other status, as the end of "… cannot be …: ".
        approvers_only: statuses in which only an approver may take it.
    """

    effect: Effect
    before: Mapping[DeliveryType, frozenset[Status | None]]
    refusal: str
    approvers_only: frozenset[Status] = frozenset()


def _every(*statuses: Status | None) -> Mapping[DeliveryType, frozenset[Status | None]]:
    return dict.fromkeys(DeliveryType, frozenset(statuses))


_ANY = _every(None, *Status)
_OVER = frozenset({Status.SENT, Status.STOPPED, Status.EXPIRED})
_REVIEWED = frozenset({Status.UNDER_REVIEW})
_SENDING = frozenset({Status.SENDING})
_RUNNING = frozenset({Status.SCHEDULED, Status.ACTIVE, Status.SENDING})

LIFECYCLE: Mapping[Action, Rule] = require_every(
    Action,
    {
        Action.REFRESH: Rule(Effect.NONE, _ANY, ""),
        Action.EDIT: Rule(
            Effect.NONE, _every(None, *(set(Status) - _OVER)), "it is over; a duplicate can be edited", _REVIEWED
        ),
        Action.DUPLICATE: Rule(Effect.NONE, _ANY, ""),
        Action.SUBMIT: Rule(
            Effect.REVIEW, _every(Status.DRAFT, Status.REJECTED), "only a Draft or a Rejected campaign is submitted"
        ),
        Action.WITHDRAW: Rule(
            Effect.DRAFT, _every(Status.UNDER_REVIEW), "only a campaign that is Under Review is withdrawn"
        ),
        Action.APPROVE: Rule(
            Effect.START, _every(Status.UNDER_REVIEW), "only a campaign that is Under Review is approved", _REVIEWED
        ),
        Action.REJECT: Rule(
            Effect.REJECTED, _every(Status.UNDER_REVIEW), "only a campaign that is Under Review is rejected", _REVIEWED
        ),
        Action.STOP: Rule(
            Effect.STOPPED,
            {
                DeliveryType.ONE_TIME: _RUNNING | {Status.PAUSED},
                DeliveryType.PERIODIC: _SENDING,
                DeliveryType.EVENT_TRIGGERED: _SENDING,
            },
            "a campaign is stopped while it is Sending, a one-time one also while it is Scheduled, Active or Paused",
        ),
        Action.PAUSE: Rule(
            Effect.PAUSED,
            {
                DeliveryType.ONE_TIME: frozenset(),
                DeliveryType.PERIODIC: _RUNNING,
                DeliveryType.EVENT_TRIGGERED: _RUNNING,
            },
            "a periodic or event-triggered campaign is paused while it is Scheduled, Active or Sending",
        ),
        Action.RESUME: Rule(
            Effect.START,
            {
                DeliveryType.ONE_TIME: frozenset(),
                DeliveryType.PERIODIC: frozenset({Status.PAUSED}),
                DeliveryType.EVENT_TRIGGERED: frozenset({Status.PAUSED}),
            },
            "a periodic or event-triggered campaign is resumed while it is Paused",
        ),
    },
)
"""The one table. The vendor's page stops what is Sending; its API stops a one-time campaign earlier as well."""

_NOT_AN_APPROVER = "only its approvers may while it is Under Review"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an action would do, or why it cannot be taken: one of both is None."""

    effect: Effect | None
    refusal: str | None


def judge(delivery_type: DeliveryType, status: Status | None, action: Action, role: Role) -> Judgement:
    """What `action` does to a campaign of this type and status when somebody of this role takes it.

    Args:
        delivery_type: of the campaign.
        status: the one that holds at the time; None where none is stated.
        action: what is asked for.
        role: of who asks.
    """
    rule = LIFECYCLE[action]
    if status not in rule.before[delivery_type]:
        return Judgement(None, rule.refusal)
    if status in rule.approvers_only and role is not Role.APPROVER:
        return Judgement(None, _NOT_AN_APPROVER)
    return Judgement(rule.effect, None)


LOCKED_ALWAYS = (
    "campaign_id",
    "analytics_version",
    "status",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "approval.approved_by",
    "approval.rejected_by",
    "approval.decided_at",
    "approval.comment",
)
"""Fields that no edit changes: actions do, or nothing does."""
_LOCKED_RUNNING = ("trigger", "audience", "goals", "schedule.kind", "schedule.starts_at", "delivery_type")
_LOCKED_BEFORE_REVIEW = ("approval.required", "approval.approvers")
_LOCKED: Mapping[Status | None, tuple[str, ...]] = {
    Status.DRAFT: (),
    Status.REJECTED: (),
    Status.UNDER_REVIEW: (),
    Status.SCHEDULED: _LOCKED_BEFORE_REVIEW,
    Status.NOT_SENT: _LOCKED_BEFORE_REVIEW,
}


def list_locked_fields(status: Status | None) -> tuple[str, ...]:
    """Fields, dotted where nested, that an edit cannot change in a status in which something can be edited.

    A campaign that runs, is paused or states no status keeps whom it addresses, what starts it and what counts as
    success: numbers from before would mean something else. Who may approve is settled before the review.
    """
    return (*LOCKED_ALWAYS, *_LOCKED.get(status, (*_LOCKED_RUNNING, *_LOCKED_BEFORE_REVIEW)))
