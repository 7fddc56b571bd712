"""What the arms of comparisons have, by pandas."""

import pandas as pd

from benches.rivals.pandas_input import CAPPED_CELL

_DRAWN, _DRAWN_GLOBALLY = (2, 4), (3, 5)
_MADE_OF = pd.DataFrame(
    [
        *((cell, "attempted") for cell in (0, 1)),
        *((cell, "drawn_campaign") for cell in _DRAWN),
        *((cell, "drawn_global") for cell in _DRAWN_GLOBALLY),
        *((0, "sent"), (2, "held_campaign"), (3, "held_global")),
    ],
    columns=["cell", "arm"],
)
"""The cells of each arm."""


def arms(audience: pd.DataFrame) -> pd.DataFrame:
    """Rows and distinct users by arm."""
    grouped = audience.merge(_MADE_OF, on="cell").groupby(["campaign", "arm"], as_index=False)
    return grouped.agg(rows=("person", "size"), people=("person", "nunique"))


def arm_conversions(belonging: pd.DataFrame) -> pd.DataFrame:
    """Converted rows, converted people and revenue by goal and arm."""
    key = ["campaign", "goal", "arm"]
    events = belonging.merge(_MADE_OF, on="cell")
    summed = events.groupby(key, as_index=False).agg(converted_people=("person", "nunique"), micros=("micros", "sum"))
    converted = events.drop_duplicates([*key, "instance", "person"]).groupby(key).size()
    return summed.merge(converted.rename("converted_users").reset_index(), on=key)


def draws(audience: pd.DataFrame) -> pd.DataFrame:
    """Users by the cell of their first row that was assigned; those of the global control group are left out."""
    assigned = audience[audience["cell"] != CAPPED_CELL]
    first = assigned.sort_values(["opened", "instance"]).drop_duplicates(["campaign", "person"])
    marked = first.assign(counts=~first["cell"].isin(_DRAWN_GLOBALLY), drawn=first["cell"].isin(_DRAWN))
    return marked.groupby("campaign", as_index=False).agg(users=("counts", "sum"), observed_users=("drawn", "sum"))
