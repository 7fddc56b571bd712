"""Random lives of campaigns against a model of thirty lines that knows nothing of the tables."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from analytics_core.campaigns.actions import Deed, edit, take_action
from analytics_core.campaigns.lifecycle import Action
from analytics_core.campaigns.review import Reviewed
from analytics_core.campaigns.status import Sends, find_status
from analytics_core.domain.errors import AnalyticsError
from defined_campaigns import NOON, approval, define

START, END = 50, 120
"""Hours after noon at which the campaign starts and, where it recurs, ends."""
ACTIONS = ("submit", "withdraw", "approve", "reject", "stop", "pause", "resume", "rename", "tag")


class Model:
    """What should hold: the status as it stands, who approved which name, and the hour."""

    def __init__(self, kind: str, *, reviewed: bool) -> None:
        self.once, self.reviewed = kind == "one_time", reviewed
        self.hour, self.status, self.name, self.approved = 0, "draft", 0, None

    def now(self) -> str:
        if self.status == "under_review" and self.hour >= (START if self.once else END):
            return "not_sent"
        if self.once and self.status in {"scheduled", "sending"} and self.hour >= START + 24:
            return "sent"
        if not self.once and self.status in {"scheduled", "active", "paused"} and self.hour >= END:
            return "expired"
        begun = "sending" if self.once else "active"
        return begun if self.status == "scheduled" and self.hour >= START else self.status

    def started(self) -> str:
        return "scheduled" if self.hour < START else "sending" if self.once else "active"

    def take(self, action: str, approver: bool) -> bool:  # noqa: FBT001 - as drawn
        now, early = self.now(), self.hour < (START if self.once else END)
        decides = now == "under_review" and approver
        if action == "submit" and now in {"draft", "rejected"} and early:
            self.status, self.approved = "under_review" if self.reviewed else self.started(), None
        elif action == "withdraw" and now == "under_review":
            self.status = "draft"
        elif action == "approve" and decides:
            self.status, self.approved = self.started(), self.name
        elif action == "reject" and decides:
            self.status, self.approved = "rejected", None
        elif action == "stop" and self.once and now in {"scheduled", "sending"}:
            self.status = "stopped"
        elif action == "pause" and not self.once and now in {"scheduled", "active"}:
            self.status = "paused"
        elif action == "resume" and now == "paused":
            self.status = self.started()
        elif (
            action in {"rename", "tag"}
            and now not in {"sent", "stopped", "expired"}
            and (decides or now != "under_review")
        ):
            self.name += action == "rename"
            if action == "rename" and self.approved is not None:
                lives = self.status in {"scheduled", "sending", "active", "paused"} and early
                self.status, self.approved = "under_review" if lives else self.status, None
        else:
            return False
        return True


class Lives(RuleBasedStateMachine):
    """One campaign, and the model of it."""

    @initialize(kind=st.sampled_from(["one_time", "periodic", "event_triggered"]), reviewed=st.booleans())
    def begin(self, kind: str, *, reviewed: bool) -> None:
        self.model = Model(kind, reviewed=reviewed)
        schedule: dict[str, Any] = {"starts_at": NOON + timedelta(hours=START)}
        if kind != "one_time":
            schedule["ends_at"] = NOON + timedelta(hours=END)
        said = {"approval": approval()} if reviewed else {}
        self.real = Reviewed(define(delivery_type=kind, status="draft", schedule=schedule, trigger="x", **said))

    @rule(hours=st.integers(0, 12))
    def wait(self, hours: int) -> None:
        self.model.hour += hours

    @rule(action=st.sampled_from(ACTIONS), approver=st.booleans())
    def act(self, action: str, *, approver: bool) -> None:
        by, now = "lee@acme.example" if approver else "mia", NOON + timedelta(hours=self.model.hour)
        campaign = self.real.campaign
        try:
            if action in {"rename", "tag"}:
                number = self.model.name + 1
                said = {"name": f"Campaign {number}"} if action == "rename" else {"tags": (str(len(campaign.tags)),)}
                changed = campaign.model_copy(update=said)
                self.real = edit(self.real, changed, Deed(Action.EDIT, by, now), Sends(has_rows=True))
            else:
                self.real = take_action(self.real, Deed(Action(action), by, now), Sends(has_rows=True))
            done = True
        except AnalyticsError:
            done = False
        approver = approver and self.model.reviewed
        assert done == self.model.take(action, approver), (action, approver, self.model.__dict__)

    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        campaign, now = self.real.campaign, NOON + timedelta(hours=self.model.hour)
        assert find_status(campaign, now, Sends(has_rows=True)).status == self.model.now()
        said = campaign.approval
        assert (said is not None and said.approved_by is not None) == (self.model.approved is not None)
        assert self.model.approved in {None, self.model.name}


def _run(examples: int, steps: int) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Lives,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=quiet),
    )


def test_random_lives_are_those_of_the_model() -> None:
    _run(40, 25)


@pytest.mark.long
def test_ten_thousand_steps_are_those_of_the_model() -> None:
    _run(400, 40)
