"""The history of a campaign of a workspace, and what changed since it was last approved."""

from datetime import datetime

from analytics_core.campaigns.differences import FieldChange, HistoryEntry, is_within, list_changes
from analytics_core.campaigns.fingerprint import COVERED
from analytics_core.campaigns.review import is_approved
from analytics_core.domain.campaign import Campaign
from analytics_core.store.book.edits import list_replaced_edits
from analytics_core.store.book.entries import BookEntry, read_definition
from analytics_core.workspace.workspace import Workspace


def read_history(workspace: Workspace, campaign_id: str) -> tuple[HistoryEntry, ...]:
    """Every change of a campaign's definition, first to last.

    Raises:
        UnknownNameError: the book never had such a campaign.
        WorkspaceError: an entry of the book is not what was written.
    """
    entries = workspace.history(campaign_id)
    return tuple(_describe(entries[:place], entry) for place, entry in enumerate(entries))


def list_changes_since_approval(workspace: Workspace, campaign_id: str) -> tuple[FieldChange, ...] | None:
    """What an approval would cover and was changed since somebody last approved; None where nobody ever did."""
    definitions = [_campaign(entry) for entry in workspace.history(campaign_id)]
    approved = [each for each in definitions if each is not None and is_approved(each)]
    now = definitions[-1] if definitions else None
    if not approved:
        return None
    changes = list_changes(approved[-1], now)
    return tuple(change for change in changes if any(is_within(change.field, name) for name in COVERED))


def _describe(before: tuple[BookEntry, ...], entry: BookEntry) -> HistoryEntry:
    earlier, campaign = _campaign(before[-1]) if before else None, _campaign(entry)
    by_import = not entry.is_by_hand
    return HistoryEntry(
        number=entry.number,
        hash=entry.hash,
        at=datetime.fromisoformat(entry.at) if entry.at else None,
        by=entry.by,
        act=entry.act,
        import_number=entry.import_number,
        is_first=not before,
        changes=list_changes(earlier, campaign),
        replaced=list_replaced_edits(before, campaign) if campaign and by_import else (),
    )


def _campaign(entry: BookEntry) -> Campaign | None:
    return None if entry.definition is None else read_definition(entry.definition).campaign
