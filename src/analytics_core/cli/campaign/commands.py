"""`campaign`: one campaign's details, its history, and the actions on it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import PAST_TENSE, Action
from analytics_core.cli.campaign.showing import show_campaign, show_document
from analytics_core.cli.commands import app
from analytics_core.cli.options import AsOfOption, JsonOption, KnownAtOption, WorkspaceOption, open_as_known
from analytics_core.cli.streams import say, say_json, terminal_width
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.time import instant_of
from analytics_core.store.book.booked import BookedCampaign
from analytics_core.store.book.entries import login_name
from analytics_core.views.definition.changes import change_documents, history_table
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.request.shown import shown_id, shown_staff
from analytics_core.workspace import open_workspace
from analytics_core.workspace.campaigns.actions import act_on_campaign
from analytics_core.workspace.campaigns.history import read_history

campaign = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="One campaign: details, history, and actions. They change the campaign book, and nothing at the vendor.",
)
app.add_typer(campaign, name="campaign")

CampaignArgument = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Campaign id.")]
ActingOption = Annotated[
    str | None, typer.Option("--as", metavar="USER", help="Who does it; default: JUPYTERHUB_USER, or the login name.")
]
CommentOption = Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="What to say to it.")]
SeenOption = Annotated[
    str | None, typer.Option("--definition", metavar="HASH", help="Only if the definition is still the one shown.")
]
_NOT_AT_THE_VENDOR = "This changes the campaign book only; nothing is sent to the vendor."
_OURS_ONLY = frozenset({Action.STOP, Action.PAUSE, Action.RESUME})
_LONGEST_USER = 256


def acting_user(named: str | None) -> str:
    """Who acts, as they say: `--as`, else JUPYTERHUB_USER, else the login name; nobody proves it.

    Raises:
        AnalyticsError: nothing says who.
    """
    found = (named if named is not None else os.environ.get("JUPYTERHUB_USER") or login_name()).strip()
    if not found or len(found) > _LONGEST_USER:
        raise AnalyticsError("say who acts: --as USER")
    return found


@campaign.command()
def show(
    campaign_id: CampaignArgument,
    workspace: WorkspaceOption = None,
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    acting: ActingOption = None,
    as_json_document: JsonOption = False,
) -> None:
    """Details, timeline, audience, trigger, schedule, goals, content; and what may be done with it."""
    opened = open_as_known(workspace, known_at)
    now = instant_of("--as-of", as_of) if as_of else opened.known_at or datetime.now(UTC)
    shown = show_document if as_json_document else show_campaign
    shown(opened, campaign_id, acting_user(acting), now)


@campaign.command()
def history(
    campaign_id: CampaignArgument,
    workspace: WorkspaceOption = None,
    *,
    known_at: KnownAtOption = None,
    as_json_document: JsonOption = False,
) -> None:
    """Who changed the campaign when, field by field."""
    opened = open_as_known(workspace, known_at)
    entries = read_history(opened, campaign_id)
    if not as_json_document:
        say(fit_text(history_table(entries, opened.app.timezone), terminal_width()))
        return
    for entry in entries:
        document = {
            "number": entry.number,
            "hash": entry.hash,
            "at": entry.at.isoformat() if entry.at else None,
            "by": shown_staff(entry.by) or None,
            "act": entry.act,
            "import": entry.import_number,
            "changes": change_documents(entry.changes),
            "replaced_edits": list(entry.replaced),
        }
        say_json(document)


def _act(  # noqa: PLR0913 - who does what to what, and what they say to it
    action: Action,
    campaign_id: str,
    directory: Any,  # noqa: ANN401 - as the option gives it
    acting: str | None,
    *,
    comment: str | None = None,
    definition: str | None = None,
    as_json_document: bool,
) -> None:
    opened = open_workspace(directory)
    by = acting_user(acting)
    done = act_on_campaign(opened, campaign_id, action, by, comment=comment, definition=definition)
    tell_done(action, done, as_json_document=as_json_document)


def tell_done(action: Action, done: BookedCampaign, *, as_json_document: bool) -> None:
    """What an action made of a campaign."""
    status = done.campaign.status
    if as_json_document:
        document = {
            "campaign_id": done.campaign.campaign_id,
            "action": action.value,
            "status": status.value if status else None,
            "definition": hash_definition(done.campaign),
            "entry": list(done.entry) if done.entry else None,
        }
        say_json(document)
        return
    word = STATUSES[status][1] if status else "without a status"
    say(f"{shown_id(done.campaign.campaign_id)} {PAST_TENSE[action]}: {word}")
    if action in _OURS_ONLY:
        say(_NOT_AT_THE_VENDOR)


def _decide(action: Action, help_text: str) -> None:
    """A command that takes an action and may say something to it."""

    def run(
        campaign_id: CampaignArgument,
        workspace: WorkspaceOption = None,
        *,
        acting: ActingOption = None,
        comment: CommentOption = None,
        definition: SeenOption = None,
        as_json_document: JsonOption = False,
    ) -> None:
        _act(
            action,
            campaign_id,
            workspace,
            acting,
            comment=comment,
            definition=definition,
            as_json_document=as_json_document,
        )

    campaign.command(action.value, help=help_text)(run)


def _move(action: Action, help_text: str) -> None:
    """A command that takes an action."""

    def run(
        campaign_id: CampaignArgument,
        workspace: WorkspaceOption = None,
        *,
        acting: ActingOption = None,
        as_json_document: JsonOption = False,
    ) -> None:
        _act(action, campaign_id, workspace, acting, as_json_document=as_json_document)

    campaign.command(action.value, help=help_text)(run)


_COMMANDS: tuple[tuple[Callable[[Action, str], None], Action, str], ...] = (
    (_move, Action.SUBMIT, "Submit a Draft, or a Rejected campaign again."),
    (_move, Action.WITHDRAW, "Take a campaign back from review; it becomes a Draft."),
    (_decide, Action.APPROVE, "Approve a campaign under review; only its approvers can, before it is sent."),
    (_decide, Action.REJECT, "Reject a campaign under review; only its approvers can, before it is sent."),
    (_move, Action.STOP, "Stop a campaign. Nothing is sent to the vendor."),
    (_move, Action.PAUSE, "Pause a periodic or event-triggered campaign. Nothing is sent to the vendor."),
    (_move, Action.RESUME, "Resume a paused campaign. Nothing is sent to the vendor."),
)
for make, taken, said in _COMMANDS:
    make(taken, said)
