"""Why requests could not be personalized: categories, their exact overlap, and the attributes to blame.

All of it is counted from one row per audience row, category and attribute (see `personalization_failures`).
"""

import polars as pl

from analytics_core.attribution.audience import AUDIENCE_KEY
from analytics_core.domain.words import PersonalizationCategory
from analytics_core.metrics.delivery import counted_by
from analytics_core.metrics.largest import ranked

MAX_ATTRIBUTES = 100

_BITS = {category.value: 1 << place for place, category in enumerate(PersonalizationCategory)}


def category_counts(failures: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign and personalization category: `unique`, `total`."""
    return counted_by(_categories(failures), "category")


def overlap_counts(failures: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign and exact `combination` of categories (see `categories_in`): `unique`, `total`."""
    bit = pl.col("category").replace_strict(_BITS, return_dtype=pl.Int64)
    combined = _categories(failures).group_by(AUDIENCE_KEY).agg(combination=bit.sum())
    return counted_by(combined, "combination")


def categories_in(combination: int) -> tuple[str, ...]:
    """The categories of a combination, in the order of the page."""
    return tuple(category for category, bit in _BITS.items() if combination & bit)


def attribute_counts(failures: pl.LazyFrame) -> pl.LazyFrame:
    """The 100 attributes a campaign failed on most often; ties by attribute, then category.

    Returns:
        One row per campaign, `attribute` and `category` among them, unordered: `unique`, `total`, `attributes` (how
        many the campaign has in all). Errors that name no attribute count in their category only.
    """
    named = failures.filter(pl.col("attribute").is_not_null())
    counted = ranked(counted_by(named, "attribute", "category"), "total", ["attribute", "category"])
    known = counted.with_columns(attributes=pl.len().over("campaign_id"))
    return known.filter(pl.col("rank") < MAX_ATTRIBUTES).drop("rank")


def _categories(failures: pl.LazyFrame) -> pl.LazyFrame:
    return failures.select(*AUDIENCE_KEY, "category").unique()
