"""What the numbers of a comparison with a control group come from: both arms, interval, p-value and method."""

from collections.abc import Iterator

from analytics_core.domain.words import ControlGroupType, require_every
from analytics_core.explaining.compared_figures import ComparedFigures, Tested, compare_arms
from analytics_core.explaining.explanation import Explanation
from analytics_core.metrics.delivery_metrics import SAMPLE_RATIO
from analytics_core.metrics.metric import Basis, Metric, Unit
from analytics_core.snapshot.comparison import SampleRatio
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, figure, money, points, probability, share
from analytics_core.views.forms.table import Row, Table, columns
from analytics_core.views.forms.texts import wrap

_SCORE_TEST = "clustered Miettinen\N{EN DASH}Nurminen score test"
_ONE_TEST = "with the user as the unit; p-value and interval are of the same test."
OF_RATES = f"C{_SCORE_TEST[1:]}, {_ONE_TEST}"
FOR_DAILY_LOOKS = (
    "The interval for daily looks is an asymptotic confidence sequence, valid no matter how often one looks."
)
OF_AMOUNTS = f"Clustered score test on scaled amounts, {_ONE_TEST}"
_BASES = require_every(Basis, {Basis.SENT: "by sent requests", Basis.ASSIGNED: "by assignment"})
_GROUPS = require_every(
    ControlGroupType,
    {
        ControlGroupType.CAMPAIGN: "the campaign's control group",
        ControlGroupType.GLOBAL: "the global control group",
    },
)
_PLACES = require_every(Basis, {Basis.SENT: "in neither arm", Basis.ASSIGNED: "in the control arm"})


def method_of(metric: Metric, figures: ComparedFigures | None) -> str | None:
    """How a number of a comparison comes about beyond its formula; None for plain counts and rates."""
    if metric.method is not None:
        return metric.method
    if figures is None or figures.tested is None:
        return None
    if metric.unit is Unit.MONEY:
        return OF_AMOUNTS
    return f"{OF_RATES} {FOR_DAILY_LOOKS}" if figures.tested.always_valid_interval else OF_RATES


def comparison_blocks(explanation: Explanation, width: int | None) -> Iterator[str]:
    """Both arms, how sure the number is, and the method; nothing for numbers of no comparison."""
    yield from (fit_text(table, width) for table in comparison_tables(explanation))
    method = method_of(explanation.question.metric, compare_arms(explanation.question.metric, explanation.snapshot))
    if method:
        yield f"{wrap(f'Method: {method}', width)}\n"


def comparison_tables(explanation: Explanation) -> Iterator[Table]:
    """Both arms, and how sure the number is; nothing for numbers of no comparison."""
    metric, snapshot = explanation.question.metric, explanation.snapshot
    currency = snapshot.performance.currency
    figures = compare_arms(metric, snapshot)
    if figures is not None:
        yield arms_table(figures, currency)
        if figures.tested is not None:
            yield _certainty_table(figures.tested, metric, currency)
    if metric is SAMPLE_RATIO:
        yield _draw_table(snapshot.sample_ratio)


def arms_table(figures: ComparedFigures, currency: str | None) -> Table:
    """One row per arm: its size, its conversions, and what it brought where the goal earns."""
    revenue, contaminated = figures.gain.revenue, figures.contaminated_rows
    brought = (revenue.treated_per_row, revenue.control_per_row) if revenue else (None, None)
    heading = ["Rows", "People", "Converted users", "Converted people", "Conversion rate"]
    arms = (("Treated", figures.gain.treated, brought[0]), ("Control", figures.gain.control, brought[1]))
    rows = []
    for name, arm, per_row in arms:
        sizes = map(count, (arm.rows, arm.people, arm.converted_users, arm.converted_people))
        earned = [money(per_row, currency)] if revenue else []
        rows.append(Row((name, *sizes, share(arm.conversion_rate), *earned)))
    were, they_are = ("was", "it is") if contaminated == 1 else ("were", "they are")
    note = (
        f"{count_of(contaminated, 'row')} {were} drawn into this control group but requested anyway: {they_are}"
        f" {_PLACES[figures.basis]}."
    )
    return Table(
        title=f"Both arms, {_BASES[figures.basis]}, against {_GROUPS[figures.group]}",
        columns=columns("Arm", *heading, *(["Revenue per row"] if revenue else [])),
        rows=tuple(rows),
        note=note if contaminated else None,
        droppable=("Converted people", "People"),
    )


def _certainty_table(tested: Tested, metric: Metric, currency: str | None) -> Table:
    daily, adjusted = tested.always_valid_interval, tested.p_value_adjusted
    one_look = " for one look" if daily else ""
    interval = UNDEFINED
    if tested.interval is not None:
        low, high = tested.interval
        bound = "no upper bound" if high is None else figure(high, metric, currency)
        interval = f"{figure(low, metric, currency)} to {bound}"
    lines = [
        (f"95% interval{one_look}", interval),
        *([("Difference, interval for daily looks", " to ".join(map(points, daily)))] if daily else []),
        (f"p-value{one_look}", probability(tested.p_value)),
        *([("p-value, adjusted over the goals (Holm)", probability(adjusted))] if adjusted is not None else []),
    ]
    return Table("How sure", columns("Figure", "Value"), tuple(map(Row, lines)))


def _draw_table(ratio: SampleRatio) -> Table:
    """Who was drawn, beside what was declared."""
    drawn = ratio.observed_users / ratio.users if ratio.users and ratio.observed_users is not None else None
    lines = (
        ("Users, each by the first row", count(ratio.users)),
        ("Drawn into the control group", count(ratio.observed_users)),
        ("Share drawn", share(drawn)),
        ("Share declared", share(ratio.declared)),
        ("Share drawn over all rows", share(ratio.observed_rows)),
    )
    return Table("Drawn and declared", columns("Figure", "Value"), tuple(map(Row, lines)))
