"""Instances and personalization failures taken apart: rows that add up to the campaign."""

from dataclasses import replace

import pytest

from analytics_core.snapshot.snapshot import PersonalizationAttribute, PersonalizationOverlap
from analytics_core.views.breakdown.instances import has_instances, instances_table
from analytics_core.views.breakdown.personalization import attributes_table, overlaps_table
from analytics_core.views.forms.table import RowKind
from views.breakdown.overtime import RUNS, instance, over_time
from views.snapshots import HOSTILE, empty_snapshot, goal, legacy_snapshot, snapshot


def test_every_instance_is_a_row_and_they_add_up() -> None:
    table = instances_table(over_time())
    assert [column.label for column in table.columns][:5] == [
        "Instance",
        "First sent",
        "Last sent",
        "Users in segment",
        "Attempted",
    ]
    rows = [row.cells for row in table.rows]
    first = ("Mon 2 Mar 2026, 09:00 EST", "09:12 EST")
    assert rows[0] == ("first", *first, "200", "105", "100", "5", "10", "10.0%", "10", "$100.00")
    assert rows[-1][0] == "Campaign"
    assert rows[-1][3:] == ("1,200", "615", "600", "15", "60", "10.0%", "60", "$600.00")


def test_what_is_not_listed_is_one_row() -> None:
    made = over_time(instances_omitted=4, instances_remainder=instance(None, 50, 23))
    assert [row.cells[0] for row in instances_table(made).rows] == ["first", "second", "third", "4 others", "Campaign"]
    few = instances_table(made, most=1)
    assert [row.cells[0] for row in few.rows] == ["second", "6 others", "Campaign"]
    assert few.rows[1].kind is RowKind.DETAIL
    assert few.rows[1].cells[5] == "350"
    assert few.rows[2].cells == instances_table(made).rows[-1].cells
    assert few.note is not None
    assert "Those with the most sends are listed, 1 of 7" in few.note


def test_what_an_instance_does_not_know_no_sum_knows() -> None:
    unknown = replace(RUNS[0], attempted=None, failed=None, users_in_segment=None)
    total = instances_table(over_time(instances=(unknown, *RUNS[1:]))).rows[-1].cells
    assert total[3:5] == ("\N{EN DASH}", "\N{EN DASH}")
    assert total[5] == "600"


def test_without_a_revenue_attribute_there_is_no_such_column() -> None:
    table = instances_table(over_time(goals=(goal(revenue=None),)))
    assert "Revenue" not in [column.label for column in table.columns]


def test_a_single_instance_is_nothing_to_compare() -> None:
    assert has_instances(over_time())
    assert not has_instances(over_time(instances=RUNS[:1]))
    assert has_instances(over_time(instances=RUNS[:1], instances_omitted=1))
    assert instances_table(empty_snapshot()).rows == ()


def test_older_campaigns_say_why_users_do_not_add_up() -> None:
    table = instances_table(legacy_snapshot(instances=RUNS))
    assert table.note is not None
    assert "An older campaign counts a user who converted from two instances once" in table.note


OVERLAP = (
    PersonalizationOverlap(("user_attribute",), unique=250, total=300),
    PersonalizationOverlap(("user_attribute", "event_attribute"), unique=200, total=200),
)


def test_combinations_add_up_to_all_failures() -> None:
    table = overlaps_table(snapshot(personalization_overlap=OVERLAP))
    assert [row.cells for row in table.rows] == [
        ("User attribute", "300", "250"),
        ("User attribute + Event attribute", "200", "200"),
        ("Personalization failed", "500", "450"),
    ]
    assert table.note is not None
    assert table.note.endswith("totals add up to all failures; so do unique users.")
    more = overlaps_table(snapshot(personalization_overlap=(replace(OVERLAP[0], unique=260), OVERLAP[1])))
    assert more.note is not None
    assert "is unique in both" in more.note
    assert overlaps_table(snapshot()).rows == ()


def test_attributes_are_named_with_their_category() -> None:
    found = (PersonalizationAttribute("first_name", "user_attribute", unique=3, total=4),)
    table = attributes_table(snapshot(personalization_attributes=found, personalization_attributes_omitted=2))
    assert [row.cells for row in table.rows] == [("first_name", "User attribute", "4", "3")]
    assert table.note is not None
    assert "2 rarer attributes not listed." in table.note
    assert attributes_table(snapshot()).note is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_ids_and_attributes_are_one_line(name: str) -> None:
    attribute = PersonalizationAttribute(name, "unknown", unique=1, total=1)
    for table in (
        attributes_table(snapshot(personalization_attributes=(attribute,))),
        instances_table(over_time(instances=(replace(RUNS[0], instance_id=name), *RUNS[1:]))),
    ):
        shown = table.rows[0].cells[0]
        assert "\n" not in shown
        assert "\x00" not in shown
        assert len(shown) <= 300


def test_each_figure_of_an_instance_can_be_asked_about_by_its_place_among_all() -> None:
    made = over_time(instances_omitted=4, instances_remainder=instance(None, 50, 23))
    second, others, campaign = instances_table(made, most=1).rows
    assert second.asks[3:6] == ("users_in_segment", "attempted", "sent")
    assert set(second.parts) == {"instance 1"}
    assert (others.asks, campaign.asks, campaign.parts) == ((), second.asks, ())
