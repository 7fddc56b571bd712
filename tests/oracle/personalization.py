"""Which categories failed together, and which attributes were to blame."""

from collections.abc import Callable

from oracle.audience import AudienceRow
from oracle.known import Row

CATEGORIES = ("user_attribute", "event_attribute", "campaign_attribute", "undefined", "unknown")
LISTED = 100
Rows = list[AudienceRow]


def personalization_documents(rows: Rows) -> Row:
    """The three keys about what failed exactly; the categories by themselves stand beside them."""
    combinations = {row.categories for row in rows if row.categories}
    overlap = [
        {"categories": [name for name in CATEGORIES if name in combination]}
        | counts(rows, lambda row, c=combination: row.categories == c)
        for combination in combinations
    ]
    places = {(attribute, category) for row in rows for category, attribute in row.blamed if attribute is not None}
    blamed = [
        {"attribute": attribute, "category": category}
        | counts(rows, lambda row, place=(category, attribute): place in row.blamed)
        for attribute, category in places
    ]
    ordered = sorted(blamed, key=lambda line: (-line["total"], line["attribute"], line["category"]))
    return {
        "personalization_overlap": sorted(overlap, key=lambda line: (-line["total"], line["categories"])),
        "personalization_attributes": ordered[:LISTED],
        "personalization_attributes_omitted": len(ordered[LISTED:]),
    }


def counts(rows: Rows, condition: Callable[[AudienceRow], bool]) -> Row:
    fitting = [row for row in rows if condition(row)]
    return {"unique": len({row.user_id for row in fitting}), "total": len(fitting)}
