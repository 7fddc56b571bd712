"""Running an explanation: the number, the rows behind it, what almost counted; or one user's path through the rules."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from analytics_core.attribution.near_misses import Crediting, named_events, near_misses, verdicts
from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App, Settings
from analytics_core.domain.words import AttributionModel, EventFate
from analytics_core.engines.grounding import groundwork_of
from analytics_core.engines.local import as_of, frame_of, frame_rules, snapshots_of, with_keys
from analytics_core.engines.partials import counted, ground_of
from analytics_core.engines.parts import Parting
from analytics_core.metrics.assemble import Frame
from analytics_core.metrics.calendar import calendar_of
from analytics_core.metrics.explanation import (
    Explanation,
    KindCount,
    NearMisses,
    Question,
    UserExplanation,
    behind_question,
    seen_by_goal,
)
from analytics_core.metrics.groundwork import Groundwork
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
from analytics_core.tables.identities import merge_users, roots
from analytics_core.tables.keys import KeyedTables

_MOST_PAIRS = 1_000_000
"""Pairs of one user's deliveries and events that are compared one by one."""
_EVENT_ORDER = ["occurred_at", "event_id", "clock", "instance_id"]
_ATTEMPT_ORDER = ["occurred_at", "instance_id", "outcome", "request_id", "response_code"]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a workspace holds: canonical tables, duplicates removed; all campaigns; how many event rows repeated."""

    tables: CanonicalTables | KeyedTables
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
        winners: one row per event: `event_id`, `winner`, the campaign that keeps it; None where each campaign credits
            for itself.
        own: audience rows and credits of the campaign, in memory.
        snapshot: the campaign's numbers.
    """

    holdings: Holdings
    campaign: Campaign
    frame: Frame
    persons: KeyedTables
    winners: pl.LazyFrame | None
    own: Groundwork
    snapshot: Snapshot


def scene_of(holdings: Holdings, campaign: Campaign, settings: Settings) -> Scene:
    """Read one campaign's audience rows and credits, under `settings`."""
    # Where each campaign credits for itself, its numbers do not depend on the others.
    alone = settings.attribution_model is AttributionModel.ALL_INTERACTIONS
    tables = with_keys(holdings.tables)
    frame = frame_of(tables, holdings.app, settings)
    past = as_of(tables, frame)
    rules = frame_rules(past, [campaign] if alone else holdings.book, frame)
    part = Parting(past).one_part()
    rows = ground_of(part, rules, event_ids=True)
    calendar = calendar_of(frame.app.timezone, frame.as_of)
    competing = groundwork_of(part, rows, rules, calendar)
    partial = counted(rows, rules, calendar)
    (snapshot,) = snapshots_of([partial], [campaign], past, rules, frame)
    return Scene(
        holdings=holdings,
        campaign=campaign,
        frame=frame,
        persons=merge_users(tables, tables.identities.select("user_id", "merged_into").collect().iter_rows()),
        winners=None if alone else _winners(competing),
        own=competing.of_campaign(campaign.campaign_id),
        snapshot=snapshot,
    )


def _winners(competing: Groundwork) -> pl.LazyFrame:
    return competing.every_credit.select("event_id", winner="campaign_id").unique()


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
    named = named_events(alone.persons.events, question.goal)
    heavy = _heavy_users(alone.own.every, named)
    events = _events(alone, named, heavy, question)
    frames = [_attempts(alone), _audience(alone, behind, counted), events, counted.select(pl.len())]
    attempts, audience, events_shown, number = pl.collect_all(frames)
    return UserExplanation(
        question=question,
        snapshot=snapshot,
        grain=behind.grain,
        user_id=ids[0],
        asked_id=user_id,
        merged_ids=tuple(ids[1:]),
        attempts=attempts,
        audience=audience,
        events=events_shown,
        counted=0 if behind.grain is Grain.INSTANCE else number.item(),
        events_left_out=question.about_goal and not heavy.is_empty(),
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
    named = named_events(scene.persons.events, goal)
    heavy = _heavy_users(scene.own.every, named)
    found = near_misses(_verdicts(scene, named, heavy, goal))
    events = found.group_by("verdict").agg(pl.col("event_id").n_unique())
    counts, shown = pl.collect_all([events, _first(found, _EVENT_ORDER, rows)])
    by_verdict = dict(counts.iter_rows())
    return NearMisses(
        events={verdict: by_verdict[verdict.value] for verdict in EventFate if verdict.value in by_verdict},
        rows=shown,
        duplicate_events=scene.holdings.duplicate_events,
        users_left_out=heavy.len(),
    )


def _heavy_users(audience: pl.LazyFrame, named: pl.LazyFrame) -> pl.Series:
    """Users whose events cannot be held against each of their deliveries: a bot would make billions of pairs."""
    rows, events = (frame.group_by("user_id").agg(pl.len().cast(pl.Int64)) for frame in (audience, named))
    both = rows.join(events, on="user_id", suffix="_events")
    return both.filter(pl.col("len") * pl.col("len_events") > _MOST_PAIRS).select("user_id").collect().to_series()


def _verdicts(scene: Scene, named: pl.LazyFrame, heavy: pl.Series, goal: Goal) -> pl.LazyFrame:
    """The verdicts of events of users the campaign has rows of, but for heavy users."""
    left_out = heavy.to_frame().lazy()
    every = scene.own.every.join(left_out, on="user_id", how="anti")
    theirs = named.join(every.select("user_id").unique(), on="user_id", how="semi")
    return verdicts(every, theirs, _crediting(scene, goal), as_of=_as_of(scene))


def _crediting(scene: Scene, goal: Goal) -> Crediting:
    of_goal = pl.col("goal_id") == goal.goal_id
    return Crediting(scene.own.every_credit.filter(of_goal), scene.winners, scene.frame.settings.matured_only)


def _as_of(scene: Scene) -> pl.Expr:
    return pl.lit(scene.frame.as_of, pl.Datetime("us", "UTC"))


def _ids_of(tables: CanonicalTables | KeyedTables, user_id: str) -> list[str]:
    """The id that stands for the person, then the ids that were merged into it."""
    merges = roots(dict(tables.identities.select("user_id", "merged_into").collect().iter_rows()))
    person = merges.get(user_id, user_id)
    return [person, *sorted(merged for merged, into in merges.items() if into == person)]


def _of_users(holdings: Holdings, ids: list[str]) -> Holdings:
    tables, theirs = holdings.tables, pl.col("user_id").is_in(ids)
    own = replace(tables, deliveries=tables.deliveries.filter(theirs), events=tables.events.filter(theirs))
    return replace(holdings, tables=own)


def _has_rows(tables: CanonicalTables | KeyedTables) -> bool:
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


def _events(scene: Scene, named: pl.LazyFrame, heavy: pl.Series, question: Question) -> pl.LazyFrame:
    """Events of the goal's name with verdicts, and what each credit brought; none of heavy users'."""
    light = named.join(heavy.to_frame().lazy(), on="user_id", how="anti")
    found = verdicts(scene.own.every, light, _crediting(scene, question.goal), as_of=_as_of(scene))
    credited = RowsBehind(grain=Grain.CREDIT, condition=pl.lit(value=True))
    brought = rows_of(credited, scene.own, question.goal.goal_id).select(
        "event_id", "instance_id", "amount", "amount_note"
    )
    joined = found.join(brought, on=["event_id", "instance_id"], how="left").sort(_EVENT_ORDER)
    return joined if question.about_goal else joined.head(0)
