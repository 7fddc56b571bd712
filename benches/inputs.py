"""What a measured process is told: where the rows and definitions are, in one JSON file.

Knows nothing but the standard library, so that reading it costs a rival nothing.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

TIMEZONE = "America/New_York"
"""The app's time zone: its clocks change within the workload."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The rows as Parquet files, duplicates removed, and what they were made from.

    Attributes:
        deliveries: files of the workspace's deliveries.
        events: files of the workspace's events.
        campaigns: `campaigns.json`.
        workspace: the workspace itself.
        user_column: the column that tells users apart, the same in both tables.
        probes: campaigns to be computed one at a time: name of the probe to campaign id.
        timezone: the app's.
    """

    deliveries: tuple[str, ...]
    events: tuple[str, ...]
    campaigns: str
    workspace: str
    user_column: str
    probes: dict[str, str]
    timezone: str = TIMEZONE

    def written(self, path: Path) -> Path:
        """Write these inputs to `path`, for `read_inputs`."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        return path


def read_inputs(path: Path) -> Inputs:
    """The inputs `Inputs.written` wrote."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Inputs(**document | {name: tuple(document[name]) for name in ("deliveries", "events")})


@dataclass(frozen=True, slots=True)
class Order:
    """What one measured process is to do: compute, and write its figures down where a file is named."""

    inputs: Inputs
    figures: Path | None
    campaign: str | None
    repetitions: int


def order_of(arguments: Sequence[str] | None = None) -> Order:
    """The command line every measured process has."""
    parser = argparse.ArgumentParser(description="one measured computation")
    parser.add_argument("inputs", type=Path, help="file with the inputs")
    parser.add_argument("--figures", type=Path, help="write the compared numbers into this file")
    parser.add_argument("--campaign", help="ours: compute this campaign alone, in a warm process")
    parser.add_argument("--repetitions", type=int, default=5, help="ours: how often")
    given = parser.parse_args(arguments)
    return Order(read_inputs(given.inputs), given.figures, given.campaign, given.repetitions)
