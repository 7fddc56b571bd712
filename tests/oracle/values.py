"""Attribute values: how filters compare them, how revenue reads them, how money is written."""

import re
from decimal import Decimal
from fractions import Fraction

from oracle.known import Row

NUMERIC_TEXT = re.compile(r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$", re.ASCII)
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
INFINITE = Decimal("1e309")
TOO_LARGE = Decimal("1e21")
MICROS = 10**6


def number(value: object) -> Decimal | None:
    """The finite number a JSON value states; 1e999 is how JSON writes an infinity."""
    found = stated(value)
    return found if found is not None and found.is_finite() and found.copy_abs() < INFINITE else None


def stated(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return Decimal(value.strip()) if NUMERIC_TEXT.match(value) else None
    if isinstance(value, float):
        return Decimal(repr(value))
    return Decimal(value) if isinstance(value, int | Decimal) else None


def kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float | Decimal):
        return "number"
    return type(value).__name__


def equal(left: object, right: object) -> bool:
    """Same values; and a text that is exactly a JSON number, true or false is the same as what it says."""
    if isinstance(left, str) and not isinstance(right, str):
        return same(said(left), right)
    if isinstance(right, str) and not isinstance(left, str):
        return same(left, said(right))
    return same(left, right)


def said(text: str) -> object:
    if JSON_NUMBER.fullmatch(text):
        return Decimal(text)
    return {"true": True, "false": False}.get(text, text)


def same(left: object, right: object) -> bool:
    if kind(left) != kind(right):
        return False
    if kind(left) == "number":
        return stated(left) == stated(right)
    if isinstance(left, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def satisfies(event: Row, goal: Row) -> bool:
    if event["event_name"] != goal["event_name"]:
        return False
    return all(
        holds(condition, event["attributes"].get(condition["attribute"])) for condition in goal.get("filters", [])
    )


def holds(condition: Row, value: object) -> bool:  # noqa: PLR0911 - one return per operator reads like the definition
    if value is None:
        return False
    wanted = condition.get("value")
    match condition["op"]:
        case "exists":
            return True
        case "is":
            return equal(value, wanted)
        case "is_not":
            return not equal(value, wanted)
        case "in":
            return any(equal(value, one) for one in wanted)
        case "not_in":
            return not any(equal(value, one) for one in wanted)
        case "contains":
            return isinstance(value, str) and isinstance(wanted, str) and wanted in value
        case operator:
            return compares(operator, number(value), number(wanted))


def compares(operator: str, value: Decimal | None, wanted: Decimal | None) -> bool:
    if value is None or wanted is None:
        return False
    answers = {"gt": value > wanted, "gte": value >= wanted, "lt": value < wanted, "lte": value <= wanted}
    return answers[operator]


def revenue_value(event: Row, attribute: str) -> Decimal | None:
    value = number(event["attributes"].get(attribute))
    return None if value is None or value.copy_abs() >= TOO_LARGE else value


def rounded_micros(value: Decimal) -> tuple[int, bool]:
    exact = Fraction(value) * MICROS
    micros = round(exact)  # half to even
    return micros, micros != exact


def amount_micros(event: Row, goal: Row, app_currency: str) -> tuple[int, bool]:
    """What an event adds to the goal's revenue, and whether that had to be rounded."""
    value = revenue_value(event, goal["revenue"]["attribute"])
    if value is None or is_other_currency(event, goal_currency(goal, app_currency)):
        return 0, False
    return rounded_micros(value)


def goal_currency(goal: Row, app_currency: str) -> str:
    return in_capitals(goal["revenue"].get("currency") or "") or in_capitals(app_currency)


def in_capitals(currency: str) -> str:
    return currency.strip().upper()


def is_other_currency(event: Row, currency: str) -> bool:
    """An event in no currency is in the goal's; what is no text is a currency of its own."""
    own = event["attributes"].get("currency")
    if isinstance(own, str):
        return in_capitals(own) not in {"", currency}
    return own is not None


def sum_text(micros: int) -> str:
    whole, decimals = quotient_text(micros).split(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def quotient_text(micros: int) -> str:
    sign = "-" if micros < 0 else ""
    whole, decimals = divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{decimals:06d}"


def share_of_money(micros: int, count: int) -> str | None:
    return quotient_text(round(Fraction(micros, count))) if count else None
