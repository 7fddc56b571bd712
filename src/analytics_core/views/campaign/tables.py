"""The tables and notes of a campaign's page, from its Snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Status, require_every
from analytics_core.metrics.catalog import CATALOG, metric, value_of
from analytics_core.metrics.delivery_metrics import FAILED
from analytics_core.metrics.funnel_metrics import USERS_IN_SEGMENT
from analytics_core.metrics.metric import Group, Value
from analytics_core.metrics.uplift_metrics import UPLIFT
from analytics_core.snapshot.comparison import ArmUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import card_names
from analytics_core.views.campaign.certainty import certainty_of, is_running, uplift_text
from analytics_core.views.campaign.details import status_text
from analytics_core.views.campaign.uplift_tables import goal_name
from analytics_core.views.forms.labels import CATEGORIES, DELIVERY_TYPES, NOT_IN_FAILED, reason_label
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, figure, money, share
from analytics_core.views.forms.table import Row, RowKind, Table, columns
from analytics_core.views.request.shown import shown_id, shown_name, shown_snapshot

_PORTFOLIO = tuple(
    declared
    for group in (Group.DELIVERY, Group.CONVERSION, Group.REVENUE)
    for declared in CATALOG.values()
    if declared.rank is not None and declared.group is group
)
"""The metrics of the table of campaigns: delivery stands first, then what came of it."""

_GOAL_METRICS = ("conversion_events", "converted_users", "conversion_rate", "revenue", "average_order_value")
"""Whose figures stand in the table of goals, but for the uplift."""

_RANKS = {"Campaign": 2, "Status": 4, "Type": 6, **{declared.label: declared.rank or 0 for declared in _PORTFOLIO}}
"""Which of its columns go first where there is no room (see `Metric.rank`)."""


_STATUS_RANKS = require_every(
    Status,
    {
        Status.ACTIVE: 0,
        Status.SENDING: 1,
        Status.PAUSED: 2,
        Status.SCHEDULED: 3,
        Status.UNDER_REVIEW: 4,
        Status.DRAFT: 5,
        Status.SENT: 6,
        Status.EXPIRED: 7,
        Status.STOPPED: 8,
        Status.REJECTED: 9,
        Status.NOT_SENT: 10,
    },
)


def goals_table(snapshot: Snapshot, campaign: Campaign) -> Table:
    """One row per goal in the campaign's order: both conversion counts, CVR, revenue, uplift and how sure it is."""
    global_control = any(goal.uplift.global_ for goal in snapshot.goals)
    extra = ("Uplift (global control)",) if global_control else ()
    rows = []
    for place, goal in enumerate(snapshot.goals):
        arms = (goal.uplift.campaign, *((goal.uplift.global_,) if global_control else ()))
        cells = (
            goal_name(goal),
            count(goal.conversion_events),
            count(goal.converted_users),
            share(goal.conversion_rate),
            money(goal.revenue, goal.currency),
            money(goal.average_order_value, goal.currency),
        )
        uplifts = (_uplift_cell(snapshot, campaign, arm) for arm in arms)
        asks = ("", *_GOAL_METRICS, *(UPLIFT.name if arm and arm is goal.uplift.compared else "" for arm in arms))
        rows.append(Row((*cells, *uplifts), asks=asks, goal=place))
    heading = ("Total conversions", "Unique conversions", "CVR", "Revenue", "Average order value", "Uplift", *extra)
    return Table(
        title="Conversion goals performance",
        columns=columns("Goal", *heading),
        rows=tuple(rows),
        note=(
            "Total conversions are all events of the goal; unique conversions are users, counted once per instance."
            " CVR is unique conversions of total sent. (P) marks the primary goal."
        ),
        droppable=("Average order value", "Revenue", "Total conversions", *extra, "Unique conversions"),
    )


def _uplift_cell(snapshot: Snapshot, campaign: Campaign, arm: ArmUplift | None) -> str:
    return UNDEFINED if arm is None else uplift_text(arm, certainty_of(snapshot, campaign, arm))


def errors_table(snapshot: Snapshot) -> Table:
    """One row per reason that occurs, most frequent first, and the sum of those that count as failed."""
    segment = value_of(USERS_IN_SEGMENT, snapshot)
    rows = []
    for error in snapshot.errors:
        counts = "No" if error.reason in NOT_IN_FAILED else "Yes"
        of = _of(error.total, segment)
        cells = (reason_label(error.reason), count(error.total), count(error.unique), of, counts)
        rows.append(Row(cells, asks=("", error.reason, error.reason, "", "")))
    failed = snapshot.performance.failed
    cells = ("Failed", count(failed.total), count(failed.unique), _of(failed.total, segment), "")
    total = Row(cells, RowKind.TOTAL, asks=("", FAILED.name, FAILED.name, "", ""))
    note = (
        "Totals marked Yes add up to Failed. A user who failed for several reasons in different instances is in each"
        " unique count, so unique counts may add up to more."
    )
    if snapshot.unknown:
        note = "Only what the exports record; anything else that went wrong is not known."
    elif not rows:
        note = "No errors: nobody was removed and every request was answered with a success code."
    return Table(
        title="Error breakdown",
        columns=columns(
            "Reason", "Total", "Unique", "Share of segment (total)", "Counts as failed", texts=["Counts as failed"]
        ),
        rows=(*rows, total) if rows else (),
        note=note,
    )


def _of(part: int | None, whole: Value) -> str:
    return share(part / float(whole)) if whole and part is not None else UNDEFINED


def personalization_table(snapshot: Snapshot) -> Table:
    """The five categories of personalization errors; one failure counts once in each category it has."""
    rows = []
    for error in snapshot.personalization_errors:
        label, meaning = CATEGORIES[error.category]
        cells = (label, meaning, count(error.total), count(error.unique))
        rows.append(Row(cells, asks=("", "", error.category, error.category)))
    failed = snapshot.reconciliation.personalization_failed
    return Table(
        title="Personalization failure analysis",
        columns=columns("Error category", "What it means", "Total", "Unique", texts=["What it means"]),
        rows=tuple(rows),
        note=(
            f"{count_of(failed, 'personalization failure')} in all. A failure in several categories counts in each of"
            " them, so categories may add up to more."
        ),
    )


def definitions(snapshot: Snapshot) -> Table:
    """Every metric the page shows, with its meaning and formula."""
    version = snapshot.analytics_version
    on_cards = [metric(name) for name in card_names(version)]
    shares = [metric(card.percentage) for card in on_cards if card.percentage]
    has_arms = snapshot.primary_goal.uplift.compared is not None
    beyond = [one for one in CATALOG.values() if one.in_definitions and (has_arms or not one.is_compared)]
    names = {one.name for one in (*on_cards, *shares, *beyond)}
    rows = []
    for shown in (one for one in CATALOG.values() if one.name in names):
        formula = shown.formula_in(version)
        right = UNDEFINED if formula is None else formula.partition(" = ")[2]
        rows.append(Row((shown.label_in(version), shown.description_in(version), right)))
    return Table(
        title="Definitions",
        columns=columns("Metric", "Meaning", "Formula", texts=["Meaning", "Formula"]),
        rows=tuple(rows),
    )


def portfolio_table(
    snapshots: Iterable[Snapshot],
    campaigns: Mapping[str, Campaign] | Sequence[Campaign],
    *,
    sort_by: str | None = None,
    hrefs: Mapping[str, str] | None = None,
) -> Table:
    """One row per campaign with its main figures (delivery in total counting, older campaigns included).

    Args:
        snapshots: the campaigns to show, in the order to show them.
        campaigns: their definitions, by id or in any order.
        sort_by: a metric's name: greatest first, undefined last, ties by campaign id; None keeps the order given.
        hrefs: the report of each campaign id, a file beside the page; campaigns without one are not linked.
    """
    book = campaigns if isinstance(campaigns, Mapping) else {campaign.campaign_id: campaign for campaign in campaigns}
    shown = list(map(shown_snapshot, snapshots))
    if sort_by is not None:
        figures = {one.campaign_id: value_of(sort_by, one) for one in shown}
        # Sorting keeps the order of equals: by the last of these first, then by the one before.
        shown.sort(key=lambda one: one.campaign_id)
        shown.sort(key=lambda one: figures[one.campaign_id] or 0, reverse=True)
        shown.sort(key=lambda one: figures[one.campaign_id] is None)
    rows = []
    for snapshot in shown:
        campaign, currency = book[snapshot.campaign_id], snapshot.performance.currency
        names = (shown_name(campaign.name), shown_id(campaign.campaign_id))
        cells = (*names, DELIVERY_TYPES[campaign.delivery_type], status_text(campaign))
        main = (figure(value_of(declared, snapshot), declared, currency) for declared in _PORTFOLIO)
        uplift = _uplift_cell(snapshot, campaign, snapshot.primary_goal.uplift.compared)
        rows.append(Row((*cells, *main, uplift), href=(hrefs or {}).get(campaign.campaign_id)))
    labels = tuple(declared.label for declared in (*_PORTFOLIO, UPLIFT))
    made = columns("Campaign", "ID", "Type", "Status", *labels, texts=["ID", "Type", "Status"])
    return Table(
        title="Campaigns",
        columns=tuple(replace(column, is_key=column.label == "ID") for column in made),
        rows=tuple(rows),
        note=_portfolio_note(shown, book),
        droppable=tuple(sorted(filter(_RANKS.get, _RANKS), key=_RANKS.__getitem__, reverse=True)),
    )


def order_by_status(snapshots: Iterable[Snapshot], campaigns: Mapping[str, Campaign]) -> list[Snapshot]:
    """What runs first, then what is to come, then what is over; by name as it is shown, signs last; then by id."""

    def place(snapshot: Snapshot) -> tuple[int, bool, str, str]:
        campaign = campaigns[snapshot.campaign_id]
        name = shown_name(campaign.name).casefold()
        rank = _STATUS_RANKS[campaign.status] if campaign.status else len(_STATUS_RANKS)
        return rank, not name[:1].isalnum(), name, campaign.campaign_id

    return sorted(snapshots, key=place)


def _portfolio_note(shown: Sequence[Snapshot], book: Mapping[str, Campaign]) -> str:
    compared = [snapshot for snapshot in shown if snapshot.primary_goal.uplift.compared]
    running = any(is_running(snapshot, book[snapshot.campaign_id]) for snapshot in compared)
    sentences = (
        "Delivery figures are totals: users counted once per instance.",
        "Uplift is the primary goal's, with its 95% interval." if compared else "",
        "Intervals of running campaigns may be checked every day." if running else "",
        f"{UNDEFINED} also marks what a campaign's exports do not record; its data notes say which figures."
        if any(snapshot.unknown for snapshot in shown)
        else "",
    )
    return " ".join(sentence for sentence in sentences if sentence)
