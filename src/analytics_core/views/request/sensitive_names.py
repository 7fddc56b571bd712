"""Which names of fields stand before a secret, an address or a person's id, in any spelling."""

import re
import unicodedata

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_SENSITIVE_WORD = re.compile(
    r"access|address|auth|bearer|card|cookies?|csrf|cvc|cvv|dob|fax|gaid|guid|hmac|iban|idf[av]|jwt|keys?|mail|mobile"
    r"|msisdn|nonce|oauth|otp|pan|pass|pin|private|psk|pw|pwd|salt|session|sid|sig|sin|ssn|tel|uid|uuid|whatsapp|xsrf"
)
_SENSITIVE_PART = re.compile(
    r"accesskey|accountn|apikey|authentication|authori[sz]|birthda|cardn|connectionstring|creditcard|credential"
    r"|dateofbirth|email|kennwort|licen[cs]ekey|nationali[dn]|passcode|passphrase|passport|passw|phone|pincode|privatekey"
    r"|routingn|secret|securityn|sessionid|signature|signingkey|socialsec|taxid|token|webhookkey"
    r"|(?:account|anonymous|client|contact|customer|device|distinct|external|member|person|profile|subscriber|user|visitor)id"
)
_WEAK = frozenset({"access", "card", "key", "keys", "mail", "mobile", "pass", "salt", "session"})
_HARMLESS_END = re.compile(
    r"brand|city|count|country|days|domain|enabled|expired|expiry|expires|language|length|level"
    r"|limit|locale|method|opened|optin|present|provider|region|state|status|tier|type|verified|version"
)
_NUMBERING = frozenset({"code", "id", "no", "nr", "num", "number"})
_LONGEST = 400
_PEOPLE = re.compile(
    r"(?i)account|buyer|client|contact|customer|member|people|person|profile|recipient|sender|subscriber|user|visitor"
)


def is_sensitive_name(name: str) -> bool:
    """Whether a field of this name holds a secret, an address or a person's id."""
    words = _words(name)
    return any(map(_SENSITIVE_WORD.fullmatch, words)) or _SENSITIVE_PART.search("".join(words)) is not None


def is_weak_name(name: str) -> bool:
    """Whether a sensitive name is a word of everyday language as well, or tells of a secret what is none: its type."""
    words = _words(name)
    if words and _HARMLESS_END.fullmatch(words[-1]):
        return True
    sensitive = {word for word in words if _SENSITIVE_WORD.fullmatch(word)}
    return sensitive <= _WEAK and _SENSITIVE_PART.search("".join(words)) is None


def is_numbering(name: str) -> bool:
    """Whether a name only says that a number follows, so that the words before it say of what: card number."""
    words = _words(name)
    return len(words) == 1 and words[0] in _NUMBERING


def is_id_name(name: str) -> bool:
    """Whether a field of this name holds an id of anything."""
    return not {"id", "ids", "identifier", "guid", "uuid"}.isdisjoint(_words(name))


def is_person_name(name: str) -> bool:
    """Whether a field of this name holds a person, so that its `id` is a person's."""
    return _PEOPLE.search(name[-_LONGEST:]) is not None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", name[-_LONGEST:]))]
