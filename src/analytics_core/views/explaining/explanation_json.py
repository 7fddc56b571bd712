"""Explanations as JSON documents: shares 0-1, money as decimal strings, times ISO 8601 UTC, durations in seconds."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from analytics_core.domain.words import Counting
from analytics_core.explaining.compared_figures import Tested, compare_arms
from analytics_core.explaining.explanation import Explanation, NearMisses, Question, UserExplanation
from analytics_core.metrics.catalog import value_of
from analytics_core.metrics.delivery_metrics import SAMPLE_RATIO
from analytics_core.metrics.metric import Grain, Metric
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.kinds import exact_money, six_decimals
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.explaining.arm_fates import fate_sentence, fate_text
from analytics_core.views.explaining.compared import method_of
from analytics_core.views.explaining.conclusion import conclusion
from analytics_core.views.explaining.explained_certainty import certainty_of_metric
from analytics_core.views.explaining.explanation import parts_of, rows_note

SCHEMA_VERSION = 2


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The document of one explanation; `rows` and the near misses' rows are those that were brought along."""
    question, snapshot, sums = explanation.question, explanation.snapshot, explanation.sums
    grain, document = explanation.behind.grain, as_json(snapshot)
    return {
        **_question(question, snapshot),
        **_values(question.metric, snapshot, explanation.countings),
        "certainty": _certainty(question, snapshot),
        "inputs": [
            {
                "name": part.name,
                "label": part.label_in(snapshot.analytics_version),
                **_values(part, snapshot, (fixed,) if fixed else explanation.countings),
            }
            for part, fixed in parts_of(question.metric)
        ],
        "comparison": _comparison(question.metric, snapshot),
        "sample_ratio": document["sample_ratio"] if question.metric is SAMPLE_RATIO else None,
        "method": method_of(question.metric, compare_arms(question.metric, snapshot)),
        "behind": {
            "grain": grain.value,
            "number": _plain(explanation.count_from_rows(explanation.countings[0])),
            "rows": sums.rows,
            "users": sums.users,
            "note": rows_note(explanation),
            "left_out": {why.value: rows for why, rows in explanation.left_out.items()},
            "kinds": [{"kind": kind.kind, "rows": kind.rows, "users": kind.users} for kind in explanation.kinds],
        },
        "rows": records(explanation.rows),
        "near_misses": None if explanation.near_misses is None else _near_misses(explanation.near_misses, grain),
    }


def _certainty(question: Question, snapshot: Snapshot) -> dict[str, Any] | None:
    """How sure the comparison is behind a number; null where nothing is tested."""
    certainty = certainty_of_metric(question.metric, snapshot, question.campaign)
    if certainty is None:
        return None
    return {
        "verdict": certainty.verdict,
        "for_daily_looks": certainty.daily,
        "interval": certainty.interval,
        "difference_interval": certainty.difference,
        "incremental_conversions_interval": certainty.incremental,
    }


def user_explanation_json(user: UserExplanation) -> dict[str, Any]:
    """The document of one user's path, with user ids as they are."""
    return {
        **_question(user.question, user.snapshot),
        "user_id": user.user_id,
        "asked_id": user.asked_id,
        "merged_ids": list(user.merged_ids),
        "rows_as_logged": records(user.attempts),
        "audience_rows": records(user.audience),
        "events": _events(user.events, user.grain),
        "events_left_out": user.events_left_out,
        "counted": user.counted,
        "parts": [{"name": part.metric.name, "rows": part.rows} for part in user.parts],
        "conclusion": conclusion(user),
    }


def records(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON objects; undefined is null."""
    return [
        {f"{key}_seconds" if isinstance(value, timedelta) else key: _plain(value) for key, value in row.items()}
        for row in rows.iter_rows(named=True)
    ]


def _question(question: Question, snapshot: Snapshot) -> dict[str, Any]:
    version, metric, goal = snapshot.analytics_version, question.metric, question.goal
    document = as_json(snapshot)
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign_id": question.campaign.campaign_id,
        "metric": {
            "name": metric.name,
            "label": metric.label_in(version),
            "description": metric.description_in(version),
            "formula": metric.formula_in(version),
            "unit": metric.unit.value,
        },
        "goal": {"goal_id": goal.goal_id, "name": goal.name, "event_name": goal.event_name}
        if question.about_goal
        else None,
        "settings": {**document["settings"], **{name: document[name] for name in ("as_of", "timezone", "period")}},
    }


def _values(metric: Metric, snapshot: Snapshot, countings: tuple[Counting, ...]) -> dict[str, Any]:
    """`value`, and `unique_value` where the metric has a unique counting beside the total one."""
    figures = [value_of(metric, snapshot, counting) for counting in countings]
    values = [
        six_decimals(value) if metric.divided and isinstance(value, Decimal) else _plain(value) for value in figures
    ]
    return {"value": values[0], **({"unique_value": values[1]} if len(values) > 1 else {})}


def _comparison(metric: Metric, snapshot: Snapshot) -> dict[str, Any] | None:
    """Both arms and how sure the number is; null for numbers of no comparison."""
    figures = compare_arms(metric, snapshot)
    if figures is None:
        return None
    revenue, tested = figures.gain.revenue, figures.tested or Tested(None, None)
    interval = tested.interval and [six_decimals(end) if isinstance(end, Decimal) else end for end in tested.interval]
    return {
        "basis": figures.basis.value,
        "control_group_type": figures.group.value,
        "treated": asdict(figures.gain.treated),
        "control": asdict(figures.gain.control),
        "treated_revenue_per_row": six_decimals(revenue.treated_per_row) if revenue else None,
        "control_revenue_per_row": six_decimals(revenue.control_per_row) if revenue else None,
        "contaminated_rows": figures.contaminated_rows,
        "verdict": figures.gain.verdict,
        "interval": interval,
        "p_value": tested.p_value,
        "p_value_adjusted": tested.p_value_adjusted,
        "always_valid_interval": tested.always_valid_interval,
    }


def _near_misses(misses: NearMisses, grain: Grain) -> dict[str, Any]:
    found = [
        {"fate": fate.value, "sentence": fate_sentence(fate), "events": events}
        for fate, events in misses.events.items()
    ]
    return {
        "fates": found,
        "duplicate_events": misses.duplicate_events,
        "users_left_out": misses.users_left_out,
        "rows": _events(misses.rows, grain),
    }


def _events(events: pl.DataFrame, grain: Grain) -> list[dict[str, Any]]:
    texts = [fate_text(event, grain) for event in events.iter_rows(named=True)]
    return [
        {**record, "text": text}
        for record, text in zip(records(events.rename({"verdict": "fate"})), texts, strict=True)
    ]


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return exact_money(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value
