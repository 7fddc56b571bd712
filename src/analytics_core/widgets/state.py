"""What the explorer shows, in frozen values: what a person has chosen, and what the parts draw from.

Every verb of the state returns the next one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Counting, DeliveryType, ShownAs, Status
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import Pins

if TYPE_CHECKING:
    from analytics_core.campaigns.status import CurrentStatus
    from analytics_core.explaining.oddities import Oddities
    from analytics_core.views.campaign.timeline import InstanceTimes


@dataclass(frozen=True, slots=True)
class State:
    """Everything a person has chosen on the screen.

    Attributes:
        campaign_id: the campaign shown; None where the workspace has none.
        counting: the Unique | Total switch, of the delivery counts.
        shown_as: the Number | Percentage switch.
        pins: the pinned metrics, in the order they were pinned.
        unpinned_hidden: only the pinned metrics are shown; never without a pin.
        query: the words searched for.
        status: only campaigns of this status are offered; None offers all.
        delivery_type: only campaigns of this type are offered; None offers all.
    """

    campaign_id: str | None = None
    counting: Counting = Counting.UNIQUE
    shown_as: ShownAs = ShownAs.NUMBER
    pins: Pins = field(default_factory=Pins)
    unpinned_hidden: bool = False
    query: str = ""
    status: Status | None = None
    delivery_type: DeliveryType | None = None

    def picking(self, campaign_id: str | None) -> "State":
        """The same screen for another campaign."""
        return replace(self, campaign_id=campaign_id)

    def counting_as(self, counting: Counting) -> "State":
        """The Unique | Total switch turned to `counting`."""
        return replace(self, counting=counting)

    def showing_as(self, shown_as: ShownAs) -> "State":
        """The Number | Percentage switch turned to `shown_as`."""
        return replace(self, shown_as=shown_as)

    def toggling_pin(self, metric: str) -> "State":
        """`metric` pinned behind the others, or unpinned; with the last pin gone, all metrics are shown again.

        Raises:
            TooManyPinsError: it would be one pin too many.
        """
        pins = self.pins.toggle(metric)
        return replace(self, pins=pins, unpinned_hidden=self.unpinned_hidden and bool(pins))

    def hiding_unpinned(self) -> "State":
        """Only the pinned metrics; without a pin there is nothing to keep, so nothing is hidden."""
        return replace(self, unpinned_hidden=bool(self.pins))

    def showing_all(self) -> "State":
        """All metrics."""
        return replace(self, unpinned_hidden=False)

    def searching(self, query: str) -> "State":
        """The picker searched for `query`; the campaign shown stays."""
        return replace(self, query=query)

    def filtering_status(self, status: Status | None) -> "State":
        """The picker offering only campaigns of `status`, all for None."""
        return replace(self, status=status)

    def filtering_delivery_type(self, delivery_type: DeliveryType | None) -> "State":
        """The picker offering only campaigns of `delivery_type`, all for None."""
        return replace(self, delivery_type=delivery_type)


Verb = Callable[[State], State]
"""One of State's verbs, applied to what a person chose."""

Act = Callable[[Verb], None]
"""How a part asks the explorer for the next state."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The campaign on the screen: its definition, its numbers, its runs, what the data shows, and where it stands."""

    campaign: Campaign
    snapshot: Snapshot
    instances: "tuple[InstanceTimes, ...]"
    oddities: "Oddities | None" = None
    current: "CurrentStatus | None" = None


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


def select_campaigns(campaigns: Iterable[Campaign], state: State) -> tuple[Campaign, ...]:
    """The campaigns that pass the filters and contain every searched word, by name, then id.

    A word may stand anywhere in the name, the id, the team or a tag; upper and lower case are the same.
    """
    words = state.query.casefold().split()
    found = []
    for campaign in campaigns:
        passes = state.status in {None, campaign.status} and state.delivery_type in {None, campaign.delivery_type}
        # A separator nobody types keeps a word from matching across two fields.
        text = "\x1f".join((campaign.name, campaign.campaign_id, campaign.team or "", *campaign.tags)).casefold()
        if passes and all(word in text for word in words):
            found.append(campaign)
    return tuple(sorted(found, key=lambda campaign: (campaign.name.casefold(), campaign.campaign_id)))
