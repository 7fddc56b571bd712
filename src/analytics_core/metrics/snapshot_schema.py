"""The JSON Schema (draft 2020-12) of the snapshot document, made from the Snapshot's own declarations.

Types, nulls, keys, words and texts come from the dataclasses; what no type says is in `_FURTHER`. Objects are closed.
``python -m analytics_core.metrics.snapshot_schema`` prints it.
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from analytics_core.counting.conversions import CURVE_STEPS
from analytics_core.counting.instances import MAX_INSTANCES
from analytics_core.counting.personalization import MAX_ATTRIBUTES
from analytics_core.domain.campaign import MAX_GOALS
from analytics_core.domain.words import AnalyticsVersion, PersonalizationCategory, require_every
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.delivery_metrics import FUNNEL
from analytics_core.metrics.vendor_reported import MAX_REPORTED
from analytics_core.snapshot.documents import document_fields
from analytics_core.snapshot.kinds import Kind
from analytics_core.snapshot.snapshot import SCHEMA_VERSION, DataQuality, Performance, Snapshot
from analytics_core.tables.declaration import MAX_ID_LENGTH

Schema = dict[str, Any]

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WHOLE = "-?(0|[1-9][0-9]*)"
_NULL: Schema = {"type": "null"}

_PLAIN: dict[type, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0},
    str: {"type": "string"},
    date: {"type": "string", "format": "date", "pattern": f"^{_DAY}$"},
    datetime: {
        "type": "string",
        "format": "date-time",
        "pattern": f"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}([.][0-9]{{6}})?[+]00:00$",
    },
}

_KINDS: dict[Kind, Schema] = require_every(
    Kind,
    {
        Kind.SHARE: {"type": "number", "minimum": 0, "maximum": 1},
        Kind.CHANGE: {"type": "number", "minimum": -1},
        Kind.POINTS: {"type": "number", "minimum": -1, "maximum": 1},
        Kind.SECONDS: {"type": "number", "minimum": 0},
        Kind.HOURS: {"type": "number", "minimum": 0},
        Kind.NUMBER: {"type": "number"},
        Kind.SUM: {
            "type": "string",
            "pattern": f"^{_WHOLE}[.][0-9]{{2}}([0-9]{{0,3}}[1-9])?$",
            "not": {"const": "-0.00"},
        },
        Kind.AVERAGE: {"type": "string", "pattern": f"^{_WHOLE}[.][0-9]{{6}}$", "not": {"const": "-0.000000"}},
    },
)

_CATEGORIES = [category.value for category in PersonalizationCategory]
_STAGES = [stage.name for stage in FUNNEL]
_REASONS = "control_group|global_control_group|frequency_capped|personalization_failed|no_response"
_SHA_256: Schema = {"pattern": "^[0-9a-f]{64}$"}
_ID: Schema = {"minLength": 1, "maxLength": MAX_ID_LENGTH}


def _that(name: str, **properties: Schema) -> Schema:
    """The definition `name` with more to say about some of its properties."""
    return {"$ref": f"#/$defs/{name}", "properties": properties}


def _one_of_each(name: str, key: str, words: list[str]) -> Schema:
    """Exactly one item per word, in order."""
    return {"prefixItems": [_that(name, **{key: {"const": word}}) for word in words], "items": False}


def _label_buckets(label: str) -> Schema:
    return {"items": _that("TrendBucket", label={"pattern": f"^{label}$"})}


_FURTHER: dict[str, Schema] = {
    "Snapshot.campaign_id": _ID,
    "Snapshot.goals": {
        "minItems": 1,
        "maxItems": MAX_GOALS,
        "contains": {"properties": {"is_primary": {"const": True}}},
        "maxContains": 1,
    },
    "Snapshot.funnel": _one_of_each("FunnelStage", "stage", _STAGES),
    "Snapshot.personalization_errors": {
        **_one_of_each("PersonalizationCount", "category", _CATEGORIES),
        "minItems": len(_CATEGORIES),
    },
    "Snapshot.personalization_attributes": {"maxItems": MAX_ATTRIBUTES},
    "Snapshot.instances": {"maxItems": MAX_INSTANCES, "items": _that("InstanceResult", instance_id={"type": "string"})},
    "Snapshot.instances_remainder": {"properties": {"instance_id": _NULL}},
    "Snapshot.vendor_reported": {"maxItems": MAX_REPORTED},
    "VendorReported.our_metric": {"enum": [*CATALOG, None]},
    "AppliedSettings.success_codes": {"uniqueItems": True},
    "Provenance.import": {"minimum": 1},
    "Provenance.definition": _SHA_256,
    "Provenance.history": {"prefixItems": [_PLAIN[int], {"type": "string", **_SHA_256}]},
    "TimeToConvert.curve": {"minItems": CURVE_STEPS, "maxItems": CURVE_STEPS},
    "GoalResult.goal_id": _ID,
    "FunnelStage.stage": {"enum": _STAGES},
    "ErrorCount.reason": {"pattern": f"^({_REASONS}|response_(0|[1-9][0-9]{{0,2}}))$"},
    "ErrorCount.unique": {"minimum": 1},
    "ErrorCount.total": {"minimum": 1},
    "PersonalizationCount.category": {"enum": _CATEGORIES},
    "PersonalizationOverlap.categories": {"items": {"enum": _CATEGORIES}, "minItems": 1, "uniqueItems": True},
    "PersonalizationOverlap.unique": {"minimum": 1},
    "PersonalizationOverlap.total": {"minimum": 1},
    "PersonalizationAttribute.category": {"enum": _CATEGORIES},
    "PersonalizationAttribute.unique": {"minimum": 1},
    "PersonalizationAttribute.total": {"minimum": 1},
    "Trends.day": _label_buckets(_DAY),
    "Trends.hour": _label_buckets(f"{_DAY}T[0-9]{{2}}:[0-9]{{2}}[+-][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?"),
    "Trends.week": _label_buckets(_DAY),
    "Trends.month": _label_buckets("[0-9]{4}-[0-9]{2}"),
    "Trends.cohort_day": _label_buckets(_DAY),
}
"""What a field's type does not say, by class and field."""

_NO_UPLIFT: Schema = {"properties": {"uplift": {"properties": {"campaign": _NULL, "global": _NULL}}}}
_CONDITIONS: dict[str, Schema] = {
    "Snapshot": {
        "if": {"properties": {"analytics_version": {"const": AnalyticsVersion.LEGACY.value}}},
        "then": {
            "properties": {
                "funnel": {"maxItems": 0},
                "goals": {"items": _NO_UPLIFT},
                "performance": {"properties": {"uplift": _NULL}},
                "sample_ratio": {"properties": {"p_value": _NULL}},
            }
        },
        "else": {"properties": {"funnel": {"minItems": len(_STAGES)}}},
    },
    "DataQuality": {
        "if": {"properties": {"matured_share": _NULL}},
        "then": {"properties": {"final_at": _NULL, "final_on": _NULL}},
        "else": {"properties": {"final_at": {"type": "string"}, "final_on": {"type": "string"}}},
    },
}
"""What fields of one object say about each other, by class."""


def snapshot_schema() -> Schema:
    """The schema of one campaign's document."""
    root = _object(Snapshot)
    version = {"schema_version": {"const": SCHEMA_VERSION}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:connector-analytics:snapshot:{SCHEMA_VERSION}",
        **root,
        "properties": version | root["properties"],
        "required": [*version, *root["required"]],
        "$defs": {part.__name__: _object(part) for part in dict.fromkeys(_parts(Snapshot))},
    }


def schema_text() -> str:
    """The schema as JSON text, ending in one line break."""
    return json.dumps(snapshot_schema(), indent=2, ensure_ascii=False) + "\n"


def keys_of(schema: Mapping[str, Any]) -> set[str]:
    """Every key that a document of `schema` can have, at any depth."""
    objects = [schema, *schema["$defs"].values()]
    return {key for found in objects for key in found["properties"]}


def _parts(part: type) -> Iterator[type]:
    """The classes a class is made of, and theirs, in order of appearance."""
    for hint in get_type_hints(part).values():
        for found in _classes(hint):
            yield found
            yield from _parts(found)


def _classes(hint: Any) -> Iterator[type]:  # noqa: ANN401 - any annotation
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for argument in get_args(hint):
        yield from _classes(argument)


def _object(part: type) -> Schema:
    """A closed object with every field of a class as a required key."""
    hints = get_type_hints(part, include_extras=True)
    # A trailing underscore only keeps a field from being a Python keyword.
    named = {field.name.removesuffix("_"): hints[field.name] for field in document_fields(part)}
    properties: dict[str, Schema] = {}
    for name, hint in named.items():
        # Elsewhere a name of the catalog may mean another goal, or one instance.
        is_declared = part in {Performance, DataQuality} and name in CATALOG
        texts = {"title": CATALOG[name].label, "description": CATALOG[name].description} if is_declared else {}
        properties[name] = {**texts, **_schema_of(hint), **_FURTHER.get(f"{part.__name__}.{name}", {})}
    # The docstring, a paragraph a line, in the words of JSON.
    paragraphs = re.split(r"\n{2,}", inspect.getdoc(part) or "")
    text = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return {
        "title": re.sub(r"(?<=.)([A-Z])", lambda found: f" {found[1].lower()}", part.__name__),
        "description": re.sub(r"\bNone\b", "null", re.sub(r"(?<=[.] )None\b", "Null", text)),
        "type": "object",
        "properties": properties,
        "required": list(named),
        "additionalProperties": False,
        **_CONDITIONS.get(part.__name__, {}),
    }


def _schema_of(hint: Any) -> Schema:  # noqa: ANN401 - any annotation
    """The schema of one annotation.

    Raises:
        KeyError: it says too little, such as a `float` that names no kind.
    """
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is Annotated:
            return _KINDS[arguments[1]]
        case origin if origin in {Union, UnionType}:
            return _one_of([kind for kind in arguments if kind is not NoneType], is_nullable=NoneType in arguments)
        case origin if origin is tuple:
            return _array(arguments)
    if is_dataclass(hint) and isinstance(hint, type):
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    return _NULL if hint is NoneType else _PLAIN[hint]


def _one_of(kinds: Sequence[Any], *, is_nullable: bool) -> Schema:
    schemas = [_schema_of(kind) for kind in kinds]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    if not is_nullable:
        return schema
    return {**schema, "type": [schema["type"], "null"]} if "type" in schema else {"anyOf": [schema, _NULL]}


def _array(items: tuple[Any, ...]) -> Schema:
    if items[-1] is Ellipsis:
        return {"type": "array", "items": _schema_of(items[0])}
    typed = [_schema_of(item) for item in items]
    return {"type": "array", "prefixItems": typed, "items": False, "minItems": len(typed)}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
