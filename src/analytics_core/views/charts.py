"""The charts of a campaign's page, drawn from its Snapshot to inert SVG with the numbers as alternative text.

Long names are cut on the axes; the table beside a chart has them in full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.metrics.snapshot import GoalResult, Snapshot
from analytics_core.views.chart import Chart
from analytics_core.views.labels import NOT_IN_FAILED, STAGES, reason_label
from analytics_core.views.numbers import count, share
from analytics_core.views.texts import cut
from analytics_core.views.theme import BLUE, GREEN, MUTED, SKY, TRACK, VERMILLION, alt, svg_of

_LONGEST_LABEL = 30
_MOST_BARS = 10
_WIDTH = 300
_ROW = 34
_THICKNESS = 0.6
_FAILED = "Counts as failed"
_REMOVED = "Removed, not failed"
_TOTAL = "Total conversions"
_UNIQUE = "Unique conversions"


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: `number` is its length out of `whole`, `text` stands at its end, `kind` decides its look."""

    label: str
    number: float
    whole: float
    text: str
    kind: str = ""


def funnel_chart(snapshot: Snapshot, *, counting: Counting, shown_as: ShownAs) -> Chart | None:
    """The four stages, each against the first; None for campaigns without a funnel or without users."""
    stages = [(STAGES[stage.stage], _counted(stage, counting)) for stage in snapshot.funnel]
    whole = stages[0][1] if stages else 0
    if not whole:
        return None
    bars = [_bar(label, number, whole, shown_as) for label, number in stages]
    rows = _data(bars)
    track = alt.Chart(rows).mark_bar(color=TRACK, height={"band": _THICKNESS})
    filled = alt.Chart(rows).mark_bar(color=BLUE, height={"band": _THICKNESS})
    x = _x("number", bars[0].whole, shown_as, f"Users ({counting.value})", of="users in segment")
    drawn = _layered(
        track.encode(x=_x("whole", bars[0].whole, shown_as, "", of=""), y=_y()),
        filled.encode(x=x, y=_y()),
        _texts(rows, at="whole"),
    )
    return _chart(f"Delivery funnel, users counted {counting.value}", drawn, bars)


def errors_chart(snapshot: Snapshot, *, counting: Counting, shown_as: ShownAs) -> Chart | None:
    """One bar per reason, outlined where it does not count as failed, the ten most frequent; None without errors."""
    segment = _counted(snapshot.funnel[0], counting) if snapshot.funnel else snapshot.reconciliation.users_in_segment
    counted = [(error.reason, _counted(error, counting)) for error in snapshot.errors[:_MOST_BARS]]
    bars = [
        _bar(reason_label(reason), number, segment, shown_as, _REMOVED if reason in NOT_IN_FAILED else _FAILED)
        for reason, number in counted
    ]
    if not bars or not segment:
        return None
    rows = _data(bars)
    looks = {_FAILED: (VERMILLION, VERMILLION), _REMOVED: ("transparent", MUTED)}
    x = _x("number", max(bar.number for bar in bars), shown_as, f"Users ({counting.value})", of="users in segment")
    drawn = _layered(
        alt.Chart(rows)
        .mark_bar(height={"band": _THICKNESS}, strokeWidth=1.5)
        .encode(x=x, y=_y(), fill=_look("fill", looks, 0), stroke=_look("stroke", looks, 1)),
        _texts(rows, at="number"),
    )
    return _chart(f"Error breakdown, users counted {counting.value}", drawn, bars)


def goals_chart(snapshot: Snapshot, *, shown_as: ShownAs) -> Chart | None:
    """Both conversion counts of each goal, or their conversion rates; None where nothing was converted."""
    if shown_as is ShownAs.PERCENTAGE:
        return _rates_chart(snapshot.goals)
    most = max(goal.conversion_events for goal in snapshot.goals)
    bars = [bar for goal in snapshot.goals for bar in _goal_bars(goal, most)]
    if not most:
        return None
    rows = _data(bars)
    looks = {_TOTAL: (SKY, SKY), _UNIQUE: (BLUE, BLUE)}
    offset = alt.YOffset("kind:N", sort=[_TOTAL, _UNIQUE])
    x = _x("number", most, shown_as, "Conversions", of="")
    drawn = _layered(
        alt.Chart(rows).mark_bar().encode(x=x, y=_y(), yOffset=offset, fill=_look("fill", looks, 0)),
        _texts(rows, at="number").encode(yOffset=offset),
    )
    return _chart("Conversion goals, total and unique conversions", drawn, bars)


def _rates_chart(goals: Sequence[GoalResult]) -> Chart | None:
    bars = [
        _Bar(_goal_label(goal), goal.conversion_rate, 1, share(goal.conversion_rate))
        for goal in goals
        if goal.conversion_rate is not None
    ]
    most = max((bar.number for bar in bars), default=0)
    if not most:
        return None
    rows = _data(bars)
    x = _x("number", most, ShownAs.PERCENTAGE, "", of="sent (total)")
    filled = alt.Chart(rows).mark_bar(color=GREEN, height={"band": _THICKNESS}).encode(x=x, y=_y())
    return _chart("Conversion goals, conversion rate", _layered(filled, _texts(rows, at="number")), bars)


def _goal_bars(goal: GoalResult, most: int) -> Iterator[_Bar]:
    label = _goal_label(goal)
    yield _Bar(label, goal.conversion_events, most, f"{count(goal.conversion_events)} total", _TOTAL)
    yield _Bar(label, goal.converted_users, most, f"{count(goal.converted_users)} unique", _UNIQUE)


def _goal_label(goal: GoalResult) -> str:
    return f"{cut(goal.name, _LONGEST_LABEL - 4)} (P)" if goal.is_primary else goal.name


def _counted(row: object, counting: Counting) -> int:
    number: int = getattr(row, counting.value)
    return number


def _bar(label: str, number: int, whole: int, shown_as: ShownAs, kind: str = "") -> _Bar:
    """A count with its share, the one the switch asks for first."""
    part = number / whole if whole else None
    if shown_as is ShownAs.PERCENTAGE:
        return _Bar(label, part or 0.0, 1, f"{share(part)} ({count(number)})", kind)
    return _Bar(label, number, whole, f"{count(number)} ({share(part)})", kind)


def _data(bars: Sequence[_Bar]) -> alt.InlineData:
    """Rows for the drawing; two long names that look alike once cut stay two rows."""
    labels: dict[str, str] = {}
    for name in dict.fromkeys(bar.label for bar in bars):
        short, number = cut(name, _LONGEST_LABEL), 2
        while short in labels.values():
            short, number = f"{cut(name, _LONGEST_LABEL - 4)} ({number})", number + 1
        labels[name] = short
    rows = [{**asdict(bar), "label": labels[bar.label]} for bar in bars]
    return alt.InlineData(values=rows)


def _x(field: str, longest: float, shown_as: ShownAs, title: str, *, of: str) -> alt.X:
    percentage = shown_as is ShownAs.PERCENTAGE
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[0, longest], nice=False),
        title=(f"Share of {of}" if percentage else title) or None,
        axis=alt.Axis(format=".0%" if percentage and longest > 0.1 else ".1%" if percentage else "~s", tickCount=4),  # noqa: PLR2004 - ticks of a tenth need a decimal
    )


def _y() -> alt.Y:
    return alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=230))


def _look(channel: str, looks: dict[str, tuple[str, str]], place: int) -> alt.Fill | alt.Stroke:
    scale = alt.Scale(domain=list(looks), range=[colours[place] for colours in looks.values()])
    return (alt.Fill if channel == "fill" else alt.Stroke)("kind:N", scale=scale)


def _layered(*layers: alt.Chart) -> alt.LayerChart:
    return alt.LayerChart(layer=list(layers))


def _texts(rows: alt.InlineData, *, at: str) -> alt.Chart:
    marks: alt.Chart = alt.Chart(rows).mark_text(align="left", dx=6)
    return marks.encode(x=alt.X(f"{at}:Q"), y=_y(), text=alt.Text("text:N"))


def _chart(title: str, drawn: alt.LayerChart, bars: Sequence[_Bar]) -> Chart:
    height = _ROW * len({bar.label for bar in bars}) * (1.4 if bars[0].kind in {_TOTAL, _UNIQUE} else 1)
    told = "; ".join(f"{cut(bar.label, _LONGEST_LABEL)} {bar.text}" for bar in bars)
    return Chart(title, svg_of(drawn.properties(width=_WIDTH, height=height)), f"{title}: {told}.")
