import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.statistics.comparison import adjust_by_holm

p_values = st.lists(st.none() | st.floats(0, 1), max_size=8)


def test_an_example_by_hand() -> None:
    assert adjust_by_holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert adjust_by_holm([]) == []
    assert adjust_by_holm([None]) == [None]
    assert adjust_by_holm([0.6, 0.9]) == [1.0, 1.0]


@given(p_values, st.floats(0.001, 0.999))
def test_what_is_below_a_level_is_what_stepping_down_rejects(found: list[float | None], level: float) -> None:
    """Holm's own words: compare the smallest with level / n, the next with level / (n - 1), until one is above."""
    known = sorted(value for value in found if value is not None)
    rejected = 0
    while rejected < len(known) and known[rejected] * (len(known) - rejected) <= level:
        rejected += 1
    adjusted = adjust_by_holm(found)
    assert sum(value is not None and value <= level for value in adjusted) == rejected


@given(p_values)
def test_it_keeps_the_order_and_makes_nothing_smaller(found: list[float | None]) -> None:
    adjusted = adjust_by_holm(found)
    pairs = sorted((p, q) for p, q in zip(found, adjusted, strict=True) if p is not None and q is not None)
    assert [q for _, q in pairs] == sorted(q for _, q in pairs)
    assert all(p <= q <= 1 for p, q in pairs)
    assert [p is None for p in found] == [q is None for q in adjusted]
