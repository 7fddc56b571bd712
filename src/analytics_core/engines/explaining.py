"""Running an explanation: the number, the rows behind it, what almost counted; or one user's path through the rules."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from analytics_core.attribution.conditions import satisfying_events
from analytics_core.attribution.credits import Arm, eligible_pairs, winning_campaigns
from analytics_core.attribution.near_misses import Crediting, named_events, near_misses, verdicts
from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App, Settings
from analytics_core.domain.words import AttributionModel, Verdict
from analytics_core.engines.local import frame_of, persons_of, snapshots_of
from analytics_core.metrics.assemble import Frame
from analytics_core.metrics.explanation import (
    Explanation,
    KindCount,
    NearMisses,
    Question,
    UserExplanation,
    behind_question,
    seen_by_goal,
)
from analytics_core.metrics.groundwork import Groundwork, groundwork
from analytics_core.metrics.rows_behind import (
    ALMOST_COUNTED,
    EVERY_AUDIENCE_ROW,
    ORDER,
    Grain,
    RowsBehind,
    RowSums,
    kind_counts,
    row_sums,
    rows_of,
)
from analytics_core.metrics.snapshot import Snapshot
from analytics_core.tables.canonical import CanonicalTables
from analytics_core.tables.identities import roots

_EVENT_ORDER = ["occurred_at", "event_id", "clock", "instance_id"]
_ATTEMPT_ORDER = ["occurred_at", "instance_id", "outcome", "request_id", "response_code"]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a workspace holds: canonical tables, duplicates removed; all campaigns; how many event rows repeated."""

    tables: CanonicalTables
    book: tuple[Campaign, ...]
    app: App
    duplicate_events: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """One campaign under one set of rules, read once, so that any number of questions about it cost little.

    Attributes:
        holdings: what the workspace holds.
        campaign: the campaign asked about.
        frame: the rules and the resolved as-of instant.
        persons: the tables with users merged, also what is after the as-of instant.
        competing: audience rows and credits of all campaigns that compete for events, lazily.
        own: audience rows and credits of the campaign, in memory.
        snapshot: the campaign's numbers.
    """

    holdings: Holdings
    campaign: Campaign
    frame: Frame
    persons: CanonicalTables
    competing: Groundwork
    own: Groundwork
    snapshot: Snapshot


def scene_of(holdings: Holdings, campaign: Campaign, settings: Settings) -> Scene:
    """Read one campaign's audience rows and credits, under `settings`."""
    frame = frame_of(holdings.tables, holdings.app, settings)
    # Where each campaign credits for itself, its numbers do not depend on the others.
    alone = settings.attribution_model is AttributionModel.ALL_INTERACTIONS
    persons = persons_of(holdings.tables)
    competing = groundwork(persons, [campaign] if alone else holdings.book, frame)
    lazy = competing.of_campaign(campaign.campaign_id)
    every, every_credit = pl.collect_all([lazy.every, lazy.every_credit])
    own = replace(lazy, every=every.lazy(), every_credit=every_credit.lazy())
    (snapshot,) = snapshots_of(own, [campaign], frame)
    return Scene(holdings, campaign, frame, persons, competing, own, snapshot)


def explained(scene: Scene, question: Question, *, rows: int | None = 0) -> Explanation:
    """One number down to its rows.

    Args:
        scene: the campaign.
        question: the number.
        rows: how many rows behind the number, and how many near misses, to bring along; None for all.
    """
    snapshot = seen_by_goal(scene.snapshot, question.goal.goal_id)
    behind = behind_question(question, snapshot)
    frame = rows_of(behind, scene.own, question.goal.goal_id)
    parts = [row_sums(frame, behind.grain), kind_counts(frame, behind.grain), _first(frame, ORDER[behind.grain], rows)]
    sums, kinds, shown = pl.collect_all(parts)
    return Explanation(
        question=question,
        snapshot=snapshot,
        behind=behind,
        sums=_row_sums(sums.row(0, named=True)),
        kinds=tuple(KindCount(**row) for row in kinds.iter_rows(named=True)),
        rows=shown.drop("kind"),
        near_misses=_near_misses(scene, question.goal, rows) if question.metric.name in ALMOST_COUNTED else None,
    )


def user_explained(scene: Scene, question: Question, user_id: str) -> UserExplanation:
    """One user's path through every rule of a number.

    Raises:
        AnalyticsError: the workspace has no rows of that user; the text does not repeat the id.
    """
    snapshot = seen_by_goal(scene.snapshot, question.goal.goal_id)
    behind = behind_question(question, snapshot)
    ids = _ids_of(scene.holdings.tables, user_id)
    theirs = _of_users(scene.holdings, ids)
    if not _has_rows(theirs.tables):
        raise AnalyticsError("this user has no rows in the workspace")
    alone = scene_of(theirs, scene.campaign, scene.frame.settings.looking_from(scene.frame.as_of))
    counted = rows_of(behind, alone.own, question.goal.goal_id)
    frames = [_attempts(alone), _audience(alone, behind, counted), _events(alone, question), counted.select(pl.len())]
    attempts, audience, events, number = pl.collect_all(frames)
    return UserExplanation(
        question=question,
        snapshot=snapshot,
        grain=behind.grain,
        user_id=ids[0],
        asked_id=user_id,
        merged_ids=tuple(ids[1:]),
        attempts=attempts,
        audience=audience,
        events=events,
        counted=0 if behind.grain is Grain.INSTANCE else number.item(),
    )


def _row_sums(found: dict[str, Any]) -> RowSums:
    # Divided here: Polars multiplies by a rounded inverse.
    median = found.pop("median_microseconds", None)
    return RowSums(**found, median_seconds=None if median is None else median / 1_000_000)


def _first(rows: pl.LazyFrame, order: list[str], number: int | None) -> pl.LazyFrame:
    if number == 0:
        return rows.head(0)
    ordered = rows.sort(order)
    return ordered if number is None else ordered.head(number)


def _near_misses(scene: Scene, goal: Goal, rows: int | None) -> NearMisses:
    found = near_misses(_verdicts(scene, goal))
    events = found.group_by("verdict").agg(pl.col("event_id").n_unique())
    counts, shown = pl.collect_all([events, _first(found, _EVENT_ORDER, rows)])
    by_verdict = dict(counts.iter_rows())
    return NearMisses(
        events={verdict: by_verdict[verdict.value] for verdict in Verdict if verdict.value in by_verdict},
        rows=shown,
        duplicate_events=scene.holdings.duplicate_events,
    )


def _verdicts(scene: Scene, goal: Goal) -> pl.LazyFrame:
    """The verdicts of events of users the campaign has rows of."""
    users = scene.own.every.select("user_id").unique()
    named = named_events(scene.persons.events.join(users, on="user_id", how="semi"), goal)
    return verdicts(scene.own.every, named, _crediting(scene, goal), as_of=_as_of(scene))


def _crediting(scene: Scene, goal: Goal) -> Crediting:
    of_goal = (pl.col("goal_id") == goal.goal_id) & (pl.col("arm") == Arm.SENT.value)
    settings, ground = scene.frame.settings, scene.competing
    winners = None
    if settings.attribution_model is AttributionModel.LAST_INTERACTION:
        satisfying = satisfying_events(ground.tables.events, ground.rules.conditions)
        winners = winning_campaigns(eligible_pairs(ground.every, satisfying, ground.rules))
    return Crediting(scene.own.every_credit.filter(of_goal), winners, settings.matured_only)


def _as_of(scene: Scene) -> pl.Expr:
    return pl.lit(scene.frame.as_of, pl.Datetime("us", "UTC"))


def _ids_of(tables: CanonicalTables, user_id: str) -> list[str]:
    """The id that stands for the person, then the ids that were merged into it."""
    merges = roots(dict(tables.identities.select("user_id", "merged_into").collect().iter_rows()))
    person = merges.get(user_id, user_id)
    return [person, *sorted(merged for merged, into in merges.items() if into == person)]


def _of_users(holdings: Holdings, ids: list[str]) -> Holdings:
    tables, theirs = holdings.tables, pl.col("user_id").is_in(ids)
    own = replace(tables, deliveries=tables.deliveries.filter(theirs), events=tables.events.filter(theirs))
    return replace(holdings, tables=own)


def _has_rows(tables: CanonicalTables) -> bool:
    frames = pl.collect_all([frame.select("user_id").head(1) for frame in (tables.deliveries, tables.events)])
    return any(frame.height for frame in frames)


def _attempts(scene: Scene) -> pl.LazyFrame:
    """The campaign's raw rows, with user ids as logged."""
    logged = scene.holdings.tables.deliveries
    own = logged.filter(pl.col("campaign_id") == scene.campaign.campaign_id, pl.col("occurred_at") <= _as_of(scene))
    columns = ["occurred_at", "instance_id", "outcome", "request_id", "response_code", "control_group_type"]
    return own.sort(_ATTEMPT_ORDER).select(*columns, logged_as=pl.col("user_id"))


def _audience(scene: Scene, behind: RowsBehind, counted: pl.LazyFrame) -> pl.LazyFrame:
    """All audience rows; `counts`: the row is one of the counted ones, or credited with one."""
    rows = rows_of(EVERY_AUDIENCE_ROW, scene.own, "")
    instances = counted.select("instance_id", counts=pl.lit(value=behind.grain is not Grain.INSTANCE)).unique()
    joined = rows.join(instances, on="instance_id", how="left").with_columns(pl.col("counts").fill_null(value=False))
    return joined.sort(ORDER[Grain.AUDIENCE_ROW])


def _events(scene: Scene, question: Question) -> pl.LazyFrame:
    """Events of the goal's name with verdicts, and what each credit brought."""
    named = named_events(scene.persons.events, question.goal)
    found = verdicts(scene.own.every, named, _crediting(scene, question.goal), as_of=_as_of(scene))
    credited = RowsBehind(grain=Grain.CREDIT, condition=pl.col("arm") == Arm.SENT.value)
    brought = rows_of(credited, scene.own, question.goal.goal_id).select(
        "event_id", "instance_id", "amount", "amount_note"
    )
    joined = found.join(brought, on=["event_id", "instance_id"], how="left").sort(_EVENT_ORDER)
    return joined if question.about_goal else joined.head(0)
