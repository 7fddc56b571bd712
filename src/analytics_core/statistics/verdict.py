"""What a comparison allows to say, by an interval; nothing while the arms are small."""

from analytics_core.domain.words import Verdict
from analytics_core.statistics.user_counts import ArmSums

_LEAST_PEOPLE = 30
_LEAST_EXPECTED = 5


def judge(treated: ArmSums, control: ArmSums, interval: tuple[float, float | None] | None) -> Verdict:
    """The verdict of an interval of the uplift or of the difference, whichever is shown.

    `too_few` while the smaller arm has under 30 people, or would have under 5 converted ones if both arms converted
    alike: the observed ones would pick lucky control groups.

    Args:
        treated: people and converted people of the treated arm.
        control: of the control arm.
        interval: its high end None where nothing bounds it; None where the data cannot say it.
    """
    people, converted = treated.people + control.people, treated.converted_people + control.converted_people
    smaller = min(treated.people, control.people)
    if smaller < _LEAST_PEOPLE or converted * smaller < _LEAST_EXPECTED * people:
        return Verdict.TOO_FEW
    if interval is None:
        return Verdict.UNCERTAIN
    low, high = interval
    if low > 0:
        return Verdict.UP
    return Verdict.DOWN if high is not None and high < 0 else Verdict.UNCERTAIN
