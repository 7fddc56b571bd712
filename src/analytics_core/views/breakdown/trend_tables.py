"""The trends of a campaign as tables: what a chart draws, a row per bucket."""

from collections.abc import Iterator, Sequence

from analytics_core.domain.words import AnalyticsVersion, Grain
from analytics_core.snapshot.kinds import share as part_of
from analytics_core.snapshot.parts import SENDS
from analytics_core.snapshot.snapshot import Snapshot, TimeToConvert, TrendBucket
from analytics_core.views.breakdown.buckets import (
    GRAIN_WORDS,
    Placed,
    TrendFigure,
    choose_grain,
    head_of,
    place_buckets,
)
from analytics_core.views.campaign.uplift_tables import goal_name
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, duration, money, share
from analytics_core.views.forms.table import Column, Row, RowKind, Table, columns

_DELIVERED = ("attempted", "sent", "failed")
_OVERALL = (*_DELIVERED, "conversion_events", "converted_users", "revenue")
_CAME = ("converted_users", "conversion_rate")
_UNIQUE_NOTE = (
    "Unique counts are of users within the {grain}: who is in two of them counts in each, so they do not add up."
)
_HEADINGS = ("Half within", "75% within", "90% within", "95% within")
_BY_SEND = "By day of send: what came of that day's sends, whenever it came; recent days can still gain."


def trend_table(snapshot: Snapshot, grain: Grain, figure: TrendFigure) -> Table:
    """One row per bucket that holds anything, in order of time, and a total where the column adds up to one."""
    placed = place_buckets(snapshot, grain)
    match figure:
        case TrendFigure.DELIVERY:
            return _delivery_table(snapshot, placed, grain)
        case TrendFigure.CONVERSIONS:
            return _conversions_table(snapshot, placed, grain)
        case TrendFigure.REVENUE:
            return _revenue_table(snapshot, placed, grain)


def trend_overview(snapshot: Snapshot, most: int) -> Table:
    """Delivery, conversions and revenue side by side, a row per bucket and a total; for where there is little room.

    Args:
        snapshot: whose trends.
        most: how many buckets there may be; they are as long as it takes, and of months the earlier are summed up.
    """
    grain, sums, currency = choose_grain(snapshot, most), snapshot.performance, snapshot.primary_goal.currency
    figures = _OVERALL[:-1] if snapshot.primary_goal.revenue is None else _OVERALL
    placed = place_buckets(snapshot, grain)
    earlier, listed = placed[:-most], placed[-most:]
    shown = [(count_of(len(earlier), f"earlier {grain}"), earlier)] if earlier else []
    shown += [(one.title, (one,)) for one in listed]
    rows = [Row((name, *_add_up(snapshot, buckets, figures))) for name, buckets in shown]
    totals = [*(count(getattr(sums, name).total) for name in _DELIVERED), count(sums.conversion_events), ""]
    totals += [money(sums.revenue, currency)] if len(figures) == len(_OVERALL) else []
    labels = [head_of(name, snapshot.analytics_version) for name in figures]
    left_out = f"Earlier {grain}s are summed up." if earlier else ""
    users = f"{labels[4]} are users within the {grain}: who converts in two of them counts in each."
    return Table(
        title=f"Trend by {grain}",
        columns=(Column(GRAIN_WORDS[grain], whole=True), *columns("", *labels)[1:]),
        rows=_with_total(snapshot, rows, totals, grain),
        note=_note(snapshot, placed, grain, left_out, users),
        droppable=(labels[0], labels[2], labels[4]),
    )


def _add_up(snapshot: Snapshot, placed: Sequence[Placed], figures: Sequence[str]) -> Iterator[str]:
    """The figures of some buckets; a dash where one does not know it, nothing where users would count twice."""
    for name in figures:
        numbers = [getattr(one.bucket, name) for one in placed]
        numbers = [number.total for number in numbers] if name in _DELIVERED else numbers
        total = None if None in numbers else sum(numbers)
        if name == "converted_users" and len(placed) > 1:
            yield ""
        else:
            yield money(total, snapshot.primary_goal.currency) if name == "revenue" else count(total)


def _delivery_table(snapshot: Snapshot, placed: tuple[Placed, ...], grain: Grain) -> Table:
    labels = [head_of(name, snapshot.analytics_version) for name in _DELIVERED]
    headings = [f"{label}, {counting}" for label in labels for counting in ("total", "unique")]
    asks = ("", *(name for name in _DELIVERED for _ in range(2)))
    rows = []
    for place, one in enumerate(placed):
        counts = [getattr(one.bucket, name) for name in _DELIVERED]
        if any(both.total for both in counts):
            cells = (one.title, *(count(number) for both in counts for number in (both.total, both.unique)))
            rows.append(Row(cells, asks=asks, parts=(f"{grain} {place}",) * len(asks)))
    totals = [text for name in _DELIVERED for text in (count(getattr(snapshot.performance, name).total), "")]
    return Table(
        title=f"Delivery by {grain}",
        columns=columns(GRAIN_WORDS[grain], *headings),
        rows=_with_total(snapshot, rows, totals, grain),
        note=_note(snapshot, placed, grain, _UNIQUE_NOTE.format(grain=grain)),
        droppable=tuple(headings[place] for place in (5, 1, 4, 0)),
        stacks=False,
        spare=4,
    )


def _conversions_table(snapshot: Snapshot, placed: tuple[Placed, ...], grain: Grain) -> Table:
    version, sums = snapshot.analytics_version, snapshot.performance
    names = ("conversion_events", "converted_users")
    headings = [head_of(name, version) for name in names]
    cohorts = snapshot.trends.cohort_day if grain is Grain.DAY else ()
    sends = {one.label: place for place, one in enumerate(cohorts)}
    by_send = ("Sent", "Converted, by day of send", "CVR, by day of send") if sends else ()
    rows = []
    for place, one in enumerate(placed):
        sent_on = sends.get(one.bucket.label)
        cohort = None if sent_on is None else cohorts[sent_on]
        came = _CAME if cohort and cohort.sent.total else ("", "")
        told = (one.title, count(one.bucket.conversion_events), count(one.bucket.converted_users))
        cells = (*told, *_send_cells(one.bucket, cohort)) if sends else told
        asks, day, day_of_send = ("", *names, "sent", *came), f"{grain} {place}", f"{SENDS} {sent_on}"
        parts = (day, day, day, day, day_of_send, day_of_send)
        rows.append(Row(cells, asks=asks[: len(cells)], parts=parts[: len(cells)]))
    # A user who converts on two days is in both.
    totals = [count(sums.conversion_events), ""]
    if sends:
        totals += [count(sums.sent.total), count(sums.converted_users), share(sums.conversion_rate)]
    sentences = (_UNIQUE_NOTE.format(grain=grain), _BY_SEND if sends else "")
    return Table(
        title=f"Conversions by {grain}",
        columns=columns(GRAIN_WORDS[grain], *headings, *by_send),
        rows=_with_total(snapshot, rows, totals, grain),
        note=_note(snapshot, placed, grain, *sentences),
        droppable=by_send,
        stacks=False,
        spare=len(by_send),
    )


def _send_cells(bucket: TrendBucket, sends: TrendBucket | None) -> tuple[str, str, str]:
    """What came of a day's sends; dashes on a day without any."""
    if sends is None or not sends.sent.total:
        return count(bucket.sent.total), UNDEFINED, UNDEFINED
    return (
        count(sends.sent.total),
        count(sends.converted_users),
        share(part_of(sends.converted_users, sends.sent.total)),
    )


def _revenue_table(snapshot: Snapshot, placed: tuple[Placed, ...], grain: Grain) -> Table:
    currency = snapshot.primary_goal.currency
    rows = [
        Row((one.title, money(one.bucket.revenue, currency)), asks=("", "revenue"), parts=("", f"{grain} {place}"))
        for place, one in enumerate(placed)
        if one.bucket.revenue is not None and one.bucket.conversion_events
    ]
    return Table(
        title=f"Revenue by {grain}",
        columns=columns(GRAIN_WORDS[grain], "Revenue"),
        rows=_with_total(snapshot, rows, [money(snapshot.performance.revenue, currency)], grain),
        note=_note(snapshot, placed, grain) if rows else "The primary goal has no revenue attribute.",
        stacks=False,
    )


def _with_total(snapshot: Snapshot, rows: list[Row], cells: list[str], grain: Grain) -> tuple[Row, ...]:
    """Not where hours are left out, as these do not add up; older campaigns count users over the whole campaign."""
    left_out = grain is Grain.HOUR and snapshot.trends.hours_omitted
    if not rows or left_out:
        return tuple(rows)
    columns_asked = zip(*(row.asks for row in rows), strict=True)
    asks = tuple(max(asked) if cell else "" for asked, cell in zip(columns_asked, ("", *cells), strict=False))
    return (*rows, Row(("Campaign", *cells), RowKind.TOTAL, asks=asks))


def _note(snapshot: Snapshot, placed: tuple[Placed, ...], grain: Grain, *sentences: str) -> str:
    omitted = snapshot.trends.hours_omitted if grain is Grain.HOUR else 0
    older = snapshot.analytics_version is AnalyticsVersion.LEGACY
    said = (
        f"{GRAIN_WORDS[grain]}s without any are left out; times are those of {snapshot.timezone}.",
        f"{count_of(omitted, 'earlier hour')} not listed." if omitted else "",
        "Incomplete: rows of it are still to come, or the period leaves some out."
        if any(one.is_partial for one in placed)
        else "",
        *sentences,
        "An older campaign counts a converted user once in the whole campaign." if older and len(sentences) > 1 else "",
    )
    return " ".join(filter(None, said))


def time_to_convert_table(snapshot: Snapshot) -> Table:
    """One row per goal that has conversions: within which time half, 75 %, 90 % and 95 % of them came."""
    rows = [
        Row((goal_name(goal), *map(duration, percentiles(goal.time_to_convert))))
        for goal in snapshot.goals
        if goal.time_to_convert is not None
    ]
    return Table(
        title="Time to convert",
        columns=columns("Goal", *_HEADINGS),
        rows=tuple(rows),
        note="From the send to the credited event; every event counts, also a user's second.",
        droppable=("75% within", "95% within"),
    )


def percentiles(times: TimeToConvert) -> tuple[float, ...]:
    """Within how many seconds half, 75 %, 90 % and 95 % of the credited events happened."""
    return times.median_seconds, times.p75_seconds, times.p90_seconds, times.p95_seconds
