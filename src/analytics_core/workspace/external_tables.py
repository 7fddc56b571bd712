"""Tables that are used in place: the workspace keeps a copy with keys, and follows what lies outside."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from analytics_core.domain.errors import UnreadableInputError, WorkspaceError
from analytics_core.sources.external_tables import ExternalTable, Look
from analytics_core.store.commits import Commit
from analytics_core.workspace.importing import taking_in
from analytics_core.workspace.intake import Destination, Intake
from analytics_core.workspace.summaries import silent


def follow(places: Mapping[str, str], directory: Path, into: Destination) -> None:
    """Take every outside table in anew that has changed since it was taken in; a table no longer outside is emptied.

    Several tables are one import. Of two processes that do this at once one waits, and then finds nothing to do.

    Args:
        places: by table, where it lies; a relative path is below `directory`.
        directory: of the workspace.
        into: where the copies go.

    Raises:
        WorkspaceError: a table is missing, cannot be read, changed while it was read, or rows of it were imported
            before; the text names the setting.
    """
    tables = [ExternalTable(table, place, directory) for table, place in places.items()]
    if not _find_changes(into.store.commit(), _looks(tables)):
        return
    with taking_in(replace(into, in_place=frozenset())) as intake:
        # Looked at again: another process may have taken them in while this one waited.
        looks = _looks(tables)
        for table, look in _find_changes(intake.commit, looks).items():
            _take_in(intake, table, look)
        # Files that were replaced while they were read may have given rows of two states. A managed table was read in
        # the version that was looked at; a newer one is taken in the next time.
        for outside in tables:
            with _naming(outside.table):
                if not outside.has_versions and outside.look().state != looks[outside.table].state:
                    raise UnreadableInputError("changed while it was being read; try again")


def _looks(tables: Iterable[ExternalTable]) -> dict[str, Look]:
    looks = {}
    for outside in tables:
        with _naming(outside.table):
            looks[outside.table] = outside.look()
    return looks


def _find_changes(commit: Commit, looks: Mapping[str, Look]) -> dict[str, Look | None]:
    """By table: what it is now; None where the workspace has a copy of one that it no longer uses."""
    gone: dict[str, Look | None] = {table: None for table in commit.outside if table not in looks}
    changed = {table: look for table, look in looks.items() if commit.outside.get(table) != look.state}
    return {**gone, **changed}


def _take_in(intake: Intake, table: str, look: Look | None) -> None:
    had_rows = any(record.accepted for record in intake.commit.records if record.table == table)
    if table not in intake.commit.outside and had_rows:
        raise WorkspaceError(
            f"[storage] {table}: rows of {table} were imported into this workspace before; "
            "use a new workspace, or remove the setting"
        )
    intake.replace(table, look.state if look else None)
    with _naming(table):
        intake.read(look.readings if look else (), silent, importer="in place")


@contextmanager
def _naming(table: str) -> Iterator[None]:
    try:
        yield
    except UnreadableInputError as error:
        raise WorkspaceError(f"[storage] {table}: {error}") from error
