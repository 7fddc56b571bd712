"""What the terminal shows: the same views as everywhere, as text."""

from typing import Any

from analytics_core.cli.streams import say
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs
from analytics_core.metrics.snapshot import Snapshot
from analytics_core.metrics.snapshot_json import as_json
from analytics_core.views.cards import Card, cards
from analytics_core.views.notes import known_at_note, latest_row_note
from analytics_core.views.reported import reported_tables
from analytics_core.views.table import Align, Column, Row, Table
from analytics_core.views.tables import (
    errors_table,
    funnel_table,
    goals_table,
    notes,
    personalization_table,
    portfolio_table,
    table_text,
)
from analytics_core.workspace import ImportSummary, Workspace


def show_summary(summary: ImportSummary) -> None:
    """Counts per table, and the columns that were not read."""
    say(f"{'table':<12}{'read':>12}{'accepted':>12}{'duplicates':>12}{'rejected':>12}")
    for table, counts in summary.tables.items():
        figures = (counts.read, counts.accepted, counts.duplicates, counts.rejected)
        say(f"{table:<12}" + "".join(f"{figure:>12,}" for figure in figures))
    for table, names in summary.unknown_columns.items():
        say(f"{table}: ignored unknown columns {', '.join(map(repr, names))}")
    for what, times in summary.left_out.items():
        say(f"left out: {what}: {times:,}")
    if summary.gaps:
        say(f"not in such exports, so unknown and not 0: {', '.join(gap.replace('_', ' ') for gap in summary.gaps)}")


def summary_document(summary: ImportSummary) -> dict[str, Any]:
    """The same as one JSON document."""
    tables = {
        table: {
            "read": counts.read,
            "accepted": counts.accepted,
            "duplicates": counts.duplicates,
            "rejected": counts.rejected,
        }
        for table, counts in summary.tables.items()
    }
    unknown = {table: list(names) for table, names in summary.unknown_columns.items()}
    return {
        "tables": tables,
        "unknown_columns": unknown,
        "left_out": dict(summary.left_out),
        "gaps": list(summary.gaps),
    }


def show_known_at(workspace: Workspace) -> None:
    """Of which time's knowledge the numbers that follow are; nothing where of today's."""
    if workspace.known_at:
        note = known_at_note(workspace.known_at, workspace.app.timezone)
        say(f"{note.label}: {note.text}\n")


def latest_row_lines(workspace: Workspace, settings: Settings) -> list[str]:
    """What is to be said of a row far after all others; nothing where there is none, or numbers look from elsewhere."""
    found = latest_row_note(workspace.latest_row(), settings, workspace.app.timezone)
    return [f"{note.label}: {note.text}" for note in found]


def show_campaigns(workspace: Workspace) -> None:
    """One line a campaign."""
    say(table_text(portfolio_table(workspace.snapshots(), workspace.campaigns())))


def campaign_document(campaign: Campaign, snapshot: Snapshot) -> dict[str, Any]:
    """One campaign's line as a JSON document."""
    performance = as_json(snapshot)["performance"]
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "delivery_type": campaign.delivery_type.value,
        "status": campaign.status.value if campaign.status else None,
        "sent": performance["sent"]["total"],
        "conversion_rate": performance["conversion_rate"],
        "revenue": performance["revenue"],
        "currency": performance["currency"],
    }


def show_snapshot(campaign: Campaign, snapshot: Snapshot) -> None:
    """The campaign's page as text tables."""
    say(f"{campaign.name} ({campaign.campaign_id})")
    say(table_text(_cards_table(snapshot)))
    if snapshot.analytics_version is AnalyticsVersion.CURRENT:
        if len(snapshot.goals) > 1:
            say(table_text(goals_table(snapshot)))
        say(table_text(funnel_table(snapshot, delivery_type=campaign.delivery_type)))
    say(table_text(errors_table(snapshot)))
    if any(count.total for count in snapshot.personalization_errors):
        say(table_text(personalization_table(snapshot)))
    for table in reported_tables(snapshot):
        say(table_text(table))
    for note in notes(snapshot):
        say(f"{note.label}: {note.text}")
    say("")


def _cards_table(snapshot: Snapshot) -> Table:
    total = cards(snapshot, counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)
    unique = cards(snapshot, counting=Counting.UNIQUE, shown_as=ShownAs.NUMBER)
    columns = (Column("metric", Align.LEFT), Column("total", Align.RIGHT), Column("unique", Align.RIGHT))
    rows = tuple(_card_row(card, other) for card, other in zip(total, unique, strict=True))
    return Table(title="Performance", columns=columns, rows=rows, note=None)


def _card_row(total: Card, unique: Card) -> Row:
    badge = f" ({total.badge.text})" if total.badge else ""
    return Row((total.label + badge, total.value, unique.value))
