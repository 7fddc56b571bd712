"""Changing a definition: a merge patch or single fields in, a valid definition or every reason why not out."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from analytics_core.campaigns.differences import is_within, list_changes
from analytics_core.campaigns.lifecycle import list_locked_fields
from analytics_core.campaigns.validation import Problem
from analytics_core.domain.campaign import Approval, Audience, Campaign, Request, Schedule
from analytics_core.domain.errors import AnalyticsError, plain_reason
from analytics_core.domain.time import zone_named
from analytics_core.domain.words import Status

Patch = Mapping[str, Any]
"""A JSON merge patch (RFC 7396): fields to set, null takes one away, an object changes what it names."""


def merge(value: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """`value` changed by a merge patch, as RFC 7396 has it."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(value) if isinstance(value, Mapping) else {}
    for name, item in patch.items():
        if item is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), item)
    return merged


def read_fields(assignments: Sequence[str], timezone: str) -> Patch:
    """A merge patch of texts such as `schedule.detail=Mondays 09:00`; a value that is JSON is taken as that.

    Args:
        assignments: name and value each.
        timezone: in which a time of the schedule is that has neither offset nor zone; one may also end with a zone, as
            in `2026-12-01 09:00 Europe/Berlin`.

    Raises:
        AnalyticsError: one has no `=`, no name before it, or a time in no known zone.
    """
    patch: dict[str, Any] = {}
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign or not all(name.split(".")):
            raise AnalyticsError(f"--field {_tell(name)!r}: write NAME=VALUE, such as --field 'name=Spring sale'")
        read = _read_time(name, value, timezone) if name in _TIMES else _read_value(name, value)
        patch = _put(patch, name.split("."), read)
    return patch


def apply_patch(campaign: Campaign, patch: Patch) -> Campaign:
    """The definition that a merge patch makes of one.

    Raises:
        AnalyticsError: what comes out is no definition; every reason, each with its field.
    """
    return read_definition_document(merge(campaign.model_dump(mode="json"), patch))


def read_definition_document(document: Mapping[str, Any]) -> Campaign:
    """A definition as JSON.

    Raises:
        AnalyticsError: it is none, or has fields that no definition has; every reason, each with its field.
    """
    problems, campaign = _list_unknown(document, Campaign.model_fields, ""), None
    try:
        campaign = Campaign.model_validate(document)
    except ValidationError as error:
        # Without any value: a definition may hold secrets.
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problems += [Problem(_field(one["loc"]), plain_reason(one["msg"])) for one in found]
    if problems or campaign is None:
        raise AnalyticsError("; ".join(map(str, problems)))
    return campaign


def require_unlocked(before: Campaign, after: Campaign, status: Status | None) -> None:
    """Refuse an edit of fields that cannot be changed in this status.

    Raises:
        AnalyticsError: it changes some; the text names them.
    """
    locked = list_locked_fields(status)
    changed = [change.field for change in list_changes(before, after)]
    hit = [name for name in locked if any(is_within(field, name) for field in changed)]
    if hit:
        word = status.value.replace("_", " ") if status else "without a status"
        raise AnalyticsError(f"cannot change {', '.join(hit)} of a campaign that is {word}")


def _put(patch: Mapping[str, Any], names: Sequence[str], value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON in
    """A patch with a value more; null stays one, which takes a field away."""
    first, *rest = names
    below = patch.get(first)
    inner = _put(below if isinstance(below, Mapping) else {}, rest, value) if rest else value
    return {**patch, first: inner}


def _read_time(name: str, text: str, timezone: str) -> str | None:
    """An instant as ISO 8601 text with an offset; what is no local time stays as it is, and is refused later."""
    if text.strip() in {"", "null"}:
        return None
    found = _LOCAL_TIME.fullmatch(text.strip())
    if found is None:
        return text
    zone = _find_zone(name, found["zone"] or timezone)
    try:
        local = datetime.fromisoformat(found["time"])
    except ValueError:
        return text
    if {local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)} != {
        local.replace(tzinfo=zone).utcoffset()
    }:
        raise AnalyticsError(
            f"{name}: the clocks are changed at {found['time']} in {zone.key}; write it with an offset"
        )
    return local.replace(tzinfo=zone).isoformat()


def _find_zone(name: str, zone: str) -> ZoneInfo:
    try:
        return zone_named(zone)
    except AnalyticsError:
        if _tell(zone) == zone:
            raise
    raise AnalyticsError(f"{name}: there is no such time zone; use an IANA name such as 'America/New_York'")


def _read_value(name: str, text: str) -> Any:  # noqa: ANN401 - JSON out
    """A value as JSON where it is JSON and the field is no text; a name such as `2026` stays one."""
    if name in _TEXTS:
        return text
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


_TIMES = frozenset({"schedule.starts_at", "schedule.ends_at"})
_LOCAL_TIME = re.compile(r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\s+(?P<zone>[A-Za-z]\S*))?")
_TEXTS = frozenset(
    {"name", "team", "audience.segment", "audience.filters", "audience.excluded", "schedule.kind", "schedule.detail"}
    | {"schedule.frequency_cap", "request.method", "request.url", "request.body"}
)
"""Fields whose values are texts even where they look like JSON."""


def _list_unknown(patch: Patch, known: Mapping[str, Any], above: str) -> list[Problem]:
    """Names in a patch that no definition has."""
    found: list[Problem] = []
    for name, value in patch.items():
        if name not in known:
            found.append(Problem(f"{above}{_tell(name)}", "there is no such field"))
        elif not above and name in _PARTS and isinstance(value, Mapping):
            found += _list_unknown(value, _PARTS[name].model_fields, f"{name}.")
    return found


_PARTS: Mapping[str, type[BaseModel]] = {
    "approval": Approval,
    "audience": Audience,
    "schedule": Schedule,
    "request": Request,
}


def _field(place: Sequence[int | str]) -> str:
    """Where an error is; below the request stand names that may be secrets."""
    shown = place[:2] if place[:1] == ("request",) else place
    return ".".join(map(_tell, map(str, shown))) or "campaign"


_UNTOLD = "\N{HORIZONTAL ELLIPSIS}"
_WORD = r"(?:[A-Z]{1,8}|(?:[A-Z]{0,2}[a-z]{1,24}){1,3})"
"""As in names of fields and zones; twenty capitals in a row, or both cases at random, may be an access key."""
_LIKE_A_NAME = re.compile(rf"_?{_WORD}(?:[_/.]{_WORD}){{0,7}}|\d{{1,4}}")


def _tell(name: str) -> str:
    """A name as an error may repeat it: what is not like the name of a field or a zone may be a secret put there."""
    return name if _LIKE_A_NAME.fullmatch(name) else _UNTOLD
