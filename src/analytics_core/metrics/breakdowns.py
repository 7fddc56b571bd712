"""The lines of the error breakdown and of the personalization breakdown as metrics of their own."""

import re

from analytics_core.domain.errors import UnknownNameError
from analytics_core.domain.words import AnalyticsVersion, Counting, PersonalizationCategory
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.comparison_metrics import COMPARISON, NEEDS_ATTEMPTED
from analytics_core.metrics.metric import BOTH_COUNTINGS, Group, Metric, Read, Unit
from analytics_core.snapshot.snapshot import Counts, Snapshot, Unknown

NO_RESPONSE = "no_response"
_RESPONSE = re.compile(r"response_(0|[1-9][0-9]{0,2})")
NOT_ON_OLDER_PAGES = {"after_frequency_cap", "after_personalization", "sample_ratio", *COMPARISON}
"""What older campaigns do not have."""


def asked_metric(name: str, version: AnalyticsVersion) -> Metric:
    """The metric a person means by `name`: one of the catalog, a reason of the error breakdown, or a category.

    Raises:
        UnknownNameError: there is none of that name, or campaigns of `version` do not have it.
    """
    found = CATALOG.get(name) or _reason(name) or _category(name)
    if found is not None and not (version is AnalyticsVersion.LEGACY and name in NOT_ON_OLDER_PAGES):
        return found
    hidden = NOT_ON_OLDER_PAGES if version is AnalyticsVersion.LEGACY else set()
    kind = "metric of an older campaign" if hidden else "metric"
    raise UnknownNameError(kind, name, [*(CATALOG.keys() - hidden), NO_RESPONSE, "response_404", *_CATEGORIES])


def is_category(name: str) -> bool:
    """Whether `name` is a category of the personalization breakdown."""
    return name in _CATEGORIES


def countings_of(metric: Metric) -> tuple[Counting, ...]:
    """The countings in which `metric` has a figure of its own, total first; one for metrics of one fixed counting."""
    known = [c for c in (Counting.TOTAL, Counting.UNIQUE) if c in metric.countings]
    return tuple(known) or (Counting.TOTAL,)


def why_unknown(metric: Metric, snapshot: Snapshot) -> str | None:
    """Why the exports cannot tell a metric, or the whole it is a line of; None where they can."""
    if is_category(metric.name):
        return snapshot.why_unknown("personalization_failed")
    if metric.name == "sample_ratio":
        return snapshot.why_unknown("attempted") or snapshot.why_unknown("control_group")
    if metric.name in NEEDS_ATTEMPTED:
        return snapshot.why_unknown("attempted")
    return snapshot.why_unknown("failed_responses" if _is_answer(metric.name) else metric.name)


def _is_answer(name: str) -> bool:
    return name == NO_RESPONSE or _RESPONSE.fullmatch(name) is not None


def _reason(name: str) -> Metric | None:
    code = _RESPONSE.fullmatch(name)
    if name == NO_RESPONSE:
        label, ending = "No response", "got no response"
    elif code:
        label, ending = f"Response {code[1]}", f"was answered with {code[1]}"
    else:
        return None
    return Metric(
        name=name,
        label=label,
        description=f"Failed requests: no attempt was answered with a success code, and the last {ending}.",
        unit=Unit.COUNT,
        group=Group.DELIVERY,
        read=_error_line(name),
        countings=BOTH_COUNTINGS,
    )


def _category(name: str) -> Metric | None:
    if name not in _CATEGORIES:
        return None
    return Metric(
        name=name,
        label=f"Personalization failed: {name.replace('_', ' ')}",
        description="Personalization failures in this category; a failure in several categories counts in each.",
        unit=Unit.COUNT,
        group=Group.DELIVERY,
        read=_category_line(name),
        countings=BOTH_COUNTINGS,
    )


_CATEGORIES = tuple(category.value for category in PersonalizationCategory)


def _error_line(reason: str) -> Read:
    def read(snapshot: Snapshot) -> Counts | Unknown:
        if snapshot.why_unknown("failed_responses"):
            return Unknown()
        found = next((error for error in snapshot.errors if error.reason == reason), None)
        return Counts() if found is None else Counts(unique=found.unique, total=found.total)

    return read


def _category_line(category: str) -> Read:
    def read(snapshot: Snapshot) -> Counts | Unknown:
        found = next(error for error in snapshot.personalization_errors if error.category == category)
        if found.unique is None or found.total is None:
            return Unknown()
        return Counts(unique=found.unique, total=found.total)

    return read
