"""Rules as people write them: what is read, and that an error says what was asked."""

from datetime import date

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.rule_texts import read_day, read_success_codes, read_window


@pytest.mark.parametrize(("text", "hours"), [("36h", 36), ("90m", 1.5), ("7d", 168), (" 36 ", 36), ("1.5 h", 1.5)])
def test_a_window_is_read_in_hours(text: str, hours: float) -> None:
    assert read_window(text) == hours


@pytest.mark.parametrize("text", ["", "soon", "0h", "-1h", "367d", "1w", "٣h", "1e3h"])
def test_what_is_no_window_names_what_it_answers_to(text: str) -> None:
    with pytest.raises(AnalyticsError, match=r"^--window '.*' is not a valid duration; use hours such as 36h"):
        read_window(text, "--window")
    with pytest.raises(AnalyticsError, match=r"^'.*' is not a valid duration"):
        read_window(text)


def test_a_day_is_of_the_years_that_rows_are_of() -> None:
    assert read_day("2026-04-30") == date(2026, 4, 30)
    for text in ("", "2026-02-30", "yesterday", "0001-01-01", "9999-12-31"):
        with pytest.raises(AnalyticsError, match="is not a valid date from"):
            read_day(text, "--since")


def test_response_codes_stand_between_commas() -> None:
    assert read_success_codes("200, 202") == {200, 202}
    for text in ("", "200,", "2xx", "٢٠٠", "1000"):
        with pytest.raises(AnalyticsError, match="are not response codes"):
            read_success_codes(text)


def test_a_long_text_is_cut_in_the_error() -> None:
    with pytest.raises(AnalyticsError) as refused:
        read_window("9" * 5000)
    assert len(str(refused.value)) < 150
