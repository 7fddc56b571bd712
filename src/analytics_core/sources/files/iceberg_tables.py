"""Iceberg tables in a directory: the metadata file that says what one holds now, and its rows."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import naming
from analytics_core.sources.files.managed_tables import METADATA
from analytics_core.sources.rows.texts import readable

NOT_INSTALLED = "is an Iceberg table; reading it needs: pip install 'connector-analytics[iceberg]'"

_PLANNER = "POLARS_ICEBERG_PLANNER"
_HINT = "version-hint.text"
_NAME = re.compile(r"(?:v(?P<counted>\d+)|(?P<numbered>\d+)-[^.]+)(?:\.gz)?\.metadata\.json(?:\.gz)?", re.ASCII)


def find_metadata(table: Path) -> Path:
    """The metadata file of a table's present version: the hint's or a later one, without a hint the newest.

    Raises:
        UnreadableInputError: no name says a version, or two files are of the same one, of which one is not the table's.
    """
    folder = table / METADATA
    with naming(readable(str(folder))):
        found: dict[int, list[Path]] = defaultdict(list)
        for path in sorted(folder.iterdir()):
            if (version := _version_in(path.name)) is not None:
                found[version].append(path)
        hint = folder / _HINT
        hinted = _parse_hint(hint.read_text(errors="replace").strip()) if hint.is_file() else None
    if not found:
        raise UnreadableInputError(
            f"{readable(table.name)}: no file in {METADATA}/ says by its name which version it is"
        )
    version = max(found) if hinted is None or hinted not in found else hinted
    while version + 1 in found:
        version += 1
    if len(found[version]) > 1:
        names = ", ".join(readable(path.name) for path in found[version])
        raise UnreadableInputError(f"{readable(table.name)}: has version {version} twice; say which one it is: {names}")
    return found[version][0]


def scan_table(metadata: Path) -> pl.LazyFrame:
    """The rows of the version that a metadata file describes, without those that were deleted.

    Raises:
        UnreadableInputError: the extra is not installed, or the table cannot be read.
    """
    with reading_iceberg():
        scan = pl.scan_iceberg(str(metadata))
        scan.select(pl.len()).collect()
        return scan


@contextmanager
def reading_iceberg() -> Iterator[None]:
    """Turn whatever reading a table raises into one line.

    Raises:
        UnreadableInputError: the extra is not installed, or the table cannot be read.
    """
    before = os.environ.get(_PLANNER)
    # Polars would plan faster with a package of its own, and says so each time.
    os.environ.setdefault(_PLANNER, "pyiceberg")
    try:
        yield
    except UnreadableInputError:
        raise
    except ImportError as error:
        raise UnreadableInputError(NOT_INSTALLED) from error
    except (Exception, pl.exceptions.PanicException) as error:
        # Each of the libraries below has errors of its own, for files that are gone and for features it lacks.
        raise UnreadableInputError("is not a readable Iceberg table, or has a feature that is not supported") from error
    finally:
        if before is None:
            os.environ.pop(_PLANNER, None)


def _version_in(name: str) -> int | None:
    match = _NAME.fullmatch(name)
    return int(match["counted"] or match["numbered"]) if match else None


def _parse_hint(text: str) -> int | None:
    """The version in a hint, which is a number, or the name of a metadata file with or without its ending."""
    if text.isascii() and text.isdecimal():
        return int(text)
    return _version_in(text if text.endswith(".metadata.json") else f"{text}.metadata.json")
