"""Real retail campaigns through the whole product: demo, import, attribution, snapshot."""

import json
from pathlib import Path

import pytest

from analytics_core.demo import Dataset
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import Workspace, make_demo

EXPECTED = json.loads((Path(__file__).parent / "demo" / "completejourney-expected.json").read_text())
ALL_CAMPAIGNS = 27


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    directory = tmp_path_factory.mktemp("completejourney") / "workspace"
    make_demo(directory, Dataset.COMPLETEJOURNEY)
    return Workspace(directory)


def test_every_campaign_of_the_package_is_there(workspace: Workspace) -> None:
    assert len(workspace.campaigns()) == ALL_CAMPAIGNS


@pytest.mark.parametrize("campaign_id", EXPECTED)
def test_a_campaign_s_numbers_are_exactly_the_expected_ones(workspace: Workspace, campaign_id: str) -> None:
    document = as_json(workspace.snapshot(campaign_id))
    expected = EXPECTED[campaign_id]
    goals = [
        {name: goal[name] for name in wanted} for goal, wanted in zip(document["goals"], expected["goals"], strict=True)
    ]
    assert {"sent": document["performance"]["sent"]["total"], "goals": goals} == expected
