"""Attributes that a template names and its sample lacks, and which personalization category each is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analytics_core.domain.words import PersonalizationCategory
from analytics_core.views.forms.labels import CATEGORIES

_PLAIN = re.compile(r"[^\W\d][\w-]*")
_ROOT = re.compile(r"[\s_-]*attributes?\Z")
_LONGEST_ROOT = 40
_CATEGORIES = {
    "user": PersonalizationCategory.USER_ATTRIBUTE,
    "event": PersonalizationCategory.EVENT_ATTRIBUTE,
    "campaign": PersonalizationCategory.CAMPAIGN_ATTRIBUTE,
}


@dataclass(frozen=True, slots=True)
class MissingAttribute:
    """One attribute, as a template writes it, and the category in which its absence is counted."""

    name: str
    category: PersonalizationCategory

    @property
    def category_label(self) -> str:
        """The category as the error breakdown calls it."""
        return CATEGORIES[self.category][0]


def missing_attribute(path: Sequence[object]) -> MissingAttribute:
    """The attribute at `path`, whose first segment says what it is of: ``user``, ``event`` or ``campaign``.

    Of anything else only is known that its value could not be fetched.
    """
    root, *segments = path
    name = str(root) + "".join(map(_write_segment, segments))
    kind = _ROOT.sub("", str(root)[:_LONGEST_ROOT].casefold())
    return MissingAttribute(name, _CATEGORIES.get(kind, PersonalizationCategory.UNDEFINED))


def _write_segment(segment: object) -> str:
    if isinstance(segment, str):
        return f".{segment}" if _PLAIN.fullmatch(segment) else f"[{segment!r}]"
    return f"[{segment}]"
