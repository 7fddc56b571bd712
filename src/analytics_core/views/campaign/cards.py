"""The performance cards of a campaign, in one switch state, and the metrics a person has pinned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs, Verdict, require_every
from analytics_core.metrics.catalog import CATALOG, metric, value_of
from analytics_core.metrics.conversion_metrics import CONVERSION_EVENTS
from analytics_core.metrics.metric import Group, Metric, Unit
from analytics_core.snapshot.comparison import ArmUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.certainty import (
    FROM_FIRST_WEEK,
    Certainty,
    certainty_of,
    estimate_text,
    interval_text,
    name_control_group,
)
from analytics_core.views.campaign.incremental import conversions_sentence
from analytics_core.views.forms.numbers import count, figure, probability
from analytics_core.views.forms.pieces import Note

MAX_PINS = 5
DEFAULT_PINS = ("converted_users", "conversion_rate", "revenue", "sent")
"""What is pinned where nobody chose: in the explorer until somebody does, and in reports."""


class Tone(StrEnum):
    """Which way a badge points; `NONE` where nothing can be told, so that it has neither arrow nor colour."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Badge:
    """A small sign on a card: `text` is short, `detail` says what is compared and how sure that is."""

    text: str
    detail: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Card:
    """One figure as a person sees it.

    Attributes:
        metric: name in the catalog.
        asked: name of the metric whose figure is shown: the same, or its percentage.
        group: the heading it stands under.
        label: what it is called on this campaign's page.
        value: the figure, formatted.
        second: the other view of it with its denominator named, or its fixed counting.
        info: what it means and its formula.
        badge: the uplift on the primary event's card; None elsewhere, and without a control group.
        added: how many of the converted users would not have converted otherwise, beside the badge.
        caveat: the worst warning about it; None where there is none.
    """

    metric: str
    asked: str
    group: Group
    label: str
    value: str
    second: str
    info: str
    badge: Badge | None = None
    added: str | None = None
    caveat: Note | None = None


class TooManyPinsError(AnalyticsError):
    """A sixth metric was to be pinned; nothing changed."""

    def __init__(self) -> None:
        super().__init__("At most five metrics can be pinned; unpin one first.")


@dataclass(frozen=True, slots=True)
class Pins:
    """The pinned metrics, in the order they were pinned; at most `MAX_PINS`."""

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str], allowed: Iterable[str]) -> Self:
        """Pins remembered from before: the first five distinct `names` that are still `allowed`."""
        still = frozenset(allowed)
        return cls(tuple(dict.fromkeys(name for name in names if name in still))[:MAX_PINS])

    def toggle(self, name: str) -> Self:
        """`name` pinned where it was not, unpinned where it was.

        Raises:
            TooManyPinsError: it would be the sixth.
        """
        if name in self.names:
            return type(self)(tuple(pin for pin in self.names if pin != name))
        if len(self.names) >= MAX_PINS:
            raise TooManyPinsError
        return type(self)((*self.names, name))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def card_names(version: AnalyticsVersion) -> tuple[str, ...]:
    """The metrics that have a card, in the order of the page; older campaigns have fewer."""
    return tuple(declared.name for declared in CATALOG.values() if declared.has_card_in(version))


def cards(snapshot: Snapshot, campaign: Campaign, *, counting: Counting, shown_as: ShownAs) -> tuple[Card, ...]:
    """Every card of the campaign's page in one switch state, grouped Conversion, Revenue, Delivery."""
    names = card_names(snapshot.analytics_version)
    made = (_card(metric(name), snapshot, counting, shown_as) for name in names)
    return tuple(_with_uplift(card, snapshot, campaign) for card in made)


def pick_pinned(shown: Iterable[Card], names: Iterable[str]) -> tuple[Card, ...]:
    """The cards of the pinned metrics, in the order they were pinned; a pin without a card is passed over."""
    by_name = {card.metric: card for card in shown}
    return tuple(by_name[name] for name in names if name in by_name)


def _card(declared: Metric, snapshot: Snapshot, counting: Counting, shown_as: ShownAs) -> Card:
    version = snapshot.analytics_version
    rate = metric(declared.percentage) if declared.percentage else None
    main = rate if rate is not None and shown_as is ShownAs.PERCENTAGE else declared
    formulas = (declared.formula_in(version), rate.formula_in(version) if rate else None)
    return Card(
        metric=declared.name,
        asked=main.name,
        group=declared.group,
        label=declared.label_in(version),
        value=figure(value_of(main, snapshot, counting), main, snapshot.performance.currency),
        second=_second(declared, main, snapshot, counting),
        info=" ".join((declared.description_in(version), *(f"{formula}." for formula in formulas if formula))),
    )


def _with_uplift(card: Card, snapshot: Snapshot, campaign: Campaign) -> Card:
    """The primary event's card with what the campaign added."""
    goal = snapshot.primary_goal
    arm = goal.uplift.compared
    if arm is None or card.metric != CONVERSION_EVENTS.name:
        return card
    certainty = certainty_of(snapshot, campaign, arm)
    text = f"{estimate_text(arm, certainty)} uplift, {certainty.word}"
    if certainty.verdict is Verdict.TOO_FEW or certainty.too_early:
        text = f"Uplift: {certainty.word}"
    badge = Badge(
        text=text,
        detail=f"against the {name_control_group(goal)}; {_why_sure(arm, certainty)}",
        tone=_TONES[certainty.verdict] if certainty.verdict else Tone.NONE,
    )
    return replace(card, badge=badge, added=conversions_sentence(snapshot, campaign, goal, arm))


def _second(declared: Metric, main: Metric, snapshot: Snapshot, counting: Counting) -> str:
    """What stands below the figure: a share's terms, a count's share, or how the figure is counted."""
    version = snapshot.analytics_version
    if snapshot.why_unknown(declared.name):
        return "not known: the exports do not say"
    note = declared.counting_note_in(version) or ""
    if main.unit is Unit.SHARE:
        return _terms(main, snapshot, counting)
    if declared.percentage:
        rate = metric(declared.percentage)
        of = f"of {(rate.denominator_label_in(version) or '').lower()}"
        known = not snapshot.why_unknown(rate.name)
        line = f"{figure(value_of(rate, snapshot, counting), rate)} {of}" if known else f"share {of} not known"
        return f"{line} \N{MIDDLE DOT} {note}" if note else line
    if declared.group is Group.REVENUE and snapshot.performance.revenue is None:
        return "no revenue attribute on the primary goal"
    return note


def _terms(rate: Metric, snapshot: Snapshot, counting: Counting) -> str:
    """A share's own terms, such as ``942 of 1,000 attempted``."""
    if rate.numerator is None or rate.denominator is None:
        return ""
    above = figure(value_of(rate.numerator, snapshot, counting), rate.numerator)
    below = value_of(rate.denominator, snapshot, rate.denominator_counting or counting)
    label = rate.denominator_label_in(snapshot.analytics_version) or ""
    return f"{above} of {figure(below, rate.denominator)} {label.lower()}"


_TONES = require_every(
    Verdict,
    {
        Verdict.TOO_FEW: Tone.NONE,
        Verdict.UP: Tone.UP,
        Verdict.DOWN: Tone.DOWN,
        Verdict.UNCERTAIN: Tone.NONE,
    },
)


def _why_sure(arm: ArmUplift, certainty: Certainty) -> str:
    """The interval, or what there is so far."""
    if certainty.too_early:
        return FROM_FIRST_WEEK
    if certainty.verdict is Verdict.TOO_FEW:
        treated = f"{count(arm.treated.converted_users)} of {count(arm.treated.rows)} treated"
        return f"{treated} and {count(arm.converted_users)} of {count(arm.active_targets)} control users converted"
    tested = "" if certainty.daily or arm.p_value is None else f", p {probability(arm.p_value)}"
    return f"{certainty.interval_label} {interval_text(certainty)}{tested}"
