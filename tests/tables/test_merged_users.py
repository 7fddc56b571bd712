"""Merged user ids."""

from analytics_core.tables.identities import cyclic, roots


def test_a_chain_is_followed_to_its_end() -> None:
    assert roots({"a": "b", "b": "c", "c": "d"}) == {"a": "d", "b": "d", "c": "d"}


def test_several_ids_may_mean_one_person() -> None:
    assert roots({"a": "x", "b": "x"}) == {"a": "x", "b": "x"}


def test_a_very_long_chain_is_no_problem() -> None:
    links = {f"u{n}": f"u{n + 1}" for n in range(50_000)}
    assert set(roots(links).values()) == {"u50000"}


def test_ids_on_and_behind_a_cycle_mean_nobody() -> None:
    assert roots({"a": "b", "b": "a", "c": "a", "d": "e"}) == {"d": "e"}


def test_only_the_ids_on_a_cycle_are_cyclic() -> None:
    assert cyclic({"a": "b", "b": "a", "c": "a", "d": "e"}) == {"a", "b"}


def test_an_id_merged_into_itself_is_a_cycle() -> None:
    assert cyclic({"a": "a", "b": "a"}) == {"a"}
