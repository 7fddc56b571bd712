"""`campaign edit` and `campaign duplicate`: by a patch, by single fields, or in one's own editor."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from analytics_core.campaigns.differences import list_changes
from analytics_core.campaigns.editing import apply_patch, read_definition_document, read_fields
from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import Action
from analytics_core.campaigns.validation import find_problems
from analytics_core.cli.campaign.commands import (
    ActingOption,
    CampaignArgument,
    SeenOption,
    acting_user,
    campaign,
    tell_done,
)
from analytics_core.cli.options import JsonOption, WorkspaceOption
from analytics_core.cli.streams import complain, say, say_json, tell, terminal_width
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.store.book.booked import BookedCampaign
from analytics_core.views.definition.changes import changes_table
from analytics_core.views.definition.editable import mask_document, unmask_document
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.request.shown import shown_id, shown_name
from analytics_core.workspace import Workspace, open_workspace
from analytics_core.workspace.campaigns.actions import duplicate_campaign, edit_campaign

PatchOption = Annotated[
    str | None, typer.Option("--patch", metavar="JSON", help="A JSON merge patch; @FILE reads it from there, - here.")
]
FieldOption = Annotated[
    list[str] | None, typer.Option("--field", metavar="NAME=VALUE", help="A field to set, such as schedule.detail=...")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Write what the editor left without asking.")]


@campaign.command()
def edit(  # noqa: PLR0913 - one argument per option
    campaign_id: CampaignArgument,
    workspace: WorkspaceOption = None,
    *,
    acting: ActingOption = None,
    patch: PatchOption = None,
    field: FieldOption = None,
    definition: SeenOption = None,
    yes: YesOption = False,
    as_json_document: JsonOption = False,
) -> None:
    """Change a definition: --patch, --field, or your editor."""
    opened, by = open_workspace(workspace), acting_user(acting)
    before = opened.campaign(campaign_id)
    if patch is None and not field:
        _edit_by_hand(opened, before, by, asks=not yes, as_json_document=as_json_document)
        return
    wanted = _read_patch(patch) if patch is not None else {}
    fields = read_fields(field or [], opened.app.timezone)

    def make(current: Campaign) -> Campaign:
        return apply_patch(apply_patch(current, wanted), fields)

    done = edit_campaign(opened, campaign_id, by, make, definition=definition)
    _tell_edit(before, done, as_json_document=as_json_document)


@campaign.command()
def duplicate(
    campaign_id: CampaignArgument,
    workspace: WorkspaceOption = None,
    *,
    acting: ActingOption = None,
    opens_editor: Annotated[
        bool, typer.Option("--edit/--no-edit", help="Open the copy in your editor, on a terminal.")
    ] = True,
    as_json_document: JsonOption = False,
) -> None:
    """Make a Draft like a campaign, and open it in your editor."""
    opened, by = open_workspace(workspace), acting_user(acting)
    made = duplicate_campaign(opened, campaign_id, by).campaign
    if as_json_document:
        say_json({"campaign_id": made.campaign_id, "action": "duplicate", "status": "draft"})
        return
    say(f"{shown_id(made.campaign_id)}: {shown_name(made.name)}, a Draft")
    if opens_editor and _editor() and sys.stdin.isatty() and sys.stdout.isatty():
        _edit_by_hand(opened, made, by, asks=True, as_json_document=False)
    else:
        say(f"edit it with: connector-analytics campaign edit {shlex.quote(made.campaign_id)}")


def _read_patch(text: str) -> dict[str, Any]:
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8-sig")
        found = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise AnalyticsError(f"--patch: cannot read it: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise AnalyticsError(f"--patch: is not JSON: {getattr(error, 'msg', 'nested too deeply')}") from None
    if not isinstance(found, dict):
        raise AnalyticsError("--patch: must be a JSON object of the fields to change")
    return found


def _tell_edit(before: Campaign, done: BookedCampaign, *, as_json_document: bool) -> None:
    for problem in find_problems(done.campaign):
        tell(f"warning: {problem}")
    changes = [change for change in list_changes(before, done.campaign) if not change.field.startswith("updated_")]
    if not as_json_document:
        say(fit_text(changes_table(changes), terminal_width()).rstrip("\n"))
    tell_done(Action.EDIT, done, as_json_document=as_json_document)


def _editor() -> list[str]:
    return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")


def _edit_by_hand(opened: Workspace, before: Campaign, by: str, *, asks: bool, as_json_document: bool) -> None:
    """Open the definition in the user's editor until what is left of it can be written, or they give up."""
    document = before.model_dump(mode="json")
    text = json.dumps(mask_document(document), ensure_ascii=False, indent=2) + "\n"
    while True:
        text = _run_editor(text)
        try:
            after = read_definition_document(unmask_document(_as_object(text), document))
            _write_if_wanted(opened, before, after, by, asks=asks, as_json_document=as_json_document)
        except AnalyticsError as error:
            if not (asks and sys.stdin.isatty()):
                raise
            complain(str(error))
            if not typer.confirm("Edit again?", err=True):
                raise
        else:
            return


def _write_if_wanted(
    opened: Workspace, before: Campaign, after: Campaign, by: str, *, asks: bool, as_json_document: bool
) -> None:
    """Show what would change, and write it where the user wants that."""
    changes = list_changes(before, after)
    tell(fit_text(changes_table(changes), terminal_width()).rstrip("\n"))
    if not changes or (asks and not typer.confirm("Write these changes?", err=True)):
        say("nothing was written")
        return
    done = edit_campaign(opened, before.campaign_id, by, lambda _: after, definition=hash_definition(before))
    tell_done(Action.EDIT, done, as_json_document=as_json_document)


def _as_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise AnalyticsError(f"the definition is not JSON{place}; nothing was written") from None
    if not isinstance(found, dict):
        raise AnalyticsError("the definition must be a JSON object; nothing was written")
    return found


def _run_editor(text: str) -> str:
    """What the user's editor makes of a text, which no other user can read meanwhile."""
    command = _editor()
    if not command:
        raise AnalyticsError("no editor: set EDITOR, or use --field NAME=VALUE or --patch JSON")
    with tempfile.TemporaryDirectory(prefix="connector-analytics-") as private:
        file = Path(private) / "campaign.json"
        file.write_text(text, encoding="utf-8")
        try:
            code = subprocess.run([*command, str(file)], check=False).returncode  # noqa: S603 - the user's own editor
            left = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise AnalyticsError(f"cannot use the editor {command[0]!r}: {error}; nothing was written") from None
    if code:
        raise AnalyticsError(f"the editor ended with {code}; nothing was written")
    return left
