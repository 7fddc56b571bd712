"""A definition as the fields of a form, and back: secrets are masks, which stand for themselves where left alone."""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from analytics_core.campaigns.differences import is_within
from analytics_core.campaigns.editing import read_definition_document, read_fields
from analytics_core.campaigns.lifecycle import list_locked_fields
from analytics_core.campaigns.validation import Problem, find_problems
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.time import zone_named
from analytics_core.domain.words import Status
from analytics_core.views.definition.editable import mask_document, unmask_document
from analytics_core.views.forms.labels import STATUSES
from analytics_core.widgets.browser.dialog import Field, Values, WrongFieldsError

_TIMES = ("schedule.starts_at", "schedule.ends_at")
_ABOUT_MASKS = "A mask that is left as it is keeps what it stands for."
_WINDOW, _TAGS = "attribution_window_hours", "tags"
_LABELS = {
    "name": ("Name", "text", ""),
    "team": ("Team", "text", ""),
    _TAGS: ("Tags", "text", "At most five, with commas between them."),
    "schedule.starts_at": ("Starts", "text", ""),
    "schedule.ends_at": ("Ends", "text", ""),
    _WINDOW: ("Attribution window in hours", "text", "Empty: the workspace's."),
    "request.method": ("Request method", "text", ""),
    "request.url": ("Request URL", "text", _ABOUT_MASKS),
    "request.body": ("Request body", "area", _ABOUT_MASKS),
}
_PROBLEM = re.compile(r"(?P<field>[a-z_]+(?:\.[a-z_]+)?): (?P<why>.+)", re.DOTALL)


def make_fields(campaign: Campaign, status: Status | None, timezone: str) -> tuple[Field, ...]:
    """The fields that can be edited here; what cannot be changed in `status` is locked and says so."""
    texts, locked = write_texts(campaign, timezone), list_locked_fields(status)
    word = STATUSES[status][1] if status else "without a status"
    why = f"Cannot be changed while the campaign is {word}."
    when = f"In {timezone}, such as 2026-12-01 09:00; empty: not said."
    return tuple(
        Field(
            name,
            label,
            texts[name],
            kind,
            note=when if name in _TIMES else note,
            locked=why if any(is_within(name, one) for one in locked) else "",
        )
        for name, (label, kind, note) in _LABELS.items()
    )


def write_texts(campaign: Campaign, timezone: str) -> dict[str, str]:
    """Each field as text, masked."""
    masked = mask_document(campaign.model_dump(mode="json"))
    schedule, hours = campaign.schedule, campaign.attribution_window_hours
    times = (schedule.starts_at, schedule.ends_at) if schedule else (None, None)
    special = {
        _TAGS: ", ".join(masked[_TAGS]),
        _WINDOW: "" if hours is None else f"{hours:g}",
        **dict(zip(_TIMES, (_write_time(time, timezone) for time in times), strict=True)),
    }
    return {name: special[name] if name in special else str(_find(masked, name) or "") for name in _LABELS}


def read_edit(campaign: Campaign, values: Values, timezone: str) -> Campaign:
    """The definition that a filled-in form makes of one; what was left alone stays to the last digit.

    Raises:
        WrongFieldsError: it would be none; with every reason, each at its field.
    """
    texts, document = write_texts(campaign, timezone), campaign.model_dump(mode="json")
    changed = {name: values[name] for name in _LABELS if name in values and _tidy(values[name]) != _tidy(texts[name])}
    edited = deepcopy(mask_document(document))
    for name, text in changed.items():
        _put(edited, name, _read(name, text, timezone))
    try:
        after = read_definition_document(unmask_document(edited, document))
    except AnalyticsError as error:
        raise _sort_reasons(str(error).split("; ")) from None
    serious = [str(problem) for problem in find_problems(after) if not problem.is_warning]
    if serious:
        raise _sort_reasons(serious)
    return after


def list_warnings(campaign: Campaign) -> list[Problem]:
    """What is seldom right in a definition, and may be meant."""
    return [problem for problem in find_problems(campaign) if problem.is_warning]


def _tidy(text: str) -> str:
    """A text as a form hands it back, whose line breaks are its own."""
    return text.replace("\r\n", "\n").strip()


def _write_time(time: datetime | None, timezone: str) -> str:
    return time.astimezone(zone_named(timezone)).strftime("%Y-%m-%d %H:%M") if time else ""


def _read(name: str, text: str, timezone: str) -> Any:  # noqa: ANN401 - JSON out
    """What the definition says where the form says `text`."""
    if name in _TIMES:
        return _read_time(name, text, timezone)
    if name == _TAGS:
        return [tag.strip() for tag in text.split(",") if tag.strip()]
    if name == "name":
        return text.strip()
    if name != _WINDOW:
        return text if text.strip() or name == "request.url" else None
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise WrongFieldsError({_WINDOW: f"{text.strip()[:20]!r} is not a number of hours"}) from None


def _read_time(name: str, text: str, timezone: str) -> str | None:
    try:
        found = _find(dict(read_fields([f"{name}={text}"], timezone)), name)
    except AnalyticsError as error:
        raise WrongFieldsError({name: str(error).removeprefix(f"{name}: ")}) from None
    if found is None:
        return None
    try:
        known = datetime.fromisoformat(found).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        raise WrongFieldsError({name: f"{text.strip()[:30]!r} is not a time; write it like 2026-12-01 09:00"})
    return str(found)


def _find(document: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - JSON in
    above, _, below = name.partition(".")
    part = document.get(above)
    return part if not below else (part or {}).get(below)


def _put(document: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401 - JSON in
    above, _, below = name.partition(".")
    if below:
        document[above] = {**(document[above] or {}), below: value}
    else:
        document[above] = value


def _sort_reasons(reasons: Iterable[str]) -> WrongFieldsError:
    """Each reason at its field; those of fields that the form does not have stand together."""
    at_fields: dict[str, str] = {}
    others: list[str] = []
    for reason in reasons:
        found = _PROBLEM.fullmatch(reason)
        name, why = (found["field"], found["why"]) if found else ("", reason)
        if name in _LABELS:
            at_fields[name] = f"{at_fields[name]}; {why}" if name in at_fields else why
        else:
            others.append(reason)
    return WrongFieldsError(at_fields, "; ".join(others))
