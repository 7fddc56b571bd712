"""Ids, words, numbers, lists and attributes: what is taken, what is not, and what the reason says."""

from pathlib import Path

import pytest
from source_files import DELIVERY, EVENT, INSTANCE, Extract, Json, csv_of, jsonl_of, read_text, reasons

from analytics_core.tables.canonical import schema_of


def from_csv(row: dict[str, object], table: str, directory: Path) -> Extract:
    return read_text(csv_of([row], list(schema_of(table))), directory / "csv", f"{table}.csv")


def value_of(row: dict[str, object], name: str, table: str, directory: Path) -> object:
    """The value that JSON lines and CSV agree on."""
    first = read_text(jsonl_of([row]), directory / "jsonl", f"{table}.jsonl")
    second = from_csv(row, table, directory)
    assert first.rows.equals(second.rows)
    return first.rows[name].to_list()[0]


def reason_of(row: dict[str, object], table: str, directory: Path) -> str:
    """The reason that JSON lines and CSV agree on."""
    first = read_text(jsonl_of([row]), directory / "jsonl", f"{table}.jsonl")
    second = from_csv(row, table, directory)
    assert first.rejected["reason"].to_list() == second.rejected["reason"].to_list()
    return first.rejected["reason"].item()


@pytest.mark.parametrize("user", ["007", "7", " u ", "null", "NaN", "true", "1e3", "zoë", "zoe\u0308", 'a,"b', "a\nb"])
def test_an_id_is_kept_letter_by_letter(user: str, tmp_path: Path) -> None:
    assert value_of({**EVENT, "user_id": user}, "user_id", "events", tmp_path) == user


@pytest.mark.parametrize("token", ["7", "-7", "0", "12345678901234567890123"])
def test_a_whole_json_number_is_an_id(token: str, tmp_path: Path) -> None:
    assert value_of({**EVENT, "user_id": Json(token)}, "user_id", "events", tmp_path) == token


@pytest.mark.parametrize("token", ["7.0", "1e3", "true", "NaN", "Infinity", "[7]", '{"id": 7}'])
def test_other_json_values_are_no_ids(token: str, tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, "user_id": Json(token)}]), tmp_path)
    assert reasons(extract) == {1: "user_id must be text"}


@pytest.mark.parametrize("unit", ["x", "é", "\U0001f600"])
def test_an_id_has_up_to_128_characters(unit: str, tmp_path: Path) -> None:
    assert value_of({**EVENT, "user_id": unit * 128}, "user_id", "events", tmp_path) == unit * 128
    long = {**EVENT, "user_id": unit * 129}
    assert reason_of(long, "events", tmp_path / "long") == "user_id is longer than 128 characters"


@pytest.mark.parametrize("name", ["event_id", "user_id", "event_name", "occurred_at"])
@pytest.mark.parametrize("value", ["", None])
def test_a_required_column_must_hold_something(name: str, value: str | None, tmp_path: Path) -> None:
    assert reason_of({**EVENT, name: value}, "events", tmp_path) == f"{name} is missing"


def test_a_missing_key_is_a_missing_value(tmp_path: Path) -> None:
    extract = read_text('{"event_id": "e1", "user_id": "u1", "occurred_at": 5}\n', tmp_path)
    assert reasons(extract) == {1: "event_name is missing"}


@pytest.mark.parametrize("name", ["request_id", "endpoint", "response_code", "control_group_type", "duration_ms"])
def test_an_empty_optional_cell_holds_nothing(name: str, tmp_path: Path) -> None:
    assert value_of({**DELIVERY, name: ""}, name, "deliveries", tmp_path) is None


def test_an_id_with_a_nul_is_rejected_and_a_text_with_one_is_kept(tmp_path: Path) -> None:
    assert reason_of({**EVENT, "user_id": "a\0b"}, "events", tmp_path / "id") == "user_id contains a NUL character"
    assert value_of({**DELIVERY, "error_text": "a\0b"}, "error_text", "deliveries", tmp_path / "text") == "a\0b"


@pytest.mark.parametrize("name", ["user_id", "event_name"])
def test_a_lone_surrogate_is_rejected(name: str, tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, name: Json('"\\ud800"')}]), tmp_path)
    assert reasons(extract) == {1: f"{name} is not Unicode text"}


def test_a_pair_of_surrogates_is_one_character(tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, "user_id": Json('"\\ud83d\\ude00"')}]), tmp_path)
    assert extract.rows["user_id"].to_list() == ["\U0001f600"]


@pytest.mark.parametrize("outcome", ["Requested", "requested ", "sent", "requested\n"])
def test_an_outcome_is_one_of_its_words_to_the_letter(outcome: str, tmp_path: Path) -> None:
    assert reason_of({**DELIVERY, "outcome": outcome}, "deliveries", tmp_path) == (
        "outcome must be one of frequency_capped, control_group, personalization_failed, requested"
    )


def test_a_control_group_type_is_one_of_its_words(tmp_path: Path) -> None:
    row = {**DELIVERY, "control_group_type": "local"}
    assert reason_of(row, "deliveries", tmp_path) == "control_group_type must be one of campaign, global"


@pytest.mark.parametrize(
    ("token", "code"),
    [("200", 200), ("200.0", 200), ("2e2", 200), ("0", 0), ("999", 999), ("007", 7), (" 200 ", 200), ("+200", 200)],
)
def test_a_code_is_a_whole_number_however_it_is_spelled(token: str, code: int, tmp_path: Path) -> None:
    assert value_of({**DELIVERY, "response_code": token}, "response_code", "deliveries", tmp_path) == code


@pytest.mark.parametrize("token", ["200", "200.0", "2e2", "2000e-1"])
def test_a_code_may_be_a_json_number(token: str, tmp_path: Path) -> None:
    row = {**DELIVERY, "response_code": Json(token)}
    assert value_of(row, "response_code", "deliveries", tmp_path) == 200


@pytest.mark.parametrize(
    ("token", "flaw"),
    [
        ("200.5", "is not a whole number"),
        ("1e-9999", "is not a whole number"),
        ("-1", "is out of range"),
        ("1000", "is out of range"),
        ("1e999", "is out of range"),
        ("9" * 5000, "is out of range"),
        ("OK", "is not a number"),
        ("2_00", "is not a number"),
        ("٢٠٠", "is not a number"),
        ("NaN", "is not a number"),
    ],
)
def test_what_is_no_code_is_rejected(token: str, flaw: str, tmp_path: Path) -> None:
    assert reason_of({**DELIVERY, "response_code": token}, "deliveries", tmp_path) == f"response_code {flaw}"


@pytest.mark.parametrize("token", ["true", "[200]", "{}", "Infinity"])
def test_json_values_that_are_no_numbers_are_no_codes(token: str, tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**DELIVERY, "response_code": Json(token)}]), tmp_path, "deliveries.jsonl")
    assert reasons(extract) == {1: "response_code is not a number"}


def test_the_json_number_nan_is_no_value(tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**DELIVERY, "response_code": Json("NaN")}]), tmp_path, "deliveries.jsonl")
    assert extract.rows["response_code"].to_list() == [None]


@pytest.mark.parametrize(
    ("token", "milliseconds"),
    [("12", 12), ("12.5", 12), ("13.5", 14), ("12.500000000000000000000000000000001", 13), ("1.2e3", 1200), ("-5", -5)],
)
def test_a_duration_is_rounded_to_the_millisecond(token: str, milliseconds: int, tmp_path: Path) -> None:
    assert value_of({**DELIVERY, "duration_ms": token}, "duration_ms", "deliveries", tmp_path) == milliseconds


def test_numbers_keep_every_digit_up_to_the_largest(tmp_path: Path) -> None:
    row = {**INSTANCE, "users_in_segment": str(2**63 - 1)}
    assert value_of(row, "users_in_segment", "instances", tmp_path) == 2**63 - 1
    beyond = {**INSTANCE, "users_in_segment": str(2**63)}
    assert reason_of(beyond, "instances", tmp_path / "beyond") == "users_in_segment is out of range"
    below = {**INSTANCE, "users_in_segment": "-1"}
    assert reason_of(below, "instances", tmp_path / "below") == "users_in_segment is out of range"


ERRORS = [{"category": "user_attribute", "attribute": "first_name"}, {"category": "undefined", "attribute": None}]


@pytest.mark.parametrize(
    "spelling",
    [
        ERRORS,
        "user_attribute:first_name|undefined",
        "user_attribute:first_name|undefined:",
        '[{"category": "user_attribute", "attribute": "first_name", "more": 1}, {"category": "undefined"}]',
    ],
)
def test_personalization_errors_are_a_list_in_any_spelling(spelling: object, tmp_path: Path) -> None:
    row = {**DELIVERY, "personalization_errors": spelling}
    assert value_of(row, "personalization_errors", "deliveries", tmp_path) == ERRORS


def test_an_attribute_may_have_a_colon_in_its_name(tmp_path: Path) -> None:
    row = {**DELIVERY, "personalization_errors": "user_attribute:home:city"}
    found = value_of(row, "personalization_errors", "deliveries", tmp_path)
    assert found == [{"category": "user_attribute", "attribute": "home:city"}]


@pytest.mark.parametrize("spelling", ["", "[]", [], None])
def test_no_personalization_errors_are_nothing(spelling: object, tmp_path: Path) -> None:
    row = {**DELIVERY, "personalization_errors": spelling}
    assert value_of(row, "personalization_errors", "deliveries", tmp_path) is None


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ('[{"category": "USER"}]', "has the unknown category 'USER'"),
        ('"user_attribute||undefined"', "has the unknown category ''"),
        (f'[{{"category": "{"x" * 50}"}}]', f"has the unknown category '{'x' * 40}'"),
        ('[{"category": "a\\n\\ud800"}]', "has the unknown category 'a\\n\\ud800'"),
        ('[{"attribute": "a"}]', "contains an object without a category"),
        ('["user_attribute"]', "contains an item that is not an object"),
        ('{"category": "unknown"}', "is not a list"),
        ("true", "is not a list"),
        ('[{"category": "unknown", "attribute": 1.5}]', "attribute must be text"),
        ('"[{"', "is not JSON: Expecting property name enclosed in double quotes"),
    ],
)
def test_broken_personalization_errors_reject_the_row(token: str, reason: str, tmp_path: Path) -> None:
    row = {**DELIVERY, "personalization_errors": Json(token)}
    extract = read_text(jsonl_of([row]), tmp_path, "deliveries.jsonl")
    assert reasons(extract) == {1: f"personalization_errors {reason}"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('{ "b" : 1.50 , "a" : [ 1, {"c": null} ] }', '{"b":1.50,"a":[1,{"c":null}]}'),
        ('{"a": 1e999, "b": -0, "c": 1E+05}', '{"a":1e999,"b":-0,"c":1E+05}'),
        ('{"a": 123456789012345678901234567890.10}', '{"a":123456789012345678901234567890.10}'),
        ('{"a": NaN, "b": [Infinity, -Infinity]}', '{"a":"NaN","b":["Infinity","-Infinity"]}'),
        ('{"a": 1, "b": 2, "a": 3}', '{"a":3,"b":2}'),
        ('{"a": {"b": 1, "b": 2}}', '{"a":{"b":2}}'),
        ('{"a": "zo\\u00eb \\/ \\u2028"}', '{"a":"zoë / \u2028"}'),
        ('{"a": "x\\ny\\u0000"}', '{"a":"x\\ny\\u0000"}'),
        ('{"a": ": ", "b": ", ", "c": "\\": ", "": " , "}', '{"a":": ","b":", ","c":"\\": ","":" , "}'),
        ('{"a": ": x"}', '{"a":": x"}'),
        ('{"a": "x, ", "b": 1}', '{"a":"x, ","b":1}'),
        ('{"a":true,"b":false,"c":null}', '{"a":true,"b":false,"c":null}'),
        ("{ }", None),
        ("null", None),
    ],
)
def test_attributes_are_compact_json_with_the_digits_as_given(given: str, kept: str | None, tmp_path: Path) -> None:
    assert value_of({**EVENT, "attributes": Json(given)}, "attributes", "events", tmp_path) == kept


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("[1]", "is not a JSON object"),
        ("5", "is not a JSON object"),
        ("true", "is not a JSON object"),
        ('"{"', "is not JSON: Expecting property name enclosed in double quotes"),
        ('"[1]"', "is not a JSON object"),
        ('{"a": "\\ud800"}', "is not Unicode text"),
        ('{"\\udc00": 1}', "is not Unicode text"),
        ('{"a":' * 101 + "1" + "}" * 101, "nested deeper than 100 levels"),
        ('{"a":' * 100 + "[]" + "}" * 100, "nested deeper than 100 levels"),
    ],
)
def test_broken_attributes_reject_the_row(token: str, reason: str, tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, "attributes": Json(token)}]), tmp_path)
    assert reasons(extract)[1].removeprefix("attributes ") == reason


def test_attributes_may_nest_a_hundred_levels_deep(tmp_path: Path) -> None:
    deep = '{"a":' * 100 + "1" + "}" * 100
    assert value_of({**EVENT, "attributes": Json(deep)}, "attributes", "events", tmp_path) == deep


def test_columns_of_single_attributes_are_texts_in_csv_and_win_over_the_object(tmp_path: Path) -> None:
    names = [*EVENT, "attributes", "attributes.size", 'attributes.say "x"', "attributes."]
    rows = [
        {**EVENT, "attributes.size": "07", 'attributes.say "x"': 'a"b'},
        {**EVENT, "attributes": '{"size": 1, "b": 2}', "attributes.size": "08"},
        {**EVENT, "attributes": '{"size": 1}'},
        {**EVENT, "attributes.size": 'x","size":"y'},
        {**EVENT, "attributes.": "nameless"},
    ]
    extract = read_text(csv_of(rows, names), tmp_path, "events.csv")
    assert extract.rows["attributes"].to_list() == [
        '{"size":"07","say \\"x\\"":"a\\"b"}',
        '{"size":"08","b":2}',
        '{"size":1}',
        '{"size":"x\\",\\"size\\":\\"y"}',
        None,
    ]
    assert extract.unknown_columns == ("attributes.",)


def test_keys_of_single_attributes_keep_their_type_in_json(tmp_path: Path) -> None:
    row = {**EVENT, "attributes.size": Json("1.50"), "attributes.tags": ["x"], "attributes.none": None}
    extract = read_text(jsonl_of([row]), tmp_path)
    assert extract.rows["attributes"].to_list() == ['{"size":1.50,"tags":["x"]}']
    assert extract.unknown_columns == ()
