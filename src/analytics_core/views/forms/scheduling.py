"""How often a campaign runs, in words: what exports call one and the same in different ways."""

import re

from analytics_core.domain.campaign import Schedule

AT_ONCE = "At once"
_KINDS = {
    AT_ONCE: ("asap", "as soon as possible", "at once", "immediate", "immediately", "now", "send now"),
    "Once": ("once", "one time", "onetime", "single"),
    "At a set time": ("at fixed time", "at set time", "at specific date and time", "at specific time", "scheduled"),
    "Hourly": ("hourly",),
    "Daily": ("daily", "every day"),
    "Weekly": ("weekly", "every week"),
    "Monthly": ("monthly", "every month"),
    "Yearly": ("annually", "yearly", "every year"),
    "Periodically": ("periodic", "recurring", "repeating"),
    "When triggered by an event": ("event", "event triggered", "on event", "trigger", "triggered"),
}
_WORDS = {kind: words for words, kinds in _KINDS.items() for kind in kinds}
_SEPARATORS = re.compile(r"[\s_-]+")
_LONGEST_KIND = 40


def kind_in_words(kind: str | None) -> str | None:
    """A schedule's kind, such as *At once* for ``asap``; one that is not known as it was written, None without one."""
    if kind is None or len(kind) > _LONGEST_KIND:
        return kind
    return _WORDS.get(_SEPARATORS.sub(" ", kind.strip()).casefold(), kind.strip())


def why_at_once(schedule: Schedule | None) -> str | None:
    """Why nothing stands between a campaign and its sending; None where it waits for its start."""
    if schedule is not None and kind_in_words(schedule.kind) == AT_ONCE:
        return "it is sent at once"
    return "no start is scheduled" if schedule is None or schedule.starts_at is None else None
