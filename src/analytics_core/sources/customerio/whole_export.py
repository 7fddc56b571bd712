"""All files of one Customer.io export together: what the rows of one table need to know of another."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import polars as pl

from analytics_core.sources.customerio.outcomes import ANSWERED, UNANSWERED
from analytics_core.sources.customerio.tables import ORDER, TABLES, read_cells, table_rows
from analytics_core.sources.files.files import SourceFile

REQUESTS = (*ANSWERED, *UNANSWERED)
"""What metrics say of a request, answered or not."""
NEWEST = "_newest"
WEBHOOK = "webhook"


class Export:
    """All files of one import, and what the rows of one table need to know of another."""

    def __init__(self, files: Mapping[str, tuple[SourceFile, ...]]) -> None:
        self.files = files
        self._newest: dict[str, pl.DataFrame] = {}

    @cached_property
    def deliveries(self) -> pl.DataFrame:
        """Webhook deliveries, the newest row of each: whose they are and of which campaign and run."""
        campaign = pl.coalesce(
            "campaign_id",
            pl.lit("newsletter-") + pl.col("newsletter_id"),
            pl.lit("transactional-") + pl.col("transactional_message_id"),
        )
        run = pl.coalesce("trigger_id", "subject_id", "event_id", "delivery_id")
        rows = self._latest("deliveries", is_webhook(pl.col("delivery_type")))
        return rows.select(
            "delivery_id",
            campaign.alias("campaign_id"),
            instance_of(run).alias("instance_id"),
            pl.col("internal_customer_id").alias("user_id"),
        )

    @cached_property
    def subjects(self) -> pl.DataFrame:
        """Journeys, the newest row of each."""
        rows = self._latest("subjects", pl.lit(value=True))
        return rows.select("subject_name", "campaign_id", "trigger_id", pl.col("internal_customer_id").alias("user_id"))

    @cached_property
    def sent(self) -> pl.DataFrame:
        """Ids of deliveries that some metric says were sent."""
        return self._ids_of_metrics(["sent"])

    @cached_property
    def untried(self) -> int:
        """Webhook deliveries that no metric says anything about yet."""
        return self.deliveries.join(self._ids_of_metrics(REQUESTS), on="delivery_id", how="anti").height

    def newest(self, table: str) -> pl.DataFrame:
        """The keys that several rows of all files have, with the order of the newest of them."""
        if table not in self._newest:
            key = TABLES[table].key
            ordered = pl.concat([rows.select(key, ORDER) for rows in self._rows(table)])
            counted = ordered.group_by(key).agg(pl.col(ORDER).max().alias(NEWEST), pl.len())
            self._newest[table] = counted.filter(pl.col("len") > 1, pl.col(key).is_not_null()).select(key, NEWEST)
        return self._newest[table]

    def _ids_of_metrics(self, metrics: Sequence[str]) -> pl.DataFrame:
        found = (rows.filter(metric_word().is_in(metrics)).select("delivery_id") for rows in self._rows("metrics"))
        return pl.concat([pl.DataFrame(schema={"delivery_id": pl.String}), *found]).unique()

    def _rows(self, table: str) -> Iterator[pl.DataFrame]:
        return (read_cells(TABLES[table], table_rows(file)) for file in self.files.get(table, ()))

    def _latest(self, table: str, wanted: pl.Expr) -> pl.DataFrame:
        empty = pl.DataFrame(schema={**dict.fromkeys(TABLES[table].ids, pl.String), ORDER: pl.Int64})
        rows = pl.concat([empty, *(rows.filter(wanted).select(empty.columns) for rows in self._rows(table))])
        return rows.sort(ORDER, maintain_order=True).unique(TABLES[table].key, keep="last", maintain_order=True)


def is_webhook(kind: pl.Expr) -> pl.Expr:
    """Whether a kind of delivery or step, null where it is missing, is the webhook; never null."""
    return (kind.str.to_lowercase() == WEBHOOK).fill_null(value=False)


def instance_of(run: pl.Expr) -> pl.Expr:
    """Each webhook step of a run counts by itself: two of them in one journey are two requests to be made."""
    return pl.concat_str(
        run, pl.when(pl.col("action_id").is_not_null()).then(pl.lit("/") + pl.col("action_id")).fill_null("")
    )


def metric_word() -> pl.Expr:
    """The column `metric` without blanks and capitals; null where it is."""
    return pl.col("metric").str.strip_chars().str.to_lowercase()
