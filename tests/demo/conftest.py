"""The two demos, written once and read back with nothing but the standard library."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analytics_core.demo import Dataset, write_demo
from analytics_core.domain.campaign import Campaign

Row = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """What a demo's files say."""

    directory: Path
    campaigns: dict[str, Campaign]
    deliveries: list[Row]
    events: list[Row]
    instances: list[Row]
    identities: list[Row]

    def deliveries_of(self, campaign_id: str) -> list[Row]:
        return [row for row in self.deliveries if row["campaign_id"] == campaign_id]


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Written:
    directory = tmp_path_factory.mktemp("synthetic")
    write_demo(directory, Dataset.SYNTHETIC)
    book = json.loads((directory / "campaigns.json").read_text(encoding="utf-8"))
    tables = {name: _rows(directory / f"{name}.jsonl") for name in ("deliveries", "events", "instances", "identities")}
    return Written(directory, {row["campaign_id"]: Campaign.model_validate(row) for row in book}, **tables)


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("completejourney")
    write_demo(directory, Dataset.COMPLETEJOURNEY)
    return directory
