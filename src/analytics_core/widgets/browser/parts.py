"""The Python side of the scripts: the guard of the keyboard, and the combobox that offers campaigns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import anywidget
from traitlets import Dict, Int, List, Unicode

Message = Mapping[str, Any]
"""What a script sends: its `kind`, and what belongs to that."""


def read_script(name: str) -> str:
    """The text of a script beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a combobox: what it stands for, and two texts that are never markup."""

    id: str
    name: str
    detail: str


class Guard(anywidget.AnyWidget):  # type: ignore[misc]
    """Keeps the notebook's shortcuts away from the controls around it, and hears which number is asked about.

    `drawn` counts what was drawn. A number that stood on the page before is not asked about in what stands there now:
    what a person pressed while another campaign was computed is heard only after it.

    Args:
        asked: called with the metric's name, the place of the goal among the campaign's as text, and the part of the
            campaign by its name; empty for none.
    """

    _esm = read_script("guard.js")
    drawn = Int(0).tag(sync=True)

    def __init__(self, asked: Callable[[str, str, str], None]) -> None:
        super().__init__()
        self.layout.display = "none"

        def hear(_self: object, said: Message, _buffers: object) -> None:
            if said.get("drawn") == self.drawn:
                asked(*(str(said.get(name, "")) for name in ("metric", "goal", "part")))

        self.on_msg(hear)


class Combobox(anywidget.AnyWidget):  # type: ignore[misc]
    """Offers lines to pick one of; which are offered for a query is decided by whoever hears of it.

    Args:
        label: what is picked.
        placeholder: what can be searched for.
        picked: called with the id of the line a person picked.
        searched: called with the text a person typed.
        cleared: called when a person wants to see all again.
    """

    _esm = read_script("combobox.js")
    label = Unicode().tag(sync=True)
    placeholder = Unicode().tag(sync=True)
    options = List(Dict()).tag(sync=True)
    value = Unicode(None, allow_none=True).tag(sync=True)
    shown = Unicode().tag(sync=True)
    query = Unicode().tag(sync=True)

    def __init__(
        self,
        label: str,
        placeholder: str,
        *,
        picked: Callable[[str], None],
        searched: Callable[[str], None],
        cleared: Callable[[], None],
    ) -> None:
        super().__init__(label=label, placeholder=placeholder)

        def hear(_self: object, said: Message, _buffers: object) -> None:
            match said.get("kind"):
                case "pick":
                    try:
                        picked(str(said.get("id", "")))
                    finally:
                        self.send({"kind": "picked"})
                case "search":
                    searched(str(said.get("query", "")))
                case _:
                    cleared()

        self.on_msg(hear)

    def show(self, options: Sequence[Option], value: str | None, shown: str, query: str) -> None:
        """Offer `options`; `value` is the one picked, called `shown` whether it is offered or not."""
        offered = [asdict(option) for option in options]
        with self.hold_sync():
            if self.options != offered:
                self.options = offered
            self.value, self.shown, self.query = value, shown, query
