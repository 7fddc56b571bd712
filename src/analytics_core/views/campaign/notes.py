"""The data notes: what a reader should know before trusting the numbers."""

from collections.abc import Iterator
from datetime import datetime

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import LatestRow, Settings
from analytics_core.domain.time import zone_named
from analytics_core.domain.words import AnalyticsVersion
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.comparison_notes import comparison_notes
from analytics_core.views.forms.labels import ATTRIBUTION_MODELS, INSTANCE_CREDITS
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, day_text, local_time, period_text, share
from analytics_core.views.forms.pieces import Note, NoteTone
from analytics_core.views.forms.texts import cut
from analytics_core.views.request.shown import shown_id

_NAME = 60


def notes(snapshot: Snapshot, campaign: Campaign) -> tuple[Note, ...]:
    """What the numbers rest on, from the as-of time to the rules used; findings about the data are warnings."""
    return (
        as_of_note(snapshot),
        *_unknown(snapshot),
        _maturity(snapshot),
        Note("Reconciliation", reconciliation_line(snapshot)),
        *comparison_notes(snapshot, campaign),
        *_in_both_counts(snapshot),
        *_attempts(snapshot),
        *_revenue_notes(snapshot),
        Note("Settings", settings_line(snapshot)),
    )


def known_at_note(known_at: datetime, timezone: str) -> Note:
    """Says that the numbers rest on what was imported by `known_at`, exactly enough to ask for them again."""
    exactly = known_at.astimezone(zone_named(timezone)).isoformat()
    text = f"{local_time(known_at, timezone)} ({exactly}); rows imported later are not counted"
    return Note("Known at", f"{text}, and campaigns are as they are defined today.")


def latest_row_note(latest: LatestRow | None, settings: Settings, timezone: str) -> Iterator[Note]:
    """Warns of a row far after all others, where the numbers look from it."""
    if latest is None or not latest.is_far or settings.as_of:
        return
    zone = zone_named(timezone)
    days = count((latest.at - latest.others_until).days)
    origin, day = cut(shown_id(latest.origin), _NAME), day_text(latest.at.astimezone(zone).date())
    text = f"One row, from {origin}, is dated {day}"
    look = f"use --as-of {latest.others_until.astimezone(zone).isoformat()} to look from the latest of the others"
    yield Note(
        "Latest row", f"{text}, {days} days after all others, and numbers are as of that row; {look}.", NoteTone.WARNING
    )


def period_note(settings: Settings) -> Iterator[Note]:
    """Says of which days rows are counted, where not of all."""
    if settings.since or settings.until:
        yield Note("Period", f"Rows of {period_text(settings.since, settings.until)} only.")


def settings_line(snapshot: Snapshot) -> str:
    """The rules the numbers were computed by, in one sentence."""
    applied = snapshot.settings
    codes = ", ".join(str(code) for code in applied.success_codes)
    parts = [
        f"attribution window {window_text(applied.window_hours)}",
        ATTRIBUTION_MODELS[applied.attribution_model],
        f"within a campaign {INSTANCE_CREDITS[applied.instance_credit]}",
        f"success codes {codes}",
    ]
    if applied.matured_only:
        parts.append("only matured deliveries are counted")
    if snapshot.period:
        parts.append(f"rows of {period_text(snapshot.period.since, snapshot.period.until)} only")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def window_text(hours: float) -> str:
    """A window in hours, such as ``36 hours``."""
    return f"{hours:,.6g} hour{'' if hours == 1 else 's'}"


def reconciliation_line(snapshot: Snapshot) -> str:
    """The identity of the delivery counts, spelled out with its numbers."""
    sums = snapshot.reconciliation
    parts = (
        (sums.sent, "sent"),
        (sums.failed_responses, "failed response" if sums.failed_responses == 1 else "failed responses"),
        (sums.personalization_failed, "personalization failed"),
        (sums.frequency_capped, "frequency capped"),
        (sums.control_group, "control group"),
        (sums.unaccounted, "unaccounted"),
    )
    if sums.users_in_segment is None:
        said = ", ".join(f"{count(number)} {name}" for number, name in parts if number is not None)
        return f"Users in segment are not known; among them {said}."
    spelled = " + ".join(f"{count(number)} {name}" for number, name in parts)
    return f"{count(sums.users_in_segment)} users in segment = {spelled}."


def as_of_note(snapshot: Snapshot) -> Note:
    """Up to when rows are counted."""
    if snapshot.as_of is None:
        return Note("As of", "There are no rows yet.")
    return Note("As of", f"{local_time(snapshot.as_of, snapshot.timezone)}; rows after it are not counted.")


def _maturity(snapshot: Snapshot) -> Note:
    matured, final = snapshot.data_quality.matured_share, snapshot.data_quality.final_on
    window = f"{snapshot.settings.window_hours:,.6g}-hour window"
    if matured is None:
        return Note("Matured", f"{UNDEFINED} (nothing was sent yet).")
    if matured == 1:
        text = f"All sends are past their {window}"
        return Note("Matured", f"{text}; conversions were final on {day_text(final)}.")
    text = f"{share(matured)} of sends are past their {window}; the rest can still convert"
    return Note("Matured", f"{text}; conversions are final on {day_text(final)}.", NoteTone.WARNING)


def _in_both_counts(snapshot: Snapshot) -> Iterator[Note]:
    """Why unique sent and unique failed may add up to more than unique attempted."""
    counts = snapshot.performance
    attempted, failed = counts.attempted.unique, counts.failed.unique
    both = 0 if attempted is None or failed is None else counts.sent.unique + failed - attempted
    if both:
        were, they_count = ("was", "counts") if both == 1 else ("were", "count")
        text = f"{count_of(both, 'user')} {were} sent a request in one instance and failed in another"
        text += f", and therefore {they_count} in both."
        yield Note("Unique counts", text)


def _unknown(snapshot: Snapshot) -> Iterator[Note]:
    """What is no zero but unknown."""
    names = [found.metric.replace("_", " ") for found in snapshot.unknown]
    # Users in segment are made of all there is, so their reason names every gap.
    reasons = [found.reason for found in snapshot.unknown if found.metric == "users_in_segment"]
    if reasons:
        yield Note("Not known", f"{', '.join(names).capitalize()}: {reasons[0]}.", NoteTone.WARNING)


def _attempts(snapshot: Snapshot) -> Iterator[Note]:
    attempts, failed = snapshot.performance.request_attempts, snapshot.reconciliation.failed_responses
    if attempts is None or failed is None:
        return
    requested = snapshot.reconciliation.sent + failed
    tried, users = count_of(attempts, "request attempt"), count_of(requested, "user")
    yield Note("Requests", f"{tried} for {users}, counted per instance.")


def _revenue_notes(snapshot: Snapshot) -> Iterator[Note]:
    goals = () if snapshot.analytics_version is AnalyticsVersion.LEGACY else snapshot.goals
    for goal in goals:
        counts = (
            (goal.events_without_value, "without a value", "counts as 0", "count as 0"),
            (goal.events_in_other_currency, "in another currency", "counts as 0", "count as 0"),
            (
                goal.events_with_rounded_value,
                "with more than six decimals",
                "was rounded to six",
                "were rounded to six",
            ),
        )
        findings = [
            f"{count_of(number, 'conversion event')} {which} {one if number == 1 else many}"
            for number, which, one, many in counts
            if number
        ]
        if findings:
            yield Note("Revenue", f"{goal.name}: {'; '.join(findings)}.", NoteTone.WARNING, goal.goal_id)
