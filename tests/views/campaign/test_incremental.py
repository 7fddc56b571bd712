"""What the campaign added, in sentences."""

from dataclasses import replace
from decimal import Decimal

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Gap, Verdict
from analytics_core.metrics.gaps import mask_gaps
from analytics_core.snapshot.comparison import ArmUplift
from analytics_core.views.campaign.incremental import (
    amounts_text,
    conversions_sentence,
    incremental_sentences,
    revenue_sentence,
)
from views.snapshots import ASSIGNED, CUT, REVENUE, arm, campaign, ended, goal, second_goal, snapshot

MINUS = "\N{MINUS SIGN}"
Bounds = tuple[float, float]


def assigned(**changed: object) -> ArmUplift:
    return arm(assigned=replace(ASSIGNED, **changed))


def converted(compared: ArmUplift, definition: Campaign | None = None, **of_goal: object) -> str:
    return conversions_sentence(snapshot(), definition or ended(), goal(**of_goal), compared)


def earned(**changed: object) -> str | None:
    revenue = replace(REVENUE, **changed)
    return revenue_sentence(snapshot(), ended(), goal(), assigned(revenue=revenue))


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


def test_of_the_credited_converted_users_so_many_would_not_have_converted_otherwise() -> None:
    told = assigned(incremental_conversions=518.4, incremental_conversions_interval=(286.6, 820.9))
    assert converted(told, converted_users=964) == (
        "Of 964 converted users, about 518 (287 to 821) would not have converted otherwise."
    )


@pytest.mark.parametrize(("added", "interval"), [(85.0, (-40.2, 210.0)), (-40.0, (-90.0, 0.0)), (0.0, (0.0, 0.0))])
def test_an_interval_that_holds_nothing_is_no_gain(added: float, interval: Bounds) -> None:
    said = converted(assigned(incremental_conversions=added, incremental_conversions_interval=interval))
    low, high = (f"{round(end)}".replace("-", MINUS) for end in interval)
    assert said == f"No gain distinguishable from chance: {low} to {high} converted users."


def test_no_gain_beside_an_uplift_by_sent_that_has_a_direction_names_its_basis() -> None:
    told = replace(ASSIGNED, verdict=Verdict.UNCERTAIN, incremental_conversions_interval=(-11.0, 273.0))
    said = converted(arm(assigned=told, verdict=Verdict.UP))
    assert said == f"By assignment, no gain distinguishable from chance: {MINUS}11 to 273 converted users."


def test_a_loss_is_said_to_be_one() -> None:
    told = assigned(incremental_conversions=-40.0, incremental_conversions_interval=(-70.0, -10.0))
    assert converted(told) == "About 40 (10 to 70) fewer converted users than without the campaign."


def test_more_than_is_credited_is_no_part_of_it() -> None:
    told = assigned(incremental_conversions=1200.0, incremental_conversions_interval=(900.0, 1500.0))
    assert converted(told) == (
        "About 1,200 (900 to 1,500) more converted users than without the campaign, while 240 are credited to it."
    )


@pytest.mark.parametrize(
    ("changed", "definition", "said"),
    [
        (
            {"verdict": Verdict.TOO_FEW},
            ended(),
            "Too few people, or too few of them converted, to tell how many of 240",
        ),
        ({"always_valid_interval": None}, campaign(), "Too early to tell how many of 240 converted users would"),
        (
            {"incremental_conversions_interval": None},
            ended(),
            "It cannot be determined how many of 240 converted",
        ),
    ],
)
def test_what_cannot_be_told_is_said(changed: dict[str, object], definition: Campaign, said: str) -> None:
    assert converted(assigned(**changed), definition).startswith(said)


def test_one_converted_user_is_one() -> None:
    told = assigned(verdict=Verdict.TOO_FEW)
    assert "how many of 1 converted user would" in converted(told, converted_users=1)
    assert converted(told, converted_users=0) == (
        "Too few people, or too few of them converted, to tell how many converted users the campaign added."
    )


def test_while_the_campaign_runs_the_interval_is_that_for_daily_looks() -> None:
    told = assigned(always_valid_interval=(0.002, 0.014))
    assert converted(told, campaign()) == (
        "Of 240 converted users, about 80 (20 to 140) would not have converted otherwise."
    )


def test_where_attempted_is_unknown_so_is_what_was_added() -> None:
    gapped = mask_gaps(snapshot(), [Gap.FAILED_RESPONSES.value])
    compared = gapped.goals[0].uplift.campaign
    assert compared
    (said,) = incremental_sentences(gapped, ended(), gapped.goals[0], compared)
    assert said.startswith("It is not known how many of 240 converted users would not have converted otherwise:")
    assert said.endswith(" the exports do not say: failed responses.")


def test_of_the_credited_revenue_so_much_would_not_have_come_otherwise() -> None:
    assert earned() == "Of $12,345.60 in revenue, about $4,309 ($800 to $7,800) would not have come otherwise."
    small = money("9.5", "40.25")
    assert earned(
        incremental=Decimal("20.5"),
        incremental_interval=small,
        cut=replace(CUT, incremental=Decimal(21), incremental_interval=small),
    ) == ("Of $12,345.60 in revenue, about $20.50 ($9.50 to $40.25) would not have come otherwise.")


def test_no_gain_a_loss_and_more_revenue_than_is_credited_have_their_own_sentences() -> None:
    alike = {"cut": replace(CUT, incremental_interval=None)}
    assert earned(incremental_interval=money("-300", "7800"), **alike) == (
        f"No gain in revenue distinguishable from chance: {MINUS}$300 to $7,800."
    )
    assert earned(incremental=Decimal(-400), incremental_interval=money("-700", "-100"), **alike) == (
        "About $400.00 ($100.00 to $700.00) less revenue than without the campaign."
    )
    assert earned(incremental=Decimal(20000), incremental_interval=money("15000", "25000"), **alike) == (
        "About $20,000 ($15,000 to $25,000) more revenue than without the campaign, while $12,345.60 is credited to it."
    )


@pytest.mark.parametrize(
    ("incremental", "interval", "differs"),
    [
        ("4000", money("600", "7400"), False),
        ("4000", money("-600", "7400"), True),
        ("2100", money("600", "7400"), True),
        ("2200", money("600", "7400"), False),
    ],
)
def test_the_capped_twin_is_mentioned_where_it_says_something_else(
    incremental: str, interval: tuple[Decimal, ...], *, differs: bool
) -> None:
    said = earned(cut=replace(CUT, incremental=Decimal(incremental), incremental_interval=interval))
    assert said
    assert ("capped at the 99th percentile" in said) is differs


def test_revenue_is_silent_without_amounts_below_the_floor_and_while_the_campaign_runs() -> None:
    assert revenue_sentence(snapshot(), campaign(), goal(), arm()) is None
    assert revenue_sentence(snapshot(), ended(), goal(), assigned(revenue=None)) is None
    assert revenue_sentence(snapshot(), ended(), second_goal(), arm()) is None
    assert revenue_sentence(snapshot(), ended(), goal(), assigned(verdict=Verdict.TOO_FEW)) is None
    assert earned(incremental_interval=None) is None
    assert len(incremental_sentences(snapshot(), ended(), goal(), arm())) == 2
    assert len(incremental_sentences(snapshot(), campaign(), goal(), arm())) == 1


def test_an_interval_of_money_is_of_one_form() -> None:
    assert amounts_text(money("-12.5", "900"), "USD") == f"{MINUS}$12.50 to $900.00"
    assert amounts_text(money("-12.4", "1900"), "USD") == f"{MINUS}$12 to $1,900"
    assert amounts_text(None, "USD") == "\N{EN DASH}"
