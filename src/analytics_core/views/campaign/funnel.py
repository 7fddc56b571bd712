"""The delivery funnel as a table: four stages, and between them every removal with its reason."""

from collections.abc import Iterator
from dataclasses import replace

from analytics_core.domain.words import DeliveryType
from analytics_core.metrics.catalog import CATALOG, metric
from analytics_core.metrics.delivery_metrics import FAILED, SENT
from analytics_core.metrics.funnel_metrics import AFTER_FREQUENCY_CAP, AFTER_PERSONALIZATION, REMOVALS, UNACCOUNTED
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.forms.labels import reason_label
from analytics_core.views.forms.numbers import MINUS, UNDEFINED, count, share
from analytics_core.views.forms.table import Row, RowKind, Table, columns


def funnel_table(snapshot: Snapshot, *, delivery_type: DeliveryType | None = None) -> Table:
    """The four stages with what was removed before each; no rows for older campaigns, which have no funnel.

    The removals in total counting add up exactly to the difference of the stages, and the note says so.
    """
    rows: list[Row] = []
    for stage in snapshot.funnel:
        rows += _removals(snapshot, stage.stage)
        label = metric(stage.stage).label
        cells = (label, count(stage.total), count(stage.unique), share(stage.share))
        rows.append(Row(cells, asks=("", stage.stage, stage.stage, "")))
    totals = [stage.total for stage in snapshot.funnel]
    first, last = (totals[0], totals[-1]) if totals else (None, None)
    note = "Stages without a number are not known: the exports do not say who was removed." if totals else None
    if first is not None and last is not None:
        note = (
            f"Totals: {count(first)} {MINUS} {count(first - last)} removed = {count(last)} sent; the removals add up"
            " exactly. A user may be removed in one instance and sent in another, so unique counts need not add up."
        )
        if delivery_type is DeliveryType.EVENT_TRIGGERED:
            note += " Totals count triggers: a user who triggered the campaign twice counts twice."
    return Table("Delivery funnel", columns("Stage", "Total", "Unique", "Share of segment (total)"), tuple(rows), note)


def _removals(snapshot: Snapshot, stage: str) -> Iterator[Row]:
    """What was removed before `stage`, a line a reason."""
    segment = snapshot.funnel[0].total
    for error in snapshot.errors:
        after, removal = SENT, CATALOG.get(error.reason)
        if removal in REMOVALS:
            after = AFTER_PERSONALIZATION if removal in FAILED.sum_of else AFTER_FREQUENCY_CAP
        if after.name == stage:
            row = _removal_row(reason_label(error.reason), f"{MINUS}{count(error.unique)}", error.total, segment)
            yield replace(row, asks=("", error.reason, error.reason, ""))
    unaccounted = snapshot.reconciliation.unaccounted
    if stage == AFTER_FREQUENCY_CAP.name and unaccounted:
        row = _removal_row(UNACCOUNTED.label, UNDEFINED, unaccounted, segment)
        yield replace(row, asks=("", UNACCOUNTED.name, "", ""))


def _removal_row(label: str, unique: str, total: int, segment: int | None) -> Row:
    part = f"{MINUS}{share(total / segment)}" if segment else UNDEFINED
    return Row((label, f"{MINUS}{count(total)}", unique, part), RowKind.DETAIL)
