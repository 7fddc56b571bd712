"""A new metric whose figure exists takes one block in one file; one that has yet to be counted takes four files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
METRICS = "metrics/uplift_metrics.py", "metrics/delivery_metrics.py"

EXISTING = {
    METRICS[0]: (
        "\nBY_SENT = (\n",
        """
    Metric(
        name="treated_people",
        label="Treated people",
        description="Distinct users among the treated.",
        unit=Unit.COUNT,
        group=Group.CONVERSION,
        scope=Scope.ARM,
        figure="treated.people",
        made_of=ComparedRows(Basis.SENT, (Arm.TREATED,), Measure.USERS),
        on_card=True,
        rank=9,
        in_definitions=True,
        counting_note="counted once per user",
    ),
""",
    )
}
"""By file, after which lines which are added."""

COUNTED = {
    "counting/delivery.py": ("_STANDS: dict[str, tuple[int, ...]] = {\n", '    "refused": (FAILED_RESPONSE,),\n'),
    "snapshot/snapshot.py": ("    request_attempts: int | None\n", "    refused: Counts | Unknown\n"),
    "engines/assemble.py": (
        "        request_attempts=totals.request_attempts,\n",
        '        refused=totals.count("refused"),\n',
    ),
    METRICS[1]: (
        "\nDELIVERY = (\n",
        """
    Metric(
        name="refused",
        label="Refused",
        description="Users whose request was never answered with a success code.",
        unit=Unit.COUNT,
        group=Group.DELIVERY,
        figure="performance.refused",
        made_of=AudienceRows((Standing.FAILED_RESPONSE,)),
        gaps=frozenset({Gap.FAILED_RESPONSES}),
        on_card=True,
        rank=10,
        in_definitions=True,
        countings=BOTH_COUNTINGS,
    ),
""",
    ),
}

PROGRAM = """
import json, sys
from dataclasses import asdict

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import Counting, Gap, ShownAs
from analytics_core.engines.explaining import explain_number
from analytics_core.engines.local import compute_snapshots
from analytics_core.engines.scene import WorkspaceData, view_campaign
from analytics_core.explaining.explanation import question_of
from analytics_core.metrics.catalog import catalog_markdown
from analytics_core.metrics.gaps import mask_gaps
from analytics_core.metrics.snapshot_schema import snapshot_schema
from analytics_core.snapshot.documents import as_json
from analytics_core.views.campaign.cards import cards
from analytics_core.views.campaign.tables import definitions, portfolio_table
from analytics_core.views.explaining.explanation_json import explanation_json
from analytics_core.views.page.html import report_sections
from worlds import tiny_campaign

told = tiny_campaign().sent("ann").sent("ann", instance="next").sent("bob").requested("cat", 404).held_back("dan")
held = WorkspaceData(told.tables(), told.book, told.app)
(snapshot,) = compute_snapshots(held.tables, held.book, held.app, Settings())
(campaign,) = told.book
scene = view_campaign(held, campaign, Settings())


def explanation(name):
    return explanation_json(explain_number(scene, question_of(campaign, name, None), rows=None))


shown = cards(snapshot, campaign, counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)
body = report_sections(snapshot, campaign)
print(json.dumps({
    "cards": {card.label: card.value for card in shown},
    "table": asdict(portfolio_table([snapshot], [campaign])),
    "definitions": [row.cells[0] for row in definitions(snapshot).rows],
    "report": str(body.performance),
    "document": as_json(snapshot),
    "unknown": as_json(mask_gaps(snapshot, [Gap.FAILED_RESPONSES.value])),
    "schema": snapshot_schema(),
    "explanations": {name: explanation(name) for name in sys.argv[1:]},
    "markdown": catalog_markdown(),
}))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the package with both metrics says of three sent rows, one failed and one held out."""
    copy = tmp_path_factory.mktemp("copy") / "src"
    shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for file, (after, more) in [*EXISTING.items(), *COUNTED.items()]:
        path = copy / "analytics_core" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(after) == 1, file
        path.write_text(text.replace(after, after + more.removeprefix("\n")), encoding="utf-8")
    places = os.pathsep.join([str(copy), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "treated_people", "refused"],
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_new_metric_takes_one_file_or_four() -> None:
    assert (len(EXISTING), len(COUNTED)) == (1, 4)
    assert [file for file in (*EXISTING, *COUNTED) if file.startswith("metrics/")] == list(METRICS)


def test_it_has_a_card_a_column_and_a_definition(said: dict[str, Any]) -> None:
    assert (said["cards"]["Treated people"], said["cards"]["Refused"]) == ("2", "1")
    headings = [column["label"] for column in said["table"]["columns"]]
    cells = dict(zip(headings, said["table"]["rows"][0]["cells"], strict=True))
    assert (cells["Treated people"], cells["Refused"]) == ("2", "1")
    assert said["table"]["droppable"][:2] == ["Refused", "Treated people"]
    assert {"Treated people", "Refused"} <= set(said["definitions"])


def test_it_is_in_the_report_s_body(said: dict[str, Any]) -> None:
    assert "Treated people" in said["report"]
    assert "Refused" in said["report"]


def test_its_figure_is_in_the_document_and_the_schema_knows_it(said: dict[str, Any]) -> None:
    assert said["document"]["goals"][0]["uplift"]["campaign"]["treated"]["people"] == 2
    assert said["document"]["performance"]["refused"] == {"unique": 1, "total": 1}
    parts = said["schema"]["$defs"]
    assert {"treated_people", "refused"} <= set(parts["VendorReported"]["properties"]["our_metric"]["enum"])
    assert parts["Performance"]["properties"]["refused"]["title"] == "Refused"


def test_it_is_unknown_where_its_gap_is(said: dict[str, Any]) -> None:
    assert said["unknown"]["performance"]["refused"] == {"unique": None, "total": None}
    assert "refused" in [found["metric"] for found in said["unknown"]["unknown"]]


def test_it_is_explained_down_to_its_rows(said: dict[str, Any]) -> None:
    found = {name: explanation["behind"] for name, explanation in said["explanations"].items()}
    assert [(behind["grain"], behind["number"], behind["rows"]) for behind in found.values()] == [
        ("compared_row", 2, 3),
        ("audience_row", 1, 1),
    ]
    assert said["explanations"]["treated_people"]["value"] == 2


def test_it_is_in_the_generated_page(said: dict[str, Any]) -> None:
    assert "| `treated_people` | Treated people | count | counted once per user |" in said["markdown"]
    assert "| `refused` | Refused | count | unique / total |" in said["markdown"]
