"""The trends of a campaign, drawn from its Snapshot: bars over a true axis of time, incomplete ones hatched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics_core.domain.words import Counting, Grain
from analytics_core.snapshot.snapshot import Snapshot, TrendBucket
from analytics_core.views.breakdown.buckets import Placed, TrendFigure, head_of, list_ticks, place_buckets
from analytics_core.views.forms.axes import Spec, named_axis, number_axis
from analytics_core.views.forms.numbers import count, count_of, money
from analytics_core.views.forms.pieces import Chart, ChartBar
from analytics_core.views.forms.svg import hatch, plot_in
from analytics_core.views.forms.texts import cut
from analytics_core.views.forms.theme import BLUE, GREEN, ORANGE, VERMILLION, svg_of

WIDTH, HEIGHT = 440, 150
_MOST_TOLD = 12
"""Buckets named one by one in the alternative text; of more the table beside the chart has all."""
_LEAST_BUCKETS = 8
_LEAST_WIDTH = 4
"""Pixels of a bucket that can still be pressed; the table has the numbers of narrower ones."""
_GAP = 0.08
_NARROW = 0.28
_TITLES = {TrendFigure.DELIVERY: "Delivery", TrendFigure.CONVERSIONS: "Conversions", TrendFigure.REVENUE: "Revenue"}


@dataclass(frozen=True, slots=True)
class _Series:
    """One kind of bar: the metric, its name, how it looks, and from what to what it reaches in a bucket."""

    asks: str
    label: str
    color: str
    reach: tuple[tuple[float, float], ...]
    gap: float = _GAP


def trend_chart(
    snapshot: Snapshot, grain: Grain, figure: TrendFigure, *, counting: Counting = Counting.TOTAL
) -> Chart | None:
    """One figure over time; None where there is nothing to draw.

    Args:
        snapshot: safe to show.
        grain: how long a bucket is.
        figure: deliveries in `counting`; events and users of the primary goal; its revenue.
        counting: of deliveries only. Unique ones are drawn so that they add up to the attempted users: those who were
            also sent something are drawn as sent only.
    """
    placed = place_buckets(snapshot, grain)
    series = list(_series(snapshot, placed, figure, counting))
    ends = [end for one in series for reach in one.reach for end in reach]
    if not any(ends):
        return None
    title = f"{_TITLES[figure]} by {grain}"
    if figure is TrendFigure.DELIVERY:
        title += f", users counted {counting}"
    ticks = {tick.place: tick.label for tick in list_ticks(placed, grain)}
    # A few buckets are no wider than of many.
    until = max(placed[-1].end, _LEAST_BUCKETS * (placed[0].end - placed[0].start))
    across = named_axis("from", ticks, until)
    up = number_axis(
        "low",
        min(0.0, *ends),
        max(0.0, *ends),
        title=_axis_title(snapshot, figure, counting),
        whole=figure is not TrendFigure.REVENUE,
    )
    domain = {"domain": [one.label for one in series], "range": [one.color for one in series]}
    legend = {"fill": {"field": "kind", "type": "nominal", "scale": domain, "legend": {"symbolStrokeWidth": 0}}}
    layers = [layer for one in series for layer in _layers(placed, one, {"x": across, "y": up}, legend)]
    drawn = svg_of({"layer": layers, "width": WIDTH, "height": HEIGHT})
    told = [_tell(snapshot, one, figure, counting) for one in placed]
    most = max(range(len(placed)), key=lambda place: series[0].reach[place][1])
    bars = tuple(_stand(placed, told, series, grain, drawn, until))
    return Chart(title, drawn, f"{title}: {_describe(told, most)}", bars)


def _axis_title(snapshot: Snapshot, figure: TrendFigure, counting: Counting) -> str:
    match figure:
        case TrendFigure.DELIVERY:
            return f"Users ({counting})"
        case TrendFigure.CONVERSIONS:
            return "Conversions"
        case TrendFigure.REVENUE:
            currency = snapshot.primary_goal.currency
            return f"Revenue ({cut(currency, 12)})" if currency else "Revenue"


def _series(snapshot: Snapshot, placed: Sequence[Placed], figure: TrendFigure, counting: Counting) -> Iterator[_Series]:
    buckets = [one.bucket for one in placed]

    def label(name: str) -> str:
        return head_of(name, snapshot.analytics_version)

    match figure:
        case TrendFigure.DELIVERY:
            sent = [_counted(one, "sent", counting) or 0 for one in buckets]
            attempted = [_counted(one, "attempted", counting) for one in buckets]
            yield _Series("sent", label("sent"), BLUE, tuple((0, number) for number in sent))
            if None not in attempted:
                only = " only" if counting is Counting.UNIQUE else ""
                reach = zip(sent, (number or 0 for number in attempted), strict=True)
                yield _Series("failed", f"{label('failed')}{only}", VERMILLION, tuple(reach))
        case TrendFigure.CONVERSIONS:
            events = tuple((0, one.conversion_events) for one in buckets)
            yield _Series("conversion_events", label("conversion_events"), ORANGE, events)
            users = tuple((0, one.converted_users) for one in buckets)
            yield _Series("converted_users", label("converted_users"), BLUE, users, gap=_NARROW)
        case TrendFigure.REVENUE:
            yield _Series("revenue", label("revenue"), GREEN, tuple((0.0, float(one.revenue or 0)) for one in buckets))


def _counted(bucket: TrendBucket, name: str, counting: Counting) -> int | None:
    number: int | None = getattr(getattr(bucket, name), counting.value)
    return number


def _layers(placed: Sequence[Placed], series: _Series, axes: Spec, legend: Spec) -> Iterator[Spec]:
    """Complete bars, and incomplete ones hatched, which are in no legend."""
    bars = [
        {
            "from": one.start + series.gap * (one.end - one.start),
            "to": one.end - series.gap * (one.end - one.start),
            "low": low,
            "high": high,
            "kind": series.label,
            "partial": one.is_partial,
        }
        for one, (low, high) in zip(placed, series.reach, strict=True)
        if low != high
    ]
    position = {**axes, "x2": {"field": "to"}, "y2": {"field": "high"}}
    whole = [bar for bar in bars if not bar["partial"]]
    # However short a bucket is beside the whole, its bar is seen.
    mark = {"type": "bar", "stroke": series.color, "strokeWidth": 0.6}
    yield {"data": {"values": whole}, "mark": mark, "encoding": {**position, **legend}}
    if len(whole) < len(bars):
        mark = {"type": "bar", "fill": hatch(series.color), "stroke": series.color}
        yield {"data": {"values": [bar for bar in bars if bar["partial"]]}, "mark": mark, "encoding": position}


def _stand(
    placed: Sequence[Placed], told: Sequence[str], series: Sequence[_Series], grain: Grain, drawn: str, until: float
) -> Iterator[ChartBar]:
    """Where each bucket stands, which asks for the first of its figures; none where they are too narrow to be met."""
    plot, unit = plot_in(drawn), WIDTH / until
    if unit * min(one.end - one.start for one in placed) < _LEAST_WIDTH:
        return
    for place, (one, text) in enumerate(zip(placed, told, strict=True)):
        asks = next((kind.asks for kind in series if kind.reach[place][0] != kind.reach[place][1]), None)
        if asks is not None:
            yield ChartBar(
                asks,
                text,
                top=plot.top / plot.height,
                height=HEIGHT / plot.height,
                left=(plot.left + unit * one.start) / plot.width,
                width=unit * (one.end - one.start) / plot.width,
                part=f"{grain} {place}",
            )


def _describe(told: Sequence[str], most: int) -> str:
    """The numbers of few buckets; of many those of the first, the greatest, which is the `most`-th, and the last."""
    if len(told) <= _MOST_TOLD:
        return f"{'; '.join(told)}."
    return f"{count(len(told))} of them, from {told[0]} to {told[-1]}; most {told[most]}. The table beside has each."


def _tell(snapshot: Snapshot, one: Placed, figure: TrendFigure, counting: Counting) -> str:
    """A bucket's name and its numbers."""
    bucket, name = one.bucket, one.title
    match figure:
        case TrendFigure.DELIVERY:
            sent, failed = (_counted(bucket, metric, counting) for metric in ("sent", "failed"))
            return f"{name} {count(sent)} sent" + ("" if failed is None else f", {count(failed)} failed")
        case TrendFigure.CONVERSIONS:
            users = count_of(bucket.converted_users, "converted user")
            return f"{name} {count_of(bucket.conversion_events, 'conversion event')} of {users}"
        case TrendFigure.REVENUE:
            return f"{name} {money(bucket.revenue, snapshot.primary_goal.currency)}"
