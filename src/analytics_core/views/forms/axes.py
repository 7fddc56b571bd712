"""Where the ticks of an axis stand: 1, 2 or 5 times a power of ten apart, and how their numbers are written."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

Spec = dict[str, Any]
"""A part of a chart in Vega-Lite."""

_MOST_STEPS = 5
_LONG_NUMBER = 100_000


def step_of(span: float, most: int = _MOST_STEPS) -> float:
    """The distance between the ticks of an axis as long as `span`, which is more than 0: at most so many fit."""
    least = span / most
    power = 10.0 ** floor(log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def number_axis(field: str, low: float, high: float, *, title: str, whole: bool = True) -> Spec:
    """An axis from `low` (0 or less) to `high`; of `whole` numbers no tick is a fraction."""
    step = step_of(high - low)
    if whole:
        step = max(step, 1)
    ticks = _ticks(low, high, step)
    form = _number_format(step, max(high, -low))
    axis = {"values": ticks, "format": form, "title": title}
    return {"field": field, "type": "quantitative", "scale": _scale(low, high), "axis": axis}


def share_axis(field: str, longest: float, *, title: str) -> Spec:
    """An axis of shares from 0 to `longest`, in per cent."""
    step = step_of(longest)
    form = f".{max(0, -floor(log10(step)) - 2)}%"
    axis = {"values": _ticks(0, longest, step), "format": form, "title": title}
    return {"field": field, "type": "quantitative", "scale": _scale(0, longest), "axis": axis}


def named_axis(field: str, ticks: Mapping[float, str], until: float, *, title: str | None = None) -> Spec:
    """An axis from 0 to `until` on which only the places of `ticks` have a name. The names are ours, never data's."""
    names = ",".join(f"'{place:g}':'{name}'" for place, name in ticks.items())
    axis: Spec = {"values": list(ticks), "labelExpr": f"{{{names}}}[datum.value]", "title": title, "grid": False}
    axis |= {"labelOverlap": "greedy", "labelSeparation": 4}
    return {"field": field, "type": "quantitative", "scale": _scale(0, until), "axis": axis}


def _scale(low: float, high: float) -> Spec:
    return {"domain": [low, high], "nice": False, "zero": False}


def _ticks(low: float, high: float, step: float) -> Sequence[float]:
    first, last = ceil(low / step * (1 + 1e-9)), floor(high / step * (1 + 1e-9))
    return [step * place for place in range(first, last + 1)]


def _number_format(step: float, longest: float) -> str:
    if longest >= _LONG_NUMBER:
        return "~s"
    return ",d" if step >= 1 else ",.6~f"
