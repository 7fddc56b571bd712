"""Answers of MoEngage's Stats API: a campaign's numbers as MoEngage reports them, one row a number."""

from collections.abc import Iterator, Mapping

from analytics_core.domain.errors import RowError
from analytics_core.domain.words import ControlGroupType, Counting, Vendor, require_every
from analytics_core.json_text import Number
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.conversion_metrics import CONVERSION_EVENTS, CONVERSION_RATE, CONVERTED_USERS
from analytics_core.metrics.uplift_metrics import CONTROL_CONVERSION_RATE, CONTROL_CONVERTED_USERS
from analytics_core.sources.event_files import Placed
from analytics_core.sources.moengage.events import digest
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.texts import decimal_of

TABLE = "vendor_stats"
Fields = Mapping[str, object]
PlacedNumber = tuple[Placed, object]
"""Where a number belongs, and what is kept of it where it is rejected."""

_GOALS = "conversion_goal_stats"
_GOAL_NAME = "goal_name"
_ARMS = {
    "all_variations": None,
    "campaign_control_group": ControlGroupType.CAMPAIGN,
    "global_control_group": ControlGroupType.GLOBAL,
}
_OURS = {
    said: declared.name
    for declared in CATALOG.values()
    for vendor, said in declared.stated_as
    if vendor is Vendor.MOENGAGE
}
"""By section and name, which of our metrics a number is meant to be."""
_OURS_OF_CONTROL = {
    CONVERTED_USERS.name: CONTROL_CONVERTED_USERS.name,
    CONVERSION_RATE.name: CONTROL_CONVERSION_RATE.name,
}
_CONVERSIONS = require_every(Counting, {Counting.TOTAL: CONVERSION_EVENTS.name, Counting.UNIQUE: CONVERTED_USERS.name})
"""What `conversions` counts depends on what was asked for."""
_COMPARED_WITH = {"uplift": ControlGroupType.CAMPAIGN, "gcg_uplift": ControlGroupType.GLOBAL}
_PERCENTAGES = frozenset({"cvr", "ctr", *_COMPARED_WITH})
_MAY_BE_NEGATIVE = frozenset({"revenue", "average_order_value", "average_revenue_per_user", *_COMPARED_WITH})
_PARTS = "Stats API: a single platform, locale or variation of a campaign"
_NULLS = "Stats API: a number that is null"


def is_answer(value: Fields) -> bool:
    """Whether a JSON object is an answer of the Stats API, and no event."""
    return isinstance(value.get("data"), dict) and "event_name" not in value and "event_code" not in value


def read_answer(answer: Fields) -> Iterator[PlacedNumber]:
    """The numbers of an answer, in its order.

    An answer says neither its period nor how it counts: that is read from the `request` that was saved beside its
    `data`, or from the request's own keys there.
    """
    given = answer.get("request")
    request = given if isinstance(given, dict) else answer
    asked = _Asked(request)
    data = answer["data"]
    for campaign_id, found in data.items() if isinstance(data, dict) else ():
        for entry in found if isinstance(found, list) else [found]:
            yield from _of_campaign(campaign_id, entry, asked)


class _Asked:
    """What an answer was asked for.

    Args:
        request: the parameters of the call.
    """

    def __init__(self, request: Fields) -> None:
        self.starts_on, self.ends_on = request.get("start_date"), request.get("end_date")
        kind, attribution = request.get("metric_type"), request.get("attribution_type")
        self.counting = next((one for one in Counting if isinstance(kind, str) and kind.lower() == one), None)
        self.attribution = attribution if isinstance(attribution, str) else None


def _of_campaign(campaign_id: str, entry: object, asked: _Asked) -> Iterator[PlacedNumber]:
    whole = entry
    for level in ("platforms", "locales", "variations"):
        parts = whole.get(level) if isinstance(whole, dict) else None
        if not isinstance(parts, dict):
            yield (TABLE, RowError(f"{level} is not an object")), {campaign_id: entry}
            return
        if level == "variations":
            yield from _of_variations(campaign_id, parts, asked)
            return
        # The part that stands for all of them is named so, or is the only one.
        candidates = [part for name, part in parts.items() if name.lower().startswith("all_")] or [*parts.values()]
        whole = candidates[0] if len(candidates) == 1 else None
        yield from [(_PARTS, None)] * (len(parts) - (whole is not None))
        if whole is None:
            return


def _of_variations(campaign_id: str, variations: Fields, asked: _Asked) -> Iterator[PlacedNumber]:
    for name, sections in variations.items():
        if name not in _ARMS:
            yield _PARTS, None
            continue
        if not isinstance(sections, dict):
            yield (TABLE, RowError("a variation is not an object")), {campaign_id: {name: sections}}
            continue
        of_arm = _Arm(campaign_id, _ARMS[name], asked)
        for section, numbers in sections.items():
            yield from of_arm.section(section, numbers)


class _Arm:
    """The numbers of the campaign, or of one of its control groups."""

    def __init__(self, campaign_id: str, group: ControlGroupType | None, asked: _Asked) -> None:
        self._campaign_id, self._group, self._asked = campaign_id, group, asked

    def section(self, section: str, numbers: object) -> Iterator[PlacedNumber]:
        """The numbers of a section; those of goals are a level further down."""
        if not isinstance(numbers, dict):
            yield (TABLE, RowError("a section is not an object")), {self._campaign_id: {section: numbers}}
        elif section == _GOALS:
            for key, of_goal in numbers.items():
                if isinstance(of_goal, dict):
                    name = of_goal.get(_GOAL_NAME)
                    named = name if isinstance(name, str) and not isinstance(name, Number) else ""
                    yield from self._numbers(section, of_goal, named or key)
                else:
                    yield (TABLE, RowError("a goal is not an object")), {self._campaign_id: {section: {key: of_goal}}}
        else:
            yield from self._numbers(section, numbers, None)

    def _numbers(self, section: str, numbers: Fields, goal: str | None) -> Iterator[PlacedNumber]:
        for name, value in numbers.items():
            if name == _GOAL_NAME and goal is not None:
                continue
            if value is None:
                yield _NULLS, None
                continue
            raw = {"campaign_id": self._campaign_id, "goal": goal, section: {name: value}}
            yield (TABLE, self._record(section, name, value, goal)), raw

    def _record(self, section: str, name: str, value: object, goal: str | None) -> Record | RowError:
        number = decimal_of(value) if isinstance(value, Number) else None
        if number is None:
            return RowError("value is not a number")
        if number < 0 and name not in _MAY_BE_NEGATIVE:
            return RowError("value is negative")
        asked = self._asked
        share = number.scaleb(-2) if name in _PERCENTAGES or name.endswith("_rate") else number
        attribution = f" ({asked.attribution})" if section == _GOALS and asked.attribution else ""
        said: dict[str, object] = {
            "vendor": Vendor.MOENGAGE.value,
            "campaign_id": self._campaign_id,
            "metric": f"{section}.{name}{attribution}",
            "our_metric": self._ours(section, name),
            "counting": asked.counting,
            "goal": goal,
            "control_group_type": self._group or _COMPARED_WITH.get(name),
            "starts_on": asked.starts_on,
            "ends_on": asked.ends_on,
            # Without an exponent, so that 12 and 12.0 are the same; percentages as shares.
            "value": Number(f"{share.normalize():f}"),
        }
        # Which file an answer came in, and when it was asked for, is not told: the same said again is the same.
        return {**said, "number_id": digest(said)}

    def _ours(self, section: str, name: str) -> str | None:
        found = _OURS.get(f"{section}.{name}")
        if section == _GOALS and name == "conversions" and self._asked.counting:
            found = _CONVERSIONS[self._asked.counting]
        return found if self._group is None else _OURS_OF_CONTROL.get(found or "")
