"""What one Braze Currents event means: a row of a canonical table, or no row at all."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from analytics_core.domain.errors import RowError
from analytics_core.domain.words import ControlGroupType, Outcome, PersonalizationCategory, Vendor
from analytics_core.metrics.conversion_metrics import CONVERTED_USERS
from analytics_core.sources.rows.cells import Record, object_of
from analytics_core.sources.rows.instants import microseconds
from analytics_core.sources.rows.texts import readable, round_price

Fields = Mapping[str, object]
"""The fields of one event, flat; `cells` says what a value may be."""

Meaning = tuple[str, Record] | str
"""A table and the cells of a row of it; or, in words, what the event is where it is no row."""

SEND = "users.messages.webhook.Send"
FAILURE = "users.messages.webhook.Failure"
ABORT = "users.messages.webhook.Abort"
RETRY = "users.messages.webhook.Retry"
CUSTOM_EVENT = "users.behaviors.CustomEvent"
PURCHASE = "users.behaviors.Purchase"
CAMPAIGN_CONVERSION = "users.campaigns.Conversion"
CAMPAIGN_CONTROL = "users.campaigns.EnrollInControl"
CANVAS_ENTRY = "users.canvas.Entry"
CANVAS_CONVERSION = "users.canvas.Conversion"
ORPHAN = "users.UserOrphan"

PURCHASE_NAME = "behaviors.Purchase"
"""What a purchase is called as an event: no custom event has this name by accident, and none is counted with it."""

HTTP_PROPERTIES = ("custom_properties", "purchase_properties")
"""What the HTTP connector calls the attributes of an event of either kind."""

_FREQUENCY = re.compile(r"frequency|\bcap(?:ped|ping|s)?\b")
_PERSONALIZATION = re.compile(r"liquid|personali[sz]")
_SEPARATORS = re.compile(r"[\W_]+")
_SUCCESS = re.compile(r"2\d\d(?:\.0*)?", re.ASCII)
_BEHAVIORS = {str(index): letter for index, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
"""What Braze calls the conversion behaviors of a campaign, by index; the first is the primary one."""
_SHOWN = 60
_SEVERAL = 2
_ATTRIBUTES = ("properties", *HTTP_PROPERTIES)
_MICROSECONDS = 1_000_000
_REQUESTED, _CONTROL_GROUP = Outcome.REQUESTED.value, Outcome.CONTROL_GROUP.value
_FREQUENCY_CAPPED, _PERSONALIZATION_FAILED = Outcome.FREQUENCY_CAPPED.value, Outcome.PERSONALIZATION_FAILED.value


def convert_event(event_type: str, fields: Fields) -> Meaning:
    """What an event is to us; every type that is not read is called by its name.

    Raises:
        RowError: its attributes come under several names, and one of them cannot be read.
    """
    reader = _MEANINGS.get(event_type)
    return reader(fields) if reader else name_type(event_type)


def name_type(event_type: str) -> str:
    """What events of a type that is not read are called."""
    return readable(event_type[:_SHOWN])


def tables_of(event_type: str) -> tuple[str, ...]:
    """The tables that events of a type may be rows of."""
    return _TABLES.get(event_type, ())


def _send(fields: Fields) -> Meaning:
    """Braze logs a Send only for an answer that it takes for a success, and does not say which."""
    return "deliveries", {**_delivery(fields, _REQUESTED), "response_code": "200"}


def _failure(fields: Fields) -> Meaning:
    """The attempt that decides. One that Braze tries again is followed by a Send, another Failure or an Abort."""
    if _is_given(fields.get("is_terminal")) and not _is_true(fields["is_terminal"]):
        return f"{FAILURE}, tried again later"
    code = fields.get("http_status_code")
    says_success = isinstance(code, str) and _SUCCESS.fullmatch(code)
    return "deliveries", {
        **_delivery(fields, _REQUESTED),
        # Braze took the answer for a failure, so its code must not turn it into a success.
        "response_code": None if says_success else code,
        "duration_ms": fields.get("webhook_duration"),
        "endpoint": fields.get("endpoint_url") or _join("", fields.get("host"), fields.get("url_path")),
        "error_text": _join(": ", fields.get("webhook_failure_source"), fields.get("raw_response")),
    }


def _abort(fields: Fields) -> Meaning:
    kind = fields.get("abort_type")
    words = _SEPARATORS.sub(" ", kind.lower()) if isinstance(kind, str) else ""
    if _FREQUENCY.search(words):
        return "deliveries", _delivery(fields, _FREQUENCY_CAPPED)
    if _PERSONALIZATION.search(words):
        failure = {"category": PersonalizationCategory.UNKNOWN.value, "attribute": None}
        return "deliveries", {
            **_delivery(fields, _PERSONALIZATION_FAILED),
            "error_text": kind,
            "personalization_errors": [failure],
        }
    named = readable(words.strip()[:_SHOWN])
    return f"{ABORT} ({named or 'no abort_type'})"


def _control(fields: Fields) -> Meaning:
    row = _delivery(fields, _CONTROL_GROUP)
    return "deliveries", {**row, "control_group_type": ControlGroupType.CAMPAIGN.value}


def _entry(fields: Fields) -> Meaning:
    return _control(fields) if _is_true(fields.get("in_control_group")) else f"{CANVAS_ENTRY}, not in the control group"


def _custom_event(fields: Fields) -> Meaning:
    return "events", _event(fields, fields.get("name"), _attributes(fields))


def _purchase(fields: Fields) -> Meaning:
    currency = fields.get("currency")
    bought = {
        "product_id": fields.get("product_id"),
        "price": round_price(fields.get("price"), currency),
        "currency": currency,
        "quantity": fields.get("quantity"),
    }
    attributes = _attributes(fields)
    # What was bought wins over properties of the same name.
    if attributes is None or isinstance(attributes, dict):
        given = {name: value for name, value in bought.items() if value is not None}
        return "events", _event(fields, PURCHASE_NAME, {**(attributes or {}), **given})
    single = {f"attributes.{name}": value for name, value in bought.items()}
    return "events", {**_event(fields, PURCHASE_NAME, attributes), **single}


def _orphan(fields: Fields) -> Meaning:
    return "identities", {"user_id": fields.get("user_id"), "merged_into": fields.get("orphaned_by_id")}


def _conversion(fields: Fields) -> Meaning:
    """A conversion that Braze counted, for one of the campaign's behaviors; which one old files do not say."""
    index = fields.get("conversion_behavior_index")
    behavior = _BEHAVIORS.get(index) if isinstance(index, str) else None
    return "vendor_stats", {
        "vendor": Vendor.BRAZE.value,
        "number_id": fields.get("id"),
        "campaign_id": campaign_id_of(fields),
        "instance_id": fields.get("send_id"),
        "metric": f"Conversions ({behavior})" if behavior else "Conversions",
        # A user converts once for each message received, whatever is done how often.
        "our_metric": CONVERTED_USERS.name if behavior else None,
        "goal": None if behavior == _BEHAVIORS["0"] else behavior,
        "occurred_at": fields.get("time"),
        "value": "1",
    }


def _delivery(fields: Fields, outcome: str) -> dict[str, object]:
    return {
        "campaign_id": campaign_id_of(fields),
        # The dispatch: one for all users of a scheduled send, one per trigger else; without one the send, or the day.
        "instance_id": fields.get("dispatch_id") or fields.get("send_id") or _day(fields),
        "user_id": fields.get("user_id"),
        "occurred_at": fields.get("time"),
        "outcome": outcome,
        "request_id": fields.get("id"),
    }


def _event(fields: Fields, name: object, attributes: object) -> dict[str, object]:
    return {
        "event_id": fields.get("id"),
        "user_id": fields.get("user_id"),
        "occurred_at": fields.get("time"),
        "event_name": name,
        "attributes": attributes,
    }


def _attributes(fields: Fields) -> object:
    """The attributes of an event; where they come under several names, all of them together."""
    given = [fields[name] for name in _ATTRIBUTES if name in fields and _is_given(fields[name])]
    if len(given) < _SEVERAL:
        return given[0] if given else None
    together: dict[str, object] = {}
    for each in given:
        together.update(object_of(each) or {})
    return together


def campaign_of(fields: Fields) -> tuple[object, object]:
    """The id and the name of the campaign or Canvas an event belongs to."""
    is_campaign = bool(fields.get("campaign_id"))
    return campaign_id_of(fields), fields.get("campaign_name" if is_campaign else "canvas_name")


def campaign_id_of(fields: Fields) -> object:
    """The id of the campaign or Canvas an event belongs to."""
    return fields.get("campaign_id") or fields.get("canvas_id")


def _day(fields: Fields) -> str:
    """Where old files name no dispatch: the day in UTC, with the step of a Canvas, which may send several a day."""
    given = fields.get("time")
    try:
        instant = microseconds("time", given) if isinstance(given, str) else 0
    except RowError:
        # The row is rejected for its time, which says more than a missing instance would.
        instant = 0
    day = datetime.fromtimestamp(instant // _MICROSECONDS, UTC).date().isoformat()
    return _join(" ", fields.get("canvas_step_id"), day) or day


def _join(separator: str, *parts: object) -> str | None:
    return separator.join(str(part) for part in parts if _is_given(part)) or None


def _is_given(value: object) -> bool:
    return value is not None and value != ""


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "1"})


_MEANINGS: Mapping[str, Callable[[Fields], Meaning]] = {
    SEND: _send,
    FAILURE: _failure,
    ABORT: _abort,
    RETRY: lambda _fields: RETRY,
    CUSTOM_EVENT: _custom_event,
    PURCHASE: _purchase,
    CAMPAIGN_CONVERSION: _conversion,
    CAMPAIGN_CONTROL: _control,
    CANVAS_ENTRY: _entry,
    CANVAS_CONVERSION: _conversion,
    ORPHAN: _orphan,
}

_TABLES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((SEND, FAILURE, ABORT, CAMPAIGN_CONTROL, CANVAS_ENTRY), ("deliveries",)),
    **dict.fromkeys((CUSTOM_EVENT, PURCHASE), ("events",)),
    ORPHAN: ("identities",),
    **dict.fromkeys((CAMPAIGN_CONVERSION, CANVAS_CONVERSION), ("vendor_stats",)),
}
