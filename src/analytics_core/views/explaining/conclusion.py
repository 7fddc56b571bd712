"""Whether a user counts in a number, and why or why not, in one sentence."""

import polars as pl

from analytics_core.domain.words import EventFate, Standing
from analytics_core.explaining.explanation import UserExplanation
from analytics_core.explaining.rows_behind import OF_COMPARISON
from analytics_core.metrics.metric import Grain
from analytics_core.views.explaining.arm_conclusion import arm_conclusion
from analytics_core.views.explaining.why import VERDICTS, no_event_text, not_sent_text, rows_text, standing_text
from analytics_core.views.forms.numbers import count


def conclusion(user: UserExplanation) -> str:
    """Whether the user counts, and why or why not."""
    label = user.question.metric.label_in(user.snapshot.analytics_version)
    if user.grain is Grain.INSTANCE:
        return f"Nobody counts in {label} by name: it is made of users that no logged row accounts for."
    if user.grain in OF_COMPARISON:
        return arm_conclusion(user, label)
    above, below = (part.rows for part in user.parts) if user.parts else (user.counted, user.counted)
    if below and not above:
        denominator = user.parts[1].metric.label_in(user.snapshot.analytics_version)
        where = f"counts in {denominator}, the denominator of {label}, but not in the numerator"
        return f"This user {where}: {_why_not(user)}."
    if not user.counted:
        return f"This user does not count in {label}: {_why_not(user)}."
    what = rows_text(user.counted, user.grain)
    if user.grain is Grain.CREDIT:
        what = f"{what} on {rows_text(user.audience.filter('counts').height, Grain.INSTANCE)}"
    return f"This user counts in {label} with {what}."


def _why_not(user: UserExplanation) -> str:
    if user.audience.is_empty():
        return "no row says that they qualified for an instance of the campaign by the as-of time"
    if user.question.about_goal:
        return _why_no_event(user)
    rows = user.audience.select("standing", "response_code").unique(maintain_order=True).iter_rows()
    what = ", ".join(standing_text(standing, code) for standing, code in rows)
    verb = "stands" if user.audience.height == 1 else "stand"
    stand = f"their {rows_text(user.audience.height, Grain.AUDIENCE_ROW)} {verb} as {what}"
    left_out = _why_left_out(user, user.audience)
    return f"{stand}; {left_out}" if left_out else stand


def _why_left_out(user: UserExplanation, rows: pl.DataFrame) -> str | None:
    """What is said where some rows do not count, whatever became of them; None where all do."""
    outside, unripe = _outside(user, rows).height, _unripe(user, rows).height
    if outside:
        lie = "is" if outside == 1 else "are"
        return f"only rows within the period count, and {count(outside)} of their rows {lie} outside it"
    if unripe:
        have = "has" if unripe == 1 else "have"
        return f"only matured rows count, and {count(unripe)} of their rows {have} not matured"
    return None


def _outside(user: UserExplanation, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("in_period") & (user.snapshot.period is not None))


def _unripe(user: UserExplanation, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("matured") & user.snapshot.settings.matured_only)


def _why_no_event(user: UserExplanation) -> str:
    sent = user.audience.filter(pl.col("standing") == Standing.SENT.value)
    if sent.is_empty():
        rows = user.audience.select("standing", "response_code").unique(maintain_order=True).iter_rows()
        became = ", ".join(not_sent_text(standing, code) for standing, code in rows)
        return f"not sent ({became}); only sent deliveries convert"
    left_out = _why_left_out(user, sent)
    if left_out and _outside(user, sent).height + _unripe(user, sent).height >= sent.height:
        return left_out
    if user.events_left_out:
        return "none of their events is credited"
    if user.events.is_empty():
        return no_event_text(user.question.goal)
    found = {EventFate(verdict) for verdict in user.events["verdict"].unique()}
    if EventFate.CREDITED in found:
        return "none of their credited events is one it counts"
    nearest = next(verdict for verdict in EventFate if verdict in found)
    return VERDICTS[nearest].replace("The event", "their nearest event", 1).rstrip(".")
