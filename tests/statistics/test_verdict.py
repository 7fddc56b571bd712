import pytest

from analytics_core.domain.words import Verdict
from analytics_core.statistics.comparison import judge
from analytics_core.statistics.user_counts import ArmSums


def arm(people: int, converted: int) -> ArmSums:
    return ArmSums(rows=3 * people, people=people, converted=2 * converted, converted_people=converted)


LARGE = arm(900, 90), arm(100, 10)


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.01, 0.2), Verdict.UP),
        ((0.01, None), Verdict.UP),
        ((-0.3, -0.01), Verdict.DOWN),
        ((-0.3, 0.2), Verdict.UNCERTAIN),
        ((-1.0, None), Verdict.UNCERTAIN),
        ((0.0, 0.2), Verdict.UNCERTAIN),
        ((-0.3, 0.0), Verdict.UNCERTAIN),
        (None, Verdict.UNCERTAIN),
    ],
)
def test_an_interval_that_leaves_out_no_effect_decides(
    interval: tuple[float, float | None] | None, verdict: Verdict
) -> None:
    assert judge(*LARGE, interval) is verdict


@pytest.mark.parametrize(
    ("treated", "control", "few"),
    [
        (arm(900, 45), arm(100, 5), False),  # 5 of 100 are expected to convert
        (arm(900, 50), arm(100, 0), False),  # also where none did
        (arm(900, 49), arm(100, 0), True),
        (arm(900, 0), arm(100, 49), True),
        (arm(970, 900), arm(30, 30), False),
        (arm(971, 900), arm(29, 29), True),
        (arm(29, 29), arm(971, 900), True),
        (arm(0, 0), arm(0, 0), True),
    ],
)
def test_few_people_get_no_verdict(treated: ArmSums, control: ArmSums, *, few: bool) -> None:
    assert (judge(treated, control, (0.1, 0.2)) is Verdict.TOO_FEW) == few
