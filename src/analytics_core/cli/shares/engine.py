"""`--engine`: what computes the numbers of a command."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_core.cli.streams import progress_bar
from analytics_core.domain.settings import EngineKind, Settings
from analytics_core.workspace import Workspace

if TYPE_CHECKING:
    from analytics_core.snapshot.snapshot import Snapshot

EngineOption = Annotated[
    EngineKind | None,
    typer.Option("--engine", help="What computes the numbers; default: [engine] kind of workspace.toml."),
]


def use_engine(opened: Workspace, asked: EngineKind | None, *, is_shown: bool = True) -> None:
    """Let the Snapshots of a workspace be computed by the engine that is asked for, else by the one its settings name.

    Args:
        opened: the workspace.
        asked: as the option says it.
        is_shown: whether a bar on the terminal shows how far it is.

    Raises:
        AnalyticsError: there is no session of Spark: once, and not once a report.
    """
    if (asked or opened.engine) is EngineKind.LOCAL:
        return
    from analytics_core.engines.spark.session import open_session  # noqa: PLC0415 - seldom asked for
    from analytics_core.workspace.shares.on_spark import compute_on_spark  # noqa: PLC0415 - as above

    session = open_session()

    def compute(ids: Sequence[str], rules: Settings) -> "tuple[Snapshot, ...]":
        with progress_bar(is_shown=is_shown) as bar:
            task = bar.add_task("shares", total=None)

            def show(done: int, shares: int) -> None:
                bar.update(task, completed=done, total=shares)

            return compute_on_spark(opened, ids, rules, session=session, progress=show)

    opened.compute_elsewhere = compute
