"""The database that a campaign book is in: SQLite in a file, or PostgreSQL where several machines share it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import Access, make_directory
from analytics_core.store.book.schema import migrate

_BUSY_SECONDS = 30
"""How long a writer waits for another one."""
_LOCK = 7_466_203_119
"""What writers of a book in PostgreSQL lock, for as long as their transaction."""
_HEADER = 100
_KNOWN = "sqlite:///campaigns.db or postgresql+psycopg://USER@HOST/DATABASE"


class BookDatabase:
    """One transaction at a time: of a reader, who changes nothing and makes nothing, or of the only writer.

    Args:
        url: a SQLAlchemy URL.
        directory: what a relative SQLite file lies in.
        access: the mode of a SQLite file.

    Raises:
        WorkspaceError: the URL is none, or of a database that is not known.
    """

    def __init__(self, url: str, directory: Path, access: Access) -> None:
        try:
            self._url = sa.make_url(url)
            backend = self._url.get_backend_name()
        except (sa.exc.ArgumentError, ValueError):
            raise WorkspaceError(f"[storage] campaigns is not a database URL, such as {_KNOWN}") from None
        known = (backend == "sqlite" and self._url.database) or self._url.drivername == "postgresql+psycopg"
        if not known or self._url.database == ":memory:":
            raise WorkspaceError(f"[storage] campaigns: {backend} cannot keep a campaign book; use {_KNOWN}")
        self._access = access
        self._file = directory / (self._url.database or "") if backend == "sqlite" else None

    @property
    def address(self) -> str:
        """Where it is; of a URL neither user nor password, nor what stands behind the database."""
        return str(self._file) if self._file else f"postgresql://{self._url.host or ''}/{self._url.database or ''}"

    @contextmanager
    def read(self) -> Iterator[sa.Connection | None]:
        """A transaction that only reads; None where there is no database, or an empty file in its place.

        Raises:
            WorkspaceError: it cannot be read; so says whatever fails inside.
        """
        with self._translate_errors():
            if self._file and not _has_content(self._file):
                yield None
                return
            with self._engine(writing=False).connect() as connection, connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes, alone, in a database that it brings to the schema of today first.

        Raises:
            WorkspaceError: it cannot be written, or another writer does not end; so says whatever fails inside.
        """
        with self._translate_errors():
            if self._file:
                make_directory(self._file.parent, self._access)
                if not self._file.exists():
                    self._file.touch(mode=self._access.file)
                    self._file.chmod(self._access.file)
            with self._engine(writing=True).connect() as connection, connection.begin():
                if not self._file:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                migrate(connection)
                yield connection

    def find_faults(self, connection: sa.Connection) -> list[str]:
        """What the database says is wrong with itself."""
        if not self._file:
            return []
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return [f"{self.address}: {line}" for line in found if line != "ok"]

    def _engine(self, *, writing: bool) -> sa.Engine:
        if not self._file:
            return sa.create_engine(self._url, poolclass=sa.NullPool)
        file = self._file
        engine = sa.create_engine("sqlite://", poolclass=sa.NullPool, creator=lambda: _connect(file, writing=writing))
        # A deferred transaction fails when two of them want to write; an immediate one waits its turn.
        begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            text = " ".join(str(reason).split())[:200]
            raise WorkspaceError(f"cannot use the campaign book {self.address}: {text}") from None
        except (OSError, sqlite3.Error) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise WorkspaceError(f"cannot use the campaign book {self.address}: {reason}") from None
        except ImportError:
            raise WorkspaceError(
                "[storage] campaigns: PostgreSQL needs an extra package: pip install 'connector-analytics[postgresql]'"
            ) from None


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False


def _connect(file: Path, *, writing: bool) -> sqlite3.Connection:
    with file.open("rb") as opened:
        header = opened.read(_HEADER)
    _refuse_cut(file, header)
    connection = sqlite3.connect(
        f"file:{quote(str(file))}?mode={'rw' if writing else _reading_mode(file, header)}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if writing:
            # With a write-ahead log a book could not be read on a read-only mount, and breaks on network homes.
            connection.execute("PRAGMA journal_mode=DELETE").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _reading_mode(file: Path, header: bytes) -> str:
    if _is_waiting(file, "-journal"):
        # A writer was killed: what it left half done has to be undone, which is a write.
        return "rw"
    if header[18:20] != b"\x02\x02":
        return "ro"
    # Of version 0.1, with a write-ahead log: where that is empty nothing needs to be made to read.
    return "rw" if _is_waiting(file, "-wal") else "ro&immutable=1"


def _refuse_cut(file: Path, header: bytes) -> None:
    """SQLite reads a file that was cut off for as long as it needs nothing of the rest."""
    if len(header) < _HEADER or header[24:28] != header[92:96]:
        return
    size = int.from_bytes(header[16:18])
    page = 65536 if size == 1 else size
    if not _is_waiting(file, "-journal") and file.stat().st_size < page * int.from_bytes(header[28:32]):
        raise OSError("it was cut off")


def _is_waiting(file: Path, suffix: str) -> bool:
    return _has_content(file.with_name(f"{file.name}{suffix}"))
