"""From collected frames to the sums of each campaign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analytics_core.domain.campaign import Campaign
from analytics_core.engines.comparisons import comparisons_of
from analytics_core.metrics.delivery import COUNTED
from analytics_core.metrics.ratios import share
from analytics_core.metrics.snapshot import Counts
from analytics_core.metrics.totals import CampaignTotals, GoalTotals

RowsByCampaign = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Sums:
    """What one pass counted, each as rows by campaign id; a campaign without rows is absent."""

    delivery: RowsByCampaign
    all_delivery: RowsByCampaign
    errors: RowsByCampaign
    personalization: RowsByCampaign
    unaccounted: RowsByCampaign
    active_targets: RowsByCampaign
    conversions: RowsByCampaign
    delays: RowsByCampaign
    arm_sizes: RowsByCampaign
    arm_conversions: RowsByCampaign


def totals_of(campaign: Campaign, sums: Sums) -> CampaignTotals:
    """The sums of one campaign; zeros where nothing was counted."""
    campaign_id = campaign.campaign_id
    delivery = _only_row(sums.delivery, campaign_id)
    every = _only_row(sums.all_delivery, campaign_id)
    return CampaignTotals(
        counts={name: Counts(delivery[f"{name}_unique"], delivery[f"{name}_total"]) for name in COUNTED}
        if delivery
        else {},
        request_attempts=delivery.get("request_attempts", 0),
        errors=_labelled(sums.errors.get(campaign_id, []), "reason"),
        personalization=_labelled(sums.personalization.get(campaign_id, []), "category"),
        unaccounted=_only_row(sums.unaccounted, campaign_id).get("unaccounted", 0),
        active_targets={row["arm"]: row["active_targets"] for row in sums.active_targets.get(campaign_id, [])},
        goals=_goals(campaign_id, sums),
        comparisons=comparisons_of(
            [goal.goal_id for goal in campaign.goals],
            _only_row(sums.arm_sizes, campaign_id),
            {row["goal_id"]: row for row in sums.arm_conversions.get(campaign_id, [])},
        ),
        matured_share=share(every.get("matured_sent_total", 0), every.get("sent_total", 0)),
    )


def _only_row(rows: RowsByCampaign, campaign_id: str) -> Mapping[str, Any]:
    return next(iter(rows.get(campaign_id, [])), {})


def _labelled(rows: Sequence[Mapping[str, Any]], label: str) -> dict[str, Counts]:
    return {row[label]: Counts(row["unique"], row["total"]) for row in rows}


def _goals(campaign_id: str, sums: Sums) -> dict[tuple[str, str], GoalTotals]:
    medians = {(row["goal_id"], row["arm"]): row["median_microseconds"] for row in sums.delays.get(campaign_id, [])}
    return {
        (row["goal_id"], row["arm"]): _goal(row, medians[row["goal_id"], row["arm"]])
        for row in sums.conversions.get(campaign_id, [])
    }


def _goal(row: Mapping[str, Any], median_microseconds: float) -> GoalTotals:
    return GoalTotals(
        conversion_events=row["conversion_events"],
        converted_users=row["converted_users"],
        converted_people=row["converted_people"],
        revenue=Decimal(row["revenue"]),
        events_without_value=row["events_without_value"],
        events_in_other_currency=row["events_in_other_currency"],
        events_with_rounded_value=row["events_with_rounded_value"],
        median_seconds=median_microseconds / 1_000_000,  # divided here: Polars multiplies by a rounded inverse
    )
