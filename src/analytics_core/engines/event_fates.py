"""What became of the events of a goal's name: of all that almost counted, and of all of one user."""

from dataclasses import replace

import polars as pl

from analytics_core.domain.campaign import Goal
from analytics_core.domain.words import ArmFate, EventFate
from analytics_core.engines.scene import CampaignView
from analytics_core.explaining.arm_fates import almost_in_arm, arm_fates
from analytics_core.explaining.explanation import NearMisses, Question
from analytics_core.explaining.groundwork import is_within
from analytics_core.explaining.near_misses import Crediting, find_named_events, near_misses, verdicts
from analytics_core.explaining.row_frames import first_of, rows_of, with_arms
from analytics_core.explaining.rows_behind import OF_COMPARISON, RowsBehind
from analytics_core.metrics.metric import Grain

_MOST_PAIRS = 1_000_000
"""Pairs of one user's deliveries and events that are compared one by one."""
_ORDER = ["occurred_at", "event_id", "clock", "instance_id"]


def almost_counted(scene: CampaignView, behind: RowsBehind, question: Question, rows: int | None) -> NearMisses:
    """The events of the goal's name that almost counted; of a part of the campaign, those that would be in it.

    Args:
        scene: the campaign, all of it.
        behind: which rows the number is made of.
        question: of which goal, and of which part.
        rows: how many events to bring along; None for all.
    """
    goal, part = question.goal, question.part
    named = find_named_events(scene.persons.events, goal)
    theirs = named.join(scene.own.every.select("user_id").unique(), on="user_id", how="semi")
    heavy = _heavy_users(scene, theirs, behind)
    fates = _fates(scene, _without(theirs, heavy), behind, goal)
    kinds: type[ArmFate | EventFate]
    if behind.grain in OF_COMPARISON:
        kinds, found = ArmFate, almost_in_arm(fates, [arm.value for arm in behind.arms])
    else:
        kinds, found = EventFate, near_misses(fates)
    found = found if part is None else found.filter(is_within(part, scene.calendar, of_event=True))
    events = found.group_by("verdict").agg(pl.col("event_id").n_unique())
    counts, shown = pl.collect_all([events, first_of(found, _ORDER, rows)])
    by_fate = dict(counts.iter_rows())
    return NearMisses(
        events={fate: by_fate[fate.value] for fate in kinds if fate.value in by_fate},  # nearest to counting first
        rows=shown,
        duplicate_events=scene.holdings.duplicate_events,
        users_left_out=heavy.len(),
    )


def events_of_user(scene: CampaignView, behind: RowsBehind, goal: Goal) -> tuple[pl.LazyFrame, bool]:
    """Every event of the goal's name with its fate and what it brought, and whether they are too many to tell.

    Args:
        scene: what one user has of the campaign.
        behind: which rows the number is made of.
        goal: the goal.
    """
    named = find_named_events(scene.persons.events, goal)
    heavy = _heavy_users(scene, named, behind)
    fates = _fates(scene, _without(named, heavy), behind, goal)
    grain = Grain.COMPARED_EVENT if behind.grain in OF_COMPARISON else Grain.CREDIT
    condition = behind.condition if grain is Grain.COMPARED_EVENT else pl.lit(value=True)
    counted = rows_of(replace(behind, grain=grain, condition=condition), scene.own, goal.goal_id)
    brought = counted.select("event_id", "instance_id", "amount", "amount_note")
    return fates.join(brought, on=["event_id", "instance_id"], how="left").sort(_ORDER), not heavy.is_empty()


def _fates(scene: CampaignView, named: pl.LazyFrame, behind: RowsBehind, goal: Goal) -> pl.LazyFrame:
    if behind.grain in OF_COMPARISON:
        rows = with_arms(scene.own.competing, behind.sides).with_columns(counts=scene.own.counts)
        return arm_fates(rows, named, as_of=scene.as_of)
    of_goal = scene.own.every_credit.filter(pl.col("goal_id") == goal.goal_id)
    crediting = Crediting(of_goal, scene.winners, scene.context.settings.matured_only)
    return verdicts(scene.own.every, named, crediting, as_of=scene.as_of)


def _heavy_users(scene: CampaignView, named: pl.LazyFrame, behind: RowsBehind) -> pl.Series:
    """Users whose events cannot be held against each of their deliveries: a bot would make billions of pairs."""
    rows, events = (frame.group_by("user_id").agg(pl.len().cast(pl.Int64)) for frame in (scene.own.every, named))
    # In a comparison an event meets one row only.
    too_many = (pl.col("len") * pl.col("len_events") > _MOST_PAIRS) & (behind.grain not in OF_COMPARISON)
    return rows.join(events, on="user_id", suffix="_events").filter(too_many).select("user_id").collect().to_series()


def _without(named: pl.LazyFrame, users: pl.Series) -> pl.LazyFrame:
    return named.join(users.to_frame().lazy(), on="user_id", how="anti")
