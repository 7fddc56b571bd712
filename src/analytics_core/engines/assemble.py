"""From a campaign's sums to its Snapshot: ratios, funnel, breakdowns. No counting happens here."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from analytics_core import package_version
from analytics_core.counting.totals import CampaignTotals
from analytics_core.counting.uplift import sample_ratio
from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.money import money_per
from analytics_core.domain.settings import App, Settings
from analytics_core.domain.time import zone_named
from analytics_core.domain.words import AnalyticsVersion, PersonalizationCategory
from analytics_core.metrics.delivery_metrics import FUNNEL
from analytics_core.metrics.gaps import mask_gaps
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.snapshot.kinds import share
from analytics_core.snapshot.snapshot import (
    AppliedSettings,
    Counts,
    DataQuality,
    ErrorCount,
    FunnelStage,
    GoalResult,
    Performance,
    Period,
    PersonalizationAttribute,
    PersonalizationCount,
    PersonalizationOverlap,
    Provenance,
    Reconciliation,
    Shares,
    Snapshot,
)

_Key = TypeVar("_Key", str, tuple[str, ...], tuple[str, str])


@dataclass(frozen=True, slots=True)
class ComputationContext:
    """What all Snapshots of one computation share.

    `as_of` is None where the workspace has no rows, `last_import` (its number) where they were never imported.
    """

    app: App
    settings: Settings
    as_of: datetime | None
    last_import: int | None = None


def make_snapshot(
    campaign: Campaign, totals: CampaignTotals, context: ComputationContext, uplifts: Mapping[str, GoalUplift]
) -> Snapshot:
    """The Snapshot of one campaign from its sums and, by goal id, what it gained over its control groups."""
    legacy = campaign.analytics_version is AnalyticsVersion.LEGACY
    goals = tuple(_goal_result(campaign, goal, totals, context.app, uplifts[goal.goal_id]) for goal in campaign.goals)
    since, until = context.settings.since, context.settings.until
    counted = Snapshot(
        campaign_id=campaign.campaign_id,
        analytics_version=campaign.analytics_version,
        as_of=context.as_of,
        timezone=context.app.timezone,
        settings=_state_settings(campaign, context.settings),
        performance=_performance(totals, next(goal for goal in goals if goal.is_primary)),
        goals=goals,
        funnel=() if legacy else _funnel(totals),
        errors=tuple(ErrorCount(*row) for row in _by_frequency(totals.errors)),
        personalization_errors=_personalization(totals),
        reconciliation=_reconciliation(totals),
        data_quality=_data_quality(totals, context.app),
        sample_ratio=sample_ratio(campaign, totals),
        provenance=_provenance(campaign, context),
        period=Period(since, until) if since or until else None,
        personalization_overlap=tuple(PersonalizationOverlap(*row) for row in _by_frequency(totals.overlap)),
        personalization_attributes=tuple(
            PersonalizationAttribute(*place, *counts) for place, *counts in _by_frequency(totals.attributes)
        ),
        personalization_attributes_omitted=totals.attributes_omitted,
        trends=totals.trends,
        instances=totals.instances.listed,
        instances_omitted=totals.instances.omitted,
        instances_remainder=totals.instances.remainder,
        legacy_segment=_segment(totals) if legacy else None,
    )
    return mask_gaps(counted, totals.gaps)


def _state_settings(campaign: Campaign, settings: Settings) -> AppliedSettings:
    return AppliedSettings(
        attribution_model=settings.attribution_model,
        instance_credit=settings.instance_credit,
        window_hours=settings.window_hours_of(campaign),
        success_codes=tuple(sorted(settings.success_codes)),
        matured_only=settings.matured_only,
    )


def _provenance(campaign: Campaign, context: ComputationContext) -> Provenance:
    definition = hashlib.sha256(campaign.model_dump_json().encode()).hexdigest()
    return Provenance(import_=context.last_import, definition=definition, history=None, package=package_version())


def _rates(part: Counts, whole: Counts) -> Shares:
    return Shares(share(part.unique, whole.unique), share(part.total, whole.total))


def _performance(totals: CampaignTotals, primary: GoalResult) -> Performance:
    attempted, sent, failed = (totals.count(name) for name in ("attempted", "sent", "failed"))
    return Performance(
        attempted=attempted,
        sent=sent,
        failed=failed,
        sent_rate=_rates(sent, attempted),
        failure_rate=_rates(failed, attempted),
        converted_users=primary.converted_users,
        converted_people=primary.converted_people,
        conversion_events=primary.conversion_events,
        conversion_rate=primary.conversion_rate,
        revenue=primary.revenue,
        average_order_value=primary.average_order_value,
        average_revenue_per_user=primary.average_revenue_per_user,
        currency=primary.currency,
        uplift=primary.uplift.compared.uplift if primary.uplift.compared else None,
        request_attempts=totals.request_attempts,
    )


def _goal_result(campaign: Campaign, goal: Goal, totals: CampaignTotals, app: App, uplift: GoalUplift) -> GoalResult:
    sums = totals.goal(goal.goal_id)
    if campaign.analytics_version is AnalyticsVersion.LEGACY:
        # Its users count once over the campaign, not once per instance.
        sums = replace(sums, converted_users=sums.converted_people)
    rate = share(sums.converted_users, totals.count("sent").total)
    revenue = sums.revenue if goal.revenue else None
    return GoalResult(
        goal_id=goal.goal_id,
        name=goal.name,
        event_name=goal.event_name,
        is_primary=goal is campaign.primary_goal,
        converted_users=sums.converted_users,
        converted_people=sums.converted_people,
        conversion_events=sums.conversion_events,
        conversion_rate=rate,
        revenue=revenue,
        average_order_value=money_per(revenue, sums.conversion_events),
        average_revenue_per_user=money_per(revenue, sums.converted_users),
        currency=goal.revenue.currency_in(app.currency) if goal.revenue else None,
        events_without_value=sums.events_without_value,
        events_in_other_currency=sums.events_in_other_currency,
        events_with_rounded_value=sums.events_with_rounded_value,
        median_seconds_to_convert=sums.time_to_convert.median_seconds if sums.time_to_convert else None,
        uplift=uplift,
        time_to_convert=sums.time_to_convert,
    )


def _reconciliation(totals: CampaignTotals) -> Reconciliation:
    def rows(reason: str) -> int:
        return totals.errors.get(reason, Counts()).total

    sent, attempted = totals.count("sent").total, totals.count("attempted").total
    personalization = rows("personalization_failed")
    return Reconciliation(
        users_in_segment=_segment(totals).total,
        sent=sent,
        failed_responses=attempted - sent - personalization,
        personalization_failed=personalization,
        frequency_capped=rows("frequency_capped"),
        control_group=rows("control_group") + rows("global_control_group"),
        unaccounted=totals.unaccounted,
    )


def _segment(totals: CampaignTotals) -> Counts:
    logged = totals.count("users_in_segment")
    return Counts(logged.unique, logged.total + totals.unaccounted)


def _data_quality(totals: CampaignTotals, app: App) -> DataQuality:
    final_at = totals.last_send_closes_at
    return DataQuality(
        contaminated_users=totals.count("contaminated").unique,
        matured_share=totals.matured_share,
        final_at=final_at,
        final_on=final_at.astimezone(zone_named(app.timezone)).date() if final_at else None,
    )


def _funnel(totals: CampaignTotals) -> tuple[FunnelStage, ...]:
    segment = _segment(totals)
    left = (segment, *(totals.count(name) for name in ("attempted", "after_personalization", "sent")))
    return tuple(
        FunnelStage(stage.name, counts.unique, counts.total, share(counts.total, segment.total))
        for stage, counts in zip(FUNNEL, left, strict=True)
    )


def _by_frequency(counts: Mapping[_Key, Counts]) -> Iterator[tuple[_Key, int, int]]:
    """What was counted with its unique and total counts, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1].total, item[0]))
    return ((key, count.unique, count.total) for key, count in ordered)


def _personalization(totals: CampaignTotals) -> tuple[PersonalizationCount, ...]:
    counts = [(category, totals.personalization.get(category, Counts())) for category in PersonalizationCategory]
    return tuple(PersonalizationCount(category.value, count.unique, count.total) for category, count in counts)
