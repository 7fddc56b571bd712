"""Files that a person names for a result: a plain one is replaced whole, anything else is written into."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from analytics_core.places.files import Access, whole_file


@contextmanager
def output_file(path: Path, access: Access | None = None) -> Iterator[BinaryIO]:
    """Where a result goes.

    A regular file is there whole or not at all; behind a symbolic link it is the file that the link names, and the link
    stays. A device, a pipe or a terminal is written into, and is what it was. What this process writes to already, such
    as `/dev/stdout`, is written on where it stands.

    Args:
        path: where.
        access: the mode of a regular file; None: as the process's mask says.

    Raises:
        OSError: it cannot be opened or written.
    """
    stream = _own_stream(path)
    if stream is not None:
        with os.fdopen(os.dup(stream), "wb") as file:
            yield file
    elif path.exists() and not path.is_file():
        # Never made anew: what was here a moment ago may be gone.
        with os.fdopen(os.open(path, os.O_WRONLY), "wb") as file:
            yield file
    else:
        with whole_file(path.resolve(), access) as file:
            yield file


def _own_stream(path: Path) -> int | None:
    """The descriptor of our own output or errors, where `path` is another name of it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            number = stream.fileno()
            if path.exists() and os.path.samestat(path.stat(), os.fstat(number)):
                stream.flush()
                return number
    return None
