"""What stands above the numbers: what the campaign is and what the numbers rest on, in a line each."""

from collections.abc import Sequence

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Counting
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.notes import window_text
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.forms.labels import ATTRIBUTION_MODELS, DELIVERY_TYPES
from analytics_core.views.forms.numbers import UNDEFINED, count_of, local_day, local_time, period_text, share
from analytics_core.views.forms.pieces import Fact
from analytics_core.views.request.shown import shown_campaign, shown_id

_SEPARATOR = " \N{MIDDLE DOT} "


def facts_line(campaign: Campaign, timezone: str) -> str:
    """Type, id, team, tags and when it was last changed, in one line; what is not declared is left out."""
    campaign = shown_campaign(campaign)
    changed = campaign.updated_at or campaign.created_at
    word = "updated" if campaign.updated_at else "created"
    parts = (
        DELIVERY_TYPES[campaign.delivery_type],
        shown_id(campaign.campaign_id),
        campaign.team,
        ", ".join(campaign.tags),
        f"{word} {local_time(changed, timezone)}" if changed else None,
    )
    return _SEPARATOR.join(part for part in parts if part)


def basis_facts(snapshot: Snapshot, instances: Sequence[InstanceTimes]) -> tuple[Fact, ...]:
    """Up to when rows count, of which days, how much of it can still change, and by which rules, in a few words."""
    zone, quality = snapshot.timezone, snapshot.data_quality
    sends = [time for one in instances for time in (one.first_sent_at, one.last_sent_at) if time]
    days = dict.fromkeys(local_day(time, zone) for time in (min(sends), max(sends))) if sends else {}
    facts = [Fact("As of", local_time(snapshot.as_of, zone))]
    facts += [Fact("Sent", f" {UNDEFINED} ".join(days))] if days else []
    facts += [Fact("Matured", share(quality.matured_share))] if quality.matured_share is not None else []
    return (*facts, Fact("Rules", rules_in_short(snapshot)))


def rules_in_short(snapshot: Snapshot) -> str:
    """The rules the numbers were computed by, in a few words (`settings_line` has them in full)."""
    rules = snapshot.settings
    period = snapshot.period
    parts = (
        f"window {window_text(rules.window_hours)}",
        ATTRIBUTION_MODELS[rules.attribution_model].partition(":")[0],
        f"{rules.instance_credit.value} delivery",
        f"success {' '.join(map(str, rules.success_codes))}",
        "matured only" if rules.matured_only else "",
        f"rows of {period_text(period.since, period.until)}" if period else "",
    )
    return _SEPARATOR.join(part for part in parts if part)


def counting_sentence(snapshot: Snapshot, counting: Counting) -> str:
    """How delivery figures count users; under Unique also how many are in two of them."""
    if counting is Counting.TOTAL:
        return "Each user counts once per instance, so that sent and failed add up to attempted."
    counts = snapshot.performance
    attempted, failed = counts.attempted.unique, counts.failed.unique
    if attempted is None or failed is None:
        return "Each user counts once per campaign: sent are users sent at least once."
    both = counts.sent.unique + failed - attempted
    end = f"; {count_of(both, 'user')} {'is' if both == 1 else 'are'} in both" if both else ""
    return f"Each user counts once per campaign: users sent at least once, users failed at least once{end}."
