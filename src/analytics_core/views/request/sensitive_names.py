"""Which names of fields stand before a secret, an address or a person's id, in any spelling."""

import re
import unicodedata

from analytics_core.domain.words import HOLDING, NAMING, is_holding, is_naming

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_SENSITIVE_WORD = re.compile(
    r"access|address|auth|bearer|card|cookies?|csrf|cvc|cvv|dob|fax|gaid|guid|hmac|iban|idf[av]|jwt|keys?|mail|mobile"
    r"|msisdn|nonce|oauth|otp|pan|pass|pin|private|psk|pw|pwd|salt|session|sid|sig|sin|ssn|tel|uid|uuid|whatsapp|xsrf"
)
_SENSITIVE_PART = re.compile(
    r"accesskey|accountn|apikey|authentication|authori[sz]|birthda|cardn|connectionstring|creditcard|credential"
    r"|contrase|dateofbirth|email|geheim|kennwort|nationali[dn]|passcode|passphrase|passport|passw|phone|pincode"
    r"|routingn|secret|security[cn]|sessionid|signature|socialsec|taxid|token"
    r"|(?:account|admin|app|application|client|consumer|encryption|function|licen[cs]e|master|private|server|service|shared"
    r"|signing|storage|subscription|webhook)key"
    r"|(?:account|anonymous|client|contact|customer|device|distinct|external|member|person|profile|subscriber|user|visitor)id"
)
_WEAK = frozenset({"access", "card", "key", "keys", "mail", "mobile", "pass", "salt", "session"})
_HARMLESS_END = re.compile(
    r"brand|city|count|country|days|domain|enabled|expired|expiry|expires|language|length|level"
    r"|limit|locale|method|opened|optin|present|provider|region|state|status|tier|type|verified|version"
)
_NUMBERING = frozenset({"code", "id", "no", "nr", "num", "number"})
_CONTACT = re.compile(r"address|birthda|card|dob|email|fax|mail|mobile|msisdn|phone|tel|whatsapp")
_IDENTIFIER = re.compile(r"[\w.$:-]{1,80}")
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


def is_named_secret(naming: str, said: str, holding: str) -> bool:
    """Whether one field says of the one beside it that it holds a secret, as in `"name": "Authorization", "value": …`.

    Args:
        naming: the name of the field that says it.
        said: what it says.
        holding: the name of the other one. Of a pair that is no plain name and value more has to speak for it, as a
            `type` or a `content` may be of anything.
    """
    if naming.lower() in NAMING and holding.lower() in HOLDING:
        return is_sensitive_name(said)
    return is_naming(naming) and is_holding(holding) and is_secret_name(said)


def is_secret_name(text: str) -> bool:
    """Whether a text is by itself the name of a secret, rather than of an address or of something of everyday life."""
    if _IDENTIFIER.fullmatch(text) is None or not is_sensitive_name(text) or is_weak_name(text):
        return False
    return _CONTACT.search("".join(_words(text))) is None


def is_id_name(name: str) -> bool:
    """Whether a field of this name holds an id of anything."""
    return not {"id", "ids", "identifier", "guid", "uuid"}.isdisjoint(_words(name))


def is_person_name(name: str) -> bool:
    """Whether a field of this name holds a person, so that its `id` is a person's."""
    return _PEOPLE.search(name[-_LONGEST:]) is not None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", name[-_LONGEST:]))]
