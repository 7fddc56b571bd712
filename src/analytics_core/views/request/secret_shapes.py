"""What a secret or a person's address looks like by its own shape, wherever it stands.

Over-masking is harmless and under-masking is not, so whatever looks random enough is taken for a secret. Every pattern
takes time in proportion to the text: it starts where no run of its characters goes on, or its length is bounded.
"""

import re

from analytics_core.views.request.number_shapes import mask_numbers
from analytics_core.views.request.randomness import is_random
from analytics_core.views.request.texts.encodings import is_coded_text, without_percents

MASK = "\N{BULLET}\N{BULLET}\N{BULLET}"

# Behind no letter or digit, unless these are the end of an escape: of an address, or of a text inside JSON.
_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4}))"
_PEM = re.compile(
    r"-----BEGIN[ %+\w]{0,60}-----.*?(?:-----END[ %+\w]{0,60}-----|\Z)",
    re.DOTALL,
)
_TOKENS = (
    _PEM,
    re.compile(_START + r"eyJ[\w-]{4,}(?:\.[\w-]*){0,4}"),  # a JSON Web Token, whole or cut short
    re.compile(r"(?:sk|pk|rk)[_-](?:live|test|prod)[_-][\w-]{4,}"),
    re.compile(_START + r"(?:sk|pk|rk|whsec|sess|glpat|npm|hf|shp(?:at|ca|pa|ss)|gh[pousr])_[\w-]{6,}"),
    re.compile(_START + r"(?:sk|pk|rk|whsec|sess|glpat|xkeysib)-(?=[\w-]*(?:\d|[a-z][A-Z]))[\w-]{6,}"),
    re.compile(_START + r"(?:github_pat_\w{8,}|xox[a-z]-[\w-]{6,}|SG\.[\w.-]{10,}|ya29\.[\w-]{8,}|AIza[\w-]{16,})"),
    re.compile(r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{12,}"),  # cloud access keys
    re.compile(_START + r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{8,}"),
    re.compile(_START + r"(?i:bearer)(?:\s|%20|\+)+[\w.~+/=:-]{4,}"),
    re.compile(
        _START
        + r"(?i:api-?key|basic|digest|hmac|negotiate|token)\s+(?=[^\s\"'\d][^\s\"']*(?:\d|=|[a-z][A-Z]))[\w.~+/=:-]{6,}"
    ),
    re.compile(r"(?<=://)[^/\s?#\"'<>]{1,500}@"),  # user info of an address
    re.compile(r"(?<![\w.+%'-])[\w.+%-]{1,64}:[^\s@/\"'<>{},;)]{1,100}@(?=[\w\[])"),
)
_AT = r"(?:@|\N{FULLWIDTH COMMERCIAL AT}|%(?:25){0,3}40|\\u0040|&#0{0,4}64;|&#[xX]0{0,4}40;|&commat;)"
_DOT = r"(?:\.|%(?:25){0,3}2[eE]|\\u002[eE]|&#46;|&period;)"
_AT_SIGN = re.compile(_AT)
_EMAIL = re.compile(
    rf"""(?:"[^"\n]{{1,64}}"|(?<![\w.+%'-])(?>(?:(?!{_AT})[\w.+%'-])+)){_AT}\[?[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,8}}"""
)
_OPAQUE_SHAPES = (
    re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z])"),
    re.compile(_START + r"[0-9a-fA-F]{24,}(?![0-9A-Za-z])"),
)
_SHORTEST_RANDOM = 16
_OPAQUE = re.compile(r"[A-Za-z0-9+/_=-]{12,}")
_ENCODED = re.compile(r"""(?<![^\s"'<>&=;,])[^\s"'<>&=;,]++""")
_FULL_WIDTH = {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F)}


def mask_shapes(text: str) -> str:
    """`text` with everything that has the shape of a secret, an address or a number of a person masked."""
    if not text.isascii() and (plain := text.translate(_FULL_WIDTH)) != text and _mask(plain) != plain:
        text = plain
    shown = _mask(text)
    return _ENCODED.sub(_mask_encoded, shown) if "%" in shown else shown


def mask_tokens(text: str) -> str:
    """`text` with access tokens and e-mail addresses masked: ids may be numbers, or as random as they like."""
    for shape in _TOKENS:
        text = shape.sub(MASK, text)
    return _EMAIL.sub(MASK, text) if _AT_SIGN.search(text) else text


def looks_secret(text: str) -> bool:
    """Whether any part of `text` has the shape of a secret."""
    return mask_shapes(text) != text


def _mask(text: str) -> str:
    text = mask_tokens(text)
    for shape in _OPAQUE_SHAPES:
        text = shape.sub(MASK, text)
    text = mask_numbers(text, MASK)
    return _OPAQUE.sub(lambda found: MASK if _is_opaque(found[0]) else found[0], text)


def _is_opaque(token: str) -> bool:
    return (len(token) >= _SHORTEST_RANDOM and is_random(token)) or is_coded_text(token)


def _mask_encoded(found: re.Match[str]) -> str:
    """A percent-encoded run is hidden whole where what it stands for is a secret."""
    plain = without_percents(found[0])
    return MASK if plain != found[0] and _mask(plain) != plain else found[0]
