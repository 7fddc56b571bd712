"""A trigger's JSON as a sentence, where its shape is known: all of it or nothing.

``{"event": "Added to Cart", "unless": {"event": "Order Placed", "within_minutes": 45}, "delay_minutes": 45}`` reads
*When Added to Cart, unless Order Placed within 45 minutes; sent 45 minutes later*. A key that no part of the sentence
says is kept beside it. One that would change what the sentence says, but is not understood, leaves no sentence.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analytics_core.domain.operators import OPERATORS
from analytics_core.domain.words import FilterOperator
from analytics_core.views.forms.pieces import Part
from analytics_core.views.forms.texts import cut, one_line
from analytics_core.views.info.goals import condition_text
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.shown import LONGEST_NAME

_EVENT = ("event", "event_name")
_CONDITIONS = ("filters", "conditions")
_EXCLUSION = ("unless", "exclude")
_JOINS = ("and", "or")
_UNITS = ("seconds", "minutes", "hours", "days")
_LATER, _WITHIN = ("delay", "after"), ("within",)
_MEANINGFUL = {*_EVENT, *_CONDITIONS, *_EXCLUSION, *_JOINS, *_LATER, *_WITHIN} | {
    f"{stem}_{unit}" for stem in (*_LATER, *_WITHIN) for unit in _UNITS
}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?(second|minute|hour|day)s?")
_EVENT_WITHIN = re.compile(r"(.{1,300}?) within (\d{1,9} (?:second|minute|hour|day)s?)")
_LONGEST_WAIT = 10**9
_LONGEST_LABEL = 80

Fields = dict[str, object]
"""What is left of an object: what is read is taken out."""


class UnknownShapeError(ValueError):
    """A part of a trigger that could mean anything."""


@dataclass(slots=True)
class TriggerSentence:
    """A trigger in words.

    Attributes:
        parts: the sentence.
        rest: name and value of every key that no part of it says, in the order they are met.
    """

    parts: list[Part] = field(default_factory=list)
    rest: list[tuple[str, object]] = field(default_factory=list)


def trigger_sentence(trigger: Mapping[str, object]) -> TriggerSentence | None:
    """A trigger that may be shown, in words; None where any of it is in a shape that is not known."""
    made = TriggerSentence([Part("When ")])
    try:
        made.parts += _read_criterion(trigger, made.rest)
    except UnknownShapeError:
        return None
    return made


def _read_criterion(value: object, rest: list[tuple[str, object]], *, is_nested: bool = False) -> list[Part]:
    """An event with what must hold of it, or several; then what keeps it from counting, and how long it is waited."""
    if isinstance(value, str):
        return [_read_name(value)]
    fields = _read_fields(value)
    parts = _read_subject(fields, rest)
    about = _name_events(parts)
    exclusion = _take(fields, _EXCLUSION)
    if exclusion is not None:
        parts = [*parts, Part(", unless "), *_read_exclusion(exclusion, rest)]
    wait = _take_duration(fields, _LATER)
    if wait is not None:
        parts.append(Part("; sent at once" if wait.startswith("0 ") else f"; sent {wait} later"))
    _leave(fields, rest, about if is_nested else "")
    return parts


def _read_subject(fields: Fields, rest: list[tuple[str, object]]) -> list[Part]:
    joins = [word for word in _JOINS if word in fields]
    event = _take(fields, _EVENT)
    if len(joins) + (event is not None) != 1:
        raise UnknownShapeError
    if joins:
        items = [_read_criterion(item, rest, is_nested=True) for item in _read_list(fields.pop(joins[0]))]
        return _join(items, f" {joins[0]} ")
    name = _read_name(event)
    conditions = _take(fields, _CONDITIONS)
    if conditions in (None, [], {}):
        return [name]
    return [name, Part(f" where {_read_conditions(conditions, rest)}")]


def _read_exclusion(value: object, rest: list[tuple[str, object]]) -> list[Part]:
    if isinstance(value, str):
        found = _EVENT_WITHIN.fullmatch(one_line(value))
        return [_read_name(found[1]), Part(f" within {found[2]}")] if found else [_read_name(value)]
    fields = _read_fields(value)
    parts = _read_subject(fields, rest)
    about = _name_events(parts)
    within = _take_duration(fields, _WITHIN)
    if within is not None:
        parts = [*_enclose(parts), Part(f" within {within}")]
    _leave(fields, rest, f"unless {about}")
    return parts


def _read_conditions(value: object, rest: list[tuple[str, object]]) -> str:
    """Conditions that must all hold, or those of an object that says whether all or any must."""
    if isinstance(value, Mapping):
        fields = _read_fields(value)
        joins = [word for word in _JOINS if word in fields]
        if len(joins) != 1:
            raise UnknownShapeError
        items, join = _read_list(fields.pop(joins[0])), joins[0]
        _leave(fields, rest, "conditions")
    else:
        items, join = _read_list(value), "and"
    return f" {join} ".join(_read_condition(item, rest, is_alone=len(items) == 1) for item in items)


def _read_condition(value: object, rest: list[tuple[str, object]], *, is_alone: bool) -> str:
    fields = _read_fields(value)
    if not fields.keys().isdisjoint(_JOINS):
        inner = _read_conditions(fields, rest)
        return inner if is_alone else f"({inner})"
    attribute, op, compared = (fields.pop(name, None) for name in ("attribute", "op", "value"))
    if op not in set(FilterOperator):
        raise UnknownShapeError
    operator = FilterOperator(str(op))
    if OPERATORS[operator].takes_list and not isinstance(compared, list) and compared != MASK:
        raise UnknownShapeError
    name = _read_name(attribute).text
    _leave(fields, rest, name)
    return condition_text(name, operator, compared)


def _read_fields(value: object) -> Fields:
    if not isinstance(value, Mapping):
        raise UnknownShapeError
    return dict(value)


def _read_list(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise UnknownShapeError
    return value


def _read_name(value: object) -> Part:
    if not isinstance(value, str) or not value.strip():
        raise UnknownShapeError
    return Part(cut(value, LONGEST_NAME), is_name=True)


def _take(fields: Fields, names: Iterable[str]) -> object:
    """What one of `names` says, taken out with those that say nothing; two of them could contradict each other."""
    said = [value for name in names if (value := fields.pop(name, None)) is not None]
    if len(said) > 1:
        raise UnknownShapeError
    return said[0] if said else None


def _take_duration(fields: Fields, stems: Iterable[str]) -> str | None:
    """A length of time, such as ``45 minutes``: a number of a named unit, or a text with one."""
    said = [
        _read_duration(value, unit)
        for stem in stems
        for unit in ("", *_UNITS)
        if (value := fields.pop(f"{stem}_{unit}".rstrip("_"), None)) is not None
    ]
    if len(said) > 1:
        raise UnknownShapeError
    return said[0] if said else None


def _read_duration(value: object, unit: str) -> str:
    if not unit:
        found = _DURATION.fullmatch(one_line(value).lower()) if isinstance(value, str) else None
        if found is None:
            raise UnknownShapeError
        number, unit = float(found[1]), f"{found[2]}s"
    elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_WAIT:
        raise UnknownShapeError
    else:
        number = value
    return f"{number:,.10g} {unit[:-1] if number == 1 else unit}"


def _leave(fields: Fields, rest: list[tuple[str, object]], about: str) -> None:
    """Keeps what is left of an object beside the sentence; nothing that could change what the sentence says."""
    if not fields.keys().isdisjoint(_MEANINGFUL):
        raise UnknownShapeError
    rest += [(cut(f"{key} ({about})" if about else key, _LONGEST_LABEL), value) for key, value in fields.items()]


def _name_events(parts: Iterable[Part]) -> str:
    return ", ".join(part.text for part in parts if part.is_name)


def _join(items: list[list[Part]], word: str) -> list[Part]:
    if len(items) == 1:
        return items[0]
    first, *others = map(_enclose, items)
    return [*first, *(part for item in others for part in (Part(word), *item))]


def _enclose(parts: list[Part]) -> list[Part]:
    """More than a name in brackets."""
    return parts if len(parts) == 1 else [Part("("), *parts, Part(")")]
