"""What a report was made from, as one fingerprint that the report itself carries."""

import json
import re
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path

from analytics_core.domain.settings import Settings
from analytics_core.domain.version import package_version
from analytics_core.reporting.notebook import notebook_path
from analytics_core.reporting.settings_json import settings_as_json
from analytics_core.workspace import Workspace

META_NAME = "connector-analytics-inputs"
HEAD_BYTES = 4096
WRITTEN = re.compile(rf'<meta name="{META_NAME}" content="([0-9a-f]{{64}})">'.encode())


def inputs_of(workspace: Workspace, settings: Settings | None) -> str:
    """SHA-256 over data, campaign book, app, rules, package version and the report's template.

    Also over `known_at`, which the report names. `settings` null means the workspace's own.
    """
    rules = settings_as_json(settings or workspace.settings)
    parts = [workspace.fingerprint, asdict(workspace.app), rules, package_version(), _template_digest()]
    parts += [workspace.known_at.isoformat()] if workspace.known_at else []
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def inputs_written_in(report: Path) -> str | None:
    """The fingerprint in the head of a report's file; None where there is no such file or no fingerprint in it."""
    try:
        with report.open("rb") as file:
            found = WRITTEN.search(file.read(HEAD_BYTES))
    except OSError:
        return None
    return found.group(1).decode() if found else None


@cache
def _template_digest() -> str:
    template = sorted(Path(__file__).with_name("template").iterdir())
    return sha256(b"\0".join(path.read_bytes() for path in (notebook_path(), *template))).hexdigest()
