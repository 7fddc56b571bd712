"""What Customer.io's metrics and explanations say about a request.

The vendor publishes no list of its texts and has no column for the HTTP status: whatever is read from a text is what
words in it say plainly, and the text itself is kept beside.
"""

import polars as pl

from analytics_core.domain.words import ControlGroupType, Outcome

ANSWERED = ("sent", "delivered")
"""Metrics of a request that was answered with success."""
UNANSWERED = ("attempted", "bounced", "dropped", "failed", "undeliverable")
"""Metrics of a request that was not answered with success, or was not made."""
CONVERTED = "converted"
"""The metric of a delivery that Customer.io credits with a conversion."""
OTHERS = ("clicked", "drafted", "opened", "spammed", "unsubscribed")
"""Metrics that are no request."""

_SUCCESS = "200"
_CODE = (
    r"(?i)(?:^|\b(?:status(?: code)?|code|https?(?:/[0-9.]+)?|response(?: code)?|returned|received|got|error))"
    r"[\s:=(\[]*([1-5][0-9]{2})\b"
)
_LIQUID = r"(?i)\bliquid\b"
_LIMIT = r"(?i)\b(?:message|sending|frequency)[ _-](?:limit|cap)"
_HELD_BACK = r"(?i)\b(?:holdout|hold-out|control group)\b"
_ATTRIBUTES = {
    "user_attribute": r"\bcustomer\.([A-Za-z_][A-Za-z0-9_]*)",
    "event_attribute": r"\bevent\.([A-Za-z_][A-Za-z0-9_]*)",
}


def of_metrics(metric: pl.Expr, reason: pl.Expr) -> tuple[pl.Expr, ...]:
    """The canonical columns of requests: outcome, response code, what could not be personalized, error text."""
    is_answered = metric.is_in(ANSWERED)
    outcome = (
        pl.when(is_answered)
        .then(pl.lit(Outcome.REQUESTED.value))
        .otherwise(_find_reason(reason).fill_null(Outcome.REQUESTED.value))
    )
    code = pl.coalesce(reason.str.extract(_CODE, 1), pl.when(is_answered).then(pl.lit(_SUCCESS)))
    return (
        outcome.alias("outcome"),
        pl.when(outcome == Outcome.REQUESTED).then(code).alias("response_code"),
        _personalization(outcome, reason).alias("personalization_errors"),
        reason.alias("error_text"),
    )


def of_explanations(explanation: pl.Expr) -> tuple[pl.Expr, ...]:
    """The canonical columns of steps that sent nothing; the outcome is null where the explanation does not say why."""
    is_held_back = explanation.str.contains(_HELD_BACK)
    outcome = pl.when(is_held_back).then(pl.lit(Outcome.CONTROL_GROUP.value)).otherwise(_find_reason(explanation))
    return (
        outcome.alias("outcome"),
        pl.when(is_held_back).then(pl.lit(ControlGroupType.CAMPAIGN.value)).alias("control_group_type"),
        _personalization(outcome, explanation).alias("personalization_errors"),
        explanation.alias("error_text"),
    )


def _find_reason(text: pl.Expr) -> pl.Expr:
    """Why no request was made; null where the text names no reason we know."""
    return (
        pl.when(text.str.contains(_LIQUID))
        .then(pl.lit(Outcome.PERSONALIZATION_FAILED.value))
        .when(text.str.contains(_LIMIT))
        .then(pl.lit(Outcome.FREQUENCY_CAPPED.value))
    )


def _personalization(outcome: pl.Expr, text: pl.Expr) -> pl.Expr:
    named = (
        pl.concat_str(pl.lit(f"{category}:"), text.str.extract(pattern, 1)) for category, pattern in _ATTRIBUTES.items()
    )
    return pl.when(outcome == Outcome.PERSONALIZATION_FAILED).then(pl.coalesce(*named, pl.lit("unknown")))
