"""Events and windows: who is credited, to the microsecond, in columns of a few numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_core.arrays import packing
from analytics_core.attribution.audience import CONTROL_GROUP, FAILED_RESPONSE, SENT, Audience, Lookups
from analytics_core.attribution.comparison import competing_rows
from analytics_core.attribution.matching import EventColumns, match_events
from analytics_core.attribution.rules import Numbering, Rules, rules_of
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from worlds import World, tiny_campaign
from worlds.product import documents

HOUR = 3_600_000_000
BUY, LOOK = 0, 1
EACH = AttributionModel.ALL_INTERACTIONS
T = TypeVar("T")


def hourly_rules(credit: InstanceCredit = InstanceCredit.LATEST) -> Rules:
    """Two campaigns, 0 and 1, whose goal is `Order Placed`, and windows of one hour."""
    book = tiny_campaign("a").with_campaign("b").book
    asked = Settings(window_hours=1, instance_credit=credit)
    numbering = Numbering({"a": 0, "b": 1}, {"Order Placed": BUY, "Seen": LOOK})
    return rules_of(book, asked, numbering, app_currency="USD", as_of=datetime(2026, 1, 1, tzinfo=UTC))


def rows(*given: tuple[int, int, int], standing: Sequence[int] = (), drawn: Sequence[int] = ()) -> Audience:
    """Audience rows of campaign, user and clock; sent ones unless said otherwise."""
    campaign, user, clock = np.array(given, np.int64).reshape(-1, 3).T
    size = len(given)
    return Audience(
        campaign=campaign,
        user=user,
        instance=np.arange(size),
        clock=clock,
        standing=np.array(standing or [SENT] * size, np.int8),
        code=np.full(size, 200, np.int16),
        drawn=np.array(drawn or [0] * size, np.int8),
        attempts=np.ones(size, np.int32),
        matured=np.ones(size, np.bool_),
        opened=clock,
    )


def events(*given: tuple[int, int], name: int = BUY) -> EventColumns:
    """Events of user and time."""
    user, at = np.array(given, np.int64).reshape(-1, 2).T
    return EventColumns(np.full(len(given), name), user, at)


def pairs(audience: Audience, happened: EventColumns, rules: Rules | None = None) -> list[tuple[int, int]]:
    """Places of rows and events, in order."""
    nobody = competing_rows(audience, np.zeros(2, np.bool_), Lookups(lambda _: pl.DataFrame(), lambda keys: keys))
    found = match_events(audience, nobody, happened, rules or hourly_rules())
    assert found.eligible.all()
    return sorted(zip(found.row.tolist(), found.event.tolist(), strict=True))


@pytest.fixture(params=[64, 8], ids=["everything fits", "times are cut off"], autouse=True)
def _room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_BITS", request.param)


def test_a_window_is_closed_at_both_ends_to_the_microsecond() -> None:
    happened = events((7, 999), (7, 1000), (7, 1000 + HOUR), (7, 1001 + HOUR))
    assert pairs(rows((0, 7, 1000)), happened) == [(0, 1), (0, 2)]


def test_the_latest_deliverys_window_begins_where_the_one_before_ends() -> None:
    audience = rows((0, 7, 0), (0, 7, 1000), (0, 7, 2000))
    assert pairs(audience, events((7, 999), (7, 1000), (7, 1999), (7, 2000), (7, 2000 + HOUR))) == [
        (0, 0),
        (1, 1),
        (1, 2),
        (2, 3),
        (2, 4),
    ]


def test_of_deliveries_at_one_instant_only_the_last_row_has_a_window() -> None:
    assert pairs(rows((0, 7, 1000), (0, 7, 1000)), events((7, 1000), (7, 2000))) == [(1, 0), (1, 1)]


def test_every_delivery_is_credited_where_that_is_asked_for() -> None:
    audience = rows((0, 7, 0), (0, 7, 1000), (0, 7, 1000))
    every = hourly_rules(InstanceCredit.EVERY)
    assert pairs(audience, events((7, 999), (7, 1000)), every) == [(0, 0), (0, 1), (1, 1), (2, 1)]


def test_the_first_deliverys_window_is_whole_and_the_next_begins_after_it() -> None:
    audience = rows((0, 7, 0), (0, 7, 1000), (0, 7, 1000), (0, 7, 2 * HOUR))
    first = hourly_rules(InstanceCredit.FIRST)
    happened = events((7, 0), (7, 1000), (7, HOUR), (7, HOUR + 1), (7, HOUR + 1000), (7, HOUR + 1001), (7, 2 * HOUR))
    assert pairs(audience, happened, first) == [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (3, 6)]


def test_campaigns_users_and_control_rows_do_not_shorten_each_others_windows() -> None:
    audience = rows(
        *((0, 7, 0), (0, 7, 1000), (0, 8, 500), (1, 7, 700)),
        standing=(SENT, CONTROL_GROUP, SENT, SENT),
        drawn=(0, 1, 0, 0),
    )
    assert pairs(audience, events((7, 2000), (8, 2000))) == [(0, 0), (2, 1), (3, 0)]


def test_a_delivery_that_failed_is_credited_with_nothing_and_shortens_nothing() -> None:
    audience = rows((0, 7, 0), (0, 7, 1000), standing=(SENT, FAILED_RESPONSE))
    assert pairs(audience, events((7, 2000))) == [(0, 0)]


def test_an_event_before_all_windows_and_one_after_all_are_nobodys() -> None:
    audience = rows((0, 7, 10 * HOUR), (0, 8, 10 * HOUR))
    assert pairs(audience, events((7, 0), (8, 1))) == []
    assert pairs(audience, events((7, 20 * HOUR), (8, 21 * HOUR))) == []
    assert pairs(audience, events((7, 0), (8, 21 * HOUR))) == []


def test_windows_before_between_and_after_the_events_find_only_theirs() -> None:
    audience = rows((0, 7, 0), (0, 7, 5 * HOUR), (0, 7, 9 * HOUR))
    assert pairs(audience, events((7, 3 * HOUR), (7, 5 * HOUR + 1), (7, 7 * HOUR))) == [(1, 1)]


def test_events_of_other_names_and_of_users_without_rows_are_nobodys() -> None:
    audience = rows((0, 7, 0))
    assert pairs(audience, events((7, 10), name=LOOK)) == []
    assert pairs(audience, events((6, 10), (8, 10))) == []
    assert pairs(audience, events()) == []
    assert pairs(rows(), events((7, 10))) == []


def test_neighbours_that_are_only_a_microsecond_apart_are_not_mixed_up() -> None:
    audience = rows(*((0, user, user) for user in range(9)))
    happened = events(*((user, user + HOUR + (user % 2)) for user in range(9)))
    assert pairs(audience, happened) == [(user, user) for user in range(0, 9, 2)]


def chosen(eligible: list[T], credit: InstanceCredit) -> list[T]:
    match credit:
        case InstanceCredit.LATEST:
            return eligible[-1:]
        case InstanceCredit.FIRST:
            return eligible[:1]
        case InstanceCredit.EVERY:
            return eligible


def one_by_one(audience: Audience, happened: EventColumns, credit: InstanceCredit) -> list[tuple[int, int]]:
    """What `pairs` should be, looked up event by event."""
    found = []
    for event, (user, at) in enumerate(zip(happened.user.tolist(), happened.at.tolist(), strict=True)):
        for campaign in (0, 1):
            its = [
                row
                for row in range(len(audience))
                if (audience.campaign[row], audience.user[row]) == (campaign, user)
                and audience.clock[row] <= at <= audience.clock[row] + HOUR
            ]
            found += [(row, event) for row in chosen(its, credit)]
    return sorted(found)


QUARTERS = st.integers(0, 40).map(lambda quarter: quarter * HOUR // 4)


@pytest.mark.parametrize("credit", list(InstanceCredit))
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), QUARTERS), max_size=12).map(sorted),
    st.lists(st.tuples(st.integers(0, 4), QUARTERS), max_size=40),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_search_finds_what_looking_at_every_pair_finds(
    credit: InstanceCredit, deliveries: list[tuple[int, int, int]], happened: list[tuple[int, int]]
) -> None:
    audience, what = rows(*deliveries), events(*happened)
    assert pairs(audience, what, hourly_rules(credit)) == one_by_one(audience, what, credit)


def converted(told: World, credit: InstanceCredit, model: AttributionModel = EACH) -> dict[str, list[str]]:
    """By campaign, the instances with conversions."""
    found = documents(told, Settings(instance_credit=credit, attribution_model=model))
    return {
        campaign["campaign_id"]: [row["instance_id"] for row in campaign["instances"] if row["converted_users"]]
        for campaign in found
    }


@pytest.mark.parametrize(("one", "other", "smaller"), [("10", "9", "10"), ("9", "10", "10"), ("a", "B", "B")])
def test_ties_at_the_same_instant_are_settled_by_the_text_of_the_instance(one: str, other: str, smaller: str) -> None:
    told = tiny_campaign().sent("ann", instance=one).sent("ann", instance=other).bought("ann", at="2026-03-02 10:00")
    assert converted(told, InstanceCredit.FIRST) == {"spring": [smaller]}
    assert converted(told, InstanceCredit.LATEST) == {"spring": [other if smaller == one else one]}


def test_the_first_eligible_delivery_is_credited_where_that_is_asked_for() -> None:
    told = tiny_campaign()
    for day, instance in ((2, "z"), (3, "m"), (4, "a")):
        told = told.sent("ann", at=f"2026-03-0{day} 09:00", instance=instance)
    assert converted(told.bought("ann", at="2026-03-03 20:00"), InstanceCredit.FIRST) == {"spring": ["z"]}
    assert converted(told.bought("ann", at="2026-03-04 20:00"), InstanceCredit.FIRST) == {"spring": ["m"]}
    assert converted(told.bought("ann", at="2026-03-05 20:00"), InstanceCredit.FIRST) == {"spring": ["a"]}


def test_a_delivery_that_failed_or_is_no_more_eligible_is_not_the_first() -> None:
    told = tiny_campaign().sent("ann", instance="over", at="2026-02-20 09:00").requested("ann", 404, instance="failed")
    told = told.sent("ann", instance="in", at="2026-03-02 12:00").sent("ann", instance="later", at="2026-03-02 13:00")
    assert converted(told.bought("ann", at="2026-03-02 14:00"), InstanceCredit.FIRST) == {"spring": ["in"]}


@pytest.mark.parametrize("credit", list(InstanceCredit))
def test_campaigns_compete_by_their_latest_delivery_whichever_is_credited(credit: InstanceCredit) -> None:
    told = tiny_campaign("one").sent("ann", instance="early").sent("ann", instance="late", at="2026-03-02 12:00")
    told = told.requested("ann", 404, instance="no", at="2026-03-02 13:30").with_campaign("other")
    told = told.sent("ann", instance="mid", at="2026-03-02 11:00").bought("ann", at="2026-03-02 14:00")
    last = AttributionModel.LAST_INTERACTION
    assert converted(told, credit, last) == {"one": chosen(["early", "late"], credit), "other": []}
    later = told.sent("ann", instance="now", at="2026-03-02 14:00")
    assert converted(later, credit, last) == {"one": [], "other": chosen(["mid", "now"], credit)}


def test_a_delivery_sent_a_microsecond_later_wins_whatever_its_instance_is_called() -> None:
    later = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(microseconds=1)
    told = tiny_campaign().sent("ann", instance="z").sent("ann", instance="a", at=later)
    (found,) = documents(told.bought("ann", at="2026-03-02 10:00"))
    assert [row["instance_id"] for row in found["instances"] if row["converted_users"]] == ["a"]
