"""How often a campaign runs: one word for what exports call by many."""

import pytest

from analytics_core.domain.campaign import Schedule
from analytics_core.views.forms.scheduling import kind_in_words, why_at_once


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("asap", "At once"),
        ("Now", "At once"),
        ("AS_SOON_AS_POSSIBLE", "At once"),
        ("once", "Once"),
        ("ONE_TIME", "Once"),
        ("one-time", "Once"),
        ("hourly", "Hourly"),
        ("daily", "Daily"),
        (" WEEKLY ", "Weekly"),
        ("monthly", "Monthly"),
        ("event_triggered", "When triggered by an event"),
        ("event", "When triggered by an event"),
        ("every  full moon ", "every  full moon"),
        ("", ""),
        ("asap" * 100, "asap" * 100),
        (None, None),
    ],
)
def test_a_kind_is_said_in_words_and_an_unknown_one_as_it_was_written(kind: str | None, words: str | None) -> None:
    assert kind_in_words(kind) == words


def test_only_what_has_no_start_to_wait_for_is_sent_at_once() -> None:
    start = "2026-03-02T14:00:00Z"
    assert why_at_once(None) == why_at_once(Schedule(kind="once")) == "no start is scheduled"
    assert why_at_once(Schedule.model_validate({"kind": "asap", "starts_at": start})) == "it is sent at once"
    assert why_at_once(Schedule.model_validate({"kind": "once", "starts_at": start})) is None
