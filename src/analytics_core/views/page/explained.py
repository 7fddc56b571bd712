"""Why a number is what it is, as HTML for a page that answers; and the number as a sentence to hand on."""

from dataclasses import dataclass

from markupsafe import Markup

from analytics_core.explaining.compared_figures import compare_arms
from analytics_core.explaining.explanation import Explanation, UserExplanation
from analytics_core.views.campaign.notes import as_of_note, settings_line
from analytics_core.views.explaining.compared import comparison_tables, method_of
from analytics_core.views.explaining.conclusion import conclusion
from analytics_core.views.explaining.explanation import (
    campaign_line,
    heading_lines,
    inputs_tables,
    misses_tables,
    proof_line,
    rows_note,
    rows_tables,
    rows_title,
    shown_explanation,
    value_line,
)
from analytics_core.views.explaining.user_explanation import identity_text, shown_user, user_question, user_tables
from analytics_core.views.explaining.why import part_text
from analytics_core.views.page.pieces import draw, table_html

_SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer in two parts: what is to be said, and the rows it rests on."""

    said: Markup
    rows: Markup


def explanation_html(explanation: Explanation) -> Explained:
    """What the number means and what it is made of; then what went into it, the rows behind it, what almost counted.

    Raises:
        AnalyticsError: the rows do not make the number.
    """
    explanation = shown_explanation(explanation)
    question, snapshot, misses = explanation.question, explanation.snapshot, explanation.near_misses
    method = method_of(question.metric, compare_arms(question.metric, snapshot))
    rules = (f"As of {as_of_note(snapshot).text}", f"Settings: {settings_line(snapshot)}")
    lines = (*heading_lines(question, snapshot), *([f"Method: {method}"] if method else []), *rules)
    tables = [*inputs_tables(explanation), *comparison_tables(explanation)]
    proof = [proof_line(explanation)]
    if explanation.sums.rows:
        tables += rows_tables(explanation)
    else:
        proof = [rows_title(explanation), rows_note(explanation)]
    near = [] if misses is None else [*misses_tables(misses, explanation.behind.grain, snapshot)]
    rows = draw("explained_rows", [*map(table_html, tables)], [*filter(None, proof)], [*map(table_html, near)])
    return Explained(draw("explained", value_line(explanation), campaign_line(question), lines), rows)


def user_html(user: UserExplanation) -> Explained:
    """Why one user counts in the number, or does not; then the user's rows and events."""
    user = shown_user(user)
    lines = [identity_text(user)] if user.merged_ids else []
    rows = draw("explained_rows", [*map(table_html, user_tables(user))], [], [])
    return Explained(draw("explained", user_question(user), conclusion(user), lines), rows)


def number_sentence(explanation: Explanation) -> str:
    """The number with all that a reader has to know of it, in one sentence of plain text."""
    explanation = shown_explanation(explanation)
    snapshot = explanation.snapshot
    as_of = as_of_note(snapshot).text.partition(";")[0]
    goal = f" (goal {explanation.question.goal.name})" if explanation.question.about_goal else ""
    part = explanation.question.part
    of = [part_text(part, snapshot).rstrip(".").replace("Only", "only", 1)] if part else []
    parts = (f"{campaign_line(explanation.question)}{goal}: {value_line(explanation)}", *of, f"as of {as_of}")
    return f"{_SEPARATOR.join(parts)}{_SEPARATOR}{settings_line(snapshot)}"
