"""What the explorer shows, in frozen values: what a person has chosen, and what the parts draw from.

Every verb of the state returns the next one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from analytics_core.campaigns.lifecycle import Action
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import Counting, DeliveryType, Grain, ShownAs, Status
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.breakdown.buckets import TrendFigure
from analytics_core.views.campaign.cards import Pins
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES

if TYPE_CHECKING:
    from analytics_core.campaigns.status import CurrentStatus
    from analytics_core.explaining.oddities import Oddities
    from analytics_core.views.campaign.timeline import InstanceTimes


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person asks of a computation.

    Attributes:
        settings: the rules; None: the workspace's.
        known_at: only what had been imported by then counts; None: what the workspace was opened with.
    """

    settings: Settings | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything a person has chosen on the screen.

    Attributes:
        campaign_id: the campaign shown; None where the workspace has none.
        counting: the Total | Unique switch, of the delivery counts.
        shown_as: the Number | Percentage switch.
        pins: the pinned metrics, in the order they were pinned.
        unpinned_hidden: only the pinned metrics are shown; never without a pin.
        query: the words searched for.
        status: only campaigns of this status are offered; None offers all.
        delivery_type: only campaigns of this type are offered; None offers all.
        rules: by which rules the numbers are computed, and from what was known when.
        grain: how long a bucket of the trend is; None: as long as it takes for few of them.
        figure: what the trend is of.
    """

    campaign_id: str | None = None
    counting: Counting = Counting.TOTAL
    shown_as: ShownAs = ShownAs.NUMBER
    pins: Pins = field(default_factory=Pins)
    unpinned_hidden: bool = False
    query: str = ""
    status: Status | None = None
    delivery_type: DeliveryType | None = None
    rules: Rules = field(default_factory=Rules)
    grain: Grain | None = None
    figure: TrendFigure = TrendFigure.DELIVERY

    def picking(self, campaign_id: str | None) -> "State":
        """The same screen for another campaign."""
        return replace(self, campaign_id=campaign_id)

    def counting_as(self, counting: Counting) -> "State":
        """The Total | Unique switch turned to `counting`."""
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

    def offering_all(self) -> "State":
        """The picker offering all campaigns: without a search, without a filter."""
        return replace(self, query="", status=None, delivery_type=None)

    def slicing(self, grain: Grain) -> "State":
        """The trend in buckets of this length."""
        return replace(self, grain=grain)

    def following(self, figure: TrendFigure) -> "State":
        """The trend of another figure."""
        return replace(self, figure=figure)

    def asking(self, rules: "Rules") -> "State":
        """The same screen by other rules."""
        return replace(self, rules=rules)


Verb = Callable[[State], State]
"""One of State's verbs, applied to what a person chose."""

Act = Callable[[Verb], None]
"""How a part asks the explorer for the next state."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The campaign on the screen.

    Attributes:
        campaign: its definition, with the status that holds as of the numbers.
        snapshot: its numbers.
        instances: its runs.
        oddities: what the data shows about the numbers; None where nobody looked.
        current: the status as of the numbers; None where nobody looked.
        refusals: by action why it cannot be taken now, by the clock, by whoever looks; None where it can.
        status_now: the status by the clock.
        definition: the hash of the definition that is shown.
    """

    campaign: Campaign
    snapshot: Snapshot
    instances: "tuple[InstanceTimes, ...]"
    oddities: "Oddities | None" = None
    current: "CurrentStatus | None" = None
    refusals: Mapping[Action, str | None] = field(default_factory=dict)
    status_now: Status | None = None
    definition: str | None = None


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

    A word may stand anywhere in what the picker shows: name, id, team, tags, status or delivery type; upper and lower
    case are the same.
    """
    words = state.query.casefold().split()
    found = []
    for campaign in campaigns:
        passes = state.status in {None, campaign.status} and state.delivery_type in {None, campaign.delivery_type}
        # A separator nobody types keeps a word from matching across two fields.
        status = STATUSES[campaign.status][1] if campaign.status else ""
        words_shown = (status, DELIVERY_TYPES[campaign.delivery_type], *campaign.tags)
        text = "\x1f".join((campaign.name, campaign.campaign_id, campaign.team or "", *words_shown)).casefold()
        if passes and all(word in text for word in words):
            found.append(campaign)
    return tuple(sorted(found, key=lambda campaign: (campaign.name.casefold(), campaign.campaign_id)))
