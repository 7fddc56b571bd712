"""A dialog as a frozen value, and the widget that shows it and hears what a person answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import anywidget
from markupsafe import Markup
from traitlets import Dict

from analytics_core.domain.errors import AnalyticsError
from analytics_core.widgets.browser.parts import Message, read_script

_NOTHING = Markup()

Values = Mapping[str, str]
"""What stands in a dialog's fields, by name; a ticked box says `yes`, another nothing."""

Answer = Callable[[str, Values], None]
"""Called with the button a person pressed, and the values."""


class WrongFieldsError(AnalyticsError):
    """Fields of a dialog hold what cannot be; `fields` says why by name, the text what belongs to no single one."""

    def __init__(self, fields: Mapping[str, str], text: str = "") -> None:
        super().__init__(text or "; ".join(f"{name}: {why}" for name, why in fields.items()))
        self.fields = fields
        self.text = text


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dialog.

    Attributes:
        name: by which its value is handed back.
        label: what it is called.
        value: what stands in it.
        kind: a type of HTML's input, or `area` or `select`.
        options: value and text of each line of a `select`.
        note: a sentence about what may stand in it.
        error: why what stands in it cannot be.
        locked: why it cannot be changed; empty where it can.
    """

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    note: str = ""
    error: str = ""
    locked: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: its name and label; Enter presses the default one. A `danger` cannot be undone."""

    name: str
    label: str
    is_default: bool = False
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a dialog shows.

    Attributes:
        title: its heading, as text.
        html: above the fields, and `after` below the buttons; escaped at the source.
        fields: to fill in.
        choices: its buttons.
        error: why the last answer was refused.
        told: what came of the last answer.
        is_wide: whether there is much to read.
    """

    title: str
    html: Markup = _NOTHING
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    error: str = ""
    told: str = ""
    after: Markup = _NOTHING
    is_wide: bool = False

    def with_values(self, values: Values) -> "Sheet":
        """The same with what a person has filled in, and without what was said before."""
        fields = (replace(field, value=values.get(field.name, field.value), error="") for field in self.fields)
        return replace(self, fields=tuple(fields), error="", told="")

    def refusing(self, error: AnalyticsError) -> "Sheet":
        """The same with why it cannot be, each reason at its field where it has one."""
        if not isinstance(error, WrongFieldsError):
            return replace(self, error=str(error))
        fields = (replace(field, error=error.fields.get(field.name, "")) for field in self.fields)
        return replace(self, fields=tuple(fields), error=error.text)

    def as_trait(self) -> dict[str, Any]:
        """As the script takes it."""
        return {
            "title": self.title,
            "html": str(self.html),
            "after": str(self.after),
            "error": self.error,
            "told": self.told,
            "isWide": self.is_wide,
            "fields": [
                {name: getattr(field, name) for name in ("name", "label", "value", "kind", "note", "error", "locked")}
                | {"options": [list(option) for option in field.options]}
                for field in self.fields
            ],
            "choices": [
                {"name": one.name, "label": one.label, "isDefault": one.is_default, "tone": one.tone}
                for one in self.choices
            ],
        }


CLOSED = Sheet("")


class Dialog(anywidget.AnyWidget):  # type: ignore[misc]
    """Shows one sheet at a time. What an answer refuses is said on the sheet, whose values stay."""

    _esm = read_script("dialog.js")
    sheet = Dict(CLOSED.as_trait()).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.shown = CLOSED
        self._answer: Answer | None = None
        self.on_msg(self._hear)

    def present(self, sheet: Sheet, answer: Answer | None = None) -> None:
        """Show a sheet; `answer` hears of its buttons, but for `close`."""
        self._answer = answer
        self._draw(sheet)

    def dismiss(self) -> None:
        """Take the sheet away, and with it everything it said."""
        self.present(CLOSED)

    def download(self, name: str, text: str) -> None:
        """Hand a file to the person; nothing of it is kept."""
        self.send({"kind": "download", "name": name, "text": text, "type": "text/csv"})

    def copy(self, text: str) -> None:
        """Put a text where it can be pasted from."""
        self.send({"kind": "copy", "text": text})

    def tell(self, text: str) -> None:
        """Say what came of an answer, on the sheet."""
        self._draw(replace(self.shown, told=text, error=""))

    def _hear(self, _self: object, said: Message, _buffers: object) -> None:
        if said.get("kind") == "close" or said.get("button") == "close":
            self.dismiss()
            return
        if self._answer is None:
            return
        values = {str(name): str(value) for name, value in said.get("values", {}).items()}
        filled = self.shown.with_values(values)
        self.shown = filled
        try:
            self._answer(str(said.get("button", "")), values)
        except AnalyticsError as refused:
            self._draw(filled.refusing(refused))

    def _draw(self, sheet: Sheet) -> None:
        self.shown = sheet
        self.sheet = sheet.as_trait()
