"""The fields that Braze documents for the events we know, and which event an unnamed record of fields is."""

from collections.abc import Collection, Mapping

from analytics_core.sources.braze import events

_USER = frozenset({"id", "user_id", "external_user_id", "time", "timezone", "app_group_id", "app_id", "device_id"})
_CAMPAIGN = frozenset({"campaign_id", "campaign_name", "message_variation_id", "message_variation_name", "send_id"})
_CANVAS = frozenset(
    {
        "canvas_id",
        "canvas_name",
        "canvas_variation_id",
        "canvas_variation_name",
        "canvas_step_id",
        "canvas_step_name",
        "canvas_step_message_variation_id",
    }
)
_DEVICE = frozenset({"platform", "os_version", "device_model", "ad_id", "ad_id_type", "ad_tracking_enabled"})
_MESSAGE = _USER | _CAMPAIGN | _CANVAS | {"dispatch_id", "message_extras"}

_OWN: Mapping[str, frozenset[str]] = {
    events.ORPHAN: frozenset({"orphaned_by_id"}),
    events.FAILURE: frozenset(
        {
            "http_status_code",
            "endpoint_url",
            "content_length",
            "host",
            "raw_response",
            "retry_count",
            "url_path",
            "webhook_duration",
            "webhook_failure_source",
            "is_terminal",
        }
    ),
    events.CANVAS_ENTRY: frozenset({"in_control_group"}),
    events.PURCHASE: frozenset({"product_id", "price", "currency", "quantity", "purchase_properties"}),
    events.CUSTOM_EVENT: frozenset({"name", "custom_properties"}),
    events.ABORT: frozenset({"abort_type", "abort_log"}),
    events.RETRY: frozenset({"retry_type", "retry_log"}),
}
"""Fields by which a record is recognized, the most telling first."""

_CONVERSION = frozenset({"conversion_behavior", "conversion_behavior_index"})
_SHARED = (events.ABORT, events.RETRY, events.CUSTOM_EVENT)
"""Recognized by fields that other events have too, though with further ones: only where all others fit."""

DOCUMENTED = _MESSAGE | _DEVICE | _CONVERSION | {"properties", "gender", "country", "language"}.union(*_OWN.values())
"""Every field that is documented for one of our events, whether we read it or not."""


def recognize(names: Collection[str]) -> str | None:
    """The event type whose fields `names` are; None where another, or another channel's, has them too."""
    given = frozenset(names)
    if given & _CONVERSION:
        return events.CAMPAIGN_CONVERSION if "campaign_id" in given else events.CANVAS_CONVERSION
    for event_type, own in _OWN.items():
        if given & own:
            return event_type if event_type not in _SHARED or given <= DOCUMENTED else None
    if "dispatch_id" in given and given <= _MESSAGE:
        return events.SEND
    if "campaign_id" in given and given <= _USER | _CAMPAIGN:
        return events.CAMPAIGN_CONTROL
    return None
