"""The tables every export is turned into (grain, key and null policy in each docstring).

Closed words (outcome, control group type, category) are stored as text so that any reader of the files understands
them; the declared checks keep misspelt ones out.
"""

from dataclasses import dataclass
from enum import StrEnum

import dataframely as dy
import polars as pl

from analytics_core.domain.words import ControlGroupType, Counting, Outcome, PersonalizationCategory, Vendor

MAX_ID_LENGTH = 128
LONGEST = "longest"
"""Metadata key: the most characters a text column takes."""


def _words(enum: type[StrEnum]) -> str:
    """A regular expression that matches exactly the words of `enum`."""
    return "^(" + "|".join(member.value for member in enum) + ")$"


def _identifier(description: str, *, nullable: bool = False) -> dy.String:
    return dy.String(
        nullable=nullable, min_length=1, check=_short_enough, description=description, metadata={LONGEST: MAX_ID_LENGTH}
    )


def _short_enough(texts: pl.Expr) -> pl.Expr:
    # Characters, as the canonical format says; a declared maximum length would count bytes.
    return texts.str.len_chars() <= MAX_ID_LENGTH


def _instant(description: str, *, nullable: bool = False) -> dy.Datetime:
    return dy.Datetime(nullable=nullable, time_zone="UTC", time_unit="us", description=description)


class Deliveries(dy.Schema):
    """One row per request attempt, or per user removed before a request (key: `request_id` where there is one)."""

    campaign_id = _identifier("campaign the row belongs to")
    instance_id = _identifier("run of the campaign the row belongs to")
    user_id = _identifier("user who qualified for the instance")
    occurred_at = _instant("when it happened, UTC")
    outcome = dy.String(regex=_words(Outcome), description="what became of the user")
    request_id = _identifier("the HTTP call; null for rows without one", nullable=True)
    response_code = dy.Int32(nullable=True, min=0, max=999, description="HTTP status; null where no response came")
    control_group_type = dy.String(
        nullable=True, regex=_words(ControlGroupType), description="which control group; control_group rows only"
    )
    duration_ms = dy.Int64(nullable=True, description="how long the request took, milliseconds")
    endpoint = dy.String(nullable=True, description="what was called")
    error_text = dy.String(nullable=True, description="what the endpoint or the sender said")
    personalization_errors = dy.List(
        dy.Struct(
            {
                "category": dy.String(regex=_words(PersonalizationCategory)),
                "attribute": dy.String(nullable=True),
            }
        ),
        nullable=True,
        description="what could not be filled in; personalization_failed rows only",
    )


class Events(dy.Schema):
    """One row per thing a user did (key: `event_id`)."""

    event_id = _identifier("the event")
    user_id = _identifier("user who did it")
    event_name = dy.String(min_length=1, description="what was done")
    occurred_at = _instant("when it happened, UTC")
    attributes = dy.String(nullable=True, description="a JSON object as compact text; null where there is none")


class Instances(dy.Schema):
    """One row per campaign and instance (key: both ids)."""

    campaign_id = _identifier("campaign the instance belongs to")
    instance_id = _identifier("the run")
    users_in_segment = dy.Int64(nullable=True, min=0, description="declared size of the segment, users")
    segmentation_started_at = _instant("segmentation query started", nullable=True)
    segmentation_completed_at = _instant("segmentation query finished", nullable=True)
    ready_at = _instant("ready to be sent", nullable=True)
    first_batch_sent_at = _instant("first batch handed to the sender", nullable=True)
    first_sent_at = _instant("first request sent", nullable=True)
    last_sent_at = _instant("last request sent", nullable=True)


class Identities(dy.Schema):
    """One row per user id that was merged into another (key: `user_id`)."""

    user_id = _identifier("id that is no longer a person of its own")
    merged_into = _identifier("id it now means")


class VendorStats(dy.Schema):
    """One row per number that a vendor states about a campaign, or per conversion that it counted.

    The key is `vendor` and `number_id`. Nothing is computed from them: they are shown beside the number of ours.
    """

    vendor = dy.String(regex=_words(Vendor), description="whose number it is")
    number_id = _identifier("the vendor's id of a conversion; of a stated number a digest of all it says")
    campaign_id = _identifier("campaign the number is about")
    instance_id = _identifier("run of the campaign; null where it is about all of them", nullable=True)
    metric = dy.String(min_length=1, description="what the vendor calls it")
    our_metric = dy.String(nullable=True, description="which of our metrics it is meant to be; null where we have none")
    counting = dy.String(nullable=True, regex=_words(Counting), description="how users count; null where nothing says")
    goal = dy.String(nullable=True, description="the vendor's name of the goal; null: the primary one, or of no goal")
    control_group_type = dy.String(
        nullable=True, regex=_words(ControlGroupType), description="the control group it is about or compares with"
    )
    starts_on = dy.Date(nullable=True, description="first day it is about, in the app's time zone")
    ends_on = dy.Date(nullable=True, description="last day it is about, in the app's time zone")
    occurred_at = _instant("when the conversion happened, UTC; null for a stated number", nullable=True)
    value = dy.Decimal(38, 9, description="the number; shares are 0-1, a conversion is 1")


CANONICAL = ("deliveries", "events", "instances", "identities")
"""The tables that numbers are computed from, and that canonical and mapped files hold."""

TABLES: dict[str, type[dy.Schema]] = {
    "deliveries": Deliveries,
    "events": Events,
    "instances": Instances,
    "identities": Identities,
    "vendor_stats": VendorStats,
}

KEYS: dict[str, tuple[str, ...]] = {
    "deliveries": ("request_id",),
    "events": ("event_id",),
    "instances": ("campaign_id", "instance_id"),
    "identities": ("user_id",),
    "vendor_stats": ("vendor", "number_id"),
}
"""Columns whose repeated values make a row a duplicate; a row with a null key is never one."""


def schema_of(table: str) -> pl.Schema:
    """Column names and Polars types of a table, in declared order."""
    return TABLES[table].create_empty().schema


@dataclass(frozen=True, slots=True)
class CanonicalTables:
    """The four tables a computation reads: duplicates removed, user ids as logged (merges not yet applied)."""

    deliveries: pl.LazyFrame
    events: pl.LazyFrame
    instances: pl.LazyFrame
    identities: pl.LazyFrame
