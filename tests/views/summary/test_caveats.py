"""A card leads to the worst warning about its number."""

import re

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.views.campaign.cards import Card, cards
from analytics_core.views.forms.pieces import Note, NoteTone
from analytics_core.views.page.pieces import cards_html, notes_html
from analytics_core.views.summary.caveats import add_caveats
from views.snapshots import ended, goal, second_goal, snapshot

REVENUE = Note("Revenue", "2 events in another currency count as 0.", NoteTone.WARNING, "purchase")
MATURED = Note("Matured", "Half of the sends.", NoteTone.WARNING)
DRAWN = Note("Sample ratio", "Not what was declared.", NoteTone.WARNING)


def led(*notes: Note) -> dict[str, str]:
    """By card the kind of note that it leads to."""
    shown = snapshot()
    made = cards(shown, ended(), counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)
    return {card.metric: card.caveat.label for card in add_caveats(made, notes, shown) if card.caveat}


def test_a_warning_about_revenue_stands_on_the_cards_of_revenue() -> None:
    note = Note("Revenue", "x", NoteTone.WARNING, snapshot().primary_goal.goal_id)
    assert set(led(note)) == {"revenue", "average_order_value", "average_revenue_per_user"}
    assert led(Note("Revenue", "x", NoteTone.WARNING, "another goal")) == {}
    assert led(Note("Revenue", "x")) == {}


def test_what_the_uplift_suffers_from_stands_beside_its_badge() -> None:
    assert led(DRAWN) == {"conversion_events": "Sample ratio"}


def test_of_several_the_worst_is_led_to() -> None:
    found = led(MATURED, DRAWN)
    assert found["conversion_events"] == "Sample ratio"
    assert found["converted_users"] == "Matured"


def test_the_sign_leads_to_the_first_note_of_its_kind_and_every_anchor_is_there_once() -> None:
    shown = snapshot(goals=(goal(), second_goal()))
    made: tuple[Card, ...] = cards(shown, ended(), counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)
    page = cards_html(add_caveats(made, [MATURED], shown)) + notes_html([MATURED, DRAWN, DRAWN])
    page += notes_html([MATURED, REVENUE], after=[MATURED, DRAWN])
    anchors = re.findall(r' id="(note-[a-z-]+)"', page)
    assert anchors == ["note-matured", "note-sample-ratio", "note-revenue"]
    assert set(re.findall(r'href="#(note-[a-z-]+)"', page)) == {"note-matured"}
    asking = cards_html(add_caveats(made, [MATURED], shown), asks=True)
    assert set(re.findall(r'data-note="(note-[a-z-]+)"', asking)) == {"note-matured"}
