"""The Snapshot: every number of one campaign, computed once; whatever shows numbers reads it.

Shares are 0-1; money is Decimal; undefined is None. `as_json` in `documents` writes it down.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from analytics_core.domain.words import (
    AnalyticsVersion,
    AttributionModel,
    ControlGroupType,
    Counting,
    InstanceCredit,
    Vendor,
)
from analytics_core.snapshot.comparison import GoalUplift, SampleRatio
from analytics_core.snapshot.kinds import Average, Change, Hours, Money, Number, Seconds, Share

SCHEMA_VERSION = 2
NOT_IN_DOCUMENT = {"in_document": False}
"""Metadata of fields that the JSON document leaves out."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A delivery count: distinct users over the campaign, and audience rows (user x instance)."""

    unique: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """A delivery count that the exports cannot tell."""

    unique: None = None
    total: None = None


@dataclass(frozen=True, slots=True)
class UnknownMetric:
    """A metric that is null because the exports cannot tell it, and why."""

    metric: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shares:
    """A rate in both countings; None where its denominator is 0."""

    unique: Share | None = None
    total: Share | None = None


@dataclass(frozen=True, slots=True)
class AppliedSettings:
    """The rules this Snapshot was computed by; `window_hours` is the campaign's effective window."""

    attribution_model: AttributionModel
    instance_credit: InstanceCredit
    window_hours: Hours
    success_codes: tuple[int, ...]
    matured_only: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share of all credits that had happened `seconds` after the send."""

    seconds: Seconds
    share: Share


@dataclass(frozen=True, slots=True)
class TimeToConvert:
    """How long after the send the credited events happened; percentiles interpolate between neighbours.

    `curve` has twenty points, at 5 % to 100 % of the attribution window.
    """

    median_seconds: Seconds
    p75_seconds: Seconds
    p90_seconds: Seconds
    p95_seconds: Seconds
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One goal's conversions. Revenue fields are None where the goal has no revenue attribute."""

    goal_id: str
    name: str
    event_name: str
    is_primary: bool
    converted_users: int
    converted_people: int
    conversion_events: int
    conversion_rate: Share | None
    revenue: Money | None
    average_order_value: Average | None
    average_revenue_per_user: Average | None
    currency: str | None
    events_without_value: int
    events_in_other_currency: int
    events_with_rounded_value: int
    median_seconds_to_convert: Seconds | None
    uplift: GoalUplift
    time_to_convert: TimeToConvert | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """The cards: delivery in both countings, conversions and revenue of the primary goal."""

    attempted: Counts | Unknown
    sent: Counts
    failed: Counts | Unknown
    sent_rate: Shares
    failure_rate: Shares
    converted_users: int
    converted_people: int
    conversion_events: int
    conversion_rate: Share | None
    revenue: Money | None
    average_order_value: Average | None
    average_revenue_per_user: Average | None
    currency: str | None
    uplift: Change | None
    request_attempts: int | None


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One of the four stages; `share` is of the first stage's total."""

    stage: str
    unique: int | None
    total: int | None
    share: Share | None


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """One line of the error breakdown (`reason` as in the contract)."""

    reason: str
    unique: int
    total: int


@dataclass(frozen=True, slots=True)
class PersonalizationCount:
    """One category; a row counts once in each category it failed in."""

    category: str
    unique: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class PersonalizationOverlap:
    """Audience rows that failed in exactly these categories; the totals of all combinations add up to the headline."""

    categories: tuple[str, ...]
    unique: int
    total: int


@dataclass(frozen=True, slots=True)
class PersonalizationAttribute:
    """One attribute that could not be filled in, as an attribute of one category."""

    attribute: str
    category: str
    unique: int
    total: int


@dataclass(frozen=True, slots=True)
class TrendBucket:
    """One hour, day, week or month in the app's time zone: deliveries and the primary goal's conversions.

    Unique counts are of users within the bucket and do not add up over buckets. `starts_at` is the first moment of
    the bucket that exists; `revenue` is None where the goal has no revenue attribute.
    """

    starts_at: datetime
    label: str
    attempted: Counts | Unknown
    sent: Counts
    failed: Counts | Unknown
    converted_users: int
    converted_people: int
    conversion_events: int
    revenue: Money | None


@dataclass(frozen=True, slots=True)
class Trends:
    """Buckets in order of time, only such as hold anything.

    Deliveries are in the bucket of their clock. Conversions are in the bucket of the event, in `cohort_day` in that of
    the send. Of hours only the latest are listed; `hours_omitted` says how many earlier ones are not.
    """

    day: tuple[TrendBucket, ...] = ()
    hour: tuple[TrendBucket, ...] = ()
    week: tuple[TrendBucket, ...] = ()
    month: tuple[TrendBucket, ...] = ()
    cohort_day: tuple[TrendBucket, ...] = ()
    hours_omitted: int = 0


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """One instance: audience rows, and the primary goal's conversions credited to them; the remainder has no id.

    `first_sent_at` and `last_sent_at` are the earliest and latest send among its rows; None where nothing was sent.
    """

    instance_id: str | None
    users_in_segment: int | None
    attempted: int | None
    sent: int
    failed: int | None
    converted_users: int
    conversion_events: int
    revenue: Money | None
    unaccounted: int
    first_sent_at: datetime | None
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """users_in_segment equals the sum of all the others; always."""

    users_in_segment: int | None
    sent: int
    failed_responses: int | None
    personalization_failed: int | None
    frequency_capped: int | None
    control_group: int | None
    unaccounted: int


@dataclass(frozen=True, slots=True)
class DataQuality:
    """What a reader should know before trusting the numbers. `matured_share` is of sent deliveries.

    `final_at` is when the last window of a sent delivery closes, whether or not only matured rows count, and `final_on`
    the day of that in the app's time zone: from then on nothing can convert. None where nothing was sent.
    """

    contaminated_users: int | None
    matured_share: Share | None
    final_at: datetime | None = None
    final_on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The days, in the app's time zone and both included, whose audience rows count; None: no bound."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a Snapshot was computed from.

    `import` is the number of the latest import whose rows it saw, None where the rows were never imported;
    `definition` the SHA-256 of the campaign's definition; `history` the entry of the campaign book it stood at, and
    that entry's hash, None where the book keeps none; `package` the version that computed it.
    """

    import_: int | None
    definition: str
    history: tuple[int, str] | None
    package: str


@dataclass(frozen=True, slots=True)
class VendorReported:
    """A number as a vendor reports it, beside ours; it enters no other number of the Snapshot.

    `our_metric` is what it is meant to be, None where we have no such metric. `ours` is our number of the same goal
    over the same days, None where there is none or it is unknown. `difference` is theirs less ours, and
    `relative_difference` that over the size of ours. Rates are shares; of money all three are text. Days are None where
    no period is known. `answers` counts the stated numbers that are kept, of which this is the newest; it is 0 where
    the vendor's single conversions were counted.
    """

    vendor: Vendor
    metric: str
    counting: Counting | None
    goal: str | None
    control_group_type: ControlGroupType | None
    starts_on: date | None
    ends_on: date | None
    value: Number | Money
    our_metric: str | None
    goal_id: str | None
    ours: Number | Money | None
    difference: Number | Money | None
    relative_difference: Number | None
    answers: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every number of one campaign as of one instant under one set of rules.

    Lists that data could make endless are cut: what `…_omitted` counts is not listed, and `instances_remainder` sums up
    the instances that are not. `unknown` names the figures that are null because no export tells them.
    """

    campaign_id: str
    analytics_version: AnalyticsVersion
    as_of: datetime | None
    timezone: str
    settings: AppliedSettings
    performance: Performance
    goals: tuple[GoalResult, ...]
    funnel: tuple[FunnelStage, ...]
    errors: tuple[ErrorCount, ...]
    personalization_errors: tuple[PersonalizationCount, ...]
    reconciliation: Reconciliation
    sample_ratio: SampleRatio
    provenance: Provenance
    data_quality: DataQuality
    period: Period | None = None
    personalization_overlap: tuple[PersonalizationOverlap, ...] = ()
    personalization_attributes: tuple[PersonalizationAttribute, ...] = ()
    personalization_attributes_omitted: int = 0
    trends: Trends = Trends()
    instances: tuple[InstanceResult, ...] = ()
    instances_omitted: int = 0
    instances_remainder: InstanceResult | None = None
    unknown: tuple[UnknownMetric, ...] = ()
    vendor_reported: tuple[VendorReported, ...] = ()
    vendor_reported_omitted: int = 0
    # An older campaign's document has no funnel, but shares of its segment are asked for all the same.
    legacy_segment: Counts | None = field(default=None, metadata=NOT_IN_DOCUMENT)

    def with_entry(self, entry: tuple[int, str] | None) -> "Snapshot":
        """The same, of the entry of the campaign book that its definition stood at."""
        return replace(self, provenance=replace(self.provenance, history=entry))

    def why_unknown(self, metric: str) -> str | None:
        """Why the exports cannot tell a metric; None where they can."""
        return next((found.reason for found in self.unknown if found.metric == metric), None)

    @property
    def primary_goal(self) -> GoalResult:
        """The goal the cards show."""
        return next(goal for goal in self.goals if goal.is_primary)
