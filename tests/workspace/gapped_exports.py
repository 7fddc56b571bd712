"""Exports that cannot say everything, as an import reads them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from canonical_files import delivery

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.words import Gap
from analytics_core.json_text import parse_record
from analytics_core.sources.files.files import FileProgress
from analytics_core.sources.finding.unread import Search
from analytics_core.sources.readings import Reading, SaidCampaign, by_record
from analytics_core.sources.rows.batches import Batch
from analytics_core.workspace import Workspace
from analytics_core.workspace.importing import import_readings


@dataclass(frozen=True)
class Export:
    """Deliveries of an export that has gaps; where `is_cut`, it cannot be read to its end."""

    name: str
    rows: tuple[dict[str, object], ...]
    gaps: tuple[Gap, ...]
    is_cut: bool = False
    tables: tuple[str, ...] = ("deliveries",)
    progress: FileProgress = field(default_factory=FileProgress, compare=False)

    @property
    def fingerprint(self) -> str:
        return self.name

    @property
    def content(self) -> str:
        return self.name

    @property
    def paths(self) -> tuple[Path, ...]:
        return ()

    def batches(self) -> Iterator[tuple[str, Batch]]:
        lines = [json.dumps(row) for row in self.rows]
        numbers = range(1, len(lines) + 1)
        yield "deliveries", by_record("deliveries", numbers, lambda at: parse_record(lines[at]), lines.__getitem__)
        if self.is_cut:
            raise UnreadableInputError(f"{self.name}: cut off")

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    @property
    def left_out(self) -> Mapping[str, int]:
        return {}

    @property
    def campaigns(self) -> Mapping[str, SaidCampaign]:
        return {}


SENT_ONLY = Export("sent", (delivery("ann", 0), delivery("bob", 1, campaign_id="fall")), (Gap.FAILED_RESPONSES,))
NO_CAPS = Export("no caps", (delivery("cat", 2),), (Gap.FREQUENCY_CAP,))


def take_in(workspace: Workspace, *exports: Reading, in_place: frozenset[str] = frozenset()) -> None:
    """Import the exports, as one import."""
    into = replace(workspace._destination(), in_place=in_place)
    import_readings(exports, into, lambda *_: None, Search(()), importer="test")
    workspace.refresh()
