"""What the history of the campaign book is made of: one entry a change, each sealed with the hash of the one before."""

import getpass
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from analytics_core.campaigns.review import Reviewed
from analytics_core.domain.campaign import Campaign

FIRST_HASH = ""
"""What stands for the hash before the first entry."""


class BookAct(StrEnum):
    """What changed a definition."""

    CARRIED = "carried"
    """It was there when the book began to keep a history."""
    IMPORT = "import"
    UNDO = "undo"
    EDIT = "edit"
    DUPLICATE = "duplicate"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"


_BY_IMPORTS = frozenset({BookAct.CARRIED, BookAct.IMPORT, BookAct.UNDO})
"""What no person did to a definition itself."""


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One change of one campaign's definition.

    Attributes:
        number: 1 for the first of the book.
        campaign_id: whose definition.
        version: 1 for the first of the campaign.
        at: when, ISO 8601 in UTC; empty where it was always there.
        by: who, as they said; empty where nobody did.
        act: what changed it.
        import_number: the import that did; None where none did.
        definition: as JSON text; None: there is none any more.
        previous: the hash of the entry before.
        hash: SHA-256 of all that stands above, but for the time of an import: the same imports make the same entries,
            and when one landed is in the commit file.
    """

    number: int
    campaign_id: str
    version: int
    at: str
    by: str
    act: str
    import_number: int | None
    definition: str | None = field(repr=False)
    previous: str
    hash: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """A row of the table."""
        return cls(**{name: row[name] for name in cls.__slots__})

    def as_row(self) -> dict[str, Any]:
        """As a row of the table."""
        return asdict(self)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person changed the definition here."""
        return self.act not in _BY_IMPORTS

    @property
    def is_sound(self) -> bool:
        """Whether it says what it said when it was made."""
        return self.hash in {_hash(self), _hash_with_time(self)}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a definition, of an import only if it lands; `definition` is None where it takes it away."""

    campaign_id: str
    definition: str | None = field(repr=False)
    act: BookAct


def make_entry(  # noqa: PLR0913 - one argument per column
    number: int,
    previous: str,
    *,
    campaign_id: str,
    version: int,
    act: BookAct,
    definition: str | None,
    at: str = "",
    by: str = "",
    import_number: int | None = None,
) -> BookEntry:
    """An entry that follows the one whose hash is `previous`."""
    entry = BookEntry(number, campaign_id, version, at, by, act.value, import_number, definition, previous, "")
    return BookEntry(**{**asdict(entry), "hash": _hash(entry)})


_WAITS_SINCE = "waits_since"
"""Beside the fields of a definition; no import can say it."""


def write_definition(reviewed: Reviewed) -> str:
    """One definition as JSON text."""
    text = reviewed.campaign.model_dump_json()
    if reviewed.waits_since is None:
        return text
    return f'{text[:-1]},"{_WAITS_SINCE}":"{reviewed.waits_since.isoformat()}"}}'


def read_definition(text: str) -> Reviewed:
    """What `write_definition` wrote, now or in an earlier version."""
    campaign = Campaign.model_validate_json(text)
    if f'"{_WAITS_SINCE}"' not in text:
        return Reviewed(campaign)
    since = json.loads(text).get(_WAITS_SINCE)
    return Reviewed(campaign, datetime.fromisoformat(since) if since else None)


def login_name() -> str:
    """Who is at work, as the system says and nobody proves; empty where it does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def find_break(entries: Iterable[BookEntry], landed: Mapping[int, str]) -> int | None:
    """The number of the first entry that was changed or does not follow the one before.

    Args:
        entries: all of a book, in order.
        landed: when each import landed, by its number.
    """
    previous = FIRST_HASH
    for number, entry in enumerate(entries, start=1):
        at = entry.at if entry.import_number is None else landed.get(entry.import_number, entry.at)
        if entry.number != number or entry.previous != previous or not entry.is_sound or entry.at != at:
            return number
        previous = entry.hash
    return None


def _hash(entry: BookEntry) -> str:
    return _hash_with_time(entry if entry.import_number is None else replace(entry, at=""))


def _hash_with_time(entry: BookEntry) -> str:
    """As version 0.2 sealed entries of imports, and every version all others."""
    said = [getattr(entry, name) for name in BookEntry.__slots__ if name != "hash"]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
