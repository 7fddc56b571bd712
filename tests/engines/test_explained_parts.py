"""A number of one instance or of one hour, day, week or month is made of the rows of that part, and of no others."""

from pathlib import Path

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App
from analytics_core.domain.words import EventFate, Grain
from analytics_core.snapshot.parts import InstancePart, TimePart, find_part
from analytics_core.workspace import Workspace, create_workspace
from worlds import World, tiny_campaign
from worlds.story import ORDER_VALUE, PURCHASE

MONDAY, TUESDAY = "2026-03-02 10:00", "2026-03-03 10:00"


def shop(told: World, directory: Path, timezone: str = "UTC") -> Workspace:
    made = create_workspace(directory / "workspace", App(timezone=timezone))
    made.import_canonical(told.write(directory / "export", fmt="jsonl", parts=1))
    return made


@pytest.fixture
def two_days(tmp_path: Path) -> Workspace:
    """Ann was sent on both days and bob on Monday; ann bought on both, and cat, who failed on Tuesday, on Tuesday."""
    told = tiny_campaign("c", goals=[PURCHASE | ORDER_VALUE]).sent("ann", at=MONDAY, instance="mon")
    told = told.sent("bob", at=MONDAY, instance="mon").sent("ann", at=TUESDAY, instance="tue")
    told = told.requested("cat", 404, at=TUESDAY, instance="tue")
    told = told.bought("ann", at="2026-03-02 11:00", order_value=5).bought("ann", at="2026-03-03 11:00", order_value=7)
    return shop(told.bought("cat", at="2026-03-03 12:00", order_value=9), tmp_path)


@pytest.mark.long
def test_every_part_of_every_metric_is_made_of_its_rows(two_days: Workspace) -> None:
    snapshot = two_days.snapshot("c")
    names = [f"{kind} {place}" for kind in ("instance", "sends", *Grain) for place in range(2)]
    parts = [part for part in (find_part(snapshot, name) for name in names) if part is not None]
    assert len(parts) == 2 + 2 + 2 + 2 + 1 + 1
    for part in parts:
        for metric in sorted(part.metrics):
            explanation = two_days.explain("c", metric, part=part, rows=None)
            assert explanation.prove() or metric == "conversion_rate", (part, metric)
            if isinstance(part, InstancePart):
                assert set(explanation.rows["instance_id"]) <= {part.instance_id}


def test_conversions_of_a_day_are_those_that_happened_on_it_or_those_of_its_sends(tmp_path: Path) -> None:
    told = tiny_campaign("c", goals=[PURCHASE]).sent("ann", at="2026-03-02 23:00").bought("ann", at="2026-03-03 01:00")
    workspace = shop(told, tmp_path)
    snapshot = workspace.snapshot("c")
    counted = {
        name: workspace.explain("c", "conversion_events", part=find_part(snapshot, name)).sums.rows
        for name in ("day 0", "day 1", "sends 0")
    }
    assert counted == {"day 0": 0, "day 1": 1, "sends 0": 1}


def test_events_that_almost_counted_are_those_of_the_part(two_days: Workspace) -> None:
    snapshot = two_days.snapshot("c")
    found = {
        name: two_days.explain("c", "converted_users", part=find_part(snapshot, name)).near_misses
        for name in ("instance 0", "instance 1", "day 0", "day 1", "sends 1")
    }
    missed = {name: dict(misses.events) for name, misses in found.items() if misses is not None}
    of_cat = {EventFate.NOT_SENT: 1}
    assert missed["day 1"][EventFate.NOT_SENT] == missed["sends 1"][EventFate.NOT_SENT] == 1
    assert (missed["instance 1"], missed["day 0"], EventFate.NOT_SENT in missed["instance 0"]) == (of_cat, {}, False)


def test_a_day_that_comes_twice_is_one_day(tmp_path: Path) -> None:
    """At 00:01 of 29 October 2006 clocks in St John's went back to 23:01 of the 28th."""
    told = tiny_campaign("c", goals=[PURCHASE])
    for user, at in (("ann", "01:30"), ("bob", "02:30:30"), ("cat", "03:00"), ("dan", "04:00")):
        told = told.sent(user, at=f"2006-10-29 {at}")
    workspace = shop(told, tmp_path, "America/St_Johns")
    snapshot = workspace.snapshot("c")
    assert [day.sent.total for day in snapshot.trends.day] == [2, 2]
    for place in range(2):
        explanation = workspace.explain("c", "sent", part=find_part(snapshot, f"day {place}"), rows=None)
        assert explanation.sums.rows == 2


def test_other_goals_and_parts_that_are_gone_are_refused(two_days: Workspace) -> None:
    start = two_days.snapshot("c").trends.day[0].starts_at
    with pytest.raises(AnalyticsError, match="uplift is told of the campaign, not of a part of it"):
        two_days.explain("c", "uplift", part=InstancePart("mon"))
    with pytest.raises(AnalyticsError, match="conversion_rate is told of the campaign"):
        two_days.explain("c", "conversion_rate", part=TimePart(Grain.DAY, start))
    with pytest.raises(AnalyticsError, match="not listed any more"):
        two_days.explain("c", "sent", part=InstancePart("wed"))
