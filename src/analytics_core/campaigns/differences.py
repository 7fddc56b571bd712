"""What differs between two definitions, field by field, and who made it differ when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics_core.domain.campaign import Campaign


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a definition that says something else; values are JSON, unmasked.

    Attributes:
        field: its name, dotted where nested; a goal is named by its id, as in `goals.purchase.name`.
        before: what it said; None where it said nothing.
        after: what it says.
    """

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the campaign book about one campaign.

    Attributes:
        number: of the entry in the book, whose entries are numbered from 1.
        hash: seals it and, with the one before, all entries up to it.
        at: when; None where the book kept no history then.
        by: who, as they said; empty where nobody did.
        act: what was done, as the book has it.
        import_number: the import that did it; None where a person did.
        is_first: whether it is what the campaign began with.
        changes: the fields that it changed, unmasked.
        replaced: fields that people had edited here, and that it replaced.
    """

    number: int
    hash: str
    at: datetime | None
    by: str
    act: str
    import_number: int | None
    is_first: bool
    changes: tuple[FieldChange, ...]
    replaced: tuple[str, ...]


def list_changes(before: Campaign | None, after: Campaign | None) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the definition; of what was not there, or is no more, every field."""
    old, new = (dict(list_fields(campaign)) if campaign else {} for campaign in (before, after))
    names = dict.fromkeys((*old, *new))
    return tuple(
        FieldChange(name, old.get(name), new.get(name)) for name in names if not _is_same(old.get(name), new.get(name))
    )


def list_fields(campaign: Campaign) -> Iterator[tuple[str, Any]]:
    """Every field that says something, dotted where nested, with its JSON value; lists but the goals are one value."""
    dumped = campaign.model_dump(mode="json")
    dumped["goals"] = {goal["goal_id"]: goal for goal in dumped["goals"]}
    yield from _leaves(dumped, "")


def is_within(field: str, above: str) -> bool:
    """Whether a field is `above`, or a part of it."""
    return field == above or field.startswith(f"{above}.")


def _leaves(value: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        field = f"{above}{name}"
        if isinstance(item, dict) and item:
            yield from _leaves(item, f"{field}.")
        elif item is not None and item not in ([], {}):
            yield field, item


def _is_same(one: object, other: object) -> bool:
    """Whether two JSON values are one; true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
