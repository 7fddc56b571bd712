"""Delivery counts: what became of audience rows, counted as rows (total) and as users (unique).

Audience rows come in order of campaign and user, so that users are counted as runs. All users of a part are in it with
all their rows: counts of disjoint parts may simply be added.
"""

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints, find_run_starts, measure_runs, pack, sum_runs, tally
from analytics_core.attribution.audience import (
    CONTROL_GROUP,
    FAILED_RESPONSE,
    FREQUENCY_CAPPED,
    PERSONALIZATION_FAILED,
    SENT,
    STANDINGS,
    Audience,
)
from analytics_core.attribution.rules import Rules

_STANDS: dict[str, tuple[int, ...]] = {
    "users_in_segment": tuple(range(len(STANDINGS))),
    "attempted": (SENT, FAILED_RESPONSE, PERSONALIZATION_FAILED),
    "after_personalization": (SENT, FAILED_RESPONSE),
    "sent": (SENT,),
    "failed": (FAILED_RESPONSE, PERSONALIZATION_FAILED),
}
COUNTED = (*_STANDS, "contaminated")
"""What is counted of audience rows, each as unique and total."""

_MARKS = np.array(
    [
        sum((standing in counted) << bit for bit, counted in enumerate(_STANDS.values()))
        for standing in range(len(STANDINGS))
    ],
    np.uint8,
)
"""By standing, a bit for each name in COUNTED that depends on it alone."""

_CODES = 1000
_REASONS = {
    _CODES: "no_response",
    _CODES + 1: "control_group",
    _CODES + 2: "global_control_group",
    _CODES + 3: "frequency_capped",
    _CODES + 4: "personalization_failed",
}
REASONS = max(_REASONS) + 1
"""Why a row was not sent is a number below this one."""


def stands(name: str, standing: Ints) -> Flags:
    """Whether audience rows of a standing count for `name`, one of those of COUNTED that depend on it alone."""
    places = np.zeros(len(STANDINGS), np.bool_)
    places[list(_STANDS[name])] = True
    counted: Flags = places[standing]
    return counted


def delivery_counts(audience: Audience, users: Ints) -> pl.DataFrame:
    """One row per campaign: `NAME_unique`, `NAME_total` for each name in COUNTED, and `request_attempts`.

    Args:
        audience: audience rows that count.
        users: where the rows of each campaign and user begin.
    """
    marks = _MARKS[audience.standing]
    marks |= audience.contaminated.view(np.uint8) << len(_STANDS)
    places = int(audience.campaign.max(initial=-1)) + 1
    by_user = np.bitwise_or.reduceat(marks, users) if len(users) else marks
    columns = {
        **_mark_counted(audience.campaign[users], by_user, places, "unique"),
        **_mark_counted(audience.campaign, marks, places, "total"),
    }
    attempts = np.bincount(audience.campaign, weights=audience.attempts, minlength=places)
    frame = pl.DataFrame({"campaign": np.arange(places, dtype=np.int32), **columns})
    counts = frame.with_columns(request_attempts=pl.Series(attempts).cast(pl.Int64))
    return counts.filter(pl.col("users_in_segment_total") > 0)


def _mark_counted(campaign: Ints, marks: Ints, places: int, counting: str) -> dict[str, Ints]:
    """By name in COUNTED, how many of each campaign's `marks` have its bit.

    Were there two names, three rows of one campaign with the marks 0b01, 0b11 and 0b11 make the counts 0, 1, 0, 2 of
    the four marks there can be; the first name's bit is in 1 + 2 of them, the second's in 2.
    """
    kinds = 1 << len(COUNTED)
    cells = np.bincount(pack(campaign, marks, kinds), minlength=places * kinds).reshape(places, kinds)
    has = np.arange(kinds)[:, None] >> np.arange(len(COUNTED)) & 1
    return {f"{name}_{counting}": column for name, column in zip(COUNTED, (cells @ has).T, strict=True)}


def maturity_counts(audience: Audience, rules: Rules) -> pl.DataFrame:
    """One row per campaign with sent rows: `sent`, `matured_sent`, and `closes_at`, when the last window closes."""
    sent = audience.columns("campaign", "matured", "clock", where=audience.standing == SENT)
    starts = find_run_starts(sent["campaign"])
    campaign = sent["campaign"][starts]
    latest = np.maximum.reduceat(sent["clock"], starts) if len(starts) else sent["clock"]
    return pl.DataFrame(
        {
            "campaign": campaign,
            "sent": measure_runs(starts, len(sent["campaign"])),
            "matured_sent": sum_runs(sent["matured"], starts),
            "closes_at": latest + rules.windows[campaign],
        }
    )


def error_counts(audience: Audience) -> pl.DataFrame:
    """One row per campaign and `reason` number a user was not sent (see `reason_of`): `unique`, `total`."""
    others = audience.columns("campaign", "user", "standing", "code", "drawn", where=audience.standing != SENT)
    reason = reasons(others["standing"], others["code"], others["drawn"])
    columns, rows = tally({"campaign": others["campaign"], "reason": reason, "user": others["user"]})
    by_user = pl.DataFrame({"campaign": columns["campaign"], "reason": columns["reason"], "rows": rows})
    return by_user.group_by("campaign", "reason").agg(unique=pl.len().cast(pl.Int64), total=pl.col("rows").sum())


def reasons(standing: Ints, code: Ints, drawn: Ints) -> Ints:
    """Why each row was not sent, as a number; meaningless for rows that were."""
    reason = np.where(code < 0, _CODES, code).astype(np.int16)
    held = standing == CONTROL_GROUP
    reason[held] = drawn[held] + np.int16(_CODES)
    reason[standing == FREQUENCY_CAPPED] = _CODES + 3
    reason[standing == PERSONALIZATION_FAILED] = _CODES + 4
    return reason


def reason_of(number: int) -> str:
    """The reason in the words of the contract."""
    return _REASONS.get(number) or f"response_{number}"
