"""Where a number is 0 or odd for a reason that the data shows, page, terminal, report and `explain` say the reason."""

import re
from pathlib import Path

import pytest

from analytics_core.domain.settings import App, Settings
from analytics_core.engines import oddities as engine
from analytics_core.reporting import open_report
from analytics_core.views.explaining.oddities import oddity_notes
from analytics_core.views.page.pieces import notes_html
from analytics_core.widgets import Explorer
from analytics_core.workspace import Workspace, create_workspace
from analytics_core.workspace.oddities import find_oddities
from commands import Run
from report_sections import every_section
from worlds import World, tiny_campaign
from worlds.story import ORDER_VALUE, PURCHASE, instant

TEN = "2026-03-02 10:00"
EPOCH = "1970-01-01 00:00"


def imported(told: World, directory: Path, timezone: str = "UTC") -> Workspace:
    made = create_workspace(directory / "workspace", App(timezone=timezone))
    made.import_canonical(told.write(directory / "export", fmt="jsonl", parts=1))
    return made


def noted(workspace: Workspace, label: str, settings: Settings | None = None) -> list[str]:
    """The notes of that label about the workspace's first campaign."""
    snapshot = workspace.snapshots(settings=settings)[0]
    campaign = workspace.campaign(snapshot.campaign_id)
    found = find_oddities(workspace, [snapshot], settings)[snapshot.campaign_id]
    return [note.text for note in oddity_notes(found, snapshot, campaign) if note.label == label]


def told_of(told: World, directory: Path, label: str) -> list[str]:
    return noted(imported(told, directory), label)


def with_ids(delivered: list[str], bought: list[str]) -> World:
    told = tiny_campaign(goals=[PURCHASE])
    for user in delivered:
        told = told.sent(user)
    for user in bought:
        told = told.bought(user, at=TEN)
    return told


# --- ids that do not join


@pytest.mark.parametrize(
    ("delivered", "bought", "form"),
    [
        (["123", "456"], ["123.0", "456.0"], "such as ids that end in '.0'"),
        (["123.0", "456.0"], ["123", "456"], "such as ids that in deliveries end in '.0'"),
        (["ann", "bob"], ["ANN", "Bob"], "such as ids that differ in upper and lower case"),
        (["ann", "bob"], ["ann ", " bob"], "such as ids that begin or end with a blank"),
        (["12345678", "87654321"], ["1.2345678E7", "8.7654321E7"], "such as ids that are numbers with an exponent"),
        (["0012", "0034"], ["12", "34"], "such as ids that in deliveries begin with a zero"),
    ],
)
def test_events_of_users_without_a_delivery_are_told_and_how_their_ids_differ(
    tmp_path: Path, delivered: list[str], bought: list[str], form: str
) -> None:
    (text,) = told_of(with_ids(delivered, bought), tmp_path, "Ids")
    assert text == (
        "Purchase: 2 of 2 events of this name are of users without any delivery, all of them by ids that are like ids"
        f" with deliveries, {form}."
    )
    assert not any(user.strip() in text for user in bought)


def test_where_ids_are_not_even_alike_the_events_are_told_all_the_same(tmp_path: Path) -> None:
    (text,) = told_of(with_ids(["ann"], ["4711", "4712", "4713"]), tmp_path, "Ids")
    assert text == "Purchase: 3 of 3 events of this name are of users without any delivery."


def test_a_few_events_by_ids_that_are_alike_are_told_beside_conversions(tmp_path: Path) -> None:
    (text,) = told_of(with_ids(["ann", "bob"], ["ann", "BOB", "zed"]), tmp_path, "Ids")
    assert text == (
        "Purchase: 2 of 3 events of this name are of users without any delivery, 1 of them by ids that are like ids"
        " with deliveries, such as ids that differ in upper and lower case."
    )


def test_people_who_buy_without_a_delivery_are_nothing_odd(tmp_path: Path) -> None:
    assert told_of(with_ids(["ann"], ["ann", "zed", "yan"]), tmp_path, "Ids") == []


def test_where_nobody_was_sent_anything_the_ids_are_not_why(tmp_path: Path) -> None:
    assert told_of(with_ids([], ["ann"]), tmp_path, "Ids") == []


def test_whoever_was_merged_into_somebody_with_a_delivery_has_one(tmp_path: Path) -> None:
    told = with_ids(["ann"], ["web-7"]).merged("web-7", "ann")
    assert told_of(told, tmp_path, "Ids") == []


def test_of_many_users_ids_are_compared_where_some_are_written_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_FEW_USERS", 0)
    monkeypatch.setattr(engine, "_USERS_AT_ONCE", 2)
    (text,) = told_of(with_ids(["1", "2", "3"], ["1.0", "2.0"]), tmp_path / "other", "Ids")
    assert "such as ids that end in '.0'" in text
    (text,) = told_of(with_ids(["1", "2", "3"], ["4", "5"]), tmp_path / "same", "Ids")
    assert text == "Purchase: 2 of 2 events of this name are of users without any delivery."


# --- event names


def with_names(wanted: str, *names: str) -> World:
    told = tiny_campaign(goals=[PURCHASE | {"event_name": wanted}]).sent("ann")
    for name in names:
        told = told.event("ann", name, at=TEN)
    return told


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("order placed", "'order placed'"),
        ("Order_Placed", "'Order_Placed'"),
        ("order-placed", "'order-placed'"),
        ("Order Pl\u00e1ced", "'Order Pl\u00e1ced'"),
        ("Order Placed ", "'Order Placed' (other blanks)"),
        ("Order  Placed", "'Order Placed' (other blanks)"),
        ("Order\u00a0Placed", "'Order Placed' (another Unicode form)"),
        ("Order\u200b Placed", "'Order Placed' (an invisible character)"),
    ],
)
def test_a_name_that_never_occurs_is_told_beside_one_that_is_like_it(tmp_path: Path, name: str, shown: str) -> None:
    (text,) = told_of(with_names("Order Placed", *[name] * 12), tmp_path, "Event name")
    assert text == f"Purchase: no event is called 'Order Placed'; 12 are called {shown}."


def test_a_name_that_nothing_is_like_is_told_too(tmp_path: Path) -> None:
    (text,) = told_of(with_names("Order Placed", "Page View"), tmp_path, "Event name")
    assert text == "Purchase: no event is called 'Order Placed'."


def test_events_of_a_like_name_are_told_beside_those_that_count(tmp_path: Path) -> None:
    told = with_names("Order Placed", "Order Placed", "order placed", "order placed", "order_placed")
    (text,) = told_of(told, tmp_path, "Event name")
    assert text == (
        "Purchase: 1 event is called 'Order Placed'; 2 are called 'order placed' and 1 is called 'order_placed',"
        " which does not count here."
    )


def test_a_like_name_that_another_goal_asks_for_is_nothing_odd(tmp_path: Path) -> None:
    goals = [PURCHASE, {"goal_id": "web", "name": "Web", "event_name": "order_placed"}]
    told = tiny_campaign(goals=goals).sent("ann").bought("ann", at=TEN).event("ann", "order_placed", at=TEN)
    assert told_of(told, tmp_path, "Event name") == []


def test_events_that_were_taken_back_have_no_name_any_more(tmp_path: Path) -> None:
    workspace = imported(with_names("Order Placed", "Order Placed", "order placed"), tmp_path)
    workspace.undo_import(1)
    workspace.import_canonical(with_names("Order Placed").write(tmp_path / "second", fmt="jsonl", parts=1))
    assert noted(workspace, "Event name") == ["Purchase: no event is called 'Order Placed'."]


def test_events_after_the_instant_that_is_looked_from_are_not_there(tmp_path: Path) -> None:
    workspace = imported(with_names("Order Placed", "order placed"), tmp_path)
    early = Settings(as_of=instant("2026-03-02 09:30"))
    assert noted(workspace, "Event name", early) == ["Purchase: no event is called 'Order Placed'."]


# --- values that are no numbers


def with_values(goal: dict[str, object], *values: object) -> World:
    told = tiny_campaign(goals=[PURCHASE | goal]).sent("ann")
    for value in values:
        told = told.bought("ann", at=TEN, order_value=value)
    return told


@pytest.mark.parametrize("value", ["12,50", "USD 12", "1.234.567", "", "NaN"])
def test_a_value_that_is_no_number_is_told_with_an_example(tmp_path: Path, value: str) -> None:
    (text,) = told_of(with_values(ORDER_VALUE, value, value, "aside", 3, "4.5"), tmp_path, "Revenue")
    assert text == (
        "Purchase: 3 of 5 events of this name have an attribute 'order_value' whose value is not a number,"
        f" such as '{value}', and add no revenue."
    )


def test_a_value_that_is_an_object_or_a_boolean_is_no_number(tmp_path: Path) -> None:
    (text,) = told_of(with_values(ORDER_VALUE, {"amount": 3}), tmp_path / "object", "Revenue")
    assert """such as '{"amount":3}'""" in text
    (text,) = told_of(with_values(ORDER_VALUE, *[True]), tmp_path / "boolean", "Revenue")
    assert "such as 'true'" in text


def test_absent_values_and_numbers_are_no_such_values(tmp_path: Path) -> None:
    found = told_of(with_values(ORDER_VALUE, None, 3, "4.5", -1), tmp_path, "Revenue")
    assert found == []


@pytest.mark.parametrize(
    ("op", "value"), [("gte", 15), ("lt", "15"), ("is", 15), ("in", [15, 16]), ("not_in", [1.5]), ("is_not", 2)]
)
def test_a_filter_that_compares_with_a_number_has_such_a_note(tmp_path: Path, op: str, value: object) -> None:
    goal = {"filters": [{"attribute": "order_value", "op": op, "value": value}]}
    (text,) = told_of(with_values(goal, "15,0", 15), tmp_path, "Values")
    assert text == (
        "Purchase: 1 of 2 events of this name has an attribute 'order_value' whose value is not a number, such as"
        " '15,0', though a filter compares it with a number."
    )


@pytest.mark.parametrize(("op", "value"), [("is", "shoes"), ("in", ["shoes"]), ("contains", "s"), ("exists", None)])
def test_a_filter_that_compares_texts_has_none(tmp_path: Path, op: str, value: object) -> None:
    goal = {"filters": [{"attribute": "order_value", "op": op, "value": value}]}
    assert told_of(with_values(goal, "hats"), tmp_path, "Values") == []


@pytest.mark.parametrize(
    "value", ["mia@acme.example", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "+49 170 1234567", "4111 1111 1111 1111"]
)
def test_an_example_that_looks_like_a_secret_is_masked(tmp_path: Path, value: str) -> None:
    (text,) = told_of(with_values(ORDER_VALUE, value), tmp_path, "Revenue")
    assert "such as '\u2022\u2022\u2022', and" in text


def test_an_example_that_is_a_users_id_is_masked(tmp_path: Path) -> None:
    (text,) = told_of(with_values(ORDER_VALUE, "ann"), tmp_path, "Revenue")
    assert "such as '\u2022\u2022\u2022', and" in text


def test_an_example_has_no_control_characters_and_is_cut(tmp_path: Path) -> None:
    (text,) = told_of(with_values(ORDER_VALUE, "a\x1b[31m\u202eb" + " much" * 50), tmp_path, "Revenue")
    assert not re.search("[\x00-\x1f\u202a-\u202e]", text)
    assert len(text) < 220


# --- ids that stand for none


@pytest.mark.parametrize("user", ["NULL", "nan", "None", "undefined", "0", "(null)", "N/A", "-1", "null ", "\\N"])
def test_an_id_that_stands_for_none_is_told_with_its_rows(tmp_path: Path, user: str) -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent(user).requested(user, 404).sent(user, instance="next").sent("ann")
    told = told.bought(user, at=TEN).bought("ann", at=TEN).event(user, "Page View", at=TEN)
    (text,) = told_of(told, tmp_path, "Ids")
    assert text == (
        f"2 audience rows and 1 event of its goals' names are of the user id '{user.strip()}', which stands for no id:"
        " whoever has it counts as one user."
    )


@pytest.mark.parametrize("user", ["nancy", "nullable", "00", "10", "anon-1", "zero", "Nona"])
def test_ids_that_only_look_a_little_like_it_are_ids(tmp_path: Path, user: str) -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent(user).bought(user, at=TEN)
    assert told_of(told, tmp_path, "Ids") == []


def test_people_merged_into_such_an_id_are_one_user_too(tmp_path: Path) -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent("ann").sent("bob").merged("ann", "NULL").merged("bob", "NULL")
    (text,) = told_of(told, tmp_path, "Ids")
    assert text.startswith("2 audience rows are of the user id 'NULL',")


def test_rows_of_such_ids_still_count(tmp_path: Path) -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent("NULL").bought("NULL", at=TEN)
    (snapshot,) = imported(told, tmp_path).snapshots()
    assert (snapshot.performance.sent.total, snapshot.performance.converted_users) == (1, 1)


# --- times that stand for none


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (EPOCH, "1 January 1970, where most clocks begin"),
        ("1970-01-01 05:00", "1 January 1970, where most clocks begin"),
        ("1970-01-20 16:00", "January 1970, where seconds that are read as milliseconds end up"),
        ("2000-01-01 00:00", "1 January 2000 00:00"),
        ("2000-01-01 05:00", "1 January 2000 00:00"),
        ("2099-12-31 23:59:59", "31 December 2099 23:59:59"),
        ("2038-01-19 03:14:07", "19 January 2038 03:14:07 UTC"),
    ],
)
def test_times_that_are_the_default_of_a_system_are_told_with_counts(tmp_path: Path, at: str, shown: str) -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent("ann", at=at).sent("bob", at=at).sent("ann")
    told = told.bought("ann", at=at).bought("ann", at=TEN).event("ann", "Page View", at=at)
    (text,) = noted(imported(told, tmp_path, "America/New_York"), "Times")
    assert text == (
        f"2 delivery rows and 1 event of its goals' names are dated {shown}: systems write such a time where they have"
        " none."
    )


def test_ordinary_times_are_not(tmp_path: Path) -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent("ann", at="2000-01-01 00:01").bought("ann", at="1971-01-01 00:00")
    assert told_of(told, tmp_path, "Times") == []


# --- where it is said


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    return imported(with_ids(["123", "456"], ["123.0", "456.0"]), tmp_path).directory


SAID = "2 of 2 events of this name are of users without any delivery"


def test_the_terminal_says_it(run: Run, odd: Path) -> None:
    for command in (("metrics", "spring"), ("explain", "spring", "conversion_events")):
        code, out, err = run(*command, "-w", odd)
        assert (code, err) == (0, "")
        assert f"Ids: Purchase: {SAID}" in out
    _, out, err = run("campaigns", "-w", odd)
    assert SAID not in out
    assert err == ""
    said = " ".join(out.split())
    assert said.endswith("The data shows why numbers are 0 or odd; `connector-analytics metrics` says it of spring.")


def test_an_explanation_says_what_is_odd_about_its_number_only(run: Run, tmp_path: Path) -> None:
    directory = imported(with_values(ORDER_VALUE, "12,50"), tmp_path).directory
    for metric, is_said in (("revenue", True), ("conversion_events", False), ("sent", False)):
        out = run("explain", "spring", metric, "-w", directory)[1]
        assert ("whose value is not a number, such as '12,50'" in out) is is_said


def test_programs_are_told_numbers_only(run: Run, odd: Path) -> None:
    for command in (("metrics", "--all"), ("campaigns",), ("explain", "spring", "sent")):
        _, out, err = run(*command, "--json", "-w", odd)
        assert (SAID in out, err) == (False, "")


def test_the_report_and_the_explorer_say_it(run: Run, odd: Path, tmp_path: Path) -> None:
    assert SAID in "".join(section.html for section in every_section(open_report(odd, "spring")))
    run("report", "--all", "-w", odd, "--output", tmp_path / "reports", "--jobs", "2")
    assert SAID in (tmp_path / "reports" / "spring.html").read_text(encoding="utf-8")
    assert SAID in Explorer(Workspace(odd))._findings._notes._read.value


def test_where_nothing_is_odd_nothing_is_said(tmp_path: Path, run: Run) -> None:
    workspace = imported(with_ids(["ann"], ["ann"]), tmp_path)
    snapshot = workspace.snapshot("spring")
    found = find_oddities(workspace, [snapshot])["spring"]
    assert [*oddity_notes(found, snapshot, workspace.campaign("spring"))] == []
    assert [*oddity_notes(None, snapshot, workspace.campaign("spring"))] == []
    assert run("campaigns", "-w", workspace.directory)[2] == ""


def test_hostile_names_do_nothing_in_notes(tmp_path: Path) -> None:
    workspace = imported(with_names("<script>\x1b[31m", "<SCRIPT>\x1b[31m"), tmp_path)
    snapshot = workspace.snapshot("spring")
    found = find_oddities(workspace, [snapshot])["spring"]
    shown = [*oddity_notes(found, snapshot, workspace.campaign("spring"))]
    assert shown
    assert "<script>" not in str(notes_html(shown)).lower()
    assert not any("\x1b" in note.text for note in shown)


def test_notes_are_found_for_a_goal_whose_id_is_masked_where_it_is_shown(tmp_path: Path, run: Run) -> None:
    goal = PURCHASE | {"goal_id": "ann@mail.example"}
    told = tiny_campaign(goals=[goal]).sent("123").bought("123.0", at=TEN)
    workspace = imported(told, tmp_path).directory
    for command in (("metrics", "spring"), ("explain", "spring", "conversion_events")):
        code, out, err = run(*command, "-w", workspace)
        assert (code, err) == (0, "")
        assert "1 of 1 events of this name is of users without any delivery" in " ".join(out.split())
        assert "ann@mail" not in out
    assert run("report", "spring", "-w", workspace, "--output", tmp_path / "reports")[0] == 0
