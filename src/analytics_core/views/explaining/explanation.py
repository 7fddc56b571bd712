"""Explanations as text: a number down to its rows, and one user's path through the rules."""

from collections.abc import Iterator
from dataclasses import replace

from analytics_core.domain.words import Counting
from analytics_core.explaining.explanation import Explanation, NearMisses, Question
from analytics_core.explaining.groundwork import LeftOut
from analytics_core.metrics.breakdowns import why_unknown
from analytics_core.metrics.catalog import value_of
from analytics_core.metrics.metric import Grain, Metric
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.notes import as_of_note, settings_line
from analytics_core.views.explaining.arm_fates import fate_sentence
from analytics_core.views.explaining.compared import comparison_blocks
from analytics_core.views.explaining.explained_certainty import certainty_lines
from analytics_core.views.explaining.row_tables import events_table, rows_table
from analytics_core.views.explaining.why import (
    MEASURES,
    duplicates_text,
    kind_label,
    omission_text,
    part_text,
    rows_text,
)
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, figure
from analytics_core.views.forms.table import Row, RowKind, Table, columns
from analytics_core.views.forms.texts import cut, one_line, wrap
from analytics_core.views.info.goals import conditions_text
from analytics_core.views.request.shown import shown_campaign, shown_id, shown_snapshot

_WIDEST_NAME = 120
_MISSES = "Events that almost counted"
_NO_MISSES = "No event with the goal's name came close to counting."

Part = tuple[Metric, Counting | None]
"""A number that another is made of, and the counting it is fixed to."""


def explanation_text(explanation: Explanation, width: int | None = None) -> str:
    """The explanation for a terminal, ending in one line break: what it means, what went in, the rows, near misses.

    Args:
        explanation: the number and its rows.
        width: how wide lines may be; None for no end.

    Raises:
        AnalyticsError: the rows do not make the number.
    """
    explanation = shown_explanation(explanation)
    question, snapshot = explanation.question, explanation.snapshot
    heading = (campaign_line(question), value_line(explanation), *heading_lines(question, snapshot))
    rules = (f"As of: {as_of_note(snapshot).text}", f"Settings: {settings_line(snapshot)}")
    blocks = [
        "\n".join([*(wrap(line, width) for line in heading), ""]),
        *(fit_text(table, width) for table in inputs_tables(explanation)),
        *comparison_blocks(explanation, width),
        "\n".join([*(wrap(line, width) for line in rules), ""]),
        *_rows(explanation, width),
    ]
    if explanation.near_misses is not None:
        blocks += _near_misses(explanation.near_misses, explanation.behind.grain, snapshot, width)
    return "\n".join(block for block in blocks if block)


def shown_explanation(explanation: Explanation) -> Explanation:
    """The explanation with all that an author wrote safe to show."""
    question, snapshot = shown_question(explanation.question), shown_snapshot(explanation.snapshot)
    return replace(explanation, question=question, snapshot=snapshot)


def value_line(explanation: Explanation) -> str:
    """The metric and its number, in every counting it has."""
    metric, snapshot = explanation.question.metric, explanation.snapshot
    figures = [_figure(metric, snapshot, counting) for counting in explanation.countings]
    note = metric.counting_note_in(snapshot.analytics_version)
    value = f"{figures[0]} ({note})" if note else figures[0]
    value = f"{figures[0]} in total, {figures[1]} unique" if len(figures) > 1 else value
    return f"{metric.label_in(snapshot.analytics_version)}: {value}"


def shown_question(question: Question) -> Question:
    """The question with its campaign's and its goal's texts safe to show."""
    campaign = shown_campaign(question.campaign)
    return replace(question, campaign=campaign, goal=campaign.goals[question.campaign.goals.index(question.goal)])


def heading_lines(question: Question, snapshot: Snapshot) -> list[str]:
    """The campaign, what the metric means, its formula, and the goal it is about."""
    version, metric = snapshot.analytics_version, question.metric
    formula = metric.formula_in(version)
    lines = [metric.description_in(version), *([f"Formula: {formula}"] if formula else [])]
    lines += [part_text(question.part, snapshot)] if question.part else []
    reason = why_unknown(metric, snapshot)
    lines += [f"Not known: {reason}"] if reason else []
    lines += certainty_lines(metric, snapshot, question.campaign)
    if question.about_goal:
        goal = question.goal
        conditions = conditions_text(goal)
        events = f"events named {goal.event_name!r}" + (f" with {conditions}" if conditions else "")
        lines.append(one_line(f"Goal: {goal.name} ({shown_id(goal.goal_id)}), {events}"))
        if goal is not question.campaign.primary_goal:
            lines.append("This is not the primary goal; here it stands in for it.")
    return lines


def campaign_line(question: Question) -> str:
    """The campaign's name and id."""
    return cut(f"{question.campaign.name} ({shown_id(question.campaign.campaign_id)})", _WIDEST_NAME)


def parts_of(metric: Metric) -> tuple[Part, ...]:
    """The numbers a metric is made of, each with the counting it is fixed to; none for base counts."""
    if metric.sum_of:
        return tuple((part, None) for part in metric.sum_of)
    if metric.numerator is None or metric.denominator is None:
        return ()
    return ((metric.numerator, None), (metric.denominator, metric.denominator_counting))


def _figure(metric: Metric, snapshot: Snapshot, counting: Counting) -> str:
    return figure(value_of(metric, snapshot, counting), metric, snapshot.performance.currency)


def inputs_tables(explanation: Explanation) -> tuple[Table, ...]:
    """The numbers that a number is made of; no table for base counts."""
    parts, snapshot = parts_of(explanation.question.metric), explanation.snapshot
    if not parts:
        return ()
    rows = tuple(
        Row(
            (
                f"{part.label_in(snapshot.analytics_version)} ({fixed.value})"
                if fixed
                else part.label_in(snapshot.analytics_version),
                *(_figure(part, snapshot, fixed or counting) for counting in explanation.countings),
            )
        )
        for part, fixed in parts
    )
    heading = [counting.value.capitalize() for counting in explanation.countings]
    heading = heading if len(heading) > 1 else ["Value"]
    return (Table(title="Inputs", columns=columns("Number", *heading), rows=rows),)


def _rows(explanation: Explanation, width: int | None) -> Iterator[str]:
    if not explanation.sums.rows:
        yield f"{rows_title(explanation)}\n{wrap(rows_note(explanation), width)}\n"
        return
    yield from (fit_text(table, width) for table in rows_tables(explanation))
    if proof := proof_line(explanation):
        yield f"{wrap(proof, width)}\n"


def rows_title(explanation: Explanation) -> str:
    """How many rows there are behind the number."""
    return f"Rows behind it: {rows_text(explanation.sums.rows, explanation.behind.grain)}"


def rows_tables(explanation: Explanation) -> Iterator[Table]:
    """What the rows behind a number are, and the first of them."""
    grain, sums, snapshot = explanation.behind.grain, explanation.sums, explanation.snapshot
    kinds = tuple(Row((kind_label(kind.kind), count(kind.rows), count(kind.users))) for kind in explanation.kinds)
    total = (Row(("All", count(sums.rows), count(sums.users)), RowKind.TOTAL),) if len(kinds) > 1 else ()
    heading = columns("What they are", "Rows", "Users")
    yield Table(rows_title(explanation), heading, (*kinds, *total), note=rows_note(explanation))
    if explanation.rows.height:
        title = f"The first {count(explanation.rows.height)} of {count(sums.rows)}"
        yield rows_table(title, explanation.rows, grain, snapshot.timezone, snapshot.performance.currency)


def proof_line(explanation: Explanation) -> str:
    """That the rows make the number; empty for quotients, and where it is undefined or not known.

    Raises:
        AnalyticsError: they make another one.
    """
    metric, currency = explanation.question.metric, explanation.snapshot.performance.currency
    made = [figure(number, metric, currency) for number in explanation.prove().values()]
    both = f" in total and {made[1]} unique" if len(made) > 1 else ""
    return f"These rows make {made[0]}{both}: the same." if made else ""


def rows_note(explanation: Explanation) -> str:
    """How the rows make the number, and which would count if all did, in a sentence or two."""
    sentences = [_how_made(explanation)]
    for why, rows in explanation.left_out.items():
        more = rows_text(rows, explanation.behind.grain).replace(" ", " more ", 1)
        do_not = "does not count" if rows == 1 else "do not count"
        match why:
            case LeftOut.OUTSIDE_PERIOD:
                sentences.append(f"{more} outside the period {do_not}.")
            case LeftOut.NOT_MATURED:
                sentences.append(f"{more} that {'has' if rows == 1 else 'have'} not matured {do_not}.")
    return " ".join(sentences)


def _how_made(explanation: Explanation) -> str:
    behind, metric = explanation.behind, explanation.question.metric
    if metric.name == "matured_share":
        return "The number is the share of these rows that have matured."
    if behind.measure is None:
        if behind.grain is Grain.FIRST_ROW:
            return "Each user counts by their first assigned row, unless it is in the global control group."
        if behind.grain is Grain.COMPARED_EVENT and len(behind.arms) > 1:
            return "These are the events of both arms; a row has converted when at least one belongs to it."
        side = "denominator's" if behind.grain is Grain.AUDIENCE_ROW else "numerator's"
        return f"These are the {side} rows."
    if explanation.countings == (Counting.TOTAL, Counting.UNIQUE):
        note = "Total counts the rows, unique their distinct users."
    else:
        version = explanation.snapshot.analytics_version
        note = MEASURES[behind.measure_in(Counting.TOTAL, version) or behind.measure]
    unaccounted = explanation.snapshot.reconciliation.unaccounted
    if metric.name == "users_in_segment" and unaccounted:
        return f"{note} The total also includes {count_of(unaccounted, 'unaccounted user')} without a row."
    return note


def _near_misses(misses: NearMisses, grain: Grain, snapshot: Snapshot, width: int | None) -> Iterator[str]:
    fates = [(count(events), fate_sentence(fate)) for fate, events in misses.events.items()]
    lines = [wrap(sentence, width, lead=f"{events:>9}  ") for events, sentence in fates or [(UNDEFINED, _NO_MISSES)]]
    notes = [wrap(note, width) for note in misses_notes(misses)]
    yield "\n".join([_MISSES, *lines, *notes, ""])
    yield from (fit_text(table, width) for table in _first_misses(misses, grain, snapshot))


def misses_tables(misses: NearMisses, grain: Grain, snapshot: Snapshot) -> Iterator[Table]:
    """What became of the events that almost counted, and the first of them."""
    rows = tuple(Row((fate_sentence(fate), count(events))) for fate, events in misses.events.items())
    nothing = () if rows else (_NO_MISSES,)
    yield Table(_MISSES, columns("What became of them", "Events"), rows, " ".join((*nothing, *misses_notes(misses))))
    yield from _first_misses(misses, grain, snapshot)


def misses_notes(misses: NearMisses) -> list[str]:
    """What is not among them."""
    left_out = [omission_text(misses.users_left_out)] if misses.users_left_out else []
    return [duplicates_text(misses.duplicate_events), *left_out]


def _first_misses(misses: NearMisses, grain: Grain, snapshot: Snapshot) -> Iterator[Table]:
    if misses.rows.height:
        title = f"The first {count(misses.rows.height)} of them"
        yield events_table(title, misses.rows, grain, snapshot.timezone)
