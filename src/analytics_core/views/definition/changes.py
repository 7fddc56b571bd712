"""What changed in a definition, who changed it when, and where its campaign stands; everything secret is masked."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analytics_core.campaigns.differences import FieldChange, HistoryEntry
from analytics_core.campaigns.status import CurrentStatus
from analytics_core.domain.time import zone_named
from analytics_core.views.definition.masked_fields import mask_field
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.forms.numbers import UNDEFINED
from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.forms.table import Column, Row, RowKind, Table
from analytics_core.views.forms.texts import cut, one_line
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.shown import shown_name, shown_staff

_LONGEST = 200
_ACTS = {
    "carried": "Was there before the history",
    "import": "Imported",
    "undo": "Import taken back",
    "edit": "Edited",
    "duplicate": "Duplicated",
    "submit": "Submitted",
    "withdraw": "Withdrawn",
    "approve": "Approved",
    "reject": "Rejected",
    "stop": "Stopped",
    "pause": "Paused",
    "resume": "Resumed",
}


def changes_table(changes: Sequence[FieldChange], title: str = "Changes") -> Table:
    """One row per field that differs: what it said, and what it says."""
    rows = tuple(Row((shown_name(change.field), *_texts(change))) for change in changes)
    note = None if rows else "Nothing differs."
    return Table(title, (Column("Field"), Column("Before"), Column("After")), rows, note)


def history_table(entries: Sequence[HistoryEntry], timezone: str) -> Table:
    """One row per entry and changed field, first to last; entries that changed nothing else have a row of their own."""
    rows: list[Row] = []
    for entry in entries:
        who = shown_staff(entry.by) if entry.by else UNDEFINED
        when = f"{entry.at.astimezone(zone_named(timezone)):%Y-%m-%d %H:%M}" if entry.at else UNDEFINED
        head = (str(entry.number), when, who, act_text(entry))
        if entry.is_first:
            rows.append(Row((*head, "", "", "")))
            continue
        first, *rest = [(shown_name(change.field), *_texts(change)) for change in _news(entry)] or [("", "", "")]
        rows.append(Row((*head, *first)))
        rows += [Row(("", "", "", "", *cells), RowKind.DETAIL) for cells in rest]
    labels = ("No.", "When", "Who", "What", "Field", "Before", "After")
    note = f"Who is as they said; nobody proved it. Times are in {timezone}."
    columns = tuple(Column(label, whole=label in {"When", "Field"}) for label in labels)
    return Table("History", columns, tuple(rows), note, ("Before", "Who", "After"))


def _news(entry: HistoryEntry) -> list[FieldChange]:
    """What an entry changed, but for who changed it when, which stands beside it."""
    said = frozenset() if entry.import_number is not None else frozenset({"updated_at", "updated_by"})
    return [change for change in entry.changes if change.field not in said]


def act_text(entry: HistoryEntry) -> str:
    """What an entry did, in words."""
    by = f" (import {entry.import_number})" if entry.import_number is not None else ""
    replaced = f"; replaces what was edited here: {', '.join(entry.replaced)}" if entry.replaced else ""
    return f"{_ACTS[entry.act]}{by}{replaced}"


def change_documents(changes: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """The same as JSON; where a secret changed, both values read as masks."""
    return [
        {
            "field": shown_name(change.field),
            "before": mask_field(change.field, change.before),
            "after": mask_field(change.field, change.after),
        }
        for change in changes
    ]


def _texts(change: FieldChange) -> tuple[str, str]:
    before, after = (_text(change.field, value) for value in (change.before, change.after))
    # A secret that was changed reads the same before and after.
    return (before, f"{after} (another one)") if before == after else (before, after)


def _text(field: str, value: object) -> str:
    if value is None:
        return UNDEFINED
    masked = mask_field(field, value)
    text = masked if isinstance(masked, str) else json.dumps(masked, ensure_ascii=False)
    return MASK if text == MASK else cut(one_line(text), _LONGEST)


def with_status(sheet: FactSheet, current: CurrentStatus | None) -> FactSheet:
    """The campaign's details, in which the status also says what is stated; as they are where nobody looked."""
    if current is None:
        return sheet
    said = status_fact(current)
    return replace(sheet, facts=tuple(said if fact.label == said.label else fact for fact in sheet.facts))


def status_fact(current: CurrentStatus) -> Fact:
    """The status, with the one that is stated where the schedule contradicts it."""
    if current.status is None:
        return Fact("Status", UNDEFINED)
    text = " ".join(STATUSES[current.status])
    if current.reason is None or current.stated is None:
        return Fact("Status", text)
    return Fact("Status", f"{text} (stated as {STATUSES[current.stated][1]}, but {current.reason})")
