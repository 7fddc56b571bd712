"""What holds between the numbers of any campaign, whatever the rows: tried on generated worlds and settings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from oracle import first_difference
from seeding import some
from worlds import World, rules_of, world
from worlds.product import alone, documents, documents_by_import

Document = dict[str, Any]
BOTH = ("unique", "total")

for_examples = pytest.mark.parametrize("examples", some(1, [3, 300]))


def for_seeds(examples: int, check: Callable[[int], None]) -> None:
    """Run `check` on seeds that Hypothesis picks, always the same ones."""
    seeds = st.integers(min_value=0, max_value=2 * examples)
    settings(max_examples=examples, derandomize=True, deadline=None)(given(seeds)(check))()


@cache
def computed(seed: int, rules: Settings) -> list[Document]:
    return documents(world(seed), rules)


def for_documents(examples: int, check: Callable[[Document], None]) -> None:
    """Run `check` on every campaign of worlds that Hypothesis picks."""

    def check_all(seed: int) -> None:
        for found in computed(seed, rules_of(seed, world(seed))):
            check(found)

    for_seeds(examples, check_all)


@for_examples
def test_attempted_is_sent_plus_failed(examples: int) -> None:
    def check(found: Document) -> None:
        cards = found["performance"]
        assert cards["attempted"]["total"] == cards["sent"]["total"] + cards["failed"]["total"]
        assert cards["attempted"]["unique"] <= cards["sent"]["unique"] + cards["failed"]["unique"]

    for_documents(examples, check)


@for_examples
def test_the_parts_of_the_segment_add_up_to_it(examples: int) -> None:
    def check(found: Document) -> None:
        parts = dict(found["reconciliation"])
        assert parts.pop("users_in_segment") == sum(parts.values())
        assert min(parts.values()) >= 0
        if found["settings"]["matured_only"]:
            assert parts["unaccounted"] == 0

    for_documents(examples, check)


@for_examples
def test_the_reconciliation_says_the_same_as_cards_and_error_breakdown(examples: int) -> None:
    def check(found: Document) -> None:
        parts, cards = found["reconciliation"], found["performance"]
        totals = {line["reason"]: line["total"] for line in found["errors"]}
        responses = sum(
            totals[reason] for reason in totals if reason == "no_response" or reason.startswith("response_")
        )
        controls = totals.get("control_group", 0) + totals.get("global_control_group", 0)
        assert parts["sent"] == cards["sent"]["total"]
        assert parts["failed_responses"] + parts["personalization_failed"] == cards["failed"]["total"]
        assert parts["personalization_failed"] == totals.get("personalization_failed", 0)
        assert parts["frequency_capped"] == totals.get("frequency_capped", 0)
        assert (parts["control_group"], parts["failed_responses"]) == (controls, responses)

    for_documents(examples, check)


@for_examples
def test_the_funnel_never_rises_and_ends_at_the_sent(examples: int) -> None:
    def check(found: Document) -> None:
        if found["analytics_version"] == "legacy":
            assert found["funnel"] == []
            return
        for counting in BOTH:
            numbers = [stage[counting] for stage in found["funnel"]]
            assert numbers == sorted(numbers, reverse=True)
            assert numbers[-1] == found["performance"]["sent"][counting]
            assert numbers[1] == found["performance"]["attempted"][counting]

    for_documents(examples, check)


@for_examples
def test_unique_is_never_more_than_total(examples: int) -> None:
    def check(found: Document) -> None:
        cards = (found["performance"][name] for name in ("attempted", "sent", "failed"))
        for count in (*cards, *found["funnel"], *found["errors"], *found["personalization_errors"]):
            assert 0 <= count["unique"] <= count["total"]
        for count in (*found["errors"], *found["personalization_errors"]):
            assert (count["unique"] == 0) == (count["total"] == 0)

    for_documents(examples, check)


@for_examples
def test_the_error_breakdown_names_only_reasons_that_occur_most_frequent_first(examples: int) -> None:
    def check(found: Document) -> None:
        lines = [(-line["total"], line["reason"]) for line in found["errors"]]
        assert lines == sorted(lines)
        assert all(total < 0 for total, _ in lines)

    for_documents(examples, check)


@for_examples
def test_categories_cover_the_personalization_failures_and_may_overlap(examples: int) -> None:
    def check(found: Document) -> None:
        headline = found["reconciliation"]["personalization_failed"]
        totals = [line["total"] for line in found["personalization_errors"]]
        assert len(totals) == 5
        assert max(totals) <= headline <= sum(totals)

    for_documents(examples, check)


@for_examples
def test_events_are_at_least_converted_users_and_these_at_least_converted_people(examples: int) -> None:
    def check(found: Document) -> None:
        sent = found["performance"]["sent"]
        for goal in found["goals"]:
            assert goal["conversion_events"] >= goal["converted_users"] >= goal["converted_people"] >= 0
            assert goal["converted_users"] <= sent["total"]
            assert goal["converted_people"] <= sent["unique"]
            assert (goal["conversion_events"] == 0) == (goal["converted_people"] == 0)
            flawed = ("events_without_value", "events_in_other_currency", "events_with_rounded_value")
            assert max(goal[name] for name in flawed) <= goal["conversion_events"]

    for_documents(examples, check)


@for_examples
def test_a_ratio_is_null_exactly_where_its_denominator_is_zero_and_a_share_otherwise(examples: int) -> None:
    def check(found: Document) -> None:
        cards = found["performance"]
        for counting in BOTH:
            shares = [cards["sent_rate"][counting], cards["failure_rate"][counting]]
            assert all((share is None) == (cards["attempted"][counting] == 0) for share in shares)
            assert all(share is None or 0 <= share <= 1 for share in shares)
        for goal in found["goals"]:
            assert (goal["conversion_rate"] is None) == (cards["sent"]["total"] == 0)
            assert goal["conversion_rate"] is None or 0 <= goal["conversion_rate"] <= 1
            has_revenue = goal["revenue"] is not None
            assert (goal["average_order_value"] is not None) == (has_revenue and goal["conversion_events"] > 0)
            assert (goal["average_revenue_per_user"] is not None) == (has_revenue and goal["converted_users"] > 0)

    for_documents(examples, check)


@for_examples
def test_the_cards_repeat_the_one_primary_goal(examples: int) -> None:
    def check(found: Document) -> None:
        (primary,) = [goal for goal in found["goals"] if goal["is_primary"]]
        shared = primary.keys() & found["performance"].keys() - {"uplift"}
        assert len(shared) == 8
        assert {name: primary[name] for name in shared} == {name: found["performance"][name] for name in shared}

    for_documents(examples, check)


def conversions(seed: int, rules: Settings) -> list[int]:
    """Three figures of every goal of every campaign, in order."""
    names = ("conversion_events", "converted_users", "converted_people")
    return [goal[name] for found in computed(seed, rules) for goal in found["goals"] for name in names]


def never_loses(fewer: list[int], more: list[int]) -> bool:
    return all(one <= other for one, other in zip(fewer, more, strict=True))


@for_examples
def test_a_longer_window_never_loses_a_conversion_where_every_delivery_is_credited(examples: int) -> None:
    def check(seed: int) -> None:
        chance = Random(seed)
        shorter = chance.choice((0.1, 1.5, 7.25, 24, 36))
        rules = Settings(instance_credit=InstanceCredit.EVERY, window_hours=shorter)
        longer = replace(rules, window_hours=shorter + chance.choice((0.1, 6, 36)))
        assert never_loses(conversions(seed, rules), conversions(seed, longer))

    for_seeds(examples, check)


@for_examples
def test_crediting_every_delivery_finds_at_least_what_crediting_the_latest_finds(examples: int) -> None:
    def check(seed: int) -> None:
        latest = rules_of(seed, world(seed))
        every = replace(latest, instance_credit=InstanceCredit.EVERY)
        latest = replace(latest, instance_credit=InstanceCredit.LATEST)
        assert never_loses(conversions(seed, latest), conversions(seed, every))

    for_seeds(examples, check)


@for_examples
def test_the_last_interaction_keeps_no_event_that_all_interactions_does_not(examples: int) -> None:
    def check(seed: int) -> None:
        each = replace(rules_of(seed, world(seed)), attribution_model=AttributionModel.ALL_INTERACTIONS)
        last = replace(each, attribution_model=AttributionModel.LAST_INTERACTION)
        assert never_loses(conversions(seed, last), conversions(seed, each))

    for_seeds(examples, check)


def without_duplicates(told: World) -> World:
    """A world whose rows all have keys of their own, so that no row is first among equals."""
    deliveries = {row.get("request_id") or f"row {n}": row for n, row in enumerate(told.deliveries)}
    events = {row["event_id"]: row for row in told.events}
    instances = {(row["campaign_id"], row["instance_id"]): row for row in told.instances}
    identities = {row["user_id"]: row for row in told.identities}
    return replace(
        told,
        deliveries=tuple(deliveries.values()),
        events=tuple(events.values()),
        instances=tuple(instances.values()),
        identities=tuple(identities.values()),
    )


def shuffled(told: World, chance: Random) -> World:
    names = ("campaigns", "deliveries", "events", "instances", "identities")
    return replace(
        told, **{name: tuple(chance.sample(getattr(told, name), len(getattr(told, name)))) for name in names}
    )


@for_examples
def test_the_order_of_rows_and_of_campaigns_changes_no_number(examples: int) -> None:
    def check(seed: int) -> None:
        told = without_duplicates(world(seed))
        rules = rules_of(seed, told)
        assert first_difference(documents(told, rules), documents(shuffled(told, Random(seed)), rules)) is None

    for_seeds(examples, check)


@pytest.mark.parametrize("seed", range(8))
def test_neither_the_number_nor_the_order_of_files_changes_a_number(seed: int, tmp_path: Path) -> None:
    told = without_duplicates(world(seed))
    rules = rules_of(seed, told)
    in_one = documents_by_import(told, tmp_path / "one", fmt="jsonl", settings=rules, parts=1)
    mixed = shuffled(told, Random(seed))
    in_many = documents_by_import(mixed, tmp_path / "many", fmt="csv", settings=rules, parts=7)
    assert first_difference(in_one, in_many) is None


@for_examples
def test_a_campaign_computed_alone_has_the_numbers_it_has_among_others(examples: int) -> None:
    def check(seed: int) -> None:
        rules = replace(rules_of(seed, world(seed)), attribution_model=AttributionModel.ALL_INTERACTIONS)
        together = computed(seed, rules)
        apart = [documents(alone(world(seed), found["campaign_id"]), rules)[0] for found in together]
        assert first_difference(together, apart) is None

    for_seeds(examples, check)


@for_examples
def test_rows_after_as_of_might_as_well_not_be_there(examples: int) -> None:
    def check(seed: int) -> None:
        told = without_duplicates(world(seed))
        rules = rules_of(seed, told)
        if rules.as_of is None:
            return
        cut = replace(
            told,
            deliveries=tuple(row for row in told.deliveries if row["occurred_at"] <= rules.as_of),
            events=tuple(row for row in told.events if row["occurred_at"] <= rules.as_of),
        )
        assert first_difference(documents(told, rules), documents(cut, rules)) is None

    for_seeds(examples, check)


@for_examples
def test_a_campaign_is_final_exactly_when_every_window_of_a_sent_row_has_closed(examples: int) -> None:
    def check(found: Document) -> None:
        quality = found["data_quality"]
        final_at, share = quality["final_at"], quality["matured_share"]
        assert (final_at is None) == (quality["final_on"] is None) == (share is None)
        if final_at is not None:
            is_final = datetime.fromisoformat(final_at) <= datetime.fromisoformat(found["as_of"])
            assert is_final == (share == 1)

    for_documents(examples, check)


@for_examples
def test_only_matured_rows_or_all_of_them_a_campaign_is_final_on_the_same_day(examples: int) -> None:
    def check(seed: int) -> None:
        rules = rules_of(seed, world(seed))
        other = replace(rules, matured_only=not rules.matured_only)
        pairs = zip(computed(seed, rules), computed(seed, other), strict=True)
        assert all(one["data_quality"]["final_at"] == two["data_quality"]["final_at"] for one, two in pairs)

    for_seeds(examples, check)


TOTALS = ("attempted", "sent", "failed")
VIEWS = ("day", "hour", "week", "month", "cohort_day")


def added(figures: list[str | None]) -> Decimal | None:
    """Money, exactly; None where there is none to add."""
    return None if None in figures else sum((Decimal(figure) for figure in figures if figure), Decimal(0))


@for_examples
def test_every_view_of_the_trends_adds_up_to_the_cards(examples: int) -> None:
    def check(found: Document) -> None:
        cards = found["performance"]
        for view in VIEWS:
            buckets = found["trends"][view]
            for name in TOTALS:
                assert sum(bucket[name]["total"] for bucket in buckets) == cards[name]["total"]
                assert sum(bucket[name]["unique"] for bucket in buckets) >= cards[name]["unique"]
            assert sum(bucket["conversion_events"] for bucket in buckets) == cards["conversion_events"]
            assert sum(bucket["converted_people"] for bucket in buckets) >= cards["converted_people"]
            if buckets and cards["revenue"] is not None:
                assert added([bucket["revenue"] for bucket in buckets]) == Decimal(cards["revenue"])
        cohorts = sum(bucket["converted_users"] for bucket in found["trends"]["cohort_day"])
        assert cohorts == cards["converted_users"] or found["analytics_version"] == "legacy"

    for_documents(examples, check)


@for_examples
def test_buckets_come_in_order_of_time_and_hold_something(examples: int) -> None:
    def check(found: Document) -> None:
        for view in VIEWS:
            buckets = found["trends"][view]
            starts = [datetime.fromisoformat(bucket["starts_at"]) for bucket in buckets]
            assert starts == sorted(set(starts))
            assert len({bucket["label"] for bucket in buckets}) == len(buckets)
            assert all(bucket["attempted"]["total"] + bucket["conversion_events"] > 0 for bucket in buckets)

    for_documents(examples, check)


@for_examples
def test_the_instances_add_up_to_the_campaign(examples: int) -> None:
    def check(found: Document) -> None:
        cards, parts, instances = found["performance"], found["reconciliation"], found["instances"]
        sums = {name: cards[name]["total"] for name in TOTALS} | {"conversion_events": cards["conversion_events"]}
        sums |= {name: parts[name] for name in ("users_in_segment", "unaccounted")}
        if found["analytics_version"] != "legacy":
            sums["converted_users"] = cards["converted_users"]
        assert {name: sum(row[name] for row in instances) for name in sums} == sums
        if instances and cards["revenue"] is not None:
            assert added([row["revenue"] for row in instances]) == Decimal(cards["revenue"])
        assert (found["instances_omitted"], found["instances_remainder"]) == (0, None)

    for_documents(examples, check)


@for_examples
def test_the_time_to_convert_never_falls_and_ends_with_every_credit(examples: int) -> None:
    def check(found: Document) -> None:
        for goal in found["goals"]:
            times = goal["time_to_convert"]
            assert (times is None) == (goal["conversion_events"] == 0)
            if times is None:
                continue
            percentiles = [times[name] for name in ("median_seconds", "p75_seconds", "p90_seconds", "p95_seconds")]
            assert percentiles == sorted(percentiles)
            assert percentiles[0] == goal["median_seconds_to_convert"]
            shares = [point["share"] for point in times["curve"]]
            assert (shares, shares[-1], len(shares)) == (sorted(shares), 1.0, 20)
            assert times["curve"][-1]["seconds"] == found["settings"]["window_hours"] * 3600

    for_documents(examples, check)


@for_examples
def test_combinations_of_categories_add_up_to_the_personalization_failures(examples: int) -> None:
    def check(found: Document) -> None:
        overlap = found["personalization_overlap"]
        assert sum(line["total"] for line in overlap) == found["reconciliation"]["personalization_failed"]
        for line in found["personalization_errors"]:
            holding = [other["total"] for other in overlap if line["category"] in other["categories"]]
            assert sum(holding) == line["total"]
        totals = {line["category"]: line["total"] for line in found["personalization_errors"]}
        assert all(line["total"] <= totals[line["category"]] for line in found["personalization_attributes"])

    for_documents(examples, check)
