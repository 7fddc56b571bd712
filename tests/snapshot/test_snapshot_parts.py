"""Parts of a campaign: found by list and place, and seen as if they were all of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import Grain
from analytics_core.metrics.catalog import value_of
from analytics_core.snapshot.parts import InstancePart, TimePart, find_part, view_by_part
from analytics_core.snapshot.snapshot import Unknown
from views.breakdown.overtime import DAYS, RUNS, over_time

SECOND_DAY = TimePart(Grain.DAY, DAYS[1].starts_at)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("instance 1", InstancePart("second")),
        ("day 1", SECOND_DAY),
        ("sends 1", TimePart(Grain.DAY, DAYS[1].starts_at, by_send=True)),
        ("month 0", TimePart(Grain.MONTH, datetime(2026, 3, 1, 5, tzinfo=UTC))),
        ("instance 3", None),
        ("day 4", None),
        ("day -1", None),
        ("year 0", None),
        ("", None),
    ],
)
def test_a_part_is_named_by_its_list_and_its_place(name: str, part: InstancePart | TimePart | None) -> None:
    assert find_part(over_time(), name) == part


def test_metrics_read_the_figures_of_the_part() -> None:
    day = view_by_part(over_time(), SECOND_DAY)
    assert [value_of(name, day) for name in ("attempted", "sent", "failed", "conversion_events")] == [220, 200, 20, 21]
    run = view_by_part(over_time(), InstancePart("first"))
    assert [value_of(name, run) for name in ("users_in_segment", "sent", "conversion_rate")] == [200, 100, 0.1]


def test_what_the_part_does_not_know_stays_unknown() -> None:
    runs = (replace(RUNS[0], attempted=None, users_in_segment=None), *RUNS[1:])
    run = view_by_part(over_time(instances=runs), InstancePart("first"))
    assert run.performance.attempted == Unknown()
    assert value_of("users_in_segment", run) is None


def test_a_part_that_is_not_listed_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="not listed any more"):
        view_by_part(over_time(), InstancePart("fourth"))
