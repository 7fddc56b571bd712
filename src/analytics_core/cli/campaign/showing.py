"""One campaign on the terminal: details, Info and actions, and the same as one JSON document."""

from collections.abc import Iterator
from datetime import datetime

from analytics_core.campaigns.actions import find_reason
from analytics_core.campaigns.differences import list_fields
from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import Action
from analytics_core.cli.streams import say, say_json, terminal_width
from analytics_core.domain.campaign import Campaign
from analytics_core.views.campaign.details import campaign_facts
from analytics_core.views.definition.changes import change_documents, changes_table, with_status
from analytics_core.views.definition.masked_fields import mask_field, mask_names
from analytics_core.views.forms.fitting import fit_text, sheet_text
from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.info.sheets import sheets_at
from analytics_core.views.request.preview import Field, content_preview
from analytics_core.views.request.shown import shown_name, shown_staff
from analytics_core.workspace import Workspace
from analytics_core.workspace.campaigns.actions import list_refusals
from analytics_core.workspace.campaigns.history import list_changes_since_approval
from analytics_core.workspace.campaigns.standing import Standing, find_standings


def show_campaign(workspace: Workspace, campaign_id: str, by: str, now: datetime) -> None:
    """Every sheet of a campaign at an instant, and which actions a user can take then."""
    standing = find_standings(workspace, now, [workspace.campaign(campaign_id).campaign_id])[campaign_id]
    timezone, width = workspace.app.timezone, terminal_width()
    instances = workspace.runs([campaign_id], now).get(campaign_id, ())
    say(f"{shown_name(standing.campaign.name)}\n")
    details = with_status(campaign_facts(standing.campaign, timezone), standing.current)
    hours = workspace.settings.window_hours_of(standing.campaign)
    sheets = [
        details,
        *sheets_at(standing.campaign, instances, timezone=timezone, as_of=now, window_hours=hours),
    ]
    for sheet in (*sheets, *_preview(standing)):
        say(sheet_text(sheet, width) if isinstance(sheet, FactSheet) else fit_text(sheet, width))
    changes = list_changes_since_approval(workspace, campaign_id)
    if changes:
        say(fit_text(changes_table(changes, "Changed since it was approved"), width))
    say(sheet_text(_actions(standing, by, now), width).rstrip("\n"))


def show_document(workspace: Workspace, campaign_id: str, by: str, now: datetime) -> None:
    """The same as one JSON document; everything secret in it is masked."""
    standing = find_standings(workspace, now, [workspace.campaign(campaign_id).campaign_id])[campaign_id]
    booked, current = workspace.booked(campaign_id), standing.current
    changes = list_changes_since_approval(workspace, campaign_id)
    refusals = list_refusals(workspace, campaign_id, by, now)
    document = {
        "campaign_id": campaign_id,
        "at": now.isoformat(),
        "status": current.status.value if current.status else None,
        "stated_status": current.stated.value if current.stated else None,
        "status_reason": current.reason,
        "definition": hash_definition(booked.campaign),
        "entry": list(booked.entry) if booked.entry else None,
        "waits_since": booked.waits_since.isoformat() if booked.waits_since else None,
        "changed_since_approval": None if changes is None else change_documents(changes),
        "actions": {action.value: {"allowed": why is None, "reason": why} for action, why in refusals.items()},
        "fields": _fields(booked.campaign),
    }
    say_json(document)


def _fields(campaign: Campaign) -> dict[str, object]:
    """Every field of a definition that says something, by its name as it may be shown."""
    fields = [*list_fields(campaign)]
    names = mask_names(field for field, _ in fields)
    return {names[field]: mask_field(field, value) for field, value in fields}


def _preview(standing: Standing) -> Iterator[FactSheet]:
    if standing.campaign.request is None:
        return
    preview = content_preview(standing.campaign.request)
    body = [preview.body] if preview.body is not None else []
    fields = [("URL", preview.url), *((field.name, field) for field in preview.headers), *(("Body", b) for b in body)]
    facts = [Fact("Method", preview.method)]
    facts += [Fact(label, field.value + _unfilled(field)) for label, field in fields]
    yield FactSheet("Content preview", tuple(facts), preview.reason)


def _unfilled(field: Field) -> str:
    """Why a field is shown as it was written, on a line below it; nothing where it is filled in."""
    if field.missing:
        lacking = ", ".join(f"{one.name} ({one.category_label})" for one in field.missing)
        return f"\n(the sample lacks {lacking}{' and perhaps more' if field.lacks_more else ''})"
    return f"\n(not filled in: {field.reason})" if field.reason else ""


def _actions(standing: Standing, by: str, now: datetime) -> FactSheet:
    facts = []
    for action in Action:
        reason = find_reason(standing.reviewed, action, by, now, standing.sends)
        facts.append(Fact(action.value.title(), "possible" if reason is None else f"no: {reason}"))
    note = f"For {shown_staff(by)}, as said and not proven. Actions change the campaign book only."
    return FactSheet("Actions", tuple(facts), note)
