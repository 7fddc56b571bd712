"""The charts of a campaign's page, drawn from its Snapshot to inert SVG with the numbers as alternative text.

Long names are cut on the axes; the table beside a chart has them in full.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.metrics.catalog import metric, value_of
from analytics_core.metrics.conversion_metrics import CONVERSION_EVENTS, CONVERSION_RATE, CONVERTED_USERS
from analytics_core.metrics.funnel_metrics import USERS_IN_SEGMENT
from analytics_core.snapshot.snapshot import ErrorCount, FunnelStage, GoalResult, Snapshot
from analytics_core.views.forms.axes import Spec, number_axis, share_axis
from analytics_core.views.forms.labels import NOT_IN_FAILED, reason_label
from analytics_core.views.forms.numbers import count, share
from analytics_core.views.forms.pieces import Chart, ChartBar
from analytics_core.views.forms.svg import plot_in
from analytics_core.views.forms.texts import cut
from analytics_core.views.forms.theme import BLUE, MUTED, ORANGE, TRACK, VERMILLION, svg_of

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


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: `number` is its length out of `whole`, `text` stands at its end, `kind` decides its look.

    `row` is where it stands: names may be the same, or look the same once cut. `asks` is the metric whose figure it is,
    of the goal at a place.
    """

    row: int
    label: str
    number: float
    whole: float
    text: str
    kind: str = ""
    asks: str = ""
    goal: int | None = None


@dataclass(frozen=True, slots=True)
class _Axis:
    """What the bars are measured along: up to `longest`, in shares or in numbers."""

    longest: float
    title: str
    shown_as: ShownAs

    def x(self, field: str) -> Spec:
        """The position of a bar's end."""
        if self.shown_as is ShownAs.PERCENTAGE:
            return share_axis(field, self.longest, title=self.title)
        return number_axis(field, 0, self.longest, title=self.title)


def funnel_chart(snapshot: Snapshot, *, counting: Counting, shown_as: ShownAs) -> Chart | None:
    """The four stages, each against the first; None for campaigns without a funnel or without users."""
    stages = [(metric(stage.stage), _count_of_bar(stage, counting)) for stage in snapshot.funnel]
    whole = stages[0][1] if stages else 0
    if not whole:
        return None
    bars = [
        replace(_bar(row, stage.label, number, whole, shown_as), asks=stage.name)
        for row, (stage, number) in enumerate(stages)
    ]
    axis = _Axis(bars[0].whole, _users(counting, shown_as), shown_as)
    layers = (
        _marks(bars, color=TRACK, x=axis.x("whole")),
        _marks(bars, x=axis.x("number")),
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
            asks=error.reason,
        )
        for row, error in enumerate(snapshot.errors[:_MOST_BARS])
    ]
    longest = max((bar.number for bar in bars), default=0)
    if not longest:
        return None
    axis = _Axis(longest, _users(counting, shown_as), shown_as)
    fill = _by_kind((_FAILED, VERMILLION), (_REMOVED, "transparent"))
    stroke = _by_kind((_FAILED, VERMILLION), (_REMOVED, MUTED))
    marks = _marks(bars, x=axis.x("number"), fill=fill, stroke=stroke)
    left_out = len(snapshot.errors) - len(bars)
    title = f"Error breakdown, users counted {counting.value}"
    return _chart(f"{title}, the {len(bars)} most frequent" if left_out else title, (marks, _ends(bars, axis)), bars)


def goals_chart(snapshot: Snapshot, *, shown_as: ShownAs) -> Chart | None:
    """Both conversion counts of each goal, or their conversion rates; None where nothing was converted."""
    if shown_as is not ShownAs.PERCENTAGE:
        return _conversions_chart(snapshot.goals)
    rated = [(place, goal) for place, goal in enumerate(snapshot.goals) if goal.conversion_rate is not None]
    bars = [
        _Bar(
            row,
            _goal_label(goal),
            goal.conversion_rate or 0.0,
            1,
            share(goal.conversion_rate),
            asks=CONVERSION_RATE.name,
            goal=place,
        )
        for row, (place, goal) in enumerate(rated)
    ]
    most = max((bar.number for bar in bars), default=0)
    if not most:
        return None
    axis = _Axis(most, "Share of sent (total)", ShownAs.PERCENTAGE)
    layers = (_marks(bars, x=axis.x("number")), _ends(bars, axis))
    return _chart("Conversion goals, conversion rate", layers, bars)


def _conversions_chart(goals: Sequence[GoalResult]) -> Chart | None:
    most = max(goal.conversion_events for goal in goals)
    if not most:
        return None
    total = [_goal_bar(row, goal, most, Counting.TOTAL) for row, goal in enumerate(goals)]
    unique = [_goal_bar(row, goal, most, Counting.UNIQUE) for row, goal in enumerate(goals)]
    axis = _Axis(most, "Conversions", ShownAs.NUMBER)
    fill = _by_kind((_TOTAL, ORANGE), (_UNIQUE, BLUE))
    layers = (
        _marks(total, below=0, x=axis.x("number"), fill=fill),
        _marks(unique, below=_BAR + 2, x=axis.x("number"), fill=fill),
        _ends(total, axis, below=0),
        _ends(unique, axis, below=_BAR + 2),
    )
    return _chart("Conversion goals, total and unique conversions", layers, [*total, *unique], row=_ROW + _BAR + 6)


def _goal_bar(row: int, goal: GoalResult, most: int, counting: Counting) -> _Bar:
    of_events = counting is Counting.TOTAL
    number = goal.conversion_events if of_events else goal.converted_users
    kind, asked = (_TOTAL, CONVERSION_EVENTS) if of_events else (_UNIQUE, CONVERTED_USERS)
    return _Bar(row, _goal_label(goal), number, most, f"{count(number)} {counting.value}", kind, asked.name, row)


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


def _by_kind(*colors: tuple[str, str]) -> Spec:
    scale = {"domain": [kind for kind, _ in colors], "range": [color for _, color in colors]}
    return {"field": "kind", "type": "nominal", "scale": scale}


def _marks(bars: Sequence[_Bar], *, below: float = _BELOW_LABEL, color: str = BLUE, **encoding: Spec) -> Spec:
    mark = {"type": "bar", "height": _BAR, "yOffset": below, "color": color, "strokeWidth": 1.5}
    return _layer(bars, mark, encoding)


def _ends(bars: Sequence[_Bar], axis: _Axis, *, at: str = "number", below: float = _BELOW_LABEL) -> Spec:
    """The figures at the ends of the bars."""
    mark = {"type": "text", "align": "left", "dx": 7, "dy": below}
    return _layer(bars, mark, {"x": axis.x(at), "text": {"field": "text", "type": "nominal"}})


def _layer(bars: Iterable[_Bar], mark: Spec, encoding: Spec) -> Spec:
    row = {"field": "row", "type": "ordinal", "title": None, "axis": None}
    return {"data": {"values": [asdict(bar) for bar in bars]}, "mark": mark, "encoding": {"y": row, **encoding}}


def _chart(title: str, layers: Iterable[Spec], bars: Sequence[_Bar], *, row: int = _ROW) -> Chart:
    names = list({bar.row: bar for bar in bars}.values())
    # Names stand over the bars, so the longest of them costs the bars no room.
    mark = {"type": "text", "align": "left", "dy": -(_BELOW_LABEL + 3 + (row - _ROW) / 2)}
    labels = _layer(names, mark, {"x": {"value": 0}, "text": {"field": "label", "type": "nominal"}})
    drawn = svg_of({"layer": [*layers, labels], "width": _WIDTH, "height": row * len(names)})
    told = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return Chart(title, drawn, f"{title}: {told}.", _stand(bars, drawn, row))


def _stand(bars: Sequence[_Bar], drawn: str, row: int) -> tuple[ChartBar, ...]:
    """Where each bar stands: all of its row, or of a goal's two bars the upper with the name, or the lower."""
    plot = plot_in(drawn)
    split = row / 2 + _BAR / 2 + 1
    halves = {_TOTAL: (0.0, split), _UNIQUE: (split, float(row))}
    found = []
    for bar in bars:
        begin, end = halves.get(bar.kind, (0.0, float(row)))
        place = (plot.top + bar.row * row + begin) / plot.height
        found.append(ChartBar(bar.asks, f"{bar.label} {bar.text}", place, (end - begin) / plot.height, bar.goal))
    return tuple(found)
