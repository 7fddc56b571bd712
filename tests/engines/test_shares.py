"""Computing in shares: however many there are and in whatever order they are added, the numbers are those of one."""

import json
from collections.abc import Sequence
from decimal import Decimal
from random import Random

import polars as pl
import pytest

from analytics_core.attribution.numeric import MONEY
from analytics_core.counting import instances
from analytics_core.counting.arms import ROWS, order_amounts
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.engines import local
from analytics_core.engines.local import (
    Computation,
    build_context,
    compute_snapshots,
    finish_computation,
    prepare_computation,
)
from analytics_core.engines.partials import Partial
from analytics_core.engines.shares import condensed
from analytics_core.engines.shares.arrow import from_arrow, to_arrow
from analytics_core.engines.shares.condensed import add_shares, count_share
from analytics_core.engines.shares.division import Division, divide_users
from analytics_core.engines.shares.instance_cut import InstanceCut, find_cut
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.keys import add_keys
from seeding import seeds
from worlds import World, rules_of, tiny_campaign, world
from worlds.crowds import crowd

COUNTS = (1, 2, 3, 8, 64)


def prepare(told: World, rules: Settings, shares: int) -> tuple[Computation, Division, InstanceCut]:
    tables = add_keys(told.tables())
    computation = prepare_computation(tables, told.book, build_context(tables, told.app, rules))
    division = divide_users(computation.past, computation.rules, shares)
    return computation, division, find_cut(computation.past, division.spread)


def counted(told: World, rules: Settings, shares: int) -> tuple[Computation, InstanceCut, list[Partial]]:
    computation, division, cut = prepare(told, rules, shares)
    return computation, cut, [count_share(computation, division, cut, number) for number in range(shares)]


def texts(snapshots: Sequence[Snapshot]) -> list[str]:
    return [json.dumps(as_json(snapshot)) for snapshot in snapshots]


def whole(told: World, rules: Settings) -> list[str]:
    return texts(compute_snapshots(told.tables(), told.book, told.app, rules))


@pytest.mark.parametrize("seed", seeds(6400, few=2, long=200))
def test_a_world_counted_in_shares_has_the_numbers_of_one_computation(seed: int) -> None:
    told = crowd(seed) if seed % 4 == 0 else world(seed)
    rules = rules_of(seed, told)
    computation, cut, shares = counted(told, rules, COUNTS[seed % len(COUNTS)])
    read_back = [from_arrow(to_arrow(share)) for share in shares]
    assert texts(finish_computation(computation, add_shares(read_back, cut))) == whole(told, rules)


@pytest.mark.parametrize("seed", seeds(6480, few=1, long=60))
def test_many_rows_are_added_and_compared_a_few_at_a_time(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = crowd(seed) if seed % 4 == 0 else world(seed)
    rules = rules_of(seed, told)
    expected = whole(told, rules)
    monkeypatch.setattr(condensed, "_AT_ONCE", 3)
    monkeypatch.setattr(local, "_AMOUNTS_AT_ONCE", 2)
    computation, cut, shares = counted(told, rules, 20)
    assert texts(finish_computation(computation, add_shares(shares, cut))) == expected


@pytest.mark.parametrize("seed", seeds(6700, few=2, long=60))
def test_shares_cut_instances_as_the_snapshot_does(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MAX_INSTANCES", 1 + seed % 2)
    told = triggered(seed)
    rules = rules_of(seed, told)
    computation, cut, shares = counted(told, rules, 4)
    assert cut.campaigns.any()
    assert texts(finish_computation(computation, add_shares(shares, cut))) == whole(told, rules)


def triggered(seed: int) -> World:
    """Many instances of one user each, a few of several, some declared; with conversions, and ids of one person."""
    chance, told = Random(seed), tiny_campaign(delivery_type="event_triggered")
    hours = [f"2026-03-0{day} {hour:02}:00" for day in (2, 3) for hour in (1, 9, 15)]
    for number in range(40):
        user, instance = f"u{chance.randint(0, 15)}", f"i{number:02}" if chance.random() < 0.9 else "together"
        told = told.requested(user, chance.choice((200, 200, 404)), at=chance.choice(hours), instance=instance)
        told = told.bought(user, at=chance.choice(hours), order_value=chance.randint(1, 9))
        if chance.random() < 0.1:
            told = told.declared(instance, chance.choice((None, 3)))
    return told.merged("u1", "u2").merged("u9", "u3").declared("never sent", 5)


def test_adding_shares_is_the_same_in_any_grouping_and_order() -> None:
    told = triggered(5)
    computation, cut, shares = counted(told, Settings(), 8)
    expected = texts(finish_computation(computation, add_shares(shares, cut)))
    left = shares[0]
    for share in shares[1:]:
        left = add_shares([left, share], cut)
    right = shares[-1]
    for share in reversed(shares[:-1]):
        right = add_shares([share, right], cut)
    mixed = Random(1).sample(shares, k=len(shares))
    pairs = [add_shares(shares[place : place + 2], cut) for place in range(0, 8, 2)]
    trees = [left, right, add_shares(pairs, cut), add_shares(mixed, cut)]
    assert [to_arrow(tree) for tree in trees[:3]] == [to_arrow(left)] * 3
    assert [texts(finish_computation(computation, tree)) for tree in trees] == [expected] * 4


def test_a_cut_share_holds_no_more_instances_than_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MAX_INSTANCES", 3)
    told = tiny_campaign()
    for number in range(50):
        told = told.sent(f"u{number}", instance=f"i{number}", at=f"2026-03-02 09:00:{number:02}")
    _, cut, (share,) = counted(told, Settings(), 1)
    assert share["single_instances"].height == 3
    assert share["instances_rest"].select("instances", "logged", "sent", "failed").rows() == [(47, 47, 47, 0)]
    assert cut.kept.tolist() == []


def test_delays_and_hours_are_kept_by_value_and_not_by_row() -> None:
    told = tiny_campaign()
    for number in range(30):
        told = told.sent(f"u{number}").bought(f"u{number}", at="2026-03-02 10:00")
    _, _, (share,) = counted(told, Settings(), 1)
    assert share["delays"].select("delay", "credits").rows() == [(3_600_000_000, 30)]
    assert share["delivery_trend"].select("sent_total", "sent_day").rows() == [(30, 30)]


def test_shares_are_even_and_hold_each_user_once() -> None:
    told = tiny_campaign()
    for number in range(1000):
        told = told.sent(f"u{number}")
    told = told.merged("u5", "u900").merged("u6", "u7")
    computation, division, _ = prepare(told, Settings(), 7)
    assert division.bounds[0] == 0
    assert list(division.bounds) == sorted(division.bounds)
    sizes = [_share_rows(computation, division, number) for number in range(7)]
    assert sum(sizes) == 1000
    assert max(sizes) - min(sizes) <= 12


def _share_rows(computation: Computation, division: Division, number: int) -> int:
    from analytics_core.engines.parts import Partition  # noqa: PLC0415 - only here

    parts = Partition(computation.past).parts_between(*division.bounds[number : number + 2], division.rows)
    return sum(part.raw_rows().height for part in parts)


def test_more_shares_than_users_leave_some_empty() -> None:
    told = tiny_campaign().sent("ann").sent("bob").merged("bob", "ann")
    computation, cut, shares = counted(told, Settings(), 10)
    assert sum(share["delivery"].height for share in shares) == 1
    assert texts(finish_computation(computation, add_shares(shares, cut))) == whole(told, Settings())


def test_a_partial_reads_back_as_it_was_and_gives_the_same_bytes() -> None:
    told = crowd(3)
    _, _, (share,) = counted(told, rules_of(3, told), 1)
    written = to_arrow(share)
    assert to_arrow(from_arrow(written)) == written
    assert {name: rows.schema for name, rows in from_arrow(written).items()} == {
        name: rows.schema for name, rows in share.items()
    }
    assert all(rows.equals(share[name]) for name, rows in from_arrow(written).items())
    assert isinstance(pl.read_ipc(written), pl.DataFrame)


ODD = pl.DataFrame(
    {
        "ends": [2**63 - 1, -(2**63), 0, 5],
        "alike": [-(2**63)] * 4,
        "wide": pl.Series([2**100, 1, 2, 3], dtype=pl.Int128),
        "amounts": pl.Series([1_500_000, -2, 0, 2**62], dtype=pl.Int128),
        "squares": [2.25, 4e-12, -0.0, float("nan")],
        "named": [None, "x", "y", "x"],
        "known": [1, None, 3, 4],
        "money": pl.Series([Decimal("1.5"), Decimal(-2), Decimal("0.000001"), Decimal(10) ** 20], dtype=MONEY),
        "flags": [True, False, True, True],
        "small": pl.Series([0, 255, 3, 4], dtype=pl.UInt8),
    }
)


@pytest.mark.parametrize("rows", [ODD, ODD[:1], ODD[:0], ODD.select("named"), pl.DataFrame()])
def test_whatever_a_table_holds_reads_back(rows: pl.DataFrame) -> None:
    found = from_arrow(to_arrow({"odd": rows}))["odd"]
    assert found.schema == rows.schema
    assert found.equals(rows)


def test_delays_in_order_take_little_more_than_their_differences_and_squares_nothing() -> None:
    seconds = pl.Series(range(0, 2_000_000_000_000, 200_000_000)) * 1_000_000
    delays = pl.DataFrame({"goal": [1] * 10_000, "delay": seconds[:10_000], "credits": [1] * 10_000})
    amounts = pl.Series(Random(1).choices(range(5_000), k=10_000)).sort() * 10_000
    brought = pl.DataFrame({"millionths": amounts, "squares": (amounts / 10**6) ** 2})
    empty = len(to_arrow({"delays": delays[:0]}))
    assert len(to_arrow({"delays": delays})) < empty + 500
    assert len(to_arrow({"arm_amounts": brought})) < empty + 5_000


def test_users_alike_stand_together_with_all_their_rows() -> None:
    """Of goal 1 one user of two rows brought 5 and 2; of goal 0 the second user has less and the third more rows."""
    amounts = pl.DataFrame(
        {
            "goal": [1, 1, 0, 0, 0, 1],
            "new": [True, False, True, True, True, True],
            "cell": [0, 2, 0, 0, 0, 0],
            "millionths": [5, 2, 9, 4, 1, 3],
            **{name: [1, 1, 1, 1, 1, 1] for name in ROWS},
        }
    ).with_columns(rows_sent=pl.Series([1, 1, 1, 1, 2, 1]))
    found = order_amounts(amounts).select("goal", "new", "millionths")
    assert found.rows() == [(0, True, 4), (0, True, 9), (0, True, 1), (1, True, 3), (1, True, 5), (1, False, 2)]


@pytest.mark.parametrize("written", [b"", b"nothing of the kind", to_arrow({"a": pl.DataFrame({"b": [1]})})[:-20]])
def test_bytes_that_are_no_partial_are_one_line(written: bytes) -> None:
    with pytest.raises(AnalyticsError, match="these bytes are no partial"):
        from_arrow(written)
