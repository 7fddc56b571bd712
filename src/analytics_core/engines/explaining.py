"""Running an explanation: the number, the rows behind it, what almost counted; or one user's path through the rules."""

from dataclasses import replace

import polars as pl

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.event_fates import almost_counted, events_of_user
from analytics_core.engines.scene import CampaignView, WorkspaceData, view_campaign, view_part
from analytics_core.explaining.explanation import (
    Explanation,
    KindCount,
    PartCount,
    Question,
    UserExplanation,
    behind_metric,
    view_by_goal,
)
from analytics_core.explaining.row_frames import ORDER, every_row, first_of, list_compared_rows, rows_of
from analytics_core.explaining.row_sums import RowSums, kind_counts, row_sums
from analytics_core.explaining.rows_behind import OF_COMPARISON, RowsBehind, may_miss_events
from analytics_core.metrics.metric import Combination, Grain
from analytics_core.tables.identities import roots

_ATTEMPT_ORDER = ["occurred_at", "instance_id", "outcome", "request_id", "response_code"]
_OF_ATTEMPTS = ["occurred_at", "instance_id", "outcome", "request_id", "response_code", "control_group_type"]
_LEAVES_OUT = frozenset({Grain.AUDIENCE_ROW, Grain.COMPARED_ROW})
"""Rows that are told of when they do not count; events that do not are among those that almost counted."""


def explain_number(scene: CampaignView, question: Question, *, rows: int | None = 0) -> Explanation:
    """One number down to its rows.

    Args:
        scene: the campaign.
        question: the number.
        rows: how many rows behind the number, and how many near misses, to bring along; None for all.

    Raises:
        AnalyticsError: the rows make another number.
    """
    seen = scene if question.part is None else view_part(scene, question.part)
    snapshot = view_by_goal(seen.snapshot, question.goal.goal_id)
    behind, goal = behind_metric(question.metric, snapshot), question.goal
    frame = rows_of(behind, seen.own, goal.goal_id)
    parts = [
        row_sums(frame, behind.grain),
        kind_counts(frame, behind.grain),
        first_of(frame, ORDER[behind.grain], rows),
    ]
    summed, kinds, shown = pl.collect_all(parts)
    sums = summed.row(0, named=True)
    # Divided here: Polars multiplies by a rounded inverse.
    median = sums.pop("median_microseconds", None)
    can_miss = may_miss_events(question.metric.made_of) and not behind.compares_nobody
    left_out = {}
    if behind.grain in _LEAVES_OUT and not behind.matured_or_not:
        left_out = {why: _count(rows_of(behind, ground, "")) for why, ground in seen.own.split_left_out().items()}
    found = Explanation(
        question=question,
        snapshot=snapshot,
        behind=behind,
        sums=RowSums(**sums, median_seconds=None if median is None else median / 1_000_000),
        kinds=tuple(KindCount(**row) for row in kinds.iter_rows(named=True)),
        rows=shown.drop("kind"),
        near_misses=almost_counted(scene, behind, question, rows) if can_miss else None,
        left_out={why: number for why, number in left_out.items() if number},
    )
    found.prove()
    return found


def explain_user(scene: CampaignView, question: Question, user_id: str) -> UserExplanation:
    """One user's path through every rule of a number.

    Raises:
        AnalyticsError: the workspace has no rows of that user; the text does not repeat the id.
    """
    snapshot = view_by_goal(scene.snapshot, question.goal.goal_id)
    behind = behind_metric(question.metric, snapshot)
    ids, theirs = _find_person(scene.holdings, user_id)
    alone = view_campaign(theirs, scene.campaign, scene.context.settings.looking_from(scene.context.as_of))
    events, left_out = events_of_user(alone, behind, question.goal)
    shown = events if question.about_goal and not behind.compares_nobody else events.head(0)
    metric = question.metric
    divided = (metric.numerator, metric.denominator) if metric.combination is Combination.QUOTIENT else ()
    behind_parts = {part: behind_metric(part, snapshot) for part in divided if part is not None}
    asked = pl.col("campaign_id") == alone.campaign.campaign_id, pl.col("occurred_at") <= alone.as_of
    logged = theirs.tables.deliveries.filter(*asked).sort(_ATTEMPT_ORDER).select(*_OF_ATTEMPTS, logged_as="user_id")
    attempts, audience, shown_events = pl.collect_all([logged, _audience(alone, behind, question), shown])
    return UserExplanation(
        question=question,
        snapshot=snapshot,
        behind=behind,
        user_id=ids[0],
        asked_id=user_id,
        merged_ids=tuple(ids[1:]),
        attempts=attempts,
        audience=audience,
        events=shown_events,
        counted=0 if behind.grain is Grain.INSTANCE else _count(rows_of(behind, alone.own, question.goal.goal_id)),
        parts=tuple(
            PartCount(part, _count(rows_of(of_part, alone.own, question.goal.goal_id)))
            for part, of_part in behind_parts.items()
        ),
        events_left_out=question.about_goal and left_out,
    )


def _count(rows: pl.LazyFrame) -> int:
    number: int = rows.select(pl.len()).collect().item()
    return number


def _find_person(holdings: WorkspaceData, user_id: str) -> tuple[list[str], WorkspaceData]:
    """A person's ids, the one that stands for all first, and the workspace with nobody else's rows."""
    tables = holdings.tables
    merges = roots(dict(tables.identities.select("user_id", "merged_into").collect().iter_rows()))
    person = merges.get(user_id, user_id)
    ids = [person, *sorted(merged for merged, into in merges.items() if into == person)]
    theirs = pl.col("user_id").is_in(ids)
    own = replace(tables, deliveries=tables.deliveries.filter(theirs), events=tables.events.filter(theirs))
    frames = pl.collect_all([frame.select("user_id").head(1) for frame in (own.deliveries, own.events)])
    if not any(frame.height for frame in frames):
        raise AnalyticsError("this user has no rows in the workspace")
    return ids, replace(holdings, tables=own)


def _audience(alone: CampaignView, behind: RowsBehind, question: Question) -> pl.LazyFrame:
    """All audience rows; `counts`: the row is one of the counted ones, or has one."""
    if behind.grain in OF_COMPARISON:
        return list_compared_rows(alone.own, behind, question.goal.goal_id)
    counted = rows_of(behind, alone.own, question.goal.goal_id)
    instances = counted.select("instance_id", counts=pl.lit(value=behind.grain is not Grain.INSTANCE)).unique()
    joined = every_row(alone.own).join(instances, on="instance_id", how="left")
    return joined.with_columns(pl.col("counts").fill_null(value=False)).sort(ORDER[Grain.AUDIENCE_ROW])
