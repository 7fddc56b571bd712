"""The schema of the snapshot document: sound itself, and wrong documents do not pass."""

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics_core.domain.settings import App, Settings
from analytics_core.domain.words import Counting, Vendor
from analytics_core.engines.local import compute_snapshots
from analytics_core.metrics import snapshot_schema as snapshot_schema_module
from analytics_core.metrics.snapshot_schema import keys_of, schema_text, snapshot_schema
from analytics_core.metrics.vendor_reported import VendorNumber, with_reported
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import open_workspace
from worlds import World, tiny_campaign
from worlds.product import documents
from worlds.schema import VALIDATOR, first_violation, read_back

Document = dict[str, Any]
Change = Callable[[Document], object]
AT_TEN = "2026-03-02 10:00"


def story() -> World:
    """Something in every part of a document."""
    told = tiny_campaign(audience={"control_group_percent": 20}).sent("ann").sent("bob").requested("cat", 404)
    told = told.held_back("dan").held_back("eve").not_personalized("fay", "user_attribute").declared("run", 9)
    told = told.bought("ann", at=AT_TEN, order_value="12.5").bought("dan", at=AT_TEN, order_value=3)
    return World(told.campaigns, told.deliveries, told.events, told.instances, app=App(timezone="America/New_York"))


@pytest.fixture(scope="module")
def sound() -> Document:
    told = story()
    (snapshot,) = compute_snapshots(told.tables(), told.book, told.app, Settings(since=date(2026, 3, 1)))
    (found,) = read_back([as_json(with_reported(snapshot, REPORTED))])
    return found


REPORTED = [
    VendorNumber(
        vendor=Vendor.MOENGAGE,
        metric=f"performance_stats.{name}",
        our_metric=name,
        counting=Counting.TOTAL,
        goal=None,
        control_group_type=None,
        starts_on=None,
        ends_on=None,
        value=Decimal("4.25"),
        answers=1,
    )
    for name in ("sent", "revenue")
]


def _revenue(document: Document) -> Document:
    found: Document = document["goals"][0]["uplift"]["campaign"]["revenue"]
    return found


def violation(document: Document) -> str | None:
    return first_violation(json.dumps(document))


def test_the_schema_is_one_of_its_draft() -> None:
    VALIDATOR.check_schema(snapshot_schema())


def test_every_object_is_closed_and_asks_for_all_of_its_keys() -> None:
    schema = snapshot_schema()
    for found in (schema, *schema["$defs"].values()):
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])
        assert found["description"]


def test_what_no_type_says_is_said_about_fields_there_are() -> None:
    schema = snapshot_schema()
    objects = {"Snapshot": schema, **schema["$defs"]}
    named = {f"{name}.{key}" for name, found in objects.items() for key in found["properties"]}
    assert snapshot_schema_module._FURTHER.keys() - named == set()
    assert snapshot_schema_module._CONDITIONS.keys() - objects.keys() == set()


def test_the_schema_has_the_keys_a_document_has(sound: Document) -> None:
    def keys(value: object) -> set[str]:
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return set(value if isinstance(value, dict) else ()).union(*map(keys, parts))

    assert keys_of(snapshot_schema()) == keys(sound)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(schema_version=1), "$.schema_version: 2 was expected"),
        (lambda d: d.update(extra=1), "'extra' was unexpected"),
        (lambda d: d.pop("errors"), "'errors' is a required property"),
        (lambda d: d.update(campaign_id=""), "$.campaign_id"),
        (lambda d: d.update(as_of="2026-03-02T09:00:00Z"), "$.as_of"),
        (lambda d: d.update(as_of="2026-03-02"), "$.as_of"),
        (lambda d: d.update(analytics_version="old"), "$.analytics_version"),
        (lambda d: d.update(analytics_version="legacy"), "$."),
        (lambda d: d["settings"].update(window_hours=None), "$.settings.window_hours"),
        (lambda d: d["settings"].update(matured_only=1), "$.settings.matured_only"),
        (lambda d: d["performance"]["sent"].update(total=-1), "$.performance.sent.total"),
        (lambda d: d["performance"]["sent"].update(total=1.5), "$.performance.sent.total"),
        (lambda d: d["performance"]["sent_rate"].update(total=1.01), "$.performance.sent_rate.total"),
        (lambda d: d["performance"].update(revenue=12.5), "$.performance.revenue"),
        (lambda d: d["performance"].update(revenue="12.5"), "$.performance.revenue"),
        (lambda d: d["performance"].update(revenue="12.500"), "$.performance.revenue"),
        (lambda d: d["performance"].update(revenue="-0.00"), "$.performance.revenue"),
        (lambda d: d["performance"].update(average_order_value="12.50"), "$.performance.average_order_value"),
        (lambda d: d["performance"].update(uplift=-1.5), "$.performance.uplift"),
        (lambda d: d.update(goals=[]), "$.goals"),
        (lambda d: d["goals"].append(d["goals"][0]), "$.goals"),
        (lambda d: d["goals"][0].update(is_primary=False), "$.goals"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].update(interval=[0.1]), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].update(interval=[0, 1, 2]), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].update(p_value=1.5), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].update(verdict="maybe"), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].update(verdict=None), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].update(difference=1.5), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"]["treated"].update(rows=-1), "$.goals[0].uplift.campaign"),
        (lambda d: d["goals"][0]["uplift"]["campaign"].pop("assigned"), "$.goals[0].uplift.campaign"),
        (lambda d: _revenue(d).update(incremental="1.5"), "$.goals[0].uplift.campaign"),
        (lambda d: _revenue(d).update(incremental="-0.000000"), "$.goals[0].uplift.campaign"),
        (lambda d: _revenue(d).update(interval=["1.000000", 2]), "$.goals[0].uplift.campaign"),
        (lambda d: _revenue(d)["cut"].update(treated_per_row=1.0), "$.goals[0].uplift.campaign"),
        (lambda d: d["sample_ratio"].update(p_value=1.5), "$.sample_ratio.p_value"),
        (lambda d: d.update(sample_ratio=None), "$.sample_ratio"),
        (lambda d: d["provenance"].update(definition="AB" * 32), "$.provenance.definition"),
        (lambda d: d["provenance"].update({"import": 0}), "$.provenance.import"),
        (lambda d: d["provenance"].update(history=[1]), "$.provenance.history"),
        (lambda d: d["provenance"].update(history=[1, "ab"]), "$.provenance.history[1]"),
        (lambda d: d.update(period={"since": "2026-03-01"}), "$.period"),
        (lambda d: d.update(period={"since": "2026-3-1", "until": None}), "$.period"),
        (lambda d: d["goals"][0]["time_to_convert"]["curve"].pop(), "$.goals[0].time_to_convert"),
        (lambda d: d["funnel"].pop(), "$.funnel"),
        (lambda d: d["funnel"].append(d["funnel"][3]), "$.funnel"),
        (lambda d: d["funnel"].reverse(), "$.funnel[0].stage"),
        (lambda d: d["errors"][0].update(reason="response_04"), "$.errors[0].reason"),
        (lambda d: d["errors"][0].update(total=0), "$.errors[0].total"),
        (lambda d: d["personalization_errors"].pop(), "$.personalization_errors"),
        (lambda d: d["personalization_errors"].reverse(), "$.personalization_errors[0].category"),
        (lambda d: d["personalization_overlap"][0].update(categories=[]), "$.personalization_overlap[0].categories"),
        (lambda d: d["trends"]["month"][0].update(label="2026-03-01"), "$.trends.month[0].label"),
        (lambda d: d["trends"]["hour"][0].update(label="2026-03-02T09:00"), "$.trends.hour[0].label"),
        (lambda d: d["instances"][0].update(instance_id=None), "$.instances[0].instance_id"),
        (lambda d: d.update(instances_remainder=d["instances"][0]), "$.instances_remainder.instance_id"),
        (lambda d: d["data_quality"].update(final_at=None), "$.data_quality.final_at"),
        (lambda d: d["data_quality"].update(final_on="2026-3-3"), "$.data_quality.final_on"),
        (lambda d: d["data_quality"].update(matured_share=None), "$.data_quality.final_"),
    ],
)
def test_a_document_with_one_thing_wrong_is_not_valid(sound: Document, change: Change, said: str) -> None:
    assert violation(sound) is None
    wrong = deepcopy(sound)
    change(wrong)
    assert said in (violation(wrong) or "")


def test_older_campaigns_have_no_test_of_the_sample_ratio() -> None:
    (older,) = documents(tiny_campaign(analytics_version="legacy", audience={"control_group_percent": 10}).sent("ann"))
    assert violation(older) is None
    assert "$.sample_ratio.p_value" in (
        violation(older | {"sample_ratio": older["sample_ratio"] | {"p_value": 1}}) or ""
    )


def test_campaigns_without_rows_and_older_campaigns_are_valid() -> None:
    empty, older = tiny_campaign(), tiny_campaign(analytics_version="legacy").sent("ann").held_back("bob")
    assert [violation(found) for told in (empty, older) for found in documents(told)] == [None, None]


def test_documents_of_the_demo_are_valid(demo_workspace: Path) -> None:
    ids = ("app-upgrade", "eid-offer", "newsletter-legacy", "win-back")
    found = read_back(as_json(snapshot) for snapshot in open_workspace(demo_workspace).snapshots(ids))
    assert [document["campaign_id"] for document in found] == list(ids)


def test_a_number_that_says_no_kind_makes_no_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Vague:
        rate: float

    monkeypatch.setattr("analytics_core.metrics.snapshot_schema.Snapshot", Vague)
    with pytest.raises(KeyError):
        snapshot_schema()


def test_the_module_prints_the_schema() -> None:
    command = [sys.executable, "-W", "error", "-m", "analytics_core.metrics.snapshot_schema"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    assert done.stdout == schema_text()
