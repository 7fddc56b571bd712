"""A definition as its author may edit it: secrets as masks, which stand for themselves where they are left alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.definition.masked_fields import mask_field
from analytics_core.views.request.secret_shapes import MASK


def mask_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as JSON, each text in it masked like that field anywhere else."""
    return {name: _mask(name, value) for name, value in document.items()}


def unmask_document(edited: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody made of `mask_document(document)`, with the secrets that they left alone.

    Raises:
        AnalyticsError: a mask stands where it stands for nothing; the text names the fields.
    """
    masked = mask_document(document)
    restored = {name: _restore(value, masked.get(name), document.get(name)) for name, value in edited.items()}
    raw = {text for _, text in _texts("", document)}
    left = [field for field, text in _texts("", restored) if MASK in text and text not in raw]
    if left:
        raise AnalyticsError(f"{', '.join(left)}: a mask is kept only as it was; write the whole value")
    return restored


def _mask(field: str, value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if isinstance(value, dict):
        return {name: _mask(f"{field}.{name}", item) for name, item in value.items()}
    if isinstance(value, list) and field not in {"tags", "approval.approvers"}:
        return [_mask(field, item) for item in value]
    return mask_field(field, value)


def _restore(edited: Any, masked: Any, raw: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if edited == masked:
        return raw
    if isinstance(edited, dict) and isinstance(masked, dict) and isinstance(raw, dict):
        return {name: _restore(item, masked.get(name), raw.get(name)) for name, item in edited.items()}
    if isinstance(edited, list) and isinstance(masked, list) and isinstance(raw, list):
        known = [*zip(masked, raw, strict=True), *[(None, None)] * len(edited)]
        return [_restore(item, *pair) for item, pair in zip(edited, known, strict=False)]
    return edited


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON in
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(f"{field}.{name}".lstrip("."), item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(field, item)
