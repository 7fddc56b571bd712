"""How long after the send the primary goal's credited events happened, drawn as a curve."""

from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.breakdown.trend_charts import HEIGHT, WIDTH
from analytics_core.views.breakdown.trend_tables import percentiles
from analytics_core.views.forms.axes import Spec, named_axis, share_axis, step_of
from analytics_core.views.forms.numbers import duration, share
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.forms.theme import BLUE, MUTED, svg_of

_TITLE = "Time to convert"
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_SHARES = (0.5, 0.75, 0.9, 0.95)


def time_to_convert_chart(snapshot: Snapshot) -> Chart | None:
    """The share of the primary goal's conversions that had come by then, over the window; None without conversions."""
    times = snapshot.primary_goal.time_to_convert
    if times is None:
        return None
    window = times.curve[-1].seconds
    axes = {
        "x": named_axis("from", _ticks(window), window, title="After the send"),
        "y": share_axis("share", 1, title="Share of conversions"),
    }
    half = {"from": times.median_seconds, "share": 0.5, "text": f"half within {duration(times.median_seconds)}"}
    curve = [{"from": 0.0, "share": 0.0}, *({"from": one.seconds, "share": one.share} for one in times.curve)]
    layers = [
        _layer(curve, {"type": "line", "color": BLUE, "strokeWidth": 2}, axes),
        _layer([half], {"type": "rule", "color": MUTED, "strokeDash": [4, 3]}, {"x": axes["x"]}),
        _layer([half], {"type": "point", "filled": True, "size": 60, "color": BLUE, "opacity": 1}, axes),
        _layer([half], {"type": "text", "align": "left", "dx": 8, "dy": 14}, {**axes, "text": {"field": "text"}}),
    ]
    drawn = svg_of({"layer": layers, "width": WIDTH, "height": HEIGHT})
    said = "; ".join(
        f"{share(part)} of conversions within {duration(seconds)}"
        for part, seconds in zip(_SHARES, percentiles(times), strict=True)
    )
    return Chart(_TITLE, drawn, f"{_TITLE}, of a window of {duration(window)}: {said}.")


def _layer(points: list[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": points}, "mark": mark, "encoding": encoding}


def _ticks(window: float) -> dict[float, str]:
    """Places on the axis, in the largest unit of which the window has three; of hours every third, sixth or twelfth."""
    size, unit = next(((size, unit) for size, unit in _UNITS if window >= 3 * size), _UNITS[-1])
    whole = window / size
    step = next((hours for hours in (1, 3, 6, 12) if whole <= 7 * hours), 24) if unit == "h" else step_of(whole, 7)
    step = max(1, round(step))
    return {number * size: f"{number} {unit}" for number in range(0, int(whole + 1e-9) + 1, step)}
