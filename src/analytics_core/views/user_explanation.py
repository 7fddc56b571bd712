"""One user's path through the rules of a number as text, ending in one sentence."""

from collections.abc import Sequence

import polars as pl

from analytics_core.domain.words import EventFate
from analytics_core.metrics.explanation import UserExplanation
from analytics_core.metrics.rows_behind import Grain
from analytics_core.views.explanation import campaign_line, heading_lines
from analytics_core.views.numbers import count
from analytics_core.views.row_tables import (
    AUDIENCE_COLUMNS,
    amount_text,
    audience_cells,
    event_cells,
    exact_time,
    text,
    yes_no,
)
from analytics_core.views.table import Column, Row, Table, columns, table_text
from analytics_core.views.texts import one_line
from analytics_core.views.why import VERDICTS, left_out_text, rows_text, standing_text


def user_explanation_text(user: UserExplanation) -> str:
    """The path for a terminal, ending in one line break; user ids are shown as they are."""
    label = user.question.metric.label_in(user.snapshot.analytics_version)
    lines = [campaign_line(user.question), f"{label}: does user {_quoted(user.asked_id)} count?"]
    lines += [*heading_lines(user.question, user.snapshot), *([identity_text(user)] if user.merged_ids else []), ""]
    tables = [_attempts(user), _audience(user), *([_events(user)] if user.question.about_goal else [])]
    return "\n".join([*lines, *(table_text(table) for table in tables), f"{conclusion(user)}\n"])


def identity_text(user: UserExplanation) -> str:
    """Which ids are one person; said only where ids were merged."""
    merged = ", ".join(_quoted(merged) for merged in user.merged_ids)
    return f"Merged ids: {merged} and {_quoted(user.user_id)} are one person, {_quoted(user.user_id)}."


def conclusion(user: UserExplanation) -> str:
    """Whether the user counts, and why or why not, in one sentence."""
    label = user.question.metric.label_in(user.snapshot.analytics_version)
    if user.grain is Grain.INSTANCE:
        return f"Nobody counts in {label} by name: it is made of users of whom there is no row."
    if not user.counted:
        return f"This user does not count in {label}: {_why_not(user)}."
    what = rows_text(user.counted, user.grain)
    if user.grain is Grain.CREDIT:
        instances = user.audience.filter("counts").height
        what = f"{what} on {rows_text(instances, Grain.INSTANCE)}"
    return f"This user counts in {label} with {what}."


def _why_not(user: UserExplanation) -> str:
    if user.audience.is_empty():
        return "no row says that they qualified for an instance of the campaign by the as-of time"
    return _why_no_event(user) if user.question.about_goal else _why_no_row(user)


def _why_no_row(user: UserExplanation) -> str:
    rows = user.audience.select("standing", "response_code").unique(maintain_order=True).iter_rows()
    what = ", ".join(standing_text(standing, code) for standing, code in rows)
    verb = "stands" if user.audience.height == 1 else "stand"
    stand = f"their {rows_text(user.audience.height, Grain.AUDIENCE_ROW)} {verb} as {what}"
    unripe = user.audience.filter(~pl.col("matured")).height
    if user.snapshot.settings.matured_only and unripe:
        have = "has" if unripe == 1 else "have"
        return f"{stand}; only matured rows count, and {count(unripe)} of them {have} not matured"
    return stand


def _why_no_event(user: UserExplanation) -> str:
    if user.events_left_out:
        return "none of their events is credited"
    if user.events.is_empty():
        return "there is no event of the goal's name of theirs"
    found = {EventFate(verdict) for verdict in user.events["verdict"].unique()}
    if EventFate.CREDITED in found:
        return "none of the events they are credited with is one that it counts"
    nearest = next(verdict for verdict in EventFate if verdict in found)
    return VERDICTS[nearest].replace("The event", "their nearest event", 1).rstrip(".")


def _attempts(user: UserExplanation) -> Table:
    zone = user.snapshot.timezone
    heading = columns("At", "Instance", "Outcome", "Request", "Response", "Logged as", texts=_ATTEMPT_TEXTS)
    rows = [
        (
            exact_time(row["occurred_at"], zone),
            row["instance_id"],
            row["outcome"] if row["control_group_type"] is None else f"{row['outcome']} ({row['control_group_type']})",
            text(row["request_id"]),
            text(row["response_code"]),
            row["logged_as"],
        )
        for row in user.attempts.iter_rows(named=True)
    ]
    return _table("Rows as logged", heading, rows, "There is none in this campaign.")


_ATTEMPT_TEXTS = ("Instance", "Outcome", "Request", "Logged as")


def _audience(user: UserExplanation) -> Table:
    heading = (*AUDIENCE_COLUMNS, Column("Counts"))
    rows = [
        (*audience_cells(row, user.snapshot.timezone), yes_no(row["counts"]))
        for row in user.audience.iter_rows(named=True)
    ]
    return _table("Audience rows: one per instance", heading, rows, "There is none in this campaign.")


def _events(user: UserExplanation) -> Table:
    heading = columns("Event at", "Event", "User", "What became of it", "Instance", "Amount", texts=_EVENT_TEXTS)
    currency = user.snapshot.performance.currency
    rows = [
        (*event_cells(row, user.snapshot.timezone), amount_text(row, currency))
        for row in user.events.iter_rows(named=True)
    ]
    title = f"Events named {_quoted(user.question.goal.event_name)}"
    nothing = left_out_text(1) if user.events_left_out else "There is none of this user."
    return _table(title, heading, rows, nothing)


_EVENT_TEXTS = ("Event", "User", "What became of it", "Instance")


def _table(title: str, heading: tuple[Column, ...], rows: Sequence[tuple[str, ...]], nothing: str) -> Table:
    return Table(title, heading, tuple(Row(cells) for cells in rows), None if rows else nothing)


def _quoted(name: str) -> str:
    return repr(one_line(name))
