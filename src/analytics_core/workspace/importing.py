"""One import: files in, counted rows out, everything or nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from analytics_core.domain.errors import WorkspaceError
from analytics_core.sources.campaigns import read_campaigns
from analytics_core.sources.canonical import reading_of
from analytics_core.sources.files.files import CAMPAIGNS
from analytics_core.sources.finding.canonical_files import campaigns_file, find_files, linked_tables
from analytics_core.sources.finding.unread import Search
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.readings import Reading
from analytics_core.sources.recognition import suggesting_importer
from analytics_core.sources.vendors import VENDORS
from analytics_core.store.rejects import open_rejects
from analytics_core.workspace.intake import CANONICAL_IMPORTER, Destination, Intake
from analytics_core.workspace.summaries import Days, ImportSummary, Progress, UndoSummary


def import_directory(directory: Path, into: Destination, progress: Progress, *, again: bool = False) -> ImportSummary:
    """Take the canonical files in `directory` in.

    Everything is read before anything is kept: a file that cannot be read at all raises UnreadableInputError and
    leaves the workspace as it was. Rows and definitions land together.
    """
    with suggesting_importer([directory], CANONICAL_IMPORTER):
        readings = [reading_of(file) for file in find_files(directory)]
    definitions = campaigns_file(directory)
    campaigns = read_campaigns(definitions) if definitions else None
    with taking_in(into) as intake:
        intake.read(readings, progress, importer=CANONICAL_IMPORTER, again=again)
        counts = intake.define(campaigns) if campaigns else None
    search = Search((*linked_tables(directory), directory), base=directory)
    summary = _name_files(intake.summary(), search, readings, definitions)
    if campaigns is None or counts is None:
        return summary
    unknown: Mapping[str, tuple[str, ...]] = {"campaigns": campaigns.unknown_keys} if campaigns.unknown_keys else {}
    is_refused = 0 < counts.read == counts.rejected
    return replace(
        summary,
        tables={"campaigns": counts, **summary.tables},
        unknown_columns={**unknown, **summary.unknown_columns},
        refused={**({CAMPAIGNS: None} if is_refused else {}), **summary.refused},
    )


def import_readings(
    readings: Sequence[Reading],
    into: Destination,
    progress: Progress,
    search: Search,
    *,
    importer: str,
    again: bool = False,
) -> ImportSummary:
    """Take the rows of files in; a file whose bytes were imported before brings nothing.

    Args:
        readings: how the files are read, in order.
        into: where they go.
        progress: hears what is read.
        search: where they were looked for; what lies there and is not read is named.
        importer: how they are read, such as `braze`.
        again: whether what files brought that were imported before is replaced by what they bring now.

    Raises:
        UnreadableInputError: a file cannot be read.
        WorkspaceError: one has rows of a table that is used in place. Nothing is kept, in either case.
    """
    with taking_in(into) as intake:
        intake.read(readings, progress, importer=importer, again=again)
    return _name_files(intake.summary(), search, readings)


def import_export(
    vendor: str,
    paths: Sequence[Path],
    into: Destination,
    progress: Progress,
    *,
    again: bool = False,
    days: Days = None,
) -> ImportSummary:
    """Take a vendor's export files in (see `import_readings`); where `days` are given, files of other days stay out."""
    export, files, others = VENDORS[vendor], paths, frozenset[Path]()
    if export.within and days:
        files = export.within(paths, *days)
        others = frozenset(export.within(paths, None, None)).difference(files)
    search = Search(paths, others=others)
    return import_readings(export.readings(files), into, progress, search, importer=vendor, again=again)


def import_table(
    mapping: Path, paths: Sequence[Path], into: Destination, progress: Progress, *, again: bool = False
) -> ImportSummary:
    """Take files of somebody's own table in, as a mapping file says (see `import_readings`)."""
    readings = find_readings(paths, read_mapping(mapping))
    return import_readings(readings, into, progress, Search(paths), importer="table", again=again)


def _name_files(
    summary: ImportSummary, search: Search, readings: Sequence[Reading], definitions: Path | None = None
) -> ImportSummary:
    """The summary with what became of each file that lies where it was looked."""
    read = {path for reading in readings for path in reading.paths} | ({definitions} if definitions else set())
    empty = tuple(reading.name for reading in readings if not reading.progress.size)
    return replace(summary, files_read=len(read), not_read=search.name_unread(read), empty_files=empty)


def undo_import(number: int, into: Destination) -> UndoSummary:
    """Take the rows and definitions of an import out again, in one step that is an entry of the history itself.

    Raises:
        WorkspaceError: there is no such import, or it cannot be taken back; nothing was changed.
    """
    with into.store.importing() as running:
        running.book = into.book.settle(running.commit, alone=True)
        losing = running.take_back(number)
        (undone,) = (landed for landed in running.commit.history if landed.number == number)
        # What it had replaced, reading the same bytes again, does not come back by itself.
        replaced = [file for landed in running.commit.history for file in landed.files if file.key in undone.dropped]
        changes = into.book.stage_undo(number, running.number, running.commit)
        running.token, running.definitions = changes.token, changes.changed
        rows = Counter[str]()
        for record in (record for file in undone.files for record in file.records):
            rows[record.table] += record.accepted
        entry = running.number
    _settle(into)
    import_anew = tuple(dict.fromkeys(file.name for file in (*replaced, *losing)))
    return UndoSummary(number, entry, dict(rows), changes.changed, import_anew)


@contextmanager
def taking_in(into: Destination) -> Iterator[Intake]:
    """One import: what is read from the files becomes visible together, on leaving without an error."""
    with (
        into.store.importing() as running,
        open_rejects(into.rejected, into.access) as rejects,
        ThreadPoolExecutor(1) as writer,
    ):
        running.book, running.said = into.book.settle(running.commit, alone=True), into.said
        intake = Intake(running, rejects, writer, into)
        yield intake
        intake.finish()
    _settle(into)


def _settle(into: Destination) -> None:
    # What landed counts already, whoever reads; the next import does what this one cannot.
    with suppress(WorkspaceError):
        into.book.settle(into.store.commit(), alone=False)
