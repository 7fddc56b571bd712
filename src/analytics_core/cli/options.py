"""The options commands share, and how their texts are read."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import typer

from analytics_core.cli.streams import tell
from analytics_core.domain.rule_texts import read_day, read_success_codes, read_window
from analytics_core.domain.settings import Settings
from analytics_core.domain.time import instant_of
from analytics_core.domain.words import AttributionModel, InstanceCredit
from analytics_core.views.forms.numbers import count_of
from analytics_core.workspace import Workspace, open_workspace

WorkspaceOption = Annotated[Path | None, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document per line.")]
AllOption = Annotated[bool, typer.Option("--all", help="All campaigns of the workspace.")]
CampaignsArgument = Annotated[list[str] | None, typer.Argument(metavar="CAMPAIGN...", help="Campaign ids.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="ISO 8601 with an offset.")]
KnownAtOption = Annotated[
    str | None,
    typer.Option("--known-at", metavar="TIME", help="Use only what was imported by then, definitions too."),
]
WindowOption = Annotated[str | None, typer.Option("--window", metavar="HOURS", help="Such as 36h, 90m or 7d.")]
ModelOption = Annotated[AttributionModel | None, typer.Option("--model", help="Attribution model.")]
CreditOption = Annotated[InstanceCredit | None, typer.Option("--instance-credit", help="Instance credit.")]
CodesOption = Annotated[str | None, typer.Option("--success-codes", metavar="CODES", help="Such as 200,202.")]
MaturedOption = Annotated[bool, typer.Option("--matured-only", help="Only rows whose window has closed.")]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DAY", help="Only rows from this local day on.")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Only rows up to this local day.")]
FirstFolderOption = Annotated[str | None, typer.Option("--since", metavar="DAY", help="Skip date= folders before it.")]
LastFolderOption = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Skip date= folders after it.")]
AgainOption = Annotated[
    bool, typer.Option("--again", help="Replace what these files brought when they were imported before.")
]
DraftsOption = Annotated[
    Path | None,
    typer.Option(
        "--write-campaigns", metavar="FILE", help="Write a first campaigns.json of campaigns without a definition."
    ),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 1 when rows were rejected.")]

T = TypeVar("T")


def open_as_known(directory: Path | None, known_at: str | None = None) -> Workspace:
    """The workspace, seen as it was at the time given; as it is where none is.

    Rows of tables that are used in place may be wrong at any time: no import says so, and so it is said here.
    """
    opened = open_workspace(directory, known_at=instant_of("--known-at", known_at) if known_at else None)
    if rejected := opened.rejected_in_place:
        kept = opened.directory / "rejected"
        tell(f"{count_of(rejected, 'row')} of tables used in place not counted; the reasons are in {kept}")
    return opened


def read_day_option(option: str, text: str | None) -> date | None:
    """The day an option names; None where it is not given."""
    return None if text is None else read_day(text, option)


@dataclass(frozen=True)
class Overrides:
    """What one computation is asked to change of the workspace's rules, as the options give it."""

    as_of: AsOfOption = None
    window: WindowOption = None
    model: ModelOption = None
    instance_credit: CreditOption = None
    success_codes: CodesOption = None
    matured_only: MaturedOption = False
    since: SinceOption = None
    until: UntilOption = None

    def over(self, settings: Settings) -> Settings:
        """The workspace's rules with these changes.

        Raises:
            AnalyticsError: an option cannot be read, or the period's first day is after its last.
        """
        return replace(
            settings,
            as_of=instant_of("--as-of", self.as_of) if self.as_of else settings.as_of,
            window_hours=read_window(self.window, "--window") if self.window else settings.window_hours,
            attribution_model=self.model or settings.attribution_model,
            instance_credit=self.instance_credit or settings.instance_credit,
            success_codes=read_success_codes(self.success_codes, "--success-codes")
            if self.success_codes
            else settings.success_codes,
            matured_only=self.matured_only or settings.matured_only,
            since=read_day_option("--since", self.since) or settings.since,
            until=read_day_option("--until", self.until) or settings.until,
        )


def with_overrides(command: Callable[..., T]) -> Callable[..., T]:
    """A command of which the parameter `overrides` is given as the options of its fields."""
    return with_options(command, "overrides", Overrides)


def with_options(command: Callable[..., T], parameter: str, fields_of: Callable[..., object]) -> Callable[..., T]:
    """A command of which one parameter is given as the options of the fields of what it takes."""
    own = inspect.signature(command).parameters
    options = inspect.signature(fields_of).parameters

    @wraps(command)
    def run(**given: object) -> T:
        fields: dict[str, Any] = {name: given.pop(name) for name in options}
        return command(**given, **{parameter: fields_of(**fields)})

    kept = [each for name, each in own.items() if name != parameter]
    added = [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in options.values()]
    # Typer makes options of what a signature says, and of nothing else.
    cast("Any", run).__signature__ = inspect.Signature([*kept, *added])
    return run


def without_options(command: Callable[..., T], *names: str) -> Callable[..., T]:
    """A command that does not offer some of its options; they keep their defaults."""

    @wraps(command)
    def run(**given: object) -> T:
        return command(**given)

    signature = inspect.signature(command)
    kept = [parameter for name, parameter in signature.parameters.items() if name not in names]
    cast("Any", run).__signature__ = signature.replace(parameters=kept)
    return run
