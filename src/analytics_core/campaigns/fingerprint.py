"""What an approval is of: the hash of what a campaign is, however it is written down."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from analytics_core.domain.campaign import Campaign

COVERED = (
    "name",
    "delivery_type",
    "trigger",
    "audience",
    "schedule",
    "request",
    "goals",
    "attribution_window_hours",
)
"""The fields an approval is of. Where a campaign stands, who decided, when it was changed, tags and team are not."""


def hash_definition(campaign: Campaign) -> str:
    """SHA-256 of the covered fields.

    Defaults and keys' order say nothing, an instant is the same in every zone and a number however it is spelled; so a
    new version of this package, and another way to write the same down, change no hash.
    """
    fields = {name: _plain(getattr(campaign, name)) for name in COVERED}
    # A part that says nothing is as good as none.
    said = {name: value for name, value in fields.items() if value is not None and value not in ({}, [])}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON out
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case str():
            return str(value)
        case None | int() | float():
            return int(value) if isinstance(value, float) and value.is_integer() else value
        case dict():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return _plain_model(value)


def _plain_model(model: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a definition
    """The fields of a part of a definition that say something else than their default."""
    fields = type(model).model_fields
    said = {name: getattr(model, name) for name, field in fields.items() if getattr(model, name) != field.get_default()}
    return {name: _plain(value) for name, value in said.items()}
