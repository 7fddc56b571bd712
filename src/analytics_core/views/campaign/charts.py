"""The charts of a campaign's page, drawn from its Snapshot to inert SVG with the numbers as alternative text.

Long names are cut on the axes; the table beside a chart has them in full.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from math import floor, log10

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.metrics.catalog import metric, value_of
from analytics_core.metrics.funnel_metrics import USERS_IN_SEGMENT
from analytics_core.snapshot.snapshot import ErrorCount, FunnelStage, GoalResult, Snapshot
from analytics_core.views.forms.labels import NOT_IN_FAILED, reason_label
from analytics_core.views.forms.numbers import count, share
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.forms.texts import cut
from analytics_core.views.forms.theme import BLUE, MUTED, ORANGE, TRACK, VERMILLION, alt, svg_of

_LONGEST_LABEL = 44
_MOST_BARS = 10
_WIDTH = 360
_ROW = 44
_BAR = 15
_BELOW_LABEL = 8
_FAILED = "Counts as failed"
_REMOVED = "Removed, not failed"
_TOTAL = "Total conversions"
_UNIQUE = "Unique conversions"
_LONG_NUMBER = 100_000


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: `number` is its length out of `whole`, `text` stands at its end, `kind` decides its look.

    `row` is where it stands: names may be the same, or look the same once cut.
    """

    row: int
    label: str
    number: float
    whole: float
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Axis:
    """What the bars are measured along: up to `longest`, in shares or in numbers."""

    longest: float
    title: str
    shown_as: ShownAs

    def x(self, field: str) -> alt.X:
        """The position of a bar's end; ticks are 1, 2 or 5 times a power of ten apart, at most six of them."""
        least = self.longest / 5
        power = 10.0 ** floor(log10(least))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))
        if self.shown_as is ShownAs.PERCENTAGE:
            form = f".{max(0, -floor(log10(step)) - 2)}%"
        else:
            step, form = max(step, 1), ",d" if self.longest < _LONG_NUMBER else "~s"
        ticks = [step * place for place in range(int(self.longest / step * (1 + 1e-9)) + 1)]
        axis = alt.Axis(values=ticks, format=form)
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, self.longest], nice=False), title=self.title, axis=axis)


def funnel_chart(snapshot: Snapshot, *, counting: Counting, shown_as: ShownAs) -> Chart | None:
    """The four stages, each against the first; None for campaigns without a funnel or without users."""
    stages = [(metric(stage.stage).label, _count_of_bar(stage, counting)) for stage in snapshot.funnel]
    whole = stages[0][1] if stages else 0
    if not whole:
        return None
    bars = [_bar(row, label, number, whole, shown_as) for row, (label, number) in enumerate(stages)]
    axis = _Axis(bars[0].whole, _users(counting, shown_as), shown_as)
    layers = (
        _marks(bars, color=TRACK).encode(x=axis.x("whole")),
        _marks(bars).encode(x=axis.x("number")),
        _ends(bars, axis, at="whole"),
    )
    return _chart(f"Delivery funnel, users counted {counting.value}", layers, bars)


def errors_chart(snapshot: Snapshot, *, counting: Counting, shown_as: ShownAs) -> Chart | None:
    """One bar per reason, outlined where it does not count as failed, the ten most frequent; None without errors."""
    segment = int(value_of(USERS_IN_SEGMENT, snapshot, counting) or 0)
    shown_as = shown_as if segment else ShownAs.NUMBER  # of older campaigns the unique segment is not known
    bars = [
        replace(
            _bar(row, reason_label(error.reason), _count_of_bar(error, counting), segment, shown_as),
            kind=_REMOVED if error.reason in NOT_IN_FAILED else _FAILED,
        )
        for row, error in enumerate(snapshot.errors[:_MOST_BARS])
    ]
    longest = max((bar.number for bar in bars), default=0)
    if not longest:
        return None
    axis = _Axis(longest, _users(counting, shown_as), shown_as)
    fill = alt.Fill("kind:N", scale=alt.Scale(domain=[_FAILED, _REMOVED], range=[VERMILLION, "transparent"]))
    stroke = alt.Stroke("kind:N", scale=alt.Scale(domain=[_FAILED, _REMOVED], range=[VERMILLION, MUTED]))
    marks = _marks(bars).encode(x=axis.x("number"), fill=fill, stroke=stroke)
    left_out = len(snapshot.errors) - len(bars)
    title = f"Error breakdown, users counted {counting.value}"
    return _chart(f"{title}, the {len(bars)} most frequent" if left_out else title, (marks, _ends(bars, axis)), bars)


def goals_chart(snapshot: Snapshot, *, shown_as: ShownAs) -> Chart | None:
    """Both conversion counts of each goal, or their conversion rates; None where nothing was converted."""
    if shown_as is not ShownAs.PERCENTAGE:
        return _conversions_chart(snapshot.goals)
    rated = [goal for goal in snapshot.goals if goal.conversion_rate is not None]
    bars = [
        _Bar(row, _goal_label(goal), goal.conversion_rate or 0.0, 1, share(goal.conversion_rate))
        for row, goal in enumerate(rated)
    ]
    most = max((bar.number for bar in bars), default=0)
    if not most:
        return None
    axis = _Axis(most, "Share of sent (total)", ShownAs.PERCENTAGE)
    layers = (_marks(bars).encode(x=axis.x("number")), _ends(bars, axis))
    return _chart("Conversion goals, conversion rate", layers, bars)


def _conversions_chart(goals: Sequence[GoalResult]) -> Chart | None:
    most = max(goal.conversion_events for goal in goals)
    if not most:
        return None
    total = [_goal_bar(row, goal, goal.conversion_events, most, "total") for row, goal in enumerate(goals)]
    unique = [_goal_bar(row, goal, goal.converted_users, most, "unique") for row, goal in enumerate(goals)]
    axis = _Axis(most, "Conversions", ShownAs.NUMBER)
    fill = alt.Fill("kind:N", scale=alt.Scale(domain=[_TOTAL, _UNIQUE], range=[ORANGE, BLUE]))
    layers = (
        _marks(total, below=0).encode(x=axis.x("number"), fill=fill),
        _marks(unique, below=_BAR + 2).encode(x=axis.x("number"), fill=fill),
        _ends(total, axis, below=0),
        _ends(unique, axis, below=_BAR + 2),
    )
    return _chart("Conversion goals, total and unique conversions", layers, [*total, *unique], row=_ROW + _BAR + 6)


def _goal_bar(row: int, goal: GoalResult, number: int, most: int, word: str) -> _Bar:
    kind = _TOTAL if word == "total" else _UNIQUE
    return _Bar(row, _goal_label(goal), number, most, f"{count(number)} {word}", kind)


def _goal_label(goal: GoalResult) -> str:
    return f"(P) {cut(goal.name, _LONGEST_LABEL - 4)}" if goal.is_primary else cut(goal.name, _LONGEST_LABEL)


def _users(counting: Counting, shown_as: ShownAs) -> str:
    of = "Share of users in segment" if shown_as is ShownAs.PERCENTAGE else "Users"
    return f"{of} ({counting.value})"


def _count_of_bar(row: FunnelStage | ErrorCount, counting: Counting) -> int:
    """Its count; 0 where that is not known, so that no chart is drawn of it."""
    return (row.unique if counting is Counting.UNIQUE else row.total) or 0


def _bar(row: int, label: str, number: int, whole: int, shown_as: ShownAs) -> _Bar:
    """A count with its share, the one the switch asks for first."""
    name = cut(label, _LONGEST_LABEL)
    if not whole:
        return _Bar(row, name, number, whole, count(number))
    part = number / whole
    if shown_as is ShownAs.PERCENTAGE:
        return _Bar(row, name, part, 1, f"{share(part)} ({count(number)})")
    return _Bar(row, name, number, whole, f"{count(number)} ({share(part)})")


def _rows(bars: Sequence[_Bar]) -> alt.InlineData:
    return alt.InlineData(values=[asdict(bar) for bar in bars])


def _marks(bars: Sequence[_Bar], *, below: float = _BELOW_LABEL, color: str = BLUE) -> alt.Chart:
    marks: alt.Chart = alt.Chart(_rows(bars)).mark_bar(height=_BAR, yOffset=below, color=color, strokeWidth=1.5)
    return marks.encode(y=_y())


def _ends(bars: Sequence[_Bar], axis: _Axis, *, at: str = "number", below: float = _BELOW_LABEL) -> alt.Chart:
    """The figures at the ends of the bars."""
    marks: alt.Chart = alt.Chart(_rows(bars)).mark_text(align="left", dx=7, dy=below)
    return marks.encode(x=axis.x(at), y=_y(), text=alt.Text("text:N"))


def _y() -> alt.Y:
    return alt.Y("row:O", title=None, axis=None)


def _chart(title: str, layers: Iterable[alt.Chart], bars: Sequence[_Bar], *, row: int = _ROW) -> Chart:
    names = list({bar.row: bar for bar in bars}.values())
    # Names stand over the bars, so the longest of them costs the bars no room.
    labels = alt.Chart(_rows(names)).mark_text(align="left", dy=-(_BELOW_LABEL + 3 + (row - _ROW) / 2))
    labels = labels.encode(x=alt.value(0), y=_y(), text=alt.Text("label:N"))
    drawn = alt.LayerChart(layer=[*layers, labels]).properties(width=_WIDTH, height=row * len(names))
    told = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return Chart(title, svg_of(drawn), f"{title}: {told}.")
