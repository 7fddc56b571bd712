"""Several p-values at once.

Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
"""

from collections.abc import Sequence


def adjust_by_holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each p-value adjusted over those that are not None, in their places.

    The smallest of n is multiplied by n, the next by n - 1 and so on; none is below one before it, none above 1.
    """
    known = sorted((p_value, place) for place, p_value in enumerate(p_values) if p_value is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    greatest = 0.0
    for rank, (p_value, place) in enumerate(known):
        greatest = max(greatest, min((len(known) - rank) * p_value, 1.0))
        adjusted[place] = greatest
    return adjusted
