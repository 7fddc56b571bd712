"""`import table`: somebody's own table, by a mapping file."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_core.cli.import_progress import import_progress
from analytics_core.cli.importing import import_all, importing
from analytics_core.cli.options import AgainOption, DraftsOption, JsonOption, StrictOption, WorkspaceOption
from analytics_core.cli.showing import show_unread, unread_document
from analytics_core.cli.streams import say, say_json
from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.forms.table import Column, Row, Table, columns, table_text
from analytics_core.workspace import find_own_workspace, open_own_workspace

if TYPE_CHECKING:
    import polars as pl

    from analytics_core.workspace.dry_run import Preview

MappingOption = Annotated[Path, typer.Option("--mapping", metavar="FILE", help="What the columns mean, as TOML.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would arrive; write nothing.")]


@importing.command("table")
def import_table(  # noqa: PLR0913 - one argument per option of the contract
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of them.")],
    mapping: MappingOption,
    workspace: WorkspaceOption = None,
    *,
    dry_run: DryRunOption = False,
    as_json_document: JsonOption = False,
    strict: StrictOption = False,
    again: AgainOption = False,
    drafts: DraftsOption = None,
) -> int:
    """Parquet, csv and jsonl files of any columns, by a mapping file."""
    if dry_run and drafts is not None:
        raise AnalyticsError("--write-campaigns needs rows that were imported; leave --dry-run out")
    if dry_run:
        return _preview(mapping, paths, workspace, as_json_document=as_json_document, strict=strict)
    into = open_own_workspace(workspace)
    taken_in = [partial(into.import_table, mapping, paths, again=again)]
    return import_all(into, taken_in, as_json_document=as_json_document, strict=strict, drafts=drafts)


def _preview(mapping: Path, paths: list[Path], workspace: Path | None, *, as_json_document: bool, strict: bool) -> int:
    from analytics_core.workspace.dry_run import preview_table  # noqa: PLC0415 - costs other commands time

    into = find_own_workspace(workspace)
    with import_progress() as progress:
        look = into.preview_table if into else preview_table
        preview = look(mapping, paths, progress)
    if as_json_document:
        say_json(_document(preview))
        return 1 if preview.reasons and strict else 0
    rejected = sum(preview.reasons.values())
    for table, rows in preview.rows.items():
        if rows.height:
            say(table_text(_rows_table(f"First {rows.height} of {preview.good[table]:,} rows of {table}", rows)))
    if rejected:
        reasons = tuple(Row((reason, f"{times:,}")) for reason, times in preview.reasons.items())
        say(table_text(Table("Would be rejected", columns("Reason", "Rows"), reasons)))
        say(table_text(_rows_table(f"First {preview.rejected.height} of them", preview.rejected)))
    if preview.left_out:
        left_out = tuple(Row((what, f"{times:,}")) for what, times in sorted(preview.left_out.items()))
        say(table_text(Table("Would be left out", columns("What", "Times"), left_out)))
    show_unread(preview.not_read, preview.files_read)
    good = preview.read - rejected - preview.duplicates
    say(f"read {preview.read:,}, good {good:,}{_duplicates(preview)}, rejected {rejected:,}; nothing was written")
    return 1 if preview.reasons and strict else 0


def _duplicates(preview: "Preview") -> str:
    differing = f" ({preview.differing:,} of them with other values)" if preview.differing else ""
    return f", duplicates {preview.duplicates:,}{differing}" if preview.duplicates else ""


def _rows_table(title: str, rows: "pl.DataFrame") -> Table:
    cells = tuple(Row(tuple("" if value is None else str(value) for value in row)) for row in rows.iter_rows())
    return Table(title, tuple(Column(name) for name in rows.columns), cells)


def _document(preview: "Preview") -> dict[str, Any]:
    return {
        "table": preview.table,
        "read": preview.read,
        "rejected": sum(preview.reasons.values()),
        "reasons": dict(preview.reasons),
        "duplicates": preview.duplicates,
        "differing": preview.differing,
        "left_out": dict(preview.left_out),
        **unread_document(preview.not_read, preview.files_read),
        "first_rows": _records(preview.rows[preview.table]),
        "first_rows_of": {table: _records(rows) for table, rows in preview.rows.items()},
        "first_rejected": preview.rejected.to_dicts(),
    }


def _records(rows: "pl.DataFrame") -> list[dict[str, Any]]:
    return [
        {name: value if value is None or isinstance(value, int | list) else str(value) for name, value in row.items()}
        for row in rows.iter_rows(named=True)
    ]
