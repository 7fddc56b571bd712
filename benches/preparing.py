"""Generates a workload and builds the workspace that is measured; nothing of this is timed.

`python -m benches.preparing` does it in a process of its own: what it needs must not show in a measured one's memory.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl

from analytics_core.domain.settings import App
from analytics_core.places.files import write_json
from analytics_core.places.places import Directory
from analytics_core.store.commits import IMPORT, ImportedFile
from analytics_core.store.tables import TableStore
from analytics_core.tables.keys import KEY
from analytics_core.workspace import create_workspace
from benches.inputs import TIMEZONE, Inputs
from benches.one_user import write_one_user
from benches.sizes import ONE_USER, Size, size_of
from benches.workload import Workload, campaigns_of, chunks_of

USER_KEY = "user_key"
"""An integer per user that a workspace's tables may have beside the id."""


def prepared(workload: Workload, directory: Path) -> Path:
    """The workspace of a workload below `directory`, made where it is missing.

    Its canonical files are kept beside it, in `canonical`.
    """
    return _prepared(Size("workload", workload.deliveries, workload.events), directory, workload)


def prepared_size(size: Size, directory: Path) -> Path:
    """The workspace of a size (see `prepared`); all rows are one user's where the size says so."""
    if size.name == ONE_USER.name:
        return _prepared(size, directory, None)
    return prepared(Workload(size.deliveries, size.events, control=size.control), directory)


def inputs_of(workspace: Path, campaigns: Path, user_column: str | None = None) -> Inputs:
    """What the measured processes are told about a workspace.

    Args:
        workspace: has been imported into.
        campaigns: the definitions the workspace was made with, `campaigns.json`.
        user_column: what tells users apart; None: the integer key where both tables have one, else the id.
    """
    files = {table: _files(workspace / "tables" / table) for table in ("deliveries", "events")}
    has_key = all(USER_KEY in pl.read_parquet_schema(names[0]) for names in files.values())
    return Inputs(
        deliveries=files["deliveries"],
        events=files["events"],
        campaigns=str(campaigns),
        workspace=str(workspace),
        user_column=user_column or (USER_KEY if has_key else "user_id"),
        probes=_probes(files["deliveries"]),
    )


def _prepared(size: Size, directory: Path, workload: Workload | None) -> Path:
    workspace = directory / "workspace"
    if workspace.exists():
        return workspace
    beside = directory / ".workspace.part"
    shutil.rmtree(beside, ignore_errors=True)
    made = create_workspace(beside, App(timezone=TIMEZONE))
    if workload is None:
        write_one_user(size, directory / "canonical")
        made.import_canonical(directory / "canonical")
    else:
        (directory / "canonical").mkdir(parents=True, exist_ok=True)
        write_json(directory / "canonical" / "campaigns.json", campaigns_of(workload))
        made.import_canonical(directory / "canonical")
        store = TableStore(Directory(beside / "tables"))
        _fill(store, workload)
        store.optimize()
    beside.rename(workspace)
    return workspace


def _fill(store: TableStore, workload: Workload) -> None:
    """Land the rows chunk by chunk, as daily imports would; a row's repetitions are all in its chunk."""
    for number, chunk in enumerate(chunks_of(workload), start=1):
        with store.importing() as running:
            running.files.append(ImportedFile(running.commit.last_file + 1, f"chunk {number}"))
            for table, rows in zip(("deliveries", "events"), chunk, strict=True):
                brought = rows.with_columns(pl.lit(running.commit.last_file + 1, KEY).alias(IMPORT))
                running.add(table, running.sift(table, brought).new)


def _files(table: Path) -> tuple[str, ...]:
    """The data files of a table: those of the current version of a Delta table, else all there are."""
    if not (table / "_delta_log").exists():
        return tuple(sorted(str(path) for path in table.rglob("*.parquet")))
    from deltalake import DeltaTable  # noqa: PLC0415 - plain directories need no reader of Delta logs

    return tuple(sorted(DeltaTable(str(table)).file_uris()))


def _probes(deliveries: tuple[str, ...]) -> dict[str, str]:
    rows = pl.scan_parquet(list(deliveries)).group_by("campaign_id").len().sort("len", "campaign_id").collect()
    ordered = rows["campaign_id"].to_list()
    median, largest = ordered[len(ordered) // 2], ordered[-1]
    return {"largest": largest} if median == largest else {"median": median, "largest": largest}


def main() -> None:
    """Prepare one size and write its inputs."""
    parser = argparse.ArgumentParser(prog="python -m benches.preparing", description="make what is measured")
    parser.add_argument("--deliveries", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--one-user", action="store_true")
    kind.add_argument("--without-control", action="store_true")
    parser.add_argument("--user-column", choices=["user_id", USER_KEY], help="column that tells users apart")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, required=True)
    given = parser.parse_args()
    size = size_of(given.deliveries, given.events)
    if given.one_user:
        size = replace(ONE_USER, deliveries=given.deliveries, events=given.events)
    elif given.without_control:
        size = size.without_control()
    given.directory.mkdir(parents=True, exist_ok=True)
    workspace = prepared_size(size, given.directory)
    campaigns = given.directory / "canonical" / "campaigns.json"
    inputs_of(workspace, campaigns, given.user_column).written(given.inputs)


if __name__ == "__main__":
    main()
