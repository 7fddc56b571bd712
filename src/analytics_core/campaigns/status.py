"""The status of a campaign at an instant: the one that is stated, until the schedule contradicts it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from analytics_core.domain.campaign import Campaign, Schedule
from analytics_core.domain.words import DeliveryType, Status, require_every

SENDING_HOURS = 24
"""A campaign that is sent once, at an unknown pace and without an end, is taken to be sent so long after its start."""


@dataclass(frozen=True, slots=True)
class Sends:
    """What is known of a campaign besides its definition.

    Attributes:
        has_rows: whether any row of it was imported.
        last_sent_at: when the last request of its only run was sent, as its instance says; None where nothing does.
    """

    has_rows: bool = False
    last_sent_at: datetime | None = None


NO_SENDS = Sends()


@dataclass(frozen=True, slots=True)
class CurrentStatus:
    """A campaign's status at an instant.

    Attributes:
        status: what holds; None where nothing is stated.
        stated: what the definition says.
        reason: why the schedule says something else, as a part of a sentence; None where it does not.
    """

    status: Status | None
    stated: Status | None
    reason: str | None


class Moment(StrEnum):
    """What time can have done to a campaign by an instant."""

    STARTED = "its start has passed"
    SENT_OUT = "its sending is over"
    NOTHING_SENT = "its sending time is over and no row of it was imported"
    ENDED = "its end has passed"
    TOO_LATE = "its sending time came before its approval"


@dataclass(frozen=True, slots=True)
class Move:
    """Which status time turns into which, of which delivery types, and when."""

    types: frozenset[DeliveryType]
    before: frozenset[Status]
    moment: Moment
    after: Status


_ONCE = frozenset({DeliveryType.ONE_TIME})
_RECURRING = frozenset({DeliveryType.PERIODIC, DeliveryType.EVENT_TRIGGERED})
_RUNNING = frozenset({Status.SCHEDULED, Status.ACTIVE, Status.SENDING, Status.PAUSED})

MOVES = (
    Move(_ONCE | _RECURRING, frozenset({Status.UNDER_REVIEW}), Moment.TOO_LATE, Status.NOT_SENT),
    Move(_ONCE, frozenset({Status.SCHEDULED}), Moment.NOTHING_SENT, Status.NOT_SENT),
    Move(_ONCE, frozenset({Status.SCHEDULED}), Moment.STARTED, Status.SENDING),
    Move(_ONCE, frozenset({Status.SENDING, Status.ACTIVE}), Moment.SENT_OUT, Status.SENT),
    Move(_RECURRING, _RUNNING, Moment.ENDED, Status.EXPIRED),
    Move(_RECURRING, frozenset({Status.SCHEDULED}), Moment.STARTED, Status.ACTIVE),
)
"""In the order in which they are looked at, again after each that holds."""


def find_status(campaign: Campaign, now: datetime, sends: Sends = NO_SENDS) -> CurrentStatus:
    """The status of a campaign at `now`.

    Args:
        campaign: its definition.
        now: an instant; of pages and reports the as-of, of actions the clock.
        sends: what else is known of it.
    """
    status, reason = campaign.status, None
    while (move := _next_move(campaign, status, now, sends)) is not None:
        status, reason = move.after, move.moment.value
    return CurrentStatus(status, campaign.status, reason)


def find_deadline(campaign: Campaign) -> datetime | None:
    """Until when a decision about the campaign can be made; None without an end.

    What is sent once must be approved before it is sent; what recurs goes on when it is approved, until its end.
    """
    schedule = campaign.schedule or Schedule()
    return schedule.starts_at if campaign.delivery_type in _ONCE else schedule.ends_at


def started_status(campaign: Campaign, now: datetime) -> Status:
    """The status of a campaign that may be sent, at `now`; one without a start is sent at once."""
    start = (campaign.schedule or Schedule()).starts_at
    if start is not None and start > now:
        return Status.SCHEDULED
    return Status.SENDING if campaign.delivery_type is DeliveryType.ONE_TIME else Status.ACTIVE


def _next_move(campaign: Campaign, status: Status | None, now: datetime, sends: Sends) -> Move | None:
    for move in MOVES:
        here = campaign.delivery_type in move.types and status in move.before
        if here and _HAS_COME[move.moment](campaign, now, sends):
            return move
    return None


def _has_started(campaign: Campaign, now: datetime, _sends: Sends) -> bool:
    return _is_past((campaign.schedule or Schedule()).starts_at, now)


def _has_ended(campaign: Campaign, now: datetime, _sends: Sends) -> bool:
    return _is_past((campaign.schedule or Schedule()).ends_at, now)


def _is_sent_out(campaign: Campaign, now: datetime, sends: Sends) -> bool:
    schedule = campaign.schedule or Schedule()
    over = schedule.ends_at
    if over is None and schedule.starts_at is not None:
        over = schedule.starts_at + timedelta(hours=SENDING_HOURS)
    return _is_past(sends.last_sent_at, now) or _is_past(over, now)


def _is_unsent(campaign: Campaign, now: datetime, sends: Sends) -> bool:
    return not sends.has_rows and _has_started(campaign, now, sends) and _is_sent_out(campaign, now, sends)


def _is_too_late(campaign: Campaign, now: datetime, _sends: Sends) -> bool:
    return _is_past(find_deadline(campaign), now)


def _is_past(instant: datetime | None, now: datetime) -> bool:
    return instant is not None and instant <= now


_HAS_COME: dict[Moment, Callable[[Campaign, datetime, Sends], bool]] = require_every(
    Moment,
    {
        Moment.STARTED: _has_started,
        Moment.SENT_OUT: _is_sent_out,
        Moment.NOTHING_SENT: _is_unsent,
        Moment.ENDED: _has_ended,
        Moment.TOO_LATE: _is_too_late,
    },
)
