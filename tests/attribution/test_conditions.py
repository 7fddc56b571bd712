"""Goal filters: one row per operator and kind of value, checked by eye."""

import polars as pl
import pytest

from analytics_core.attribution.conditions import holds
from analytics_core.domain.campaign import GoalFilter
from analytics_core.json_text import compact

BIG = "9007199254740993"  # 2^53 + 1: no binary floating point number


def _holds(attributes: str | None, op: str, value: object = None, attribute: str = "a") -> bool:
    rule = GoalFilter.model_validate({"attribute": attribute, "op": op, "value": value})
    frame = pl.DataFrame({"attributes": [attributes]}, schema={"attributes": pl.String})
    (answer,) = frame.select(holds(rule).alias("holds"))["holds"]
    return bool(answer)


@pytest.mark.parametrize(
    ("attributes", "op", "value", "expected"),
    [
        ('{"a":"shoes"}', "is", "shoes", True),
        ('{"a":"Shoes"}', "is", "shoes", False),
        ('{"a":"5"}', "is", 5, True),
        ('{"a":5}', "is", "5", True),
        ('{"a":5}', "is", "5.0", True),
        ('{"a":"5.0"}', "is", 5, True),
        ('{"a":"5e0"}', "is", 5, True),
        ('{"a":50e-1}', "is", "5", True),
        ('{"a":"5.0"}', "is", "5", False),
        ('{"a":" 5"}', "is", 5, False),
        ('{"a":"5\\n"}', "is", 5, False),
        ('{"a":5}', "is", "5\n", False),
        ('{"a":"\\u0035"}', "is", 5, True),
        ('{"a":"05"}', "is", 5, False),
        ('{"a":"+5"}', "is", 5, False),
        ('{"a":".5"}', "is", 0.5, False),
        ('{"a":"5."}', "is", 5, False),
        ('{"a":"५"}', "is", 5, False),
        ('{"a":5}', "is", "५", False),
        ('{"a":"NaN"}', "is", "NaN", True),
        ('{"a":"-0"}', "is", 0, True),
        ('{"a":"true"}', "is", True, True),
        ('{"a":true}', "is", "true", True),
        ('{"a":"false"}', "is", False, True),
        ('{"a":"false"}', "is", True, False),
        ('{"a":"True"}', "is", True, False),
        ('{"a":" true"}', "is", True, False),
        ('{"a":"null"}', "is", None, False),
        ('{"a":"[1]"}', "is", [1], False),
        ('{"a":["1"]}', "is", [1], False),
        ('{"a":{"b":"true"}}', "is", {"b": True}, False),
        (f'{{"a":"{BIG}"}}', "is", int(BIG), True),
        (f'{{"a":"{BIG}"}}', "is", int(BIG) - 1, False),
        ('{"a":1e30}', "is", "1" + "0" * 30, True),
        ('{"a":1e99999999999999999999}', "is", "2e99999999999999999999", False),
        ('{"a":1e99999999999999999999}', "is", "1e99999999999999999999", True),
        ('{"a":1e999}', "is", "10e998", True),
        ('{"a":1e999}', "is", "1e998", False),
        ('{"a":0.12345678}', "is", "0.123456780", True),
        ('{"a":5.0}', "is", 5, True),
        ('{"a":true}', "is", True, True),
        ('{"a":1}', "is", True, False),
        ('{"a":true}', "is", 1, False),
        (f'{{"a":{BIG}}}', "is", int(BIG) - 1, False),
        ('{"a":[1,"x"]}', "is", [1.0, "x"], True),
        ('{"a":[1,"x"]}', "is", ["x", 1], False),
        ('{"a":{"b":1,"c":2}}', "is", {"c": 2, "b": 1}, True),
        ('{"a":"shoes"}', "is_not", "hats", True),
        ('{"a":5}', "is_not", "5", False),
        ('{"a":"5"}', "is_not", 5, False),
        ('{"a":"5.0"}', "is_not", "5", True),
        ('{"a":true}', "is_not", "true", False),
        ('{"a":true}', "is_not", 1, True),
        ('{"a":[5]}', "is_not", 5, True),
        ('{"a":"shoes"}', "is_not", "shoes", False),
        ('{"a":"hats"}', "in", ["shoes", "hats"], True),
        ('{"a":2.0}', "in", ["shoes", 2], True),
        ('{"a":"2"}', "in", ["shoes", 2.0], True),
        ('{"a":2}', "in", ["shoes", "2"], True),
        ('{"a":"2.0"}', "in", ["2", 3], False),
        ('{"a":true}', "in", ["true", 2], True),
        ('{"a":"3"}', "not_in", [2, 3, 4], False),
        ('{"a":"03"}', "not_in", [2, 3, 4], True),
        ('{"a":"hats"}', "in", [], False),
        ('{"a":"hats"}', "not_in", [], True),
        ('{"a":"hats"}', "not_in", ["shoes"], True),
        ('{"a":"hats"}', "not_in", ["hats"], False),
        ('{"a":"red shoes"}', "contains", "shoe", True),
        ('{"a":"red shoes"}', "contains", "Shoe", False),
        ('{"a":"a.c"}', "contains", ".", True),
        ('{"a":"abc"}', "contains", ".", False),
        ('{"a":"line\\nbreak"}', "contains", "n", True),
        ('{"a":"line\\nbrake"}', "contains", "\n", True),
        ('{"a":"x\\ny"}', "contains", "n", False),
        ('{"a":["shoe"]}', "contains", "shoe", False),
        ('{"a":"x"}', "contains", 1, False),
        ('{"a":10}', "gt", 9.5, True),
        ('{"a":10}', "gt", 10, False),
        ('{"a":10}', "gte", "10", True),
        ('{"a":" 10 "}', "gte", 10, True),
        ('{"a":"1e3"}', "gt", 999, True),
        ('{"a":"-1"}', "lt", 0, True),
        ('{"a":".5"}', "lte", 0.5, True),
        ('{"a":true}', "gt", 0, False),
        ('{"a":"NaN"}', "lt", 5, False),
        ('{"a":"Infinity"}', "gt", 5, False),
        ('{"a":1e999}', "gt", 5, False),
        ('{"a":"12 apples"}', "gt", 5, False),
        ('{"a":5}', "gt", "many", False),
        (f'{{"a":{BIG}}}', "gt", int(BIG) - 1, True),
        ('{"a":0.1234567}', "gt", 0.1234566, True),
        ('{"a":0}', "exists", None, True),
        ('{"a":""}', "exists", False, True),
    ],
)
def test_a_filter_compares_as_documented(attributes: str, op: str, value: object, *, expected: bool) -> None:
    assert _holds(attributes, op, value) is expected


@pytest.mark.parametrize("op", ["is", "is_not", "contains", "gt", "gte", "lt", "lte", "exists"])
@pytest.mark.parametrize("attributes", [None, "{}", '{"a":null}', '{"b":"a"}', '{"b":{"a":1}}', '{"b":"\\"a\\":1"}'])
def test_a_filter_on_a_missing_attribute_never_holds(attributes: str | None, op: str) -> None:
    assert _holds(attributes, op, "x") is False
    assert _holds(attributes, op, None) is False


@pytest.mark.parametrize("op", ["in", "not_in"])
def test_a_list_filter_on_a_missing_attribute_never_holds(op: str) -> None:
    assert _holds('{"b":1}', op, ["x"]) is False
    assert _holds('{"a":null}', op, [None]) is False


@pytest.mark.parametrize("name", ["a b", "ä", 'q"uote', "back\\slash", ",a", "$.a[0]", ".*", "a\nb"])
def test_any_attribute_name_can_be_filtered_on(name: str) -> None:
    assert _holds(compact({"x": 1, name: "yes", "z": [1]}), "is", "yes", attribute=name) is True
    assert _holds(compact({"x": name, name: "yes"}), "is", "yes", attribute=name) is True
    assert _holds(compact({"x": {name: "yes"}}), "is", "yes", attribute=name) is False
