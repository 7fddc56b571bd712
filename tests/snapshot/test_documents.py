"""How a Snapshot is written down: money as text, the rest as numbers, all of it as the schema says."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from analytics_core.domain.words import Gap, Vendor
from analytics_core.metrics.gaps import mask_gaps
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Period, Provenance, Snapshot, VendorReported
from views.snapshots import REVENUE, arm, empty_snapshot, goal, legacy_snapshot, second_goal, snapshot
from worlds.schema import read_back

PERIOD = Period(since=date(2026, 3, 2), until=None)
NEVER_IMPORTED = Provenance(import_=None, definition="0f" * 32, history=None, package="0.2.0")


def document(**changed: object) -> dict[str, Any]:
    """The document of a campaign whose goals have these changes in their comparison."""
    compared = goal(uplift=GoalUplift(campaign=arm(**changed), global_=arm()))
    return as_json(snapshot(goals=(compared, second_goal())))


@pytest.mark.parametrize(
    "made",
    [
        snapshot(),
        snapshot(period=PERIOD, provenance=NEVER_IMPORTED),
        legacy_snapshot(),
        empty_snapshot(),
        *(mask_gaps(snapshot(), [gap.value]) for gap in Gap),
    ],
)
def test_what_is_written_is_as_the_schema_says(made: Snapshot) -> None:
    assert read_back([as_json(made)]) == [json.loads(json.dumps(as_json(made)))]


def test_revenue_of_a_comparison_is_text_of_six_decimals_and_its_p_value_a_number() -> None:
    revenue = document()["goals"][0]["uplift"]["campaign"]["assigned"]["revenue"]
    assert {name: revenue[name] for name in revenue if name != "cut"} == {
        "treated_per_row": "1.243210",
        "control_per_row": "0.812300",
        "difference": "0.430910",
        "interval": ["0.080000", "0.780000"],
        "p_value": 0.016,
        "incremental": "4309.100000",
        "incremental_interval": ["800.000000", "7800.000000"],
    }
    assert revenue["cut"]["incremental_interval"] == ["600.000000", "7400.000000"]


def test_shares_and_points_of_the_same_names_stay_numbers() -> None:
    compared = document(interval=(0.1, None))["goals"][0]["uplift"]["campaign"]
    assert (compared["difference"], compared["interval"]) == (0.01, [0.1, None])
    assert compared["incremental_conversions_interval"] == [16.0, 144.0]
    assert compared["verdict"] == "up"


def test_money_that_rounds_to_nothing_has_no_sign() -> None:
    hardly = replace(REVENUE, difference=Decimal("-0.0000004"), interval=(Decimal("-0.0000004"), Decimal("0.1")))
    revenue = document(revenue=hardly)["goals"][0]["uplift"]["campaign"]["revenue"]
    assert (revenue["difference"], revenue["interval"]) == ("0.000000", ["0.000000", "0.100000"])


def test_keys_that_python_keeps_for_itself_lose_their_underscore() -> None:
    made = as_json(snapshot(period=PERIOD))
    assert made["provenance"] == {"import": 3, "definition": "ab" * 32, "history": [7, "cd" * 32], "package": "0.2.0"}
    assert made["period"] == {"since": "2026-03-02", "until": None}
    assert list(made["goals"][0]["uplift"]) == ["campaign", "global"]


def test_a_difference_of_vendor_numbers_is_a_sum() -> None:
    reported = VendorReported(
        vendor=Vendor.BRAZE,
        metric="revenue",
        counting=None,
        goal=None,
        control_group_type=None,
        starts_on=None,
        ends_on=None,
        value=Decimal("4.25"),
        our_metric="revenue",
        goal_id="purchase",
        ours=Decimal("12.5"),
        difference=Decimal("-8.25"),
        relative_difference=-0.66,
        answers=1,
    )
    (written,) = as_json(snapshot(vendor_reported=(reported,)))["vendor_reported"]
    assert (written["value"], written["ours"], written["difference"]) == ("4.25", "12.50", "-8.25")
