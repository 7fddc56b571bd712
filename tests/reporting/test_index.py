"""The page that lists the reports."""

import re
from pathlib import Path

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.reporting import write_index, write_reports


def hrefs(html: str) -> list[str]:
    return re.findall(r'<a href="([^":]*)"', html)


def test_the_index_lists_the_reports_there_are_with_their_numbers(workspace: Path, tmp_path: Path) -> None:
    results = write_reports(workspace, ["spring", "a/b"], output=tmp_path)
    html = write_index(workspace, output=tmp_path).read_text(encoding="utf-8")
    assert sorted(hrefs(html)) == sorted(result.path.name for result in results if result.path)
    assert "Spring sale" in html
    assert "Old campaign" not in html
    assert "Older reports" not in html


def test_names_do_nothing_in_the_index(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["a/b"], output=tmp_path)
    html = write_index(workspace, output=tmp_path).read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_rows_can_be_sorted_by_a_metric(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["old", "silent", "spring"], output=tmp_path)
    by_name = write_index(workspace, output=tmp_path).read_text(encoding="utf-8")
    by_conversions = write_index(workspace, output=tmp_path, sort_by="sent").read_text(encoding="utf-8")
    assert hrefs(by_name) == ["silent.html", "old.html", "spring.html"]
    assert hrefs(by_conversions) == ["old.html", "spring.html", "silent.html"]


def test_a_report_made_by_other_rules_is_listed_apart_and_without_numbers(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["spring"], output=tmp_path, settings=Settings(window_hours=1))
    write_reports(workspace, ["old"], output=tmp_path)
    html = write_index(workspace, output=tmp_path).read_text(encoding="utf-8")
    current, older = html.split("Older reports")
    assert hrefs(current) == ["old.html"]
    assert hrefs(older) == ["spring.html"]


def test_files_that_are_no_reports_are_not_listed(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "spring.html").write_text("<p>mine</p>")
    assert hrefs(write_index(workspace, output=tmp_path).read_text(encoding="utf-8")) == []


def test_a_page_that_cannot_be_written_is_an_error_of_one_line(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AnalyticsError, match=r"^cannot write .*index\.html: File exists$"):
        write_index(workspace, output=tmp_path / "file")


def test_the_same_reports_give_the_same_bytes(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["spring", "old"], output=tmp_path)
    first = write_index(workspace, output=tmp_path).read_bytes()
    assert write_index(workspace, output=tmp_path).read_bytes() == first
