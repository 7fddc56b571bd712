"""The campaign book in PostgreSQL: the same book, and several clients at once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from canonical_files import CAMPAIGN, delivery, write_export

from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.settings import SETTINGS_FILE
from analytics_core.workspace import Workspace, create_workspace
from commands import Run
from postgresql import new_database, serving

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("pg")) as url:
        yield url


@pytest.fixture
def workspace(server: str, tmp_path: Path) -> Workspace:
    """An empty workspace with its book in an empty database."""
    settings = create_workspace(tmp_path / "workspace").directory / SETTINGS_FILE
    text = settings.read_text().replace("sqlite:///campaigns.db", new_database(server))
    settings.write_text(text)
    return Workspace(settings.parent)


def export(directory: Path, number: int, *names: str) -> Path:
    made = write_export(directory, deliveries=[delivery(f"u{number}", number % 60, request_id=f"r{number}")])
    definitions = [{**CAMPAIGN, "campaign_id": f"c{n}", "name": name} for n, name in enumerate(names)]
    (made / "campaigns.json").write_text(json.dumps(definitions))
    return made


def names(workspace: Workspace) -> list[str]:
    return [campaign.name for campaign in Workspace(workspace.directory, workspace.known_at).campaigns()]


def test_definitions_are_imported_known_at_their_times_and_taken_back(workspace: Workspace, tmp_path: Path) -> None:
    assert names(workspace) == []
    workspace.import_canonical(export(tmp_path / "1", 1, "First"))
    first = workspace.imports()[-1].at
    workspace.import_canonical(export(tmp_path / "2", 2, "Second", "Other"))
    assert names(workspace) == ["Second", "Other"]
    assert names(Workspace(workspace.directory, first)) == ["First"]
    assert workspace.undo_import(2).definitions == 2
    assert names(workspace) == ["First"]
    assert not (workspace.directory / "campaigns.db").exists()


def test_several_clients_at_once_lose_nothing(workspace: Workspace, tmp_path: Path) -> None:
    exports = [
        export(tmp_path / str(n), n, *(f"{n} of {other}" if other == n else "shared" for other in range(n + 1)))
        for n in range(6)
    ]
    command = [sys.executable, "-m", "analytics_core", "import", "canonical"]
    running = [
        subprocess.Popen(
            [*command, *map(str, exports[n::2]), "-w", str(workspace.directory)], stdout=subprocess.DEVNULL
        )
        for n in range(2)
    ]
    assert [process.wait() for process in running] == [0, 0]
    opened = Workspace(workspace.directory)
    assert len(opened.campaigns()) == 6
    assert opened.tables().deliveries.collect().height == 6
    assert [each.number for each in opened.imports()] == [1, 2, 3, 4, 5, 6]
    assert opened._book.find_faults(opened._store.commit()) == []


def test_a_book_that_is_empty_beside_imports_or_gone_is_one_line(
    workspace: Workspace, tmp_path: Path, server: str, run: Run
) -> None:
    workspace.import_canonical(export(tmp_path / "1", 1, "First"))
    settings = workspace.directory / SETTINGS_FILE
    text = settings.read_text()
    url = next(part for part in text.split('"') if part.startswith("postgresql"))
    for other in (new_database(server), url.replace("postgres:@", "postgres:a-secret@") + "&port=1"):
        settings.write_text(text.replace(url, other))
        code, out, err = run("metrics", "--all", "-w", workspace.directory)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert "campaign book" in err
        assert "a-secret" not in err


@pytest.mark.parametrize("table", ["history", "campaigns", "book"])
def test_damage_is_told(workspace: Workspace, tmp_path: Path, table: str) -> None:
    workspace.import_canonical(export(tmp_path / "1", 1, "First"))
    url = next(
        part for part in (workspace.directory / SETTINGS_FILE).read_text().split('"') if part.startswith("postgr")
    )
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    changes = {
        "history": "UPDATE history SET definition = replace(definition, 'First', 'Worst')",
        "campaigns": "DELETE FROM campaigns",
        "book": "DROP TABLE book",
    }
    with engine.begin() as connection:
        connection.execute(sa.text(changes[table]))
    with pytest.raises(WorkspaceError, match="campaign book"):
        names(workspace)
