"""Notes on what the data shows where numbers are 0 or odd, for the page, the terminal and the report alike."""

from collections.abc import Iterable, Iterator, Mapping

from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.words import require_every
from analytics_core.explaining.likeness import Difference
from analytics_core.explaining.oddities import EventsNamed, GoalOddities, Oddities, OddRows, OddValues
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.campaign.notes import notes
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.views.forms.pieces import Note, NoteTone
from analytics_core.views.forms.texts import cut
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import is_sensitive_name
from analytics_core.views.request.shown import shown_name
from analytics_core.views.summary.unsent import was_never_sent

_LONGEST = 80
_MOST = 3
"""Of what is listed in a sentence, so many."""
_HALF = 2

_ID_FORMS: Mapping[Difference, str] = require_every(
    Difference,
    {
        Difference.DECIMALS: "end in '.0'",
        Difference.EXPONENT: "are numbers with an exponent",
        Difference.QUOTES: "stand in quotes or brackets",
        Difference.INVISIBLE: "contain an invisible character",
        Difference.UNICODE: "are written in another Unicode form",
        Difference.BLANKS: "begin or end with a blank",
        Difference.ZEROS: "begin with a zero",
        Difference.ACCENTS: "contain an accent",
        Difference.SIGNS: "contain other signs",
        Difference.CASE: "differ in upper and lower case",
    },
)
_HARD_TO_SEE: Mapping[Difference, str] = {
    Difference.BLANKS: "other blanks",
    Difference.INVISIBLE: "an invisible character",
    Difference.UNICODE: "another Unicode form",
}


def oddity_notes(
    oddities: Oddities | None, snapshot: Snapshot, campaign: Campaign, goals: Iterable[Goal] | None = None
) -> Iterator[Note]:
    """What explains numbers that are 0 or odd, as warnings; nothing where nothing was looked for, or nothing was sent.

    Args:
        oddities: what was found.
        snapshot: the numbers.
        campaign: whose they are.
        goals: of which goals it is said; None: of all.
    """
    if oddities is None or was_never_sent(snapshot):
        return
    results = {result.goal_id: result for result in snapshot.goals}
    for goal in campaign.goals if goals is None else goals:
        found, name = oddities.of_goal(goal.goal_id), cut(shown_name(goal.name), _LONGEST)
        sentences = (
            *(("Event name", text) for text in _describe_names(goal, found)),
            *(("Ids", text) for text in _describe_strangers(found, results[goal.goal_id], snapshot)),
            *(("Revenue" if odd.earns else "Values", _describe_values(odd, found.events)) for odd in found.values),
        )
        yield from (Note(label, f"{name}: {text}.", NoteTone.WARNING, goal.goal_id) for label, text in sentences)
    if oddities.nobody:
        who = _list_rows(oddities.nobody, "audience row", "of the user id '{}'")
        yield Note("Ids", f"{who}, which stands for no id: whoever has it counts as one user.", NoteTone.WARNING)
    if oddities.times:
        when = _list_rows(oddities.times, "delivery row", "dated {}")
        yield Note("Times", f"{when}: systems write such a time where they have none.", NoteTone.WARNING)


def list_notes(oddities: Oddities | None, snapshot: Snapshot, campaign: Campaign) -> tuple[Note, ...]:
    """All data notes of a campaign, those about what its rows look like first."""
    return (*oddity_notes(oddities, snapshot, campaign), *notes(snapshot, campaign))


def _describe_names(goal: Goal, found: GoalOddities) -> Iterator[str]:
    """Events that are not called quite as the goal's."""
    others = [
        f"{count(other.events)} {_are(other.events)} called {_quote_like(other, goal.event_name)}"
        for other in found.alike[:_MOST]
    ]
    if not found.events:
        yield "; ".join([f"no event is called {_quote(goal.event_name)}", *([" and ".join(others)] if others else [])])
    elif others:
        own = f"{count_of(found.events, 'event')} {_are(found.events)} called {_quote(goal.event_name)}"
        yield f"{own}; {' and '.join(others)}, which does not count here"


def _describe_strangers(found: GoalOddities, result: GoalResult, snapshot: Snapshot) -> Iterator[str]:
    """Events of users without a delivery, where nothing else counts or their ids are like ids that have some."""
    strangers = found.strangers
    explain_zero = not result.conversion_events and strangers.events * _HALF >= found.events > 0
    if not snapshot.performance.sent.total or not strangers.events or not (explain_zero or strangers.alike):
        return
    share = f"{count(strangers.events)} of {count(found.events)} events of this name"
    text = f"{share} {_are(strangers.events)} of users without any delivery"
    if strangers.alike and strangers.unlikeness:
        of_them = "all" if strangers.alike == strangers.events else count(strangers.alike)
        where = "" if strangers.unlikeness.in_first else "in deliveries "
        form = f"such as ids that {where}{_ID_FORMS[strangers.unlikeness.what]}"
        text += f", {of_them} of them by ids that are like ids with deliveries, {form}"
    yield text


def _describe_values(values: OddValues, events: int) -> str:
    """Values that are no numbers, with an example that is masked like whatever else data says."""
    secret = values.example is None or is_sensitive_name(values.attribute)
    example = MASK if secret else cut(shown_name(values.example or ""), _LONGEST)
    has, adds = ("has", "adds") if values.events == 1 else ("have", "add")
    what = (
        f"{count(values.events)} of {count(events)} events of this name {has} an attribute {_quote(values.attribute)}"
    )
    why = f"and {adds} no revenue" if values.earns else "though a filter compares it with a number"
    return f"{what} whose value is not a number, such as '{example}', {why}"


def _list_rows(found: tuple[OddRows, ...], rows: str, which: str) -> str:
    parts = []
    for each in found[:_MOST]:
        numbers = [count_of(each.deliveries, rows)] if each.deliveries else []
        numbers += [f"{count_of(each.events, 'event')} of its goals' names"] if each.events else []
        total = each.deliveries + each.events
        parts.append(f"{' and '.join(numbers)} {_are(total)} {which.format(cut(each.what, _LONGEST))}")
    return "; ".join(parts)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _quote(name: str) -> str:
    return f"'{cut(shown_name(name), _LONGEST)}'"


def _quote_like(other: EventsNamed, wanted: str) -> str:
    """A name that is like the one that is wanted; how they differ is said where nobody would see it."""
    shown, hint = _quote(other.name), _HARD_TO_SEE.get(other.unlikeness.what)
    return f"{shown} ({hint})" if hint and shown == _quote(wanted) else shown
