"""The tables every export is turned into (grain and key in each description).

Closed words (outcome, control group type, category) are stored as text so that any reader of the files understands
them; whatever reads a row keeps misspelt ones out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from analytics_core.domain.words import ControlGroupType, Counting, Outcome, PersonalizationCategory, Vendor
from analytics_core.tables.declaration import Column, Kind, Table


def _identifier(name: str, meaning: str, *, required: bool = True) -> Column:
    return Column(name, Kind.IDENTIFIER, meaning, required)


def _instant(name: str, meaning: str, *, required: bool = True) -> Column:
    return Column(name, Kind.INSTANT, meaning, required)


def _word(name: str, words: Iterable[str], meaning: str, *, required: bool = True) -> Column:
    return Column(name, Kind.WORD, meaning, required, words=tuple(words))


def _optional(name: str, kind: Kind, meaning: str) -> Column:
    return Column(name, kind, meaning, required=False)


CANONICAL = ("deliveries", "events", "instances", "identities")
"""The tables that numbers are computed from, and that canonical and mapped files hold."""

TABLES: Mapping[str, Table] = {
    "deliveries": Table(
        "One row per request attempt, or per user removed before a request (key: `request_id` where there is one).",
        ("request_id",),
        (
            _identifier("campaign_id", "campaign the row belongs to"),
            _identifier("instance_id", "run of the campaign the row belongs to"),
            _identifier("user_id", "user who qualified for the instance"),
            _instant("occurred_at", "when it happened, UTC"),
            _word("outcome", Outcome, "what became of the user"),
            _identifier("request_id", "the HTTP call; null for rows without one", required=False),
            Column(
                "response_code",
                Kind.WHOLE,
                "HTTP status; null where no response came",
                required=False,
                low=0,
                high=999,
            ),
            _word(
                "control_group_type",
                ControlGroupType,
                "which control group; control_group rows only",
                required=False,
            ),
            # A duration may come with a fraction; a code or a count with one is a mistake.
            _optional("duration_ms", Kind.ROUNDED, "how long the request took, milliseconds"),
            _optional("endpoint", Kind.TEXT, "what was called"),
            _optional("error_text", Kind.TEXT, "what the endpoint or the sender said"),
            Column(
                "personalization_errors",
                Kind.PERSONALIZATION,
                "what could not be filled in; personalization_failed rows only",
                required=False,
                words=tuple(PersonalizationCategory),
            ),
        ),
        tells_apart=("campaign_id", "instance_id", "user_id", "outcome"),
    ),
    "events": Table(
        "One row per thing a user did (key: `event_id`).",
        ("event_id",),
        (
            _identifier("event_id", "the event"),
            _identifier("user_id", "user who did it"),
            Column("event_name", Kind.TEXT, "what was done"),
            _instant("occurred_at", "when it happened, UTC"),
            _optional("attributes", Kind.ATTRIBUTES, "a JSON object as compact text; null where there is none"),
        ),
        tells_apart=("user_id", "event_name", "occurred_at"),
    ),
    "instances": Table(
        "One row per campaign and instance (key: both ids).",
        ("campaign_id", "instance_id"),
        (
            _identifier("campaign_id", "campaign the instance belongs to"),
            _identifier("instance_id", "the run"),
            Column("users_in_segment", Kind.WHOLE, "declared size of the segment, users", required=False, low=0),
            _instant("segmentation_started_at", "segmentation query started", required=False),
            _instant("segmentation_completed_at", "segmentation query finished", required=False),
            _instant("ready_at", "ready to be sent", required=False),
            _instant("first_batch_sent_at", "first batch handed to the sender", required=False),
            _instant("first_sent_at", "first request sent", required=False),
            _instant("last_sent_at", "last request sent", required=False),
        ),
    ),
    "identities": Table(
        "One row per user id that was merged into another (key: `user_id`).",
        ("user_id",),
        (
            _identifier("user_id", "id that is no longer a person of its own"),
            _identifier("merged_into", "id it now means"),
        ),
    ),
    "vendor_stats": Table(
        "One row per number that a vendor states about a campaign, or per conversion that it counted.\n\n"
        "The key is `vendor` and `number_id`. Nothing is computed from them: they are shown beside the number of ours.",
        ("vendor", "number_id"),
        (
            _word("vendor", Vendor, "whose number it is"),
            _identifier("number_id", "the vendor's id of a conversion; of a stated number a digest of all it says"),
            _identifier("campaign_id", "campaign the number is about"),
            _identifier("instance_id", "run of the campaign; null where it is about all of them", required=False),
            Column("metric", Kind.TEXT, "what the vendor calls it"),
            _optional("our_metric", Kind.TEXT, "which of our metrics it is meant to be; null where we have none"),
            _word("counting", Counting, "how users count; null where nothing says", required=False),
            _optional("goal", Kind.TEXT, "the vendor's name of the goal; null: the primary one, or of no goal"),
            _word(
                "control_group_type",
                ControlGroupType,
                "the control group it is about or compares with",
                required=False,
            ),
            _optional("starts_on", Kind.DAY, "first day it is about, in the app's time zone"),
            _optional("ends_on", Kind.DAY, "last day it is about, in the app's time zone"),
            _instant("occurred_at", "when the conversion happened, UTC; null for a stated number", required=False),
            Column("value", Kind.EXACT, "the number; shares are 0-1, a conversion is 1"),
        ),
    ),
}


def schema_of(table: str) -> pl.Schema:
    """Column names and Polars types of a table, in declared order."""
    return TABLES[table].schema


@dataclass(frozen=True, slots=True)
class CanonicalTables:
    """The four tables a computation reads: duplicates removed, user ids as logged (merges not yet applied)."""

    deliveries: pl.LazyFrame
    events: pl.LazyFrame
    instances: pl.LazyFrame
    identities: pl.LazyFrame
