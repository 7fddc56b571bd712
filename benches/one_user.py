"""A workload of a single user: an event-triggered campaign whose every trigger is theirs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from analytics_core.places.files import write_json
from analytics_core.tables.canonical import schema_of
from benches.sizes import Size

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 90
_CAMPAIGN: dict[str, object] = {
    "campaign_id": "triggered",
    "name": "Triggered",
    "delivery_type": "event_triggered",
    "attribution_window_hours": 36,
    "goals": [
        {
            "goal_id": "purchase",
            "name": "Purchase",
            "event_name": "purchase",
            "revenue": {"attribute": "order_value", "currency": "USD"},
        }
    ],
}


def write_one_user(size: Size, directory: Path) -> None:
    """Write `campaigns.json`, `deliveries/000.parquet` and `events/000.parquet` into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "campaigns.json", [_CAMPAIGN])
    for table, rows in (("deliveries", _deliveries(size.deliveries)), ("events", _events(size.events))):
        (directory / table).mkdir(parents=True, exist_ok=True)
        schema = schema_of(table)
        missing = [pl.lit(None, schema[name]).alias(name) for name in schema if name not in rows.columns]
        rows.with_columns(missing).select(schema.names()).cast(dict(schema)).write_parquet(
            directory / table / "000.parquet"
        )


def _numbered(count: int) -> pl.DataFrame:
    number = pl.int_range(count).alias("number")
    spread = timedelta(days=DAYS) // timedelta(microseconds=1) // count
    at = pl.lit(START) + pl.duration(microseconds=pl.col("number") * spread)
    return pl.select(number).with_columns(occurred_at=at.cast(pl.Datetime("us", "UTC")), user_id=pl.lit("user"))


def _deliveries(count: int) -> pl.DataFrame:
    text = pl.col("number").cast(pl.String).str.zfill(8)
    return _numbered(count).with_columns(
        campaign_id=pl.lit("triggered"),
        instance_id=pl.lit("trigger-") + text,
        outcome=pl.lit("requested"),
        request_id=pl.lit("request-") + text,
        response_code=pl.lit(200),
    )


def _events(count: int) -> pl.DataFrame:
    price = pl.lit('{"order_value":') + (pl.col("number") % 90 + 10).cast(pl.String) + pl.lit(".99}")
    return _numbered(count).with_columns(
        event_id=pl.lit("event-") + pl.col("number").cast(pl.String).str.zfill(8),
        event_name=pl.lit("purchase"),
        attributes=price,
    )
