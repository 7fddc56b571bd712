"""Buckets of many instants at once: looked up by the quarter of an hour, they are those of every instant by itself."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics_core.counting.calendar import Calendar, make_calendar
from analytics_core.domain.time import EPOCH

MICROSECOND = timedelta(microseconds=1)
QUARTER = 900_000_000
ZONES = [
    ("UTC", datetime(2026, 3, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(1985, 12, 31, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, tzinfo=UTC)),
    ("America/St_Johns", datetime(2026, 10, 30, 12, tzinfo=UTC)),
]
# Until 1972 Monrovia was 44 minutes and 30 seconds behind, so none of its hours began with a quarter of UTC's; until
# 2011 St. John's changed its clocks at one minute past midnight.
ODD_ZONES = [
    ("Africa/Monrovia", datetime(1972, 1, 5, tzinfo=UTC)),
    ("America/St_Johns", datetime(1987, 10, 24, 12, tzinfo=UTC)),
]


def dense(start: datetime) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Every 97 seconds of five days, and both sides of each quarter of an hour."""
    first = (start - EPOCH) // MICROSECOND
    edges = first - first % QUARTER + np.arange(5 * 96) * QUARTER
    return np.concatenate([first + np.arange(0, 5 * 86_400, 97) * 1_000_000, edges, edges - 1])


def counting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many instants are worked out one by one, call by call."""
    sizes: list[int] = []
    one_by_one = Calendar._buckets
    monkeypatch.setattr(Calendar, "_buckets", lambda self, at: (sizes.append(len(at)), one_by_one(self, at))[1])
    return sizes


@pytest.mark.parametrize(("zone", "start"), ZONES + ODD_ZONES)
def test_many_instants_fall_into_the_buckets_each_falls_into_alone(zone: str, start: datetime) -> None:
    calendar, at = make_calendar(zone, datetime(2030, 1, 1, tzinfo=UTC)), dense(start)
    together = calendar.buckets(at)
    for place in range(0, len(at), 7):
        alone = calendar.buckets(at[place : place + 1])
        assert {grain: keys[place] for grain, keys in together.items()} == {g: keys[0] for g, keys in alone.items()}


@pytest.mark.parametrize(("zone", "start"), ZONES)
def test_only_the_quarters_of_an_hour_are_worked_out(
    zone: str, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar, at, sizes = make_calendar(zone, datetime(2030, 1, 1, tzinfo=UTC)), dense(start), counting(monkeypatch)
    calendar.buckets(at)
    assert sizes[0] <= 5 * 96 + 2 < len(at)


@pytest.mark.parametrize(("zone", "start"), ODD_ZONES)
def test_hours_that_do_not_begin_with_a_quarter_are_worked_out_instant_by_instant(
    zone: str, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, sizes = dense(start), counting(monkeypatch)
    make_calendar(zone, datetime(2030, 1, 1, tzinfo=UTC)).buckets(at)
    assert sizes == [len(at)]


def test_no_instants_fall_into_no_buckets() -> None:
    found = make_calendar("Europe/Berlin", datetime(2030, 1, 1, tzinfo=UTC)).buckets(np.zeros(0, np.int64))
    assert {len(keys) for keys in found.values()} == {0}
