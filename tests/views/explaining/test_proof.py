"""An explanation shows that its rows make its number, and refuses to be shown where they do not."""

from dataclasses import replace
from pathlib import Path

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.explaining.explanation import Explanation
from analytics_core.views.explaining.explanation import explanation_text
from analytics_core.views.explaining.explanation_json import explanation_json
from analytics_core.workspace import create_workspace
from worlds import tiny_campaign


def explained(place: Path, metric: str) -> Explanation:
    """Two users sent, one of whom bought."""
    told = tiny_campaign().sent("ann").sent("bob").bought("ann", at="2026-03-02 10:00")
    made = create_workspace(place / "workspace", app=told.app)
    made.import_canonical(told.write(place / "export", fmt="jsonl"))
    return made.explain("spring", metric)


def test_the_rows_make_the_number(tmp_path: Path) -> None:
    found = explained(tmp_path, "sent")
    assert "\nThese rows make 2 in total and 2 unique: the same.\n" in explanation_text(found)
    assert "the same" not in str(explanation_json(found))


def test_a_quotient_is_made_of_no_rows_alone(tmp_path: Path) -> None:
    assert "These rows make" not in explanation_text(explained(tmp_path, "conversion_rate"))


def test_rows_that_make_another_number_are_an_error_of_one_line(tmp_path: Path) -> None:
    found = explained(tmp_path, "converted_users")
    assert "These rows make 1: the same." in explanation_text(found)
    forged = replace(found, sums=replace(found.sums, instance_users=3, users=3, rows=3))
    with pytest.raises(
        AnalyticsError, match=r"^the rows behind converted_users make 3, but the number is 1; report this$"
    ):
        explanation_text(forged)
