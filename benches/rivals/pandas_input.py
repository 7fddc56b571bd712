"""What the pandas rival starts from: ids as integers, instants as microseconds since 1970."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benches.inputs import Inputs

KEY = ["campaign", "instance", "person"]
"""What tells audience rows apart."""
SENT, FAILED, PERSONALIZATION, CONTROL, CAPPED = range(5)
"""What became of a row."""
CAPPED_CELL = 6
"""The cell of capped rows: they are in no arm of a comparison."""

_OUTCOMES = {
    "requested": FAILED,
    "personalization_failed": PERSONALIZATION,
    "control_group": CONTROL,
    "frequency_capped": CAPPED,
}
_SUCCESS, _NO_RESPONSE = 200, 1000
_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Input:
    """Both tables and the definitions.

    Attributes:
        deliveries: `campaign`, `instance`, `person` (integers), `at`, `standing` (of the row alone: 0 a success),
            `code` (of a control row: 1 for the global group), `request_id`.
        events: `person`, `name`, `at`, `attributes`; only of names some goal wants.
        personalization: audience key and `category`.
        goals: `campaign`, `goal`, `name`, `is_primary`, `window`.
        definitions: goals as they are stated, by campaign and goal.
        windows: microseconds by campaign.
        instances: instance ids by number; numbers are in the order of ids.
        as_of: the latest instant of both tables.
    """

    deliveries: pd.DataFrame
    events: pd.DataFrame
    personalization: pd.DataFrame
    goals: pd.DataFrame
    definitions: dict[tuple[int, int], dict[str, Any]]
    windows: dict[int, int]
    instances: np.ndarray[Any, Any]
    as_of: int


def read_input(inputs: Inputs) -> Input:
    """Read and encode both tables."""
    campaigns = json.loads(Path(inputs.campaigns).read_text(encoding="utf-8"))
    places = {campaign["campaign_id"]: place for place, campaign in enumerate(campaigns)}
    raw = _read(
        inputs.deliveries,
        [
            *("campaign_id", "instance_id", inputs.user_column, "occurred_at", "outcome", "request_id"),
            *("response_code", "control_group_type", "personalization_errors"),
        ],
    )
    happened = _read(inputs.events, [inputs.user_column, "event_name", "occurred_at", "attributes"])
    people, _ = pd.factorize(pd.concat([raw[inputs.user_column], happened[inputs.user_column]], ignore_index=True))
    instances, instance_ids = pd.factorize(raw["instance_id"], sort=True)
    names = {name: n for n, name in enumerate(sorted({g["event_name"] for c in campaigns for g in c["goals"]}))}
    deliveries = _deliveries(raw, places, instances, people[: len(raw)])
    events = _events(happened, names, people[len(raw) :])
    return Input(
        deliveries=deliveries,
        events=events[events["name"] >= 0],
        personalization=_personalization(raw, deliveries),
        goals=_goals(campaigns, names),
        definitions={(c, g): goal for c, one in enumerate(campaigns) for g, goal in enumerate(one["goals"], start=1)},
        windows={place: _window(campaign) for place, campaign in enumerate(campaigns)},
        instances=np.asarray(instance_ids, dtype=object),
        as_of=int(max(deliveries["at"].max(), events["at"].max())),
    )


def _deliveries(
    raw: pd.DataFrame, places: dict[str, int], instances: np.ndarray[Any, Any], people: np.ndarray[Any, Any]
) -> pd.DataFrame:
    outcome = raw["outcome"].map(_OUTCOMES).to_numpy()
    code = raw["response_code"].fillna(_NO_RESPONSE).to_numpy(dtype="int64")
    is_global = (raw["control_group_type"] == "global").fillna(value=False).to_numpy(dtype="int64")
    columns = {
        "campaign": raw["campaign_id"].map(places).to_numpy(dtype="int64"),
        "instance": instances,
        "person": people,
        "at": _micros(raw["occurred_at"]),
        "standing": np.where((outcome == FAILED) & (code == _SUCCESS), SENT, outcome),
        "code": np.select([outcome == FAILED, outcome == CONTROL], [code, is_global], 0),
        "request_id": raw["request_id"],
    }
    return pd.DataFrame(columns)


def _events(happened: pd.DataFrame, names: dict[str, int], people: np.ndarray[Any, Any]) -> pd.DataFrame:
    columns = {
        "person": people,
        "name": happened["event_name"].map(names).fillna(-1).to_numpy(dtype="int64"),
        "at": _micros(happened["occurred_at"]),
        "attributes": happened["attributes"],
    }
    return pd.DataFrame(columns)


def _read(names: Sequence[str], columns: list[str]) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(name, columns=columns) for name in names], ignore_index=True)


def _micros(at: pd.Series) -> np.ndarray[Any, Any]:
    return at.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").to_numpy().astype("int64")


def _window(campaign: dict[str, Any]) -> int:
    return int(campaign.get("attribution_window_hours", 36) * _HOUR_US)


def _goals(campaigns: list[dict[str, Any]], names: dict[str, int]) -> pd.DataFrame:
    rows = [
        (place, number, names[goal["event_name"]], number == 1, _window(campaign))
        for place, campaign in enumerate(campaigns)
        for number, goal in enumerate(campaign["goals"], start=1)
    ]
    return pd.DataFrame(rows, columns=["campaign", "goal", "name", "is_primary", "window"])


def _personalization(raw: pd.DataFrame, deliveries: pd.DataFrame) -> pd.DataFrame:
    failed = raw["outcome"] == "personalization_failed"
    lists = [
        [error["category"] for error in errors] if errors is not None and len(errors) else ["unknown"]
        for errors in raw.loc[failed, "personalization_errors"]
    ]
    keys = deliveries.loc[failed, KEY]
    return keys.assign(category=pd.Series(lists, index=keys.index, dtype=object)).explode("category")
