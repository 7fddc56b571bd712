"""Keys: small numbers for ids, handed out once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics_core.domain.words import ControlGroupType, Outcome
from analytics_core.tables import keys
from analytics_core.tables.canonical import schema_of
from analytics_core.tables.keys import OUTCOMES, Keyring, add_keys, in_blocks, latest_of, numbers, schema_with_keys
from worlds import World, tiny_campaign

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def deliveries(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Deliveries of one user in one instance, but for what the rows say."""
    plain = {"campaign_id": "c", "instance_id": "i", "user_id": "ann", "occurred_at": MONDAY, "outcome": "requested"}
    schema = schema_of("deliveries")
    return pl.DataFrame([{name: (plain | row).get(name) for name in schema} for row in rows], schema=schema)


def of_users(*users: str) -> pl.DataFrame:
    return deliveries(*({"user_id": user} for user in users))


def test_rows_known_before_keep_their_keys_and_new_ones_get_the_next() -> None:
    first = Keyring()
    assert first.with_keys("deliveries", of_users("zoe", "ann", "zoe"))["user_key"].to_list() == [1, 0, 1]
    second = Keyring(first.dictionaries)
    assert second.with_keys("deliveries", of_users("mia", "zoe", "bob"))["user_key"].to_list() == [3, 1, 2]
    assert second.added["user"]["user_id"].to_list() == ["bob", "mia"]
    assert second.dictionaries["user"].rows() == [(0, "ann"), (1, "zoe"), (2, "bob"), (3, "mia")]


def test_a_ring_that_saw_nothing_new_adds_nothing() -> None:
    first = Keyring()
    first.with_keys("deliveries", of_users("ann"))
    second = Keyring(first.dictionaries)
    second.with_keys("deliveries", of_users("ann"))
    assert {kind: added.height for kind, added in second.added.items()} == dict.fromkeys(keys.DICTIONARIES, 0)


def test_instances_of_one_name_in_two_campaigns_have_two_keys() -> None:
    found = Keyring().with_keys(
        "deliveries", deliveries({"campaign_id": "b"}, {"campaign_id": "a"}, {"campaign_id": "b"})
    )
    assert found["instance_key"].to_list() == [1, 0, 1]
    assert found["campaign_key"].to_list() == [1, 0, 1]


def test_rows_keep_their_order_and_get_the_columns_of_a_keyed_table() -> None:
    found = Keyring().with_keys("deliveries", of_users("zoe", "ann"))
    assert found["user_id"].to_list() == ["zoe", "ann"]
    assert found.schema == schema_with_keys("deliveries")


def test_a_table_without_keys_stays_as_it_is() -> None:
    rows = pl.DataFrame({"user_id": ["old"], "merged_into": ["new"]})
    assert Keyring().with_keys("identities", rows) is rows


def test_users_of_deliveries_and_of_events_have_one_set_of_keys() -> None:
    told = tiny_campaign().sent("ann").bought("bob", at="2026-03-02 10:00").bought("ann", at="2026-03-02 10:00")
    tables = add_keys(told.tables())
    assert tables.users == 2
    assert dict(tables.events.collect().select("user_id", "user_key").iter_rows()) == {"ann": 0, "bob": 1}
    assert (tables.campaigns, tables.events_by_name) == ({"spring": 0}, {"Order Placed": 0})
    assert tables.latest_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("outcome", "group", "expected"),
    [
        (Outcome.REQUESTED, None, 0),
        (Outcome.PERSONALIZATION_FAILED, None, 1),
        (Outcome.CONTROL_GROUP, ControlGroupType.CAMPAIGN, 2),
        (Outcome.CONTROL_GROUP, None, 2),
        (Outcome.CONTROL_GROUP, ControlGroupType.GLOBAL, 3),
        (Outcome.FREQUENCY_CAPPED, None, 4),
        # A group means nothing where nobody was held back.
        (Outcome.REQUESTED, ControlGroupType.GLOBAL, 0),
        (Outcome.FREQUENCY_CAPPED, ControlGroupType.CAMPAIGN, 4),
    ],
)
def test_outcome_and_control_group_are_one_number(
    outcome: Outcome, group: ControlGroupType | None, expected: int
) -> None:
    row = {"outcome": outcome.value, "control_group_type": group.value if group else None}
    assert Keyring().with_keys("deliveries", deliveries(row))["outcome_key"].to_list() == [expected]


def test_every_outcome_has_a_number() -> None:
    assert {outcome for outcome, _ in OUTCOMES} == set(Outcome)
    assert {group for _, group in OUTCOMES} == {None, *ControlGroupType}


def test_rows_are_kept_block_by_block_of_users_then_by_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "BLOCK", 2)
    rows = deliveries(
        *({"user_id": user, "campaign_id": campaign} for user in ("d", "c", "b", "a") for campaign in ("y", "x"))
    )
    found = in_blocks("deliveries", Keyring().with_keys("deliveries", rows))
    assert found.select("campaign_id", "user_id").rows() == [
        *(("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")),
        *(("x", "c"), ("x", "d"), ("y", "c"), ("y", "d")),
    ]


def test_events_of_a_name_lie_together_by_time_and_then_by_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_TOGETHER", 2)
    happened = [("n", "a", 5), ("n", "a", 1), ("m", "b", 9), ("n", "b", 2), ("n", "b", 3), ("m", "a", 9), ("n", "a", 4)]
    rows = pl.DataFrame(
        [
            {"event_id": f"{number}", "user_id": user, "event_name": name, "occurred_at": MONDAY + timedelta(days=day)}
            for number, (name, user, day) in enumerate(happened)
        ]
    )
    found = in_blocks("events", Keyring().with_keys("events", rows))
    # Keys of names are given in the order of the texts: m comes first.
    assert [
        (name, user, (at - MONDAY).days)
        for name, user, at in found.select("event_name", "user_id", "occurred_at").iter_rows()
    ] == [("m", "a", 9), ("m", "b", 9), ("n", "a", 1), ("n", "b", 2), ("n", "a", 4), ("n", "b", 3), ("n", "a", 5)]


def test_the_latest_instant_of_no_rows_is_none() -> None:
    assert latest_of([deliveries()]) is None
    assert add_keys(World().tables()).latest_at is None


def test_numbers_are_looked_up_by_text() -> None:
    ring = Keyring()
    ring.with_keys("deliveries", deliveries({"campaign_id": "b"}, {"campaign_id": "a"}))
    assert numbers("campaign", ring.dictionaries["campaign"]) == {"a": 0, "b": 1}
