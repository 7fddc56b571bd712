"""`plan`, `partial`, `merge`: one computation in shares, counted by whatever starts processes."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from analytics_core.cli.commands import app, chosen
from analytics_core.cli.options import (
    AllOption,
    CampaignsArgument,
    KnownAtOption,
    Overrides,
    WorkspaceOption,
    open_as_known,
    with_overrides,
)
from analytics_core.cli.showing import latest_row_lines
from analytics_core.cli.streams import say, say_json, tell
from analytics_core.domain.errors import AnalyticsError
from analytics_core.snapshot.documents import as_json
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.workspace.shares.computing import PlannedComputation, make_plan
from analytics_core.workspace.shares.files import ShareFiles
from analytics_core.workspace.shares.plan import read_plan, write_plan

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="A file that `plan` made.")]
INDEXES = ("JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX", "SLURM_ARRAY_TASK_ID")
"""Where those that start processes say which one of an array this is, counted from 0."""
_MOST = 10_000


@app.command()
@with_overrides
def plan(  # noqa: PLR0913 - one argument per option of the contract
    campaign: CampaignsArgument = None,
    workspace: WorkspaceOption = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PLAN", help="Where the plan goes.")],
    shares: Annotated[int, typer.Option("--shares", metavar="N", min=1, max=_MOST, help="How many shares.")] = 8,
    every: AllOption = False,
    known_at: KnownAtOption = None,
    overrides: Overrides,
) -> None:
    """Pin state and rules of one computation, of all campaigns where none is named, and divide it into shares."""
    opened = open_as_known(workspace, known_at)
    rules = overrides.over(opened.settings)
    only = chosen(opened, campaign, every=every) if campaign and not every else None
    for line in latest_row_lines(opened, rules):
        tell(line)
    made = make_plan(opened.directory, opened.app, rules, shares=shares, only=only, known_at=opened.known_at)
    write_plan(made, output)
    last, rows = f"{shares - 1}/{shares}", count_of(made.division.rows, "row")
    say(f"{output}: {count_of(shares, 'share')}, 0/{shares} to {last}, of {rows} in all")


@app.command()
def partial(
    plan_file: PlanArgument,
    workspace: WorkspaceOption = None,
    *,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            help=f"Share I of N, from 0 to N-1, N as planned or another; default: from {', '.join(INDEXES)}.",
        ),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="Where shares go: a path or s3://, gs://, az://.")
    ],
) -> None:
    """Count one share of a plan; counting it again, or twice at once, writes the same."""
    made = read_plan(plan_file)
    number, shares = share_number(shard, made.division.shares)
    files = ShareFiles(made, [output], shares)
    address, size = files.write(number, PlannedComputation(made, workspace, shares).count(number))
    say(f"share {number}/{shares}: {count(size)} bytes in {address}")


@app.command()
def merge(
    plan_file: PlanArgument,
    directory: Annotated[list[str], typer.Argument(metavar="DIR...", help="Where `partial` put the shares.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Print what `metrics --all --json` prints, from the shares of a plan."""
    made = read_plan(plan_file)
    files = ShareFiles(made, directory)
    files.refuse_missing()
    for snapshot in PlannedComputation(made, workspace, files.shares).merge(files):
        say_json(as_json(snapshot))


def share_number(text: str | None, planned: int) -> tuple[int, int]:
    """Which share of how many is meant: `I/N` or `I`, or what the environment says.

    Shares are counted from 0, and N/N is 0/N: whoever counts from 1 to N has all of them, too.

    Args:
        text: as given; None: the environment says it.
        planned: how many there are where nothing says that.

    Raises:
        AnalyticsError: nothing says it, or there is no such share.
    """
    said, named = (text, "--shard") if text is not None else _find_index()
    match = re.fullmatch(r"([0-9]{1,9})(?:/([0-9]{1,9}))?", said.strip(), re.ASCII)
    if match is None:
        raise AnalyticsError(f"{named} {said!r} is not a share; use I/N, such as 0/{planned}")
    number, shares = int(match[1]), int(match[2] or planned)
    if not 1 <= shares <= _MOST or number > shares:
        raise AnalyticsError(
            f"{named} {said!r} is not a share: they are counted from 0, so from 0/N to N-1/N, N at most {_MOST:,}"
        )
    return number % shares, shares


def _find_index() -> tuple[str, str]:
    """What the environment says, and by which variable."""
    found = {name: os.environ[name] for name in INDEXES if os.environ.get(name)}
    if not found:
        raise AnalyticsError(f"say which share to count: --shard I/N, or one of {', '.join(INDEXES)}")
    if len({int(value) if value.isdecimal() else value for value in found.values()}) > 1:
        raise AnalyticsError(f"{' and '.join(found)} say different shares; say it with --shard I/N")
    name, value = next(iter(found.items()))
    return value, name
