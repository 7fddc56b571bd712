"""What pressing an action's button does. Actions change the campaign book, and nothing at the vendor."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import PAST_TENSE, Action
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import Status
from analytics_core.store.book.entries import login_name
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.request.shown import shown_name
from analytics_core.widgets.acting.buttons import ActionButtons
from analytics_core.widgets.acting.editing import EditDialog, Edited
from analytics_core.widgets.acting.questions import NOT_AT_THE_VENDOR, OURS_ONLY, ask_first, read_comment
from analytics_core.widgets.browser.dialog import Dialog, Values
from analytics_core.widgets.state import Chosen

if TYPE_CHECKING:
    from analytics_core.workspace import Workspace

Done = Callable[[str, str], None]
"""Called with the id of the campaign to show and a sentence of what was done."""


def find_user() -> str:
    """Who acts, as the system says and nobody proves: JUPYTERHUB_USER, else the login name; empty without either."""
    return (os.environ.get("JUPYTERHUB_USER") or login_name()).strip()


class Actions:
    """The actions on the campaign on the screen.

    Args:
        dialog: where questions and forms are shown.
        refresh: called when the person wants the workspace read anew.
        done: called when something was done.
        say: called with a sentence where something could not be done.
    """

    def __init__(self, dialog: Dialog, *, refresh: Callable[[], None], done: Done, say: Callable[[str], None]) -> None:
        self._dialog, self._refresh, self._done, self._say = dialog, refresh, done, say
        self._buttons = ActionButtons(self._press)
        self._shown: tuple[Workspace, Chosen, str] | None = None
        self._edit = EditDialog(dialog, lambda after: done(after.campaign_id, f"Edited {shown_name(after.name)}."))
        self.box = self._buttons.box

    def show(self, workspace: "Workspace", chosen: Chosen) -> None:
        """Offer what can be done with the campaign now."""
        by = find_user()
        self._shown = workspace, chosen, by
        self._buttons.show(chosen, by)

    def _press(self, action: Action) -> None:
        if self._shown is None:
            return
        workspace, chosen, by = self._shown
        campaign = workspace.campaign(chosen.snapshot.campaign_id)
        try:
            match action:
                case Action.REFRESH:
                    self._refresh()
                case Action.EDIT:
                    self._edit.open(workspace, Edited(campaign, chosen.status_now, workspace.app.timezone), by)
                case Action.DUPLICATE:
                    self._duplicate(workspace, campaign, by)
                case _:
                    self._ask(action, campaign)
        except AnalyticsError as error:
            self._say(str(error))

    def _duplicate(self, workspace: "Workspace", campaign: Campaign, by: str) -> None:
        from analytics_core.workspace.campaigns.actions import duplicate_campaign  # noqa: PLC0415 - it loads what reads tables

        copy = duplicate_campaign(workspace, campaign.campaign_id, by).campaign
        self._done(copy.campaign_id, f"Duplicated; this is {shown_name(copy.name)}, a Draft.")
        edited = Edited(copy, Status.DRAFT, workspace.app.timezone)
        self._edit.open(workspace, edited, by, title=f"Edit the copy of {shown_name(campaign.name)}")

    def _ask(self, action: Action, campaign: Campaign) -> None:
        """Take an action, after a question where there is one."""
        question = ask_first(action, campaign)
        if question is None:
            self._take(action, campaign, None)
            return

        def answer(_: str, values: Values) -> None:
            self._take(action, campaign, read_comment(values.get("comment", "")))
            self._dialog.dismiss()

        self._dialog.present(question, answer)

    def _take(self, action: Action, campaign: Campaign, comment: str | None) -> None:
        from analytics_core.workspace.campaigns.actions import act_on_campaign  # noqa: PLC0415 - as above

        if self._shown is None:
            return
        workspace, chosen, by = self._shown
        seen = chosen.definition or hash_definition(campaign)
        done = act_on_campaign(workspace, campaign.campaign_id, action, by, comment=comment, definition=seen).campaign
        word = STATUSES[done.status][1] if done.status else "without a status"
        ours = f" {NOT_AT_THE_VENDOR}" if action in OURS_ONLY else ""
        self._done(done.campaign_id, f"{PAST_TENSE[action].capitalize()}: it is {word}.{ours}")
