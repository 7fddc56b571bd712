"""What the explorer shows, as one frozen value; every verb returns the next one."""

from dataclasses import dataclass, field, replace

from analytics_core.domain.words import Counting, DeliveryType, ShownAs, Status
from analytics_core.views.campaign.cards import Pins


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
