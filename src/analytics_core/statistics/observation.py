"""From users' counts to the two rates that are tested."""

from analytics_core.statistics.effective_sizes import Residuals, UserRows, size_arms
from analytics_core.statistics.score_test import ObservedRates
from analytics_core.statistics.stacking import ArmColumns, Floats, Stack
from analytics_core.statistics.user_counts import Ints


def observe_rates(stack: Stack, arms: tuple[ArmColumns, ArmColumns]) -> ObservedRates:
    """The arms' rates and effective sizes by comparison; nan where an arm has no rows."""
    counts, rates = stack.counts, (arms[0].rate, arms[1].rate)
    rows = UserRows.of(counts.treated_rows, counts.control_rows, counts.users, stack.groups)
    sizes = size_arms(
        rows,
        _leave_residuals(counts.treated_rows, counts.treated_converted, stack.groups.spread(rates[0])),
        _leave_residuals(counts.control_rows, counts.control_converted, stack.groups.spread(rates[1])),
    )
    return ObservedRates(rates[0], rates[1], sizes)


def _leave_residuals(rows: Ints, converted: Ints, rate: Floats) -> Residuals:
    """What the mean leaves of rows that are 1 where they converted and 0 where not."""
    left = 1 - rate
    return Residuals(converted - rows * rate, converted * (left * left) + (rows - converted) * (rate * rate))
