"""The page the benchmark writes: a section a size, raw measurements in its markers, growth between sizes."""

from pathlib import Path

import pytest
from benches.measuring import Cost
from benches.results import Result, growth, result_from
from benches.sizes import ONE_USER, SIZES, Size

from benches import page


def result(size: Size, factor: float = 1.0, *, rivals: tuple[str, ...] = ("ours", "duckdb", "scan")) -> Result:
    costs = {
        name: [Cost(cpu=factor * (place + 1) * busy, wall=factor, peak=10**8) for busy in (1.0, 1.5, 2.0)]
        for place, name in enumerate(rivals)
    }
    warm = {"median": {"wall": 0.25, "cpu": 0.5}}
    return Result(size, "A processor, 2 cores.", costs, warm, are_equal=True)


def test_a_result_survives_being_written_down() -> None:
    told = result(SIZES["small"])
    assert result_from(told.as_json()) == told


def test_ratios_pair_the_processes_of_one_round() -> None:
    told = result(SIZES["small"])
    found = told.ratios("duckdb")
    assert found is not None
    assert (found.median, found.low, found.high) == (0.5, 0.5, 0.5)
    assert told.ratios("pandas") is None


def test_growth_is_the_exponent_between_neighbouring_sizes() -> None:
    told = [result(SIZES["medium"], 100.0), result(SIZES["small"])]
    ((small, big, exponent),) = growth(told, "ours")
    assert (small, big) == (SIZES["small"], SIZES["medium"])
    assert exponent == pytest.approx(2.0)


def test_writing_a_size_keeps_the_others_and_replaces_its_own(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    for told in (result(SIZES["medium"], 10.0), result(ONE_USER), result(SIZES["small"], 5.0), result(SIZES["small"])):
        page.written(told, path)
    text = path.read_text()
    assert [found.size.name for found in page.results_in(text)] == ["small", "medium", "one-user"]
    assert page.results_in(text)[0] == result(SIZES["small"])
    assert text.count("## 1,000,000 deliveries, 2,000,000 events") == 1
    assert "## One user with 30,000 triggers and 60,000 events" in text
    assert "- this product: 1.00 from 3 to 30 million rows" in text
    assert "A processor, 2 cores. 3 rounds." in text


def test_a_size_without_control_group_has_a_section_of_its_own_and_no_part_in_growth(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    without = result(SIZES["small"].without_control(), 7.0)
    for told in (result(SIZES["medium"], 10.0), without, result(SIZES["small"])):
        page.written(told, path)
    text = path.read_text()
    assert [found.size.name for found in page.results_in(text)] == ["small", "small-without-control", "medium"]
    assert page.results_in(text)[1] == without
    assert "## 1,000,000 deliveries, 2,000,000 events, no control group" in text
    assert "- this product: 1.00 from 3 to 30 million rows" in text


def test_the_documented_page_is_what_its_results_say() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.rendered(page.results_in(text)) == text


def test_a_section_states_costs_ratios_and_single_campaigns() -> None:
    text = page.rendered([result(SIZES["small"])])
    assert "| this product | 1.50 (1.00-2.00) | 1.00 (1.00-1.00) | 100 |" in text
    assert "- Ours / duckdb: 0.50 (0.50-0.50) of the CPU, 1.00 (1.00-1.00) of the time." in text
    assert "- The median campaign alone, in a warm process: 0.250 s (0.500 s CPU)." in text
    assert "- All rivals' numbers were equal." in text
    assert "## Growth" not in text
