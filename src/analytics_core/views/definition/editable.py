"""A definition as its author may edit it: secrets as masks, which stand for themselves where they are left alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import is_named_value
from analytics_core.views.definition.masked_fields import mask_field, mask_names
from analytics_core.views.request.allowance import NOT_SHOWN
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.shown import shown_name

_WHOLE = frozenset({"tags", "approval.approvers"})


def mask_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as JSON, each text in it masked like that field anywhere else, and names that are secret too."""
    return {name: _mask(name, value) for name, value in document.items()}


def unmask_document(edited: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody made of `mask_document(document)`, with the secrets that they left alone.

    A mask stands for what it hides in its own place only, so that nothing hidden is moved where it would be seen.

    Raises:
        AnalyticsError: a mask stands where it stands for nothing, or a text was changed of which a part was left out;
            the text names the fields.
    """
    restored = {}
    for name, value in edited.items():
        raw = document.get(name)
        restored[name] = _restore(name, value, _mask(name, raw) if name in document else None, raw)
    own = {text for _, text in _texts("", document)}
    left = [name for name, text in _texts("", restored) if (MASK in text or NOT_SHOWN in text) and text not in own]
    if left:
        names = ", ".join(dict.fromkeys(map(shown_name, left)))
        raise AnalyticsError(f"{names}: a mask is kept only as it was; write the whole value")
    return restored


def _mask(field: str, value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if isinstance(value, dict) and not is_named_value(value):
        names = mask_names(value)
        return {names[name]: _mask(f"{field}.{name}", item) for name, item in value.items()}
    if isinstance(value, list) and field not in _WHOLE:
        return [_mask(_inside(field), item) for item in value]
    return mask_field(field, value)


def _inside(field: str) -> str:
    """The field of what a list holds; a goal is named, if only by its place."""
    return "goals." if field == "goals" else field


def _restore(field: str, edited: Any, masked: Any, raw: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if edited == masked:
        return raw
    if isinstance(edited, dict) and isinstance(masked, dict) and isinstance(raw, dict) and not is_named_value(raw):
        names = dict(zip(masked, raw, strict=True))
        return {
            names.get(name, name): _restore(f"{field}.{name}", item, masked.get(name), raw.get(names.get(name)))
            for name, item in edited.items()
        }
    if isinstance(edited, list) and isinstance(masked, list) and isinstance(raw, list):
        return _restore_items(field, edited, masked, raw)
    if isinstance(raw, str) and MASK not in str(masked) and not _says_the_same(raw, masked):
        raise AnalyticsError(f"{shown_name(field)}: a part of it was left out; change it with --field or --patch")
    return edited


def _restore_items(field: str, edited: Sequence[Any], masked: Sequence[Any], raw: Sequence[Any]) -> list[Any]:
    """A list whose items may have been moved: what is as it was is itself, a goal is known by its id.

    Where it is not certain which of several hidden items is meant, the mask stays, and is refused.
    """
    found = []
    for place, item in enumerate(edited):
        same = [other for other, one in enumerate(masked) if _is_known_by(item, one)]
        if len(same) != 1 and len(edited) == len(masked):
            same = [place]
        pairs = [(masked[other], raw[other]) for other in same]
        certain = len(pairs) == 1 or (bool(pairs) and all(one == pairs[0][1] for _, one in pairs))
        found.append(_restore(_inside(field), item, *pairs[0]) if certain else item)
    return found


def _is_known_by(item: Any, masked: Any) -> bool:  # noqa: ANN401 - JSON in
    if isinstance(item, dict) and isinstance(masked, dict) and "goal_id" in masked:
        return bool(item.get("goal_id") == masked["goal_id"])
    return bool(item == masked)


def _says_the_same(raw: str, masked: object) -> bool:
    """Whether a text that is shown has all that it holds; JSON is shown set in."""
    if raw == masked:
        return True
    try:
        return bool(json.loads(raw) == json.loads(str(masked)))
    except (ValueError, RecursionError):
        return False


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON in
    """Every text with the field it stands in, names that an author wrote as well."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, item in value.items():
            inside = f"{field}.{name}".lstrip(".")
            yield inside, name
            yield from _texts(inside, item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(field, item)
