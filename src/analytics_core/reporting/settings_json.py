"""Settings as a JSON object and back: how a computation's rules reach the notebook and other processes."""

from functools import cache

from pydantic import JsonValue, TypeAdapter

from analytics_core.domain.settings import Settings


@cache
def _adapter() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)


def settings_as_json(settings: Settings) -> dict[str, JsonValue]:
    """Every field by its name; sets sorted, so that equal settings give equal objects."""
    fields: dict[str, JsonValue] = _adapter().dump_python(settings, mode="json")
    return {**fields, "success_codes": [*sorted(settings.success_codes)]}


def settings_from_json(fields: dict[str, JsonValue]) -> Settings:
    """The settings `settings_as_json` wrote down.

    Raises:
        pydantic.ValidationError: a ValueError naming the field that does not fit.
    """
    return _adapter().validate_python(fields)
