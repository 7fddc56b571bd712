"""What it takes to declare a metric: what it is called and means, what it is made of, and where it is shown.

A declaration is data. Formulas, cards, tables, documents and explanations are derived from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import ClassVar, Self

from analytics_core.domain.words import AnalyticsVersion, Arm, Counting, Gap, Standing, Vendor, require_every
from analytics_core.snapshot.snapshot import Counts, Shares, Snapshot, Unknown

Value = int | float | Decimal | None
"""One figure of a Snapshot; None is undefined, which is not zero."""

Figure = Callable[[Snapshot], Counts | Unknown | Shares | Value]
"""Finds a metric's figure in a Snapshot."""

BOTH_COUNTINGS = (Counting.UNIQUE, Counting.TOTAL)


class Unit(StrEnum):
    """What a figure is measured in; it decides the format."""

    COUNT = "count"
    SHARE = "share"
    POINTS = "points"
    PROBABILITY = "probability"
    MONEY = "money"
    SECONDS = "seconds"


class Combination(Enum):
    """How two metrics make a third; the formula is written with the labels of both."""

    QUOTIENT = "{0} / {1}"
    CHANGE = "({0} \N{MINUS SIGN} {1}) / {1}"
    DIFFERENCE = "{0} \N{MINUS SIGN} {1}"
    PRODUCT = "{0} \N{MULTIPLICATION SIGN} {1}"


class Group(StrEnum):
    """The heading a metric stands under, in the order of the page."""

    CONVERSION = "Conversion"
    REVENUE = "Revenue"
    DELIVERY = "Delivery"


class Scope(StrEnum):
    """What a figure is of: the campaign, one of its goals, or the comparison of a goal with a control group."""

    CAMPAIGN = "campaign"
    GOAL = "goal"
    ARM = "arm"


class Grain(StrEnum):
    """What one row behind a number is."""

    AUDIENCE_ROW = "audience_row"
    CREDIT = "credit"
    COMPARED_EVENT = "compared_event"
    COMPARED_ROW = "compared_row"
    FIRST_ROW = "first_row"
    INSTANCE = "instance"


class Measure(StrEnum):
    """What of the rows is the number; the names of the sums in `RowSums`."""

    ROWS = "rows"
    USERS = "users"
    INSTANCE_USERS = "instance_users"
    ATTEMPTS = "attempts"
    AMOUNT = "amount"
    MEDIAN = "median_seconds"
    P75 = "p75_seconds"
    P90 = "p90_seconds"
    P95 = "p95_seconds"
    UNACCOUNTED = "unaccounted"


class Basis(StrEnum):
    """Who is compared: who was sent with who was held out, or all as they were drawn."""

    SENT = "sent"
    ASSIGNED = "assigned"


BOTH_ARMS = require_every(Arm, (Arm.TREATED, Arm.CONTROL))


@dataclass(frozen=True, slots=True)
class AudienceRows:
    """A number of audience rows, of those that all the conditions hold of.

    Attributes:
        standings: what became of the rows; empty where that does not matter.
        reason: why they were not sent, as in the error breakdown.
        category: of personalization failures only those of this category.
        contaminated: only rows that were drawn into a control group and requested all the same.
        matured_or_not: rows count whatever the settings say about matured ones.
        with_unaccounted: users of whom no row tells belong to the total.
        measure: what of the rows is the number; None for quotients, whose parts have their own rows.
    """

    grain: ClassVar[Grain] = Grain.AUDIENCE_ROW
    standings: tuple[Standing, ...] = ()
    reason: str | None = None
    category: str | None = None
    contaminated: bool = False
    matured_or_not: bool = False
    with_unaccounted: bool = False
    measure: Measure | None = Measure.ROWS


@dataclass(frozen=True, slots=True)
class Credits:
    """A number of a goal's credits: all, or those whose money has a `flaw` (the column that says so)."""

    grain: ClassVar[Grain] = Grain.CREDIT
    measure: Measure | None = Measure.ROWS
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedRows:
    """How many rows are in arms of a comparison."""

    grain: ClassVar[Grain] = Grain.COMPARED_ROW
    basis: Basis
    arms: tuple[Arm, ...] = BOTH_ARMS
    measure: Measure | None = Measure.ROWS


@dataclass(frozen=True, slots=True)
class ComparedEvents:
    """A number of the events that belong to rows of arms; a quotient unless there is a `measure`."""

    grain: ClassVar[Grain] = Grain.COMPARED_EVENT
    basis: Basis
    arms: tuple[Arm, ...] = BOTH_ARMS
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class FirstRows:
    """A number of how users were drawn: each by the first row that was assigned."""

    grain: ClassVar[Grain] = Grain.FIRST_ROW
    basis: ClassVar[Basis] = Basis.ASSIGNED
    arms: tuple[Arm, ...] = BOTH_ARMS
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class UnaccountedInstances:
    """A number of the instances that declare more users than were logged."""

    grain: ClassVar[Grain] = Grain.INSTANCE
    measure: Measure | None = Measure.UNACCOUNTED


Compared = ComparedRows | ComparedEvents | FirstRows
Rows = AudienceRows | Credits | Compared | UnaccountedInstances
"""What rows a number is made of, in data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The declaration of one metric.

    Attributes:
        name: how programs call it.
        label: how people read it.
        description: one or two sentences.
        unit: what it is measured in.
        group: the heading it stands under.
        scope: what the figure is of.
        figure: where it stands: a path below the Snapshot, the goal or the comparison, as `scope` says, or what finds
            it in the Snapshot; None where it is computed from numerator and denominator.
        made_of: which rows it is made of, and what of them it is.
        gaps: what an export must say for the figure to be known; any of these missing makes it unknown.
        unknown_with: the metrics it is unknown with.
        numerator: the metric above the line, or the first of two; None for base counts.
        denominator: the metric below the line, or the second of two; None for base counts.
        denominator_counting: set where the denominator has this counting whatever the switch says.
        combination: what the formula makes of the two.
        signed: a share that is a change, so it is shown with its sign.
        divided: money that was divided, which documents round to six decimals; other money is an exact sum.
        interval: path below the comparison of its 95 % interval, beside the p-value of the same test; None where
            nothing is tested.
        method: how it comes about beyond its formula.
        sum_of: the metrics it is the sum of.
        countings: the countings it exists in; empty where it has one fixed counting, which `counting_note` tells.
        counting_note: said on the card of a metric with one fixed counting.
        percentage: name of the share shown instead in the percentage view; None keeps number and unit.
        on_card: it has a card; on pages of older campaigns those have one that have a `legacy_label`.
        rank: of its column in the table of campaigns: where there is no room the highest goes first, and 0 stays. None
            where it is no column.
        in_definitions: the page shows it beyond the cards, so that its definitions list it.
        adds_up: the figures of days add up to it.
        stated_as: what vendors call it where they state it.
        on_older_pages: older campaigns have it; no comparison do they have.
        legacy_label: what older campaigns call it; None where they do not show it.
        legacy_description: where older campaigns define it otherwise.
        legacy_counting_note: where older campaigns count it otherwise.
    """

    name: str
    label: str
    description: str
    unit: Unit
    group: Group
    made_of: Rows
    scope: Scope = Scope.CAMPAIGN
    figure: str | Figure | None = None
    gaps: frozenset[Gap] = frozenset()
    unknown_with: tuple[Self, ...] = ()
    numerator: Self | None = None
    denominator: Self | None = None
    denominator_counting: Counting | None = None
    combination: Combination = Combination.QUOTIENT
    signed: bool = False
    divided: bool = False
    interval: str | None = None
    method: str | None = None
    sum_of: tuple[Self, ...] = ()
    countings: tuple[Counting, ...] = ()
    counting_note: str | None = None
    percentage: str | None = None
    on_card: bool = False
    rank: int | None = None
    in_definitions: bool = False
    adds_up: bool = False
    stated_as: tuple[tuple[Vendor, str], ...] = ()
    on_older_pages: bool = True
    legacy_label: str | None = None
    legacy_description: str | None = None
    legacy_counting_note: str | None = None

    @property
    def is_compared(self) -> bool:
        """Whether it is of a comparison with a control group."""
        return isinstance(self.made_of, Compared)

    def exists_in(self, version: AnalyticsVersion) -> bool:
        """Whether campaigns of `version` have it."""
        return version is AnalyticsVersion.CURRENT or (self.on_older_pages and self.scope is not Scope.ARM)

    def has_card_in(self, version: AnalyticsVersion) -> bool:
        """Whether pages of campaigns of `version` show it as a card."""
        return self.legacy_label is not None if version is AnalyticsVersion.LEGACY else self.on_card

    @property
    def formula(self) -> str | None:
        """The formula in the words of the page, such as ``Sent rate = Sent / Attempted``; None for base counts."""
        return self.formula_in(AnalyticsVersion.CURRENT)

    def formula_in(self, version: AnalyticsVersion) -> str | None:
        """The formula in the labels of `version`; None for base counts."""
        below = self.denominator_label_in(version)
        if self.sum_of:
            right = " + ".join(part.label_in(version) for part in self.sum_of)
        elif self.numerator is None or below is None:
            return None
        else:
            right = self.combination.value.format(self.numerator.label_in(version), below)
        return f"{self.label_in(version)} = {right}"

    def label_in(self, version: AnalyticsVersion) -> str:
        """The label of `version`; the current one where older campaigns have none of their own."""
        return (self.legacy_label if version is AnalyticsVersion.LEGACY else None) or self.label

    def description_in(self, version: AnalyticsVersion) -> str:
        """What the metric means on campaigns of `version`."""
        return (self.legacy_description if version is AnalyticsVersion.LEGACY else None) or self.description

    def counting_note_in(self, version: AnalyticsVersion) -> str | None:
        """What the card says about the fixed counting; None for metrics the switch reaches."""
        return (self.legacy_counting_note if version is AnalyticsVersion.LEGACY else None) or self.counting_note

    def denominator_label_in(self, version: AnalyticsVersion) -> str | None:
        """What stands below the line, with its counting where that is fixed; None for base counts."""
        if self.denominator is None:
            return None
        label = self.denominator.label_in(version)
        return f"{label} ({self.denominator_counting.value})" if self.denominator_counting else label
