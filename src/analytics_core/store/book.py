"""The campaign book: campaign definitions in a small SQL database."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import WorkspaceError

_METADATA = sa.MetaData()
_CAMPAIGNS = sa.Table(
    "campaigns",
    _METADATA,
    sa.Column("campaign_id", sa.String(128), primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class BookChanges:
    """What writing definitions did: how many are new or changed, how many said nothing new."""

    changed: int
    unchanged: int


class CampaignBook:
    """Campaign definitions by id. `url` is a SQLAlchemy URL; a relative SQLite file lies in `directory`."""

    def __init__(self, url: str, directory: Path) -> None:
        try:
            parsed = sa.make_url(url)
        except sa.exc.ArgumentError:
            raise WorkspaceError(
                "[storage] campaigns is not a database URL, such as 'sqlite:///campaigns.db'"
            ) from None
        self._sqlite = parsed.get_backend_name() == "sqlite"
        if self._sqlite and parsed.database:
            parsed = parsed.set(database=str(directory / parsed.database))
        self._engine = sa.create_engine(parsed, poolclass=sa.NullPool)
        if self._sqlite:
            sa.event.listen(self._engine, "connect", _configure_sqlite)
            sa.event.listen(self._engine, "begin", _begin_immediate)

    def campaigns(self) -> tuple[Campaign, ...]:
        """All definitions, in the order of their ids."""
        query = sa.select(_CAMPAIGNS.c.definition).order_by(_CAMPAIGNS.c.campaign_id)
        with self._begin() as connection:
            found = [Campaign.model_validate_json(text) for (text,) in connection.execute(query)]
        # A database may collate ids in its own way; the order of code points is ours everywhere.
        return tuple(sorted(found, key=lambda campaign: campaign.campaign_id))

    def put(self, campaigns: Iterable[Campaign]) -> BookChanges:
        """Write definitions, replacing those with the same id; all or none."""
        changed = unchanged = 0
        with self._begin() as connection:
            for campaign in campaigns:
                if _put(connection, campaign):
                    changed += 1
                else:
                    unchanged += 1
        return BookChanges(changed, unchanged)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                _METADATA.create_all(connection)
                yield connection
        except sa.exc.DatabaseError as error:
            raise WorkspaceError(f"cannot use the campaign book: {error.orig}") from None


def _put(connection: sa.Connection, campaign: Campaign) -> bool:
    definition = campaign.model_dump_json()
    here = _CAMPAIGNS.c.campaign_id == campaign.campaign_id
    stored = connection.execute(sa.select(_CAMPAIGNS.c.definition, _CAMPAIGNS.c.version).where(here)).first()
    if stored is None:
        row = {"campaign_id": campaign.campaign_id, "definition": definition, "version": 1}
        connection.execute(_CAMPAIGNS.insert().values(row))
        return True
    if stored.definition == definition:
        return False
    connection.execute(_CAMPAIGNS.update().where(here).values(definition=definition, version=stored.version + 1))
    return True


def _configure_sqlite(connection: object, _record: object) -> None:
    # Autocommit hands transactions over to _begin_immediate; readers and one writer get along in WAL mode.
    connection.isolation_level = None  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", f"busy_timeout={_BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}").close()  # type: ignore[attr-defined]


def _begin_immediate(connection: sa.Connection) -> None:
    # A deferred transaction fails when two of them want to write; an immediate one waits its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
