"""One campaign under one set of rules, read once, so that any number of questions about it cost little."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics_core.counting.calendar import Calendar, make_calendar
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import App, Settings
from analytics_core.domain.words import Standing
from analytics_core.engines.assemble import ComputationContext
from analytics_core.engines.grounding import make_readable
from analytics_core.engines.local import build_context, build_rules, make_snapshots, restrict_to_as_of, with_keys
from analytics_core.engines.partials import count_rows, credit_part
from analytics_core.engines.parts import Partition
from analytics_core.explaining.groundwork import ReadableRows
from analytics_core.snapshot.parts import Part, view_by_part
from analytics_core.snapshot.snapshot import ErrorCount, Snapshot
from analytics_core.tables.canonical import CanonicalTables
from analytics_core.tables.identities import merge_users
from analytics_core.tables.keys import KeyedTables


@dataclass(frozen=True, slots=True)
class WorkspaceData:
    """What a workspace holds: canonical tables, duplicates removed; all campaigns; how many event rows repeated."""

    tables: CanonicalTables | KeyedTables
    book: tuple[Campaign, ...]
    app: App
    duplicate_events: int = 0


@dataclass(frozen=True, slots=True)
class CampaignView:
    """What questions about one campaign are answered from.

    Attributes:
        holdings: what the workspace holds.
        campaign: the campaign asked about.
        context: the rules and the resolved as-of instant.
        persons: the tables with users merged, also what is after the as-of instant.
        winners: one row per event: `event_id`, `winner`, the campaign that keeps it; None where each campaign credits
            for itself.
        own: audience rows and credits of the campaign, in memory.
        snapshot: the campaign's numbers.
    """

    holdings: WorkspaceData
    campaign: Campaign
    context: ComputationContext
    persons: KeyedTables
    winners: pl.LazyFrame | None
    own: ReadableRows
    snapshot: Snapshot

    @property
    def as_of(self) -> pl.Expr:
        """The instant the computation looks from."""
        return pl.lit(self.context.as_of, pl.Datetime("us", "UTC"))

    @property
    def calendar(self) -> Calendar:
        """The app's."""
        return make_calendar(self.context.app.timezone, self.context.as_of)


def view_campaign(holdings: WorkspaceData, campaign: Campaign, settings: Settings) -> CampaignView:
    """Read one campaign's audience rows and credits, under `settings`."""
    # Where each campaign credits for itself, its numbers do not depend on the others.
    alone = not settings.attribution_model.campaigns_compete
    tables = with_keys(holdings.tables)
    context = build_context(tables, holdings.app, settings)
    past = restrict_to_as_of(tables, context)
    rules = build_rules(past, [campaign] if alone else holdings.book, context)
    # The campaign's rows are compared whether or not it drew a control group: that changes no number, and the sample
    # ratio has the rows it is made of.
    compared = rules.draws.compared | (np.arange(len(rules.windows)) == past.campaigns.get(campaign.campaign_id, -1))
    rules = replace(rules, draws=replace(rules.draws, compared=compared))
    part = Partition(past).one_part()
    rows = credit_part(part, rules, event_ids=True)
    calendar = make_calendar(context.app.timezone, context.as_of)
    competing = make_readable(part, rows, rules, calendar)
    partial = count_rows(rows, rules, calendar)
    (snapshot,) = make_snapshots([partial], [campaign], past, rules, context)
    return CampaignView(
        holdings=holdings,
        campaign=campaign,
        context=context,
        persons=merge_users(tables, tables.identities.select("user_id", "merged_into").collect().iter_rows()),
        winners=None if alone else competing.every_credit.select("event_id", winner="campaign_id").unique(),
        own=competing.of_campaign(campaign.campaign_id),
        snapshot=snapshot,
    )


def view_part(scene: CampaignView, part: Part) -> CampaignView:
    """The campaign as if one part were all of it.

    Raises:
        AnalyticsError: the Snapshot does not list the part.
    """
    own, shown = scene.own.of_part(part, scene.calendar), view_by_part(scene.snapshot, part)
    # What failures are made of is not listed by part.
    unfilled, unanswered = (pl.col("standing") == each.value for each in _FAILURES)
    users = pl.col("user_id").filter(unfilled).n_unique()
    row = (
        own.counted.select(total=unfilled.sum(), unique=users, responses=unanswered.sum()).collect().row(0, named=True)
    )
    error = ErrorCount(Standing.PERSONALIZATION_FAILED.value, unique=row["unique"], total=row["total"])
    sums = replace(shown.reconciliation, failed_responses=row["responses"], personalization_failed=row["total"])
    return replace(scene, own=own, snapshot=replace(shown, errors=(error,), reconciliation=sums))


_FAILURES = (Standing.PERSONALIZATION_FAILED, Standing.FAILED_RESPONSE)
