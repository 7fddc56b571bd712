"""What the terminal shows: the same views as everywhere, as text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analytics_core.campaigns.status import CurrentStatus
from analytics_core.cli.streams import say, tell, terminal_width
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs
from analytics_core.explaining.explanation import Explanation
from analytics_core.explaining.oddities import Oddities
from analytics_core.metrics.metric import Group
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.breakdown.instances import has_instances, instances_table
from analytics_core.views.breakdown.trend_tables import time_to_convert_table, trend_overview
from analytics_core.views.campaign.cards import cards
from analytics_core.views.campaign.certainty import certainty_of
from analytics_core.views.campaign.funnel import funnel_table
from analytics_core.views.campaign.incremental import revenue_sentence
from analytics_core.views.campaign.notes import known_at_note, latest_row_note
from analytics_core.views.campaign.reported import vendor_tables
from analytics_core.views.campaign.tables import errors_table, goals_table, personalization_table, portfolio_table
from analytics_core.views.campaign.uplift_tables import uplift_details, uplift_table
from analytics_core.views.explaining.oddities import list_notes, oddity_notes
from analytics_core.views.forms.fitting import fit_text, sheet_text
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.views.forms.pieces import Note
from analytics_core.views.forms.table import Row, Table, columns, table_text
from analytics_core.views.forms.texts import cut, one_line, wrap
from analytics_core.views.request.shown import shown_campaign, shown_id, shown_name, shown_snapshot
from analytics_core.views.summary.result import pick_plain, pick_warnings, result_sentences
from analytics_core.views.summary.unsent import unsent_sheet, was_never_sent
from analytics_core.workspace import ImportSummary, Workspace
from analytics_core.workspace.campaigns.standing import Standing, stand_as_of
from analytics_core.workspace.oddities import find_oddities

if TYPE_CHECKING:
    from analytics_core.sources.finding.unread import UnreadFile

_MOST_FILES, _MOST_NAMED = 50, 10_000
"""Names of files that are shown, and that a document has."""
_MOST_REASONS = 5
_MOST_CAMPAIGNS, _LONGEST_ID = 5, 40
_MOST_INSTANCES, _MOST_BUCKETS = 20, 31
"""Of more the table sums up the others, or has longer buckets; `--json` has them."""


def show_summary(summary: ImportSummary) -> None:
    """Counts per table, and the columns that were not read."""
    rows = (
        Row((table, *map(count, (found.read, found.accepted, found.duplicates, found.rejected))))
        for table, found in summary.tables.items()
    )
    heading = columns("Table", "Read", "Accepted", "Duplicates", "Rejected")
    say(table_text(Table("Imported", heading, tuple(rows))).rstrip("\n"))
    _say_reasons(summary.reasons)
    for table, found in summary.tables.items():
        if found.differing:
            say(f"{table}: {count(found.differing)} of the duplicates say something else than the row that is kept")
    for table, names in summary.unknown_columns.items():
        say(f"{table}: ignored unknown columns {', '.join(repr(shown_name(name)) for name in names)}")
    for what, times in summary.left_out.items():
        say(f"left out: {what}: {times:,}")
    if summary.empty_files:
        say(f"nothing in {', '.join(map(repr, map(one_line, summary.empty_files[:_MOST_FILES])))}")
    show_unread(summary.not_read, summary.files_read)
    if summary.gaps:
        gaps = ", ".join(gap.replace("_", " ") for gap in summary.gaps)
        say(f"This export does not record {gaps}; those figures are shown as unknown, not 0.")
    for campaign_id, names in summary.replaced_edits.items():
        say(f"{shown_id(campaign_id)}: replaced what was edited here: {', '.join(map(shown_name, names))}")
    tell_import_anew(summary.import_anew)


def _say_reasons(reasons_of: Mapping[str, Mapping[str, int]]) -> None:
    """Why rows of each table were rejected, the most frequent reasons first."""
    for table, reasons in reasons_of.items():
        for reason, times in [*reasons.items()][:_MOST_REASONS]:
            say(f"{table}: {count(times)} rejected: {reason}")
        if len(reasons) > _MOST_REASONS:
            say(f"{table}: rejected for {count(len(reasons) - _MOST_REASONS)} more reasons; --json has them")


def show_unread(not_read: Sequence["UnreadFile"], read: int) -> None:
    """The files that were not read, beside so many that were; of very many, how many more there are."""
    if not_read:
        say(f"not read: {len(not_read):,} of {count_of(read + len(not_read), 'file')}")
    for file in not_read[:_MOST_FILES]:
        say(f"  {one_line(file.name)}{': ' if file.reason else ''}{file.reason}")
    if len(not_read) > _MOST_FILES:
        say(f"  and {len(not_read) - _MOST_FILES:,} more; --json names them")


def unread_document(not_read: Sequence["UnreadFile"], read: int) -> dict[str, Any]:
    """The same for a JSON document."""
    return {
        "files_read": read,
        "not_read": [{"name": file.name, "reason": file.reason} for file in not_read[:_MOST_NAMED]],
        "not_read_more": max(len(not_read) - _MOST_NAMED, 0),
    }


def tell_import_anew(names: Sequence[str]) -> None:
    """Name the files that had some of the rows too, which went with them."""
    if names:
        tell(f"import anew, because they had some of the same rows: {', '.join(dict.fromkeys(names))}")


def tell_refused(refused: Mapping[str, str | None], misnamed: Mapping[str, str]) -> None:
    """Name the files of which no row could be taken in, and the importer, or the name, by which they would be."""
    for name, importer in refused.items():
        hint = f"; they look like rows of `import {importer}`" if importer else ""
        if name in misnamed:
            hint = f"; they look like rows of {misnamed[name]}, and would be read by that name"
        tell(f"{name}: every row was rejected{hint}")


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
        "differing": {table: counts.differing for table, counts in summary.tables.items() if counts.differing},
        "left_out": dict(summary.left_out),
        "gaps": list(summary.gaps),
        "import_anew": list(summary.import_anew),
        "replaced_edits": {campaign_id: list(names) for campaign_id, names in summary.replaced_edits.items()},
        "reasons": {table: dict(reasons) for table, reasons in summary.reasons.items()},
        "refused": dict(summary.refused),
        "misnamed": dict(summary.misnamed),
        **unread_document(summary.not_read, summary.files_read),
        "empty_files": list(summary.empty_files),
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


def show_latest_row(workspace: Workspace, settings: Settings) -> None:
    """The same above numbers, each note with a line below it."""
    for line in latest_row_lines(workspace, settings):
        _show_sentence(line)
        say("")


def show_campaigns(workspace: Workspace, snapshots: Sequence[Snapshot], campaigns: Mapping[str, Campaign]) -> None:
    """One line per campaign; a sentence where there are some, and none of them was asked for."""
    if campaigns and not snapshots:
        _show_sentence(f"No campaign matches; the workspace has {count_of(len(campaigns), 'campaign')}.")
        return
    _show_table(portfolio_table(snapshots, campaigns))
    _name_odd_campaigns(workspace, snapshots)


def _show_table(table: Table) -> None:
    say(fit_text(table, terminal_width()))


def _show_sentence(text: str) -> None:
    say(wrap(text, terminal_width()))


def campaign_document(standing: Standing, snapshot: Snapshot) -> dict[str, Any]:
    """One campaign's line as a JSON document."""
    campaign, stated = standing.campaign, standing.current.stated
    performance = as_json(snapshot)["performance"]
    arm = snapshot.primary_goal.uplift.compared
    certainty = certainty_of(snapshot, campaign, arm) if arm else None
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "delivery_type": campaign.delivery_type.value,
        "status": campaign.status.value if campaign.status else None,
        "stated_status": stated.value if stated else None,
        "sent": performance["sent"]["total"],
        "conversion_rate": performance["conversion_rate"],
        "revenue": performance["revenue"],
        "currency": performance["currency"],
        "uplift": performance["uplift"],
        "uplift_interval": certainty and certainty.interval,
        "uplift_verdict": certainty and certainty.verdict,
    }


def show_snapshots(workspace: Workspace, snapshots: Sequence[Snapshot], settings: Settings) -> None:
    """The pages of campaigns as text tables, below what is to be said of all."""
    show_known_at(workspace)
    show_latest_row(workspace, settings)
    oddities = find_oddities(workspace, snapshots, settings)
    standings = stand_as_of(workspace, snapshots)
    for snapshot in snapshots:
        standing = standings[snapshot.campaign_id]
        show_snapshot(standing.campaign, snapshot, oddities[snapshot.campaign_id], standing.current)


def show_snapshot(
    campaign: Campaign, snapshot: Snapshot, oddities: Oddities | None = None, current: CurrentStatus | None = None
) -> None:
    """The campaign's page as text tables; of one that was never sent its status and the reason, and no zeros."""
    campaign, snapshot = shown_campaign(campaign), shown_snapshot(snapshot)
    _show_sentence(f"{campaign.name} ({shown_id(campaign.campaign_id)})")
    if was_never_sent(snapshot):
        say(sheet_text(unsent_sheet(campaign, current, snapshot), terminal_width()))
        return
    said = list_notes(oddities, snapshot, campaign)
    for sentence in result_sentences(snapshot, campaign):
        _show_sentence(sentence)
    _show_notes(pick_warnings(said))
    say("")
    for table in _tables(campaign, snapshot):
        _show_table(table)
    _show_notes(pick_plain(said))
    say("")


def _show_notes(shown: Iterable[Note]) -> None:
    for note in shown:
        _show_sentence(f"{note.label}: {note.text}")


def show_oddities(workspace: Workspace, explanation: Explanation, settings: Settings) -> None:
    """Why the explained number may be 0 or odd, below a line; nothing where there is nothing to say."""
    question, snapshot = explanation.question, explanation.snapshot
    oddities = find_oddities(workspace, [snapshot], settings)[snapshot.campaign_id]
    goals = [question.goal] if question.about_goal else []
    found = [
        note
        for note in oddity_notes(oddities, snapshot, question.campaign, goals)
        if note.label != "Revenue" or question.metric.group is Group.REVENUE
    ]
    if found:
        say("")
    for note in found:
        _show_sentence(f"{note.label}: {note.text}")


def _name_odd_campaigns(workspace: Workspace, snapshots: Sequence[Snapshot]) -> None:
    """Name the campaigns of whose numbers the data shows that they are 0 or odd for a reason."""
    oddities = find_oddities(workspace, snapshots)
    campaigns = {campaign.campaign_id: campaign for campaign in workspace.campaigns()}
    odd = [
        each.campaign_id
        for each in snapshots
        if any(oddity_notes(oddities[each.campaign_id], each, campaigns[each.campaign_id]))
    ]
    if odd:
        names = name_some([shown_id(each) for each in odd], _LONGEST_ID)
        _show_sentence(f"The data shows why numbers are 0 or odd; `connector-analytics metrics` says it of {names}.")


def name_some(names: Sequence[str], longest: int) -> str:
    """The first of some names, each cut to a length, and how many more there are."""
    shown = ", ".join(cut(each, longest) for each in names[:_MOST_CAMPAIGNS])
    return f"{shown} and {len(names) - _MOST_CAMPAIGNS:,} more" if len(names) > _MOST_CAMPAIGNS else shown


def _tables(campaign: Campaign, snapshot: Snapshot) -> Iterator[Table]:
    total = cards(snapshot, campaign, counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)
    unique = cards(snapshot, campaign, counting=Counting.UNIQUE, shown_as=ShownAs.NUMBER)
    rows = tuple(Row((card.label, card.value, other.value)) for card, other in zip(total, unique, strict=True))
    goal, arm = snapshot.primary_goal, snapshot.primary_goal.uplift.compared
    added = revenue_sentence(snapshot, campaign, goal, arm) if arm else None
    yield Table(title="Performance", columns=columns("Metric", "Total", "Unique"), rows=rows, note=added)
    if snapshot.analytics_version is AnalyticsVersion.CURRENT:
        if len(snapshot.goals) > 1:
            yield goals_table(snapshot, campaign)
        details = uplift_details(snapshot, campaign)
        if len(details) > 1:
            yield uplift_table(snapshot, campaign)
        yield from details
        yield funnel_table(snapshot, delivery_type=campaign.delivery_type)
    yield errors_table(snapshot)
    if any(count.total for count in snapshot.personalization_errors):
        yield personalization_table(snapshot)
    trend = trend_overview(snapshot, _MOST_BUCKETS)
    if len(trend.rows) > 1 + 1:  # a single bucket is the campaign
        yield trend
    if any(goal.time_to_convert for goal in snapshot.goals):
        yield time_to_convert_table(snapshot)
    if has_instances(snapshot):
        yield instances_table(snapshot, most=_MOST_INSTANCES)
    yield from vendor_tables(snapshot)
