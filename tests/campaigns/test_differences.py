"""Every change of a definition is told, and told once."""

from analytics_core.campaigns.differences import list_changes, list_fields
from defined_campaigns import define


def test_fields_whose_names_read_alike_are_two() -> None:
    before = define(trigger={"a.b": 1, "a": {"b": 2}})
    after = define(trigger={"a.b": 3, "a": {"b": 2}})
    assert [(change.field, change.before, change.after) for change in list_changes(before, after)] == [
        ("trigger.a.b", 1, 3)
    ]


def test_true_is_not_one_at_any_depth() -> None:
    before, after = define(trigger={"a": [{"b": [True]}]}), define(trigger={"a": [{"b": [1]}]})
    assert len(list_changes(before, after)) == 1
    assert list_changes(define(trigger={"a": [1]}), define(trigger={"a": [1.0]})) == ()


def test_a_field_that_says_what_another_holds_is_told_with_it() -> None:
    fields = dict(list_fields(define(trigger={"x": {"name": "a", "value": {"b": 1}}, "y": {"type": "a", "b": 1}})))
    assert fields["trigger.x"] == {"name": "a", "value": {"b": 1}}
    assert fields["trigger.y.b"] == 1


def test_what_differs_is_not_written_out_by_accident() -> None:
    campaign = define(
        request={"url": "https://x.example/zuvekomila", "body": "zuvekomila", "headers": {"a": "zuvekomila"}}
    )
    assert "zuvekomila" not in repr(campaign) + repr(list_changes(define(), campaign))
