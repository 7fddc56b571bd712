"""What every source of rows looks like to an import: files that are read a stretch at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from analytics_core.domain.words import DeliveryType, Gap
from analytics_core.sources.files.files import FileProgress, SourceFile
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import COLUMNS


@dataclass(frozen=True, slots=True)
class SaidCampaign:
    """What an export says of a campaign beside its rows; None where it does not say it."""

    name: str | None = None
    delivery_type: DeliveryType | None = None


class Reading(Protocol):
    """One file that is read a stretch at a time."""

    @property
    def name(self) -> str:
        """What rejected rows and summaries call it."""
        ...

    @property
    def fingerprint(self) -> str:
        """What tells it from other files that the same importer reads, hexadecimal."""
        ...

    @property
    def content(self) -> str:
        """SHA-256 of its bytes, hexadecimal; `fingerprint` may say more, such as by which mapping they are read."""
        ...

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where it is, first, and the files that are read along with it and are no readings of their own."""
        ...

    @property
    def progress(self) -> FileProgress:
        """How much of it has been read."""
        ...

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables it may have rows of."""
        ...

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What its deliveries cannot say: metrics that depend on it are unknown, not 0."""
        ...

    def batches(self) -> Iterator[tuple[str, Batch]]:
        """The records of the file, in its order, with the table they belong to.

        Raises:
            UnreadableInputError: the file cannot be read at all; the message names it.
        """
        ...

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        """By table, names that were in the part read so far and mean nothing to us, sorted; at most 100."""
        ...

    @property
    def left_out(self) -> Mapping[str, int]:
        """What was in the part read so far and is a row of no table, in words, and how often; such as unknown codes."""
        ...

    @property
    def campaigns(self) -> Mapping[str, SaidCampaign]:
        """By id, what the part read so far says of campaigns that have deliveries in it; nobody's number needs it."""
        ...


class FileReading:
    """One file of an export as a `Reading`, as far as all of them are alike; whoever extends it says `batches`.

    Args:
        source: the file.
    """

    tables: tuple[str, ...] = ()

    def __init__(self, source: SourceFile) -> None:
        self.name, self.progress = source.name, source.progress
        self._source = source

    @property
    def content(self) -> str:
        """Of its bytes."""
        return self._source.fingerprint

    @property
    def fingerprint(self) -> str:
        """Of its bytes."""
        return self.content

    @property
    def paths(self) -> tuple[Path, ...]:
        """Itself."""
        return (self._source.path,)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """None."""
        return ()

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        """None."""
        return {}

    @property
    def left_out(self) -> Mapping[str, int]:
        """Nothing."""
        return {}

    @property
    def campaigns(self) -> Mapping[str, SaidCampaign]:
        """Nothing."""
        return {}


def merge_said(readings: Iterable[Reading]) -> Mapping[str, SaidCampaign]:
    """By id, what the first of several files says that says something of a campaign."""
    said: dict[str, SaidCampaign] = {}
    for reading in readings:
        said |= {campaign_id: each for campaign_id, each in reading.campaigns.items() if campaign_id not in said}
    return said


def by_record(table: str, numbers: Sequence[int], record: Callable[[int], Record], raw: Callable[[int], str]) -> Batch:
    """A batch that is read record by record (see `Batch`)."""
    size = len(numbers)
    return Batch(
        numbers=numbers,
        cells=pl.DataFrame({COLUMNS[table][0].name: pl.repeat(None, size, dtype=pl.String, eager=True)}),
        exact=pl.repeat(value=False, n=size, eager=True),
        record=record,
        raw=raw,
    )
