"""Where two snapshot documents differ first."""

import re
from decimal import Decimal
from typing import Any

import pytest

SUMS = {"revenue"}
ESTIMATES = {"interval", "p_value"}  # computed in another order, so the last digits may differ
QUOTIENTS = {"average_order_value", "average_revenue_per_user", "revenue_per_active_target"}
SUM_FORMAT = re.compile(r"(?!-0\.0*$)-?(0|[1-9]\d*)\.\d{2,6}")
QUOTIENT_FORMAT = re.compile(r"(?!-0\.0*$)-?(0|[1-9]\d*)\.\d{6}")


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
    if key in ESTIMATES and want is not None:
        return None if got == pytest.approx(want, rel=1e-8, abs=1e-12) else f"{here}: {want!r} expected, {got!r} found"
    if key not in SUMS | QUOTIENTS or want is None or not isinstance(got, str):
        return first_difference(want, got, here)
    form = SUM_FORMAT if key in SUMS else QUOTIENT_FORMAT
    if not form.fullmatch(got):
        return f"{here}: {got!r} is not written as money"
    return None if Decimal(want) == Decimal(got) else f"{here}: {want!r} expected, {got!r} found"
