"""The tables of the campaign book, and the numbered steps that make them of what earlier versions left.

Every step runs in one transaction with the number of the schema it leads to: a process that is stopped in the middle
leaves the schema that was. A step, once landed, is never changed; a new one is added.
"""

from collections.abc import Callable
from uuid import uuid4

import sqlalchemy as sa

from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.book.entries import FIRST_HASH, BookAct, make_entry

_METADATA = sa.MetaData()
META = sa.Table(
    "book",
    _METADATA,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text),
    sa.Column("entries", sa.BigInteger),
    sa.Column("head", sa.Text),
    sa.Column("campaigns", sa.BigInteger),
    sa.Column("landed", sa.BigInteger),
)
"""One row: the book's id, how many entries its history has, the hash of the last, how many campaigns there are, and the
number of the last import that is in it."""
HISTORY = sa.Table(
    "history",
    _METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("campaign_id", sa.Text),
    sa.Column("version", sa.BigInteger),
    sa.Column("at", sa.Text),
    sa.Column("by", sa.Text),
    sa.Column("act", sa.Text),
    sa.Column("import_number", sa.BigInteger),
    sa.Column("definition", sa.Text),
    sa.Column("previous", sa.Text),
    sa.Column("hash", sa.Text),
)
"""One row a change of a definition, never changed: see `BookEntry`."""
CAMPAIGNS = sa.Table(
    "campaigns",
    _METADATA,
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger),
    sa.Column("entry", sa.BigInteger),
)
"""One row a campaign that is defined: the number of the entry that defines it."""
STAGED = sa.Table(
    "staged",
    _METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("token", sa.Text),
    sa.Column("import_number", sa.BigInteger),
    sa.Column("by", sa.Text),
    sa.Column("act", sa.Text),
    sa.Column("campaign_id", sa.Text),
    sa.Column("definition", sa.Text),
)
"""One row a change that an import makes, if it lands."""

_FIRST = """
CREATE TABLE book (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, entries BIGINT NOT NULL,
                   head TEXT NOT NULL, campaigns BIGINT NOT NULL, landed BIGINT NOT NULL);
CREATE TABLE history (number BIGINT PRIMARY KEY, campaign_id TEXT NOT NULL, version BIGINT NOT NULL, at TEXT NOT NULL,
                      "by" TEXT NOT NULL, act TEXT NOT NULL, import_number BIGINT, definition TEXT,
                      previous TEXT NOT NULL, hash TEXT NOT NULL, UNIQUE (campaign_id, version));
CREATE TABLE campaigns (campaign_id TEXT PRIMARY KEY, version BIGINT NOT NULL, entry BIGINT NOT NULL);
CREATE TABLE staged (position BIGINT PRIMARY KEY, token TEXT NOT NULL, import_number BIGINT NOT NULL,
                     "by" TEXT NOT NULL, act TEXT NOT NULL, campaign_id TEXT NOT NULL, definition TEXT)
"""


def _make_history(connection: sa.Connection) -> None:
    """Version 0.1 had definitions only: each becomes an entry that was always there."""
    carried: list[tuple[str, str, int]] = []
    if sa.inspect(connection).has_table("campaigns"):
        found = connection.exec_driver_sql("SELECT campaign_id, definition, version FROM campaigns")
        carried = sorted((row[0], row[1], row[2]) for row in found)
        connection.exec_driver_sql("DROP TABLE campaigns")
    for statement in _FIRST.split(";"):
        connection.exec_driver_sql(statement)
    previous, number = FIRST_HASH, 0
    for number, (campaign_id, definition, version) in enumerate(carried, start=1):
        entry = make_entry(
            number, previous, campaign_id=campaign_id, version=version, act=BookAct.CARRIED, definition=definition
        )
        connection.execute(HISTORY.insert().values(entry.as_row()))
        connection.execute(CAMPAIGNS.insert().values(campaign_id=campaign_id, version=version, entry=number))
        previous = entry.hash
    values = {"one": 1, "id": uuid4().hex, "entries": number, "head": previous, "campaigns": number, "landed": 0}
    connection.execute(META.insert().values(values))


_STEPS: tuple[Callable[[sa.Connection], None], ...] = (_make_history,)
"""The step at place N leads from schema N to N + 1."""


def schema_number(connection: sa.Connection) -> int:
    """The number of the schema that a database has; 0 of an empty one, and of one of version 0.1.

    Raises:
        WorkspaceError: it is of a newer version.
    """
    if connection.dialect.name == "sqlite":
        number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    elif sa.inspect(connection).has_table("book_schema"):
        number = connection.exec_driver_sql("SELECT number FROM book_schema").scalar_one()
    else:
        number = 0
    if number > len(_STEPS):
        raise WorkspaceError(
            f"the campaign book was written by a newer version (schema {number}); upgrade connector-analytics"
        )
    return int(number)


def migrate(connection: sa.Connection) -> None:
    """Bring a database to the schema of today, in the transaction that is open."""
    here = schema_number(connection)
    for number, step in enumerate(_STEPS[here:], start=here + 1):
        step(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version = {number}")
        else:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS book_schema (number BIGINT NOT NULL)")
            connection.exec_driver_sql("DELETE FROM book_schema")
            connection.exec_driver_sql(f"INSERT INTO book_schema VALUES ({number})")  # noqa: S608 - a number of ours
