"""The lines of the error breakdown and of the personalization breakdown as metrics of their own."""

import re

from analytics_core.domain.errors import UnknownNameError
from analytics_core.domain.words import AnalyticsVersion, Counting, PersonalizationCategory
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.funnel_metrics import FAILED_RESPONSES, PERSONALIZATION_FAILED, error_line
from analytics_core.metrics.metric import BOTH_COUNTINGS, AudienceRows, Figure, Group, Metric, Unit
from analytics_core.snapshot.snapshot import Counts, Snapshot, Unknown

NO_RESPONSE = "no_response"
_RESPONSE = re.compile(r"response_(0|[1-9][0-9]{0,2})")


def find_metric(name: str, version: AnalyticsVersion) -> Metric:
    """The metric a person means by `name`: one of the catalog, a reason of the error breakdown, or a category.

    Raises:
        UnknownNameError: there is none of that name, or campaigns of `version` do not have it.
    """
    found = CATALOG.get(name) or _find_line(name)
    if found is not None and found.exists_in(version):
        return found
    kind = "metric of an older campaign" if version is AnalyticsVersion.LEGACY else "metric"
    names = [declared.name for declared in CATALOG.values() if declared.exists_in(version)]
    raise UnknownNameError(kind, name, [*names, NO_RESPONSE, "response_404", *_CATEGORIES])


def countings_of(metric: Metric) -> tuple[Counting, ...]:
    """The countings in which `metric` has a figure of its own, total first; one for metrics of one fixed counting."""
    known = [c for c in (Counting.TOTAL, Counting.UNIQUE) if c in metric.countings]
    return tuple(known) or (Counting.TOTAL,)


def why_unknown(metric: Metric, snapshot: Snapshot) -> str | None:
    """Why the exports cannot tell a metric, or what it is unknown with; None where they can."""
    names = (metric.name, *(other.name for other in metric.unknown_with))
    return next(filter(None, map(snapshot.why_unknown, names)), None)


def _find_line(name: str) -> Metric | None:
    """The line of a response of either kind or of a category; None where `name` is neither."""
    code = _RESPONSE.fullmatch(name)
    if name in _CATEGORIES:
        label = f"Personalization failed: {name.replace('_', ' ')}"
        description = "Personalization failures in this category; a failure in several categories counts in each."
        figure, unknown_with = _category_line(name), PERSONALIZATION_FAILED
        made_of = AudienceRows(reason=PERSONALIZATION_FAILED.name, category=name)
    elif code or name == NO_RESPONSE:
        label = f"Response {code[1]}" if code else "No response"
        ending = f"was answered with {code[1]}" if code else "got no response"
        description = f"Failed requests: no attempt was answered with a success code, and the last {ending}."
        figure, unknown_with = error_line(name, FAILED_RESPONSES), FAILED_RESPONSES
        made_of = AudienceRows(reason=name)
    else:
        return None
    return Metric(
        name=name,
        label=label,
        description=description,
        unit=Unit.COUNT,
        group=Group.DELIVERY,
        figure=figure,
        made_of=made_of,
        unknown_with=(unknown_with,),
        countings=BOTH_COUNTINGS,
    )


_CATEGORIES = tuple(category.value for category in PersonalizationCategory)


def _category_line(category: str) -> Figure:
    def read(snapshot: Snapshot) -> Counts | Unknown:
        found = next(error for error in snapshot.personalization_errors if error.category == category)
        if found.unique is None or found.total is None:
            return Unknown()
        return Counts(unique=found.unique, total=found.total)

    return read
