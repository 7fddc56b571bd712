"""Explanations: a number with what went into it, the rows behind it and what almost counted; or one user's path.

The frames in them are sorted by time, then by ids that settle ties.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Self

import polars as pl

from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.errors import AnalyticsError, UnknownNameError
from analytics_core.domain.words import ArmFate, Counting, EventFate
from analytics_core.explaining.groundwork import LeftOut
from analytics_core.explaining.row_sums import RowSums
from analytics_core.explaining.rows_behind import RowsBehind, rows_behind
from analytics_core.metrics.breakdowns import countings_of, find_metric, why_unknown
from analytics_core.metrics.catalog import value_of
from analytics_core.metrics.metric import AudienceRows, Grain, Group, Measure, Metric, Scope
from analytics_core.snapshot.parts import Part
from analytics_core.snapshot.snapshot import GoalResult, Performance, Snapshot

_OF_GOAL = {field.name for field in fields(GoalResult)} & {field.name for field in fields(Performance)} - {"uplift"}


@dataclass(frozen=True, slots=True)
class Question:
    """Which number is asked about.

    Attributes:
        campaign: whose number.
        metric: which.
        goal: the one whose conversions are meant, the primary one unless told.
        part: the part of the campaign that the number is of; None: all of it.
    """

    campaign: Campaign
    metric: Metric
    goal: Goal
    part: Part | None = None

    @property
    def about_goal(self) -> bool:
        """Whether the number depends on the goal."""
        return self.metric.group is not Group.DELIVERY and self.metric.made_of.grain is not Grain.COMPARED_ROW


@dataclass(frozen=True, slots=True)
class KindCount:
    """Rows behind a number that are of one kind; `users` is None for rows that are no user's."""

    kind: str
    rows: int
    users: int | None


@dataclass(frozen=True, slots=True)
class PartCount:
    """One side of a quotient, and how many rows behind it are a user's."""

    metric: Metric
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class NearMisses:
    """Events that almost counted.

    Attributes:
        events: how many distinct events by verdict; verdicts without events are absent. Numbers of a comparison of arms
            have an `ArmFate`, others an `EventFate`.
        rows: the first of them, as many as were asked for (see `near_misses.verdicts` and `arm_fates.arm_fates`).
        duplicate_events: rows of the whole workspace that repeated an event id; which they were is not kept.
        users_left_out: users with more deliveries and events than can be compared; none of their events is in here.
    """

    events: Mapping[EventFate | ArmFate, int]
    rows: pl.DataFrame
    duplicate_events: int
    users_left_out: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One number down to its rows.

    Attributes:
        question: the campaign, metric and goal.
        snapshot: all numbers, with the question's goal in the place of the primary one, and its part in the place of
            the campaign.
        behind: which rows the number is made of.
        sums: those rows, counted and summed.
        kinds: what they are, most frequent first.
        rows: the first of them, as many as were asked for.
        near_misses: None for numbers that no event could have changed.
        left_out: how many audience rows more there are that would count if all did, by why they do not.
    """

    question: Question
    snapshot: Snapshot
    behind: RowsBehind
    sums: RowSums
    kinds: tuple[KindCount, ...]
    rows: pl.DataFrame
    near_misses: NearMisses | None
    left_out: Mapping[LeftOut, int]

    def with_first(self, number: int) -> Self:
        """The same with at most the first `number` rows and near misses."""
        misses = self.near_misses
        fewer = None if misses is None else replace(misses, rows=misses.rows.head(number))
        return replace(self, rows=self.rows.head(number), near_misses=fewer)

    @property
    def countings(self) -> tuple[Counting, ...]:
        """The countings the number exists in, total first; one where it has one fixed counting."""
        return countings_of(self.question.metric)

    def count_from_rows(self, counting: Counting) -> int | float | Decimal | None:
        """The number as the rows make it; None for quotients, and where it is undefined or not known."""
        measure = self.behind.measure_in(counting, self.snapshot.analytics_version)
        if measure is None or not self._exists:
            return None
        found: int | float | Decimal | None = getattr(self.sums, measure.value)
        made_of = self.question.metric.made_of
        adds_unaccounted = isinstance(made_of, AudienceRows) and made_of.with_unaccounted and counting is Counting.TOTAL
        return found + self.snapshot.reconciliation.unaccounted if found is not None and adds_unaccounted else found

    def prove(self) -> Mapping[Counting, int | float | Decimal]:
        """The number as the rows make it, by counting; empty for quotients, and where it is undefined or not known.

        Raises:
            AnalyticsError: the rows make another number.
        """
        metric, proven = self.question.metric, {}
        for counting in self.countings:
            found, number = self.count_from_rows(counting), value_of(metric, self.snapshot, counting)
            if found is None:
                continue
            if found != number:
                raise AnalyticsError(
                    f"the rows behind {metric.name} make {found}, but the number is {number}; report this"
                )
            proven[counting] = found
        return proven

    @property
    def _exists(self) -> bool:
        if why_unknown(self.question.metric, self.snapshot) is not None:
            return False
        if self.behind.measure is Measure.AMOUNT:
            return self.question.goal.revenue is not None
        compares = self.question.metric.scope is Scope.ARM
        return not compares or self.snapshot.primary_goal.uplift.compared is not None


@dataclass(frozen=True, slots=True, eq=False)
class UserExplanation:
    """Why one user counts in a number, or does not.

    Attributes:
        question: the campaign, metric and goal.
        snapshot: all numbers, with the question's goal in the place of the primary one.
        behind: which rows the number is made of.
        user_id: the id that stands for the person.
        asked_id: the id that was asked for.
        merged_ids: the other ids that were merged into the person's.
        attempts: raw delivery rows of the campaign; `logged_as` is the id in the row.
        audience: the user's audience rows in the campaign. `counts` says whether the number counts the row; of a
            comparison, whether it is in one of the arms that the number is of. There rows have the clock and window of
            the comparison, `arm` (null in neither), and the number of `events` of the goal that belong to them.
        events: the user's events of the goal's name with their verdicts, also those after the as-of instant; amounts
            where they count. Empty where the number depends on no event, and where `events_left_out`.
        counted: how many rows behind the number are the user's.
        parts: of a quotient, its numerator and denominator.
        events_left_out: the user has more deliveries and events than can be compared one by one.
    """

    question: Question
    snapshot: Snapshot
    behind: RowsBehind
    user_id: str
    asked_id: str
    merged_ids: tuple[str, ...]
    attempts: pl.DataFrame
    audience: pl.DataFrame
    events: pl.DataFrame
    counted: int
    parts: tuple[PartCount, ...] = ()
    events_left_out: bool = False

    @property
    def grain(self) -> Grain:
        """What one row behind the number is."""
        return self.behind.grain


def question_of(campaign: Campaign, metric: str, goal_id: str | None, part: Part | None = None) -> Question:
    """The question a person asks by names.

    Raises:
        UnknownNameError: the campaign has no such goal, or there is no such metric for it.
        AnalyticsError: the number is not told of a part.
    """
    goals = {goal.goal_id: goal for goal in campaign.goals}
    if goal_id is not None and goal_id not in goals:
        raise UnknownNameError("goal", goal_id, goals)
    goal = campaign.primary_goal if goal_id is None else goals[goal_id]
    question = Question(campaign, find_metric(metric, campaign.analytics_version), goal, part)
    if part is not None and (metric not in part.metrics or goal is not campaign.primary_goal):
        raise AnalyticsError(f"{metric} is told of the campaign, not of a part of it")
    return question


def behind_metric(metric: Metric, snapshot: Snapshot) -> RowsBehind:
    """Which rows a metric is made of, of the goal that is the primary one in `snapshot`."""
    return rows_behind(metric.made_of, snapshot.primary_goal.uplift.compared_group)


def view_by_goal(snapshot: Snapshot, goal_id: str) -> Snapshot:
    """The Snapshot as if `goal_id` were the campaign's primary goal, so that every metric reads its figures."""
    if snapshot.primary_goal.goal_id == goal_id:
        return snapshot
    goals = tuple(replace(goal, is_primary=goal.goal_id == goal_id) for goal in snapshot.goals)
    goal = next(goal for goal in goals if goal.is_primary)
    figures = {name: getattr(goal, name) for name in _OF_GOAL}
    uplift = goal.uplift.compared.uplift if goal.uplift.compared else None
    return replace(snapshot, goals=goals, performance=replace(snapshot.performance, **figures, uplift=uplift))
