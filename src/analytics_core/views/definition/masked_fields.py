"""One field of a definition as it may be shown: what a field-by-field view says of it."""

from collections import Counter
from collections.abc import Iterable

from analytics_core.views.request.addresses import redact_url
from analytics_core.views.request.allowance import NOT_SHOWN, size_of
from analytics_core.views.request.redaction import is_shown, redact_body, redact_json, redact_text
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import is_person_name, is_sensitive_name
from analytics_core.views.request.shown import shown_id, shown_staff

_LONGEST = 10_000
_STAFF = frozenset({"created_by", "updated_by", "approval.approved_by", "approval.rejected_by", "approval.approvers"})
_HEADERS = "request.headers."
_GOALS = "goals"


def mask_field(field: str, value: object) -> object:
    """The JSON value of a field, dotted where nested, with everything secret in it masked.

    Args:
        field: such as `request.headers.Authorization`.
        value: as the definition has it; None where it says nothing.
    """
    if value is None or isinstance(value, bool):
        return value
    if size_of(value, _LONGEST) > _LONGEST:
        return NOT_SHOWN
    if field in _STAFF:
        return [shown_staff(str(who)) for who in value] if isinstance(value, list) else shown_staff(str(value))
    if field == "campaign_id":
        return shown_id(str(value))
    return _mask_request(field, value) if field.startswith("request.") else _mask_other(field, value)


def mask_names(names: Iterable[str]) -> dict[str, str]:
    """Names of fields, which may hold secrets as well, each with how it is shown; no two are shown alike."""
    shown: dict[str, str] = {}
    times = Counter[str]()
    for name in names:
        masked = redact_text(name)
        times[masked] += 1
        shown[name] = masked if times[masked] == 1 else f"{masked} ({times[masked]})"
    return shown


def _mask_request(field: str, value: object) -> object:
    if field == "request.url":
        return redact_url(str(value), is_request=True)
    if field == "request.body":
        return redact_body(str(value))
    if field == "request.method":
        return redact_text(str(value))
    header = field.removeprefix(_HEADERS)
    # The sample may be a real person's.
    return redact_text(str(value)) if header != field and is_shown(header) else MASK


def _mask_other(field: str, value: object) -> object:
    """A goal is named by its author, its fields are not; elsewhere a name says what it holds, alone or with others."""
    first, *names = field.split(".")
    names = names[1:] if first == _GOALS else names
    above, last = ["", *names][-2:] if names else ("", "")
    is_person = last.lower() in {"id", "_id"} and is_person_name(above)
    if is_person or any(map(is_sensitive_name, (*names, ".".join(names)))):
        return MASK
    return redact_text(value) if isinstance(value, str) else redact_json(value, below=last)
