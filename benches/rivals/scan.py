"""The least anyone can do: `python -m benches.rivals.scan INPUTS` reads every needed column of both tables once."""

from collections.abc import Sequence

import polars as pl

from benches.inputs import order_of

_DELIVERIES = (
    "campaign_id",
    "instance_id",
    "occurred_at",
    "outcome",
    "request_id",
    "response_code",
    "control_group_type",
    "personalization_errors",
)
_EVENTS = ("event_name", "occurred_at", "attributes")


def touched(files: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """One row: of every column its non-null rows, and a number that only reading all its values gives."""
    frame = pl.scan_parquet(list(files))
    schema = frame.collect_schema()
    sizes = [pl.col(name).count().alias(f"{name}_count") for name in columns]
    return frame.select(*sizes, *(_read(name, schema[name]) for name in columns)).collect()


def _read(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.String):
        return column.str.len_bytes().sum()
    if isinstance(dtype, pl.List):
        return column.list.len().sum()
    return column.min() if dtype.is_temporal() else column.sum()


def main() -> None:
    """Read both tables."""
    inputs = order_of().inputs
    touched(inputs.deliveries, (inputs.user_column, *_DELIVERIES))
    touched(inputs.events, (inputs.user_column, *_EVENTS))


if __name__ == "__main__":
    main()
