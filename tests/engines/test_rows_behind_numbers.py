"""The rows behind every number make that number, on generated worlds under every combination of settings."""

from collections.abc import Container, Iterator
from dataclasses import replace
from decimal import Decimal
from random import Random

import polars as pl
import pytest

from analytics_core.domain.errors import UnknownNameError
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, PersonalizationCategory
from analytics_core.engines.explaining import explain_number
from analytics_core.engines.local import compute_snapshots
from analytics_core.engines.scene import WorkspaceData, view_campaign
from analytics_core.explaining.explanation import Explanation, question_of
from analytics_core.explaining.row_frames import ORDER
from analytics_core.metrics.breakdowns import find_metric
from analytics_core.metrics.catalog import CATALOG, value_of
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from seeding import seeds
from worlds import World, rules_of, tiny_campaign, world

CATEGORIES = tuple(category.value for category in PersonalizationCategory)
# Of these the rows are shown, but the number is no count or sum of them.
QUOTIENTS = {name for name, metric in CATALOG.items() if metric.numerator} | {
    "matured_share",
    "sample_ratio",
    "smallest_detectable_uplift",
    "assigned_treated_revenue_per_user",
    "assigned_control_revenue_per_user",
}
# 48 worlds are a round through the combinations of settings.
SEEDS = seeds(0, few=1, long=480)


def names_for(snapshot: Snapshot) -> list[str]:
    """Every catalog metric the campaign has, each of its error reasons, and every category."""
    names = [name for name, declared in CATALOG.items() if declared.exists_in(snapshot.analytics_version)]
    return list(dict.fromkeys([*names, *(error.reason for error in snapshot.errors), *CATEGORIES]))


def explanations(
    seed: int, share: float = 1.0, only: Container[str] | None = None
) -> Iterator[tuple[Snapshot, Explanation]]:
    """Explanations with all their rows beside Snapshots computed apart; goals take turns, of metrics a `share`.

    With `only`, of those metrics.
    """
    told, rules, chance = world(seed), rules_of(seed, world(seed)), Random(seed)
    held = WorkspaceData(told.tables(), told.book, told.app)
    for snapshot in compute_snapshots(held.tables, held.book, held.app, rules):
        campaign = next(found for found in held.book if found.campaign_id == snapshot.campaign_id)
        scene = view_campaign(held, campaign, rules)
        assert scene.snapshot == snapshot
        for turn, name in enumerate(names_for(snapshot)):
            if (only is None or name in only) and chance.random() < share:
                goal = campaign.goals[(seed + turn) % len(campaign.goals)]
                yield snapshot, explain_number(scene, question_of(campaign, name, goal.goal_id), rows=None)


def assert_rows_make_the_number(explanation: Explanation) -> None:
    name, behind = explanation.question.metric.name, explanation.behind
    assert explanation.rows.height == explanation.sums.rows == sum(kind.rows for kind in explanation.kinds), name
    assert explanation.rows.select(ORDER[behind.grain]).is_unique().all(), name
    assert explanation.rows.equals(explanation.rows.sort(ORDER[behind.grain])), name
    for counting in explanation.countings:
        found = explanation.count_from_rows(counting)
        assert (behind.measure is None) == (name in QUOTIENTS)
        if behind.measure is not None:
            assert found == value_of(explanation.question.metric, explanation.snapshot, counting), (name, counting)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rows_behind_a_number_make_that_number(seed: int) -> None:
    # Every world asks a third of the numbers; all worlds of a combination together ask them all.
    for _, explanation in explanations(seed, share=1 / 3):
        assert_rows_make_the_number(explanation)


@pytest.mark.parametrize("seed", range(1, 1 + 3 * 11, 11))
def test_every_number_of_a_world_is_the_sum_of_its_rows(seed: int) -> None:
    seen = set()
    for _, explanation in explanations(seed):
        assert_rows_make_the_number(explanation)
        seen.add(explanation.question.metric.name)
    assert seen >= {name for name, declared in CATALOG.items() if declared.exists_in(AnalyticsVersion.LEGACY)}


def of(snapshot: Snapshot, goal_id: str) -> GoalResult:
    return next(goal for goal in snapshot.goals if goal.goal_id == goal_id)


@pytest.mark.parametrize("seed", seeds(300, few=2, long=60))
def test_revenue_and_distinct_pairs_recomputed_from_the_rows_are_the_goals(seed: int) -> None:
    only = {"revenue", "converted_users", "conversion_events", "events_without_value"}
    for snapshot, explanation in explanations(seed, only=only):
        goal, rows = of(snapshot, explanation.question.goal.goal_id), explanation.rows
        legacy = snapshot.analytics_version is AnalyticsVersion.LEGACY
        match explanation.question.metric.name:
            case "revenue":
                assert goal.revenue is None or sum(rows["amount"].drop_nulls()) == goal.revenue
            case "converted_users":
                pairs = {row["user_id"] if legacy else (row["instance_id"], row["user_id"]) for row in rows.to_dicts()}
                assert len(pairs) == goal.converted_users
            case "conversion_events":
                assert rows.height == goal.conversion_events
            case "events_without_value":
                assert rows["amount"].null_count() == rows.height == goal.events_without_value


def converted(rows: pl.DataFrame, arm: str) -> set[tuple[str, str]]:
    return set(rows.filter(pl.col("arm") == arm).select("instance_id", "user_id").iter_rows())


COMPARED = {
    "sample_ratio",
    *("uplift", "difference", "smallest_detectable_uplift"),
    *("incremental_conversions", "assigned_uplift", "assigned_difference", "incremental_revenue"),
}


@pytest.mark.parametrize("seed", seeds(400, few=2, long=200))
def test_both_arms_recomputed_from_their_rows_are_the_comparison_s(seed: int) -> None:
    for snapshot, explanation in explanations(seed, only=COMPARED):
        arm, rows = of(snapshot, explanation.question.goal.goal_id).uplift.compared, explanation.rows
        name, ratio = explanation.question.metric.name, snapshot.sample_ratio
        if name == "sample_ratio":
            assert rows.height == rows["user_id"].n_unique() == ratio.users
            assert (rows["arm"] == "control").sum() == ratio.observed_users
        elif name in {"uplift", "difference", "smallest_detectable_uplift"}:
            pairs = [len(converted(rows, side)) for side in ("treated", "control")]
            assert pairs == ([arm.treated.converted_users, arm.converted_users] if arm else [0, 0])
        elif name in {"incremental_conversions", "assigned_uplift", "assigned_difference"}:
            pairs = [len(converted(rows, side)) for side in ("treated", "control")]
            arms = arm and (arm.assigned.treated, arm.assigned.control)
            assert pairs == ([found.converted_users for found in arms] if arms else [0, 0])
        elif name == "incremental_revenue" and arm and arm.assigned.revenue:
            for side, figures in (("treated", arm.assigned.treated), ("control", arm.assigned.control)):
                amount = rows.filter(pl.col("arm") == side)["amount"].sum() or 0
                per_row = getattr(arm.assigned.revenue, f"{side}_per_row")
                assert round(amount / Decimal(figures.rows), 6) == per_row


@pytest.mark.parametrize(
    ("rate", "side"),
    [
        ("sent_rate", "attempted"),
        ("failure_rate", "attempted"),
        ("attempted_share", "users_in_segment"),
        ("conversion_rate", "conversion_events"),
        ("average_order_value", "conversion_events"),
        ("control_conversion_rate", "control_converted_users"),
        ("treated_conversion_rate", "treated_converted_users"),
        ("assigned_control_conversion_rate", "assigned_control_converted_users"),
        ("uplift", "difference"),
        ("assigned_uplift", "incremental_conversions"),
    ],
)
def test_a_rate_has_the_rows_of_one_of_its_sides(rate: str, side: str) -> None:
    heights = []
    for seed in range(6):
        told = world(seed)
        campaign = next((found for found in told.book if found.analytics_version is AnalyticsVersion.CURRENT), None)
        if campaign is not None:
            scene = view_campaign(WorkspaceData(told.tables(), told.book, told.app), campaign, rules_of(seed, told))
            one, other = (explain_number(scene, question_of(campaign, name, None), rows=None) for name in (rate, side))
            assert one.rows.equals(other.rows)
            heights.append(one.rows.height)
    assert max(heights) > 0


def test_asking_for_a_few_rows_brings_the_first_of_all() -> None:
    told, rules = world(7), rules_of(7, world(7))
    held = WorkspaceData(told.tables(), told.book, told.app)
    scene = view_campaign(held, told.book[0], rules)
    question = question_of(told.book[0], "users_in_segment", None)
    every, few = explain_number(scene, question, rows=None), explain_number(scene, question, rows=2)
    assert few.rows.equals(every.rows.head(2))
    assert explain_number(scene, question).rows.is_empty()
    assert every.with_first(2).rows.equals(few.rows)


@pytest.mark.parametrize("seed", seeds(0, few=1, long=48))
def test_the_order_of_the_rows_of_the_tables_changes_no_explanation(seed: int) -> None:
    told, rules = world(seed), rules_of(seed, world(seed))
    tables, campaign = told.tables(), told.book[0]
    mixed = replace(tables, deliveries=_mixed(tables.deliveries, seed), events=_mixed(tables.events, seed))
    for name in ("conversion_events", "users_in_segment"):
        question = question_of(campaign, name, None)
        one, other = (
            explain_number(
                view_campaign(WorkspaceData(found, told.book, told.app), campaign, rules), question, rows=None
            )
            for found in (tables, mixed)
        )
        assert one.rows.equals(other.rows)
        if one.near_misses is not None:
            assert one.near_misses.rows.equals(other.near_misses.rows)


def _mixed(rows: pl.LazyFrame, seed: int) -> pl.LazyFrame:
    return rows.collect().sample(fraction=1.0, shuffle=True, seed=seed).lazy()


def of_one_campaign(told: World, name: str) -> Explanation:
    scene = view_campaign(WorkspaceData(told.tables(), told.book, told.app), told.book[0], Settings())
    return explain_number(scene, question_of(told.book[0], name, None))


def test_percentiles_of_the_rows_lie_between_neighbours_and_nothing_has_none() -> None:
    sent = told = tiny_campaign().sent("ann")
    for at in ("2026-03-02 10:00", "2026-03-02 11:00", "2026-03-02 13:00", "2026-03-02 17:00:00.000001"):
        told = told.bought("ann", at=at)
    sums = of_one_campaign(told, "p75_seconds_to_convert").sums
    # Of one, two, four and eight hours, and a microsecond: at ranks 2.25, 2.7 and 2.85.
    assert (sums.p75_seconds, sums.p90_seconds, sums.p95_seconds) == (18000.00000025, 24480.0000007, 26640.00000085)
    nothing = of_one_campaign(sent, "p95_seconds_to_convert")
    assert [nothing.count_from_rows(counting) for counting in nothing.countings] == [None]


def test_rows_that_are_instances_have_no_users() -> None:
    told = tiny_campaign().sent("ann").declared("run", 5)
    scene = view_campaign(WorkspaceData(told.tables(), told.book, told.app), told.book[0], Settings())
    explanation = explain_number(scene, question_of(told.book[0], "unaccounted", None), rows=None)
    assert explanation.rows.to_dicts() == [
        {"instance_id": "run", "users_in_segment": 5, "logged": 1, "unaccounted": 4},
    ]
    assert (explanation.sums.users, explanation.kinds[0].users) == (None, None)


def test_names_a_campaign_does_not_have_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no metric 'convertd_users'.*Did you mean 'converted_users'"):
        find_metric("convertd_users", AnalyticsVersion.CURRENT)
    with pytest.raises(UnknownNameError, match="no metric of an older campaign 'uplift'"):
        find_metric("uplift", AnalyticsVersion.LEGACY)
    for name in ("response_", "response_4040", "response_040", "response_x", "matured_sent"):
        with pytest.raises(UnknownNameError):
            find_metric(name, AnalyticsVersion.CURRENT)
