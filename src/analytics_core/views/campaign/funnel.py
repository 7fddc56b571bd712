"""The delivery funnel as a table: four stages, and between them every removal with its reason."""

from analytics_core.domain.words import DeliveryType
from analytics_core.metrics.catalog import CATALOG, metric
from analytics_core.metrics.delivery_metrics import FAILED, SENT
from analytics_core.metrics.funnel_metrics import AFTER_FREQUENCY_CAP, AFTER_PERSONALIZATION, REMOVALS, UNACCOUNTED
from analytics_core.snapshot.snapshot import ErrorCount, FunnelStage, Snapshot
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
        rows.append(_stage_row(stage))
    return Table(
        title="Delivery funnel",
        columns=columns("Stage", "Unique", "Total", "Share of segment (total)"),
        rows=tuple(rows),
        note=_note(snapshot, delivery_type),
    )


def _stage_row(stage: FunnelStage) -> Row:
    return Row((metric(stage.stage).label, count(stage.unique), count(stage.total), share(stage.share)))


def _removals(snapshot: Snapshot, stage: str) -> list[Row]:
    """What was removed before `stage`, a line a reason."""
    first = snapshot.funnel[0].total
    rows = [_removal_row(error, first) for error in snapshot.errors if _stage_after(error.reason) == stage]
    unaccounted = snapshot.reconciliation.unaccounted
    if stage == AFTER_FREQUENCY_CAP.name and unaccounted:
        cells = (UNACCOUNTED.label, UNDEFINED, f"{MINUS}{count(unaccounted)}", _minus_share(unaccounted, first))
        rows.append(Row(cells, RowKind.DETAIL))
    return rows


def _stage_after(reason: str) -> str:
    removal = CATALOG.get(reason)
    if removal not in REMOVALS:
        return SENT.name
    return (AFTER_PERSONALIZATION if removal in FAILED.sum_of else AFTER_FREQUENCY_CAP).name


def _removal_row(error: ErrorCount, first: int | None) -> Row:
    unique = f"{MINUS}{count(error.unique)}"
    cells = (reason_label(error.reason), unique, f"{MINUS}{count(error.total)}", _minus_share(error.total, first))
    return Row(cells, RowKind.DETAIL)


def _minus_share(part: int, whole: int | None) -> str:
    return f"{MINUS}{share(part / whole)}" if whole else UNDEFINED


def _note(snapshot: Snapshot, delivery_type: DeliveryType | None) -> str | None:
    if not snapshot.funnel:
        return None
    first, last = snapshot.funnel[0].total, snapshot.funnel[-1].total
    if first is None or last is None:
        return "Stages without a number are not known: the exports do not say who was removed."
    sums = f"Totals: {count(first)} {MINUS} {count(first - last)} removed = {count(last)} sent"
    sentences = [
        f"{sums}; the removals add up exactly.",
        "A user may be removed in one instance and sent in another, so unique counts need not add up.",
    ]
    if delivery_type is DeliveryType.EVENT_TRIGGERED:
        sentences.append("Totals count triggers: a user who triggered the campaign twice counts twice.")
    return " ".join(sentences)
