"""From collected frames to the sums of each campaign."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from analytics_core.attribution.credits import Arm
from analytics_core.domain.campaign import Campaign
from analytics_core.engines.comparisons import comparisons_of
from analytics_core.metrics.calendar import Calendar
from analytics_core.metrics.conversions import time_to_convert_of
from analytics_core.metrics.delivery import COUNTED
from analytics_core.metrics.instances import instances_of
from analytics_core.metrics.personalization import categories_in
from analytics_core.metrics.ratios import share
from analytics_core.metrics.snapshot import Counts, TimeToConvert
from analytics_core.metrics.totals import CampaignTotals, GoalTotals
from analytics_core.metrics.trends import trends_of

RowsByCampaign = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Sums:
    """What one pass counted, each as rows by campaign id; a campaign without rows is absent."""

    delivery: RowsByCampaign
    all_delivery: RowsByCampaign
    closings: RowsByCampaign
    errors: RowsByCampaign
    personalization: RowsByCampaign
    overlap: RowsByCampaign
    attributes: RowsByCampaign
    unaccounted: RowsByCampaign
    active_targets: RowsByCampaign
    conversions: RowsByCampaign
    delays: RowsByCampaign
    arm_sizes: RowsByCampaign
    arm_conversions: RowsByCampaign
    steps: RowsByCampaign
    trends: RowsByCampaign
    instances: RowsByCampaign


def totals_of(campaign: Campaign, sums: Sums, *, calendar: Calendar, window: timedelta) -> CampaignTotals:
    """The sums of one campaign; zeros where nothing was counted. `window` is its attribution window."""
    campaign_id = campaign.campaign_id
    delivery = _only_row(sums.delivery, campaign_id)
    every = _only_row(sums.all_delivery, campaign_id)
    attributes = sums.attributes.get(campaign_id, [])
    return CampaignTotals(
        counts={name: Counts(delivery[f"{name}_unique"], delivery[f"{name}_total"]) for name in COUNTED}
        if delivery
        else {},
        request_attempts=delivery.get("request_attempts", 0),
        errors=_labelled(sums.errors.get(campaign_id, []), "reason"),
        personalization=_labelled(sums.personalization.get(campaign_id, []), "category"),
        overlap={categories_in(row["combination"]): _counts(row) for row in sums.overlap.get(campaign_id, [])},
        attributes={(row["attribute"], row["category"]): _counts(row) for row in attributes},
        attributes_omitted=next((row["attributes"] for row in attributes), 0) - len(attributes),
        unaccounted=_only_row(sums.unaccounted, campaign_id).get("unaccounted", 0),
        active_targets={row["arm"]: row["active_targets"] for row in sums.active_targets.get(campaign_id, [])},
        goals=_goals(campaign_id, sums, window),
        comparisons=comparisons_of(
            [goal.goal_id for goal in campaign.goals],
            _only_row(sums.arm_sizes, campaign_id),
            {row["goal_id"]: row for row in sums.arm_conversions.get(campaign_id, [])},
        ),
        matured_share=share(every.get("matured_sent_total", 0), every.get("sent_total", 0)),
        last_send_closes_at=_only_row(sums.closings, campaign_id).get("last_send_closes_at"),
        trends=trends_of(campaign, sums.trends.get(campaign_id, []), calendar),
        instances=instances_of(campaign, sums.instances.get(campaign_id, [])),
    )


def _only_row(rows: RowsByCampaign, campaign_id: str) -> Mapping[str, Any]:
    return next(iter(rows.get(campaign_id, [])), {})


def _labelled(rows: Sequence[Mapping[str, Any]], label: str) -> dict[str, Counts]:
    return {row[label]: _counts(row) for row in rows}


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(row["unique"], row["total"])


def _goals(campaign_id: str, sums: Sums, window: timedelta) -> dict[tuple[str, str], GoalTotals]:
    times = _times_to_convert(campaign_id, sums, window)
    return {
        (row["goal_id"], row["arm"]): _goal(row, times[row["goal_id"]] if row["arm"] == Arm.SENT.value else None)
        for row in sums.conversions.get(campaign_id, [])
    }


def _times_to_convert(campaign_id: str, sums: Sums, window: timedelta) -> dict[str, TimeToConvert]:
    steps: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in sums.steps.get(campaign_id, []):
        steps[row["goal_id"]].append(row)
    delays = sums.delays.get(campaign_id, [])
    return {row["goal_id"]: time_to_convert_of(row, steps[row["goal_id"]], window) for row in delays}


def _goal(row: Mapping[str, Any], time_to_convert: TimeToConvert | None) -> GoalTotals:
    return GoalTotals(
        conversion_events=row["conversion_events"],
        converted_users=row["converted_users"],
        converted_people=row["converted_people"],
        revenue=Decimal(row["revenue"]),
        events_without_value=row["events_without_value"],
        events_in_other_currency=row["events_in_other_currency"],
        events_with_rounded_value=row["events_with_rounded_value"],
        time_to_convert=time_to_convert,
    )
