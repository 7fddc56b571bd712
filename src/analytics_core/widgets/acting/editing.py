"""The edit of a campaign: a form, then what it would change, then the book."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from analytics_core.campaigns.differences import FieldChange, list_changes
from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.review import is_approved
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import Status
from analytics_core.views.definition.changes import changes_table
from analytics_core.views.page.pieces import table_html
from analytics_core.views.request.shown import shown_name
from analytics_core.widgets.acting.edit_fields import list_warnings, make_fields, read_edit
from analytics_core.widgets.browser.dialog import Choice, Dialog, Sheet, Values

if TYPE_CHECKING:
    from analytics_core.workspace import Workspace

_REVIEW = "review"
_WRITE = "write"
_BACK = "back"


@dataclass(frozen=True, slots=True)
class Edited:
    """A campaign that is edited: as it was seen, and in which status that was."""

    campaign: Campaign
    status: Status | None
    timezone: str


class EditDialog:
    """Leads from the form to what would change, and back or on.

    Args:
        dialog: where it is shown.
        written: called with what was edited once it is in the book.
    """

    def __init__(self, dialog: Dialog, written: Callable[[Campaign], None]) -> None:
        self._dialog = dialog
        self._written = written

    def open(self, workspace: "Workspace", edited: Edited, by: str, *, title: str = "") -> None:
        """Show the form of a campaign; `by` is who edits it, as they say."""
        from analytics_core.workspace.campaigns.actions import edit_campaign  # noqa: PLC0415 - it loads what reads tables

        heading = title or f"Edit {shown_name(edited.campaign.name)}"
        fields = make_fields(edited.campaign, edited.status, edited.timezone)
        choices = (Choice(_REVIEW, "Show changes", is_default=True, tone="main"), Choice("close", "Cancel"))
        form = Sheet(heading, fields=fields, choices=choices, is_wide=False)

        def review(_: str, values: Values) -> None:
            after = read_edit(edited.campaign, values, edited.timezone)
            changes = list_changes(edited.campaign, after)
            if not changes:
                raise AnalyticsError("Nothing differs from what is there.")
            filled = form.with_values(values)

            def decide(button: str, _: Values) -> None:
                if button == _BACK:
                    self._dialog.present(filled, review)
                    return
                seen = hash_definition(edited.campaign)
                edit_campaign(workspace, edited.campaign.campaign_id, by, lambda _: after, definition=seen)
                self._dialog.dismiss()
                self._written(after)

            self._dialog.present(_review_sheet(heading, edited.campaign, after, changes), decide)

        self._dialog.present(form, review)


def _review_sheet(heading: str, before: Campaign, after: Campaign, changes: Sequence[FieldChange]) -> Sheet:
    said = Markup().join(Markup('<p class="ca-note">{}</p>').format(sentence) for sentence in _warn(before, after))
    buttons = (Choice(_WRITE, "Write", is_default=True, tone="main"), Choice(_BACK, "Back"), Choice("close", "Cancel"))
    return Sheet(heading, table_html(changes_table(changes, "What would change")) + said, choices=buttons)


def _warn(before: Campaign, after: Campaign) -> Iterator[str]:
    """What a person should know before they write it."""
    if is_approved(before) and hash_definition(before) != hash_definition(after):
        yield "This ends the approval: the campaign goes back into review, unless it was sent already."
    if before.attribution_window_hours != after.attribution_window_hours:
        yield "Numbers are computed anew with this window."
    for problem in list_warnings(after):
        yield f"Look at {problem}."
    yield "This changes the campaign book only; nothing is sent to the vendor."
