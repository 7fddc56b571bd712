"""What the events of a MoEngage export mean: deliveries, control groups, and what users did."""

import hashlib
import re
from collections.abc import Mapping

from analytics_core.domain.errors import RowError
from analytics_core.domain.words import DeliveryType
from analytics_core.json_text import Number, compact, parse
from analytics_core.sources.event_files import Placed
from analytics_core.sources.rows.texts import decimal_of, is_unicode, readable

Fields = Mapping[str, object]

SENT_CODES = frozenset({"MOE_CONNECTOR_SENT", "WEBHOOK_SENT"})
"""MoEngage's own pages disagree on the code; both are met, and the name decides too."""
SENT_NAME = "connector sent"
HELD_CODE = "MOE_CAMPAIGN_CONTROL_GROUP"
HELD_NAME = "user added to control group"
REMOVED_CODE = "MOE_CAMPAIGN_USER_REMOVED_DUE_TO_CONTROL_GROUP"
REMOVED_NAME = "user removed from campaign due to control group"
_OTHER_CHANNELS = frozenset({"push", "email", "sms", "mms", "rcs", "whatsapp", "inapp", "onsite", "cards"})
_CAMPAIGN_TYPES = frozenset({"CAMPAIGN_EVENT", "CAMPAIGN_ACTIVITY"})
_SHOWN = 60
_TYPES = {
    "trigger": DeliveryType.EVENT_TRIGGERED,
    "flow": DeliveryType.EVENT_TRIGGERED,
    "periodic": DeliveryType.PERIODIC,
    "one": DeliveryType.ONE_TIME,
}
"""Parts of the words for a type of campaign, of which MoEngage has several spellings."""
_FLAT = "event_attributes_"
_UNITS = ((10**20, None), (10**17, 9), (10**14, 6), (10**11, 3))
"""Epochs from a number on, and the digits after the seconds: a smaller unit would be before the year 1974."""
_NO_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: UTC)?", re.ASCII)


def convert_event(event: Fields) -> Placed:
    """The table and the cells of an event; else what it is called where it is left out.

    Args:
        event: an event as exported, out of its envelope.
    """
    try:
        attributes = _attributes(event)
    except RowError as error:
        return "events", error
    name, code = _text(event.get("event_name")), re.sub(r"\s", "", _text(event.get("event_code"))).upper()
    if code in SENT_CODES or name.lower() == SENT_NAME:
        return "deliveries", {**_of_campaign(event, attributes), "outcome": "requested", "response_code": Number("200")}
    if code == HELD_CODE or name.lower() == HELD_NAME:
        return _place_control(event, attributes, _name_event(name, code))
    # A removal is the other event's story told again, without saying for which group: it would count users twice.
    is_removal = code == REMOVED_CODE or name.lower() == REMOVED_NAME
    if is_removal or _text(event.get("event_type")).upper() in _CAMPAIGN_TYPES:
        return _name_event(name, code)
    return "events", {
        "event_id": _identity(event),
        "user_id": _user(event),
        "event_name": name or code,
        "occurred_at": _time(event.get("event_time")),
        "attributes": attributes,
    }


def _place_control(event: Fields, attributes: Fields, shown: str) -> Placed:
    """An event of a control group: a delivery, unless it is about no connector campaign; `shown` is its name."""
    # Joining the global control group is no campaign's affair until a campaign leaves the user out.
    if not _get(attributes, "campaign_id"):
        return f"{shown} without a campaign"
    # What connectors are called is not documented, so other channels are told by their names.
    channels = (_letters(_text(attributes.get(key))) for key in ("campaign_channel", "moe_campaign_channel"))
    other = next((channel for channel in channels if channel in _OTHER_CHANNELS), None)
    if other:
        return f"{shown} ({other})"
    spelled = {_letters(key): value for key, value in attributes.items()}
    group = _text(spelled.get("controlgrouptype") or spelled.get("moecontrolgrouptype")).lower()
    kind = "global" if group.startswith("global") else "campaign" if group in {"", "campaign"} else group
    return "deliveries", {**_of_campaign(event, attributes), "outcome": "control_group", "control_group_type": kind}


def _of_campaign(event: Fields, attributes: Fields) -> dict[str, object]:
    own, parent = _get(attributes, "campaign_id"), _get(attributes, "parent_campaign_id")
    identity = _identity(event)
    types = " ".join(_text(attributes.get(key)) for key in ("campaign_type", "moe_delivery_type")).lower()
    # A child of a periodic campaign is one run of its parent; every trigger of a triggered one is a run of its own,
    # and so is every passage through a flow.
    is_triggered = "trigger" in types or _get(attributes, "parent_flow_id") is not None
    instance = identity if is_triggered and not parent else own
    return {
        "campaign_id": parent or own,
        "instance_id": instance,
        "user_id": _user(event),
        "occurred_at": _time(event.get("event_time")),
        "request_id": identity,
    }


def campaign_of(event: Fields) -> tuple[object, object, DeliveryType | None]:
    """The id, the name and the type of the campaign that an event of a delivery belongs to."""
    attributes = _attributes(event)
    types = " ".join(_text(attributes.get(key)) for key in ("campaign_type", "moe_delivery_type")).lower()
    parent = _get(attributes, "parent_campaign_id")
    found = next((kind for word, kind in _TYPES.items() if word in types), None)
    kind = DeliveryType.PERIODIC if parent else found
    return parent or _get(attributes, "campaign_id"), attributes.get("campaign_name"), kind


def _attributes(event: Fields) -> dict[str, object]:
    """The attributes: an object, its JSON text, or, from a warehouse, columns of single ones beside it."""
    given = event.get("event_attributes")
    if isinstance(given, str) and given:
        given = parse(given)
    if given is None or given == "":
        given = {}
    if not isinstance(given, dict):
        raise RowError("event_attributes is not an object")
    flat = {key.removeprefix(_FLAT): value for key, value in event.items() if key.startswith(_FLAT)}
    return {**{key: value for key, value in flat.items() if value is not None and value != ""}, **given}


def _user(event: Fields) -> object:
    """The customer's id; MoEngage's own where there is none."""
    found = event.get("uid")
    if found is None or found == "":
        users = event.get("user_attributes")
        inside = users.get("moengage_user_id") if isinstance(users, dict) else None
        found = inside or event.get("user_attributes_moengage_user_id")
    return found


def _identity(event: Fields) -> object:
    """The unique id of an event; where it has none, a digest of all it says, so that it counts once."""
    found = event.get("event_uuid")
    if found is not None and found != "":
        return found
    return digest(event)


def digest(value: Fields) -> str:
    """An id of all that an object says, whatever the order of its keys."""
    return "sha-" + hashlib.sha256(compact(_in_order(value)).encode(errors="surrogatepass")).hexdigest()[:40]


def _in_order(value: object) -> object:
    """The same with keys in order: two exports of one event need not agree on it."""
    if isinstance(value, Mapping):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value


def _time(value: object) -> object:
    """Seconds since 1970; also as text, in a smaller unit, or as a time without an offset, which is always UTC."""
    if not isinstance(value, str):
        return value
    if local := _NO_OFFSET.fullmatch(value.strip()):
        return f"{local[1]}Z"
    epoch = decimal_of(value)
    digits = next((digits for least, digits in _UNITS if epoch >= least), None) if epoch is not None else None
    return Number(f"{epoch.scaleb(-digits):f}") if epoch is not None and digits else value


def _get(attributes: Fields, key: str) -> object:
    found = attributes.get(key)
    return None if found == "" else found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _name_event(name: str, code: str) -> str:
    shown = readable((name or code or "an event without a name")[:_SHOWN])
    return shown if is_unicode(shown) and shown.isprintable() else "an event with an unprintable name"
