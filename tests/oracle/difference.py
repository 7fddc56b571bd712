"""Where two snapshot documents differ first."""

import re
from decimal import Decimal
from typing import Any

import pytest

SUMS = {"revenue"}
QUOTIENTS = {
    "average_order_value",
    "average_revenue_per_user",
    "treated_per_row",
    "control_per_row",
    "difference",
    "incremental",
}
SUM_FORMAT = re.compile(r"(?!-0\.0*$)-?(0|[1-9]\d*)\.\d{2,6}")
QUOTIENT_FORMAT = re.compile(r"(?!-0\.0*$)-?(0|[1-9]\d*)\.\d{6}")
CLOSE = {"rel": 1e-6, "abs": 1e-9}
HARDLY = {"rel": 1e-12, "abs": 1e-15}  # exact arithmetic may end in another last digit
ESTIMATES = dict.fromkeys(
    (
        "interval",
        "p_value",
        "p_value_adjusted",
        "always_valid_interval",
        "difference_interval",
        "incremental_conversions_interval",
        "incremental_interval",
    ),
    CLOSE,
) | {
    "smallest_detectable_uplift": {"rel": 1e-4, "abs": 1e-9},  # the recipe states a quantile by four digits
    "uplift": HARDLY,
    "difference": HARDLY,
    "incremental_conversions": HARDLY,
    "declared": HARDLY,
}
MONEY_CLOSE = {"rel": 1e-6, "abs": 2e-6}  # a cent's ten-thousandth may be rounded either way
OF_THE_MACHINE = {"provenance"}


def first_difference(expected: object, actual: object, path: str = "$") -> str | None:
    """The first path where two documents disagree, with both values, or None. Money is compared as Decimal."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        if expected.keys() != actual.keys():
            return f"{path}: keys {sorted(expected)} expected, {sorted(actual)} found"
        return next(filter(None, (_in_key(expected, actual, key, path) for key in expected)), None)
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return next(filter(None, (first_difference(e, a, f"{path}[{i}]") for i, (e, a) in pairs)), None)
    is_same = type(expected) is type(actual) and expected == actual
    return None if is_same else f"{path}: {expected!r} expected, {actual!r} found"


def _in_key(expected: dict[str, Any], actual: dict[str, Any], key: str, path: str) -> str | None:
    want, got, here = expected[key], actual[key], f"{path}.{key}"
    if key in OF_THE_MACHINE:
        return first_difference(sorted(want), sorted(got), here)
    if key in ESTIMATES and isinstance(want, float | list):
        return _in_estimate(want, got, here, ESTIMATES[key])
    if key not in SUMS | QUOTIENTS or not isinstance(want, str) or not isinstance(got, str):
        return first_difference(want, got, here)
    form = SUM_FORMAT if key in SUMS else QUOTIENT_FORMAT
    if not form.fullmatch(got):
        return f"{here}: {got!r} is not written as money"
    return None if Decimal(want) == Decimal(got) else f"{here}: {want!r} expected, {got!r} found"


def _in_estimate(want: object, got: object, path: str, near: dict[str, float]) -> str | None:
    """Numbers that were computed in another order, so that the last digits may differ; ends that may be open."""
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = enumerate(zip(want, got, strict=True))
        return next(filter(None, (_in_estimate(e, a, f"{path}[{i}]", near) for i, (e, a) in pairs)), None)
    if isinstance(want, str) and isinstance(got, str):
        if not QUOTIENT_FORMAT.fullmatch(got):
            return f"{path}: {got!r} is not written as money"
        is_near = float(got) == pytest.approx(float(want), **MONEY_CLOSE)
    elif isinstance(want, float) and isinstance(got, float):
        is_near = got == pytest.approx(want, **near)
    else:
        is_near = want is None and got is None
    return None if is_near else f"{path}: {want!r} expected, {got!r} found"
