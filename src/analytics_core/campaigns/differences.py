"""What differs between two definitions, field by field, and who made it differ when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as data_field
from datetime import datetime
from typing import Any

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import is_named_value

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a definition that says something else; values are JSON, unmasked.

    Attributes:
        field: its name, dotted where nested; a goal is named by its id, as in `goals.purchase.name`.
        before: what it said; None where it said nothing.
        after: what it says.
    """

    field: str
    before: Any = data_field(repr=False)
    after: Any = data_field(repr=False)


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
    old, new = (dict(_list_paths(campaign)) if campaign else {} for campaign in (before, after))
    paths = dict.fromkeys((*old, *new))
    return tuple(
        FieldChange(".".join(path), old.get(path), new.get(path))
        for path in paths
        if not _is_same(old.get(path), new.get(path))
    )


def list_fields(campaign: Campaign) -> Iterator[tuple[str, Any]]:
    """Every field that says something, dotted where nested, with its JSON value.

    Lists but the goals are one value, and so is an object that says in one field what it holds in another.
    """
    return ((".".join(path), value) for path, value in _list_paths(campaign))


def is_within(field: str, above: str) -> bool:
    """Whether a field is `above`, or a part of it."""
    return field == above or field.startswith(f"{above}.")


def _list_paths(campaign: Campaign) -> Iterator[tuple[_Path, Any]]:
    dumped = campaign.model_dump(mode="json")
    dumped["goals"] = {goal["goal_id"]: goal for goal in dumped["goals"]}
    yield from _leaves(dumped, ())


def _leaves(value: Mapping[str, Any], above: _Path) -> Iterator[tuple[_Path, Any]]:
    for name, item in value.items():
        path = (*above, name)
        if isinstance(item, dict) and item and not is_named_value(item):
            yield from _leaves(item, path)
        elif item is not None and item not in ([], {}):
            yield path, item


def _is_same(one: object, other: object) -> bool:
    """Whether two JSON values are one, at any depth; true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(item, other[name]) for name, item in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
