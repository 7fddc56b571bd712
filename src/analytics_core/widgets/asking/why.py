"""*Why this number?*: a panel that takes a number apart, down to its rows and to a single user."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.widgets.background import Background
from analytics_core.widgets.browser.dialog import Choice, Dialog, Field, Sheet, Values
from analytics_core.widgets.state import Chosen

if TYPE_CHECKING:
    from collections.abc import Callable

    from analytics_core.explaining.explanation import Explanation
    from analytics_core.snapshot.parts import Part
    from analytics_core.workspace import Workspace

_TITLE = "Why this number?"
_FIRST_ROWS = 10
_MOST_ROWS = 200_000
_USER = Field("user", "Why is a user counted, or not? User id", note="Shown here only; nothing of it is kept.")
_LOOKING = Sheet(_TITLE, Markup("<p>Looking at the rows\N{HORIZONTAL ELLIPSIS}</p>"), is_wide=True)
_CHOICES = (
    Choice("user", "Explain this user", is_default=True, tone="main"),
    Choice("copy", "Copy as a sentence"),
    Choice("csv", "CSV of all rows"),
    Choice("back", "The number again"),
    Choice("close", "Close"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A number that is asked about: whose, by which rules, of which goal (None for the primary one), of which part.

    `part` is None for the whole campaign.
    """

    workspace: "Workspace"
    settings: Settings
    campaign_id: str
    metric: str
    goal_id: str | None
    part: "Part | None" = None


class WhyDialog:
    """Explains numbers and users; the page stays usable while the rows are looked at.

    Args:
        dialog: where it is shown.
    """

    def __init__(self, dialog: Dialog) -> None:
        self._dialog = dialog
        self._background = Background()

    def open(self, asked: Asked, chosen: Chosen) -> None:
        """Explain a number of the campaign on the screen."""
        found: list[Explanation] = []
        self._dialog.present(_LOOKING)

        def work() -> None:
            found.append(explain(asked, chosen))

        def fail(sentence: str) -> None:
            self._dialog.present(Sheet(_TITLE, choices=(Choice("close", "Close"),), error=sentence))

        self._background.run(work, lambda: self._show(asked, found[0]), fail)

    def _show(self, asked: Asked, explanation: "Explanation") -> None:
        from analytics_core.views.page.explained import explanation_html  # noqa: PLC0415 - it loads what reads tables

        if not self._dialog.shown.title:
            return  # closed meanwhile
        # A user's way through the rules is that through the whole campaign.
        fields, left_out = ((_USER,), ()) if asked.part is None else ((), ("user",))
        page, choices = explanation_html(explanation), _without(_CHOICES, "back", *left_out)
        sheet = Sheet(_TITLE, page.said, fields, choices, after=page.rows, is_wide=True)
        answers: dict[str, Callable[[Values], None]] = {
            "user": lambda values: self._show_user(asked, explanation, values.get("user", "").strip()),
            "copy": lambda _: self._copy(explanation),
            "csv": lambda _: self._download(asked, explanation),
            "back": lambda _: self._show(asked, explanation),
        }
        self._dialog.present(sheet, lambda button, values: answers[button](values))

    def _show_user(self, asked: Asked, explanation: "Explanation", user_id: str) -> None:
        from analytics_core.views.page.explained import user_html  # noqa: PLC0415 - as above

        if not user_id:
            raise AnalyticsError("Write the id of a user first.")
        user = asked.workspace.explain_user(
            asked.campaign_id, asked.metric, user_id, goal_id=asked.goal_id, settings=asked.settings
        )
        page, choices = user_html(user), _without(_CHOICES, "copy", "csv")
        sheet = Sheet(_TITLE, page.said, (replace(_USER, value=user_id),), choices, after=page.rows, is_wide=True)

        def answer(button: str, values: Values) -> None:
            if button == "back":
                self._show(asked, explanation)
            else:
                self._show_user(asked, explanation, values.get("user", "").strip())

        self._dialog.present(sheet, answer)

    def _copy(self, explanation: "Explanation") -> None:
        from analytics_core.views.page.explained import number_sentence  # noqa: PLC0415 - as above

        sentence = number_sentence(explanation)
        self._dialog.copy(sentence)
        self._dialog.tell(f"Copied: {sentence}")

    def _download(self, asked: Asked, explanation: "Explanation") -> None:
        from analytics_core.views.explaining.row_tables import csv_ready  # noqa: PLC0415 - as above

        rows = explanation.sums.rows
        if rows > _MOST_ROWS:
            command = f"connector-analytics explain {asked.campaign_id} {asked.metric} --csv FILE"
            raise AnalyticsError(f"{count(rows)} rows are too many for a browser; use {command}")
        everything = asked.workspace.explain(
            asked.campaign_id, asked.metric, goal_id=asked.goal_id, part=asked.part, settings=asked.settings, rows=None
        )
        text = csv_ready(everything.rows).write_csv(line_terminator="\r\n")
        self._dialog.download(f"{asked.metric}.csv", text)
        self._dialog.tell(f"{count_of(rows, 'row')}, with user ids: keep the file to yourself.")


def explain(asked: Asked, chosen: Chosen) -> "Explanation":
    """A number down to its first rows; its campaign has the status that holds, which says how sure an uplift is."""
    found = asked.workspace.explain(
        asked.campaign_id,
        asked.metric,
        goal_id=asked.goal_id,
        part=asked.part,
        settings=asked.settings,
        rows=_FIRST_ROWS,
    )
    campaign = found.question.campaign.model_copy(update={"status": chosen.campaign.status})
    return replace(found, question=replace(found.question, campaign=campaign))


def find_goal_id(chosen: Chosen, place: str) -> str | None:
    """The id of the goal at a place among the campaign's; None for no place of one."""
    goals = chosen.snapshot.goals
    return goals[int(place)].goal_id if place.isdecimal() and int(place) < len(goals) else None


def _without(choices: tuple[Choice, ...], *names: str) -> tuple[Choice, ...]:
    return tuple(choice for choice in choices if choice.name not in names)
