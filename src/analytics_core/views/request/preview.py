"""The content preview: the request of a campaign with its sample user filled in and every secret masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analytics_core.domain.campaign import Request
from analytics_core.views.forms.texts import printable
from analytics_core.views.request.addresses import redact_url
from analytics_core.views.request.allowance import NOT_SHOWN, Allowance, read_part, shorten, size_of
from analytics_core.views.request.liquid_preview import PreviewError, fill_in
from analytics_core.views.request.redaction import header_name, is_shown, redact_body, redact_json, redact_text
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import is_id_name

_LONGEST_BODY = 10_000
_LONGEST_URL = 2_000
_LONGEST_VALUE = 1_000
_LONGEST_METHOD = 40
_MOST_HEADERS = 100
_LARGEST_SAMPLE = 50_000
"""Characters of its names and texts, and one more for each value."""
_DEEPEST_SAMPLE = 40


@dataclass(frozen=True, slots=True)
class Preview:
    """A request as it may be shown. `reason` says why the sample is not filled in; None where it is."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    reason: str | None


def content_preview(request: Request) -> Preview:
    """The request with its sample filled in; where that fails, as it was written, with the reason. Always masked.

    However much a request holds, it is there in the time of one allowance; what does not fit says so in its place.
    """
    return _Previewer(request).preview()


class _Previewer:
    """One request, what is left of its allowance, and why its sample is not filled in."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._allowance = Allowance()
        self._reasons: list[str] = []
        self._sample = self._safe_sample()

    def preview(self) -> Preview:
        request = self._request
        body = None if request.body is None else self._redact_body(self._fill(request.body))
        return Preview(
            method=self._mask(request.method, _LONGEST_METHOD),
            url=self._redact_url(self._fill(request.url)),
            headers=tuple(self._headers()),
            body=body,
            reason=self._reasons[0] if self._reasons else None,
        )

    def _headers(self) -> Iterator[tuple[str, str]]:
        """Only values that are shown are filled in: a masked one cannot be wrong."""
        headers = self._request.headers
        for name in list(headers)[:_MOST_HEADERS]:
            if not self._allowance.take(len(name[:_LONGEST_VALUE])):
                yield NOT_SHOWN, MASK
                return
            yield header_name(name), self._mask(self._fill(headers[name]), _LONGEST_VALUE) if is_shown(name) else MASK
        if len(headers) > _MOST_HEADERS:
            yield f"(and {len(headers) - _MOST_HEADERS:,} more)", MASK

    def _fill(self, template: str) -> str:
        if self._sample is None:
            return template
        try:
            return fill_in(template, self._sample, self._allowance)
        except PreviewError as error:
            self._reasons.append(str(error))
            return template

    def _redact_body(self, text: str) -> str:
        part, is_cut = read_part(text, _LONGEST_BODY)
        return shorten(redact_body(part), _LONGEST_BODY, is_cut=is_cut) if self._takes(part) else NOT_SHOWN

    def _redact_url(self, text: str) -> str:
        part, is_cut = read_part(printable(text[: 2 * _LONGEST_URL]), _LONGEST_URL)
        shown = redact_url(part, is_request=True) if self._takes(part) else NOT_SHOWN
        return shorten(shown, _LONGEST_URL, is_cut=is_cut or len(text) > 2 * _LONGEST_URL)

    def _mask(self, text: str, longest: int) -> str:
        part, is_cut = read_part(text, longest)
        return shorten(redact_text(part), longest, is_cut=is_cut) if self._takes(part) else NOT_SHOWN

    def _takes(self, part: str) -> bool:
        return self._allowance.take(len(part))

    def _safe_sample(self) -> dict[str, object] | None:
        """The sample user may be a real one: secrets, addresses and ids go before anything is filled in.

        None where it is too large to be looked through; the reason says so.
        """
        sample = self._request.sample
        if not sample:
            return {}
        size = size_of(sample, _LARGEST_SAMPLE)
        if size > _LARGEST_SAMPLE or not self._allowance.take(size):
            self._reasons.append("the sample is too large for a preview")
            return None
        masked = redact_json(_without_ids(sample))
        return masked if isinstance(masked, dict) else {}


def _without_ids(value: object, depth: int = 0) -> object:
    """A value in which every `id`, at any depth, is replaced, and whatever is nested too deeply."""
    if depth > _DEEPEST_SAMPLE:
        return MASK
    if isinstance(value, Mapping):
        return {
            name: MASK if is_id_name(str(name)) and item is not None else _without_ids(item, depth + 1)
            for name, item in value.items()
        }
    return [_without_ids(item, depth + 1) for item in value] if isinstance(value, list | tuple) else value
