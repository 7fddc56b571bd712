"""The buttons beside a campaign's details: what can be done now is enabled, what cannot says why."""

from collections.abc import Callable

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.campaigns.lifecycle import Action
from analytics_core.domain.words import require_every
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.request.shown import shown_staff
from analytics_core.widgets.state import Chosen

_PAGE = Markup(
    '<div class="ca"><details class="ca-pop"><summary>Why not?</summary><div class="ca-pop-box"><p>{}</p>{}</div>'
    "</details></div>"
)
_TOOLTIPS = require_every(
    Action,
    {
        Action.REFRESH: "Read the workspace anew",
        Action.EDIT: "Change the definition; what changes is shown before it is written",
        Action.DUPLICATE: "Make a Draft like this campaign, and edit it",
        Action.SUBMIT: "Submit it, for review where somebody must approve",
        Action.WITHDRAW: "Take it back from review",
        Action.APPROVE: "Approve the definition as it is",
        Action.REJECT: "Refuse the definition as it is",
        Action.STOP: "Stop it in the campaign book; nothing is sent to the vendor",
        Action.PAUSE: "Pause it in the campaign book; nothing is sent to the vendor",
        Action.RESUME: "Resume it in the campaign book; nothing is sent to the vendor",
    },
)


class ActionButtons:
    """One button per action, and a list of why the others cannot be taken, which a keyboard can open.

    Args:
        pressed: called with the action of the button that was pressed.
    """

    def __init__(self, pressed: Callable[[Action], None]) -> None:
        self._buttons = {action: widgets.Button(description=action.value.title()) for action in Action}
        for action, button in self._buttons.items():
            button.add_class("ca-button").add_class("ca-action")
            button.on_click(lambda _, action=action: pressed(action))
        self._why = widgets.HTML().add_class("ca-pane").add_class("ca-why-not")
        self.box = widgets.HBox([*self._buttons.values(), self._why]).add_class("ca-actions")

    def show(self, chosen: Chosen, by: str) -> None:
        """Enable what `by` can do with the campaign now."""
        for action, button in self._buttons.items():
            reason = chosen.refusals.get(action)
            button.disabled = reason is not None
            button.tooltip = reason or _TOOLTIPS[action]
        self._why.value = refusals_html(chosen, by)


def refusals_html(chosen: Chosen, by: str) -> Markup:
    """Who acts, as they say, and by action why it cannot be taken now."""
    refused = [(action.value.title(), reason) for action, reason in chosen.refusals.items() if reason]
    lines = Markup().join(Markup("<dt>{}</dt><dd dir='auto'>{}</dd>").format(*line) for line in refused)
    who = f"You act as {shown_staff(by)}: as declared, not proven." if by else "Nothing says who you are."
    if chosen.status_now and chosen.status_now is not chosen.campaign.status:
        who += f" By the clock the campaign is {STATUSES[chosen.status_now][1]}."
    listed = Markup("<dl class='ca-facts-list'>{}</dl>").format(lines)
    return _PAGE.format(who, listed)
