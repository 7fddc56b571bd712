"""Settings on their way into a notebook or another process."""

import json
from datetime import UTC, date, datetime

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from analytics_core.reporting.inputs import settings_as_json, settings_from_json

UNUSUAL = Settings(
    attribution_model=AttributionModel.LAST_INTERACTION,
    instance_credit=InstanceCredit.EVERY,
    default_window_hours=12.5,
    window_hours=1 / 3,
    success_codes=frozenset({404, 202, 200}),
    matured_only=True,
    since=date(2026, 4, 1),
    until=date(2026, 4, 30),
    as_of=datetime(2026, 4, 30, 23, 59, 59, 123456, tzinfo=UTC),
)


@pytest.mark.parametrize("settings", [Settings(), UNUSUAL])
def test_settings_come_back_as_they_went(settings: Settings) -> None:
    assert settings_from_json(json.loads(json.dumps(settings_as_json(settings)))) == settings


def test_a_period_that_ends_before_it_begins_does_not_come_in() -> None:
    with pytest.raises(ValueError, match="after its last day"):
        settings_from_json({"since": "2026-04-02", "until": "2026-04-01"})


def test_equal_settings_give_equal_text() -> None:
    assert settings_as_json(UNUSUAL)["success_codes"] == [200, 202, 404]


def test_a_field_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="attribution_model"):
        settings_from_json({"attribution_model": "first_interaction"})
