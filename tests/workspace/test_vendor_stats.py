"""Numbers of vendors on their way from files to a Snapshot: once, in any order, and touching no number of ours."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from currents_files import CONVERSION, SEND, happened, http_event, json_lines, message
from customerio_files import workspace_with_campaign, write_campaign

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import Workspace, create_workspace
from analytics_core.workspace.summaries import TableCounts
from worlds.schema import read_back

GOAL = {"goal_id": "purchase", "name": "Purchase", "event_name": "behaviors.Purchase"}
CAMPAIGN = {"campaign_id": "spring", "name": "Spring", "delivery_type": "periodic", "goals": [GOAL]}
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def _workspace(directory: Path, app: App | None = None) -> Workspace:
    definitions = directory / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    made = create_workspace(directory / "workspace", app or App())
    made.import_canonical(definitions)
    return made


def _answer(sent: int, start: str | None, end: str | None) -> dict[str, Any]:
    sections = {"performance_stats": {"sent": sent}}
    variations = {"all_variations": sections}
    entry = {"platforms": {"A": {"locales": {"all_locales": {"variations": variations}}}}}
    request = {"start_date": start, "end_date": end, "metric_type": "TOTAL"}
    return {"request": request, "data": {"spring": [entry]}}


def _take_in(made: Workspace, directory: Path, answers: Sequence[dict[str, Any]]) -> None:
    """Each answer is a file and an import of its own."""
    for number, answer in enumerate(answers):
        path = directory / f"{number}.json"
        path.write_text(json.dumps(answer))
        made.import_export("moengage", [path])


def _reported(made: Workspace, as_of: datetime | None = None) -> list[dict[str, Any]]:
    settings = replace(made.settings, as_of=as_of)
    (document,) = read_back([as_json(made.snapshot("spring", settings))])
    return document["vendor_reported"]


def _conversions(directory: Path, *seconds: int) -> Path:
    """A Braze export: two sends, and conversions at 2026-04-01 10:00 and seconds after."""
    sends = [http_event(SEND, message(number, user)) for number, user in enumerate(("ann", "bob"))]
    shown = [
        http_event(CONVERSION, happened(100 + at, "ann", campaign_id="spring", conversion_behavior_index=0))
        for at in seconds
    ]
    json_lines(directory / "events.jsonl", [*sends, *shown])
    return directory


def test_without_any_the_list_is_empty(tmp_path: Path) -> None:
    made = _workspace(tmp_path)
    made.import_export("braze", [_conversions(tmp_path / "export")])
    assert _reported(made) == []
    assert made.tables().vendor_stats is None


def test_conversions_are_counted_once_and_no_number_of_ours_changes(tmp_path: Path) -> None:
    plain, made = _workspace(tmp_path / "plain"), _workspace(tmp_path / "made")
    plain.import_export("braze", [_conversions(tmp_path / "sends")])
    export = _conversions(tmp_path / "export", 1, 2)
    made.import_export("braze", [export])
    again = made.import_export("braze", [export])
    assert again.tables["vendor_stats"] == TableCounts(2, 0, 2, 0)
    more = made.import_export("braze", [_conversions(tmp_path / "more", 2, 3)])
    assert more.tables["vendor_stats"] == TableCounts(2, 1, 1, 0)
    (found,) = _reported(made)
    assert (found["vendor"], found["our_metric"], found["goal_id"]) == ("braze", "converted_users", "purchase")
    assert (found["value"], found["ours"], found["difference"], found["answers"]) == (3, 0, 3, 0)
    without = plain.snapshot("spring")
    assert replace(made.snapshot("spring"), vendor_reported=(), provenance=without.provenance) == without


def test_conversions_after_the_as_of_instant_do_not_exist(tmp_path: Path) -> None:
    made = _workspace(tmp_path)
    made.import_export("braze", [_conversions(tmp_path / "export", 1, 2)])
    instants = made.tables().vendor_stats
    assert instants is not None
    first, last = instants.collect()["occurred_at"].sort()
    assert first < last
    assert [one["value"] for one in _reported(made, first)] == [1]
    assert [one["value"] for one in _reported(made, last)] == [2]
    # What vendors say does not move the instant from which the data is seen.
    assert made.tables().latest_at < first


def test_customerios_conversions_are_beside_converted_users(tmp_path: Path) -> None:
    made = workspace_with_campaign(tmp_path)
    made.import_export("customerio", [write_campaign(tmp_path / "export")])
    (found,) = as_json(made.snapshot("7"))["vendor_reported"]
    assert (found["vendor"], found["metric"], found["value"], found["ours"]) == ("customerio", "converted", 1, 1)


ANSWERS = (
    _answer(9, None, None),
    _answer(8, "2026-03-01", "2026-03-30"),
    _answer(5, "2026-04-01", "2026-04-30"),
    _answer(6, "2026-04-01", "2026-04-30"),
    _answer(7, "2026-04-15", "2026-04-30"),
)


@pytest.mark.parametrize("order", list(permutations(ANSWERS))[::17])
def test_the_newest_answer_is_shown_whatever_the_order_of_import(
    order: tuple[dict[str, Any], ...], tmp_path: Path
) -> None:
    made = _workspace(tmp_path)
    _take_in(made, tmp_path, order)
    (found,) = _reported(made)
    # The period that ends last, of those the one that starts first, of those the greatest.
    assert (found["value"], found["starts_on"], found["answers"]) == (6, "2026-04-01", 5)


@pytest.mark.parametrize(
    ("as_of", "value"),
    [
        ("2026-05-01T00:30:00+00:00", 6),
        # In New York this is still the evening of 30 March.
        ("2026-03-31T02:00:00+00:00", 8),
        ("2026-03-30T02:00:00+00:00", 9),
    ],
)
def test_an_answer_about_later_days_does_not_exist(as_of: str, value: int, tmp_path: Path) -> None:
    made = _workspace(tmp_path, App(timezone="America/New_York"))
    _take_in(made, tmp_path, ANSWERS)
    assert [one["value"] for one in _reported(made, datetime.fromisoformat(as_of))] == [value]


def test_a_campaign_alone_is_beside_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _workspace(tmp_path)
    _take_in(made, tmp_path, ANSWERS)
    made.import_export("braze", [_conversions(tmp_path / "export", 1)])
    together = _reported(made)
    made.refresh()
    monkeypatch.setattr("analytics_core.engines.local._FEW_USERS", 0)
    assert _reported(made) == together
    assert {one["vendor"] for one in together} == {"braze", "moengage"}


def test_optimizing_changes_none_of_them(tmp_path: Path) -> None:
    made = _workspace(tmp_path)
    _take_in(made, tmp_path, ANSWERS)
    made.import_export("braze", [_conversions(tmp_path / "export", 1)])
    before = _reported(made, JUNE)
    made.optimize()
    assert _reported(made, JUNE) == before != []


def test_canonical_files_and_mappings_hold_none(tmp_path: Path) -> None:
    made = _workspace(tmp_path)
    export = tmp_path / "export"
    export.mkdir()
    (export / "campaigns.json").write_text("[]")
    (export / "vendor_stats.jsonl").write_text('{"vendor": "braze"}\n')
    assert "vendor_stats" not in made.import_canonical(export).tables
    (tmp_path / "stats.toml").write_text('table = "vendor_stats"\n[columns]\nvendor = "a"\n')
    with pytest.raises(UnreadableInputError, match="there is no table 'vendor_stats'"):
        made.import_table(tmp_path / "stats.toml", [export])
