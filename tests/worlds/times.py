"""The coarse grid of times that generated worlds live on, so that rows collide."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 7, tzinfo=UTC)
STEP = timedelta(hours=6)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
WEEK = timedelta(days=7)
LATE = timedelta(days=8)


def noon_of(day: int) -> datetime:
    return START + day * DAY + 2 * STEP
