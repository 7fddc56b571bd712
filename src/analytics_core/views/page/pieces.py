"""The pieces of a page as HTML: cards, tables, facts, notes, charts. Templates escape every text at its source."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Generic, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Counting, ShownAs
from analytics_core.metrics.metric import Group
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import Card, cards, pick_pinned
from analytics_core.views.campaign.incremental import incremental_sentences
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.campaign.uplift_tables import UPLIFT_TITLE, uplift_details, uplift_table
from analytics_core.views.forms.csv_text import csv_name, csv_uri
from analytics_core.views.forms.pieces import Chart, FactSheet, Note
from analytics_core.views.forms.table import Align, Table
from analytics_core.views.forms.texts import printable, unbroken
from analytics_core.views.info.sheets import info_sheets
from analytics_core.views.request.preview import Preview, content_preview
from analytics_core.views.request.shown import shown_id
from analytics_core.views.summary.caveats import add_caveats

_MOST_NARROW_COLUMNS, _MOST_NARROW_TEXTS = 4, 1
_LONGEST_NARROW_CELL = 14

_PLAIN_FIGURE = re.compile(r"[$<>]?[\d.,]+%?")
"""A figure that needs no direction of its own."""

_RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_FROM_RIGHT = re.compile(f"{_RIGHT}(?:[^\\x00-\\x1f!-@A-~]*{_RIGHT})?")
"""Letters of scripts that run from right to left, and what stands between them but ASCII other than blanks."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Variant(Generic[T]):
    """`item` shown while all of `classes` (separated by spaces) are switched on; always where there are none."""

    classes: str
    item: T


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card with its figure and second line in the states that are drawn."""

    card: Card
    values: tuple[Variant[str], ...]
    seconds: tuple[Variant[str], ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a page holds: its name, and an address that is all of it."""

    name: str
    uri: str


@cache
def environment() -> Environment:
    """The templates: autoescape is on, and texts lose what no document may hold."""
    made = Environment(
        loader=PackageLoader("analytics_core.views.page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["unbroken"] = _write_unbroken
    made.filters["is_plain"] = lambda text: _PLAIN_FIGURE.fullmatch(text) is not None
    return made


def _write_unbroken(text: str) -> Markup:
    """A sentence of ours: figures stay together, and a name from right to left turns nothing that stands beside it.

    What keeps a figure together would be taken for a hidden sign of the data's, so it is put in last.
    """
    return Markup(_FROM_RIGHT.sub(r"<bdi>\g<0></bdi>", str(escape(unbroken(printable(text))))))  # noqa: S704 - escaped


def variants(draw: Callable[[Counting, ShownAs], T]) -> tuple[Variant[T], ...]:
    """What `draw` makes in each of the four states; a switch that changes nothing is not mentioned."""
    items = {(counting, shown_as): draw(counting, shown_as) for counting in Counting for shown_as in ShownAs}
    same_countings = all(items[Counting.UNIQUE, shown] == items[Counting.TOTAL, shown] for shown in ShownAs)
    same_shown = all(items[counting, ShownAs.NUMBER] == items[counting, ShownAs.PERCENTAGE] for counting in Counting)
    found: dict[str, T] = {}
    for (counting, shown_as), item in items.items():
        classes = ("" if same_countings else f"when-{counting} ") + ("" if same_shown else f"when-{shown_as}")
        found.setdefault(classes.strip(), item)
    return tuple(Variant(classes, item) for classes, item in found.items())


def draw(piece: str, *values: object, **named: object) -> Markup:
    """One piece of `pieces.html.j2`, escaped."""
    macro: Callable[..., Markup] = getattr(_pieces(), piece)
    return macro(*values, **named)


@cache
def _pieces() -> object:
    return environment().get_template("pieces.html.j2").module


@cache
def stylesheet() -> str:
    """The style of everything here; each rule is bound to ``.ca``, so it touches nothing else on a page."""
    return files("analytics_core.views").joinpath("style.css").read_text(encoding="utf-8")


def style_html() -> Markup:
    """The stylesheet in a style element, for a page's head or a notebook's first output."""
    return draw("style", Markup(stylesheet()))  # noqa: S704 - our own file, without a less-than sign


def cards_html(
    shown: Sequence[Card], *, pins: Iterable[str] = (), hide_unpinned: bool = False, asks: bool = False
) -> Markup:
    """Cards of one switch state, grouped; the pinned ones stand first, alone where the others are hidden.

    Where it `asks`, each has a button that asks why its number is what it is, for a page that answers.
    """
    return _cards_html(
        [ShownCard(card, (Variant("", card.value),), (Variant("", card.second),)) for card in shown],
        pins,
        hide_unpinned=hide_unpinned,
        asks=asks,
    )


def varying_cards_html(
    snapshot: Snapshot, campaign: Campaign, *, pins: Iterable[str] = (), noted: Sequence[Note] = ()
) -> Markup:
    """Cards of every switch state, for a page whose switches work by style alone; they lead to warnings in `noted`."""
    states = {
        (counting, shown_as): cards(snapshot, campaign, counting=counting, shown_as=shown_as)
        for counting in Counting
        for shown_as in ShownAs
    }
    first = add_caveats(states[Counting.UNIQUE, ShownAs.NUMBER], noted, snapshot)
    return _cards_html([_vary(states, place, card) for place, card in enumerate(first)], pins)


def _cards_html(
    shown: Sequence[ShownCard], pins: Iterable[str], *, hide_unpinned: bool = False, asks: bool = False
) -> Markup:
    by_name = {one.card.metric: one for one in shown}
    first = [by_name[card.metric] for card in pick_pinned([one.card for one in shown], pins)]
    groups = [(group.value, [one for one in shown if one.card.group is group]) for group in Group]
    return draw("cards", first, [(title, some) for title, some in groups if some], hide_unpinned, asks)


def _vary(states: Mapping[tuple[Counting, ShownAs], Sequence[Card]], place: int, card: Card) -> ShownCard:
    def state(counting: Counting, shown_as: ShownAs) -> Card:
        return states[counting, shown_as][place]

    return ShownCard(card, variants(lambda *at: state(*at).value), variants(lambda *at: state(*at).second))


def switches_html(*, with_pins: bool = True) -> Markup:
    """The switches of a page without scripts: radio buttons, to be on the page once."""
    return draw("switches", with_pins)


def table_html(table: Table, *, title_shown: bool = True, csv: str = "", asks: bool = False) -> Markup:
    """A table.

    Args:
        table: what to show.
        title_shown: where it is not, the title is still the caption for a screen reader.
        csv: whose table it is, for the name of the CSV file that it holds; empty: it holds none.
        asks: whether figures that can be explained are buttons, for a page that answers.
    """
    # A telephone shows each row as a list where there are too many columns, or texts beside the first.
    longest = max((len(cell) for row in table.rows for cell in row.cells[1:]), default=0)
    texts = sum(column.align is Align.LEFT for column in table.columns[1:])
    many = len(table.columns) > _MOST_NARROW_COLUMNS or texts > _MOST_NARROW_TEXTS
    lists = table.stacks and (many or longest > _LONGEST_NARROW_CELL)
    link = None
    if csv and table.rows:
        link = Download(csv_name(shown_id(csv), table.title), csv_uri(table))
    return draw("table", table, lists, title_shown, link, asks, table.droppable[: table.spare])


def facts_html(sheet: FactSheet, *, title_shown: bool = True) -> Markup:
    """A sheet of facts as a description list."""
    return draw("facts", sheet, title_shown)


def notes_html(shown: Iterable[Note], *, after: Iterable[Note] = ()) -> Markup:
    """Data notes as a description list, warnings marked by a sign and a word.

    Args:
        shown: the notes; the first of each kind is what a card leads to.
        after: notes that stand before them on the same page.
    """
    shown, taken = tuple(shown), {note.label for note in after}
    places = {note.label: place for place, note in reversed([*enumerate(shown)]) if note.label not in taken}
    return draw("notes", shown, set(places.values()))


def info_pieces(
    campaign: Campaign, snapshot: Snapshot, instances: Sequence[InstanceTimes], *, csv: str = ""
) -> list[Markup]:
    """The sheets of the Info page in their order, and the content preview of a campaign that has a request."""
    sheets = info_sheets(campaign, snapshot, instances)
    pieces = [table_html(sheet, csv=csv) if isinstance(sheet, Table) else facts_html(sheet) for sheet in sheets]
    return pieces + ([preview_html(content_preview(campaign.request))] if campaign.request else [])


def preview_html(preview: Preview) -> Markup:
    """The content preview."""
    return draw("preview", preview)


def chart_html(chart: Chart, *, asks: bool = False) -> Markup:
    """A chart as an inert image with its numbers as alternative text.

    Args:
        chart: what to show.
        asks: whether its bars are buttons, for a page that answers.
    """
    return draw("chart", chart, asks)


def uplift_html(
    snapshot: Snapshot, campaign: Campaign, *, title_shown: bool = True, csv: str = "", asks: bool = False
) -> Markup:
    """Everything about a campaign's uplift; nothing where there is no control group.

    A single comparison is shown in full; of several each opens on request. `title_shown`, `csv` and `asks` are those of
    its tables.
    """
    details = uplift_details(snapshot, campaign)
    if not details:
        return Markup()
    table = table_html(uplift_table(snapshot, campaign), title_shown=False, csv=csv, asks=asks)
    opened = [(full.title, table_html(full, title_shown=False, csv=csv, asks=asks)) for full in details]
    goal, arm = snapshot.primary_goal, snapshot.primary_goal.uplift.compared
    sentences = incremental_sentences(snapshot, campaign, goal, arm) if arm else ()
    return draw(
        "uplift",
        UPLIFT_TITLE if title_shown else "",
        [f"{goal.name}: {sentence}" if len(snapshot.goals) > 1 else sentence for sentence in sentences],
        table,
        opened,
    )
