"""Hand-written SQL: `python -m benches.rivals.duckdb_sql INPUTS` computes the compared numbers with DuckDB.

The statements are in the `.sql` files. The result tables stay inside DuckDB unless figures are asked for.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from benches.figures import Figures, write_figures
from benches.inputs import Inputs, order_of
from benches.rivals.assembling import LISTED, TABLES, figures_from

THREADS = 2
MEMORY = "12GB"
_USERS = {"user_id": "users_by_id.sql", "user_key": "users_by_key.sql"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEARS = (2025, 2028)
"""Years whose clock changes matter: the workload's with a margin."""


def computed(inputs: Inputs, spill: Path) -> duckdb.DuckDBPyConnection:
    """A connection that holds the result tables; what does not fit into memory goes into `spill`."""
    options = {
        "threads": THREADS,
        "memory_limit": MEMORY,
        "preserve_insertion_order": False,
        "temp_directory": str(spill),
    }
    connection = duckdb.connect(config=options)
    for name, value in (
        ("deliveries", list(inputs.deliveries)),
        ("events", list(inputs.events)),
        ("campaigns", inputs.campaigns),
        ("listed", LISTED),
    ):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute(_local_day(ZoneInfo(inputs.timezone)))
    for name in ("inputs.sql", _USERS[inputs.user_column], "figures.sql", "comparisons.sql"):
        connection.execute(files("benches.rivals").joinpath(name).read_text(encoding="utf-8"))
    return connection


def figures(connection: duckdb.DuckDBPyConnection, campaigns: Path) -> Figures:
    """The compared numbers out of the result tables."""
    tables = {}
    for name in TABLES:
        relation = connection.table(name)
        tables[name] = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return figures_from(tables, campaigns)


def _local_day(zone: ZoneInfo) -> str:
    """A macro: days since 1970 of an instant on the zone's clocks. Many times faster than zoned timestamps."""
    days = (_YEARS[1] - _YEARS[0]) * 366
    moments = [datetime(_YEARS[0], 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(days)]
    changes = [
        f"WHEN happened < {(_change(zone, before, after) - _EPOCH) // _MICROSECOND} THEN {_offset(zone, before)}"
        for before, after in pairwise(moments)
        if _offset(zone, before) != _offset(zone, after)
    ]
    offset = f"CASE {' '.join(changes)} ELSE {_offset(zone, moments[-1])} END" if changes else _offset(zone, moments[0])
    return f"CREATE TEMP MACRO local_day(happened) AS (happened + {offset}) // 86400000000"


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    return (moment.astimezone(zone).utcoffset() or timedelta()) // _MICROSECOND


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The minute within a day at which the offset changes."""
    minutes = (before + timedelta(minutes=minute) for minute in range(24 * 60))
    return next((minute for minute in minutes if _offset(zone, minute) != _offset(zone, before)), after)


def main() -> None:
    """Compute what the command line orders."""
    order = order_of()
    with tempfile.TemporaryDirectory() as spill, computed(order.inputs, Path(spill)) as connection:
        if order.figures:
            write_figures(figures(connection, Path(order.inputs.campaigns)), order.figures)


if __name__ == "__main__":
    main()
