"""Writes docs/lifecycle.md from the lifecycle: ``python -m analytics_core.campaigns.documentation``.

Every cell is asked of the same function that decides about an action, so the page cannot say anything else.
"""

import sys
from collections.abc import Iterable, Iterator

from analytics_core.campaigns.lifecycle import LOCKED_ALWAYS, Action, Effect, Role, judge, list_locked_fields
from analytics_core.campaigns.status import MOVES, SENDING_HOURS
from analytics_core.domain.words import DeliveryType, Status

UNDEFINED = "\N{EN DASH}"
_INTRODUCTION = f"""\
# The life of a campaign

What may be done with a campaign, by its delivery type, its status and who asks; and what time does to it. Written from
`src/analytics_core/campaigns/` by `make docs`: change the tables there, not this page.

Actions change the campaign book of this workspace only: nothing is sent to the vendor. Who acts is who says so (`--as`,
else `JUPYTERHUB_USER`, else the login name): it is declared, not proven.

An approval is of a definition: of its name, type, trigger, audience, schedule, request, goals and window, whatever way
they are written down. Whatever changes one of them afterwards, an edit, an import or taking an import back, ends the
approval and brings the campaign back to Under Review, until its sending time. A decision that an import brings counts
where it was made at or after the change (`decided_at`).

## What time does

A status that is stated holds until the schedule contradicts it; the page then says both. Reports and numbers look at
the schedule as of their instant, actions by the clock. A campaign that is sent once, and of which neither an end nor
the time of its last request is known, is taken to be sent {SENDING_HOURS} hours after its start.

| type | status | becomes | when |
|---|---|---|---|
"""
_LEGEND = f"""\
## What actions do

One table per delivery type: a row per action, a column per status. A cell is what becomes of the status: `=` it stays;
the name of another one; `start` Scheduled, Sending or Active, by its schedule; `review` Under Review, or `start` where
nobody must approve; `{UNDEFINED}` the action cannot be taken. `*`: only by one of the approvers. The last column
is of campaigns of which no status is stated.
"""
_CELLS = {Effect.NONE: "=", Effect.REVIEW: "review", Effect.START: "start"}


def lifecycle_markdown() -> str:
    """The whole page, ending in a line break; the same text for the same tables."""
    tables = (f"\n### {_words(kind)}\n\n{_table(kind)}" for kind in DeliveryType)
    return "".join((_INTRODUCTION, *_moves(), "\n", _LEGEND, *tables, *_locked()))


def _moves() -> Iterator[str]:
    for move in MOVES:
        types = _join(_words(kind) for kind in DeliveryType if kind in move.types)
        before = _join(_words(status) for status in Status if status in move.before)
        yield f"| {types} | {before} | {_words(move.after)} | {move.moment.value} |\n"


def _table(kind: DeliveryType) -> str:
    heading = f"| action | {' | '.join(_words(status) for status in Status)} | none stated |"
    rule = f"|{'---|' * (len(Status) + 2)}"
    rows = (
        f"| {action.value} | {' | '.join(_cell(kind, status, action) for status in (*Status, None))} |"
        for action in Action
    )
    return "\n".join((heading, rule, *rows, ""))


def _cell(kind: DeliveryType, status: Status | None, action: Action) -> str:
    anybody, approver = (judge(kind, status, action, role).effect for role in (Role.OTHER, Role.APPROVER))
    if approver is None:
        return UNDEFINED
    return f"{_CELLS.get(approver, approver.value)}{'' if anybody else ' *'}"


def _locked() -> Iterator[str]:
    yield f"\n## What an edit can change\n\nNever: {_names(LOCKED_ALWAYS)}.\n"
    yield "\nNor, by status:\n\n| status | not |\n|---|---|\n"
    for status in (*Status, None):
        if judge(DeliveryType.PERIODIC, status, Action.EDIT, Role.APPROVER).effect is not None:
            names = _names(list_locked_fields(status)[len(LOCKED_ALWAYS) :])
            yield f"| {_words(status) if status else 'none stated'} | {names} |\n"


def _names(fields: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in fields)


def _words(word: str) -> str:
    return word.replace("_", " ").title()


def _join(words: Iterable[str]) -> str:
    return ", ".join(words)


if __name__ == "__main__":
    sys.stdout.write(lifecycle_markdown())
