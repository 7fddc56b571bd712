"""The files of shares, in a directory or an object store: whole or not there, and each says what it is."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError, WorkspaceError
from analytics_core.engines.partials import Partial
from analytics_core.engines.shares.arrow import from_arrow, to_arrow
from analytics_core.places.opening import open_place
from analytics_core.places.places import Place
from analytics_core.workspace.shares.plan import Plan

_FOLDER = "shares"
_NAMED = 10


class ShareFiles:
    """What the shares of one plan counted, one file a share.

    The first line of a file is JSON: the plan, the share and the SHA-256 of all that follows, which is Arrow. Who
    counts a share again writes the same bytes in the place of the same file.

    Args:
        plan: the plan.
        places: directories or URLs of an object store; what is written goes to the first.
        shares: how many shares there are; None: as many as were counted, the plan's own number where all of those were.
    """

    def __init__(self, plan: Plan, places: Sequence[str], shares: int | None = None) -> None:
        self._id = plan.id
        self._places = {text: _open(text) for text in places}
        self._shares = shares or self._find_shares(plan.division.shares)

    @property
    def shares(self) -> int:
        """How many shares there are."""
        return self._shares

    def write(self, number: int, counted: Partial) -> tuple[str, int]:
        """Keep what a share counted; its address, and how many bytes it has.

        Raises:
            AnalyticsError: it cannot be written.
        """
        content = to_arrow(counted)
        written = self._head(number, content) + b"\n" + content
        text, place = next(iter(self._places.items()))
        try:
            place.replace(self._name(number), written)
        except OSError as error:
            raise AnalyticsError(f"cannot write to {text}: {error.strerror or error}") from None
        return place.address(self._name(number)), len(written)

    def refuse_missing(self) -> None:
        """Raise an AnalyticsError where shares are missing."""
        self.read()

    def read(self) -> Iterator[Partial]:
        """What all shares counted, in order of their numbers.

        Raises:
            AnalyticsError: before anything is read where some are missing; else at the first one that is damaged.
        """
        names = {text: set(_list(text, place)) for text, place in self._places.items()}
        there, own = set().union(*names.values()), f"{_FOLDER}/{self._id}-"
        missing = [number for number in range(self._shares) if self._name(number) not in there]
        if missing:
            raise AnalyticsError(self._say_missing(missing, strange=any(not name.startswith(own) for name in there)))
        return (self._read(number, names) for number in range(self._shares))

    def _read(self, number: int, names: Mapping[str, Collection[str]]) -> Partial:
        name = self._name(number)
        having = [text for text in names if name in names[text]]
        for text in having:
            content = self._load(text, number)
            if content is not None:
                return from_arrow(content)
        raise AnalyticsError(
            f"{self._places[having[0]].address(name)} is damaged or is another share; "
            f"count it again with --shard {number}/{self._shares}"
        )

    def _load(self, text: str, number: int) -> bytes | None:
        """What follows the first line, where that is right."""
        try:
            written = self._places[text].load(self._name(number))
        except OSError as error:
            raise AnalyticsError(f"cannot read {text}: {error.strerror or error}") from None
        head, _, content = (written or b"").partition(b"\n")
        return content if head == self._head(number, content) else None

    def _head(self, number: int, content: bytes) -> bytes:
        digest = hashlib.sha256(content).hexdigest()
        said = {"plan": self._id, "share": number, "shares": self._shares, "sha256": digest}
        return json.dumps(said).encode()

    def _find_shares(self, planned: int) -> int:
        """Of the numbers of shares that were counted, the plan's or the least of which none is missing."""
        pattern = re.compile(rf"{_FOLDER}/{self._id}-(\d+)-of-(\d+)")
        counted: dict[int, set[int]] = {}
        for text, place in self._places.items():
            for match in filter(None, map(pattern.fullmatch, _list(text, place))):
                counted.setdefault(int(match[2]), set()).add(int(match[1]))
        whole = sorted(shares for shares, numbers in counted.items() if len(numbers) == shares)
        return planned if planned in whole or not whole else whole[0]

    def _name(self, number: int) -> str:
        return f"{_FOLDER}/{self._id}-{number}-of-{self._shares}"

    def _say_missing(self, missing: Sequence[int], *, strange: bool) -> str:
        named = ", ".join(map(str, missing[:_NAMED])) + (", …" if len(missing) > _NAMED else "")
        where, others = ", ".join(self._places), "; shares of another plan lie there" if strange else ""
        return (
            f"{len(missing)} of {self._shares} shares are not in {where}: {named}{others}; "
            f"count them with --shard {missing[0]}/{self._shares}"
        )


def _open(text: str) -> Place:
    try:
        return open_place(text, Path.cwd())
    except WorkspaceError as error:
        raise AnalyticsError(f"{text}: {str(error).removeprefix('[storage] tables: ')}") from None


def _list(text: str, place: Place) -> list[str]:
    try:
        return [f"{_FOLDER}/{name}" for name in place.names(_FOLDER)]
    except OSError as error:
        raise AnalyticsError(f"cannot read {text}: {error.strerror or error}") from None
