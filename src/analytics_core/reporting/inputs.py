"""What a report is made from: its notebook, the rules as JSON, and one fingerprint of all that the report carries."""

import json
import re
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from analytics_core import package_version
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.workspace import Workspace

NOTEBOOK = "campaign_report.ipynb"
BESIDE = Path(__file__).with_name(NOTEBOOK)
IN_CHECKOUT = Path(__file__).parents[3] / "notebooks" / NOTEBOOK

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
def notebook_path() -> Path:
    """The notebook as installed with the package, else the one of a source checkout.

    Raises:
        AnalyticsError: where neither is there.
    """
    found = next((path for path in (BESIDE, IN_CHECKOUT) if path.is_file()), None)
    if found is None:
        raise AnalyticsError(f"the report's notebook {NOTEBOOK} is missing; install connector-analytics again")
    return found


def settings_as_json(settings: Settings) -> dict[str, JsonValue]:
    """Every field by its name; sets sorted, so that equal settings give equal objects."""
    fields: dict[str, JsonValue] = _adapter().dump_python(settings, mode="json")
    return {**fields, "success_codes": [*sorted(settings.success_codes)]}


def settings_from_json(fields: dict[str, JsonValue]) -> Settings:
    """The settings `settings_as_json` wrote down.

    Raises:
        pydantic.ValidationError: a ValueError naming the field that does not fit.
    """
    return _adapter().validate_python(fields)


@cache
def _adapter() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)


@cache
def _template_digest() -> str:
    template = sorted(Path(__file__).with_name("template").iterdir())
    return sha256(b"\0".join(path.read_bytes() for path in (notebook_path(), *template))).hexdigest()
