"""JSON documents in a text: one a line, over several lines, one after another, and with flaws."""

import json
import time

import pytest

from analytics_core.domain.errors import RowError
from analytics_core.sources.files.json_documents import read_documents
from seeding import some_rows

PRETTY = json.dumps({"a": [1, {"b": "}{"}], "c": {}}, indent=2)
VALUE = {"a": ["1", {"b": "}{"}], "c": {}}


def read(text: str) -> list[tuple[int, str, object]]:
    lines = text.split("\n")
    found = read_documents([*(f"{line}\n" for line in lines[:-1]), lines[-1]], "a.json")
    return [(number, raw, str(value) if isinstance(value, RowError) else value) for number, raw, value in found]


def test_a_document_begins_at_its_line_and_has_its_text() -> None:
    assert read(f"\n{PRETTY}\n{{}}\n{PRETTY}\n") == [(2, PRETTY, VALUE), (11, "{}", {}), (12, PRETTY, VALUE)]


def test_documents_may_touch() -> None:
    found = read(f"{PRETTY}{PRETTY}{{}}{{}}\n[]{PRETTY}")
    assert [(number, value) for number, _, value in found] == [
        (1, VALUE),
        (9, VALUE),
        (17, {}),
        (17, {}),
        (18, []),
        (18, VALUE),
    ]


@pytest.mark.parametrize(
    "cut", ['{"a": 1', '{"a": 1,', '{"a":', '{"a', "{", "[", '[{"a": 1}', '[{"a": 1},', '{"a": [', '{"a": {"b":', "[["]
)
@pytest.mark.parametrize("following", ['{"b": 1}\n{"b": 2}', "7\n8", f'{PRETTY}\n{{"b": 2}}', '"x"\n{"b": 2}'])
def test_a_line_that_was_cut_off_costs_only_itself(cut: str, following: str) -> None:
    alone = read(following)
    found = read(f"{cut}\n{following}")
    assert found[0][:2] == (1, cut)
    assert str(found[0][2]).startswith("not JSON: ")
    assert found[1:] == [(number + 1, raw, value) for number, raw, value in alone]


@pytest.mark.parametrize("line", ['{"a": 1} x', '{"a": 1} 7', "7 8", '{"a": 1}}', "]", "nope", '"x" {}', "{'a': 1}"])
def test_a_line_that_is_not_json_is_one_flaw(line: str) -> None:
    (first, second) = read(f"{line}\n{{}}")
    assert first[:2] == (1, line)
    assert str(first[2]).startswith("not JSON: ")
    assert second == (2, "{}", {})


def test_of_an_array_with_a_bad_element_the_others_are_read() -> None:
    found = read('[\n{"a": 1},\n{"a": x},\n{"a": 3}\n]')
    assert [(number, type(value) is str) for number, _, value in found] == [
        (1, True),
        (2, False),
        (3, True),
        (4, False),
        (5, True),
    ]


def test_what_is_not_text_is_a_flaw_of_its_document() -> None:
    found = read('{\n"a": "\udcff"\n}\n{"a": "\udcff"}\n{}')
    assert [value for _, _, value in found] == ["not UTF-8", "not UTF-8", {}]


def test_what_is_nested_too_deeply_is_a_flaw_of_its_document() -> None:
    deep = "[\n" * 150 + "]" * 150
    assert [value for _, _, value in read(f"{deep}\n{{}}")] == ["nested deeper than 100 levels", {}]
    assert read("[" * 50_000 + "]" * 50_000 + "\n{}")[1:] == [(2, "{}", {})]


def cost(text: str, values: int) -> float:
    """Seconds of the processor that a text of so many values takes."""
    began = time.process_time()
    assert len(read(text)) == values
    return time.process_time() - began


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("line", "least"),
    some_rows(1, [("{", 1_000), *((line, 2_500) for line in ("{", "[", "[1,", "[[1],", '{"a":', '{"a": ['))]),
)
def test_begins_without_an_end_cost_what_they_are_long(line: str, least: int) -> None:
    few, many = (cost("\n".join([line] * lines), lines) for lines in (least, 8 * least))
    assert many < 24 * few  # 8 times as long; by the square it would be 64


@pytest.mark.long
def test_begins_of_long_documents_cost_what_they_are_long() -> None:
    few, many = (cost("\n".join(["[", *["1,"] * 99] * begins), 100 * begins) for begins in (40, 320))
    assert many < 24 * few
