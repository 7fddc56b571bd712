"""How many independent rows and users the arms are worth, for rows of one user are alike.

The correlation of a user's rows is estimated by pairs of rows, each user weighted by its rows; the design effect is
that of unequal clusters (Kish, "Survey Sampling", 1965). A user may be in both arms.

Where users with many rows convert less often (their windows end with the next row), an arm that happens to hold none of
them has another rate, and nothing among its own rows tells so. What goes with the number of rows is therefore estimated
over both arms together, and an arm is worth no more than if its users had as unequally many rows as all have.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.user_counts import Ints, sum_products

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EffectiveSizes:
    """What the arms are worth: `rows` as if independent, `users` as if all had equally many rows.

    `shared` is the covariance of the two rates where every row varies by 1: what users in both arms add.
    """

    treated_rows: float
    control_rows: float
    treated_users: float
    control_users: float
    shared: float

    @property
    def testable(self) -> bool:
        """Whether both arms have more than one effective user: a variance needs two."""
        return self.treated_users > 1 and self.control_users > 1


@dataclass(frozen=True, slots=True, eq=False)
class UserRows:
    """How many `users` have `treated` and `control` rows: columns of equal length."""

    treated: Ints
    control: Ints
    users: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """One arm's rows less the arm's mean, as long as UserRows: `sums` over a user's rows, and sums of `squares`."""

    sums: Floats
    squares: Floats


def size_arms(rows: UserRows, treated: Residuals, control: Residuals) -> EffectiveSizes:
    """Effective sizes of two arms that both have rows.

    An arm takes the larger of the correlation of all rows and that of its own: an effect may change it. It takes the
    larger design effect of that and of what goes with the number of rows.
    """
    both = Residuals(treated.sums + control.sums, treated.squares + control.squares)
    pooled = estimate_correlation(both, rows.treated + rows.control, rows.users)
    correlations = (
        max(pooled, estimate_correlation(treated, rows.treated, rows.users)),
        max(pooled, estimate_correlation(control, rows.control, rows.users)),
    )
    sums = sum_products(rows.treated, rows.users), sum_products(rows.control, rows.users)
    squares = (
        sum_products(rows.treated, rows.treated, rows.users),
        sum_products(rows.control, rows.control, rows.users),
    )
    products = sum_products(rows.treated, rows.control, rows.users)
    informative = estimate_informative(both, rows.treated + rows.control, rows.users)
    mean = (squares[0] + 2 * products + squares[1]) / (sums[0] + sums[1])
    return EffectiveSizes(
        treated_rows=min(
            _deflate(sums[0], squares[0], correlations[0]), _deflate(sums[0], sums[0] * mean - products, informative)
        ),
        control_rows=min(
            _deflate(sums[1], squares[1], correlations[1]), _deflate(sums[1], sums[1] * mean - products, informative)
        ),
        treated_users=sums[0] ** 2 / squares[0],
        control_users=sums[1] ** 2 / squares[1],
        shared=math.sqrt(correlations[0] * correlations[1]) * (products / (sums[0] * sums[1])),
    )


def estimate_correlation(residuals: Residuals, rows: Ints, users: Ints) -> float:
    """The correlation of two rows of one user, within 0 and 1; 0 where no user has two rows or nothing varies.

    Args:
        residuals: of each combination.
        rows: of one user of that combination.
        users: how many they are.
    """
    several = rows > 1
    total = sum_products(rows[several], users[several])
    spread = math.fsum((residuals.squares * users).tolist())
    if not total or not spread:
        return 0.0
    products = (residuals.sums**2 - residuals.squares)[several] / (rows[several] - 1) * users[several]
    variance = spread / sum_products(rows, users)
    return min(max(math.fsum(products.tolist()) / (variance * total), 0.0), 1.0)


def estimate_informative(residuals: Residuals, rows: Ints, users: Ints) -> float:
    """The correlation of two rows of one user that goes with how many it has, within 0 and 1.

    It is by products of different users, so that no user's own chance adds to it: 0 where all have equally many rows,
    about 0 where rows convert whatever their number.

    Args:
        residuals: of each combination.
        rows: of one user of that combination.
        users: how many they are.
    """
    squares, total = sum_products(rows, rows, users), sum_products(rows, users)
    spread = math.fsum((residuals.squares * users).tolist())
    if squares == total or not spread:
        return 0.0
    moments = residuals.sums * (rows - squares / total)
    along, own = math.fsum((moments * users).tolist()), math.fsum((moments**2 * users).tolist())
    return min(max((along**2 - own) / squares / spread * (total / (squares - total)), 0.0), 1.0)


def _deflate(rows: int, squares: float, correlation: float) -> float:
    """Rows over the design effect of unequal clusters, which is 1 or more."""
    return rows / (1 + correlation * max(squares / rows - 1, 0.0))
