"""Which card a warning is about, so that the card can lead to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from analytics_core.metrics.conversion_metrics import CONVERSION_EVENTS
from analytics_core.metrics.metric import Group
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import Card
from analytics_core.views.forms.pieces import Note
from analytics_core.views.summary.result import pick_warnings

_EVERY = frozenset(Group)
_CONVERTED = frozenset({Group.CONVERSION, Group.REVENUE})
_GROUPS: Mapping[str, frozenset[Group]] = {
    "Latest row": _EVERY,
    "Ids": _EVERY,
    "Times": _EVERY,
    "Event name": _CONVERTED,
    "Matured": _CONVERTED,
    "Revenue": frozenset({Group.REVENUE}),
    "Not known": frozenset({Group.DELIVERY}),
}
"""Whose cards each warning is about."""
_OF_THE_UPLIFT = frozenset({"Contamination", "Sample ratio", "Uplift by assignment"})
"""Warnings about what the badge on the primary event's card says."""


def add_caveats(cards: Sequence[Card], shown: Iterable[Note], snapshot: Snapshot) -> tuple[Card, ...]:
    """The cards, each with the worst warning about its number, where there is one; they are of the primary goal."""
    primary = snapshot.primary_goal.goal_id
    warnings = [note for note in pick_warnings(shown) if note.goal_id in {None, primary}]
    return tuple(replace(card, caveat=_find_worst(card, warnings)) for card in cards)


def _find_worst(card: Card, warnings: Iterable[Note]) -> Note | None:
    for note in warnings:
        of_uplift = note.label in _OF_THE_UPLIFT and card.badge and card.metric == CONVERSION_EVENTS.name
        if of_uplift or card.group in _GROUPS.get(note.label, frozenset()):
            return note
    return None
