"""A campaign's whole page as HTML sections, for one offline file without scripts; and its pieces for notebooks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import Pins, card_names
from analytics_core.views.campaign.details import campaign_facts, period
from analytics_core.views.campaign.notes import known_at_note, settings_line
from analytics_core.views.campaign.tables import definitions
from analytics_core.views.definition.changes import with_status
from analytics_core.views.explaining.oddities import list_notes
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.numbers import count_of, local_time
from analytics_core.views.forms.pieces import Fact, Note
from analytics_core.views.page.context import NO_CONTEXT, Head, ReportContext
from analytics_core.views.page.pieces import (
    draw,
    environment,
    facts_html,
    info_pieces,
    notes_html,
    style_html,
    switches_html,
    table_html,
    varying_cards_html,
)
from analytics_core.views.page.sections import (
    errors_section,
    funnel_section,
    goals_section,
    instances_section,
    trends_section,
    vendors_section,
)
from analytics_core.views.request.shown import shown_campaign, shown_id, shown_name, shown_snapshot
from analytics_core.views.summary.result import pick_plain, pick_warnings, result_sentences, sends_between
from analytics_core.views.summary.unsent import unsent_sheet, was_never_sent

_MOST_WARNINGS = 4
"""Warnings that stand open at the top."""


@dataclass(frozen=True, slots=True)
class ReportSections:
    """The sections of a report in the order of the page; what the campaign has nothing of is empty.

    `goals` holds the uplift in full as well, alone where there is one goal only.
    """

    header: Markup
    result: Markup
    details: Markup
    performance: Markup
    goals: Markup
    funnel: Markup
    errors: Markup
    trends: Markup
    instances: Markup
    reported: Markup
    notes: Markup
    info: Markup
    footer: Markup

    def __iter__(self) -> Iterator[Markup]:
        return (getattr(self, field.name) for field in fields(self))


def has_goals_section(snapshot: Snapshot) -> bool:
    """Whether the page compares goals: a single goal is what the cards show, and older campaigns have no such part."""
    return snapshot.analytics_version is not AnalyticsVersion.LEGACY and len(snapshot.goals) > 1


def report_sections(snapshot: Snapshot, campaign: Campaign, context: ReportContext = NO_CONTEXT) -> ReportSections:
    """Every section of the campaign's report, each a complete element of class ``ca``."""
    snapshot, campaign = shown_snapshot(snapshot), shown_campaign(campaign)
    zone = snapshot.timezone
    facts = facts_html(with_status(campaign_facts(campaign, zone), context.current), title_shown=False)
    known_at = [known_at_note(context.known_at, zone)] if context.known_at else []
    noted = (*known_at, *context.workspace_notes, *list_notes(context.oddities, snapshot, campaign))
    if was_never_sent(snapshot):
        numbers, defined = _why_none(snapshot, campaign, context), Markup()
    else:
        numbers = _numbers(snapshot, campaign, context, noted)
        defined = table_html(definitions(snapshot), title_shown=False, csv=snapshot.campaign_id)
    info = info_pieces(campaign, snapshot, context.instances, csv=snapshot.campaign_id)
    return ReportSections(
        header=_header(snapshot, campaign, context),
        result=_result(snapshot, campaign, noted),
        details=draw("section", "details", "Campaign details", facts),
        info=draw("section", "info", "Campaign info", draw("stacked", info)),
        footer=draw("footer", defined, context.version, context.fingerprint, context.entry),
        **numbers,
    )


def _numbers(
    snapshot: Snapshot, campaign: Campaign, context: ReportContext, noted: Sequence[Note]
) -> dict[str, Markup]:
    """The sections that show them, by their names."""
    pins = Pins.of(context.pins, card_names(snapshot.analytics_version))
    cards = varying_cards_html(snapshot, campaign, pins=pins, noted=noted)
    return {
        "performance": draw(
            "section", "performance", "Campaign performance stats", cards, switches_html(with_pins=bool(pins))
        ),
        "goals": goals_section(snapshot, campaign, context, compared=has_goals_section(snapshot)),
        "funnel": funnel_section(snapshot, campaign, context),
        "errors": errors_section(snapshot, context),
        "trends": trends_section(snapshot, context),
        "instances": instances_section(snapshot),
        "reported": vendors_section(snapshot),
        "notes": draw("section", "notes", "Data notes", notes_html(pick_plain(noted))),
    }


def _why_none(snapshot: Snapshot, campaign: Campaign, context: ReportContext) -> dict[str, Markup]:
    """Of a campaign that was never sent: why, in the place of a page of zeros."""
    sheet = unsent_sheet(campaign, context.current, snapshot)
    why = draw("section", "performance", sheet.title, facts_html(sheet, title_shown=False))
    empty = ("goals", "funnel", "errors", "trends", "instances", "reported", "notes")
    return {"performance": why, **dict.fromkeys(empty, Markup())}


def page_html(title: str, body: Iterable[Markup]) -> str:
    """A complete document of `body`: no script, no request, readable light and dark, on paper and on a telephone."""
    page = environment().get_template("page.html.j2")
    return page.render(title=title, style=style_html(), body=Markup("\n").join(body))


def _result(snapshot: Snapshot, campaign: Campaign, noted: Sequence[Note]) -> Markup:
    """The sentences of result, then the worst warnings; the others open on request."""
    warnings = pick_warnings(noted)
    first, others = warnings[:_MOST_WARNINGS], warnings[_MOST_WARNINGS:]
    shown = notes_html(first)
    if others:
        shown += draw("breakdown", f"{count_of(len(others), 'more warning')}", notes_html(others, after=first))
    return draw("result", result_sentences(snapshot, campaign), shown)


def _header(snapshot: Snapshot, campaign: Campaign, context: ReportContext) -> Markup:
    zone = snapshot.timezone
    icon, word = STATUSES[campaign.status] if campaign.status else ("", "")
    head = Head(
        app_name=shown_name(context.app_name),
        name=campaign.name,
        campaign_id=shown_id(campaign.campaign_id),
        delivery_type=DELIVERY_TYPES[campaign.delivery_type],
        status=campaign.status or "",
        status_icon=icon,
        status_word=word,
        older=snapshot.analytics_version is AnalyticsVersion.LEGACY,
        facts=(
            Fact("Period", period(campaign, zone, context.instances, sends_between(snapshot))),
            Fact("As of", local_time(snapshot.as_of, zone)),
            *([Fact("Known at", local_time(context.known_at, zone))] if context.known_at else []),
            Fact("Time zone", zone),
            Fact("Settings", settings_line(snapshot)),
        ),
    )
    return draw("header", head)
