"""The uplift of every goal over every control group: a line each, and each in full with both arms and both bases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import ControlGroupType, Verdict, require_every
from analytics_core.metrics.incremental_metrics import (
    ASSIGNED_CONTROL_CONVERSION_RATE,
    ASSIGNED_CONTROL_CONVERTED_USERS,
    ASSIGNED_CONTROL_USERS,
    ASSIGNED_DIFFERENCE,
    ASSIGNED_TREATED_CONVERSION_RATE,
    ASSIGNED_TREATED_CONVERTED_USERS,
    ASSIGNED_TREATED_USERS,
    ASSIGNED_UPLIFT,
    INCREMENTAL_CONVERSIONS,
)
from analytics_core.metrics.metric import Metric
from analytics_core.metrics.revenue_metrics import (
    ASSIGNED_CONTROL_REVENUE,
    ASSIGNED_REVENUE_DIFFERENCE,
    ASSIGNED_TREATED_REVENUE,
    INCREMENTAL_REVENUE,
)
from analytics_core.metrics.uplift_metrics import (
    ACTIVE_TARGETS,
    CONTROL_CONVERSION_RATE,
    CONTROL_CONVERTED_USERS,
    DIFFERENCE,
    SMALLEST_DETECTABLE_UPLIFT,
    TREATED_CONVERSION_RATE,
    TREATED_CONVERTED_USERS,
    TREATED_USERS,
    UPLIFT,
)
from analytics_core.snapshot.comparison import ArmFigures, ArmUplift, RevenueFigures
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.campaign.certainty import (
    Certainty,
    Compared,
    by_one_look,
    certainty_of,
    interval_text,
    points_text,
)
from analytics_core.views.campaign.comparison_notes import arms, looks_sentence, rates_sentence
from analytics_core.views.campaign.incremental import amounts, amounts_text
from analytics_core.views.forms.numbers import UNDEFINED, count, money, points, probability, share, share_with_sign
from analytics_core.views.forms.table import Row, RowKind, Table, columns

UPLIFT_TITLE = "Uplift against the control group"
CONTROL_GROUPS = require_every(
    ControlGroupType,
    {
        ControlGroupType.CAMPAIGN: "Campaign",
        ControlGroupType.GLOBAL: "Global",
    },
)
_READING = (
    "Uplift is (treated rate \N{MINUS SIGN} control rate) / control rate, by sent requests; incremental conversions are"
    " by assignment. Users are counted per instance and are the unit of intervals and p-values."
)
_ADJUSTED = "Adjusted p-values allow for all goals tested (Holm)."
_BASES = (
    "By assignment compares everyone due to be sent with everyone drawn into the control group; only this comparison"
    " is protected by the random draw."
)
_ONE_LOOK = " (one look)"
_CAPPED = "Capped: each user's revenue is cut at the 99th percentile."
_INCREMENTAL = "Incremental conversions"
_DROPPABLE = ("Adjusted p", _INCREMENTAL, "Control", "Treated", "p-value")


def goal_name(goal: GoalResult) -> str:
    """The goal's name, with a P before the primary one's."""
    return f"(P) {goal.name}" if goal.is_primary else goal.name


def uplift_table(snapshot: Snapshot, campaign: Campaign) -> Table:
    """One row per goal and control group there is: both arms, the uplift, how sure it is, and what it adds up to."""
    adjusted = _is_adjusted(snapshot)
    tests = ("p-value", "Adjusted p") if adjusted else ("p-value",)
    heading = ("Control group", "Treated", "Control", "Uplift", "95% interval", *tests, "Verdict", _INCREMENTAL)
    sentences = (
        _READING,
        _ADJUSTED if adjusted else None,
        rates_sentence(snapshot),
        looks_sentence(snapshot, campaign),
    )
    several = len({kind for _, kind, _ in arms(snapshot)}) > 1
    return Table(
        title=UPLIFT_TITLE,
        columns=columns("Goal", *heading, texts=["Control group", "Verdict"]),
        rows=tuple(
            _uplift_row(snapshot, goal, kind, arm, _both_certain(snapshot, campaign, arm), adjusted=adjusted)
            for goal, kind, arm in arms(snapshot)
        ),
        note=" ".join(sentence for sentence in sentences if sentence),
        droppable=_DROPPABLE if several else ("Control group", *_DROPPABLE),
    )


@dataclass(frozen=True, slots=True)
class _Bases:
    """How sure a comparison is by sent requests and by assignment."""

    sent: Certainty
    assigned: Certainty


def _both_certain(snapshot: Snapshot, campaign: Campaign, arm: ArmUplift) -> _Bases:
    return _Bases(certainty_of(snapshot, campaign, arm), certainty_of(snapshot, campaign, arm.assigned))


def _is_adjusted(snapshot: Snapshot) -> bool:
    """Whether several goals were tested, so that their p-values are adjusted for each other."""
    return len({goal.goal_id for goal, _, arm in arms(snapshot) if arm.p_value_adjusted is not None}) > 1


def _uplift_row(
    snapshot: Snapshot, goal: GoalResult, kind: ControlGroupType, arm: ArmUplift, bases: _Bases, *, adjusted: bool
) -> Row:
    added = count(arm.assigned.incremental_conversions)
    if bases.assigned.incremental is not None:
        added = f"{added} ({_counts_text(bases.assigned)})"
    asked = [UPLIFT.name] * (5 if adjusted else 4)
    return Row(
        (
            goal_name(goal),
            CONTROL_GROUPS[kind],
            _rate_of(arm.treated),
            _rate_of(arm.control),
            UNDEFINED if bases.sent.verdict is Verdict.TOO_FEW else share_with_sign(arm.uplift),
            interval_text(bases.sent),
            probability(arm.p_value),
            *((probability(arm.p_value_adjusted),) if adjusted else ()),
            _verdict(bases.sent),
            # Below the floor an estimate would be taken for a number.
            UNDEFINED if bases.assigned.verdict is Verdict.TOO_FEW else added,
        ),
        # Of two control groups a number is explained over the one that is compared.
        asks=("", "", *(arm.rate[0].name for arm in (_TREATED, _CONTROL)), *asked, INCREMENTAL_CONVERSIONS.name)
        if arm is goal.uplift.compared
        else (),
        goal=snapshot.goals.index(goal),
    )


def _rate_of(arm: ArmFigures) -> str:
    return f"{share(arm.conversion_rate)} of {count(arm.rows)}"


def _counts_text(certainty: Certainty) -> str:
    interval = certainty.incremental
    return UNDEFINED if interval is None else f"{count(interval[0])} to {count(interval[1])}"


def uplift_details(snapshot: Snapshot, campaign: Campaign) -> tuple[Table, ...]:
    """One table per goal and control group: every figure of the comparison, by sent requests and by assignment."""
    return tuple(_details(snapshot, campaign, goal, kind, arm) for goal, kind, arm in arms(snapshot))


def _details(snapshot: Snapshot, campaign: Campaign, goal: GoalResult, kind: ControlGroupType, arm: ArmUplift) -> Table:
    bases = _both_certain(snapshot, campaign, arm)
    looks = _ONE_LOOK if bases.sent.daily else ""
    contaminated = Row(("contaminated among them", count(0), count(arm.contaminated_rows)), RowKind.DETAIL)
    interval_label, _, interval = _interval_row(arm, bases, _counts_text).cells
    added = _ask(None, INCREMENTAL_CONVERSIONS)
    rows = (
        *_arm_rows("Treated users", arm.treated, arm.assigned.treated, _TREATED),
        *_arm_rows("Control users", arm.control, arm.assigned.control, _CONTROL),
        *([contaminated] if arm.contaminated_rows else []),
        *_uplift_rows(arm, bases, looks, adjusted=_is_adjusted(snapshot)),
        Row((_INCREMENTAL, "", count(arm.assigned.incremental_conversions)), asks=added),
        Row((interval_label, "", interval), RowKind.DETAIL, asks=added),
        *_revenue_rows(arm, goal.currency, looks),
    )
    # Of two control groups a number is explained over the one that is compared.
    place = snapshot.goals.index(goal) if arm is goal.uplift.compared else None
    rows = tuple(replace(row, asks=() if place is None else row.asks, goal=place) for row in rows)
    return Table(
        title=f"{goal_name(goal)}: uplift over the {kind} control group",
        columns=columns("Figure", "By sent requests", "By assignment"),
        rows=rows,
        note=_BASES if arm.revenue is None else f"{_BASES} {_CAPPED}",
        stacks=False,
    )


def _ask(sent: Metric | None, assigned: Metric | None) -> tuple[str, ...]:
    """Whose figures stand in the two columns; None where the catalog has none."""
    return ("", *(metric.name if metric else "" for metric in (sent, assigned)))


@dataclass(frozen=True, slots=True)
class _ArmMetrics:
    """The metrics of an arm, by sent requests and by assignment."""

    users: tuple[Metric, Metric]
    converted: tuple[Metric, Metric]
    rate: tuple[Metric, Metric]


_TREATED = _ArmMetrics(
    (TREATED_USERS, ASSIGNED_TREATED_USERS),
    (TREATED_CONVERTED_USERS, ASSIGNED_TREATED_CONVERTED_USERS),
    (TREATED_CONVERSION_RATE, ASSIGNED_TREATED_CONVERSION_RATE),
)
_CONTROL = _ArmMetrics(
    (ACTIVE_TARGETS, ASSIGNED_CONTROL_USERS),
    (CONTROL_CONVERTED_USERS, ASSIGNED_CONTROL_CONVERTED_USERS),
    (CONTROL_CONVERSION_RATE, ASSIGNED_CONTROL_CONVERSION_RATE),
)


def _arm_rows(label: str, sent: ArmFigures, assigned: ArmFigures, metrics: _ArmMetrics) -> Iterator[Row]:
    def detail(name: str, text: Callable[[ArmFigures], str], asked: tuple[Metric, Metric] | None = None) -> Row:
        return Row((name, text(sent), text(assigned)), RowKind.DETAIL, asks=_ask(*asked) if asked else ())

    yield Row((label, count(sent.rows), count(assigned.rows)), asks=_ask(*metrics.users))
    yield detail("people", lambda arm: count(arm.people))
    yield detail("converted users", lambda arm: count(arm.converted_users), metrics.converted)
    yield detail("converted people", lambda arm: count(arm.converted_people))
    yield detail("conversion rate", lambda arm: share(arm.conversion_rate), metrics.rate)


def _uplift_rows(arm: ArmUplift, bases: _Bases, looks: str, *, adjusted: bool) -> Iterator[Row]:
    def both(text: Callable[[Compared], str]) -> tuple[str, str]:
        return text(arm), text(arm.assigned)

    uplift, difference = _ask(UPLIFT, ASSIGNED_UPLIFT), _ask(DIFFERENCE, ASSIGNED_DIFFERENCE)
    yield Row(("Uplift", *both(lambda one: share_with_sign(one.uplift))), asks=uplift)
    yield replace(_interval_row(arm, bases, interval_text), asks=uplift)
    yield Row(("verdict", _verdict(bases.sent), _verdict(bases.assigned)), RowKind.DETAIL, asks=uplift)
    yield Row((f"p-value{looks}", *both(lambda one: probability(one.p_value))), RowKind.DETAIL, asks=uplift)
    if adjusted:
        cells = (f"p-value over all goals{looks}", probability(arm.p_value_adjusted), "")
        yield Row(cells, RowKind.DETAIL, asks=_ask(UPLIFT, None))
    yield Row(
        ("smallest detectable", *both(lambda one: share_with_sign(one.smallest_detectable_uplift))),
        RowKind.DETAIL,
        asks=_ask(SMALLEST_DETECTABLE_UPLIFT, None),
    )
    yield Row(("Difference", *both(lambda one: points(one.difference))), asks=difference)
    yield replace(_interval_row(arm, bases, lambda shown: points_text(shown.difference)), asks=difference)


def _interval_row(arm: ArmUplift, bases: _Bases, text: Callable[[Certainty], str]) -> Row:
    """Both intervals that screens show; while there are none for daily looks yet, those for one look, named so."""
    if bases.sent.difference or bases.assigned.difference:
        return Row((bases.sent.interval_label, text(bases.sent), text(bases.assigned)), RowKind.DETAIL)
    looks = _ONE_LOOK if bases.sent.daily else ""
    return Row((f"95% interval{looks}", text(by_one_look(arm)), text(by_one_look(arm.assigned))), RowKind.DETAIL)


def _verdict(certainty: Certainty) -> str:
    return f"{certainty.sign}{certainty.word}"


def _revenue_rows(arm: ArmUplift, currency: str | None, looks: str) -> Iterator[Row]:
    """Nothing where no amounts are compared."""
    sent, assigned = arm.revenue, arm.assigned.revenue
    if sent is None and assigned is None:
        return

    def both(text: Callable[[RevenueFigures], str]) -> tuple[str, str]:
        return (UNDEFINED if sent is None else text(sent)), (UNDEFINED if assigned is None else text(assigned))

    interval = f"95% interval{looks}"
    difference = _ask(None, ASSIGNED_REVENUE_DIFFERENCE)
    treated, control, gap = (
        both(lambda one: money(one.treated_per_row, currency)),
        both(lambda one: money(one.control_per_row, currency)),
        both(lambda one: money(one.difference, currency)),
    )
    yield Row(("Revenue per treated user", *treated), asks=_ask(None, ASSIGNED_TREATED_REVENUE))
    yield Row(("Revenue per control user", *control), asks=_ask(None, ASSIGNED_CONTROL_REVENUE))
    yield Row(("Difference in revenue per user", *gap), asks=difference)
    yield Row((interval, *both(lambda one: amounts_text(one.interval, currency))), RowKind.DETAIL, asks=difference)
    yield Row((f"p-value{looks}", *both(lambda one: probability(one.p_value))), RowKind.DETAIL, asks=difference)
    if assigned is None:
        return
    for name, figures in (("Incremental revenue", assigned), ("Incremental revenue, capped", assigned.cut)):
        ends = figures.incremental_interval
        texts = list(amounts((figures.incremental, *(ends or ())), currency))
        asks = _ask(None, INCREMENTAL_REVENUE) if figures is assigned else ()
        yield Row((name, "", texts[0]), asks=asks)
        yield Row((interval, "", " to ".join(texts[1:]) or UNDEFINED), RowKind.DETAIL, asks=asks)
