"""Where two snapshot documents differ first."""

import re
from decimal import Decimal
from typing import Any

SUMS = {"revenue"}
UNJUDGED = {"interval", "p_value"}  # the oracle has no opinion on them but that they are there
QUOTIENTS = {"average_order_value", "average_revenue_per_user"}
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
    if key in UNJUDGED:
        return None
    if key not in SUMS | QUOTIENTS or want is None or not isinstance(got, str):
        return first_difference(want, got, here)
    form = SUM_FORMAT if key in SUMS else QUOTIENT_FORMAT
    if not form.fullmatch(got):
        return f"{here}: {got!r} is not written as money"
    return None if Decimal(want) == Decimal(got) else f"{here}: {want!r} expected, {got!r} found"
