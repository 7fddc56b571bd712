"""One user's path through the rules of a number as text, ending in one sentence."""

from dataclasses import replace

from analytics_core.explaining.explanation import UserExplanation
from analytics_core.explaining.rows_behind import OF_COMPARISON
from analytics_core.views.explaining.conclusion import conclusion
from analytics_core.views.explaining.explanation import campaign_line, heading_lines, shown_question
from analytics_core.views.explaining.row_tables import (
    AUDIENCE_COLUMNS,
    COMPARED_COLUMNS,
    amount_text,
    audience_cells,
    comparison_cells,
    event_cells,
    exact_time,
    row_columns,
    table_of_rows,
    text,
    yes_no,
)
from analytics_core.views.explaining.why import omission_text
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.forms.numbers import count
from analytics_core.views.forms.table import Align, Column, Table
from analytics_core.views.forms.texts import one_line, wrap
from analytics_core.views.request.shown import shown_snapshot


def user_explanation_text(user: UserExplanation, width: int | None = None) -> str:
    """The path for a terminal of `width` columns, ending in one line break; user ids are shown as they are."""
    user = shown_user(user)
    lines = [campaign_line(user.question), user_question(user)]
    lines += [*heading_lines(user.question, user.snapshot), *([identity_text(user)] if user.merged_ids else [])]
    texts = (fit_text(table, width) for table in user_tables(user))
    return "\n".join([*(wrap(line, width) for line in lines), "", *texts, f"{wrap(conclusion(user), width)}\n"])


def shown_user(user: UserExplanation) -> UserExplanation:
    """The path with all that an author wrote safe to show."""
    return replace(user, question=shown_question(user.question), snapshot=shown_snapshot(user.snapshot))


def user_question(user: UserExplanation) -> str:
    """What is asked about the user."""
    label = user.question.metric.label_in(user.snapshot.analytics_version)
    return f"{label}: does user {_quote(user.asked_id)} count?"


def user_tables(user: UserExplanation) -> tuple[Table, ...]:
    """The user's rows as logged and as the number sees them, and their events where these matter."""
    with_events = user.question.about_goal and not user.behind.compares_nobody
    return (_attempts(user), _audience(user), *([_events(user)] if with_events else []))


def identity_text(user: UserExplanation) -> str:
    """Which ids are one person; said only where ids were merged."""
    merged = ", ".join(_quote(merged) for merged in user.merged_ids)
    return f"Merged ids: {merged} and {_quote(user.user_id)} are one person, {_quote(user.user_id)}."


def _attempts(user: UserExplanation) -> Table:
    zone = user.snapshot.timezone
    heading = row_columns("At", "Instance", "Outcome", "Request", "Response", "Logged as", texts=_ATTEMPT_TEXTS)
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
    return table_of_rows("Rows as logged", heading, rows, "None in this campaign.")


_ATTEMPT_TEXTS = ("Instance", "Outcome", "Request", "Logged as")


def _audience(user: UserExplanation) -> Table:
    compared = user.grain in OF_COMPARISON
    with_events = compared and user.question.about_goal
    cells = comparison_cells if compared else audience_cells
    heading = (
        *(COMPARED_COLUMNS if compared else AUDIENCE_COLUMNS),
        *([Column("Events", Align.RIGHT)] if with_events else []),
        Column("Counts"),
    )
    rows = [
        (
            *cells(row, user.snapshot.timezone),
            *([count(row["events"])] if with_events else []),
            yes_no(row["counts"]),
        )
        for row in user.audience.iter_rows(named=True)
    ]
    title = "Rows as the comparison sees them" if compared else "Audience rows"
    return table_of_rows(f"{title}: one per instance", heading, rows, "None in this campaign.")


def _events(user: UserExplanation) -> Table:
    heading = row_columns("Event at", "Event", "User", "What became of it", "Instance", "Amount", texts=_EVENT_TEXTS)
    currency = user.snapshot.performance.currency
    rows = [
        (*event_cells(row, user.grain, user.snapshot.timezone), amount_text(row, currency))
        for row in user.events.iter_rows(named=True)
    ]
    title = f"Events named {_quote(user.question.goal.event_name)}"
    nothing = omission_text(1) if user.events_left_out else "None for this user."
    return table_of_rows(title, heading, rows, nothing)


_EVENT_TEXTS = ("Event", "User", "What became of it", "Instance")


def _quote(name: str) -> str:
    return repr(one_line(name))
