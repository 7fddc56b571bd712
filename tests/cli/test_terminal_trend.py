"""The trend of a campaign on the terminal: few rows, as long as it takes, in 80 columns."""

from pathlib import Path

import pytest

from analytics_core.workspace import create_workspace
from commands import Run
from worlds import World, tiny_campaign
from worlds.story import PURCHASE


def shop(directory: Path, world: World) -> Path:
    created = create_workspace(directory / "workspace")
    created.import_canonical(world.write(directory / "export", fmt="jsonl"))
    return created.directory


def test_metrics_shows_what_happened_when(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    world = tiny_campaign("c", goals=[PURCHASE]).sent("ada", at="2026-03-02 10:00").sent("bob", at="2026-03-09 10:00")
    world = world.bought("ada", at="2026-03-02 11:00").bought("bob", at="2026-03-09 12:00")
    code, out, _ = run("metrics", "c", "-w", shop(tmp_path, world))
    assert code == 0
    assert "Trend by day\n" in out
    found = {line.split("  ")[0]: line.split()[-5:] for line in out.splitlines()}
    assert found["Mon 2 Mar 2026"] == ["1", "1", "0", "1", "1"]
    assert found["Mon 9 Mar 2026 (incomplete)"] == ["1", "1", "0", "1", "1"]
    assert "Incomplete: rows of it are still to come" in " ".join(out.split())
    assert "(P) Purchase 1 h 30 min" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80


def test_a_single_bucket_is_the_campaign(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("metrics", "c", "-w", shop(tmp_path, tiny_campaign("c").sent("ada").sent("bob")))
    assert "Delivery funnel" in out
    assert "Trend by" not in out
