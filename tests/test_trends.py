"""Days and hours where clocks change, against stories and against the oracle's minute-by-minute search."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from analytics_core.domain.settings import App, Settings
from analytics_core.engines.local import compute_snapshots
from oracle import first_difference, snapshot_documents
from oracle.localtime import MINUTE, first_moment, zone
from seeding import seeds, some
from worlds import World, rules_of, tiny_campaign, world
from worlds.dealing import START
from worlds.moving import moved, since
from worlds.product import documents

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Africa/Cairo",
)
FIRST_YEAR, LAST_YEAR = 2010, 2030
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HALF_DAY = 12 * HOUR  # no zone has ever changed its clock and back within one
TICK = timedelta(microseconds=1)
AROUND = (-26 * HOUR, -HOUR, -30 * MINUTE, -TICK, 0 * HOUR, 29 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 26 * HOUR)
VIEWS = ("day", "hour", "week", "month", "cohort_day")


def in_zone(timezone: str, *moments: datetime) -> World:
    """A send to a user of their own at each moment, and their purchase at the same instant."""
    told = tiny_campaign()
    for n, moment in enumerate(moments):
        told = told.sent(f"u{n}", at=moment).bought(f"u{n}", at=moment, order_value=1)
    return World(told.campaigns, told.deliveries, told.events, app=App(timezone=timezone))


def trends(told: World) -> dict[str, list[dict[str, Any]]]:
    return documents(told)[0]["trends"]


def starts(told: World, view: str) -> dict[str, str]:
    """The first moment of each bucket by its label, minutes of UTC."""
    return {bucket["label"]: bucket["starts_at"][:16] for bucket in trends(told)[view]}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def offset(moment: datetime, timezone: str) -> timedelta | None:
    return moment.astimezone(zone(timezone)).utcoffset()


@cache
def clock_changes(timezone: str) -> tuple[datetime, ...]:
    """The minutes at which the zone's offset changes."""
    first = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    halves = [first + n * HALF_DAY for n in range((datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - first) // HALF_DAY)]
    offsets = [offset(half, timezone) for half in halves]
    changed = [half for half, (old, new) in zip(halves, pairwise(offsets), strict=False) if old != new]
    return tuple(first_minute_unlike(half, timezone) for half in changed)


def turning_points(timezone: str) -> tuple[datetime, ...]:
    """The clock changes; the ends of a year and of a month where the zone has none."""
    return clock_changes(timezone) or (utc("2025-12-31T18:15"), utc("2026-02-28T18:15"))


def days_around(change: datetime, timezone: str) -> list[date]:
    """The days that end or begin with the change or hold it, the day before and the day after; none left out."""
    first, last = (moment.astimezone(zone(timezone)).date() for moment in (change - TICK, change))
    return [first + n * DAY for n in range(-1, (last - first).days + 2)]


def first_minute_unlike(half: datetime, timezone: str) -> datetime:
    minutes = (half + n * MINUTE for n in range(HALF_DAY // MINUTE + 1))
    return next(minute for minute in minutes if offset(minute, timezone) != offset(half, timezone))


@pytest.mark.long
def test_the_clock_changes_that_are_tried_are_those_the_zones_are_known_for() -> None:
    changes = {timezone: len(clock_changes(timezone)) for timezone in ZONES}
    assert (changes["America/New_York"], changes["Europe/Berlin"], changes["Asia/Kathmandu"]) == (42, 42, 0)
    assert {utc("2011-12-30 10:00")} < set(clock_changes("Pacific/Apia"))
    assert {utc("2018-11-04 03:00")} < set(clock_changes("America/Sao_Paulo"))


@pytest.mark.parametrize("timezone", some(4, ZONES))
def test_every_bucket_around_every_clock_change_is_where_the_zone_says(timezone: str) -> None:
    told = in_zone(timezone, *sorted({change + step for change in turning_points(timezone) for step in AROUND}))
    (expected,) = snapshot_documents(told.rows, told.plain_campaigns, told.app, rules_of(0, told))
    (found,) = documents(told, rules_of(0, told))
    for view in VIEWS:
        assert first_difference(expected["trends"][view], found["trends"][view], view) is None


@pytest.mark.parametrize("timezone", some(4, ZONES))
def test_every_day_of_a_clock_change_and_the_days_beside_it_hold_the_moments_of_their_dates(timezone: str) -> None:
    changes = turning_points(timezone)
    dates = sorted({day for change in changes for day in days_around(change, timezone)})
    midnights = [moment for day in dates if (moment := first_moment(day, timezone)) is not None]
    moments = {moment + n * HOUR for moment in midnights for n in range(26)}
    moments |= {moment + step for moment in (*midnights, *changes) for step in (-TICK, timedelta(), TICK)}
    told = in_zone(timezone, *sorted(moments))
    (found,) = compute_snapshots(told.tables(), told.book, told.app, Settings())
    expected = Counter(moment.astimezone(zone(timezone)).date() for moment in moments)
    assert expected.keys() >= {day for day in dates if first_moment(day, timezone) is not None}
    for buckets in (found.trends.day, found.trends.cohort_day):
        assert [
            (bucket.label, bucket.starts_at, bucket.sent.total, bucket.conversion_events) for bucket in buckets
        ] == [
            (day.isoformat(), first_moment(day, timezone), number, number) for day, number in sorted(expected.items())
        ]


def test_the_days_that_are_tried_are_those_the_zones_are_known_for() -> None:
    tried = {timezone: {day for c in clock_changes(timezone) for day in days_around(c, timezone)} for timezone in ZONES}
    assert {date(2011, 12, n) for n in (28, 29, 30, 31)} | {date(2012, 1, 1)} <= tried["Pacific/Apia"]
    assert {date(2018, 11, n) for n in (2, 3, 4, 5)} <= tried["America/Sao_Paulo"]
    assert {date(2024, 11, n) for n in (2, 3, 4)} <= tried["America/Havana"]
    assert {date(2024, 3, n) for n in (29, 30, 31)} | {date(2024, 4, 1)} <= tried["Asia/Beirut"]
    assert {day.year for day in tried["Antarctica/Troll"]} >= set(range(2015, 2031))


MOVES = (
    ("America/New_York", "2025-03-08"),
    ("America/New_York", "2025-11-01"),
    ("Pacific/Apia", "2011-12-28"),
    ("America/Sao_Paulo", "2018-11-02"),
    ("America/Havana", "2024-11-01"),
    ("Australia/Lord_Howe", "2025-04-04"),
    ("Australia/Lord_Howe", "2025-10-03"),
    ("Antarctica/Troll", "2025-03-29"),
    ("America/St_Johns", "2010-11-05"),
    ("Asia/Kathmandu", "2026-02-27"),
    ("Africa/Casablanca", "2026-03-20"),
    ("Asia/Beirut", "2024-03-29"),
)


@pytest.mark.parametrize("seed", seeds(6000, few=4, long=96))
def test_product_and_oracle_agree_on_generated_worlds_at_clock_changes(seed: int) -> None:
    timezone, start = MOVES[seed % len(MOVES)]
    told = moved(world(seed), since(START, start), timezone)
    rules = rules_of(seed, told)
    expected = snapshot_documents(told.rows, told.plain_campaigns, told.app, rules)
    assert first_difference(expected, documents(told, rules)) is None


def test_a_day_whose_midnight_is_skipped_begins_when_its_clock_does() -> None:
    told = in_zone("America/Sao_Paulo", utc("2018-11-04 02:59"), utc("2018-11-04 03:00"), utc("2018-11-05 02:00"))
    assert starts(told, "day") == {
        "2018-11-03": "2018-11-03T03:00",
        "2018-11-04": "2018-11-04T03:00",
        "2018-11-05": "2018-11-05T02:00",
    }
    assert starts(told, "hour")["2018-11-04T01:00-02:00"] == "2018-11-04T03:00"


def test_a_midnight_that_comes_twice_begins_one_day_and_two_hours() -> None:
    told = in_zone("America/Havana", utc("2024-11-03 04:30"), utc("2024-11-03 05:30"))
    assert starts(told, "day") == {"2024-11-03": "2024-11-03T04:00"}
    assert starts(told, "hour") == {
        "2024-11-03T00:00-04:00": "2024-11-03T04:00",
        "2024-11-03T00:00-05:00": "2024-11-03T05:00",
    }


def test_half_an_hour_that_comes_twice_is_an_hour_and_half_an_hour() -> None:
    told = in_zone("Australia/Lord_Howe", *(utc("2025-04-05 14:00") + n * 30 * MINUTE for n in range(4)))
    assert [(bucket["label"], bucket["sent"]["total"]) for bucket in trends(told)["hour"]] == [
        ("2025-04-06T01:00+11:00", 2),
        ("2025-04-06T01:30+10:30", 1),
        ("2025-04-06T02:00+10:30", 1),
    ]


def test_a_date_a_country_left_out_has_no_bucket_and_its_week_goes_on() -> None:
    told = in_zone("Pacific/Apia", utc("2011-12-30 09:59"), utc("2011-12-30 10:00"))
    assert starts(told, "day") == {"2011-12-29": "2011-12-29T10:00", "2011-12-31": "2011-12-30T10:00"}
    assert starts(told, "week") == {"2011-12-26": "2011-12-26T10:00"}


def test_a_day_that_a_clock_change_interrupts_is_one_bucket() -> None:
    told = in_zone("America/St_Johns", *(utc(f"2010-11-07 {at}") for at in ("02:29", "02:30", "02:31", "03:30")))
    assert [(bucket["label"], bucket["sent"]["total"]) for bucket in trends(told)["day"]] == [
        ("2010-11-06", 2),
        ("2010-11-07", 2),
    ]


def test_a_failed_request_is_counted_at_its_last_attempt_and_a_sent_one_at_its_first_success() -> None:
    told = (
        tiny_campaign()
        .requested("ann", 500, at="2026-03-02 23:00")
        .requested("ann", 500, at="2026-03-03 01:00")
        .requested("bob", 500, at="2026-03-02 23:00")
        .sent("bob", at="2026-03-04 01:00")
        .sent("bob", at="2026-03-05 01:00")
    )
    found = trends(told)["day"]
    assert [(day["label"], day["sent"]["total"], day["failed"]["total"]) for day in found] == [
        ("2026-03-03", 0, 1),
        ("2026-03-04", 1, 0),
    ]


def test_a_conversion_is_in_the_day_of_the_event_and_its_cohort_in_the_day_of_the_send() -> None:
    told = tiny_campaign().sent("ann", at="2026-03-02 23:00").bought("ann", at="2026-03-03 01:00", order_value="7.5")
    found = trends(told)
    by_event = [(day["label"], day["sent"]["total"], day["revenue"]) for day in found["day"]]
    by_send = [(day["label"], day["sent"]["total"], day["revenue"]) for day in found["cohort_day"]]
    assert by_event == [("2026-03-02", 1, "0.00"), ("2026-03-03", 0, "7.50")]
    assert by_send == [("2026-03-02", 1, "7.50")]


def test_a_user_sent_twice_in_a_week_is_one_of_its_unique_and_one_of_each_day() -> None:
    told = tiny_campaign().sent("ann", instance="mon").sent("ann", instance="tue", at="2026-03-03 09:00")
    found = trends(told)
    assert [week["sent"] for week in found["week"]] == [{"unique": 1, "total": 2}]
    assert [day["sent"] for day in found["day"]] == [{"unique": 1, "total": 1}] * 2
