"""From users' counts to the two rates that are tested."""

from analytics_core.statistics.effective_sizes import Residuals, UserRows, size_arms
from analytics_core.statistics.score_test import ObservedRates
from analytics_core.statistics.user_counts import Ints, UserCounts, sum_arms


def observe_counts(counts: UserCounts) -> ObservedRates | None:
    """The arms' rates and effective sizes, of merged counts; None where an arm has no rows."""
    rates = [arm.rate for arm in sum_arms(counts)]
    if rates[0] is None or rates[1] is None:
        return None
    sizes = size_arms(
        UserRows(counts.treated_rows, counts.control_rows, counts.users),
        _leave_residuals(counts.treated_rows, counts.treated_converted, rates[0]),
        _leave_residuals(counts.control_rows, counts.control_converted, rates[1]),
    )
    return ObservedRates(rates[0], rates[1], sizes)


def _leave_residuals(rows: Ints, converted: Ints, rate: float) -> Residuals:
    """What the mean leaves of rows that are 1 where they converted and 0 where not."""
    missed = rows - converted
    return Residuals(converted - rows * rate, converted * ((1 - rate) * (1 - rate)) + missed * (rate * rate))
