"""The same thing in each state of the two switches, with the states that look alike drawn once.

A page without scripts holds every state; the stylesheet shows the one whose classes are switched on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from analytics_core.domain.words import Counting, ShownAs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Variant(Generic[T]):
    """`item` shown while all of `classes` (separated by spaces) are switched on; always where there are none."""

    classes: str
    item: T


def variants(draw: Callable[[Counting, ShownAs], T]) -> tuple[Variant[T], ...]:
    """What `draw` makes in each of the four states; a switch that changes nothing is not mentioned."""
    items = {(counting, shown_as): draw(counting, shown_as) for counting in Counting for shown_as in ShownAs}
    same_countings = all(items[Counting.UNIQUE, shown] == items[Counting.TOTAL, shown] for shown in ShownAs)
    same_shown = all(items[counting, ShownAs.NUMBER] == items[counting, ShownAs.PERCENTAGE] for counting in Counting)
    found: dict[str, T] = {}
    for (counting, shown_as), item in items.items():
        classes = ("" if same_countings else f"when-{counting} ") + ("" if same_shown else f"when-{shown_as}")
        found.setdefault(classes.strip(), item)
    return tuple(Variant(classes, item) for classes, item in found.items())
