"""Other rules: refused with a sentence where they cannot be, computed beside the page where they can."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from reading import answer, control, dialog, figures, html, pick, text

from analytics_core.domain.errors import AnalyticsError
from analytics_core.widgets import Explorer
from analytics_core.widgets.background import Background


def ask(explorer: Explorer, **values: str) -> None:
    control(explorer, "Change").click()
    answer(explorer, "apply", **values)


def test_a_shorter_window_credits_less_and_is_written_on_the_page(explorer: Explorer) -> None:
    assert figures(explorer)["converted_users"] == "1"
    ask(explorer, window="30m")
    assert figures(explorer)["converted_users"] == "0"
    assert "As you asked" in text(explorer)
    assert "window 0.5 hours " in text(explorer)
    control(explorer, "Reset").click()
    assert figures(explorer)["converted_users"] == "1"
    assert "As you asked" not in text(explorer)


def test_every_rule_can_be_asked_for(explorer: Explorer) -> None:
    ask(
        explorer,
        window="2d",
        since="2026-03-02",
        until="2026-03-02",
        model="last_interaction",
        credit="first",
        codes="200, 404",
        as_of="2026-03-02 23:00",
        matured="",
    )
    page = text(explorer)
    for said in (
        "window 48 hours",
        "last interaction",
        "first delivery",
        "success 200 404",
        "Mon 2 Mar 2026, 23:00 EST",
    ):
        assert said in page
    assert "rows of Mon 2 Mar 2026" in page


def test_rules_stay_when_another_campaign_is_picked(explorer: Explorer) -> None:
    ask(explorer, window="1h")
    pick(explorer, "evil")
    assert "window 1 hour " in text(explorer)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("window", "soon", "'soon' is not a valid duration"),
        ("window", "0h", "is not a valid duration"),
        ("since", "1066-10-14", "is not a valid date"),
        ("codes", "ok", "are not response codes"),
        ("as_of", "yesterday", "is not a time; write it like"),
        ("known_at", "2026-13-01", "is not a time"),
        ("model", "mine", "is not a valid"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_at_its_field(
    explorer: Explorer, field: str, value: str, why: str
) -> None:
    before = figures(explorer)
    ask(explorer, **{field: value})
    errors = {one.name: one.error for one in dialog(explorer).fields if one.error}
    assert set(errors) == {field}
    assert why in errors[field]
    assert figures(explorer) == before


def test_a_period_that_ends_before_it_begins_is_refused(explorer: Explorer) -> None:
    ask(explorer, since="2026-03-03", until="2026-03-02")
    assert "before its first day" in next(one.error for one in dialog(explorer).fields if one.error)


def test_what_was_not_known_yet_is_told(explorer: Explorer) -> None:
    ask(explorer, known_at="2020-01-01 00:00")
    assert "Not computed: " in text(explorer)
    assert "converted_users" in figures(explorer)


def test_the_same_rules_again_are_no_new_ones(explorer: Explorer) -> None:
    ask(explorer)
    assert dialog(explorer).error == "These are the rules already."


def test_work_is_done_beside_the_loop_and_only_the_latest_is_shown() -> None:
    seen: list[str] = []
    threads: set[str] = set()

    async def page() -> None:
        background, started, shown = Background(), threading.Event(), asyncio.Event()

        def wait() -> None:
            threads.add(threading.current_thread().name)
            started.wait(5)

        background.run(wait, lambda: seen.append("first"), seen.append)
        background.run(lambda: None, shown.set, seen.append)
        await asyncio.sleep(0.05)
        seen.append("the page goes on")
        started.set()
        await shown.wait()

    asyncio.run(page())
    assert seen == ["the page goes on"]
    assert threads == {"explorer_0"}


def test_what_cannot_be_computed_is_told_from_the_thread_too() -> None:
    seen: list[str] = []

    def fail() -> None:
        raise AnalyticsError("it cannot be")

    async def page() -> None:
        told = asyncio.Event()
        Background().run(fail, lambda: seen.append("done"), lambda why: (seen.append(why), told.set()))
        await told.wait()

    asyncio.run(page())
    assert seen == ["it cannot be"]


def test_rules_are_no_markup(explore: Callable[[], Explorer]) -> None:
    explorer = explore()
    ask(explorer, codes="<b>200</b>")
    assert "<b>200" not in html(explorer)
