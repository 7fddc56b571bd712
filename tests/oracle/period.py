"""Which audience rows and declared sizes count in a period of days."""

from collections.abc import Callable
from datetime import datetime

from oracle.audience import AudienceRow
from oracle.known import INSTANCE_TIMES, Row
from oracle.localtime import zone
from oracle.rules import Rules

Inside = Callable[[datetime], bool]


def inside(settings: Rules, timezone: str) -> Inside:
    """Whether an instant is on the days of the period, in the app's zone."""

    def is_inside(moment: datetime) -> bool:
        day = moment.astimezone(zone(timezone)).date()
        return (settings.since is None or settings.since <= day) and (settings.until is None or day <= settings.until)

    return is_inside


def is_limited(settings: Rules) -> bool:
    return settings.since is not None or settings.until is not None


def period_document(settings: Rules) -> Row | None:
    if not is_limited(settings):
        return None
    return {name: day and day.isoformat() for name, day in (("since", settings.since), ("until", settings.until))}


def declared_instances(
    instances: list[Row], logged: list[AudienceRow], settings: Rules, is_inside: Inside
) -> list[Row]:
    """The declarations of sizes that count: none where only matured rows do; of a period those wholly inside."""
    if settings.matured_only:
        return []
    if not is_limited(settings):
        return instances
    return [instance for instance in instances if lies_inside(instance, logged, is_inside)]


def lies_inside(instance: Row, logged: list[AudienceRow], is_inside: Inside) -> bool:
    own = [row for row in logged if row.instance_id == instance["instance_id"]]
    times = [instance[name] for name in INSTANCE_TIMES if instance.get(name) is not None]
    moments = [*times, *(row.clock for row in own)]
    return bool(moments) and all(map(is_inside, moments))
