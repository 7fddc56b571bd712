"""Why contents could not be filled in, exactly: combinations of categories, and the attributes that were missing."""

from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.forms.labels import CATEGORIES
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.views.forms.table import Row, RowKind, Table, columns
from analytics_core.views.request.shown import shown_name


def overlaps_table(snapshot: Snapshot) -> Table:
    """One row per combination of categories that occurs, adding up to all personalization failures."""
    rows = [
        Row((" + ".join(CATEGORIES[name][0] for name in one.categories), count(one.total), count(one.unique)))
        for one in snapshot.personalization_overlap
    ]
    error = next((one for one in snapshot.errors if one.reason == "personalization_failed"), None)
    if rows and error is not None:
        rows.append(Row(("Personalization failed", count(error.total), count(error.unique)), RowKind.TOTAL))
    adds_up = error is not None and sum(one.unique for one in snapshot.personalization_overlap) == error.unique
    unique = "so do unique users" if adds_up else "a user who failed in two ways in two instances is unique in both"
    return Table(
        title="Exact combinations",
        columns=columns("Categories of one failure", "Total", "Unique"),
        rows=tuple(rows),
        note=f"Each failure is in exactly one combination: totals add up to all failures; {unique}." if rows else None,
    )


def attributes_table(snapshot: Snapshot) -> Table:
    """One row per attribute that could not be filled in and category of it, in the order of the Snapshot."""
    rows = [
        Row((shown_name(one.attribute), CATEGORIES[one.category][0], count(one.total), count(one.unique)))
        for one in snapshot.personalization_attributes
    ]
    omitted = snapshot.personalization_attributes_omitted
    said = ["A failure that names several attributes counts in each of them."]
    if omitted:
        said.append(f"{count_of(omitted, 'rarer attribute')} not listed.")
    return Table(
        title="Attributes",
        columns=columns("Attribute", "Category", "Total", "Unique", texts=["Category"]),
        rows=tuple(rows),
        note=" ".join(said) if rows else None,
    )
