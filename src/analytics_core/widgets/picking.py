"""Which campaigns the picker offers, and how it names them; nothing here knows a widget."""

from collections.abc import Iterable

from analytics_core.domain.campaign import Campaign
from analytics_core.widgets.state import State


def select_campaigns(campaigns: Iterable[Campaign], state: State) -> tuple[Campaign, ...]:
    """The campaigns that pass the filters and contain every searched word, by name, then id.

    A word may stand anywhere in the name, the id, the team or a tag; upper and lower case are the same.
    """
    words = state.query.casefold().split()
    return tuple(sorted((c for c in campaigns if _passes(c, state) and _contains(c, words)), key=_by_name))


def _passes(campaign: Campaign, state: State) -> bool:
    return (state.status is None or campaign.status is state.status) and (
        state.delivery_type is None or campaign.delivery_type is state.delivery_type
    )


def _contains(campaign: Campaign, words: list[str]) -> bool:
    # A separator nobody types keeps a word from matching across two fields.
    text = "\x1f".join((campaign.name, campaign.campaign_id, campaign.team or "", *campaign.tags)).casefold()
    return all(word in text for word in words)


def _by_name(campaign: Campaign) -> tuple[str, str]:
    return campaign.name.casefold(), campaign.campaign_id
