"""Pandas: `python -m benches.rivals.pandas_frames INPUTS` computes the compared numbers with data frames.

Only for workloads that fit into memory several times over. Money is exact: integer micros.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benches.figures import Figures, write_figures
from benches.inputs import Inputs, order_of
from benches.rivals.assembling import LISTED, TABLES, figures_from
from benches.rivals.pandas_comparisons import arm_conversions, arms, draws
from benches.rivals.pandas_input import CAPPED, CONTROL, FAILED, KEY, PERSONALIZATION, SENT, Input, read_input
from benches.rivals.pandas_matching import matched

_GOAL = ["campaign", "goal"]
_DAY_US = 86_400_000_000

Frames = dict[str, pd.DataFrame]


def computed(inputs: Inputs) -> Frames:
    """The result tables (see `assembling`)."""
    given = read_input(inputs)
    audience = _audience(given)
    matches = matched(given, audience)
    credited = matches.credited
    of_primary = credited[credited["is_primary"]]
    attempted = audience[audience["standing"] <= PERSONALIZATION]
    users = _user_days(attempted, inputs.timezone)
    return {
        "delivery": _delivered(users.groupby(["campaign", "person"], as_index=False)[["attempted", "sent"]].sum(), []),
        "quality": _quality(audience, given),
        "errors": _errors(audience),
        "personalization": _personalization(given, audience),
        "conversions": _conversions(credited),
        "delays": _delays(credited),
        "days": _days(users, of_primary, inputs.timezone),
        "instances": _instances(audience, of_primary, given),
        "arms": arms(audience),
        "arm_conversions": arm_conversions(matches.belonging),
        "draws": draws(audience),
    }


def figures(frames: Frames, campaigns: Path) -> Figures:
    """The compared numbers out of the result tables."""
    tables = {name: frames[name].to_dict("records") for name in TABLES}
    for name in ("conversions", "days", "arm_conversions"):
        for row in tables[name]:
            row["revenue"] = Decimal(int(row["micros"])).scaleb(-6)
    return figures_from(tables, campaigns)


def _audience(given: Input) -> pd.DataFrame:
    """One row per audience row.

    Returns:
        The key, `standing`, `code`, `clock`, `attempts`; `drawn`: 0 into no control group, 1 into the campaign's, 2
        into the global one; `opened`: the clock of comparisons, the earliest of the raw rows; `cell` (see `_cell`).
    """
    raw = given.deliveries
    failed = raw[raw["standing"] == FAILED].sort_values(["at", "request_id", "code"], na_position="first")
    # what decides is the best standing; within it the first row, of failed attempts the last
    order = raw["at"].where(raw["standing"] != FAILED, -raw["at"])
    kept = raw.assign(order=order).sort_values(["standing", "order", "code"], kind="stable").drop_duplicates(KEY)
    rows = kept[[*KEY, "standing", "code", "at"]].rename(columns={"at": "clock"})
    grouped = raw.assign(attempts=raw["standing"] <= FAILED).groupby(KEY, as_index=False, sort=False)
    rows = rows.merge(grouped.agg(attempts=("attempts", "sum"), opened=("at", "min")), on=KEY)
    last = failed.drop_duplicates(KEY, keep="last")[[*KEY, "code"]].rename(columns={"code": "last_code"})
    rows = rows.merge(last, on=KEY, how="left").merge(_first_draws(raw), on=KEY, how="left")
    code = rows["last_code"].where(rows["standing"] == FAILED, rows["code"]).astype("int64")
    drawn = rows["drawn"].fillna(0).astype("int64")
    return rows.assign(code=code, drawn=drawn, cell=_cell(rows["standing"], drawn)).drop(columns="last_code")


def _first_draws(raw: pd.DataFrame) -> pd.DataFrame:
    held = raw[raw["standing"] == CONTROL].sort_values(["at", "code"]).drop_duplicates(KEY)
    return held[KEY].assign(drawn=1 + held["code"])


def _cell(standing: pd.Series, drawn: pd.Series) -> np.ndarray[Any, Any]:
    """0 sent, 1 attempted and not sent, 2 and 3 held out (campaign and global), 4 and 5 contaminated, 6 capped."""
    cases = {6: standing == CAPPED, 0: (standing == SENT) & (drawn == 0), 1: (standing < CONTROL) & (drawn == 0)}
    return np.select(list(cases.values()), list(cases), np.where(standing == CONTROL, 1 + drawn, 3 + drawn))


def _local_day(at: pd.Series, timezone: str) -> pd.Series:
    local = pd.to_datetime(at, unit="us", utc=True).dt.tz_convert(timezone).dt.tz_localize(None)
    return local.astype("datetime64[us]").astype("int64") // _DAY_US


def _user_days(attempted: pd.DataFrame, timezone: str) -> pd.DataFrame:
    days = attempted.assign(day=_local_day(attempted["clock"], timezone), was_sent=attempted["standing"] == SENT)
    grouped = days.groupby(["campaign", "day", "person"], as_index=False)
    return grouped.agg(attempted=("was_sent", "size"), sent=("was_sent", "sum"))


def _delivered(users: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Unique and total counts by campaign and `keys`, from one row per user."""
    failed = users["attempted"] - users["sent"]
    marked = users.assign(failed=failed, has_sent=users["sent"] > 0, has_failed=failed > 0)
    return marked.groupby(["campaign", *keys], as_index=False).agg(
        attempted_unique=("attempted", "size"),
        attempted_total=("attempted", "sum"),
        sent_unique=("has_sent", "sum"),
        sent_total=("sent", "sum"),
        failed_unique=("has_failed", "sum"),
        failed_total=("failed", "sum"),
    )


def _days(users: pd.DataFrame, of_primary: pd.DataFrame, timezone: str) -> pd.DataFrame:
    dated = of_primary.assign(day=_local_day(of_primary["at"], timezone))
    earned = dated.groupby(["campaign", "day"], as_index=False).agg(
        conversion_events=("event", "size"), micros=("micros", "sum")
    )
    return _delivered(users, ["day"]).merge(earned, on=["campaign", "day"], how="outer").fillna(0)


def _quality(audience: pd.DataFrame, given: Input) -> pd.DataFrame:
    closes = audience["clock"] + audience["campaign"].map(given.windows)
    marked = audience.assign(matured=(audience["standing"] == SENT) & (closes <= given.as_of))
    summed = marked.groupby("campaign", as_index=False).agg(
        request_attempts=("attempts", "sum"), matured=("matured", "sum")
    )
    is_contaminated = (audience["drawn"] > 0) & (audience["standing"] < CONTROL)
    contaminated = audience[is_contaminated].groupby("campaign")["person"].nunique()
    return summed.assign(contaminated_users=summed["campaign"].map(contaminated).fillna(0).astype("int64"))


def _errors(audience: pd.DataFrame) -> pd.DataFrame:
    grouped = audience[audience["standing"] > SENT].groupby(["campaign", "standing", "code"], as_index=False)
    return grouped.agg(unique_users=("person", "nunique"), total=("person", "size"))


def _personalization(given: Input, audience: pd.DataFrame) -> pd.DataFrame:
    stands = audience.loc[audience["standing"] == PERSONALIZATION, KEY]
    named = given.personalization.drop_duplicates().merge(stands, on=KEY)
    grouped = named.groupby(["campaign", "category"], as_index=False)
    return grouped.agg(unique_users=("person", "nunique"), total=("person", "size"))


def _conversions(credited: pd.DataFrame) -> pd.DataFrame:
    summed = credited.groupby(_GOAL, as_index=False).agg(
        converted_people=("person", "nunique"),
        conversion_events=("event", "size"),
        micros=("micros", "sum"),
        events_without_value=("is_without_value", "sum"),
        events_in_other_currency=("is_foreign", "sum"),
    )
    converted = credited.drop_duplicates([*_GOAL, "instance", "person"]).groupby(_GOAL).size()
    return summed.merge(converted.rename("converted_users").reset_index(), on=_GOAL)


def _delays(credited: pd.DataFrame) -> pd.DataFrame:
    """Percentiles between the order statistics around rank (n - 1) p, exact until the one division."""
    rows = []
    for (campaign, goal), delays in credited.groupby(_GOAL)["delay"]:
        ordered = np.sort(delays.to_numpy())
        ranks = [divmod((len(ordered) - 1) * part, 100) for part in (50, 75, 90, 95)]
        weighed = [
            int(ordered[rank]) * (100 - beyond) + int(ordered[min(rank + 1, len(ordered) - 1)]) * beyond
            for rank, beyond in ranks
        ]
        rows.append((campaign, goal, [value / 100_000_000 for value in weighed]))
    return pd.DataFrame(rows, columns=["campaign", "goal", "seconds"])


def _instances(audience: pd.DataFrame, of_primary: pd.DataFrame, given: Input) -> pd.DataFrame:
    place = ["campaign", "instance"]
    is_sent, is_attempted = audience["standing"] == SENT, audience["standing"] <= PERSONALIZATION
    marked = audience.assign(attempted=is_attempted, sent=is_sent, failed=is_attempted & ~is_sent)
    counted = marked.groupby(place, as_index=False).agg(
        attempted=("attempted", "sum"), sent=("sent", "sum"), failed=("failed", "sum"), first=("clock", "min")
    )
    converted = of_primary.groupby(place, as_index=False).agg(
        converted_users=("person", "nunique"), conversion_events=("event", "size")
    )
    ordered = counted.merge(converted, on=place, how="left").fillna(0)
    ordered = ordered.sort_values(["campaign", "sent", "first", "instance"], ascending=[True, False, True, True])
    is_listed = ordered.groupby("campaign").cumcount() < LISTED
    names = pd.Series(given.instances).loc[ordered.loc[is_listed, "instance"]]
    listed = ordered[is_listed].assign(instance_id=names.to_numpy(dtype=object)).drop(columns="instance")
    rest = ordered[~is_listed].drop(columns="instance").groupby("campaign", as_index=False).sum()
    together = pd.concat([listed, rest.assign(instance_id=None)])
    return together.assign(
        instance_id=together["instance_id"].astype(object).where(together["instance_id"].notna(), None)
    )


def main() -> None:
    """Compute what the command line orders."""
    order = order_of()
    frames = computed(order.inputs)
    if order.figures:
        write_figures(figures(frames, Path(order.inputs.campaigns)), order.figures)


if __name__ == "__main__":
    main()
