"""The sections of a report that show numbers beyond the cards: tables with their CSV, charts in every switch state."""

from collections.abc import Iterable
from functools import cache, partial

from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Counting, Grain, ShownAs
from analytics_core.snapshot.snapshot import Counts, ErrorCount, FunnelStage, Snapshot, Unknown
from analytics_core.views.breakdown.buckets import TrendFigure, choose_grain, list_buckets
from analytics_core.views.breakdown.instances import has_instances, instances_table
from analytics_core.views.breakdown.personalization import attributes_table, overlaps_table
from analytics_core.views.breakdown.trend_tables import time_to_convert_table, trend_table
from analytics_core.views.campaign.funnel import funnel_table
from analytics_core.views.campaign.reported import vendor_tables
from analytics_core.views.campaign.tables import errors_table, goals_table, personalization_table
from analytics_core.views.campaign.uplift_tables import UPLIFT_TITLE
from analytics_core.views.forms.numbers import count_of
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.page.context import ReportContext
from analytics_core.views.page.pieces import Variant, draw, table_html, uplift_html, variants

_NOTHING = Markup()
MOST_INSTANCES = 40
"""Instances that a report lists, so that it stays small; the others are summed up."""


def goals_section(snapshot: Snapshot, campaign: Campaign, context: ReportContext, *, compared: bool) -> Markup:
    """The goals compared, and the uplift in full; a single goal that was not tested has neither."""
    csv = snapshot.campaign_id
    pieces = [*_charts(snapshot, context, "goals")] if compared else []
    if compared:
        pieces.append(table_html(goals_table(snapshot, campaign), title_shown=False, csv=csv))
    uplift = uplift_html(snapshot, campaign, title_shown=compared, csv=csv)
    pieces += [uplift] if uplift else []
    title = "Conversion goals performance" if compared else UPLIFT_TITLE
    return draw("section", "goals", title, draw("stacked", pieces)) if pieces else _NOTHING


def funnel_section(snapshot: Snapshot, campaign: Campaign, context: ReportContext) -> Markup:
    """The delivery funnel; nothing for older campaigns."""
    if not snapshot.funnel:
        return _NOTHING
    shown = funnel_table(snapshot, delivery_type=campaign.delivery_type)
    table = table_html(shown, title_shown=False, csv=snapshot.campaign_id)
    return draw(
        "section", "funnel", "Campaign delivery", draw("beside", [*_charts(snapshot, context, "funnel"), table])
    )


def errors_section(snapshot: Snapshot, context: ReportContext) -> Markup:
    """The error breakdown; personalization failures taken apart open on request."""
    csv = snapshot.campaign_id
    table = table_html(errors_table(snapshot), title_shown=False, csv=csv)
    content = draw("beside", [*_charts(snapshot, context, "errors"), table])
    failed = snapshot.reconciliation.personalization_failed
    if failed:
        apart = (personalization_table(snapshot), overlaps_table(snapshot), attributes_table(snapshot))
        pieces = [table_html(one, csv=csv) for one in apart if one.rows]
        content += draw(
            "breakdown", f"See breakdown: {count_of(failed, 'personalization failure')}", draw("stacked", pieces)
        )
    return draw("section", "errors", "Error breakdown", content)


def trends_section(snapshot: Snapshot, context: ReportContext) -> Markup:
    """What happened when, in buckets as long as it takes for few of them; nothing without rows."""
    grain = choose_grain(snapshot)
    tables = [trend_table(snapshot, grain, figure) for figure in TrendFigure]
    if not snapshot.trends.day:
        return _NOTHING
    times = time_to_convert_table(snapshot)
    pieces = [
        draw("drawn", shown.title, chart, table_html(shown, title_shown=False, csv=snapshot.campaign_id))
        for shown, chart in zip((*tables, times), _trend_charts(snapshot, context, grain), strict=True)
        if shown.rows
    ]
    return draw("section", "trends", "Trends", draw("pairs", pieces))


def instances_section(snapshot: Snapshot) -> Markup:
    """The instances, where there are several."""
    if not has_instances(snapshot):
        return _NOTHING
    shown = table_html(instances_table(snapshot, most=MOST_INSTANCES), title_shown=False, csv=snapshot.campaign_id)
    return draw("section", "instances", "Instances", shown)


def vendors_section(snapshot: Snapshot) -> Markup:
    """What vendors report; nothing where they report nothing. A single vendor's table is what the section is called."""
    tables = vendor_tables(snapshot)
    if not tables:
        return _NOTHING
    several = len(tables) > 1
    pieces = [table_html(table, title_shown=several, csv=snapshot.campaign_id) for table in tables]
    title = "As reported by vendors" if several else tables[0].title
    return draw("section", "reported", title, draw("stacked", pieces))


def _trend_charts(snapshot: Snapshot, context: ReportContext, grain: Grain) -> list[Markup]:
    """A chart per figure, then the curve of times; nothing in their places where no charts are wanted."""
    if not context.charts:
        return [_NOTHING] * (len(TrendFigure) + 1)
    from analytics_core.views.breakdown.time_to_convert import time_to_convert_chart  # noqa: PLC0415 - as below
    from analytics_core.views.breakdown.trend_charts import trend_chart  # noqa: PLC0415 - as below

    draw_trend = partial(trend_chart, snapshot, grain)
    delivered = list_buckets(snapshot, grain)
    countings = _countings(counts for one in delivered for counts in (one.attempted, one.sent, one.failed))
    deliveries = {counting: draw_trend(TrendFigure.DELIVERY, counting=counting) for counting in countings}
    drawn = [
        variants(lambda counting, _: deliveries.get(counting) or deliveries[Counting.TOTAL]),
        (Variant("", draw_trend(TrendFigure.CONVERSIONS)),),
        (Variant("", draw_trend(TrendFigure.REVENUE)),),
        (Variant("", time_to_convert_chart(snapshot)),),
    ]
    return [draw("charts", states) for states in drawn]


def _charts(snapshot: Snapshot, context: ReportContext, name: str) -> list[Markup]:
    """The chart `name` in every switch state, as one piece; nothing where it is not wanted or has nothing to draw."""
    if not context.charts:
        return []
    from analytics_core.views.campaign import charts  # noqa: PLC0415 - pages without charts need no Altair, a second to import

    countings = _countings(snapshot.funnel if name == "funnel" else snapshot.errors)

    @cache
    def draw_state(counting: Counting, shown_as: ShownAs) -> Chart | None:
        if name == "goals":
            return charts.goals_chart(snapshot, shown_as=shown_as)
        chart = charts.funnel_chart if name == "funnel" else charts.errors_chart
        return chart(snapshot, counting=counting, shown_as=shown_as)

    def state(counting: Counting, shown_as: ShownAs) -> Chart | None:
        return draw_state(counting if counting in countings and name != "goals" else Counting.TOTAL, shown_as)

    drawn = variants(state)
    return [draw("charts", drawn)] if any(variant.item for variant in drawn) else []


def _countings(counted: Iterable[Counts | Unknown | FunnelStage | ErrorCount]) -> frozenset[Counting]:
    """The countings to draw: both only where they differ."""
    differ = any(counts.unique != counts.total for counts in counted)
    return frozenset(Counting) if differ else frozenset({Counting.TOTAL})
