"""One snapshot document per campaign, as the contract writes it down."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from oracle.audience import ATTEMPTED, AudienceRow, audience_rows
from oracle.comparison import GROUPS, Study, uplifts
from oracle.conversions import Scope, goal_document
from oracle.credits import Attribution, window, window_hours
from oracle.instances import instance_documents
from oracle.known import Known, Row, known_rows
from oracle.localtime import zone
from oracle.period import declared_instances, inside, period_document
from oracle.personalization import CATEGORIES, counts, personalization_documents
from oracle.rules import AppRules, Rules
from oracle.sampling import sample_ratio
from oracle.trends import trends

FAILED = {"failed_response", "personalization_failed"}
REQUESTED = {"sent", "failed_response"}
Rows = list[AudienceRow]


def snapshot_documents(
    world_rows: dict[str, list[Row]],
    campaigns: list[Row],
    app: AppRules,
    settings: Rules,
) -> list[Row]:
    """The documents of all campaigns in the order of their ids.

    Args:
        world_rows: canonical rows of each table in file order, duplicates still in.
        campaigns: campaign definitions as `campaigns.json` states them.
        app: has `timezone` and `currency`.
        settings: has the fields of the product's settings.
    """
    known = known_rows(world_rows, settings.as_of)
    audience = defaultdict(list)
    for row in audience_rows(known.deliveries, settings.success_codes):
        audience[row.campaign_id].append(row)
    attribution = Attribution(campaigns, lambda campaign_id: audience[campaign_id], known.events, settings)
    ordered = sorted(campaigns, key=lambda campaign: campaign["campaign_id"])
    return [document(campaign, known, attribution, app) for campaign in ordered]


def document(campaign: Row, known: Known, attribution: Attribution, app: AppRules) -> Row:
    settings = attribution.settings
    logged = attribution.audience(campaign["campaign_id"])
    is_inside = inside(settings, app.timezone)
    is_matured = maturity(campaign, settings, known.as_of)
    of_period = [row for row in logged if is_inside(row.clock)]
    rows = [row for row in of_period if is_matured(row.clock)] if settings.matured_only else of_period
    own = [row for row in known.instances if row["campaign_id"] == campaign["campaign_id"]]
    declared = declared_instances(own, logged, settings, is_inside)
    segment = users_in_segment(rows, declared)
    scope = Scope(campaign, rows, attribution, app.currency)
    compared = [row for row in logged if is_inside(row.seen_at)]
    compared = [row for row in compared if is_matured(row.seen_at)] if settings.matured_only else compared
    study = Study(logged, compared, window(campaign, settings), known.as_of)
    goals = goal_documents(scope, study)
    primary = primary_goal(campaign)
    is_legacy = campaign.get("analytics_version") == "legacy"
    return {
        "schema_version": 2,
        "campaign_id": campaign["campaign_id"],
        "analytics_version": campaign.get("analytics_version", "current"),
        "as_of": known.as_of and known.as_of.isoformat(),
        "timezone": app.timezone,
        "settings": settings_document(campaign, settings),
        "period": period_document(settings),
        "performance": performance(rows, goals),
        "goals": goals,
        "funnel": [] if is_legacy else funnel(rows, segment),
        "errors": errors(rows),
        "personalization_errors": [{"category": name} | counts(rows, failed_in(name)) for name in CATEGORIES],
        "reconciliation": reconciliation(rows, segment),
        "sample_ratio": sample_ratio(campaign, compared),
        "provenance": dict.fromkeys(("import", "definition", "history", "package")),
        **personalization_documents(rows),
        "trends": trends(scope, primary, app.timezone),
        **instance_documents(scope, primary, declared),
        "data_quality": {
            "contaminated_users": len({row.user_id for row in rows if row.is_contaminated}),
            "matured_share": share_of(lambda row: is_matured(row.clock), standing(of_period, {"sent"})),
            **finality(campaign, settings, of_period, app.timezone),
        },
        "vendor_reported": [],
        "vendor_reported_omitted": 0,
    }


def maturity(campaign: Row, settings: Rules, as_of: datetime | None) -> Callable[[datetime], bool]:
    return lambda clock: as_of is not None and clock + window(campaign, settings) <= as_of


def finality(campaign: Row, settings: Rules, logged: Rows, timezone: str) -> Row:
    """When the window of the last of the sent closes, and which day that is for the app."""
    closes = [row.clock + window(campaign, settings) for row in standing(logged, {"sent"})]
    if not closes:
        return {"final_at": None, "final_on": None}
    return {
        "final_at": max(closes).isoformat(),
        "final_on": max(closes).astimezone(zone(timezone)).date().isoformat(),
    }


def share_of(condition: Callable[[AudienceRow], bool], rows: Rows) -> float | None:
    return ratio(sum(1 for row in rows if condition(row)), len(rows))


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def standing(rows: Rows, words: set[str]) -> Rows:
    return [row for row in rows if row.standing in words]


def stands(words: set[str]) -> Callable[[AudienceRow], bool]:
    return lambda row: row.standing in words


def failed_in(category: str) -> Callable[[AudienceRow], bool]:
    return lambda row: category in row.categories


def users_in_segment(rows: Rows, instances: list[Row]) -> int:
    logged: dict[str, int] = {}
    for row in rows:
        logged[row.instance_id] = logged.get(row.instance_id, 0) + 1
    total = dict(logged)
    for instance in instances:
        name = instance["instance_id"]
        total[name] = max(logged.get(name, 0), instance.get("users_in_segment") or 0)
    return sum(total.values())


def settings_document(campaign: Row, settings: Rules) -> Row:
    return {
        "attribution_model": str(settings.attribution_model),
        "instance_credit": str(settings.instance_credit),
        "window_hours": window_hours(campaign, settings),
        "success_codes": sorted(settings.success_codes),
        "matured_only": settings.matured_only,
    }


def primary_goal(campaign: Row) -> Row:
    goals: list[Row] = campaign["goals"]
    return next((goal for goal in goals if goal.get("is_primary")), goals[0])


def goal_documents(scope: Scope, study: Study) -> list[Row]:
    primary, goals = primary_goal(scope.campaign), scope.campaign["goals"]
    arms = [dict.fromkeys(GROUPS)] * len(goals)
    if not scope.is_legacy:
        arms = uplifts(study, scope.attribution.events, goals, scope.app_currency)
    own = [goal_document(scope, goal, is_primary=goal is primary) for goal in goals]
    return [document | {"uplift": both} for document, both in zip(own, arms, strict=True)]


def performance(rows: Rows, goals: list[Row]) -> Row:
    attempted, sent, failed = (counts(rows, stands(words)) for words in (ATTEMPTED, {"sent"}, FAILED))
    primary = next(goal for goal in goals if goal["is_primary"])
    arms = primary["uplift"]
    arm = arms["campaign"] or arms["global"]
    conversion = (
        "converted_users",
        "converted_people",
        "conversion_events",
        "conversion_rate",
        "revenue",
        "average_order_value",
        "average_revenue_per_user",
        "currency",
    )
    return {
        "attempted": attempted,
        "sent": sent,
        "failed": failed,
        "sent_rate": {key: ratio(sent[key], attempted[key]) for key in ("unique", "total")},
        "failure_rate": {key: ratio(failed[key], attempted[key]) for key in ("unique", "total")},
        **{key: primary[key] for key in conversion},
        "uplift": arm and arm["uplift"],
        "request_attempts": sum(row.attempts for row in rows),
    }


def funnel(rows: Rows, segment: int) -> list[Row]:
    first = {"unique": len({row.user_id for row in rows}), "total": segment}
    stages = {
        "users_in_segment": first,
        "after_frequency_cap": counts(rows, stands(ATTEMPTED)),
        "after_personalization": counts(rows, stands(REQUESTED)),
        "sent": counts(rows, stands({"sent"})),
    }
    return [{"stage": name} | both | {"share": ratio(both["total"], segment)} for name, both in stages.items()]


def errors(rows: Rows) -> list[Row]:
    reasons = {row.reason for row in rows if row.reason is not None}
    lines = [{"reason": reason} | counts(rows, lambda row, r=reason: row.reason == r) for reason in reasons]
    return sorted(lines, key=lambda line: (-line["total"], line["reason"]))


def reconciliation(rows: Rows, segment: int) -> Row:
    def total(word: str) -> int:
        return len(standing(rows, {word}))

    return {
        "users_in_segment": segment,
        "sent": total("sent"),
        "failed_responses": total("failed_response"),
        "personalization_failed": total("personalization_failed"),
        "frequency_capped": total("frequency_capped"),
        "control_group": total("control_group"),
        "unaccounted": segment - len(rows),
    }
