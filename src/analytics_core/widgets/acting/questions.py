"""What is asked before an action: whether it is meant, where it cannot be taken back, and what to say to a decision."""

from markupsafe import Markup

from analytics_core.campaigns.lifecycle import Action
from analytics_core.domain.campaign import Campaign
from analytics_core.views.request.shown import shown_name
from analytics_core.widgets.browser.dialog import Choice, Field, Sheet

NOT_AT_THE_VENDOR = "This changes the campaign book only; nothing is sent to the vendor."
OURS_ONLY = frozenset({Action.STOP, Action.PAUSE, Action.RESUME})
"""Actions that somebody might take for orders to the vendor."""
_CONSEQUENCES = {
    Action.STOP: "A stopped campaign stays stopped; only a duplicate of it can be sent again.",
    Action.PAUSE: "It can be resumed.",
    Action.WITHDRAW: "It leaves the review and becomes a Draft; whoever submits it again waits for a new decision.",
    Action.APPROVE: "The approval is of the definition as it is now, and ends when that is changed.",
    Action.REJECT: "It has to be submitted again before anybody can approve it.",
}
_DANGEROUS = frozenset({Action.STOP, Action.WITHDRAW, Action.REJECT})
_DECISIONS = frozenset({Action.APPROVE, Action.REJECT})
_MOST_CHARACTERS = 1000


def ask_first(action: Action, campaign: Campaign) -> Sheet | None:
    """The question before an action; None where it is taken at once."""
    if action not in _CONSEQUENCES:
        return None
    said = [_CONSEQUENCES[action], *([NOT_AT_THE_VENDOR] if action in OURS_ONLY else [])]
    comment = Field("comment", "Comment", kind="area", note="Kept with the decision; may be left empty.")
    verb = action.value.title()
    return Sheet(
        f"{verb} {shown_name(campaign.name)}?",
        Markup().join(Markup("<p>{}</p>").format(sentence) for sentence in said),
        (comment,) if action in _DECISIONS else (),
        (
            Choice(action.value, verb, is_default=True, tone="danger" if action in _DANGEROUS else "main"),
            Choice("close", "Cancel"),
        ),
    )


def read_comment(text: str) -> str | None:
    """What somebody says to a decision, cut to what a page can show; None where they say nothing."""
    return text.strip()[:_MOST_CHARACTERS] or None
