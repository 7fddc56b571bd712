"""What was sent against what was held back: both bases, each control group apart."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, lcm
from typing import TypeVar

from oracle import inference
from oracle.audience import ATTEMPTED, AudienceRow
from oracle.known import Row
from oracle.values import MICROS, amount_micros, quotient_text, satisfies

WEEK = timedelta(days=7)
FEWEST_CONVERTED, FEWEST_PEOPLE = 5, 30
GROUPS = ("campaign", "global")
Rows = list[AudienceRow]
Events = Mapping[AudienceRow, list[Row]]
Held = TypeVar("Held")


@dataclass(frozen=True)
class Study:
    """One campaign's rows as the comparison looks at them; `kept` are those that count."""

    logged: Rows
    kept: Rows
    length: timedelta
    as_of: datetime | None

    def drawn(self, group: str) -> Rows:
        return [row for row in self.kept if row.drawn == group]

    def undrawn(self, words: Iterable[str]) -> Rows:
        return [row for row in self.kept if row.drawn is None and row.standing in words]

    def belongings(self, events: Iterable[Row], goal: Row) -> Events:
        """The goal's events of each row: those from its clock to the user's next row, within its window."""
        of_user = defaultdict(list)
        for row in self.logged:
            of_user[row.user_id].append(row)
        found = defaultdict(list)
        for event in events:
            before = [row for row in of_user[event["user_id"]] if row.seen_at <= event["occurred_at"]]
            if before and satisfies(event, goal):
                latest = max(before, key=lambda row: (row.seen_at, row.instance_id))
                if event["occurred_at"] <= latest.seen_at + self.length:
                    found[latest].append(event)
        return found

    def in_first_week(self) -> Callable[[AudienceRow], bool] | None:
        """Which rows are of the first week; None until every one of them has matured."""
        first = min((row.seen_at for row in self.kept), default=None)
        if first is None or self.as_of is None or self.as_of < first + WEEK + self.length:
            return None
        return lambda row: row.seen_at < first + WEEK


@dataclass(frozen=True)
class Side:
    """One arm: its rows, and the goal's events that belong to them."""

    rows: Rows
    events: Events

    @property
    def converted(self) -> Rows:
        return [row for row in self.rows if self.events.get(row)]

    @property
    def people(self) -> set[str]:
        return {row.user_id for row in self.rows}

    @property
    def converted_people(self) -> set[str]:
        return {row.user_id for row in self.converted}

    @property
    def rate(self) -> Fraction | None:
        return Fraction(len(self.converted), len(self.rows)) if self.rows else None

    def conversions(self) -> inference.Rows:
        return by_user(self.rows, lambda row: int(bool(self.events.get(row))))

    def within(self, condition: Callable[[AudienceRow], bool]) -> "Side":
        return Side([row for row in self.rows if condition(row)], self.events)

    def figures(self) -> Row:
        return {
            "rows": len(self.rows),
            "people": len(self.people),
            "converted_users": len(self.converted),
            "converted_people": len(self.converted_people),
            "conversion_rate": None if self.rate is None else float(self.rate),
        }


def by_user(rows: Rows, value: Callable[[AudienceRow], Held]) -> dict[str, list[Held]]:
    held = defaultdict(list)
    for row in rows:
        held[row.user_id].append(value(row))
    return held


def uplifts(study: Study, events: list[Row], goals: list[Row], app_currency: str) -> list[Row]:
    """Each goal's two comparisons; p-values adjusted over the goals, within each control group."""
    found = []
    for goal in goals:
        belonging = study.belongings(events, goal)
        found.append({group: comparison(study, belonging, goal, group, app_currency) for group in GROUPS})
    for group in GROUPS:
        arms = [arms[group] for arms in found if arms[group] is not None]
        for arm, adjusted in zip(arms, inference.holm([arm["p_value"] for arm in arms]), strict=True):
            arm["p_value_adjusted"] = adjusted
    return found


def comparison(study: Study, events: Events, goal: Row, group: str, app_currency: str) -> Row | None:
    drawn = study.drawn(group)
    if not drawn:
        return None
    money = Money(goal, app_currency)
    held = Side([row for row in drawn if not row.is_contaminated], events)
    sent, attempted = Side(study.undrawn({"sent"}), events), Side(study.undrawn(ATTEMPTED), events)
    control = held.figures()
    by_assignment = Side(drawn, events)
    return {
        "active_targets": control.pop("rows"),
        **control,
        "treated": sent.figures(),
        **estimates(study, sent, held, money),
        "contaminated_rows": len(drawn) - len(held.rows),
        "assigned": {
            "treated": attempted.figures(),
            "control": by_assignment.figures(),
            **estimates(study, attempted, by_assignment, money),
        },
    }


def estimates(study: Study, treated: Side, control: Side, money: "Money") -> Row:
    if not treated.rows or not control.rows:
        return dict.fromkeys(ESTIMATED) | {"verdict": "too_few"}
    told = inference.compared(treated.conversions(), control.conversions())
    interval, difference = inference.ratio_interval(told), treated.rate - control.rate
    of_difference = inference.difference_interval(told)
    size = len(treated.rows)
    return {
        "uplift": float(difference / control.rate) if control.rate else None,
        "interval": listed(interval),
        "p_value": inference.p_value(told),
        "always_valid_interval": always_valid(study, treated, control, told),
        "verdict": verdict(treated, control, interval),
        "difference": float(difference),
        "difference_interval": listed(of_difference),
        "incremental_conversions": float(size * difference),
        "incremental_conversions_interval": of_difference and [size * end for end in of_difference],
        "smallest_detectable_uplift": inference.smallest_detectable_uplift(told),
        "revenue": money.document(treated, control),
    }


ESTIMATED = (
    "uplift",
    "interval",
    "p_value",
    "always_valid_interval",
    "verdict",
    "difference",
    "difference_interval",
    "incremental_conversions",
    "incremental_conversions_interval",
    "smallest_detectable_uplift",
    "revenue",
)


def listed(interval: inference.OpenInterval | None) -> list[float | None] | None:
    return None if interval is None else list(interval)


def always_valid(study: Study, treated: Side, control: Side, told: inference.Comparison) -> list[float | None] | None:
    is_early = study.in_first_week()
    if is_early is None:
        return None
    first, other = treated.within(is_early), control.within(is_early)
    if not first.rows or not other.rows:
        return None
    early = inference.compared(first.conversions(), other.conversions())
    return listed(inference.always_valid_interval(told, early))


def verdict(treated: Side, control: Side, interval: inference.OpenInterval | None) -> str:
    people = len(treated.people) + len(control.people)
    converted = len(treated.converted_people) + len(control.converted_people)
    smaller = min(len(treated.people), len(control.people))
    if smaller < FEWEST_PEOPLE or Fraction(converted, people) * smaller < FEWEST_CONVERTED:
        return "too_few"
    low, high = interval or (-1.0, None)
    if low > 0:
        return "up"
    return "down" if high is not None and high < 0 else "uncertain"


@dataclass(frozen=True)
class Money:
    """The goal's revenue per row of both arms."""

    goal: Row
    app_currency: str

    def document(self, treated: Side, control: Side) -> Row | None:
        if not self.goal.get("revenue"):
            return None
        arms = [self.amounts(treated), self.amounts(control)]
        return revenue(arms) | {"cut": revenue(cut(arms))}

    def amounts(self, side: Side) -> "Amounts":
        def earned(row: AudienceRow) -> Fraction:
            events = side.events.get(row, [])
            return Fraction(sum(amount_micros(event, self.goal, self.app_currency)[0] for event in events), MICROS)

        return by_user(side.rows, earned)


Amounts = dict[str, list[Fraction]]


def cut(arms: list[Amounts]) -> list[Amounts]:
    """Every user's sum per arm cut at the 99th percentile of the positive ones, their rows in proportion."""
    sums = sorted(total for arm in arms for held in arm.values() if (total := sum(held)) > 0)
    if not sums:
        return arms
    most = sums[ceil(Fraction(99 * len(sums), 100)) - 1]
    return [{user: shrunk(held, most) for user, held in arm.items()} for arm in arms]


def shrunk(held: list[Fraction], most: Fraction) -> list[Fraction]:
    total = sum(held)
    return [one * most / total for one in held] if total > most else held


def revenue(arms: list[Amounts]) -> Row:
    rows, sums = zip(*((sum(map(len, arm.values())), sum(map(sum, arm.values()))) for arm in arms), strict=True)
    means = [total / count for total, count in zip(sums, rows, strict=True)]
    difference = means[0] - means[1]
    p_value, interval = sureness(arms)
    return {
        "treated_per_row": money_text(means[0]),
        "control_per_row": money_text(means[1]),
        "difference": money_text(difference),
        "interval": interval and [money_text(end) for end in interval],
        "p_value": p_value,
        "incremental": money_text(rows[0] * difference),
        "incremental_interval": interval and [money_text(rows[0] * end) for end in interval],
    }


def sureness(arms: list[Amounts]) -> tuple[float | None, list[Fraction] | None]:
    """Of the difference of money per row, as doubles hold the rows' money: p-value and interval.

    Of 9,007,199,254,740,992 and as much and 0.4 that is no difference at all, beside which others are large.
    """
    arms = [{user: [Fraction(float(one)) for one in held] for user, held in arm.items()} for arm in arms]
    unit = lcm(*(one.denominator for arm in arms for held in arm.values() for one in held))
    told = inference.compared(*(whole(arm, unit) for arm in arms))
    totals = told.treated.total, told.control.total
    if sum(totals) <= 0 or min(totals) < 0:
        return None, None
    ends = inference.difference_interval(told)
    return inference.p_value(told), ends and [Fraction(end) * told.scale / unit for end in ends]


def whole(arm: Amounts, unit: int) -> dict[str, list[int]]:
    return {user: [int(one * unit) for one in held] for user, held in arm.items()}


def money_text(amount: Fraction) -> str:
    return quotient_text(round(amount * MICROS))
