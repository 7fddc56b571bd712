"""The pages: complete, inert, and working by style alone."""

import re
from dataclasses import replace
from itertools import takewhile

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs, Status
from analytics_core.snapshot.snapshot import GoalResult, PersonalizationAttribute
from analytics_core.views.campaign.cards import card_names, cards
from analytics_core.views.forms.pieces import Chart, Note, NoteTone
from analytics_core.views.forms.table import Align, Column, Row, Table
from analytics_core.views.page.context import ReportContext
from analytics_core.views.page.html import ReportSections, page_html, report_sections
from analytics_core.views.page.pieces import (
    cards_html,
    chart_html,
    facts_html,
    notes_html,
    preview_html,
    style_html,
    stylesheet,
    switches_html,
    table_html,
    variants,
)
from analytics_core.views.request.missing import missing_attribute
from analytics_core.views.request.preview import Field, Preview
from views.breakdown.overtime import RUNS, over_time
from views.pages import Page, assert_inert
from views.snapshots import (
    CONTROL,
    HOSTILE,
    INSTANCES,
    LONE_SURROGATE,
    NOT_TESTED,
    campaign,
    empty_snapshot,
    ended,
    goal,
    legacy_snapshot,
    second_goal,
    snapshot,
)

PINS = ("sent", "revenue")
CONTEXT = ReportContext(app_name="Acme Shop", pins=PINS, instances=INSTANCES, charts=False)


def sections(**changed: object) -> ReportSections:
    return report_sections(snapshot(), campaign(), replace(CONTEXT, **changed))


@pytest.fixture(scope="module")
def whole() -> Page:
    context = replace(CONTEXT, charts=True, fingerprint="9f2c", version="0.1.0")
    return assert_inert(page_html("Spring sale", report_sections(over_time(), campaign(), context)))


def test_the_sections_stand_in_the_order_of_the_page(whole: Page) -> None:
    assert [heading.text for heading in whole.find("h2")] == [
        "Result",
        "Campaign details",
        "Campaign performance stats",
        "Conversion goals performance",
        "Campaign delivery",
        "Error breakdown",
        "Trends",
        "Instances",
        "Data notes",
        "Campaign info",
        "Definitions",
    ]
    assert [heading.text for heading in whole.find("h1")] == ["Spring sale"]


def test_a_whole_page_is_small_and_the_same_each_time() -> None:
    first = page_html("Spring sale", report_sections(snapshot(), campaign(), replace(CONTEXT, charts=True)))
    second = page_html("Spring sale", report_sections(snapshot(), campaign(), replace(CONTEXT, charts=True)))
    assert first == second
    assert len(first.encode()) < 300_000


def test_a_page_forbids_itself_to_ask_for_anything(whole: Page) -> None:
    policy = next(meta for meta in whole.find("meta") if meta.attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_the_header_says_what_when_and_by_which_rules() -> None:
    text = Page(sections().header).elements[0].text
    for said in ("Acme Shop", "spring-sale", "Periodic", "Active", "Mon 30 Mar 2026, 14:05 EDT", "America/New_York"):
        assert said in text
    assert "Attribution window 36 hours" in text


def test_the_footer_names_version_data_and_every_definition() -> None:
    text = Page(sections(version="1.2.3", fingerprint="9f2c77").footer).elements[0].text
    for said in ("connector-analytics 1.2.3", "9f2c77", "Sent / Attempted", "Users in segment"):
        assert said in text


def _states(page: Page, metric: str) -> dict[str, str]:
    """Texts of the card's figure by the classes that show them."""
    start = next(i for i, one in enumerate(page.elements) if one.attributes.get("data-metric") == metric)
    value = next(i for i in range(start, len(page.elements)) if "ca-value" in page.elements[i].classes)
    spans = takewhile(lambda one: one.tag == "span", page.elements[value + 1 :])
    return {one.attributes.get("class", ""): one.text for one in spans}


def test_both_positions_of_both_switches_are_on_the_page() -> None:
    page = Page(sections(pins=()).performance)
    assert _states(page, "sent") == {
        "when-unique when-number": "6,500",
        "when-unique when-percentage": "85.5%",
        "when-total when-number": "8,000",
        "when-total when-percentage": "80.0%",
    }
    assert list(_states(page, "conversion_events").values()) == ["300"]


def test_every_state_of_every_card_is_what_the_cards_say() -> None:
    page = Page(sections(pins=()).performance)
    for counting in Counting:
        for shown_as in ShownAs:
            for card in cards(snapshot(), campaign(), counting=counting, shown_as=shown_as):
                hidden = {f"when-{other}" for other in (*Counting, *ShownAs) if other not in {counting, shown_as}}
                states = _states(page, card.metric)
                shown = [text for classes, text in states.items() if not hidden & set(classes.split())]
                assert card.value in shown


def test_the_switches_are_radio_buttons_with_labels_one_of_each_checked() -> None:
    page = assert_inert(switches_html())
    inputs = page.find("input")
    assert [one.attributes["id"] for one in inputs] == [
        "shown-number",
        "shown-percentage",
        "counting-total",
        "counting-unique",
        "metrics-all",
        "metrics-pinned",
    ]
    assert [one.attributes["for"] for one in page.find("label")] == [one.attributes["id"] for one in inputs]
    assert ["checked" in one.attributes for one in inputs] == [True, False] * 3
    assert len(page.find("legend")) == 3
    assert len(Page(switches_html(with_pins=False)).find("input")) == 4


def test_the_stylesheet_hides_exactly_what_is_switched_off() -> None:
    rule = re.search(r"body:has\(#counting-unique:checked\)[^{]+\{ display: none; \}", stylesheet())
    assert rule is not None
    pairs = re.findall(r"#([\w-]+):checked\) \.ca \.([\w-]+)", rule[0])
    assert dict(pairs) == {
        "counting-unique": "when-total",
        "counting-total": "when-unique",
        "shown-number": "when-percentage",
        "shown-percentage": "when-number",
        "metrics-pinned": "ca-all-metrics",
    }


def test_pinned_metrics_stand_first_and_alone_where_the_others_are_hidden() -> None:
    shown = cards(snapshot(), campaign(), counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)
    page = assert_inert(cards_html(shown, pins=PINS))
    assert [one.attributes["data-metric"] for one in page.find("article")][:2] == list(PINS)
    assert len(page.find("article")) == 2 + len(shown)
    alone = Page(cards_html(shown, pins=PINS, hide_unpinned=True))
    assert [one.attributes["data-metric"] for one in alone.find("article")] == list(PINS)


def test_without_pins_there_is_no_pin_switch_and_no_pinned_row() -> None:
    page = Page(sections(pins=("no such metric",)).performance)
    assert not page.find("", "ca-pinned")
    assert "metrics-pinned" not in {one.attributes["id"] for one in page.find("input")}


def test_groups_of_cards_follow_the_page() -> None:
    page = Page(sections().performance)
    assert [one.text for one in page.find("h3")] == ["Pinned metrics", "Conversion", "Revenue", "Delivery"]


def test_older_campaigns_have_the_older_page() -> None:
    made = report_sections(legacy_snapshot(), campaign(), CONTEXT)
    assert made.funnel == made.goals == ""
    page = Page(made.performance)
    shown = {one.attributes["data-metric"] for one in page.find("article")}
    assert shown == set(card_names(AnalyticsVersion.LEGACY))
    assert "Older campaign" in Page(made.header).elements[0].text
    assert not page.find("", "ca-badge")


def test_a_single_goal_is_not_compared() -> None:
    made = report_sections(snapshot(goals=(goal(uplift=NOT_TESTED),)), campaign(), CONTEXT)
    assert made.goals == ""


def test_the_uplift_of_a_single_goal_has_a_section_of_its_own() -> None:
    page = Page(report_sections(snapshot(goals=(goal(),)), campaign(), replace(CONTEXT, charts=True)).goals)
    assert [one.text for one in page.find("h2")] == ["Uplift against the control group"]
    assert not page.find("img")
    both = Page(sections().goals)
    assert [one.text for one in both.find("caption")] == [
        "Conversion goals performance",
        "Uplift against the control group",
        "(P) Purchase: uplift over the campaign control group",
    ]


def test_a_single_comparison_is_open_and_several_open_on_request() -> None:
    def opened(*goals: GoalResult) -> list[bool]:
        page = Page(report_sections(snapshot(goals=goals), campaign(), CONTEXT).goals)
        return ["open" in one.attributes for one in page.find("details", "ca-breakdown")]

    assert opened(goal()) == [True]
    assert opened(goal(), second_goal(uplift=goal().uplift)) == [False, False]


def test_the_uplift_is_said_in_sentences_before_its_tables() -> None:
    page = Page(report_sections(snapshot(), ended(), CONTEXT).goals)
    assert [one.text for one in page.find("p", "ca-said")] == [
        "Purchase: Of 240 converted users, about 80 (10 to 150) would not have converted otherwise.",
        "Purchase: Of $12,345.60 in revenue, about $4,309 ($800 to $7,800) would not have come otherwise.",
    ]


def test_a_figure_breaks_before_its_interval_only() -> None:
    cells = ("+50.0%, up (+10.0% to +90.0%)", "-$3", "+0.2 to +1.8 points")
    page = Page(table_html(Table("T", tuple(Column("Uplift", Align.RIGHT) for _ in cells), (Row(cells),))))
    first, second, third = (*page.find("th", "ca-breaks"), *page.find("td", "ca-figure"))
    assert [one.text for one in page.find("span", "ca-whole")] == ["(+10.0% to +90.0%)"]
    assert first.text == cells[0]
    assert "ca-whole" in second.classes
    assert third.text == "+0.2 to +1.8\N{NO-BREAK SPACE}points"


def test_a_short_name_of_a_row_is_not_broken() -> None:
    names = ("2026-03-09", "Campaign", "cart-reminder-1", "two words")
    page = Page(table_html(Table("T", (Column("Instance"), Column("B")), tuple(Row((name, "b c")) for name in names))))
    assert [one.text for one in page.find("th", "ca-whole")] == ["2026-03-09", "Campaign"]


def test_a_table_that_does_not_stack_keeps_its_columns_on_a_telephone() -> None:
    long = Table("T", (Column("A"), Column("B")), (Row(("a", "b" * 15)),))
    assert Page(table_html(long)).find("table", "ca-wide")
    assert not Page(table_html(replace(long, stacks=False))).find("table", "ca-wide")


def test_only_an_uplift_with_a_direction_has_a_sign_on_its_card() -> None:
    def badges(definition: Campaign) -> set[str]:
        page = Page(report_sections(snapshot(), definition, CONTEXT).performance)
        return {name for one in page.find("p", "ca-badge") for name in one.classes}

    assert badges(ended()) == {"ca-badge", "ca-up"}
    assert badges(campaign()) == {"ca-badge", "ca-none"}
    signs = re.findall(r"[^}]*ca-sign::before", stylesheet())
    assert [".ca-up" in sign or ".ca-down" in sign for sign in signs] == [True, True]


def test_a_campaign_without_rows_has_a_page() -> None:
    made = report_sections(empty_snapshot(), campaign(request=None, status=None), replace(CONTEXT, charts=True))
    page = assert_inert(page_html("Empty", made))
    assert not page.find("img")
    assert "Numbers appear with the first imported row." in page.find("body")[0].text
    assert not made.errors


def test_see_breakdown_opens_the_personalization_categories() -> None:
    page = Page(sections().errors)
    opened = page.find("details", "ca-breakdown")
    assert len(opened) == 1
    assert opened[0].text.strip().startswith("See breakdown: 500 personalization failures")
    assert "Event attribute" in opened[0].text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_nothing_anywhere(text: str) -> None:
    hostile_goals = (goal(name=text + LONE_SURROGATE, currency=text), second_goal(name=text))
    attributes = (PersonalizationAttribute(text, "unknown", unique=1, total=1),)
    runs = tuple(replace(one, instance_id=text) for one in RUNS)
    made = over_time(goals=hostile_goals, personalization_attributes=attributes, instances=runs)
    filters = [{"attribute": text[:128], "op": "is", "value": text}]
    goals = [{"goal_id": str(i), "name": text, "event_name": text[:128], "filters": filters} for i in range(2)]
    request = {"method": text, "url": text, "headers": {text: text, "accept": text}, "body": text}
    definition = campaign(
        campaign_id=text[:128],
        name=text,
        team=text,
        tags=[text, text],
        created_by=text,
        approval={"required": True, "approvers": [text], "rejected_by": text, "comment": text},
        audience={"segment": text, "filters": text, "excluded": text},
        trigger={text: text},
        schedule={"kind": text, "detail": text, "frequency_cap": text},
        request=request,
        goals=goals,
    )
    instances = tuple(replace(one, instance_id=text) for one in INSTANCES)
    context = ReportContext(text, instances=instances, fingerprint=text, version=text, charts=False)
    html = page_html(text, report_sections(made, definition, context))
    html.encode("utf-8")
    page = assert_inert(html)
    assert len(page.find("h2")) == 11
    assert len(page.find("h1")) == len(page.find("title")) == 1


def test_what_is_shown_is_the_text_itself() -> None:
    page = Page(report_sections(snapshot(), campaign(name="A <b> & {{ 1 }}"), CONTEXT).header)
    assert [one.text for one in page.find("h1")] == ["A <b> & {{ 1 }}"]


def test_texts_from_data_find_their_own_direction(whole: Page) -> None:
    assert whole.find("h1")[0].attributes["dir"] == "auto"
    table_cells = [one for one in whole.find("span") if one.text == "Newsletter sign-up"]
    assert table_cells
    assert all(one.attributes["dir"] == "auto" for one in table_cells)


def test_no_user_and_no_secret_is_on_the_page(whole: Page) -> None:
    for secret in ("hunter2", "sk_live", "ada@person.example", "u-4711"):
        assert secret not in whole.source
    assert "Ada" in whole.find("pre")[0].text


def test_tables_have_a_caption_headings_and_labelled_cells() -> None:
    table = Table(
        "Things", (Column("Name"), Column("Number")), (Row(("a", "1"), href="a.html"), Row(("b", "2"))), "So."
    )
    page = assert_inert(table_html(replace(table, rows=(*table.rows, Row(("c", "long" * 5))))))
    assert [one.text for one in page.find("caption")] == ["Things"]
    assert [one.attributes["scope"] for one in page.find("th")] == ["col", "col", "row", "row", "row"]
    assert [one.attributes["data-label"] for one in page.find("td")] == ["Number"] * 3
    assert [one.attributes["href"] for one in page.find("a")] == ["a.html"]
    hidden = Page(table_html(table, title_shown=False)).find("caption", "ca-unseen")
    assert [one.text for one in hidden] == ["Things"]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "https://evil.example/x.html", "../x.html", "//evil/x.html", 'x".html']
)
def test_a_row_links_only_to_a_file_beside_the_page(href: str) -> None:
    table = Table("Things", (Column("Name"),), (Row(("a",), href=href),))
    assert not assert_inert(table_html(table)).find("a")


def test_a_warning_is_a_word_as_well_as_a_colour() -> None:
    page = assert_inert(notes_html([Note("Matured", "half", NoteTone.WARNING), Note("As of", "now")]))
    assert [one.text.strip() for one in page.find("dt")] == ["!Warning: Matured", "As of"]


def test_a_preview_without_body_or_headers_is_short() -> None:
    page = assert_inert(preview_html(Preview("GET", Field("URL", "https://h.example"))))
    assert not page.find("pre")
    assert not page.find("dl")
    too_large = Page(preview_html(Preview("GET", Field("URL", "x"), reason="the sample is too large")))
    assert "The sample is not filled in: the sample is too large" in too_large.elements[0].text


def test_what_the_sample_lacks_stands_beside_the_field_that_uses_it() -> None:
    gaps = tuple(map(missing_attribute, (("user", "tier"), ("event", "<b>"), ("product", "image"))))
    headers = (Field("Accept", "{{ a | b }}", reason="unknown filter 'b'"), Field("X-Key", "\N{BULLET}" * 3, gaps[:1]))
    made = Preview("GET", Field("URL", "h/{{ user.tier }}", gaps[:1]), headers, Field("Body", "x", gaps))
    page = assert_inert(str(preview_html(made)))
    image = "product.image (Undefined)"
    assert [one.text for one in page.find("p", "ca-note-warning")] == [
        "The sample lacks user.tier (User attribute); shown as written.",
        "Not filled in, shown as written: unknown filter 'b'",
        "The sample lacks user.tier (User attribute).",
        f"The sample lacks user.tier (User attribute), event['<b>'] (Event attribute), {image}; shown as written.",
    ]
    assert "user.tier" in page.find("div", "ca-request")[0].text


def test_a_chart_is_an_image_with_its_numbers_in_words() -> None:
    page = assert_inert(chart_html(Chart("T", "<svg onload='x'></svg>", 'Sent "8,000"')))
    image = page.find("img")[0]
    assert image.attributes["alt"] == 'Sent "8,000"'
    assert image.attributes["src"].startswith("data:image/svg+xml;base64,PHN2Zy")


def test_states_that_look_alike_are_drawn_once() -> None:
    assert [one.classes for one in variants(lambda _counting, _shown: "same")] == [""]
    assert [(one.classes, one.item) for one in variants(lambda counting, _shown: counting.value)] == [
        ("when-unique", "unique"),
        ("when-total", "total"),
    ]
    assert [one.classes for one in variants(lambda _counting, shown: shown.value)] == ["when-number", "when-percentage"]
    assert len(variants(lambda counting, shown: f"{counting}{shown}")) == 4


def _rules() -> list[str]:
    """The selectors of the stylesheet, one by one."""
    text = re.sub(r"/\*.*?\*/", "", stylesheet(), flags=re.DOTALL)
    text = re.sub(r"@(media|container|supports)[^{]+\{", "", text)
    heads = re.findall(r"([^{}]+)\{[^{}]*\}", text)
    return [selector.strip() for head in heads for selector in re.split(r",(?![^(]*\))", head)]


def test_every_rule_of_the_stylesheet_is_bound_to_our_own_elements() -> None:
    rules = _rules()
    assert len(rules) > 80
    for selector in rules:
        assert re.match(
            r"(\[data-jp-theme-light=\"(true|false)\"\] |body:has\(#[\w-]+:checked\) )?\.ca(-page)?\b", selector
        )


def test_the_stylesheet_asks_for_nothing_and_cannot_leave_its_element() -> None:
    text = stylesheet()
    assert "url(" not in text
    assert "@import" not in text
    assert "<" not in text
    assert text.count("{") == text.count("}")
    assert len(assert_inert(style_html()).find("style")) == 1


def test_dark_is_the_same_in_a_dark_notebook_and_on_a_dark_system() -> None:
    blocks = re.findall(r"([^{}]+)\{([^{}]*color-scheme: dark;[^{}]*)\}", stylesheet())
    values = [re.sub(r"\s+", " ", block) for _, block in blocks]
    assert len(values) == 2
    assert values[0] == values[1]


def test_every_colour_that_is_used_is_declared() -> None:
    text = stylesheet()
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= set(re.findall(r"(--[\w-]+):", text))


def test_facts_keep_their_lines_and_lose_what_no_page_may_hold() -> None:
    from analytics_core.views.forms.pieces import Fact, FactSheet  # noqa: PLC0415 - only this test makes a sheet of its own

    page = assert_inert(facts_html(FactSheet("T", (Fact("L", f"one\ntwo {CONTROL}"),), "A note.")))
    assert page.find("dd")[0].text.startswith("one\ntwo a\N{REPLACEMENT CHARACTER}b")
    assert "A note." in page.elements[0].text


def test_a_campaign_that_was_never_sent_says_why_and_has_no_page_of_zeros() -> None:
    rejected = campaign(status=Status.REJECTED)
    page = assert_inert(page_html("Price drop", report_sections(empty_snapshot(), rejected, CONTEXT)))
    assert [heading.text for heading in page.find("h2")] == [
        "Result",
        "Campaign details",
        "Nothing was sent yet",
        "Campaign info",
    ]
    assert "Why there are no numbers" in page.find("body")[0].text


def test_a_name_from_right_to_left_turns_nothing_beside_it() -> None:
    note = Note("Revenue", "شراء: 12 of 5,032 events, not '<b>'", NoteTone.WARNING)
    assert "<dd><bdi>شراء</bdi>: 12 of 5,032 events, not &#39;&lt;b&gt;&#39;</dd>" in notes_html([note])
