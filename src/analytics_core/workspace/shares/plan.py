"""The plan of a computation in shares: a small file that says all that its shares have to agree on.

It names no user and holds no definition: those are read again, from the state and the entries of the campaign book that
it pins.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from analytics_core import package_version
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App, Settings
from analytics_core.engines.shares.division import Division
from analytics_core.places.files import PRIVATE
from analytics_core.places.outputs import output_file

FORMAT = 1
"""Of plans and of shares; goes up where either means something else."""
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class PinnedDefinition:
    """One campaign's definition: the entry of the campaign book, None where it keeps no history, and its SHA-256."""

    entry: tuple[int, str] | None
    sha256: str


@dataclass(frozen=True, slots=True)
class PinnedState:
    """What a workspace held.

    Attributes:
        entries: how many entries the history of the tables had.
        digest: SHA-256 of them.
        last_import: the number of the latest of them; None without any.
        versions: by table, its version.
        definitions: by campaign that takes part.
        known_at: the instant whose knowledge was asked for; None: that of `made_at`.
        made_at: when the plan was made.
    """

    entries: int
    digest: str
    last_import: int | None
    versions: Mapping[str, int]
    definitions: Mapping[str, PinnedDefinition]
    known_at: datetime | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PinnedDraw:
    """A campaign that is compared: where its first week ends, and whether that is all (see `rules.Draws`)."""

    campaign: int
    week_end: int | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One computation in shares; can be pickled.

    Attributes:
        directory: of the workspace.
        tables: the address of its tables.
        state: what it held.
        app: whose campaigns these are.
        settings: the rules; `as_of` is None where none was asked for.
        as_of: the instant that numbers look from; None where there are no rows.
        campaigns: ids of those that are asked about, in order; None: all that the state defines.
        draws: what is known of control groups.
        division: how users are divided into shares.
        package: the version that made it.
        format: see FORMAT.
    """

    directory: str
    tables: str
    state: PinnedState
    app: App
    settings: Settings
    as_of: datetime | None
    campaigns: tuple[str, ...] | None
    draws: tuple[PinnedDraw, ...]
    division: Division
    package: str
    format: int = FORMAT

    @property
    def id(self) -> str:
        """What tells this plan from others."""
        return _identify(_as_document(self))


_PLANS = TypeAdapter(Plan)


def format_plan(plan: Plan) -> str:
    """A plan as JSON, sealed with its id."""
    document = _as_document(plan)
    return json.dumps({"id": _identify(document), **document}, ensure_ascii=False, indent=1)


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan as JSON, whole or not at all, for nobody else to read.

    Raises:
        AnalyticsError: it cannot be written.
    """
    try:
        with output_file(path, PRIVATE) as file:
            file.write(f"{format_plan(plan)}\n".encode())
    except OSError as error:
        raise AnalyticsError(f"cannot write {path}: {error.strerror or error}") from None


def read_plan(path: Path) -> Plan:
    """The plan that `write_plan` wrote.

    Raises:
        AnalyticsError: the file cannot be read, is no plan or is damaged, or another version made it.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise AnalyticsError(f"cannot read {path}: {error.strerror or error}") from None
    return parse_plan(text, str(path))


def parse_plan(text: str | bytes, name: str) -> Plan:
    """The plan that `format_plan` made a text of.

    Args:
        text: as it was made, as UTF-8 where it is bytes.
        name: what errors call it.

    Raises:
        AnalyticsError: the text is no plan or is damaged, or another version made it.
    """
    try:
        document = json.loads(text)
        made_by, written, sealed = document["package"], document["format"], document.pop("id")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AnalyticsError(f"{name} is not a plan; `connector-analytics plan -o {name}` makes one") from None
    if (made_by, written) != (package_version(), FORMAT):
        raise AnalyticsError(
            f"{name} was made by connector-analytics {made_by}, and this is {package_version()}; make the plan anew"
        )
    if sealed != _identify(document):
        raise AnalyticsError(f"{name} is damaged: it does not say what was written; make the plan anew")
    try:
        return _PLANS.validate_json(json.dumps(document))
    except ValidationError:
        raise AnalyticsError(f"{name} is not a plan; make it anew") from None


def _as_document(plan: Plan) -> dict[str, Any]:
    document: dict[str, Any] = _PLANS.dump_python(plan, mode="json")
    document["settings"]["success_codes"].sort()
    return document


def _identify(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH]
