"""What each operator of a goal filter asks of an event's attribute, with an example that says it in data."""

from dataclasses import dataclass

from pydantic import JsonValue

from analytics_core.domain.words import FilterOperator, require_every


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Attributes:
        meaning: when it holds, in words; `value` is the filter's.
        value: an example of the filter's value; None where it takes none.
        fulfilled: a value of the attribute for which the example holds.
        unfulfilled: one for which it does not, though it is near.
        takes_list: the filter's value must be a list.
    """

    meaning: str
    value: JsonValue
    fulfilled: JsonValue
    unfulfilled: JsonValue
    takes_list: bool = False

    @property
    def pair(self) -> tuple[JsonValue, JsonValue]:
        """Two values of the attribute: the example holds for the first, not for the second."""
        return self.fulfilled, self.unfulfilled


OPERATORS = require_every(
    FilterOperator,
    {
        FilterOperator.IS: Operator("equals `value`, as JSON or as text that spells it", 5, "5", 5.5),
        FilterOperator.IS_NOT: Operator("is there and does not equal `value`", "shoes", "Shoes", "shoes"),
        FilterOperator.IN: Operator("equals one of the list", ["shoes", "hats"], "hats", "gloves", takes_list=True),
        FilterOperator.NOT_IN: Operator(
            "is there and equals none of the list", ["shoes", "hats"], "gloves", "hats", takes_list=True
        ),
        FilterOperator.CONTAINS: Operator("is a text that contains the text `value`", "shoe", "red shoes", "Shoes"),
        FilterOperator.GT: Operator("is a number greater than `value`", 50, 50.01, 50),
        FilterOperator.GTE: Operator("is a number not less than `value`", 50, "50", 49.99),
        FilterOperator.LT: Operator("is a number less than `value`", 50, -1, 50),
        FilterOperator.LTE: Operator("is a number not greater than `value`", 50, 50.0, "many"),
        FilterOperator.EXISTS: Operator("is there and not null", None, "", None),
    },
)
