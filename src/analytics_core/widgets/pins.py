"""The pins a person chose, remembered per user and workspace.

One small JSON file a workspace in the user's state directory (`XDG_STATE_HOME`, else `~/.local/state`), so two
explorers on two workspaces never write the same file. A file that cannot be read means the default pins: what is
remembered is a convenience and must never keep the explorer from opening.
"""

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError
from analytics_core.places.files import write_text
from analytics_core.views.campaign.cards import DEFAULT_PINS


class PinsNotSavedError(AnalyticsError):
    """The pins apply to this session only, because their file could not be written."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"these pins last until the notebook is closed: they could not be saved ({reason}).")


@dataclass(frozen=True, slots=True)
class PinFile:
    """Where the pins of one user on one workspace are kept."""

    path: Path

    @classmethod
    def of(cls, workspace: Path) -> "PinFile":
        """The file for the workspace in directory `workspace`; nothing is created yet."""
        key = sha256(str(workspace.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        # A relative `XDG_STATE_HOME` is void, as its standard says.
        named = Path(os.environ.get("XDG_STATE_HOME", ""))
        home = named if named.is_absolute() else Path.home() / ".local" / "state"
        return cls(home / "connector-analytics" / "pins" / f"{key}.json")

    def load(self) -> tuple[str, ...]:
        """The remembered metric names, unchecked; `DEFAULT_PINS` where there are none or they cannot be read."""
        try:
            remembered = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return DEFAULT_PINS
        pins = remembered.get("pins") if isinstance(remembered, dict) else None
        if not isinstance(pins, list) or not all(isinstance(pin, str) for pin in pins):
            return DEFAULT_PINS
        return tuple(pins)

    def save(self, pins: tuple[str, ...]) -> None:
        """Write beside, then rename: a reader sees the old pins or the new ones, never half of them.

        Raises:
            PinsNotSavedError: the directory or the file could not be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.path, json.dumps({"pins": list(pins)}))
        except OSError as error:
            raise PinsNotSavedError(error.strerror or type(error).__name__) from error
