"""The content preview: the request of a campaign with its sample user filled in and every secret masked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from analytics_core.domain.campaign import Request
from analytics_core.domain.words import PersonalizationCategory
from analytics_core.views.forms.texts import printable
from analytics_core.views.request.addresses import redact_url
from analytics_core.views.request.allowance import NOT_SHOWN, Allowance, read_part, shorten, size_of
from analytics_core.views.request.liquid_preview import MOST_MISSING, MissingAttributesError, PreviewError, fill_in
from analytics_core.views.request.missing import MissingAttribute
from analytics_core.views.request.redaction import header_name, is_shown, redact_body, redact_json, redact_text
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import is_id_name
from analytics_core.views.request.texts.templates import mask_output_literals

_LONGEST_BODY = 10_000
_LONGEST_URL = 2_000
_LONGEST_VALUE = 1_000
_LONGEST_METHOD = 40
_MOST_HEADERS = 100
_LARGEST_SAMPLE = 50_000
"""Characters of its names and texts, and one more for each value."""
_DEEPEST_SAMPLE = 40
_NOT_TOLD = PersonalizationCategory.UNDEFINED


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request as it may be shown: its address, a header or its body.

    Attributes:
        name: of a header, its name; masked.
        value: filled in where `missing` and `reason` say nothing, else as it was written.
        missing: the attributes it uses that the sample lacks.
        reason: why else it is not filled in; None where nothing speaks against it.
    """

    name: str
    value: str
    missing: tuple[MissingAttribute, ...] = ()
    reason: str | None = None

    @property
    def is_masked(self) -> bool:
        """Whether nothing of its value is shown."""
        return self.value == MASK

    @property
    def lacks_more(self) -> bool:
        """Whether the sample may lack more attributes than are named."""
        return len(self.missing) >= MOST_MISSING


@dataclass(frozen=True, slots=True)
class Preview:
    """A request as it may be shown. `reason` says why the sample is not used at all; None where it is."""

    method: str
    url: Field
    headers: tuple[Field, ...] = ()
    body: Field | None = None
    reason: str | None = None


def content_preview(request: Request) -> Preview:
    """The request with its sample filled in; a field where that fails as it was written, with the reason.

    Always masked. However much a request holds, it is there in the time of one allowance; what does not fit says so in
    its place.
    """
    return _Previewer(request).preview()


class _Previewer:
    """One request, what is left of its allowance, and its sample: None where it is too large to be looked through."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._allowance = Allowance()
        self._sample = self._safe_sample()

    def preview(self) -> Preview:
        request = self._request
        # What matters most comes first, while there is an allowance.
        body = None if request.body is None else self._field("Body", request.body, self._redact_body)
        return Preview(
            method=self._mask(request.method, _LONGEST_METHOD),
            url=self._field("URL", request.url, self._redact_url),
            headers=tuple(self._headers()),
            body=body,
            reason="the sample is too large for a preview" if self._sample is None else None,
        )

    def _headers(self) -> Iterator[Field]:
        headers = self._request.headers
        for name in list(headers)[:_MOST_HEADERS]:
            if not self._allowance.take(len(name[:_LONGEST_VALUE])):
                yield Field(NOT_SHOWN, MASK)
                return
            if is_shown(name):
                yield self._field(header_name(name), headers[name], lambda text: self._mask(text, _LONGEST_VALUE))
            else:
                yield self._masked_header(name)
        if len(headers) > _MOST_HEADERS:
            yield Field(f"(and {len(headers) - _MOST_HEADERS:,} more)", MASK)

    def _masked_header(self, name: str) -> Field:
        """A value that is not shown still lacks what it lacks; of its other faults nothing is said.

        What a name stands for is only known where it begins like an attribute: any other may be the secret itself.
        """
        missing = self._field(name, self._request.headers[name], lambda _: MASK).missing
        told = (replace(one, name=MASK) if one.category is _NOT_TOLD else one for one in missing)
        return Field(header_name(name), MASK, tuple(dict.fromkeys(told)))

    def _field(self, name: str, template: str, mask: Callable[[str], str]) -> Field:
        if self._sample is None:
            return Field(name, mask(template))
        try:
            return Field(name, mask(fill_in(mask_output_literals(template), self._sample, self._allowance)))
        except MissingAttributesError as error:
            return Field(name, mask(template), missing=error.missing)
        except PreviewError as error:
            return Field(name, mask(template), reason=str(error))

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

        None where it is too large to be looked through.
        """
        sample = self._request.sample
        if not sample:
            return {}
        size = size_of(sample, _LARGEST_SAMPLE)
        if size > _LARGEST_SAMPLE or not self._allowance.take(size):
            return None
        masked = redact_json(_without_ids(sample))
        return masked if isinstance(masked, dict) else {}


def _without_ids(value: object, depth: int = 0) -> object:
    """A value in which every `id`, at any depth, is replaced, and whatever is nested too deeply or is no JSON."""
    if depth > _DEEPEST_SAMPLE:
        return MASK
    if isinstance(value, Mapping):
        return {
            name: MASK if is_id_name(str(name)) and item is not None else _without_ids(item, depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_ids(item, depth + 1) for item in value]
    return value if value is None or isinstance(value, str | int | float) else MASK
