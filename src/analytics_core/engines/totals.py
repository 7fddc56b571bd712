"""From merged tables to the sums of each campaign."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints, find_run_starts, measure_runs
from analytics_core.attribution.rules import NO_WEEK, Rules
from analytics_core.counting.arm_tables import ArmTables, CellAmounts, Tally
from analytics_core.counting.arms import ALL, FIRST_WEEK
from analytics_core.counting.calendar import Calendar
from analytics_core.counting.conversions import time_to_convert_of
from analytics_core.counting.delivery import COUNTED, reason_of
from analytics_core.counting.instances import Choice, choice_of, instances_of
from analytics_core.counting.keeping import lies_in_period
from analytics_core.counting.personalization import MAX_ATTRIBUTES, categories_in
from analytics_core.counting.totals import CampaignTotals, DrawTotals, GoalTotals
from analytics_core.counting.trends import Bucket, trend_rows, trends_of
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.time import EPOCH, MICROSECOND
from analytics_core.engines.assemble import ComputationContext
from analytics_core.engines.partials import ARM_TABLES, KEYS, TRENDS
from analytics_core.snapshot.kinds import share
from analytics_core.snapshot.snapshot import Counts, TimeToConvert
from analytics_core.tables.keys import KEY, KeyedTables

Row = Mapping[str, Any]
_INSTANCE_TABLES = ("instances", "single_instances")
_FEW = 10
"""Up to so many campaigns are picked out of what is read."""
ByCampaign = Mapping[tuple[Any, ...], pl.DataFrame]
RowsByCampaign = Mapping[int | None, Sequence[Row]]


@dataclass(frozen=True)
class MergedCounts:
    """What one computation counted (see `partials.merge_partials`), condensed, and what it takes to read it.

    Attributes:
        counted: tables by name; the long ones are taken out when they are read.
        tables: the tables as they stood at the as-of instant.
        rules: the rules of the computation.
        calendar: the app's.
        context: the app, the settings and the as-of instant.
        book: ids of the campaigns that are asked about.
    """

    counted: MutableMapping[str, pl.DataFrame]
    tables: KeyedTables
    rules: Rules
    calendar: Calendar
    context: ComputationContext
    book: Sequence[str]

    @cached_property
    def goals(self) -> Mapping[int, str]:
        """Ids of goals by number."""
        return dict(enumerate(self.rules.goals.ids))

    @cached_property
    def rows(self) -> Mapping[str, RowsByCampaign]:
        """The rows of the tables by campaign key, unordered; a campaign without rows has no entry."""
        names = [name for name in KEYS if name not in (*TRENDS, *ARM_TABLES)]
        return {name: self.counted[name].rows_by_key("campaign", named=True, include_key=True) for name in names}

    @cached_property
    def trends(self) -> Mapping[str, Mapping[int | None, Sequence[Bucket]]]:
        """The lists of trends by campaign key, each row a bucket."""
        delivered, converted, cohorts = (self.counted[name] for name in TRENDS)
        rows = trend_rows(delivered, converted, cohorts, self.calendar)
        return {name: table.rows_by_key("campaign", unique=False) for name, table in rows.items()}

    def only(self, table: str, campaign: int | None) -> Row:
        """A campaign's one row of a table; empty without."""
        return next(iter(self.rows[table].get(campaign, [])), {})

    @cached_property
    def delays(self) -> Mapping[tuple[Any, ...], pl.DataFrame]:
        """Delays from send to event, by goal number; goals without any have no entry."""
        return self._divide("delays", "goal")[0]

    def arms(self, campaign: int | None) -> ArmTables:
        """What the comparisons of a campaign are made of; nothing where it drew no control group."""
        users = self._arm_tables["arm_users"].get((campaign,))
        if campaign is None or users is None:
            return ArmTables()
        draws, week = self.rules.draws, None
        if draws.week_ends[campaign] != NO_WEEK:
            week = ALL if draws.whole[campaign] else FIRST_WEEK
        return ArmTables(
            users=Tally.by_span(users),
            converters={goal: Tally.by_span(rows) for goal, rows in self._of_goals("arm_converters", campaign)},
            amounts={goal: CellAmounts.of(rows) for goal, rows in self._of_goals("arm_amounts", campaign)},
            week=week,
        )

    def count_amounts(self, campaign: Campaign) -> int:
        """How many rows the amounts have that the comparisons of a campaign are made of."""
        key = self.tables.campaigns.get(campaign.campaign_id)
        return 0 if key is None else sum(len(rows) for _, rows in self._of_goals("arm_amounts", key))

    def _of_goals(self, table: str, campaign: int) -> Iterator[tuple[str, pl.DataFrame]]:
        """Ids and rows of a campaign's goals that have rows."""
        goals, rows = self.rules.goals, self._arm_tables[table]
        for number in np.flatnonzero(goals.campaign == campaign).tolist():
            if (number,) in rows:
                yield goals.ids[number], rows[number,]

    @cached_property
    def _arm_tables(self) -> Mapping[str, ByCampaign]:
        """`arm_users` by campaign, the others by goal."""
        keys = {"arm_users": "campaign", "arm_converters": "goal", "arm_amounts": "goal"}
        return {name: self._divide(name, key)[0] for name, key in keys.items()}

    def choice_of(self, campaign: Campaign) -> Choice:
        """A campaign's instances and which of them are listed."""
        return self._choices[campaign.campaign_id]

    def instance_names(self, keys: Ints) -> Sequence[str]:
        """Ids of listed instances by key."""
        return [self._names[key] for key in keys.tolist()]

    @cached_property
    def _choices(self) -> Mapping[str, Choice]:
        """By campaign id."""
        # Not kept: in all there are as many of them as audience rows where every trigger is an instance.
        every = self._declared
        parts = [self._divide(name, "campaign") for name in _INSTANCE_TABLES]
        found = {}
        for campaign_id in self.book:
            key = (self.tables.campaigns.get(campaign_id),)
            declared = every.get((campaign_id,), self._none_declared)
            several, single = (rows.get(key, none) for rows, none in parts)
            found[campaign_id] = choice_of(several, single, declared, self._read_names, self._cut.get(key[0]))
        return found

    @cached_property
    def _cut(self) -> Mapping[int | None, Row]:
        """By campaign key, what its instances add up to that were cut where they were counted."""
        rows = self.counted.get("instances_rest", pl.DataFrame(schema={"campaign": KEY}))
        return {row["campaign"]: row for row in rows.iter_rows(named=True)}

    @cached_property
    def _names(self) -> Mapping[int, str]:
        """Ids of all campaigns' listed instances: dictionaries are long, and read once."""
        keys = np.concatenate([choice.listed["instance"] for choice in self._choices.values()])
        return dict(zip(keys.tolist(), self._read_names(keys), strict=True))

    def _read_names(self, keys: Ints) -> Sequence[str]:
        asked = pl.DataFrame({"instance_key": pl.Series(keys, dtype=pl.Int32)})
        names = self._instances.select("instance_key", "instance_id")
        found = names.filter(pl.col("instance_key").is_in(asked["instance_key"].unique().implode())).collect()
        return asked.join(found, on="instance_key", how="left", maintain_order="left")["instance_id"].to_list()

    def find_converted_instances(self, campaign: int | None) -> pl.DataFrame:
        """A campaign's rows of `instance_conversions`."""
        rows, none = self._instance_conversions
        return rows.get((campaign,), none)

    @cached_property
    def _instance_conversions(self) -> tuple[ByCampaign, pl.DataFrame]:
        return self._divide("instance_conversions", "campaign")

    def _divide(self, name: str, key: str) -> tuple[ByCampaign, pl.DataFrame]:
        """A table's rows by key, and a table without rows; it is taken out, for it may be as long as the audience."""
        table = self.counted.pop(name)
        keys = table[key].to_numpy()
        starts = find_run_starts(keys)
        if len(np.unique(keys[starts])) < len(starts):
            return table.partition_by(key, as_dict=True), table.clear()
        # In order already: slices take no room, and the copies of a long table as much as it does.
        sizes = measure_runs(starts, len(keys))
        slices = {
            (keys[start].item(),): table.slice(start, size)
            for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
        }
        return slices, table.clear()

    @cached_property
    def _declared(self) -> Mapping[tuple[Any, ...], pl.DataFrame]:
        """Instances as the instances table has them, by campaign id; none where only matured rows count."""
        if self.context.settings.matured_only:
            return {}
        key = ["campaign_id", "instance_id"]
        declared = self.tables.instances.filter(self._asked_about).join(self._instances, on=key, how="left").collect()
        if self.rules.kept.has_period:
            # An instance lies in the period with all its rows and times; one with neither does not.
            outside = self.counted["instances_outside"]["instance"].unique()
            with_rows = pl.concat([self.counted[name]["instance"] for name in _INSTANCE_TABLES]).unique()
            keys, times = declared["instance_key"], declared.select(pl.selectors.ends_with("_at"))
            has_times = times.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
            known = keys.is_in(with_rows.implode()).fill_null(value=False) | has_times
            inside = ~keys.is_in(outside.implode()).fill_null(value=False)
            declared = declared.filter(inside & known & lies_in_period(times, self.rules, self.calendar))
        chosen = declared.select(*key, pl.col("users_in_segment").fill_null(0), "instance_key")
        return chosen.partition_by("campaign_id", as_dict=True)

    @property
    def _instances(self) -> pl.LazyFrame:
        """The dictionary of instances."""
        return self.tables.dictionaries["instance"].filter(self._asked_about)

    @property
    def _asked_about(self) -> pl.Expr:
        few = len(self.book) <= _FEW
        return pl.col("campaign_id").is_in(list(self.book)) if few else pl.lit(value=True)

    @cached_property
    def _none_declared(self) -> pl.DataFrame:
        schema = {"instance_id": pl.String, "users_in_segment": pl.Int64, "instance_key": KEY}
        return pl.DataFrame(schema=schema)


def sum_campaign(campaign: Campaign, collected: MergedCounts) -> CampaignTotals:
    """The sums of one campaign; zeros where nothing was counted."""
    key = collected.tables.campaigns.get(campaign.campaign_id)
    delivery, maturity = collected.only("delivery", key), collected.only("maturity", key)
    rows = {name: found.get(key, []) for name, found in collected.rows.items()}
    trends = {name: found.get(key, []) for name, found in collected.trends.items()}
    attributes = sorted(rows["attributes"], key=lambda row: (-row["total"], row["attribute"], row["category"]))
    closes_at = maturity.get("closes_at")
    instances = instances_of(
        campaign, collected.choice_of(campaign), collected.find_converted_instances(key), collected.instance_names
    )
    return CampaignTotals(
        counts={name: Counts(delivery[f"{name}_unique"], delivery[f"{name}_total"]) for name in COUNTED}
        if delivery
        else {},
        request_attempts=delivery.get("request_attempts", 0),
        errors={reason_of(row["reason"]): _counts(row) for row in rows["errors"]},
        personalization={row["category"]: _counts(row) for row in rows["categories"]},
        overlap={categories_in(row["combination"]): _counts(row) for row in rows["overlap"]},
        attributes={(row["attribute"], row["category"]): _counts(row) for row in attributes[:MAX_ATTRIBUTES]},
        attributes_omitted=max(len(attributes) - MAX_ATTRIBUTES, 0),
        unaccounted=instances.unaccounted,
        goals=_goals(campaign, collected, rows["conversions"]),
        draws=DrawTotals(**{n: v for n, v in collected.only("draws", key).items() if n != "campaign"}),
        arms=collected.arms(key),
        matured_share=share(maturity.get("matured_sent", 0), maturity.get("sent", 0)),
        last_send_closes_at=None if closes_at is None else EPOCH + closes_at * MICROSECOND,
        trends=trends_of(campaign, trends, collected.calendar),
        instances=instances,
        gaps=collected.tables.gaps.get(campaign.campaign_id, ()),
    )


def _counts(row: Row) -> Counts:
    return Counts(row["unique"], row["total"])


def _goals(campaign: Campaign, collected: MergedCounts, rows: Sequence[Row]) -> dict[str, GoalTotals]:
    window = collected.context.settings.window_of(campaign)
    found = {}
    for row in rows:
        delays = collected.delays.get((row["goal"],))
        found[collected.goals[row["goal"]]] = GoalTotals(
            conversion_events=row["conversion_events"],
            converted_users=row["converted_users"],
            converted_people=row["converted_people"],
            revenue=Decimal(row["revenue"]),
            events_without_value=row["events_without_value"],
            events_in_other_currency=row["events_in_other_currency"],
            events_with_rounded_value=row["events_with_rounded_value"],
            time_to_convert=None if delays is None else _time_to_convert(delays, window),
        )
    return found


def _time_to_convert(delays: pl.DataFrame, window: timedelta) -> TimeToConvert:
    return time_to_convert_of(delays["delay"].to_numpy(), delays["credits"].to_numpy(), window)
