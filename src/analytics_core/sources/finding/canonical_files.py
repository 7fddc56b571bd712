"""Which canonical files a directory has."""

from pathlib import Path

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import CAMPAIGNS, EXTENSIONS, SourceFile, extension_of, naming, source_at
from analytics_core.sources.finding.exports import files_in
from analytics_core.sources.rows.texts import readable
from analytics_core.tables.canonical import CANONICAL


def find_files(directory: Path) -> tuple[SourceFile, ...]:
    """The canonical files in `directory`: one per table, or those in a folder of the table's name.

    Letters' case does not matter. Hidden files and files with other extensions are left alone. Order: table order,
    then name.

    Raises:
        UnreadableInputError: there is no such directory, nothing of ours in it, a table given twice, a folder
            without a readable file, or a file that cannot be read.
    """
    with naming(readable(str(directory))):
        entries = sorted(directory.iterdir(), key=_name_of)
    found = tuple(file for table in CANONICAL for file in _files_of(table, directory, entries))
    if not found and campaigns_file(directory) is None:
        wanted = ", ".join((CAMPAIGNS, *CANONICAL))
        raise UnreadableInputError(
            f"{readable(str(directory))}: holds none of {wanted}; "
            f"a table is NAME.EXT or a folder NAME, EXT {', '.join(EXTENSIONS)}"
        )
    return found


def campaigns_file(directory: Path) -> Path | None:
    """The campaign definitions in `directory`, in any case of letters; None where there are none.

    Raises:
        UnreadableInputError: there are several, or what has the name is no file.
    """
    with naming(readable(str(directory))):
        found = sorted((entry for entry in directory.iterdir() if entry.name.lower() == CAMPAIGNS), key=_name_of)
    if len(found) > 1:
        raise UnreadableInputError(f"{readable(str(directory))}: holds {CAMPAIGNS} more than once; keep one of them")
    with naming(_name_of(found[0]) if found else ""):
        if found and found[0].exists() and not found[0].is_file():
            raise UnreadableInputError(f"{_name_of(found[0])}: is not a file")
    return found[0] if found else None


def linked_tables(directory: Path) -> list[Path]:
    """The folders of tables that are links: what they lead to is known by their names, also where it lies beside them.

    Raises:
        UnreadableInputError: the directory cannot be listed.
    """
    with naming(readable(str(directory))):
        return sorted(
            path
            for path in directory.iterdir()
            if path.name.lower() in CANONICAL and path.is_symlink() and path.is_dir()
        )


def _files_of(table: str, directory: Path, entries: list[Path]) -> list[SourceFile]:
    mine = []
    for entry in entries:
        stem, _, extension = entry.name.partition(".")
        is_file = stem.lower() == table and extension.lower() in EXTENSIONS
        if entry.name.lower() == table or is_file:
            mine.append(entry)
    if len(mine) > 1:
        names = ", ".join(_name_of(entry) for entry in mine)
        raise UnreadableInputError(f"{directory}: {table} is given more than once ({names}); keep one of them")
    if not mine:
        return []
    paths = _files_in(mine[0]) if mine[0].name.lower() == table else mine
    return [source_at(table, path, readable(path.relative_to(directory).as_posix())) for path in paths]


def _files_in(folder: Path) -> list[Path]:
    """The files of a table's folder, and of folders in it."""
    with naming(_name_of(folder)):
        is_folder = folder.is_dir()
    if not is_folder:
        raise UnreadableInputError(f"{_name_of(folder)}: has no extension; a table is NAME.EXT or a folder NAME")
    found = [entry for entry in files_in([folder]) if extension_of(entry.place.name)]
    paths = [entry.path for entry in found if not any(part.startswith("_") for part in entry.place.parent.parts)]
    if not paths:
        raise UnreadableInputError(f"{_name_of(folder)}: holds no file ending in {', '.join(EXTENSIONS)}")
    return paths


def _name_of(path: Path) -> str:
    return readable(path.name)
