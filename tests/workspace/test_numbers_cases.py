"""Exports whose numbers once were wrong, told small, by way of files; what is right was found without the product."""

import json
from pathlib import Path
from typing import Any

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel
from commands import Run
from worlds import World, tiny_campaign
from worlds.product import documents_by_import
from worlds.story import PURCHASE

MIDNIGHT, NEXT_MIDNIGHT, MORNING, WEEK_AFTER = (
    "2026-03-02 00:00",
    "2026-03-03 00:00",
    "2026-03-03 06:00",
    "2026-03-09 00:00",
)
TENTH = {"control_group_percent": 10}


def told_by(told: World, directory: Path, settings: Settings | None = None) -> dict[str, Any]:
    """What the product says about the first campaign."""
    return documents_by_import(told, directory, fmt="jsonl", settings=settings)[0]


def arm_of(found: dict[str, Any]) -> dict[str, Any]:
    arm: dict[str, Any] = found["goals"][0]["uplift"]["campaign"]
    return arm


def names(first: int, beyond: int) -> list[str]:
    return [f"u{n:03}" for n in range(first, beyond)]


def run_of(told: World, held: list[str], sent: list[str], **more: str) -> World:
    """An instance in which some were held back and the others sent."""
    for user in held:
        told = told.held_back(user, **more)
    for user in sent:
        told = told.sent(user, **more)
    return told


def all_bought(told: World, users: list[str], at: str) -> World:
    for user in users:
        told = told.bought(user, at=at)
    return told


def test_a_control_group_drawn_anew_shows_no_effect_where_there_is_none(tmp_path: Path) -> None:
    """100 users, two daily sends, ten held back from each (one of them twice); everyone buys on the second day."""
    told = tiny_campaign(goals=[PURCHASE], audience=TENTH)
    told = run_of(told, names(90, 100), names(0, 90), at=MIDNIGHT, instance="d1")
    second = [*names(81, 90), "u099"]
    others = [*names(0, 81), *names(90, 99)]
    told = run_of(told, second, others, at=NEXT_MIDNIGHT, instance="d2")
    found = told_by(all_bought(told, names(0, 100), MORNING).bought("nobody", at=WEEK_AFTER), tmp_path)
    arm = arm_of(found)
    assert (arm["treated"]["rows"], arm["treated"]["converted_users"]) == (180, 90)
    assert (arm["active_targets"], arm["converted_users"]) == (20, 10)
    assert (arm["uplift"], arm["difference"], arm["p_value"]) == (0.0, 0.0, 1.0)
    assert found["performance"]["uplift"] == 0.0
    drawn = {"declared": 0.1, "observed_users": 10, "users": 100, "observed_rows": 0.1, "p_value": 1.0}
    assert found["sample_ratio"] == drawn


def test_the_last_interaction_of_another_campaign_takes_nothing_from_the_comparison(tmp_path: Path) -> None:
    """Two campaigns an hour apart hold back the same ten of 100; every second user buys after both."""
    told = run_of(tiny_campaign("a", goals=[PURCHASE]), names(90, 100), names(0, 90))
    told = run_of(told.with_campaign("b", goals=[PURCHASE]), names(90, 100), names(0, 90), at="2026-03-02 10:00")
    bought = all_bought(told, names(0, 100)[::2], "2026-03-02 11:00").bought("nobody", at=WEEK_AFTER)
    rules = Settings(attribution_model=AttributionModel.LAST_INTERACTION)
    found = told_by(bought, tmp_path, rules)
    assert (found["performance"]["conversion_events"], found["performance"]["uplift"]) == (0, 0.0)
    assert (arm_of(found)["conversion_rate"], arm_of(found)["treated"]["conversion_rate"]) == (0.5, 0.5)


def test_ten_held_back_without_a_conversion_say_next_to_nothing(tmp_path: Path) -> None:
    told = run_of(tiny_campaign(audience={"control_group_percent": 5}), names(190, 200), names(0, 190))
    arm = arm_of(told_by(all_bought(told, names(0, 10), "2026-03-02 10:00"), tmp_path))
    assert (arm["uplift"], arm["verdict"], arm["interval"][1]) == (None, "too_few", None)
    assert -1 < arm["interval"][0] < 0
    assert arm["p_value"] > 0.3


def test_a_control_group_that_is_kept_is_one_draw_a_user(tmp_path: Path) -> None:
    """14 of 100 users are held back ten days on end, where 10 % were declared."""
    told = tiny_campaign(audience=TENTH)
    for day in range(10):
        told = run_of(told, names(0, 14), names(14, 100), at=f"2026-03-{day + 2:02} 00:00", instance=f"d{day}")
    drawn = told_by(told.bought("nobody", at="2026-03-29 00:00"), tmp_path)["sample_ratio"]
    assert (drawn["observed_users"], drawn["users"], drawn["observed_rows"]) == (14, 100, 0.14)
    assert drawn["p_value"] == pytest.approx(0.18, abs=0.01)


def test_those_who_were_held_back_and_sent_all_the_same_were_drawn_as_declared(tmp_path: Path) -> None:
    """100 of 1,000 are held back, 50 of whom are sent ten minutes later."""
    held, sent = [f"h{n}" for n in range(100)], [f"t{n}" for n in range(900)]
    told = run_of(tiny_campaign(audience=TENTH), held, sent, at=MIDNIGHT)
    told = run_of(told, [], held[:50], at="2026-03-02 00:10")
    found = told_by(all_bought(told, [*sent[:90], *held[:10]], "2026-03-02 01:00"), tmp_path)
    arm, drawn = arm_of(found), found["sample_ratio"]
    assert (drawn["observed_users"], drawn["users"], drawn["observed_rows"]) == (100, 1000, 0.1)
    assert drawn["p_value"] == pytest.approx(1.0)
    assert (arm["active_targets"], arm["converted_users"], arm["contaminated_rows"]) == (50, 0, 50)
    assert (arm["treated"]["rows"], arm["treated"]["converted_users"]) == (900, 90)
    by_assignment = arm["assigned"]
    assert (by_assignment["control"]["rows"], by_assignment["control"]["converted_users"]) == (100, 10)
    assert (by_assignment["treated"]["rows"], by_assignment["uplift"]) == (900, 0.0)
    assert found["data_quality"]["contaminated_users"] == 50


def test_of_a_single_conversion_in_a_tiny_control_group_no_direction_is_said(tmp_path: Path) -> None:
    told = run_of(tiny_campaign(), ["h0", "h1"], names(0, 20)).bought("h0", at="2026-03-02 10:00", order_value=1)
    arm = arm_of(told_by(told, tmp_path))
    assert (arm["uplift"], arm["verdict"], arm["assigned"]["verdict"]) == (-1.0, "too_few", "too_few")


def test_an_older_campaign_has_a_unique_share_of_attempted_users(run: Run, tmp_path: Path) -> None:
    told = tiny_campaign(analytics_version="legacy").sent("a").held_back("b")
    told_by(told, tmp_path)
    code, out, err = run("explain", "spring", "attempted_share", "--json", "-w", tmp_path / "workspace")
    assert (code, err) == (0, "")
    assert (json.loads(out)["value"], json.loads(out)["unique_value"]) == (0.5, 0.5)
