"""What it takes to declare a metric: labels, meaning, unit, terms and countings; formula text is derived from them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Self

from analytics_core.domain.words import AnalyticsVersion, Counting
from analytics_core.snapshot.snapshot import Counts, Shares, Snapshot, Unknown

Value = int | float | Decimal | None
"""One figure of a Snapshot; None is undefined, which is not zero."""

Read = Callable[[Snapshot], Counts | Unknown | Shares | Value]
"""Takes a metric's figure from a Snapshot."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The declaration of one metric.

    Attributes:
        name: how programs call it.
        label: how people read it.
        description: one or two sentences.
        unit: what it is measured in.
        group: the heading it stands under.
        read: takes the figure from a Snapshot; None where it is computed from numerator and denominator.
        numerator: the metric above the line, or the first of two; None for base counts.
        denominator: the metric below the line, or the second of two; None for base counts.
        denominator_counting: set where the denominator has this counting whatever the switch says.
        combination: what the formula makes of the two.
        signed: a share that is a change, so it is shown with its sign.
        sum_of: the metrics it is the sum of.
        countings: the countings it exists in; empty where it has one fixed counting, which `counting_note` tells.
        counting_note: said on the card of a metric with one fixed counting.
        percentage: name of the share shown instead in the percentage view; None keeps number and unit.
        legacy_label: what older campaigns call it; None where they do not show it.
        legacy_description: where older campaigns define it otherwise.
        legacy_counting_note: where older campaigns count it otherwise.
    """

    name: str
    label: str
    description: str
    unit: Unit
    group: Group
    read: Read | None = None
    numerator: Self | None = None
    denominator: Self | None = None
    denominator_counting: Counting | None = None
    combination: Combination = Combination.QUOTIENT
    signed: bool = False
    sum_of: tuple[Self, ...] = ()
    countings: tuple[Counting, ...] = ()
    counting_note: str | None = None
    percentage: str | None = None
    legacy_label: str | None = None
    legacy_description: str | None = None
    legacy_counting_note: str | None = None

    @property
    def formula(self) -> str | None:
        """The formula in the words of the page, such as ``Sent rate = Sent / Attempted``; None for base counts."""
        return self.formula_in(AnalyticsVersion.CURRENT)

    def formula_in(self, version: AnalyticsVersion) -> str | None:
        """The formula in the labels of `version`; None for base counts."""
        right = self._right_side(version)
        return None if right is None else f"{self.label_in(version)} = {right}"

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

    def _right_side(self, version: AnalyticsVersion) -> str | None:
        if self.sum_of:
            return " + ".join(part.label_in(version) for part in self.sum_of)
        below = self.denominator_label_in(version)
        if self.numerator is None or below is None:
            return None
        return self.combination.value.format(self.numerator.label_in(version), below)
