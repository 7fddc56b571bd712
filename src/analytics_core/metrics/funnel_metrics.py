"""The metrics of the segment: who qualified, who was removed and why, and who was left; declared once each."""

from analytics_core.domain.words import Gap, Standing, Vendor
from analytics_core.metrics.metric import (
    BOTH_COUNTINGS,
    AudienceRows,
    Figure,
    Group,
    Metric,
    UnaccountedInstances,
    Unit,
)
from analytics_core.snapshot.snapshot import Counts, Snapshot, Unknown

CONTROL = frozenset({Gap.CONTROL_GROUPS})
FAILURES = frozenset({Gap.FAILED_RESPONSES, Gap.PERSONALIZATION})
REQUESTED_ROWS = (Standing.SENT, Standing.FAILED_RESPONSE)
ATTEMPTED_ROWS = (*REQUESTED_ROWS, Standing.PERSONALIZATION_FAILED)


def _stage(name: str) -> Figure:
    def read(snapshot: Snapshot) -> Counts | None:
        found = next((stage for stage in snapshot.funnel if stage.stage == name), None)
        if found is None or found.unique is None or found.total is None:
            return None
        return Counts(unique=found.unique, total=found.total)

    return read


def _users_in_segment(snapshot: Snapshot) -> Counts | int | None:
    """Older campaigns have no funnel."""
    stage = _stage("users_in_segment")(snapshot) or snapshot.legacy_segment
    return stage if isinstance(stage, Counts) else snapshot.reconciliation.users_in_segment


def error_line(reason: str, unknown_with: Metric | None = None) -> Figure:
    """Finds the line of a reason in the error breakdown; 0 where nobody failed for it, unknown where a metric is."""

    def read(snapshot: Snapshot) -> Counts | Unknown:
        if unknown_with is not None and snapshot.why_unknown(unknown_with.name):
            return Unknown()
        found = next((error for error in snapshot.errors if error.reason == reason), None)
        return Counts() if found is None else Counts(unique=found.unique, total=found.total)

    return read


USERS_IN_SEGMENT = Metric(
    name="users_in_segment",
    label="Users in segment",
    description="Users who qualified for the campaign; where a larger segment is declared, the total is its size.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=_users_in_segment,
    made_of=AudienceRows(tuple(Standing), with_unaccounted=True),
    gaps=frozenset(Gap),
    in_definitions=True,
    stated_as=((Vendor.MOENGAGE, "delivery_funnel.total_user_in_segment"),),
    countings=BOTH_COUNTINGS,
)

FREQUENCY_CAPPED = Metric(
    name="frequency_capped",
    label="Frequency cap",
    description="Users removed because they had reached the limit of messages; not counted as failed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=error_line("frequency_capped"),
    made_of=AudienceRows(reason="frequency_capped"),
    gaps=frozenset({Gap.FREQUENCY_CAP}),
    countings=BOTH_COUNTINGS,
)

CONTROL_GROUP = Metric(
    name="control_group",
    label="Control group",
    description="Users held out as the campaign's control group; not counted as failed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=error_line("control_group"),
    made_of=AudienceRows(reason="control_group"),
    gaps=CONTROL,
    countings=BOTH_COUNTINGS,
)

GLOBAL_CONTROL_GROUP = Metric(
    name="global_control_group",
    label="Global control group",
    description="Users held out as the global control group; not counted as failed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=error_line("global_control_group"),
    made_of=AudienceRows(reason="global_control_group"),
    gaps=CONTROL,
    countings=BOTH_COUNTINGS,
)

UNACCOUNTED = Metric(
    name="unaccounted",
    label="Unaccounted",
    description="Users in the declared segment size that no logged row accounts for.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure="reconciliation.unaccounted",
    made_of=UnaccountedInstances(),
    counting_note="total",
)

FAILED_RESPONSES = Metric(
    name="failed_responses",
    label="Failed responses",
    description="Requests that were made but never answered with a success code, on any attempt.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure="reconciliation.failed_responses",
    made_of=AudienceRows((Standing.FAILED_RESPONSE,)),
    gaps=frozenset({Gap.FAILED_RESPONSES}),
    counting_note="total",
)

PERSONALIZATION_FAILED = Metric(
    name="personalization_failed",
    label="Personalization failed",
    description="Users for whom no request was made because a value it needs was missing.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=error_line("personalization_failed"),
    made_of=AudienceRows(reason="personalization_failed"),
    gaps=frozenset({Gap.PERSONALIZATION}),
    countings=BOTH_COUNTINGS,
)

AFTER_FREQUENCY_CAP = Metric(
    name="after_frequency_cap",
    label="After frequency-cap removal",
    description="Users left once the frequency cap, control groups and unaccounted users are removed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=_stage("after_frequency_cap"),
    made_of=AudienceRows(ATTEMPTED_ROWS),
    gaps=FAILURES,
    on_older_pages=False,
    stated_as=((Vendor.MOENGAGE, "delivery_funnel.after_fc"),),
    countings=BOTH_COUNTINGS,
)

AFTER_PERSONALIZATION = Metric(
    name="after_personalization",
    label="After personalization removal",
    description="Users for whom a request could be made: attempted without personalization failures.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure=_stage("after_personalization"),
    made_of=AudienceRows(REQUESTED_ROWS),
    gaps=frozenset({Gap.FAILED_RESPONSES}),
    on_older_pages=False,
    stated_as=((Vendor.MOENGAGE, "delivery_funnel.after_personalization_removal"),),
    countings=BOTH_COUNTINGS,
)

REMOVALS = (
    PERSONALIZATION_FAILED,
    FREQUENCY_CAPPED,
    CONTROL_GROUP,
    GLOBAL_CONTROL_GROUP,
)
"""What the error breakdown calls by name, in the order of the page."""
