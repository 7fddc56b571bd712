"""Elements of XML and HTML whose name, or whose attribute, says that their content is a secret."""

import re
from collections.abc import Iterator, Mapping

from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import is_secret_name, is_sensitive_name

_OPEN = re.compile(r"<(?P<name>[\w:.-]{1,80})(?P<attributes>\s[^<>]*+)?>")
_CLOSE = re.compile(r"</(?P<name>[\w:.-]{1,80})")
_IS = r"""\s{0,4}=\s{0,4}(?P<quote>\\?["'])"""
_NAMED = re.compile(rf"""(?<![\w.-])(?:name|key|field|id|type){_IS}(?P<name>[^"'<>\\]{{0,200}})""")
_VALUE = re.compile(rf"""(?<![\w.-])(?P<start>(?:value|content){_IS})(?:(?!(?P=quote))[^<>])*""")
_BESIDE = re.compile(
    r"<[\w:.-]{1,80}(?:\s[^<>]*+)?>\s{0,80}(?P<name>[\w.$-]{1,80})\s{0,80}</[\w:.-]{1,80}\s{0,8}>"
    r"(?P<between>\s{0,80}(?:<[\w:.-]{1,80}[^<>]{0,200}>\s{0,80}){1,3}(?:<!\[CDATA\[)?)(?P<content>[^<>\]]++)"
)
_PART = re.compile(
    r"""(?i)\bname=(?:\\?["'](?P<quoted>[^"'\\\n]{1,200}+)\\?["']|(?P<plain>[\w.\[\]-]{1,200}+))"""
    r"""[^\n]{0,200}+(?:\n[^\n]{1,200}+){0,4}\n\n"""
)
_EMPTY = ("/>", "?>")


def mask_elements(text: str) -> str:
    """`text` with the content of sensitive elements masked, whatever is inside, and that of parts of a form.

    Takes time in proportion to the text: each character belongs to one element that is masked, or to none.
    """
    if "<" in text:
        text = "".join(_without_contents(_BESIDE.sub(_mask_beside, text)))
    return "".join(_without_parts(text)) if "name=" in text else text


def _mask_beside(found: re.Match[str]) -> str:
    """What stands in the element behind one that holds the name of a secret."""
    if not is_secret_name(found["name"]) or not found["content"].strip():
        return found[0]
    return found[0][: found.start("content") - found.start()] + MASK


def _without_contents(text: str) -> Iterator[str]:
    lower, done = text.lower(), 0
    closings = {found["name"]: found.start() for found in _CLOSE.finditer(lower)}
    for tag in _OPEN.finditer(text):
        named = _NAMED.finditer(tag["attributes"] or "")
        by_attribute = any(is_sensitive_name(one["name"]) for one in named)
        if tag.start() < done or not (by_attribute or is_sensitive_name(tag["name"])):
            continue
        yield text[done : tag.start()] + (_VALUE.sub(rf"\g<start>{MASK}", tag[0]) if by_attribute else tag[0])
        done = tag.end() if tag[0].endswith(_EMPTY) else _end_of_content(lower, tag, closings)
        content = text[tag.end() : done]
        yield MASK if content.strip() else content
    yield text[done:]


def _end_of_content(lower: str, tag: re.Match[str], closings: Mapping[str, int]) -> int:
    """Up to its closing tag; without one, an element of HTML ends where the next begins, and data where the text does.

    Args:
        lower: the text in small letters.
        tag: the opening one.
        closings: where the last closing tag of each name is, so that none is looked for in vain.
    """
    name = tag["name"].lower()
    if closings.get(name, -1) >= tag.end():
        return lower.index(f"</{name}", tag.end())
    following = lower.find("<", tag.end())
    return following if following >= 0 and not lower.startswith("<!", following) else len(lower)


def _without_parts(text: str) -> Iterator[str]:
    done = 0
    for part in _PART.finditer(text):
        if part.start() >= done and is_sensitive_name(part["quoted"] or part["plain"]):
            end = text.find("\n--", part.end())
            yield text[done : part.end()] + MASK
            done = end if end >= 0 else len(text)
    yield text[done:]
