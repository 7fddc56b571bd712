"""Why requests could not be personalized: categories, their exact overlap, and the attributes to blame.

All of it is counted from one row per audience row, category and attribute.
"""

import polars as pl

from analytics_core.domain.words import PersonalizationCategory

MAX_ATTRIBUTES = 100

_ROW = ["campaign", "user", "instance"]
_BITS = {category.value: 1 << place for place, category in enumerate(PersonalizationCategory)}


def personalization_failures(errors: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """What could not be filled in, for audience rows that stand as personalization failures.

    Args:
        errors: one row per raw row with outcome personalization_failed: `user`, `instance`, `personalization_errors`.
        failed: the audience rows that stand as such: `campaign`, `user`, `instance`.

    Returns:
        One row per audience row, `category` and `attribute` (null where none is named), unordered. Several raw rows of
        one audience row unite; a raw row that names no category counts as `unknown`.
    """
    error = pl.col("personalization_errors").struct
    exploded = errors.join(failed, on=["user", "instance"]).explode("personalization_errors", empty_as_null=True)
    named = exploded.select(
        *_ROW,
        category=error.field("category").fill_null(PersonalizationCategory.UNKNOWN.value),
        attribute=error.field("attribute"),
    )
    return named.unique()


def category_counts(failures: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign and personalization category: `unique`, `total`."""
    return _count_failures(failures.select(*_ROW, "category").unique(), "category")


def overlap_counts(failures: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign and exact `combination` of categories (see `categories_in`): `unique`, `total`."""
    bit = pl.col("category").replace_strict(_BITS, return_dtype=pl.Int64)
    combined = failures.select(*_ROW, "category").unique().group_by(_ROW).agg(combination=bit.sum())
    return _count_failures(combined, "combination")


def categories_in(combination: int) -> tuple[str, ...]:
    """The categories of a combination, in the order of the page."""
    return tuple(category for category, bit in _BITS.items() if combination & bit)


def attribute_counts(failures: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign, `attribute` and `category`: `unique`, `total`.

    Errors that name no attribute count in their category only.
    """
    return _count_failures(failures.filter(pl.col("attribute").is_not_null()), "attribute", "category")


def _count_failures(rows: pl.DataFrame, *labels: str) -> pl.DataFrame:
    by_user = rows.group_by("campaign", *labels, "user").agg(rows=pl.len())
    counted = by_user.group_by("campaign", *labels).agg(unique=pl.len(), total=pl.col("rows").sum())
    return counted.with_columns(pl.col("unique", "total").cast(pl.Int64))
