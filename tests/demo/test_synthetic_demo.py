"""The synthetic demo is the same everywhere, and holds together."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from analytics_core.demo import Dataset, write_demo
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import App
from analytics_core.domain.words import DeliveryType

if TYPE_CHECKING:
    from conftest import Written

# what anybody's demo workspace holds; a change here changes every number of the demo
DIGESTS = {
    "campaigns.json": "3766d279d4bd2706ed3ee6147c26e606ca9993553360c97bd8180a1f8811897d",
    "deliveries.jsonl": "b96b8e3d34173ef06b832f0521ba937b775a1cb7f0d8624fb2922a37644a6f83",
    "events.jsonl": "144801c10d9ed5b5be8c5e5b3914928f26b3c1ee063f99a415b7049534311e9a",
    "identities.jsonl": "b039bf58de2d0c80d72438d22b3c0a28d9aa86571f5d6f55daa232c464e3e22e",
    "instances.jsonl": "2291b06f57b01570b1ae5c2dc875c5854131b2ef06b7d9c154251fff09321628",
}
NEW_YORK = ZoneInfo("America/New_York")


def _digests(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def test_the_bytes_are_the_pinned_ones(synthetic: "Written") -> None:
    assert _digests(synthetic.directory) == DIGESTS


def test_another_process_elsewhere_in_the_world_writes_the_same_bytes(synthetic: "Written", tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from analytics_core.demo import Dataset, write_demo;"
        "write_demo(Path(sys.argv[1]), Dataset.SYNTHETIC)"
    )
    elsewhere = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=elsewhere, check=True)
    assert _digests(tmp_path) == _digests(synthetic.directory)


@pytest.mark.long
def test_writing_again_replaces_the_files_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("old")
    assert write_demo(tmp_path, Dataset.SYNTHETIC) == App("Acme Shop", "America/New_York", "USD")
    assert _digests(tmp_path) == DIGESTS


def test_a_row_is_one_line_of_compact_json(synthetic: "Written") -> None:
    first = (synthetic.directory / "events.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert first == (
        '{"event_id":"e-000001","user_id":"u-002014","event_name":"Signed Up",'
        '"occurred_at":"2026-03-05T05:04:28.087+00:00","attributes":{"source":"android"}}'
    )


def test_there_is_enough_of_everything_and_not_too_much(synthetic: "Written") -> None:
    people = {row["user_id"] for row in (*synthetic.deliveries, *synthetic.events)}
    assert 3_800 < len(people) <= 4_000
    assert 35_000 < len(synthetic.deliveries) < 45_000
    assert 55_000 < len(synthetic.events) < 65_000


def test_every_row_lies_in_the_eight_weeks_to_the_end_of_april(synthetic: "Written") -> None:
    times = [datetime.fromisoformat(row["occurred_at"]) for row in (*synthetic.deliveries, *synthetic.events)]
    assert min(times) >= datetime(2026, 3, 5, tzinfo=NEW_YORK)
    assert datetime(2026, 4, 30, 23, tzinfo=NEW_YORK) < max(times) < datetime(2026, 5, 1, tzinfo=NEW_YORK)


def test_every_table_is_in_order_of_time(synthetic: "Written") -> None:
    for rows in (synthetic.deliveries, synthetic.events):
        times = [row["occurred_at"] for row in rows]
        assert times == sorted(times)


def test_every_delivery_belongs_to_a_campaign_of_the_book(synthetic: "Written") -> None:
    assert {row["campaign_id"] for row in synthetic.deliveries} <= synthetic.campaigns.keys()


def test_every_batch_is_in_the_instances_table_and_no_other_instance_is(synthetic: "Written") -> None:
    batches = {
        (row["campaign_id"], row["instance_id"])
        for row in synthetic.deliveries
        if synthetic.campaigns[row["campaign_id"]].delivery_type is not DeliveryType.EVENT_TRIGGERED
    }
    assert {(row["campaign_id"], row["instance_id"]) for row in synthetic.instances} == batches
    assert len(synthetic.instances) == len(batches)


def test_a_repeated_id_repeats_the_whole_row(synthetic: "Written") -> None:
    for rows, key in ((synthetic.deliveries, "request_id"), (synthetic.events, "event_id")):
        first = {}
        for row in rows:
            if key in row:
                assert first.setdefault(row[key], row) == row


def test_each_trigger_is_an_instance_of_one_user(synthetic: "Written") -> None:
    for campaign_id in ("cart-reminder", "welcome"):
        pairs = {(row["instance_id"], row["user_id"]) for row in synthetic.deliveries_of(campaign_id)}
        assert max(Counter(instance for instance, _ in pairs).values()) == 1


def test_nobody_is_removed_from_one_instance_twice(synthetic: "Written") -> None:
    reached = Counter(
        (row["campaign_id"], row["instance_id"], row["user_id"])
        for row in synthetic.deliveries
        if row["outcome"] != "requested"
    )
    assert set(reached.values()) == {1}


def test_the_book_round_trips_through_the_campaign_definition(synthetic: "Written") -> None:
    for campaign in synthetic.campaigns.values():
        assert Campaign.model_validate_json(campaign.model_dump_json()) == campaign
