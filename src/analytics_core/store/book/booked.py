"""What the campaign book hands out: definitions as it has them, and what definitions changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from analytics_core.campaigns.review import Reviewed, import_definition, is_decided
from analytics_core.domain.campaign import Campaign
from analytics_core.store.book.entries import BookEntry, read_definition
from analytics_core.store.commits import Commit


@dataclass(frozen=True, slots=True)
class BookChanges:
    """What definitions change.

    Attributes:
        changed: how many are new or say something new.
        unchanged: how many do not.
        token: the mark they are staged with.
        replaced: by campaign the fields that had been edited here and say something else now.
    """

    changed: int
    unchanged: int
    token: str | None
    replaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookedCampaign:
    """A definition as the book has it.

    Attributes:
        campaign: the definition.
        entry: number and hash of the entry of the history that made it; None where the book keeps no history yet.
        waits_since: since when it waits for a decision (see `Reviewed`).
    """

    campaign: Campaign
    entry: tuple[int, str] | None
    waits_since: datetime | None = None

    @property
    def reviewed(self) -> Reviewed:
        """The definition as actions take it."""
        return Reviewed(self.campaign, self.waits_since)


def read_booked(entry: BookEntry, definition: str) -> BookedCampaign:
    """The campaign that an entry with a definition says."""
    reviewed = read_definition(definition)
    return BookedCampaign(reviewed.campaign, (entry.number, entry.hash), reviewed.waits_since)


def read_reviewed(entry: BookEntry) -> Reviewed:
    """The definition of an entry that has one."""
    return read_definition(entry.definition or "")


def change_staged(
    before: Reviewed | None, definition: str | None, at: datetime, *, is_restored: bool
) -> Reviewed | None:
    """What a definition that an import brought, or that comes back when one is taken out, makes of a campaign."""
    if definition is None:
        return None
    brought = read_definition(definition)
    after = import_definition(before, brought.campaign, at, is_restored=is_restored)
    if is_decided(after.campaign.approval):
        return after
    return Reviewed(after.campaign, after.waits_since or brought.waits_since)


def read_first(connection: sa.Connection) -> tuple[BookedCampaign, ...]:
    """The definitions of a book of version 0.1, or of a database without any table."""
    if not sa.inspect(connection).has_table("campaigns"):
        return ()
    found = [
        Campaign.model_validate_json(row[0]) for row in connection.exec_driver_sql("SELECT definition FROM campaigns")
    ]
    # A database may collate ids in its own way; the order of code points is ours everywhere.
    return tuple(BookedCampaign(campaign, None) for campaign in sorted(found, key=lambda found: found.campaign_id))


def list_landed(commit: Commit) -> dict[int, str]:
    """When each import landed, by its number."""
    return {each.number: each.at for each in commit.history}
