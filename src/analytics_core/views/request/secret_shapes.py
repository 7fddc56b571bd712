"""What a secret or a person's address looks like, by the name of its field and by its own shape.

Over-masking is harmless and under-masking is not, so whatever looks random enough is taken for a secret.
"""

import re
import unicodedata
from itertools import pairwise

MASK = "\N{BULLET}\N{BULLET}\N{BULLET}"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_SENSITIVE_WORD = re.compile(
    r"access|address|auth|bearer|card|cookies?|cvc|cvv|dob|fax|gaid|guid|hmac|iban|idf[av]|jwt|keys?|mail|mobile|msisdn"
    r"|nonce|otp|pan|pass|pin|private|psk|pw|pwd|salt|session|sid|sig|ssn|tel|uid|uuid|whatsapp"
)
_SENSITIVE_PART = re.compile(
    r"accesskey|apikey|authentication|authori[sz]|birthda|credential|email|passphrase|passw|phone|privatekey|secret"
    r"|sessionid|signature|signingkey|token|webhookkey"
    r"|(?:account|anonymous|client|contact|customer|device|distinct|external|member|person|profile|subscriber|user|visitor)id"
)

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}-----.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)", re.DOTALL)
_SHAPES = (
    _PEM,
    re.compile(r"(?<![A-Za-z0-9])eyJ[\w-]{4,}(?:\.[\w-]*){0,4}"),  # a JSON Web Token, whole or cut short
    re.compile(r"(?<![A-Za-z0-9])(?:sk|pk|rk|whsec|sess|glpat|npm|hf|shp(?:at|ca|pa|ss)|gh[pousr])[_-][\w-]{6,}"),
    re.compile(
        r"(?<![A-Za-z0-9])(?:github_pat_\w{8,}|xox[a-z]-[\w-]{6,}|SG\.[\w.-]{10,}|ya29\.[\w-]{8,}|AIza[\w-]{16,})"
    ),
    re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{8,}"),  # cloud access keys
    re.compile(r"(?i)(?<![a-z0-9])(?:bearer|negotiate)\s+[\w.~+/=:-]{4,}"),
    re.compile(r"(?<![A-Za-z0-9])(?i:basic|digest|token)\s+(?=[^\s\"']*[A-Z0-9=])[\w.~+/=:-]{6,}"),
    re.compile(r"(?<=://)[^/\s?#\"'<>]{1,500}@"),  # user info of an address
    re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),  # e-mail
    re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{24,}(?![0-9A-Za-z])"),
    re.compile(r"(?<![\w.])\+\d[\d ().-]{6,18}\d"),  # telephone, international
    re.compile(r"(?<![\w.])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)"),  # telephone, North American
    re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)"),  # payment card
    re.compile(
        r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
    ),  # bank account
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/_=-]{16,}")
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_SEPARATORS = re.compile(r"[+/_=-]")
_SHORT_RUN = 12
_LONG_RUN = 32
_CHANGES = 0.31
_CHANGES_OF_LONG_RUNS = 0.2


def is_sensitive_name(name: str) -> bool:
    """Whether a field of this name holds a secret, an address or a person's id."""
    words = [word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", name[:400]))]
    squeezed = "".join(words)
    return any(map(_SENSITIVE_WORD.fullmatch, words)) or _SENSITIVE_PART.search(squeezed) is not None


def mask_shapes(text: str) -> str:
    """`text` with everything that has the shape of a secret, an address or a number of a person masked."""
    for shape in _SHAPES:
        text = shape.sub(MASK, text)
    return _OPAQUE.sub(lambda found: MASK if _is_random(found[0]) else found[0], text)


def looks_secret(text: str) -> bool:
    """Whether any part of `text` has the shape of a secret."""
    return mask_shapes(text) != text


def _is_random(token: str) -> bool:
    """Random text changes between digits, small and capital letters all the time; words and dates do not."""
    for run in (_SEPARATORS.sub("", token), *_RUN.findall(token)):
        kinds = [0 if character.isdigit() else 1 if character.islower() else 2 for character in run]
        changes = sum(left != right for left, right in pairwise(kinds)) / max(len(run) - 1, 1)
        if len(run) >= _SHORT_RUN and changes >= (_CHANGES_OF_LONG_RUNS if len(run) >= _LONG_RUN else _CHANGES):
            return True
    return False
