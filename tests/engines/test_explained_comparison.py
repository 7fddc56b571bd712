"""Numbers of a comparison with a control group, down to the rows of both arms: one story, each user with one fate."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, AttributionModel, Counting, Gap
from analytics_core.engines.event_fates import _fates
from analytics_core.engines.explaining import explain_number, explain_user
from analytics_core.engines.scene import CampaignView, WorkspaceData, view_campaign
from analytics_core.explaining.explanation import Explanation, question_of
from analytics_core.explaining.near_misses import find_named_events
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.metric import Scope
from analytics_core.tables.keys import add_keys
from analytics_core.views.explaining.arm_fates import ARM_FATES
from analytics_core.views.explaining.conclusion import conclusion
from analytics_core.views.explaining.explanation import explanation_text
from analytics_core.views.explaining.explanation_json import explanation_json, user_explanation_json
from analytics_core.views.explaining.user_explanation import user_explanation_text
from seeding import seeds
from worlds import World, rules_of, tiny_campaign, world
from worlds.story import ORDER_VALUE, PURCHASE

AT_TEN = "2026-03-02 10:00"
TOO_LATE = "2026-03-03 21:03"
LATER = "2026-03-09 09:00"
EVERYBODY = ("ann", "bob", "cat", "con", "dan", "eve", "fay", "gus", "kit")


def story() -> World:
    """Ann, bob and dan are sent, eve is not; cat and kit are held out, gus globally; con is both; fay is capped."""
    told = tiny_campaign(goals=[PURCHASE | ORDER_VALUE], audience={"control_group_percent": 50})
    told = (
        told.sent("ann").sent("bob").sent("dan").requested("eve", 404).capped("fay").held_back("cat").held_back("kit")
    )
    told = told.held_back("gus", group="global").held_back("con").sent("con", at="2026-03-02 09:01")
    told = told.bought("ann", at=AT_TEN, order_value=12.5).bought("ann", at="2026-03-02 11:00", order_value=3)
    for user in ("cat", "con", "eve", "fay", "gus"):
        told = told.bought(user, at=AT_TEN, order_value=5)
    return told.bought("dan", at=TOO_LATE).bought("bob", at="2026-03-02 08:00")


def seen(told: World, settings: Settings | None = None) -> CampaignView:
    return view_campaign(WorkspaceData(told.tables(), told.book, told.app), told.book[0], settings or Settings())


def of(told: World, name: str, settings: Settings | None = None) -> Explanation:
    return explain_number(seen(told, settings), question_of(told.book[0], name, None), rows=None)


def said_of(told: World, name: str, user: str, settings: Settings | None = None) -> str:
    return conclusion(explain_user(seen(told, settings), question_of(told.book[0], name, None), user))


def arms(explanation: Explanation) -> dict[str, list[str]]:
    """The users of each arm's rows, in order."""
    rows = explanation.rows.sort("user_id").iter_rows(named=True)
    found: dict[str, list[str]] = {"treated": [], "control": []}
    for row in rows:
        found[row["arm"]].append(row["user_id"])
    return found


def fates(explanation: Explanation) -> dict[str, list[str]]:
    assert explanation.near_misses is not None
    found: dict[str, list[str]] = {}
    for row in explanation.near_misses.rows.iter_rows(named=True):
        found.setdefault(row["verdict"], []).append(row["user_id"])
    assert {fate: len(users) for fate, users in found.items()} == {
        fate.value: events for fate, events in explanation.near_misses.events.items()
    }
    return found


def test_every_figure_of_the_comparison_says_which_rows_it_is_made_of() -> None:
    compared = [declared for declared in CATALOG.values() if declared.is_compared]
    assert {declared.name for declared in compared if declared.scope is not Scope.ARM} == {"sample_ratio"}
    assert all(declared.is_compared for declared in CATALOG.values() if declared.scope is Scope.ARM)
    assert not any(declared.exists_in(AnalyticsVersion.LEGACY) for declared in compared)


@pytest.mark.parametrize(
    ("name", "treated", "control"),
    [
        ("uplift", ["ann", "ann"], ["cat"]),
        ("difference", ["ann", "ann"], ["cat"]),
        ("smallest_detectable_uplift", ["ann", "ann"], ["cat"]),
        ("treated_users", ["ann", "bob", "dan"], []),
        ("treated_converted_users", ["ann", "ann"], []),
        ("treated_conversion_rate", ["ann", "ann"], []),
        ("active_targets", [], ["cat", "kit"]),
        ("control_converted_users", [], ["cat"]),
        ("control_conversion_rate", [], ["cat"]),
        ("incremental_conversions", ["ann", "ann", "eve"], ["cat", "con"]),
        ("assigned_uplift", ["ann", "ann", "eve"], ["cat", "con"]),
        ("assigned_treated_users", ["ann", "bob", "dan", "eve"], []),
        ("assigned_control_users", [], ["cat", "con", "kit"]),
        ("assigned_control_converted_users", [], ["cat", "con"]),
        ("incremental_revenue", ["ann", "ann", "eve"], ["cat", "con"]),
        ("assigned_treated_revenue_per_user", ["ann", "ann", "eve"], []),
        ("sample_ratio", ["ann", "bob", "dan", "eve"], ["cat", "con", "kit"]),
    ],
)
def test_the_rows_of_both_arms(name: str, treated: list[str], control: list[str]) -> None:
    assert arms(of(story(), name)) == {"treated": treated, "control": control}


def test_an_event_belongs_to_the_latest_row_of_any_outcome_and_counts_once() -> None:
    told = story().capped("ann", instance="noon", at="2026-03-02 10:30").held_back("bob", instance="noon", at=AT_TEN)
    told = told.bought("bob", at="2026-03-02 12:00")
    found = of(told, "uplift")
    assert arms(found) == {"treated": ["ann"], "control": ["bob", "cat"]}
    assert fates(found)["frequency_capped"] == ["fay", "ann"]
    assert arms(of(told, "treated_users")) == {"treated": ["ann", "bob", "dan"], "control": []}


def test_an_event_of_a_control_user_is_a_row_of_the_uplift_and_a_near_miss_of_the_conversions() -> None:
    told = story()
    assert all("cat" not in users for users in fates(of(told, "uplift")).values())
    assert fates(of(told, "converted_users"))["control_user"] == ["cat", "gus"]


def test_what_kept_an_event_from_both_arms() -> None:
    assert fates(of(story(), "uplift")) == {
        "before_first_row": ["bob"],
        "contaminated": ["con"],
        "not_sent": ["eve"],
        "frequency_capped": ["fay"],
        "other_control_group": ["gus"],
        "after_window": ["dan"],
    }
    assert fates(of(story(), "incremental_conversions")).keys() == {
        "before_first_row",
        "frequency_capped",
        "other_control_group",
        "after_window",
    }


def test_of_one_arm_the_other_s_near_misses_are_not_told() -> None:
    assert "after_window" in fates(of(story(), "treated_converted_users"))
    assert "after_window" not in fates(of(story(), "control_converted_users"))


def test_an_event_that_does_not_fulfil_the_filter_or_happened_after_the_as_of_time() -> None:
    shoes = {**PURCHASE, "filters": [{"attribute": "category", "op": "is", "value": "shoes"}]}
    told = tiny_campaign(goals=[shoes]).sent("ann").held_back("cat").bought("cat", at=AT_TEN, category="hats")
    told = told.bought("ann", at=AT_TEN, category="shoes")
    assert fates(of(told, "uplift")) == {"filter_not_fulfilled": ["cat"]}
    early = replace(Settings(), as_of=told.events[0]["occurred_at"].replace(hour=9, minute=30))
    assert fates(of(told, "uplift", early)) == {"after_as_of": ["ann"]}


def test_rows_that_do_not_count_are_told_by_why() -> None:
    told = story().sent("ann", instance="later", at=LATER).held_back("cat", instance="later", at=LATER)
    told = told.bought("cat", at="2026-03-09 10:00")
    matured = of(told, "active_targets", Settings(matured_only=True))
    assert (arms(matured)["control"], matured.left_out) == (["cat", "kit"], {"not_matured": 1})
    assert fates(of(told, "uplift", Settings(matured_only=True)))["not_matured"] == ["cat"]
    week = of(told, "active_targets", Settings(until=date(2026, 3, 8)))
    assert (arms(week)["control"], week.left_out) == (["cat", "kit"], {"outside_period": 1})
    assert fates(of(told, "uplift", Settings(until=date(2026, 3, 8))))["outside_period"] == ["cat"]
    assert "1 more row outside the period does not count." in explanation_text(week)
    assert "1 more row that has not matured does not count." in explanation_text(matured)
    sent = of(told, "sent", Settings(since=date(2026, 3, 9)))
    assert (sent.sums.rows, sent.left_out) == (1, {"outside_period": 4})


def test_declared_sizes_of_a_period_are_those_of_instances_inside() -> None:
    told = tiny_campaign().sent("ann").sent("ann", instance="later", at=LATER).declared("run", 5).declared("later", 3)
    told = told.declared("timed", 2, first_sent_at=LATER).declared("neither", 9)
    found = of(told, "unaccounted", Settings(since=date(2026, 3, 8)))
    assert found.rows["instance_id"].to_list() == ["later", "timed"]
    assert found.sums.unaccounted == found.snapshot.reconciliation.unaccounted == 4
    every = of(told, "unaccounted")
    assert every.sums.unaccounted == every.snapshot.reconciliation.unaccounted == 4 + 2 + 2 + 9


def test_the_global_control_group_is_compared_where_there_is_no_other() -> None:
    told = tiny_campaign().sent("ann").held_back("gus", group="global").bought("gus", at=AT_TEN)
    assert arms(of(told, "uplift")) == {"treated": [], "control": ["gus"]}
    assert "against the global control group" in explanation_text(of(told, "uplift"))
    # Nobody was drawn into the campaign's own control group, which the sample ratio is about.
    assert arms(of(told, "sample_ratio")) == {"treated": ["ann"], "control": []}


def test_without_a_control_group_the_first_rows_are_those_of_the_attempted() -> None:
    told = tiny_campaign(audience={"control_group_percent": 10}).sent("ann").requested("bob", 404)
    found = of(told.sent("ann", instance="later", at=LATER), "sample_ratio")
    assert arms(found) == {"treated": ["ann", "bob"], "control": []}
    assert found.rows["instance_id"].to_list() == ["run", "run"]
    assert found.sums.rows == found.snapshot.sample_ratio.users


def test_a_user_counts_in_the_sample_ratio_by_the_first_assigned_row() -> None:
    told = (
        story().capped("ann", instance="a", at="2026-03-01 09:00").held_back("bob", instance="a", at="2026-03-01 09:00")
    )
    told = told.sent("cat", instance="b", at="2026-03-01 09:00").sent("gus", instance="z", at=LATER)
    assert arms(of(told, "sample_ratio")) == {"treated": ["ann", "cat", "dan", "eve"], "control": ["bob", "con", "kit"]}
    assert said_of(told, "sample_ratio", "bob").endswith("on instance 'a', drawn into the control group.")
    assert said_of(told, "sample_ratio", "gus").endswith(": their first row was drawn into the global control group.")


def test_what_a_campaign_does_not_compare_has_no_rows_and_no_near_misses() -> None:
    told = tiny_campaign().sent("ann").bought("ann", at=AT_TEN)
    for name in (declared.name for declared in CATALOG.values() if declared.scope is Scope.ARM):
        found = of(told, name)
        assert (found.sums.rows, found.near_misses, explanation_json(found)["comparison"]) == (0, None, None)
    assert said_of(told, "uplift", "ann") == (
        "Nobody counts in Uplift: no row that counts was drawn into a control group."
    )
    assert "Events named" not in user_explanation_text(
        explain_user(seen(told), question_of(told.book[0], "uplift", None), "ann")
    )


def test_the_comparison_looks_at_one_campaign_only() -> None:
    told = story().with_campaign("other").sent("ann", at="2026-03-02 09:30").sent("cat", at="2026-03-02 09:30")
    last = Settings(attribution_model=AttributionModel.LAST_INTERACTION)
    assert arms(of(told, "uplift", last)) == arms(of(told, "uplift"))


def test_the_head_says_both_arms_the_interval_and_the_method() -> None:
    text = explanation_text(of(story(), "uplift"))
    for line in (
        "Uplift: \N{MINUS SIGN}33.3% (primary goal, by sent requests)",
        "Both arms, by sent requests, against the campaign's control group",
        "Treated     3       3                1                 1            33.3%            $5.17",
        "Control     2       2                1                 1            50.0%            $2.50",
        "1 row was drawn into this control group but requested anyway: it is in neither arm.",
        "95% interval",
        "p-value",
        "Method: Clustered Miettinen\N{EN DASH}Nurminen score test, with the user as the unit;",
        "Treated: sent",
        "Control: held out",
        "These are the events of both arms",
    ):
        assert line in text
    assert "daily looks" not in text
    assert "it is in the control arm." in explanation_text(of(story(), "incremental_conversions"))
    assert "Clustered score test on scaled amounts" in explanation_text(of(story(), "incremental_revenue"))
    assert "at 5% with 80% power" in explanation_text(of(story(), "smallest_detectable_uplift"))
    assert "Method:" not in explanation_text(of(story(), "active_targets"))


def test_the_interval_for_daily_looks_stands_beside_the_plain_one_once_a_week_has_matured() -> None:
    told = story().sent("ann", instance="later", at="2026-03-20 09:00").bought("ann", at="2026-03-22 09:00")
    text = explanation_text(of(told, "difference"))
    assert "Difference, interval for daily looks" in text
    assert "an asymptotic confidence sequence" in text


def test_of_several_goals_the_adjusted_p_value_stands_beside() -> None:
    seen_it = {"goal_id": "seen", "name": "Seen it", "event_name": "Seen"}
    told = replace(story(), campaigns=tiny_campaign(goals=[PURCHASE | ORDER_VALUE, seen_it]).campaigns)
    assert "p-value, adjusted over the goals (Holm)" in explanation_text(of(told, "uplift"))
    assert "Holm" not in explanation_text(of(told, "assigned_uplift"))


def test_the_sample_ratio_says_who_was_drawn_and_what_was_declared() -> None:
    text = explanation_text(of(story(), "sample_ratio"))
    for words in ("Users, each by the first row      7", "Share declared                50.0%", "Exact binomial test"):
        assert words in text
    assert explanation_json(of(story(), "sample_ratio"))["sample_ratio"]["observed_users"] == 3


def test_the_json_has_both_arms() -> None:
    document = explanation_json(of(story(), "uplift"))
    comparison = document["comparison"]
    assert (comparison["basis"], comparison["control_group_type"]) == ("sent", "campaign")
    assert comparison["treated"] == {
        "rows": 3,
        "people": 3,
        "converted_users": 1,
        "converted_people": 1,
        "conversion_rate": 1 / 3,
    }
    inputs = {part["name"]: part["value"] for part in document["inputs"]}
    assert inputs == {"treated_conversion_rate": 1 / 3, "control_conversion_rate": 0.5}
    assert (comparison["control"]["rows"], comparison["contaminated_rows"], comparison["verdict"]) == (2, 1, "too_few")
    assert comparison["control_revenue_per_row"] == "2.500000"
    assert document["near_misses"]["fates"][0]["fate"] == "contaminated"
    assert {row["arm"] for row in document["rows"]} == {"treated", "control"}
    revenue = explanation_json(of(story(), "incremental_revenue"))
    assert all(isinstance(end, str) for end in revenue["comparison"]["interval"])


NOT_SENT = "not sent ({}); only sent deliveries convert."


@pytest.mark.parametrize(
    ("name", "user", "said"),
    [
        ("uplift", "ann", "counts in Uplift: in the denominator and the numerator of the treated arm with 1 row."),
        ("uplift", "cat", "counts in Uplift: in the denominator and the numerator of the control arm with 1 row."),
        (
            "uplift",
            "kit",
            (
                "counts in Uplift: in the denominator of the control arm with 1 row, not in the numerator: they have no"
                " 'Order Placed' event."
            ),
        ),
        (
            "uplift",
            "dan",
            (
                "counts in Uplift: in the denominator of the treated arm with 1 row, not in the numerator: their"
                " nearest event happened after the window had closed, less than one window late."
            ),
        ),
        (
            "uplift",
            "con",
            (
                "does not count in Uplift: in neither arm (drawn into a control group and requested anyway:"
                " contaminated)."
            ),
        ),
        ("uplift", "eve", "does not count in Uplift: in neither arm (not sent (404))."),
        ("uplift", "fay", "does not count in Uplift: in neither arm (frequency capped)."),
        ("uplift", "gus", "does not count in Uplift: in neither arm (held out by the global control group)."),
        ("active_targets", "kit", "counts in Active targets: in the control arm with 1 row."),
        ("active_targets", "ann", "does not count in Active targets: in the treated arm."),
        ("control_converted_users", "cat", "counts in Control converted users with 1 event on 1 instance."),
        (
            "control_converted_users",
            "kit",
            ("does not count in Control converted users: in the control arm, but they have no 'Order Placed' event."),
        ),
        (
            "sample_ratio",
            "con",
            "counts in Sample ratio: by their first row, on instance 'run', drawn into the control group.",
        ),
        ("sample_ratio", "ann", "counts in Sample ratio: by their first row, on instance 'run', to be sent."),
        ("sample_ratio", "fay", "does not count in Sample ratio: their first row does not count (frequency capped)."),
        ("converted_users", "eve", f"does not count in Converted users: {NOT_SENT.format('404')}"),
        ("converted_users", "kit", f"does not count in Converted users: {NOT_SENT.format('control group')}"),
    ],
)
def test_a_user_s_path_ends_in_the_true_reason(name: str, user: str, said: str) -> None:
    assert said_of(story(), name, user) == f"This user {said}"


def test_a_user_may_be_in_both_arms() -> None:
    told = story().held_back("ann", instance="later", at=LATER).sent("ann", instance="last", at="2026-03-16 09:00")
    assert said_of(told, "uplift", "ann") == (
        "This user counts in Uplift: in the denominator of the treated arm with 2 rows, in the numerator with 1 of"
        " them; in the denominator of the control arm with 1 row, not in the numerator."
    )
    assert said_of(told, "control_converted_users", "ann").endswith("but their events belong to rows of the other arm.")


def test_a_user_whose_rows_do_not_count_is_told_so_first() -> None:
    told = story().sent("zoe", instance="later", at=LATER).held_back("zed", instance="later", at=LATER)
    early = Settings(since=date(2026, 3, 8))
    assert said_of(told, "uplift", "ann", early).endswith("in neither arm (outside the period).")
    assert said_of(told, "converted_users", "ann", early).endswith(
        ": only rows within the period count, and 1 of their rows is outside it."
    )
    assert said_of(told, "sent", "ann", early).endswith(
        "; only rows within the period count, and 1 of their rows is outside it."
    )
    ripe = Settings(matured_only=True)
    assert said_of(told, "uplift", "zoe", ripe).endswith("in neither arm (not matured, and only matured rows count).")
    assert said_of(told, "conversion_rate", "zoe", ripe).endswith(
        ": only matured rows count, and 1 of their rows has not matured."
    )


def test_a_user_s_path_shows_the_rows_as_the_comparison_sees_them() -> None:
    told = story().sent("ann", instance="noon", at="2026-03-02 12:00")
    user = explain_user(seen(told), question_of(told.book[0], "uplift", None), "ann")
    text = " ".join(user_explanation_text(user).split())
    assert "Rows as the comparison sees them: one per instance" in text
    # The first row's window ends where the second begins.
    assert "run ann treated sent 2026-03-02 12:00:00+00:00 yes 2 yes" in text
    assert "in the treated arm run $12.50" in text
    rows: list[dict[str, Any]] = user_explanation_json(user)["audience_rows"]
    assert [(row["instance_id"], row["arm"], row["events"], row["counts"]) for row in rows] == [
        ("run", "treated", 2, True),
        ("noon", "treated", 0, True),
    ]


@pytest.mark.parametrize("name", ["uplift", "active_targets", "incremental_conversions", "sample_ratio"])
def test_users_add_up_to_the_rows_of_a_number(name: str) -> None:
    told = story()
    scene, question = seen(told), question_of(told.book[0], name, None)
    rows = explain_number(scene, question, rows=None).rows
    for user in EVERYBODY:
        found = explain_user(scene, question, user)
        assert found.counted == rows.filter(rows["user_id"] == user).height
        assert found.counted == 0 or conclusion(found).startswith("This user counts in")


@pytest.mark.parametrize("seed", seeds(0, few=6, long=120))
def test_the_fates_of_generated_events_are_those_of_the_counts(seed: int) -> None:
    told, settings = world(seed), rules_of(seed, world(seed))
    held = WorkspaceData(told.tables(), told.book, told.app)
    for campaign in told.book:
        if campaign.analytics_version is AnalyticsVersion.CURRENT:
            scene = view_campaign(held, campaign, settings)
            for name in ("uplift", "incremental_conversions"):
                found = explain_number(scene, question_of(campaign, name, None), rows=None)
                named = find_named_events(scene.persons.events, campaign.primary_goal)
                every = _fates(scene, named, found.behind, campaign.primary_goal).collect()
                in_arm = every.filter(verdict="in_arm").select("event_id", "instance_id", "arm")
                assert in_arm.sort(in_arm.columns).equals(found.rows.select(in_arm.columns).sort(in_arm.columns))
                assert every["event_id"].is_unique().all()


def test_a_bot_s_events_are_all_told_in_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics_core.engines.event_fates._MOST_PAIRS", 0)
    found = of(story(), "uplift")
    assert found.near_misses is not None
    assert (found.near_misses.users_left_out, len(fates(found))) == (0, 6)


def test_every_fate_has_its_sentence() -> None:
    assert all(sentence.startswith("The event ") and sentence.endswith(".") for sentence in ARM_FATES.values())
    assert list(ARM_FATES) == list(type(next(iter(ARM_FATES))))


def test_what_the_exports_do_not_tell_is_no_number_of_the_rows() -> None:
    told = story()
    tables = replace(add_keys(told.tables()), gaps={"spring": (Gap.FAILED_RESPONSES,)})
    scene = view_campaign(WorkspaceData(tables, told.book, told.app), told.book[0], Settings())
    found = explain_number(scene, question_of(told.book[0], "assigned_treated_users", None), rows=None)
    assert (found.count_from_rows(Counting.TOTAL), explanation_json(found)["value"]) == (None, None)
    assert "Not known: the exports do not say: failed responses" in explanation_text(found)
    sent = explain_number(scene, question_of(told.book[0], "treated_users", None), rows=None)
    assert sent.count_from_rows(Counting.TOTAL) == 3
