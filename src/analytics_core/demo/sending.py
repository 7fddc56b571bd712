"""Plays the plans: audience rows with what became of them, and the events that being sent brings about."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analytics_core.demo import clock
from analytics_core.demo.chance import Chance
from analytics_core.demo.people import Person
from analytics_core.demo.plans import Plan, Run
from analytics_core.demo.shopping import Shop

_SUCCESS = 200
_RETRIABLE = frozenset({429, 500, 503, None})
_RETRIED = 0.6
_MOST_ATTEMPTS = 4
_GLOBAL_CONTROL = 0.05
_SAID = {
    301: "Moved Permanently",
    400: 'missing field "first_name"',
    401: "invalid credentials",
    404: "no such hook",
    429: "rate limit <b>exceeded</b>, retry later",
    500: "Internal Server Error",
    503: "upstream unavailable",
    None: "no response within 5,000 ms",
}
_TIMED_OUT_AFTER = 5 * clock.SECOND

Row = dict[str, object]
"""One row of a canonical table: column name to JSON value."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One raw row before it has a request id; `details` are the columns that apply to its outcome only."""

    at: int
    campaign_id: str
    instance_id: str
    user_id: str
    outcome: str
    details: Row


@dataclass(slots=True)
class Sender:
    """Plays one plan; what comes of it is collected in `deliveries`, `instances` and the shop.

    `held_back` has the numbers of the people who are never sent, with their control group.
    """

    plan: Plan
    people: tuple[Person, ...]
    shop: Shop
    deliveries: list[Delivery] = field(default_factory=list)
    instances: list[Row] = field(default_factory=list)
    chance: Chance = field(init=False)
    held_back: dict[int, str] = field(init=False)
    contaminations_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Chance(f"campaign {self.plan.campaign_id}")
        self.contaminations_left = self.plan.contaminated
        # Who is never sent is the same for every instance of the campaign.
        everywhere, here = Chance("global control group"), Chance(f"control group of {self.plan.campaign_id}")
        self.held_back = {}
        for person in self.people:
            globally, locally = everywhere.happens(_GLOBAL_CONTROL), here.happens(self.plan.control)
            if globally and self.plan.heeds_global:
                self.held_back[person.number] = "global"
            elif locally:
                self.held_back[person.number] = "campaign"

    def batches(self) -> None:
        """Every run of a one-time or periodic campaign; who is in the segment hardly changes from run to run."""
        segment = [person for person in self.people if self.chance.happens(self.plan.reach)]
        for run in self.plan.runs:
            here = [person for person in segment if self.chance.happens(0.93)]
            members = [one for one in here if one.signed_up_at is None or one.signed_up_at < run.starts_at]
            before = len(self.deliveries)
            for place, person in enumerate(members):
                at = run.starts_at + place * self.plan.lasts // len(members) + self.chance.below(clock.SECOND)
                if at < self.plan.ends_at:
                    self._reach(run.instance_id, person, at)
            self.instances.append(self._timeline(run, len(members), self.deliveries[before:]))

    def triggers(self, triggers: Iterable[tuple[int, Person]]) -> None:
        """One instance for each (epoch ms, person) of an event-triggered campaign, numbered in order of time."""
        in_time = sorted((at, person.number, person) for at, person in triggers)
        for number, (at, _, person) in enumerate(in_time, start=1):
            self._reach(f"{self.plan.campaign_id}-{number:06d}", person, at)

    def _timeline(self, run: Run, members: int, rows: list[Delivery]) -> Row:
        sent = [row.at for row in rows if row.outcome == "requested"]
        times = {
            "segmentation_started_at": run.starts_at - 22 * clock.MINUTE,
            "segmentation_completed_at": run.starts_at - 13 * clock.MINUTE,
            "ready_at": run.starts_at - 6 * clock.MINUTE,
            "first_batch_sent_at": run.starts_at,
            "first_sent_at": min(sent),
        }
        if not self.plan.unfinished:
            times["last_sent_at"] = max(sent)
        size = {} if run.missing is None else {"users_in_segment": members + run.missing}
        key = {"campaign_id": self.plan.campaign_id, "instance_id": run.instance_id}
        return {**key, **size, **{name: clock.text(at) for name, at in times.items()}}

    def _reach(self, instance_id: str, person: Person, at: int) -> None:
        """Decides what becomes of one user of one instance."""
        control = self.held_back.get(person.number)
        if self.chance.happens(self.plan.capped):
            self._log(instance_id, person, at, "frequency_capped")
        elif control is not None:
            self._log(instance_id, person, at, "control_group", {"control_group_type": control})
            if self.contaminations_left:
                self.contaminations_left -= 1
                self._request(instance_id, person, at + 2 * clock.MINUTE)
        elif self.chance.happens(self.plan.unpersonalized):
            drawn = self.plan.blanks.draw(self.chance)
            blanks = [{"category": category, "attribute": name} for category, name in drawn]
            self._log(instance_id, person, at, "personalization_failed", {"personalization_errors": blanks})
        else:
            self._request(instance_id, person, at)

    def _request(self, instance_id: str, person: Person, at: int) -> None:
        """Calls the endpoint, again where that may help; what follows from being sent begins at the first success."""
        for _ in range(_MOST_ATTEMPTS):
            code = self.plan.answers.draw(self.chance)
            duration = _TIMED_OUT_AFTER if code is None else int(self.chance.long_tail(180, 0.6))
            answer: Row = {"response_code": code, "duration_ms": duration, "endpoint": self.plan.endpoint}
            if code in _SAID:
                answer["error_text"] = _SAID[code]
            self._log(instance_id, person, at, "requested", answer)
            if code == _SUCCESS:
                self._take_effect(person, at)
            if code not in _RETRIABLE or not self.chance.happens(_RETRIED):
                return
            at += duration + 5 * clock.SECOND

    def _take_effect(self, person: Person, sent_at: int) -> None:
        for effect in self.plan.effects:
            if self.chance.happens(effect.share):
                delay = self.chance.long_tail(effect.median_hours * clock.HOUR, 1.1)
                self.shop.act(self.chance, person, effect.event_name, at=sent_at + int(delay))

    def _log(self, instance_id: str, person: Person, at: int, outcome: str, details: Row | None = None) -> None:
        user_id = person.id_at(at)
        self.deliveries.append(Delivery(at, self.plan.campaign_id, instance_id, user_id, outcome, details or {}))
