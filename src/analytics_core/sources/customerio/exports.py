"""Customer.io's warehouse sync: webhook deliveries and what became of them.

A canonical delivery is a row of `metrics`, one per request, joined to the delivery it is about: what is said of a
delivery later is then one more row, and no row that is there has to change.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import polars as pl

from analytics_core.domain.words import Gap, Vendor
from analytics_core.metrics.conversion_metrics import CONVERTED_USERS
from analytics_core.sources.customerio.outcomes import (
    ANSWERED,
    CONVERTED,
    OTHERS,
    of_explanations,
    of_metrics,
)
from analytics_core.sources.customerio.tables import ORDER, TABLES, files_of, read_cells, table_rows, unread_names
from analytics_core.sources.customerio.whole_export import (
    NEWEST,
    REQUESTS,
    WEBHOOK,
    Export,
    instance_of,
    is_webhook,
    metric_word,
)
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.files.parquet_records import make_batch
from analytics_core.sources.readings import FileReading, Reading
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.columns import MAX_NAMES
from analytics_core.sources.rows.texts import readable

_ROWS = 100_000
_STATS = "vendor_stats"
_ROW, _FLAW = "_row", "_flaw"
_SHOWN = 60
_MAX_TEXTS = 20


def find_readings(paths: Sequence[Path]) -> Sequence[Reading]:
    """How the files of an export at or below `paths` are read.

    Raises:
        UnreadableInputError: there are none, or metrics come without the deliveries they are about.
    """
    export = Export(files_of(paths))
    kinds: tuple[tuple[str, type[_File]], ...] = (
        ("deliveries", _Deliveries),
        ("metrics", _Metrics),
        ("outputs", _Outputs),
        ("people", _People),
    )
    return [kind(file, export) for table, kind in kinds for file in export.files.get(table, ())]


class _File(FileReading):
    """A file of one table of the export."""

    tables: tuple[str, ...] = ("deliveries",)

    def __init__(self, file: SourceFile, export: Export) -> None:
        super().__init__(file)
        self._export = export
        self._unknown: tuple[str, ...] = ()
        self._left_out: Counter[str] = Counter()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Itself, and the subjects, of which nothing is a row."""
        return (self._source.path, *(file.path for file in self._export.files.get("subjects", ())))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return (Gap.CONTROL_GROUPS, Gap.FREQUENCY_CAP)

    @cached_property
    def fingerprint(self) -> str:
        """Of its bytes, and of which of its rows find what they belong to: when more do, it is another file."""
        found = self._belonging()
        if found is None:
            return self._source.fingerprint
        places = found.to_numpy().astype("<u4").tobytes()
        return hashlib.sha256(self._source.fingerprint.encode() + places).hexdigest()

    def batches(self) -> Iterator[tuple[str, Batch]]:
        name, table = self._source.table, TABLES[self._source.table]
        rows = table_rows(self._source)
        self._unknown = tuple(sorted(readable(name[:_SHOWN]) for name in unread_names(self._source))[:MAX_NAMES])
        for start in self.progress.over(range(0, rows.height, _ROWS)):
            given = rows.slice(start, _ROWS)
            cells = read_cells(table, given).with_row_index(_ROW, offset=start + 1)
            known = cells.join(self._export.newest(name), on=table.key, how="left", maintain_order="left")
            current = known.filter((pl.col(ORDER) >= pl.col(NEWEST)).fill_null(value=True)).drop(NEWEST)
            self._count({f"older versions of {name}": cells.height - current.height})
            yield from self._batch(current, given, start + 1)

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return dict.fromkeys(self.tables[:1], self._unknown)

    @property
    def left_out(self) -> Mapping[str, int]:
        return dict(self._left_out)

    def _belonging(self) -> pl.Series | None:
        """Places of the rows that find what they belong to; None where rows stand for themselves."""
        return None

    def _places(self, others: pl.DataFrame, key: str) -> pl.Series:
        """Places of the rows whose `key` is among `others`."""
        rows = read_cells(TABLES[self._source.table], table_rows(self._source)).select(key).with_row_index(_ROW)
        return rows.join(others, on=key, how="semi")[_ROW].sort()

    def _batch(self, rows: pl.DataFrame, given: pl.DataFrame, first: int) -> Iterator[tuple[str, Batch]]:
        raise NotImplementedError

    def _make_batch(
        self, rows: pl.DataFrame, given: pl.DataFrame, first: int, table: str | None = None
    ) -> Iterator[tuple[str, Batch]]:
        """The batch of rows that have the columns of a table, the file's first one where None, and of `_FLAW`."""
        if rows.is_empty():
            return
        sources = given[[number - first for number in rows[_ROW]]]
        flaws = rows[_FLAW] if _FLAW in rows.columns else None
        cells = rows.drop(_ROW, _FLAW, strict=False)
        yield table or self.tables[0], make_batch(rows[_ROW].to_list(), cells, sources, flaws)

    def _count(self, found: Mapping[str, int]) -> None:
        self._left_out.update({what: times for what, times in found.items() if times})

    def _count_texts(self, what: str, texts: pl.Series) -> None:
        """Count rows by a text of theirs; rare ones together, because free text may differ in every row."""
        counted = texts.fill_null("none").str.slice(0, _SHOWN).value_counts(sort=True, name="times").rows()
        self._count({f"{what} {readable(text)}": times for text, times in counted[:_MAX_TEXTS]})
        self._count({f"{what} (others)": sum(times for _, times in counted[_MAX_TEXTS:])})


class _Deliveries(_File):
    """Deliveries are rows of no table by themselves: metrics say what became of them."""

    tables = ()

    def batches(self) -> Iterator[tuple[str, Batch]]:
        if self._source == self._export.files["deliveries"][0]:
            self._count({"webhook deliveries that have not been attempted yet": self._export.untried})
        return super().batches()

    def _batch(self, rows: pl.DataFrame, given: pl.DataFrame, first: int) -> Iterator[tuple[str, Batch]]:  # noqa: ARG002 - part of the protocol
        others = rows.filter(~is_webhook(pl.col("delivery_type")))
        self._count_texts("deliveries of type", others["delivery_type"])
        yield from ()


class _Metrics(_File):
    """One row per thing that happened to a delivery; those of requests are canonical deliveries."""

    tables = ("deliveries", _STATS)

    def _belonging(self) -> pl.Series | None:
        return self._places(self._export.deliveries, "delivery_id")

    def _batch(self, rows: pl.DataFrame, given: pl.DataFrame, first: int) -> Iterator[tuple[str, Batch]]:
        known = self._export.deliveries.with_columns(pl.lit(value=True).alias("_known"))
        sent = self._export.sent.with_columns(pl.lit(value=True).alias("_sent"))
        joined = rows.join(known, on="delivery_id", how="left", maintain_order="left")
        joined = joined.join(sent, on="delivery_id", how="left", maintain_order="left").with_columns(
            metric_word().alias("metric"),
            # Which column is null, as the reason for rejecting a row.
            pl.coalesce(
                pl.when(pl.col(name).is_null()).then(pl.lit(f"{name} is missing"))
                for name in ("event_id", "delivery_id", "metric")
            ).alias(_FLAW),
        )
        is_known = pl.col("_known").is_not_null()
        # Whose a metric is without a delivery cannot be said; one of an e-mail is nothing of ours, right or wrong.
        is_flawed = pl.col(_FLAW).is_not_null() & (is_known | pl.col("delivery_id").is_null())
        # What was sent and then delivered is one request, which was answered when it was sent.
        is_told = (pl.col("metric") == "delivered") & pl.col("_sent").fill_null(value=False)
        is_request = pl.col("metric").is_in(REQUESTS) & ~is_told
        foreign = joined.filter(~is_flawed & ~is_known)
        self._count({"metrics of deliveries that are not webhooks or are not in these files": foreign.height})
        is_conversion = is_known & (pl.col("metric") == CONVERTED)
        others = joined.filter(~is_flawed & is_known & ~is_request & ~is_conversion)
        is_known_word = pl.col("metric").is_in([*OTHERS, *REQUESTS])
        self._count_texts("metric", others.filter(is_known_word)["metric"])
        self._count_texts("unknown metric", others.filter(~is_known_word)["metric"])
        requests = joined.filter((is_flawed | (is_known & is_request)) & ~is_conversion.fill_null(value=False))
        yield from self._make_batch(requests.select(*self._columns()), given, first)
        conversions = joined.filter(is_conversion).select(*self._columns_of_conversions())
        yield from self._make_batch(conversions, given, first, _STATS)

    def _columns(self) -> tuple[pl.Expr | str, ...]:
        metric = pl.col("metric")
        # Of several attempts at one instant the greatest id counts as the last: that a request failed says more than
        # that it was attempted.
        attempt = pl.concat_str(metric, pl.lit(":"), "event_id")
        request = pl.when(metric.is_in(ANSWERED)).then("delivery_id").otherwise(attempt)
        return (
            _ROW,
            _FLAW,
            "campaign_id",
            "instance_id",
            "user_id",
            pl.col("created_at").alias("occurred_at"),
            request.alias("request_id"),
            *of_metrics(metric, pl.col("reason")),
        )

    def _columns_of_conversions(self) -> tuple[pl.Expr | str, ...]:
        return (
            _ROW,
            _FLAW,
            pl.lit(Vendor.CUSTOMERIO.value).alias("vendor"),
            pl.col("event_id").alias("number_id"),
            "campaign_id",
            "instance_id",
            "metric",
            # Of one delivery there is one conversion at most.
            pl.lit(CONVERTED_USERS.name).alias("our_metric"),
            pl.col("created_at").alias("occurred_at"),
            pl.lit("1").alias("value"),
        )


class _Outputs(_File):
    """One row per step of a journey; a webhook step without a delivery is a request that was not made."""

    def _belonging(self) -> pl.Series | None:
        return self._places(self._export.subjects, "subject_name")

    def _batch(self, rows: pl.DataFrame, given: pl.DataFrame, first: int) -> Iterator[tuple[str, Batch]]:
        is_draft = pl.col("draft").str.to_lowercase().is_in(["true", "1"]).fill_null(value=False)
        is_step = pl.col("output_type").str.to_lowercase().str.contains(WEBHOOK, literal=True)
        unsent = rows.filter(is_step, pl.col("delivery_id").is_null(), ~is_draft)
        explained = unsent.with_columns(of_explanations(pl.col("explanation")))
        unclear = explained.filter(pl.col("outcome").is_null())
        self._count_texts("webhook steps without a delivery:", unclear["explanation"])
        held = explained.filter(pl.col("outcome").is_not_null()).join(
            self._export.subjects, on="subject_name", how="left", maintain_order="left"
        )
        run = pl.coalesce("trigger_id", "subject_name")
        made = held.select(
            _ROW,
            pl.when(pl.col("campaign_id").is_null()).then(pl.lit("its subject is not in the files")).alias(_FLAW),
            "campaign_id",
            instance_of(run).alias("instance_id"),
            "user_id",
            pl.col("created_at").alias("occurred_at"),
            (pl.lit("output:") + pl.col("output_id")).alias("request_id"),
            *("outcome", "control_group_type", "personalization_errors", "error_text"),
        )
        yield from self._make_batch(made, given, first)


class _People(_File):
    """One row per person: the id by which deliveries know them, and the id that the user gave."""

    tables = ("identities",)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return ()

    def _batch(self, rows: pl.DataFrame, given: pl.DataFrame, first: int) -> Iterator[tuple[str, Batch]]:
        own, given_id = pl.col("internal_customer_id"), pl.col("customer_id")
        # A row without its own id is rejected, one without an id of the user's has nothing to say.
        named = rows.filter(own.is_null() | (given_id.is_not_null() & (given_id != own)))
        self._count({"people without an id of your own": rows.height - named.height})
        yield from self._make_batch(
            named.select(_ROW, own.alias("user_id"), given_id.alias("merged_into")), given, first
        )
