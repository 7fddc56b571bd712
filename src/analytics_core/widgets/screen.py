"""All that the parts of the explorer draw from, gathered once per change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_core.domain.campaign import Campaign
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.widgets.state import State

if TYPE_CHECKING:
    from analytics_core.views.campaign.timeline import InstanceTimes

Verb = Callable[[State], State]
"""One of State's verbs, applied to what a person chose."""

Act = Callable[[Verb], None]
"""How a part asks the explorer for the next state."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The campaign on the screen: its definition, its numbers and its instances, one entry per run."""

    campaign: Campaign
    snapshot: Snapshot
    instances: "tuple[InstanceTimes, ...]"


@dataclass(frozen=True, slots=True)
class Screen:
    """What the controls show.

    Attributes:
        state: what the person has chosen.
        campaigns: the whole book, in the order of the campaigns' ids.
        timezone: the app's time zone; every shown time is in it.
        refusal: why the last choice changed nothing; empty where it did.
    """

    state: State
    campaigns: tuple[Campaign, ...]
    timezone: str
    refusal: str = ""
