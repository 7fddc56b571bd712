"""A campaign's whole page as HTML sections, for one offline file without scripts; and its pieces for notebooks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache

from markupsafe import Markup

from analytics_core.campaigns.status import CurrentStatus
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs
from analytics_core.explaining.oddities import Oddities
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import Pins, card_names
from analytics_core.views.campaign.details import campaign_facts, period
from analytics_core.views.campaign.funnel import funnel_table
from analytics_core.views.campaign.notes import known_at_note, notes, settings_line
from analytics_core.views.campaign.reported import vendor_tables
from analytics_core.views.campaign.tables import definitions, errors_table, goals_table, personalization_table
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.campaign.uplift_tables import UPLIFT_TITLE
from analytics_core.views.definition.changes import with_status
from analytics_core.views.explaining.oddities import oddity_notes
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.numbers import count_of, local_time
from analytics_core.views.forms.pieces import Chart, Fact, Note
from analytics_core.views.page.pieces import (
    draw,
    environment,
    facts_html,
    info_pieces,
    notes_html,
    style_html,
    switches_html,
    table_html,
    uplift_html,
    variants,
    varying_cards_html,
)
from analytics_core.views.request.shown import shown_campaign, shown_id, shown_name, shown_snapshot

_NOTHING = Markup()


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What a report says besides the Snapshot and the campaign.

    Attributes:
        app_name: whose campaigns these are.
        pins: names of the pinned metrics; without any, the pin switch is left out.
        instances: the campaign's runs, for period and timeline.
        fingerprint: of the data the numbers were computed from.
        version: of this package.
        known_at: the instant by which the counted rows had been imported; None where all are counted.
        workspace_notes: what is to be said of the workspace's rows.
        oddities: what the data shows about the campaign's numbers; None where nobody looked.
        current: the campaign's status as of the numbers; None where nobody looked.
        entry: number and hash of the campaign's last entry in the campaign book; None where it keeps no history.
        charts: whether to draw them, which needs the report or notebook extra.
    """

    app_name: str = ""
    pins: tuple[str, ...] = ()
    instances: tuple[InstanceTimes, ...] = ()
    fingerprint: str = ""
    version: str = ""
    known_at: datetime | None = None
    workspace_notes: tuple[Note, ...] = ()
    oddities: Oddities | None = None
    current: CurrentStatus | None = None
    entry: tuple[int, str] | None = None
    charts: bool = True


@dataclass(frozen=True, slots=True)
class ReportSections:
    """The sections of a report in the order of the page; `goals`, `funnel` and `reported` may be empty.

    `goals` holds the uplift in full as well, alone where there is one goal only.
    """

    header: Markup
    details: Markup
    performance: Markup
    goals: Markup
    funnel: Markup
    errors: Markup
    reported: Markup
    notes: Markup
    info: Markup
    footer: Markup

    def __iter__(self) -> Iterator[Markup]:
        return (getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class _Head:
    app_name: str
    name: str
    campaign_id: str
    delivery_type: str
    status: str
    status_icon: str
    status_word: str
    older: bool
    facts: tuple[Fact, ...]


def has_goals_section(snapshot: Snapshot) -> bool:
    """Whether the page compares goals: a single goal is what the cards show, and older campaigns have no such part."""
    return snapshot.analytics_version is not AnalyticsVersion.LEGACY and len(snapshot.goals) > 1


def report_sections(snapshot: Snapshot, campaign: Campaign, context: ReportContext = ReportContext()) -> ReportSections:
    """Every section of the campaign's report, each a complete element of class ``ca``."""
    snapshot, campaign = shown_snapshot(snapshot), shown_campaign(campaign)
    zone = snapshot.timezone
    facts = facts_html(with_status(campaign_facts(campaign, zone), context.current), title_shown=False)
    pins = Pins.of(context.pins, card_names(snapshot.analytics_version))
    cards = varying_cards_html(snapshot, campaign, pins=pins)
    known_at = [known_at_note(context.known_at, zone)] if context.known_at else []
    odd = oddity_notes(context.oddities, snapshot, campaign)
    noted = notes_html((*known_at, *context.workspace_notes, *odd, *notes(snapshot, campaign)))
    defined = table_html(definitions(snapshot), title_shown=False)
    return ReportSections(
        header=_header(snapshot, campaign, context),
        details=draw("section", "details", "Campaign details", facts),
        performance=draw(
            "section", "performance", "Campaign performance stats", cards, switches_html(with_pins=bool(pins))
        ),
        goals=_goals(snapshot, campaign, context),
        funnel=_funnel(snapshot, campaign, context),
        errors=_errors(snapshot, context),
        reported=_vendor_numbers(snapshot),
        notes=draw("section", "notes", "Data notes", noted),
        info=draw(
            "section", "info", "Campaign info", draw("stacked", info_pieces(campaign, snapshot, context.instances))
        ),
        footer=draw("footer", defined, context.version, context.fingerprint, context.entry),
    )


def page_html(title: str, body: Iterable[Markup]) -> str:
    """A complete document of `body`: no script, no request, readable light and dark, on paper and on a telephone."""
    page = environment().get_template("page.html.j2")
    return page.render(title=title, style=style_html(), body=Markup("\n").join(body))


def _header(snapshot: Snapshot, campaign: Campaign, context: ReportContext) -> Markup:
    zone = snapshot.timezone
    icon, word = STATUSES[campaign.status] if campaign.status else ("", "")
    head = _Head(
        app_name=shown_name(context.app_name),
        name=campaign.name,
        campaign_id=shown_id(campaign.campaign_id),
        delivery_type=DELIVERY_TYPES[campaign.delivery_type],
        status=campaign.status or "",
        status_icon=icon,
        status_word=word,
        older=snapshot.analytics_version is AnalyticsVersion.LEGACY,
        facts=(
            Fact("Period", period(campaign, zone, context.instances)),
            Fact("As of", local_time(snapshot.as_of, zone)),
            *([Fact("Known at", local_time(context.known_at, zone))] if context.known_at else []),
            Fact("Time zone", zone),
            Fact("Settings", settings_line(snapshot)),
        ),
    )
    return draw("header", head)


def _goals(snapshot: Snapshot, campaign: Campaign, context: ReportContext) -> Markup:
    """The goals compared, and the uplift in full; a single goal that was not tested has neither."""
    compared = has_goals_section(snapshot)
    pieces = [*_charts(snapshot, context, "goals")] if compared else []
    if compared:
        pieces.append(table_html(goals_table(snapshot, campaign), title_shown=False))
    uplift = uplift_html(snapshot, campaign, title_shown=compared)
    pieces += [uplift] if uplift else []
    title = "Conversion goals performance" if compared else UPLIFT_TITLE
    return draw("section", "goals", title, draw("stacked", pieces)) if pieces else _NOTHING


def _funnel(snapshot: Snapshot, campaign: Campaign, context: ReportContext) -> Markup:
    if not snapshot.funnel:
        return _NOTHING
    table = table_html(funnel_table(snapshot, delivery_type=campaign.delivery_type), title_shown=False)
    return draw(
        "section", "funnel", "Campaign delivery", draw("beside", [*_charts(snapshot, context, "funnel"), table])
    )


def _errors(snapshot: Snapshot, context: ReportContext) -> Markup:
    table = table_html(errors_table(snapshot), title_shown=False)
    content = draw("beside", [*_charts(snapshot, context, "errors"), table])
    failed = snapshot.reconciliation.personalization_failed
    if failed:
        summary = f"See breakdown: {count_of(failed, 'personalization failure')}"
        content += draw("breakdown", summary, table_html(personalization_table(snapshot)))
    return draw("section", "errors", "Error breakdown", content)


def _vendor_numbers(snapshot: Snapshot) -> Markup:
    """What vendors report; nothing where they report nothing. A single vendor's table is what the section is called."""
    tables = vendor_tables(snapshot)
    if not tables:
        return _NOTHING
    several = len(tables) > 1
    pieces = [table_html(table, title_shown=several) for table in tables]
    title = "As reported by vendors" if several else tables[0].title
    return draw("section", "reported", title, draw("stacked", pieces))


def _charts(snapshot: Snapshot, context: ReportContext, name: str) -> list[Markup]:
    """The chart `name` in every switch state, as one piece; nothing where it is not wanted or has nothing to draw."""
    if not context.charts:
        return []
    from analytics_core.views.campaign import charts  # noqa: PLC0415 - pages without charts need no Altair, a second to import

    @cache
    def goals(shown_as: ShownAs) -> Chart | None:
        return charts.goals_chart(snapshot, shown_as=shown_as)

    def state(counting: Counting, shown_as: ShownAs) -> Chart | None:
        if name == "goals":
            return goals(shown_as)
        chart = charts.funnel_chart if name == "funnel" else charts.errors_chart
        return chart(snapshot, counting=counting, shown_as=shown_as)

    drawn = variants(state)
    return [draw("charts", drawn)] if any(variant.item for variant in drawn) else []
