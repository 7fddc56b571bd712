"""Texts that a template holds itself, such as what stands in for a missing attribute, and whose they are."""

import re
from collections.abc import Callable, Collection, Iterator

from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.sensitive_names import is_sensitive_name

_TAG = re.compile(r"""\{[{%](?:"[^"]*+"|'[^']*+'|[^"'{}])*+\}{1,2}|\{[{%][^{}]*+\}{1,2}""")
_LITERAL = re.compile(r""""[^"]*"?|'[^']*'?""")
_ASSIGNED = re.compile(r"(?P<start>\bassign\s{1,8}[\w.-]{1,80}\s{0,8}=\s{0,8})\d[\d.]{0,40}")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_CONTROL = re.compile(r"\{%-?\s{0,8}(?:if|elsif|unless|case|when|for|tablerow)\b")
_CAPTURE = re.compile(r"\{%-?\s{0,8}capture\s{1,8}(?P<name>[\w.-]{1,80})[^{}]{0,8}\}")
_END_OF_CAPTURE = re.compile(r"\{%-?\s{0,8}endcapture\b")


def mask_literals(text: str, names: Collection[str] = ()) -> str:
    """`text` in which the literals of a tag that uses a sensitive name, or one of `names`, are masked.

    Worked example: `{{ user.token | default: "abc" }}` becomes `{{ user.token | default: "•••" }}`.
    """
    return _mask_tags(text, lambda tag: _uses(tag, names), names)


def mask_every_literal(text: str) -> str:
    """`text` in which the literals of every tag are masked, and everything that is captured."""
    return _mask_tags(text, lambda _: True, None)


def mask_output_literals(template: str) -> str:
    """A template that is filled in: as `mask_literals`, but for the conditions, which bring no text into it."""
    return _mask_tags(template, lambda tag: not _CONTROL.match(tag) and _uses(tag, ()), ())


def list_roots(text: str) -> set[str]:
    """The first part of every name that the tags of `text` use."""
    return {name.partition(".")[0] for tag in _TAG.findall(text) for name in _names(tag)}


def _mask_tags(text: str, is_told: Callable[[str], bool], captured: Collection[str] | None) -> str:
    if "{{" not in text and "{%" not in text:
        return text
    return _TAG.sub(lambda tag: _mask_tag(tag[0]) if is_told(tag[0]) else tag[0], _without_captured(text, captured))


def _mask_tag(tag: str) -> str:
    masked = _LITERAL.sub(lambda found: f"{found[0][0]}{MASK}{found[0][0]}", tag)
    return _ASSIGNED.sub(rf'\g<start>"{MASK}"', masked)


def _without_captured(text: str, names: Collection[str] | None) -> str:
    return "".join(_captured(text, names)) if "capture" in text else text


def _captured(text: str, names: Collection[str] | None) -> Iterator[str]:
    """What is captured by a sensitive name, by one of `names`, or by any where None, is masked."""
    done = 0
    for begin in _CAPTURE.finditer(text):
        name = begin["name"]
        if begin.start() < done or not (names is None or name in names or is_sensitive_name(name)):
            continue
        end = _END_OF_CAPTURE.search(text, begin.end())
        yield text[done : begin.end()] + MASK
        done = end.start() if end else len(text)
    yield text[done:]


def _uses(tag: str, names: Collection[str]) -> bool:
    return any(name.partition(".")[0] in names or is_sensitive_name(name) for name in _names(tag))


def _names(tag: str) -> list[str]:
    return _NAME.findall(_LITERAL.sub(" ", tag))
