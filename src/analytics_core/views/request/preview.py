"""The content preview: the request of a campaign with its sample user filled in and every secret masked."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics_core.domain.campaign import Request
from analytics_core.views.forms.texts import ELLIPSIS
from analytics_core.views.request.liquid_preview import PreviewError, fill_in
from analytics_core.views.request.redaction import redact_body, redact_json, redact_url, visible_headers
from analytics_core.views.request.secret_shapes import MASK

_LONGEST_READ = 50_000
_LONGEST_SHOWN = 10_000
_LONGEST_URL = 2_000


@dataclass(frozen=True, slots=True)
class Preview:
    """A request as it may be shown. `reason` says why the sample is not filled in; None where it is."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    reason: str | None


def content_preview(request: Request) -> Preview:
    """The request with its sample filled in; where that fails, as it was written, with the reason. Always masked."""
    sample = _safe_sample(request.sample)
    reasons: list[str] = []

    def fill(template: str) -> str:
        try:
            return fill_in(template, sample)
        except PreviewError as error:
            reasons.append(str(error))
            return template

    url = _shorten(redact_url(fill(request.url)), _LONGEST_URL)
    # Only values that are shown are filled in: a masked one cannot be wrong.
    headers = tuple(
        (label, value if value == MASK else visible_headers({name: fill(request.headers[name])})[0][1])
        for name, (label, value) in zip(request.headers, visible_headers(request.headers), strict=True)
    )
    body = None
    if request.body is not None:
        # Cut before and after masking: the work is bounded, and what is shown never ends in half a secret.
        body = _shorten(redact_body(fill(request.body)[:_LONGEST_READ]), _LONGEST_SHOWN)
    return Preview(
        method=request.method,
        url=url,
        headers=headers,
        body=body,
        reason=reasons[0] if reasons else None,
    )


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + ELLIPSIS


def _safe_sample(sample: Mapping[str, object]) -> dict[str, object]:
    """The sample user may be a real one: secrets, addresses and ids go before anything is filled in."""
    masked = redact_json(
        {
            name: {**value, "id": MASK} if isinstance(value, Mapping) and "id" in value else value
            for name, value in sample.items()
        }
    )
    return masked if isinstance(masked, dict) else {}
