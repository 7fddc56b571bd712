"""A web server's log as an event-triggered campaign: `python -m benches.weblog LOG.gz DIR`.

Writes canonical input into DIR from a log in Apache's combined format (gzip): every request is an instance of its
own, the client address is the user, the HTTP status the response code. Useful because its counts can be checked with
nothing but `zcat`, `cut` and `sort`.
"""

import argparse
import gzip
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from analytics_core.places.files import write_json, write_json_lines

Row = dict[str, object]
"""One row of a canonical table: column name to JSON value."""

CAMPAIGN_ID = "weblog"
_CAMPAIGN: Row = {
    "campaign_id": CAMPAIGN_ID,
    "name": "Web log",
    "delivery_type": "event_triggered",
    "goals": [{"goal_id": "never", "name": "Never happens", "event_name": "Never"}],
}
# client, two names nobody fills in, [time], "request" (quotes in it are escaped), status
_LINE = re.compile(
    r"(?P<client>\S+) \S+ \S+ "
    r"\[(?P<day>\d\d)/(?P<month>\w{3})/(?P<year>\d{4}):(?P<clock>\d\d:\d\d:\d\d) (?P<sign>[+-])(?P<offset>\d{4})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) '
)
# not strptime's %b, which follows the machine's language
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def delivery(number: int, line: str) -> Row | None:
    """The row of line `number` (from 1) of a log; null where the line is not in the combined format."""
    found = _LINE.match(line)
    if found is None or found["month"] not in _MONTHS:
        return None
    return {
        "campaign_id": CAMPAIGN_ID,
        "instance_id": f"line-{number:08d}",
        "user_id": found["client"],
        "occurred_at": _instant(found).isoformat(),
        "outcome": "requested",
        "request_id": f"line-{number:08d}",
        "response_code": int(found["status"]),
        "endpoint": found["request"],
    }


def _instant(found: re.Match[str]) -> datetime:
    hours, minutes = divmod(int(found["offset"]), 100)
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if found["sign"] == "-" else 1)
    month = _MONTHS.index(found["month"]) + 1
    return datetime.fromisoformat(f"{found['year']}-{month:02d}-{found['day']}T{found['clock']}").replace(
        tzinfo=timezone(offset)
    )


def _deliveries(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        row = delivery(number, line)
        if row is None:
            print(f"line {number} is not in the combined log format; left out", file=sys.stderr)
        else:
            yield row


def write_weblog(log: Path, directory: Path) -> None:
    """Writes `campaigns.json` and `deliveries.jsonl` of the gzipped `log` into `directory`.

    Lines that are not in the combined format are named on stderr and left out. Raises OSError where `log` cannot be
    read or `directory` not be written to.
    """
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "campaigns.json", [_CAMPAIGN])
    with gzip.open(log, "rt", encoding="utf-8", errors="replace") as lines:
        write_json_lines(directory / "deliveries.jsonl", _deliveries(lines))


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benches.weblog", description="web log to canonical input")
    parser.add_argument("log", type=Path, metavar="LOG.gz", help="gzipped log in Apache's combined format")
    parser.add_argument("directory", type=Path, metavar="DIR", help="where the canonical files go")
    given = parser.parse_args(arguments)
    write_weblog(given.log, given.directory)


if __name__ == "__main__":
    main()
