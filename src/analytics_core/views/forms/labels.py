"""What the closed words of the data are called on the page."""

from http import HTTPStatus

from analytics_core.domain.words import (
    AttributionModel,
    DeliveryType,
    FilterOperator,
    InstanceCredit,
    PersonalizationCategory,
    Status,
    require_every,
)
from analytics_core.metrics.breakdowns import NO_RESPONSE
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.delivery_metrics import FAILED
from analytics_core.metrics.funnel_metrics import REMOVALS

DELIVERY_TYPES = require_every(
    DeliveryType,
    {
        DeliveryType.ONE_TIME: "One-time",
        DeliveryType.PERIODIC: "Periodic",
        DeliveryType.EVENT_TRIGGERED: "Event-triggered",
    },
)

STATUSES = require_every(
    Status,
    {
        Status.ACTIVE: ("\N{BLACK CIRCLE}", "Active"),
        Status.EXPIRED: ("\N{DOTTED CIRCLE}", "Expired"),
        Status.NOT_SENT: ("\N{WHITE CIRCLE}", "Not Sent"),
        Status.PAUSED: ("\N{DOUBLE VERTICAL LINE}", "Paused"),
        Status.SCHEDULED: ("\N{CIRCLE WITH UPPER RIGHT QUADRANT BLACK}", "Scheduled"),
        Status.SENDING: ("\N{BLACK RIGHT-POINTING TRIANGLE}", "Sending"),
        Status.SENT: ("\N{CHECK MARK}", "Sent"),
        Status.STOPPED: ("\N{BLACK SQUARE}", "Stopped"),
        Status.UNDER_REVIEW: ("\N{CIRCLE WITH LEFT HALF BLACK}", "Under Review"),
        Status.REJECTED: ("\N{MULTIPLICATION X}", "Rejected"),
        Status.DRAFT: ("\N{LOWER RIGHT PENCIL}", "Draft"),
    },
)
"""Icon and word; the icon alone is never the only sign."""


ATTRIBUTION_MODELS = require_every(
    AttributionModel,
    {
        AttributionModel.ALL_INTERACTIONS: "all interactions: every campaign takes credit on its own",
        AttributionModel.LAST_INTERACTION: "last interaction: the latest delivery across all campaigns is credited",
    },
)

INSTANCE_CREDITS = require_every(
    InstanceCredit,
    {
        InstanceCredit.LATEST: "the latest eligible delivery is credited",
        InstanceCredit.FIRST: "the first eligible delivery is credited",
        InstanceCredit.EVERY: "every eligible delivery is credited",
    },
)

FILTER_OPERATORS = require_every(
    FilterOperator,
    {
        FilterOperator.IS: "is",
        FilterOperator.IS_NOT: "is not",
        FilterOperator.IN: "is one of",
        FilterOperator.NOT_IN: "is not one of",
        FilterOperator.CONTAINS: "contains",
        FilterOperator.GT: ">",
        FilterOperator.GTE: "\N{GREATER-THAN OR EQUAL TO}",
        FilterOperator.LT: "<",
        FilterOperator.LTE: "\N{LESS-THAN OR EQUAL TO}",
        FilterOperator.EXISTS: "exists",
    },
)

CATEGORIES = require_every(
    PersonalizationCategory,
    {
        "user_attribute": ("User attribute", "A user attribute is not in the system, or this user has none."),
        "event_attribute": ("Event attribute", "An event attribute is not in the system, or this event has none."),
        "campaign_attribute": ("Campaign attribute", "Information about the campaign, such as a tag, is missing."),
        "undefined": ("Undefined", "The value of an attribute could not be fetched, such as a product's image."),
        "unknown": ("Unknown", "Any other error, and failures logged without a category."),
    },
)
"""Name and meaning of the personalization categories, in the order of the page."""

NOT_IN_FAILED = frozenset(one.name for one in REMOVALS if one not in FAILED.sum_of)
"""Reasons of the error breakdown that are no failures."""


def reason_label(reason: str) -> str:
    """A reason of the error breakdown in words, a response code with its standard phrase."""
    if reason in CATALOG:
        return CATALOG[reason].label
    if reason == NO_RESPONSE:
        return "No response"
    code = reason.removeprefix("response_")
    phrase = next((status.phrase for status in HTTPStatus if str(status.value) == code), None)
    return f"Response {code} ({phrase})" if phrase else f"Response {code}"
