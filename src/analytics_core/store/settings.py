"""`workspace.toml`: what a workspace is called, where its tables are, and by which rules it computes."""

import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analytics_core.domain.campaign import MAX_WINDOW_HOURS
from analytics_core.domain.errors import WorkspaceError, plain_reason
from analytics_core.domain.money import currency_code
from analytics_core.domain.settings import DEFAULT_WINDOW_HOURS, App, EngineKind, Settings
from analytics_core.domain.time import zone_named
from analytics_core.domain.words import AttributionModel, InstanceCredit
from analytics_core.places.files import PRIVATE, SHARED, Access, make_directory, write_text
from analytics_core.tables.canonical import CANONICAL

SETTINGS_FILE = "workspace.toml"


_RULES = ("attribution", "delivery")
Code = Annotated[int, Field(ge=100, le=999, strict=True)]
_LARGEST = 1 << 20
"""Bytes of a settings file; a longer one is another file."""


class _Section(BaseModel):
    """A misspelt key is an error, not a setting that silently does nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AppSection(_Section):
    """`[app]`."""

    name: str = "App"
    timezone: str = "UTC"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"

    @field_validator("currency", mode="before")
    @classmethod
    def _trim(cls, written: object) -> object:
        return (currency_code(written) or "") if isinstance(written, str) else written

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        return check_timezone(name)


class AttributionSection(_Section):
    """`[attribution]`."""

    model: AttributionModel = AttributionModel.ALL_INTERACTIONS
    instance_credit: InstanceCredit = InstanceCredit.LATEST
    window_hours: Annotated[float, Field(gt=0, le=MAX_WINDOW_HOURS, allow_inf_nan=False)] = DEFAULT_WINDOW_HOURS


class DeliverySection(_Section):
    """`[delivery]`."""

    success_codes: Annotated[frozenset[Code], Field(min_length=1)] = frozenset({200})


class StorageSection(_Section):
    """`[storage]`; relative paths are below the workspace.

    `group`: the members of its group read and write the workspace too. `deliveries`, `events`, `instances` and
    `identities` are tables that are used where they lie; null: the workspace's own, which imports fill.
    """

    tables: str = "tables"
    campaigns: str = "sqlite:///campaigns.db"
    group: bool = False
    deliveries: str | None = None
    events: str | None = None
    instances: str | None = None
    identities: str | None = None

    @property
    def access(self) -> Access:
        """The modes of what is made in the workspace."""
        return SHARED if self.group else PRIVATE

    @property
    def has_own_tables(self) -> bool:
        """Whether the tables lie below the workspace, so that no other one uses them."""
        path = PurePath(self.tables)
        return "://" not in self.tables and not path.is_absolute() and ".." not in path.parts

    @property
    def in_place(self) -> dict[str, str]:
        """By canonical table that is used in place: where it lies."""
        places = {table: getattr(self, table) for table in CANONICAL}
        return {table: place for table, place in places.items() if place}


class EngineSection(_Section):
    """`[engine]`."""

    kind: EngineKind = EngineKind.LOCAL


class WorkspaceSettings(_Section):
    """The whole file; every section and key may be left out."""

    app: AppSection = AppSection()
    attribution: AttributionSection = AttributionSection()
    delivery: DeliverySection = DeliverySection()
    storage: StorageSection = StorageSection()
    engine: EngineSection = EngineSection()

    @property
    def said(self) -> tuple[str, ...]:
        """The settings that numbers follow and the file does not leave out, as `section.key`; in order."""
        sections = {name: getattr(self, name) for name in sorted(self.model_fields_set & {"app", *_RULES})}
        return tuple(f"{name}.{key}" for name, section in sections.items() for key in sorted(section.model_fields_set))

    def find_lost(self, said: Iterable[str]) -> list[str]:
        """Which of the settings that were said once the file no longer says; in order."""
        return sorted({*said}.difference(self.said))

    def as_app(self) -> App:
        """The app these campaigns belong to."""
        return App(name=self.app.name, timezone=self.app.timezone, currency=self.app.currency)

    def as_settings(self) -> Settings:
        """The rules a computation follows where it is asked for nothing else."""
        return Settings(
            attribution_model=self.attribution.model,
            instance_credit=self.attribution.instance_credit,
            default_window_hours=self.attribution.window_hours,
            success_codes=self.delivery.success_codes,
        )


def check_timezone(name: str) -> str:
    """`name`, if it is an IANA time zone; AnalyticsError with one line otherwise."""
    zone_named(name)
    return name


def read_settings(directory: Path) -> WorkspaceSettings:
    """The settings of the workspace in `directory`; WorkspaceError where they are missing or wrong."""
    path = directory / SETTINGS_FILE
    try:
        document = _parse(path)
    except FileNotFoundError:
        raise WorkspaceError(f"no workspace in {directory}: {SETTINGS_FILE} is missing; `init` makes one") from None
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())
        raise WorkspaceError(f"cannot read {path}: {reason[:200]}") from None
    try:
        return WorkspaceSettings.model_validate(document)
    except ValidationError as error:
        raise WorkspaceError(f"{path}: {_first_problem(error)}") from None


def _parse(path: Path) -> dict[str, Any]:
    """The document; ValueError where it is none."""
    if not path.is_file() and path.exists():
        raise ValueError("it is no file")
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("it is larger than a megabyte")
    # Some editors begin a file with a mark of its encoding.
    return tomllib.loads(content.decode("utf-8-sig"))


def write_settings(directory: Path, app: App, tables: str) -> None:
    """Write a new workspace's `workspace.toml`, making the directory.

    Args:
        directory: of the workspace.
        app: whose campaigns these are.
        tables: where the tables will lie (see `places.open_place`).

    Raises:
        WorkspaceError: the app's time zone or currency is none, or the directory cannot be written.
    """
    try:
        section = AppSection(name=app.name, timezone=app.timezone, currency=app.currency)
    except ValidationError as error:
        raise WorkspaceError(_first_problem(error)) from None
    try:
        make_directory(directory, PRIVATE)
        write_text(
            directory / SETTINGS_FILE,
            _TEMPLATE.format(**{key: _quote(value) for key, value in {**dict(section), "tables": tables}.items()}),
            PRIVATE,
        )
    except OSError as error:
        raise WorkspaceError(f"cannot make a workspace in {directory}: {error.strerror}") from None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, problem['loc']))}: {plain_reason(problem['msg'])}"


def _quote(text: str) -> str:
    escaped = "".join(char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}" for char in text)
    return f'"{escaped}"'


_TEMPLATE = """\
[app]
name = {name}
timezone = {timezone}      # every shown time and every day bucket is in it
currency = {currency}

[attribution]
model = "all_interactions"      # or "last_interaction"
instance_credit = "latest"      # or "first", "every"
window_hours = 36               # where a campaign names none

[delivery]
success_codes = [200]

[storage]
tables = {tables}
campaigns = "sqlite:///campaigns.db"
"""
