"""What became of those who were to be sent, and how far it can be trusted; declared once each."""

from analytics_core.domain.words import Gap, Standing, Vendor
from analytics_core.metrics.funnel_metrics import (
    AFTER_FREQUENCY_CAP,
    AFTER_PERSONALIZATION,
    ATTEMPTED_ROWS,
    CONTROL,
    CONTROL_GROUP,
    FAILED_RESPONSES,
    FAILURES,
    PERSONALIZATION_FAILED,
    REMOVALS,
    REQUESTED_ROWS,
    UNACCOUNTED,
    USERS_IN_SEGMENT,
)
from analytics_core.metrics.metric import (
    BOTH_COUNTINGS,
    AudienceRows,
    FirstRows,
    Group,
    Measure,
    Metric,
    Unit,
)

SENT = Metric(
    name="sent",
    label="Sent",
    description="Users for whom a request was answered with a success code (200 unless the settings say otherwise).",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure="performance.sent",
    made_of=AudienceRows((Standing.SENT,)),
    on_card=True,
    rank=1,
    adds_up=True,
    stated_as=((Vendor.MOENGAGE, "performance_stats.sent"), (Vendor.MOENGAGE, "delivery_funnel.sent")),
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
    figure="performance.failed",
    made_of=AudienceRows((Standing.FAILED_RESPONSE, Standing.PERSONALIZATION_FAILED)),
    gaps=FAILURES,
    on_card=True,
    adds_up=True,
    stated_as=((Vendor.MOENGAGE, "performance_stats.failed"),),
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
    figure="performance.attempted",
    made_of=AudienceRows(ATTEMPTED_ROWS),
    gaps=FAILURES,
    on_card=True,
    rank=8,
    adds_up=True,
    stated_as=((Vendor.MOENGAGE, "performance_stats.attempted"),),
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
    made_of=AudienceRows(tuple(Standing), measure=None),
    gaps=frozenset(Gap),
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
    figure="performance.sent_rate",
    made_of=AudienceRows(ATTEMPTED_ROWS, measure=None),
    gaps=FAILURES,
    rank=7,
    stated_as=((Vendor.MOENGAGE, "performance_stats.sent_rate"),),
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
    figure="performance.failure_rate",
    made_of=AudienceRows(ATTEMPTED_ROWS, measure=None),
    gaps=FAILURES,
    stated_as=((Vendor.MOENGAGE, "performance_stats.failure_rate"),),
    numerator=FAILED,
    denominator=ATTEMPTED,
    countings=BOTH_COUNTINGS,
)

REQUEST_ATTEMPTS = Metric(
    name="request_attempts",
    label="Request attempts",
    description="HTTP calls logged, counting every rerun and retry; for diagnosis.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure="performance.request_attempts",
    made_of=AudienceRows(REQUESTED_ROWS, measure=Measure.ATTEMPTS),
    gaps=frozenset({Gap.FAILED_RESPONSES}),
    counting_note="every call counts",
)

CONTAMINATED_USERS = Metric(
    name="contaminated_users",
    label="Contaminated users",
    description="Distinct users who were both in a control group and sent a request in the same instance.",
    unit=Unit.COUNT,
    group=Group.DELIVERY,
    figure="data_quality.contaminated_users",
    made_of=AudienceRows(contaminated=True, measure=Measure.USERS),
    gaps=CONTROL,
    counting_note="distinct users",
)

SAMPLE_RATIO = Metric(
    name="sample_ratio",
    label="Sample ratio",
    description=(
        "p-value of the exact binomial test of the users who were drawn into the campaign's control group by their"
        " first row against the declared share; below 0.001 the control group was not drawn as declared."
    ),
    unit=Unit.PROBABILITY,
    group=Group.DELIVERY,
    figure="sample_ratio.p_value",
    made_of=FirstRows(),
    unknown_with=(ATTEMPTED, CONTROL_GROUP),
    in_definitions=True,
    on_older_pages=False,
    method=("Exact binomial test, two-sided: the chance of all outcomes that are no likelier than the observed one."),
    counting_note="each user's first row",
)

MATURED_SHARE = Metric(
    name="matured_share",
    label="Matured share",
    description="Share of sent requests whose attribution window had closed at the as-of time.",
    unit=Unit.SHARE,
    group=Group.DELIVERY,
    figure="data_quality.matured_share",
    made_of=AudienceRows((Standing.SENT,), measure=None, matured_or_not=True),
    in_definitions=True,
    counting_note="of total sent",
)

FUNNEL = (
    USERS_IN_SEGMENT,
    AFTER_FREQUENCY_CAP,
    AFTER_PERSONALIZATION,
    SENT,
)
"""The stages, first to last."""
DELIVERY = (
    ATTEMPTED,
    SENT,
    FAILED,
    SENT_RATE,
    FAILURE_RATE,
    ATTEMPTED_SHARE,
    USERS_IN_SEGMENT,
    AFTER_FREQUENCY_CAP,
    AFTER_PERSONALIZATION,
    FAILED_RESPONSES,
    *REMOVALS,
    UNACCOUNTED,
    REQUEST_ATTEMPTS,
    CONTAMINATED_USERS,
    SAMPLE_RATIO,
    MATURED_SHARE,
)
"""In the order of the page."""
