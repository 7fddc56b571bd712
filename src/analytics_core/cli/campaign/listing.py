"""Which campaigns a list shows, and in which order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from analytics_core.cli.options import with_options
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import DeliveryType, Status
from analytics_core.metrics.catalog import value_of
from analytics_core.snapshot.snapshot import Snapshot

T = TypeVar("T")


class Sort(StrEnum):
    """What a list is in the order of; figures have the greatest first."""

    ID = "id"
    NAME = "name"
    STATUS = "status"
    UPDATED = "updated"
    SENT = "sent"
    CONVERSION_RATE = "conversion_rate"
    REVENUE = "revenue"


_FIGURES = frozenset({Sort.SENT, Sort.CONVERSION_RATE, Sort.REVENUE})
StatusOption = Annotated[list[Status] | None, typer.Option("--status", help="Only of this status; may be repeated.")]
TypeOption = Annotated[list[DeliveryType] | None, typer.Option("--type", help="Only of this delivery type.")]
TagOption = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only with this tag.")]
TeamOption = Annotated[list[str] | None, typer.Option("--team", metavar="TEAM", help="Only of this team.")]
SearchOption = Annotated[
    str | None, typer.Option("--search", metavar="TEXT", help="Only with every word in name, id, team or tags.")
]
SortOption = Annotated[Sort, typer.Option("--sort", help="In which order; figures have the greatest first.")]


@dataclass(frozen=True)
class Listing:
    """Which campaigns are listed in which order, as the options give it."""

    status: StatusOption = None
    type: TypeOption = None
    tag: TagOption = None
    team: TeamOption = None
    search: SearchOption = None
    sort: SortOption = Sort.ID

    def choose(self, snapshots: Sequence[Snapshot], campaigns: Mapping[str, Campaign]) -> list[Snapshot]:
        """The Snapshots of the campaigns that are asked for, in the order that is asked for; ties by id.

        Args:
            snapshots: in the order of their ids.
            campaigns: their definitions with the status that holds, by id.
        """
        chosen = [each for each in snapshots if self._has(campaigns[each.campaign_id])]
        if self.sort in _FIGURES:
            figures = {each.campaign_id: value_of(self.sort.value, each) for each in chosen}
            chosen.sort(key=lambda each: figures[each.campaign_id] or 0, reverse=True)
            chosen.sort(key=lambda each: figures[each.campaign_id] is None)
        elif self.sort is not Sort.ID:
            is_latest_first = self.sort is Sort.UPDATED
            chosen.sort(key=lambda each: _text(campaigns[each.campaign_id], self.sort), reverse=is_latest_first)
        return chosen

    def _has(self, campaign: Campaign) -> bool:
        tags, team = {tag.casefold() for tag in campaign.tags}, (campaign.team or "").casefold()
        told = " ".join((campaign.name, campaign.campaign_id, campaign.team or "", *campaign.tags)).casefold()
        return (
            (not self.status or campaign.status in self.status)
            and (not self.type or campaign.delivery_type in self.type)
            and (not self.tag or any(tag.casefold() in tags for tag in self.tag))
            and (not self.team or any(one.casefold() == team for one in self.team))
            and all(word in told for word in (self.search or "").casefold().split())
        )


def with_listing(command: Callable[..., T]) -> Callable[..., T]:
    """A command of which the parameter `listing` is given as the options of its fields."""
    return with_options(command, "listing", Listing)


def _text(campaign: Campaign, sort: Sort) -> str:
    """What a list is ordered by where that is no figure."""
    match sort:
        case Sort.NAME:
            return campaign.name.casefold()
        case Sort.STATUS:
            return campaign.status.value if campaign.status else ""
        case _:
            updated = campaign.updated_at or campaign.created_at
            return updated.astimezone(UTC).isoformat() if updated else ""
