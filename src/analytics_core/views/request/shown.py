"""A campaign as it may be shown: every text that its author wrote masked for secrets, cut, and free of hidden signs.

Whatever shows a campaign or a Snapshot starts from these, so that a text is safe in a card, a chart's label, a title, a
note and on a terminal alike. Numbers, ids and what is joined by name stay as they are.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from analytics_core.domain.campaign import Approval, Audience, Campaign, Goal, GoalFilter, Revenue, Schedule
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.forms.texts import cut, printable
from analytics_core.views.request.allowance import NOT_SHOWN, Allowance, read_part, shorten, size_of
from analytics_core.views.request.redaction import redact_json, redact_text
from analytics_core.views.request.secret_shapes import MASK, looks_secret, mask_tokens
from analytics_core.views.request.sensitive_names import is_sensitive_name

LONGEST_NAME = 300
_LONGEST_TEXT = 10_000
_LONGEST_VALUE = 2_000
_MOST_ENTRIES = 50
_LONGEST_ID = 200
_STAFF = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


class Fragment(str):
    """A piece of a condition that is shown as it stands, without quotes: a mask, or a value too long for JSON."""

    __slots__ = ()


class ShownGoal(Goal):
    """A goal that may be shown, with the first of its conditions."""

    conditions_left_out: int = 0


class ShownCampaign(Campaign):
    """A definition that may be shown. Its request is as it was: the content preview masks it after filling it in."""


def shown_campaign(campaign: Campaign) -> ShownCampaign:
    """`campaign` with its texts safe to show; one that is already stays as it is."""
    return campaign if isinstance(campaign, ShownCampaign) else _Masker().campaign(campaign)


def shown_snapshot(snapshot: Snapshot) -> Snapshot:
    """`snapshot` with the names in it safe to show; its numbers and ids are the same."""
    goals = tuple(
        replace(goal, name=shown_name(goal.name), event_name=shown_name(goal.event_name), currency=_name(goal.currency))
        for goal in snapshot.goals
    )
    performance = replace(snapshot.performance, currency=_name(snapshot.performance.currency))
    reported = tuple(
        replace(one, metric=shown_name(one.metric), goal=_name(one.goal)) for one in snapshot.vendor_reported
    )
    return replace(snapshot, goals=goals, performance=performance, vendor_reported=reported)


@lru_cache(maxsize=8192)
def shown_name(name: str) -> str:
    """A name on one line, masked and cut to 300 characters."""
    part, is_cut = read_part(name, LONGEST_NAME)
    return cut(shorten(redact_text(part), LONGEST_NAME, is_cut=is_cut), LONGEST_NAME)


@lru_cache(maxsize=8192)
def shown_id(identifier: str) -> str:
    """An id on one line. It may be as random as it likes; only access tokens and e-mail addresses in it are masked."""
    return cut(mask_tokens(printable(identifier[: 2 * _LONGEST_ID])), _LONGEST_ID)


def shown_staff(who: str) -> str:
    """Who did something: staff are named by their address, which is no secret."""
    return who if _is_address(who) else shown_name(who)


def _is_address(who: str) -> bool:
    return _STAFF.fullmatch(who) is not None and not any(map(looks_secret, who.split("@")))


def _name(text: str | None) -> str | None:
    return None if text is None else shown_name(text)


class _Masker:
    """The texts of one campaign, within one allowance."""

    def __init__(self) -> None:
        self._allowance = Allowance()

    def campaign(self, campaign: Campaign) -> ShownCampaign:
        trigger = campaign.trigger
        masked: dict[str, Any] = {
            "name": self._short(campaign.name),
            "team": self._short(campaign.team),
            "tags": self._list(campaign.tags, self._short),
            "created_by": self._staff(campaign.created_by),
            "updated_by": self._staff(campaign.updated_by),
            "goals": tuple(map(self._goal, campaign.goals)),
            "approval": campaign.approval and self._approval(campaign.approval),
            "audience": campaign.audience and self._audience(campaign.audience),
            "schedule": campaign.schedule and self._schedule(campaign.schedule),
            "trigger": self._text(trigger) if isinstance(trigger, str) else self._json(trigger, _LONGEST_TEXT),
        }
        kept = {name: getattr(campaign, name) for name in Campaign.model_fields if name not in masked}
        return ShownCampaign.model_construct(**kept, **masked)

    def _goal(self, goal: Goal) -> ShownGoal:
        revenue = goal.revenue
        shown: dict[str, Any] = {
            "goal_id": goal.goal_id,
            "name": self._short(goal.name),
            "event_name": self._short(goal.event_name),
            "filters": tuple(map(self._filter, goal.filters[:_MOST_ENTRIES])),
            "conditions_left_out": max(len(goal.filters) - _MOST_ENTRIES, 0),
            "revenue": revenue and self._revenue(revenue),
        }
        return ShownGoal.model_construct(is_primary=goal.is_primary, **shown)

    def _revenue(self, revenue: Revenue) -> Revenue:
        changed = {"attribute": self._short(revenue.attribute), "currency": self._short(revenue.currency)}
        return revenue.model_copy(update=changed)

    def _filter(self, condition: GoalFilter) -> GoalFilter:
        value = condition.value
        hidden = is_sensitive_name(condition.attribute) and value is not None and not isinstance(value, bool)
        shown = Fragment(MASK) if hidden else self._json(value, _LONGEST_VALUE)
        return condition.model_copy(update={"attribute": self._short(condition.attribute), "value": shown})

    def _approval(self, approval: Approval) -> Approval:
        changed = {"approvers": self._list(approval.approvers, self._staff), "comment": self._text(approval.comment)}
        who = {name: self._staff(getattr(approval, name)) for name in ("approved_by", "rejected_by")}
        return approval.model_copy(update={**changed, **who})

    def _audience(self, audience: Audience) -> Audience:
        names = ("segment", "filters", "excluded")
        return audience.model_copy(update={name: self._text(getattr(audience, name)) for name in names})

    def _schedule(self, schedule: Schedule) -> Schedule:
        names = ("kind", "detail", "frequency_cap")
        return schedule.model_copy(update={name: self._text(getattr(schedule, name)) for name in names})

    def _short(self, name: str | None) -> str | None:
        return None if name is None else self._within(name, LONGEST_NAME, shown_name)

    def _staff(self, who: str | None) -> str | None:
        if who is None:
            return None
        return who if _is_address(who) else self._short(who)

    def _text(self, text: str | None) -> str | None:
        return None if text is None else self._within(text, _LONGEST_TEXT, _masked_text)

    def _within(self, text: str, longest: int, mask: Callable[[str], str]) -> str:
        return mask(text) if self._allowance.take(min(len(text), longest)) else NOT_SHOWN

    def _list(self, texts: Sequence[str], mask: Callable[[str], str | None]) -> tuple[str, ...]:
        more = len(texts) - _MOST_ENTRIES
        shown = (mask(text) or "" for text in texts[:_MOST_ENTRIES])
        return (*shown, *([f"and {more:,} more"] if more > 0 else []))

    def _json(self, value: object, longest: int) -> Any:  # noqa: ANN401 - JSON in, JSON out
        """A JSON value with what is secret in it masked; where it is too long, how much there is instead."""
        size = size_of(value, longest)
        if size <= longest and self._allowance.take(size):
            return redact_json(value)
        return self._text(value) if isinstance(value, str) else Fragment(NOT_SHOWN)


def _masked_text(text: str) -> str:
    part, is_cut = read_part(text, _LONGEST_TEXT)
    return shorten(redact_text(part), _LONGEST_TEXT, is_cut=is_cut)
