"""The performance cards and the pins."""

import subprocess
import sys
from dataclasses import replace

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs, Verdict
from analytics_core.metrics.metric import Group
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import (
    MAX_PINS,
    Badge,
    Card,
    Pins,
    Tone,
    TooManyPinsError,
    card_names,
    cards,
    pick_pinned,
)
from views.snapshots import (
    NOT_TESTED,
    PERFORMANCE,
    arm,
    campaign,
    empty_snapshot,
    ended,
    goal,
    legacy_snapshot,
    second_goal,
    snapshot,
)

EN_DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
FIRST = {"counting": Counting.TOTAL, "shown_as": ShownAs.NUMBER}


def shown(made: Snapshot, counting: Counting = Counting.TOTAL, shown_as: ShownAs = ShownAs.NUMBER) -> dict[str, Card]:
    return {card.metric: card for card in cards(made, ended(), counting=counting, shown_as=shown_as)}


def badge_of(made: Snapshot, definition: Campaign) -> Badge:
    of_card = {card.metric: card.badge for card in cards(made, definition, **FIRST)}
    badge = of_card.pop("conversion_events")
    assert badge is not None
    assert set(of_card.values()) == {None}
    return badge


def compared(**changed: object) -> Snapshot:
    return snapshot(goals=(goal(uplift=GoalUplift(campaign=arm(**changed))), second_goal()))


def test_cards_stand_in_the_order_of_the_page() -> None:
    made = cards(snapshot(), ended(), **FIRST)
    assert [card.label for card in made] == [
        "Converted users",
        "Event (Primary)",
        "Conversion rate (CVR)",
        "Converted people",
        "Total campaign revenue",
        "Average order value",
        "Average revenue per user",
        "Attempted",
        "Sent",
        "Failed",
    ]
    assert [card.group for card in made] == [Group.CONVERSION] * 4 + [Group.REVENUE] * 3 + [Group.DELIVERY] * 3


@pytest.mark.parametrize(
    ("name", "counting", "shown_as", "value", "second"),
    [
        ("sent", Counting.TOTAL, ShownAs.NUMBER, "8,000", "80.0% of attempted"),
        ("sent", Counting.UNIQUE, ShownAs.NUMBER, "6,500", "85.5% of attempted"),
        ("sent", Counting.TOTAL, ShownAs.PERCENTAGE, "80.0%", "8,000 of 10,000 attempted"),
        ("failed", Counting.UNIQUE, ShownAs.PERCENTAGE, "25.0%", "1,900 of 7,600 attempted"),
        ("attempted", Counting.TOTAL, ShownAs.NUMBER, "10,000", "80.0% of users in segment"),
        ("attempted", Counting.UNIQUE, ShownAs.PERCENTAGE, "84.4%", "7,600 of 9,000 users in segment"),
        ("converted_users", Counting.UNIQUE, ShownAs.NUMBER, "240", "3.0% of sent (total) · counted per instance"),
        ("converted_users", Counting.UNIQUE, ShownAs.PERCENTAGE, "3.0%", "240 of 8,000 sent (total)"),
        ("conversion_rate", Counting.UNIQUE, ShownAs.NUMBER, "3.0%", "240 of 8,000 sent (total)"),
        ("conversion_events", Counting.UNIQUE, ShownAs.PERCENTAGE, "300", "every event counts"),
        ("converted_people", Counting.TOTAL, ShownAs.PERCENTAGE, "230", "counted once per user"),
        ("revenue", Counting.TOTAL, ShownAs.PERCENTAGE, "$12,345.60", "primary goal, every event"),
        ("average_order_value", Counting.TOTAL, ShownAs.NUMBER, "$41.15", "per conversion event"),
        ("average_revenue_per_user", Counting.TOTAL, ShownAs.NUMBER, "$51.44", "per converted user"),
    ],
)
def test_a_card_shows_its_figure_and_the_other_view_of_it(
    name: str, counting: Counting, shown_as: ShownAs, value: str, second: str
) -> None:
    card = shown(snapshot(), counting, shown_as)[name]
    assert (card.value, card.second) == (value, second)


def test_the_unique_switch_reaches_delivery_only() -> None:
    unique, total = shown(snapshot(), Counting.UNIQUE), shown(snapshot(), Counting.TOTAL)
    changed = {name for name in unique if unique[name] != total[name]}
    assert changed == {"attempted", "sent", "failed"}


def test_the_percentage_switch_reaches_what_has_a_documented_percentage_only() -> None:
    number, percentage = shown(snapshot()), shown(snapshot(), shown_as=ShownAs.PERCENTAGE)
    changed = {name for name in number if number[name].value != percentage[name].value}
    assert changed == {"attempted", "sent", "failed", "converted_users"}


def test_each_card_explains_itself_with_its_formula() -> None:
    made = shown(snapshot())
    assert made["sent"].info.endswith("Sent rate = Sent / Attempted.")
    assert "Average order value = Total campaign revenue / Event (Primary)." in made["average_order_value"].info


def test_the_primary_event_carries_the_uplift_with_verdict_and_interval() -> None:
    badge = badge_of(snapshot(), ended())
    assert badge.text == "+50.0% uplift, up"
    assert badge.detail == "against the control group; 95% interval +10.0% to +90.0%, p 0.010"
    assert badge.tone is Tone.UP


def test_beside_the_badge_stands_what_would_not_have_happened_otherwise() -> None:
    made = shown(snapshot())
    assert made["conversion_events"].added == (
        "Of 240 converted users, about 80 (10 to 150) would not have converted otherwise."
    )
    assert {card.added for name, card in made.items() if name != "conversion_events"} == {None}


@pytest.mark.parametrize(
    ("verdict", "interval", "text", "tone"),
    [
        (Verdict.UNCERTAIN, (-0.1, 1.1), "+50.0% uplift, uncertain", Tone.NONE),
        (Verdict.DOWN, (-0.8, -0.2), "+50.0% uplift, down", Tone.DOWN),
        (Verdict.UP, (0.1, 0.9), "+50.0% uplift, up", Tone.UP),
        (Verdict.TOO_FEW, (-0.9, 9.0), "Uplift: too few to tell", Tone.NONE),
    ],
)
def test_only_a_direction_has_an_arrow_and_a_colour(
    verdict: Verdict, interval: tuple[float, float], text: str, tone: Tone
) -> None:
    badge = badge_of(compared(verdict=verdict, interval=interval), ended())
    assert (badge.text, badge.tone) == (text, tone)


def test_too_few_to_tell_says_how_few() -> None:
    few = replace(arm().treated, converted_users=3, rows=190)
    badge = badge_of(compared(verdict=Verdict.TOO_FEW, treated=few, converted_users=0, active_targets=10), ended())
    assert badge.detail == ("against the control group; 3 of 190 treated and 0 of 10 control users converted")


def test_a_running_campaign_shows_the_interval_for_daily_looks_and_no_p_value() -> None:
    badge = badge_of(compared(always_valid_interval=(0.001, 0.019)), campaign())
    assert badge.text == "+50.0% uplift, up"
    assert badge.detail == "against the control group; 95% interval for daily looks +5.0% to +95.0%"
    badge = badge_of(snapshot(), campaign())
    assert (badge.text, badge.tone) == ("+50.0% uplift, uncertain", Tone.NONE)


def test_before_the_first_matured_week_it_is_too_early_to_tell() -> None:
    badge = badge_of(compared(always_valid_interval=None), campaign())
    assert (badge.text, badge.tone) == ("Uplift: too early to tell", Tone.NONE)
    assert badge.detail.endswith("intervals that may be checked every day start after the first matured week")


def test_a_control_group_that_never_converts_gives_a_bound_or_points() -> None:
    made = compared(uplift=None, interval=(1.2, None), converted_users=0, conversion_rate=0.0)
    assert badge_of(made, ended()).text == "at least +120.0% uplift, up"
    running = compared(uplift=None, converted_users=0, conversion_rate=0.0, always_valid_interval=(0.001, 0.019))
    badge = badge_of(running, campaign())
    assert badge.text == "+1.0 points uplift, up"
    assert badge.detail.endswith("95% interval for daily looks +0.1 to +1.9 points")


def test_without_a_control_group_of_the_campaign_the_global_one_is_named() -> None:
    made = snapshot(goals=(goal(uplift=GoalUplift(global_=arm())), second_goal()))
    assert badge_of(made, ended()).detail.startswith("against the global control group")


def test_without_a_control_group_there_is_no_badge() -> None:
    made = snapshot(performance=replace(PERFORMANCE, uplift=None), goals=(goal(uplift=NOT_TESTED), second_goal()))
    card = shown(made)["conversion_events"]
    assert (card.badge, card.added) == (None, None)


def test_undefined_is_an_en_dash_and_zero_a_number() -> None:
    made = shown(empty_snapshot())
    assert made["sent"].value == "0"
    assert made["sent"].second == f"{EN_DASH} of attempted"
    assert made["conversion_rate"].value == EN_DASH
    assert made["revenue"].value == EN_DASH
    assert made["revenue"].second == "no revenue attribute on the primary goal"
    assert shown(empty_snapshot(), shown_as=ShownAs.PERCENTAGE)["sent"].value == EN_DASH


def test_older_campaigns_show_the_older_smaller_set() -> None:
    made = cards(legacy_snapshot(), ended(), **FIRST)
    assert [(card.label, card.value) for card in made] == [
        ("Conversions", "230"),
        ("Conversion Events", "300"),
        ("Conversion Rate", "2.9%"),
        ("Attempted", "10,000"),
        ("Successfully Sent", "8,000"),
        ("Failed", "2,000"),
        ("Success Rate", "80.0%"),
    ]
    assert made[0].second == "2.9% of successfully sent (total) · counted once per user"
    assert all(card.badge is None for card in made)
    assert card_names(AnalyticsVersion.LEGACY) == tuple(card.metric for card in made)


def test_pinned_cards_stand_in_the_order_they_were_pinned() -> None:
    made = cards(snapshot(), ended(), **FIRST)
    assert [card.metric for card in pick_pinned(made, ("sent", "no such metric", "revenue"))] == ["sent", "revenue"]


def test_toggling_pins_and_unpins_and_leaves_the_old_value_alone() -> None:
    none = Pins()
    one = none.toggle("sent")
    assert (tuple(none), tuple(one), tuple(one.toggle("sent"))) == ((), ("sent",), ())
    assert "sent" in one
    assert len(one) == 1


def test_the_sixth_pin_is_refused_with_a_sentence() -> None:
    five = Pins.of(card_names(AnalyticsVersion.CURRENT), card_names(AnalyticsVersion.CURRENT))
    assert len(five) == MAX_PINS == 5
    with pytest.raises(TooManyPinsError, match=r"^At most five metrics can be pinned; unpin one first\.$"):
        five.toggle("sent")
    assert len(five.toggle("conversion_rate").toggle("sent")) == MAX_PINS


def test_remembered_pins_lose_unknown_and_repeated_names() -> None:
    names = ("sent", "gone", "sent", "revenue", "</script>")
    assert tuple(Pins.of(names, card_names(AnalyticsVersion.CURRENT))) == ("sent", "revenue")
    assert tuple(Pins.of(names, card_names(AnalyticsVersion.LEGACY))) == ("sent",)


@pytest.mark.parametrize(
    "module", ["campaign.cards", "campaign.tables", "campaign.details", "info.sheets", "page.html", "request.preview"]
)
def test_views_without_charts_do_not_import_altair(module: str) -> None:
    code = f"import sys, analytics_core.views.{module}; sys.exit('altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
