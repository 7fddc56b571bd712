"""One pass over a workspace's tables on this machine."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

import polars as pl

from analytics_core.arrays.collecting import no_garbage_collection
from analytics_core.arrays.packing import split_by_size
from analytics_core.attribution.rules import Draws, Numbering, Rules, rules_of
from analytics_core.counting.calendar import make_calendar
from analytics_core.counting.uplift import compare_campaigns
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import App, Settings
from analytics_core.engines.assemble import ComputationContext, make_snapshot
from analytics_core.engines.draws import find_draws
from analytics_core.engines.partials import Partial, condense, count_part, merge_partials
from analytics_core.engines.parts import Partition
from analytics_core.engines.totals import MergedCounts, sum_campaign
from analytics_core.engines.vendor_stats import read_vendor_numbers
from analytics_core.metrics.vendor_reported import with_reported
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.canonical import CanonicalTables
from analytics_core.tables.keys import KeyedTables, add_keys

_FEW = 3
"""Up to so many campaigns are computed by themselves."""
_FEW_USERS = 100_000
"""Up to so many users all campaigns are computed at once: that is as quick, and the next question costs nothing."""
_USERS_AT_ONCE = 4_000_000
"""Of how many users one campaign is computed in one part: one campaign's rows are few."""
_AMOUNTS_AT_ONCE = 250_000
"""Of how many users who paid, about, campaigns are compared at once."""
_INSTANCE_TIMES = pl.selectors.ends_with("_at")


def compute_snapshots(
    tables: CanonicalTables | KeyedTables,
    campaigns: Iterable[Campaign],
    app: App,
    settings: Settings,
    *,
    only: Collection[str] | None = None,
) -> tuple[Snapshot, ...]:
    """Every number of every campaign, in one computation.

    Args:
        tables: tables, duplicates removed.
        campaigns: the whole book; attribution across campaigns needs all of them.
        app: time zone and currency.
        settings: the rules; `restrict_to_as_of` None means the latest instant of deliveries and events.
        only: ids of the campaigns that are wanted; None: all. Where each campaign credits for itself, no row of another
            is read.

    Returns:
        One Snapshot per campaign, in the order of their ids.
    """
    keyed = with_keys(tables)
    computation = prepare_computation(keyed, campaigns, build_context(keyed, app, settings), only=only)
    calendar, alone = make_calendar(app.timezone, computation.context.as_of), computation.is_alone
    parting = Partition(computation.past, whole=alone and keyed.users <= _USERS_AT_ONCE, few_events=alone)
    partials = (count_part(part, computation.rules, calendar) for part in parting)
    return finish_computation(computation, condense(merge_partials(partials)))


def are_few(ids: Collection[str], tables: KeyedTables) -> bool:
    """Whether campaigns are worth computing without the others."""
    return len(ids) <= _FEW and tables.users > _FEW_USERS


@dataclass(frozen=True, slots=True, eq=False)
class Computation:
    """What is known before any part is counted.

    Attributes:
        past: the tables as they stood at the as-of instant; deliveries of those campaigns only that matter.
        vendor_stats: what vendors say, of all times.
        wanted: the campaigns that are asked about, in the order of their ids.
        rules: campaigns and settings.
        context: the app, the settings and the as-of instant.
        is_alone: no row of any other campaign matters.
    """

    past: KeyedTables
    vendor_stats: pl.LazyFrame | None
    wanted: tuple[Campaign, ...]
    rules: Rules
    context: ComputationContext
    is_alone: bool


def prepare_computation(
    keyed: KeyedTables,
    campaigns: Iterable[Campaign],
    context: ComputationContext,
    *,
    only: Collection[str] | None = None,
    draws: Draws | None = None,
) -> Computation:
    """Look up what a computation needs; see `compute_snapshots`.

    Args:
        keyed: tables, duplicates removed.
        campaigns: the whole book.
        context: the app, the settings and the as-of instant.
        only: ids of the campaigns that are wanted; None: all.
        draws: what is known of control groups; None: look for them.
    """
    book = sorted(campaigns, key=lambda campaign: campaign.campaign_id)
    wanted = [campaign for campaign in book if only is None or campaign.campaign_id in only]
    past, competing = restrict_to_as_of(keyed, context), book
    if only is not None and not context.settings.attribution_model.campaigns_compete:
        keys = [keyed.campaigns[campaign_id] for campaign_id in only if campaign_id in keyed.campaigns]
        past = replace(past, deliveries=past.deliveries.filter(pl.col("campaign_key").is_in(keys)))
        competing = wanted
    rules = build_rules(past, competing, context, draws)
    return Computation(past, keyed.vendor_stats, tuple(wanted), rules, context, competing is not book)


def finish_computation(computation: Computation, counted: dict[str, pl.DataFrame]) -> tuple[Snapshot, ...]:
    """The Snapshots of the campaigns that are wanted, from what was counted of all users, condensed.

    Tables are taken out of `counted` where they are read, so that they are not held twice.
    """
    context, wanted = computation.context, computation.wanted
    snapshots = _make_snapshots(counted, wanted, computation.past, computation.rules, context)
    if computation.vendor_stats is None:
        return snapshots
    ids = [campaign.campaign_id for campaign in wanted]
    stated = read_vendor_numbers(computation.vendor_stats, ids, context.settings.as_of, context.app.timezone)
    return tuple(with_reported(snapshot, stated.get(snapshot.campaign_id, ())) for snapshot in snapshots)


def make_snapshots(
    partials: Iterable[Partial], book: Iterable[Campaign], past: KeyedTables, rules: Rules, context: ComputationContext
) -> tuple[Snapshot, ...]:
    """The Snapshots of `book`, in its order, from what the parts of the tables counted."""
    return _make_snapshots(condense(merge_partials(partials)), tuple(book), past, rules, context)


def _make_snapshots(
    counted: dict[str, pl.DataFrame],
    campaigns: Sequence[Campaign],
    past: KeyedTables,
    rules: Rules,
    context: ComputationContext,
) -> tuple[Snapshot, ...]:
    calendar = make_calendar(context.app.timezone, context.as_of)
    ids = [campaign.campaign_id for campaign in campaigns]
    collected = MergedCounts(counted, past, rules, calendar, context, ids)
    snapshots: list[Snapshot] = []
    with no_garbage_collection():
        # All at once is as quick, but what users brought is many times as large while it is compared.
        sizes = [collected.count_amounts(campaign) for campaign in campaigns]
        for some in split_by_size(campaigns, sizes, _AMOUNTS_AT_ONCE):
            totals = [(campaign, sum_campaign(campaign, collected)) for campaign in some]
            uplifts = compare_campaigns(totals)
            snapshots += [make_snapshot(*found, context, gained) for found, gained in zip(totals, uplifts, strict=True)]
    return tuple(snapshots)


def with_keys(tables: CanonicalTables | KeyedTables) -> KeyedTables:
    """The tables with keys; tables that have none are read into memory."""
    return tables if isinstance(tables, KeyedTables) else add_keys(tables)


def build_context(tables: KeyedTables, app: App, settings: Settings) -> ComputationContext:
    """What a computation looks through; its as-of instant is the latest in the data where none is asked for."""
    instant = settings.as_of.astimezone(UTC) if settings.as_of else tables.latest_at
    return ComputationContext(app=app, settings=settings, as_of=instant, last_import=tables.last_import)


def build_rules(
    tables: KeyedTables, book: Sequence[Campaign], context: ComputationContext, draws: Draws | None = None
) -> Rules:
    """The rules of a computation over `tables`; `draws` are looked for where they are not known."""
    numbering = Numbering(tables.campaigns, tables.events_by_name)
    rules = rules_of(book, context.settings, numbering, app_currency=context.app.currency, as_of=context.as_of)
    if draws is None:
        draws = find_draws(tables, rules, make_calendar(context.app.timezone, context.as_of))
    return replace(rules, draws=draws)


def restrict_to_as_of(tables: KeyedTables, context: ComputationContext) -> KeyedTables:
    """The tables as they stood: rows after the as-of instant do not exist."""
    if context.as_of is None:
        return tables
    begun = pl.min_horizontal(_INSTANCE_TIMES)
    stood = replace(tables, instances=tables.instances.filter(begun.is_null() | (begun <= context.as_of)))
    if context.settings.as_of is None:
        return stood  # no row is later than the latest
    past = pl.col("occurred_at") <= context.as_of
    return replace(stood, deliveries=tables.deliveries.filter(past), events=tables.events.filter(past))
