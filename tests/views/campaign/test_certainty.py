"""How sure a comparison is on a screen: by the interval for daily looks while a campaign runs, then the plain one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Status, Verdict
from analytics_core.views.campaign.certainty import (
    certainty_of,
    change_text,
    is_running,
    points_text,
    uplift_text,
    verdict_by,
)
from views.snapshots import ASSIGNED, arm, campaign, empty_snapshot, ended, snapshot

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
RUNNING = {Status.ACTIVE, Status.SENDING}


def said(definition: Campaign, **changed: object) -> str:
    compared = arm(**changed)
    return uplift_text(compared, certainty_of(snapshot(), definition, compared))


@pytest.mark.parametrize("status", list(Status))
def test_only_active_and_sending_campaigns_are_running(status: Status) -> None:
    assert is_running(snapshot(), campaign(status=status.value)) is (status in RUNNING)


def test_without_a_status_a_campaign_runs_until_the_window_of_its_last_send_has_closed() -> None:
    unsaid, final_at = campaign(status=None), datetime(2026, 4, 1, 2, 12, tzinfo=UTC)
    assert is_running(snapshot(as_of=final_at.replace(minute=11)), unsaid)
    assert not is_running(snapshot(as_of=final_at), unsaid)
    assert not is_running(empty_snapshot(), unsaid)


def test_an_ended_campaign_shows_what_the_snapshot_says() -> None:
    compared = arm()
    for one in (compared, compared.assigned):
        shown = certainty_of(snapshot(), ended(), one)
        assert (shown.verdict, shown.interval) == (one.verdict, one.interval)
        assert (shown.difference, shown.incremental) == (one.difference_interval, one.incremental_conversions_interval)
        assert (shown.daily, shown.interval_label) == (False, "95% interval")


def test_a_running_campaign_shows_the_interval_for_daily_looks_by_the_control_rate_and_the_rows() -> None:
    shown = certainty_of(snapshot(), campaign(), arm(always_valid_interval=(0.004, 0.016)))
    assert shown.interval == (pytest.approx(0.2), pytest.approx(0.8))
    assert (shown.difference, shown.incremental) == ((0.004, 0.016), (32.0, 128.0))
    assert (shown.verdict, shown.daily) == (Verdict.UP, True)
    assert shown.interval_label == "95% interval for daily looks"
    assigned = certainty_of(snapshot(), campaign(), replace(ASSIGNED, always_valid_interval=(-0.018, -0.002)))
    assert assigned.interval == (pytest.approx(-0.9), pytest.approx(-0.1))
    assert (assigned.incremental, assigned.verdict) == ((-180.0, -20.0), Verdict.DOWN)


def test_nothing_falls_by_more_than_all_of_it() -> None:
    shown = certainty_of(snapshot(), campaign(), arm(always_valid_interval=(-0.05, -0.03)))
    assert shown.interval == (-1.0, -1.0)


@pytest.mark.parametrize(
    ("verdict", "interval", "shown"),
    [
        (Verdict.TOO_FEW, (0.1, 0.2), Verdict.TOO_FEW),
        (None, (0.1, 0.2), None),
        (Verdict.UP, (0.0, 0.2), Verdict.UNCERTAIN),
        (Verdict.UP, (-0.1, 0.0), Verdict.UNCERTAIN),
        (Verdict.UNCERTAIN, (0.1, 0.2), Verdict.UP),
        (Verdict.UP, (-0.2, -0.1), Verdict.DOWN),
        (Verdict.UP, None, Verdict.UNCERTAIN),
    ],
)
def test_the_verdict_is_by_the_interval_that_is_shown(
    verdict: Verdict | None, interval: tuple[float, float] | None, shown: Verdict | None
) -> None:
    assert verdict_by(verdict, interval) is shown


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((0.1, 0.9), "+10.0% to +90.0%"),
        ((-1.0, -0.03), f"{MINUS}100.0% to {MINUS}3.0%"),
        ((0.12, None), "at least +12.0%"),
        ((-0.05, None), f"{MINUS}5.0% or more"),
        ((0.0, None), "0.0% or more"),
        ((-1.0, None), "no bound either way"),
        (None, EN_DASH),
    ],
)
def test_an_interval_without_an_upper_end_is_said_in_words(
    interval: tuple[float, float | None] | None, text: str
) -> None:
    assert change_text(interval) == text


def test_an_interval_in_points_names_the_unit_once() -> None:
    assert points_text((-0.002, 0.018)) == f"{MINUS}0.2 to +1.8 points"
    assert points_text(None) == EN_DASH


def test_an_uplift_in_a_cell_stands_with_interval_and_verdict() -> None:
    assert said(ended()) == "\N{BLACK UP-POINTING TRIANGLE} +50.0%, up (+10.0% to +90.0%)"
    down = {"uplift": -0.5, "interval": (-0.8, -0.2), "verdict": Verdict.DOWN}
    assert said(ended(), **down) == (
        f"\N{BLACK DOWN-POINTING TRIANGLE} {MINUS}50.0%, down ({MINUS}80.0% to {MINUS}20.0%)"
    )
    assert said(ended(), verdict=Verdict.TOO_FEW) == "too few to tell"
    assert said(campaign()) == f"+50.0%, uncertain ({MINUS}5.0% to +105.0%)"
    assert said(campaign(), always_valid_interval=None) == "too early to tell"
    assert said(campaign(), always_valid_interval=None, verdict=Verdict.TOO_FEW) == "too few to tell"


def test_over_a_control_group_that_never_converts_the_bound_or_the_points_are_said() -> None:
    never = {"uplift": None, "converted_users": 0, "conversion_rate": 0.0}
    assert said(ended(), **never, interval=(0.4, None)) == "\N{BLACK UP-POINTING TRIANGLE} at least +40.0%, up"
    assert said(campaign(), **never) == f"+1.0 points, uncertain ({MINUS}0.1 to +2.1 points)"


def test_an_uplift_that_no_interval_can_be_told_of_stands_alone() -> None:
    untold = {"interval": None, "difference_interval": None, "p_value": None, "verdict": Verdict.UNCERTAIN}
    assert said(ended(), **untold) == "+50.0%, uncertain"
