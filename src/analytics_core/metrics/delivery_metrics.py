"""The delivery metrics, declared once each."""

from operator import attrgetter

from analytics_core.metrics.metric import BOTH_COUNTINGS, Group, Metric, Read, Unit
from analytics_core.snapshot.snapshot import Counts, Snapshot


def _stage(name: str) -> Read:
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


def _error(reason: str) -> Read:
    def read(snapshot: Snapshot) -> Counts:
        found = next((error for error in snapshot.errors if error.reason == reason), None)
        return Counts() if found is None else Counts(unique=found.unique, total=found.total)

    return read


USERS_IN_SEGMENT = Metric(
    name="users_in_segment",
    label="Users in segment",
    description="Users who qualified for the campaign; where a larger segment is declared, the total is its size.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_users_in_segment,
    countings=BOTH_COUNTINGS,
)

FREQUENCY_CAPPED = Metric(
    name="frequency_capped",
    label="Frequency cap",
    description="Users removed because they had reached the limit of messages; not counted as failed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_error("frequency_capped"),
    countings=BOTH_COUNTINGS,
)

CONTROL_GROUP = Metric(
    name="control_group",
    label="Control group",
    description="Users held out as the campaign's control group; not counted as failed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_error("control_group"),
    countings=BOTH_COUNTINGS,
)

GLOBAL_CONTROL_GROUP = Metric(
    name="global_control_group",
    label="Global control group",
    description="Users held out as the global control group; not counted as failed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_error("global_control_group"),
    countings=BOTH_COUNTINGS,
)

UNACCOUNTED = Metric(
    name="unaccounted",
    label="Unaccounted",
    description="Users in the declared segment size that no logged row accounts for.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("reconciliation.unaccounted"),
    counting_note="total",
)

FAILED_RESPONSES = Metric(
    name="failed_responses",
    label="Failed responses",
    description="Requests that were made but never answered with a success code, on any attempt.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("reconciliation.failed_responses"),
    counting_note="total",
)

PERSONALIZATION_FAILED = Metric(
    name="personalization_failed",
    label="Personalization failed",
    description="Users for whom no request was made because a value it needs was missing.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_error("personalization_failed"),
    countings=BOTH_COUNTINGS,
)

SENT = Metric(
    name="sent",
    label="Sent",
    description="Users for whom a request was answered with a success code (200 unless the settings say otherwise).",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("performance.sent"),
    legacy_label="Successfully Sent",
    countings=BOTH_COUNTINGS,
    percentage="sent_rate",
)

FAILED = Metric(
    name="failed",
    label="Failed",
    description=(
        "Users whose request was not answered with a success code, or could not be made because a"
        " personalization value was missing."
    ),
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("performance.failed"),
    legacy_label="Failed",
    sum_of=(FAILED_RESPONSES, PERSONALIZATION_FAILED),
    countings=BOTH_COUNTINGS,
    percentage="failure_rate",
)

ATTEMPTED = Metric(
    name="attempted",
    label="Attempted",
    description=(
        "Users who qualified, were neither in a control group nor removed by the frequency cap, and for whom a"
        " request was tried or should have been."
    ),
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("performance.attempted"),
    legacy_label="Attempted",
    sum_of=(SENT, FAILED),
    countings=BOTH_COUNTINGS,
    percentage="attempted_share",
)

ATTEMPTED_SHARE = Metric(
    name="attempted_share",
    label="Attempted share",
    description="Share of the users in the segment for whom a request was tried or should have been.",
    unit=Unit.SHARE,
    group=Group.DELIVERY,
    numerator=ATTEMPTED,
    denominator=USERS_IN_SEGMENT,
    countings=BOTH_COUNTINGS,
)

SENT_RATE = Metric(
    name="sent_rate",
    label="Sent rate",
    description="Share of attempted users who were sent the request.",
    unit=Unit.SHARE,
    group=Group.DELIVERY,
    read=attrgetter("performance.sent_rate"),
    legacy_label="Success Rate",
    numerator=SENT,
    denominator=ATTEMPTED,
    countings=BOTH_COUNTINGS,
)

FAILURE_RATE = Metric(
    name="failure_rate",
    label="Failure rate",
    description="Share of attempted users for whom the request failed.",
    unit=Unit.SHARE,
    group=Group.DELIVERY,
    read=attrgetter("performance.failure_rate"),
    numerator=FAILED,
    denominator=ATTEMPTED,
    countings=BOTH_COUNTINGS,
)

AFTER_FREQUENCY_CAP = Metric(
    name="after_frequency_cap",
    label="After frequency-cap removal",
    description="Users left once the frequency cap, control groups and unaccounted users are removed.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_stage("after_frequency_cap"),
    countings=BOTH_COUNTINGS,
)

AFTER_PERSONALIZATION = Metric(
    name="after_personalization",
    label="After personalization removal",
    description="Users for whom a request could be made: attempted without personalization failures.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=_stage("after_personalization"),
    countings=BOTH_COUNTINGS,
)

REQUEST_ATTEMPTS = Metric(
    name="request_attempts",
    label="Request attempts",
    description="HTTP calls logged, counting every rerun and retry; for diagnosis.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("performance.request_attempts"),
    counting_note="every call counts",
)

CONTAMINATED_USERS = Metric(
    name="contaminated_users",
    label="Contaminated users",
    description="Distinct users who were both in a control group and sent a request in the same instance.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    read=attrgetter("data_quality.contaminated_users"),
    counting_note="distinct users",
)

MATURED_SHARE = Metric(
    name="matured_share",
    label="Matured share",
    description="Share of sent requests whose attribution window had closed at the as-of time.",
    unit=Unit.SHARE,
    group=Group.DELIVERY,
    read=attrgetter("data_quality.matured_share"),
    counting_note="of total sent",
)
