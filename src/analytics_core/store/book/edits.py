"""What people edited here: what of it an import replaces, and what stays of it when an import is taken back."""

from collections.abc import Collection, Sequence

from analytics_core.campaigns.differences import is_within, list_changes
from analytics_core.campaigns.lifecycle import LOCKED_ALWAYS
from analytics_core.campaigns.review import Reviewed
from analytics_core.domain.campaign import Campaign
from analytics_core.store.book.entries import BookAct, BookEntry, read_definition, write_definition


def list_edited_fields(entries: Sequence[BookEntry]) -> tuple[str, ...]:
    """The fields of a campaign that people changed since an import last said what they are, in order of the definition.

    Args:
        entries: of the campaign, first to last.
    """
    imports = [place for place, entry in enumerate(entries) if not entry.is_by_hand]
    if not entries or not imports or imports[-1] == len(entries) - 1:
        return ()
    before, after = (entries[place].definition for place in (imports[-1], -1))
    if before is None or after is None:
        return ()
    changes = list_changes(read_definition(before).campaign, read_definition(after).campaign)
    return tuple(each.field for each in changes if not any(is_within(each.field, name) for name in LOCKED_ALWAYS))


def list_replaced_edits(entries: Sequence[BookEntry], brought: Campaign) -> tuple[str, ...]:
    """The fields that had been edited here, of which a definition that an import brings says something else."""
    edited = list_edited_fields(entries)
    definition = entries[-1].definition if entries else None
    if not edited or definition is None:
        return ()
    differing = {change.field for change in list_changes(read_definition(definition).campaign, brought)}
    return tuple(field for field in edited if field in differing)


def restore_definition(entries: Sequence[BookEntry], without: Collection[int | None]) -> str | None:
    """The definition that a campaign would have without some imports; None where it would have none.

    What people edited on top of an import that is taken back stays: those fields, and the status.

    Args:
        entries: of the campaign, first to last.
        without: numbers of imports.
    """
    history = [entry for entry in entries if entry.act != BookAct.UNDO]
    imports = [place for place, entry in enumerate(history) if not entry.is_by_hand]
    if not imports or history[imports[-1]].import_number not in without:
        return history[-1].definition if history else None
    below = restore_definition(history[: imports[-1]], without)
    on_top = history[imports[-1] :]
    return below if below is None or len(on_top) == 1 else _carry_edits(below, on_top)


def _carry_edits(below: str, on_top: Sequence[BookEntry]) -> str:
    """The definition `below` with what people changed on top of the entry that is first of the others."""
    base, now = read_definition(below), read_definition(on_top[-1].definition or "").campaign
    document, said = base.campaign.model_dump(mode="json"), now.model_dump(mode="json")
    document["status"] = said["status"]
    for name in list_edited_fields(on_top):
        field, *parts = name.split(".")
        if parts and field not in _WHOLE and document[field] and said[field]:
            document[field][parts[0]] = said[field][parts[0]]
        else:
            document[field] = said[field]
    return write_definition(Reviewed(Campaign.model_validate(document), base.waits_since))


_WHOLE = frozenset({"goals", "trigger"})
"""Fields that are carried as one: a part of them means little alone."""
