"""What to know before trusting an uplift: which looks it allows for, who was drawn, and who was contaminated."""

from collections.abc import Iterator

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion, ControlGroupType
from analytics_core.snapshot.comparison import ArmUplift, SampleRatio
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.campaign.certainty import FROM_FIRST_WEEK, certainty_of, change_text, is_running
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, probability, share, share_with_sign
from analytics_core.views.forms.pieces import Note, NoteTone

_DOUBTFUL = 0.001


def comparison_notes(snapshot: Snapshot, campaign: Campaign) -> Iterator[Note]:
    """The notes on a campaign's control groups; findings are warnings."""
    yield from _contamination(snapshot)
    yield from _sample_ratio(snapshot)
    if looks := looks_sentence(snapshot, campaign):
        yield Note("Uplift so far", looks)
    if rates := rates_sentence(snapshot):
        yield Note("Rates compared", rates)
    compared = list(arms(snapshot))
    for goal, kind, arm in compared:
        if outside := assignment_sentence(snapshot, campaign, arm):
            which = f"{goal.name} ({kind} control group): " if len(compared) > 1 else ""
            yield Note("Uplift by assignment", f"{which}{outside}", NoteTone.WARNING)


def arms(snapshot: Snapshot) -> Iterator[tuple[GoalResult, ControlGroupType, ArmUplift]]:
    """Every comparison, goal by goal, with the campaign's control group first."""
    for goal in snapshot.goals:
        both = ((ControlGroupType.CAMPAIGN, goal.uplift.campaign), (ControlGroupType.GLOBAL, goal.uplift.global_))
        yield from ((goal, kind, arm) for kind, arm in both if arm is not None)


def looks_sentence(snapshot: Snapshot, campaign: Campaign) -> str | None:
    """What intervals and verdicts are while the campaign runs; None once it has ended, and without a control group."""
    compared = [arm for _, _, arm in arms(snapshot)]
    if not compared or not is_running(snapshot, campaign):
        return None
    if all(arm.always_valid_interval is None for arm in compared):
        return f"The campaign is still running: {FROM_FIRST_WEEK}."
    return (
        "While the campaign runs, the uplift's intervals and verdicts may be checked every day; p-values and revenue"
        " intervals are for a single look after it ends."
    )


def rates_sentence(snapshot: Snapshot) -> str | None:
    """Why a treated rate is not the conversion rate (CVR), by the first goal where it is not; None where all agree."""
    treated = {goal.goal_id: arm.treated for goal, _, arm in arms(snapshot)}
    compared = ((goal, treated[goal.goal_id]) for goal in snapshot.goals if goal.goal_id in treated)
    differ = next(((goal, arm) for goal, arm in compared if arm.conversion_rate != goal.conversion_rate), None)
    if differ is None:
        return None
    goal, arm = differ
    name = f"{goal.name}: " if len(snapshot.goals) > 1 else ""
    credited = f"{count(goal.converted_users)} of {count(snapshot.performance.sent.total)}"
    converted = f"{count(arm.converted_users)} of {count(arm.rows)} converted ({share(arm.conversion_rate)})"
    return (
        f"{name}CVR is {credited} ({share(goal.conversion_rate)}), and in the comparison {converted}: there"
        " every window starts at a user's first request and ends at their next row, an event belongs to the latest row"
        " only, and rows drawn into a control group are left out."
    )


def assignment_sentence(snapshot: Snapshot, campaign: Campaign, arm: ArmUplift) -> str | None:
    """That both bases disagree; None where the uplift by assignment lies within the interval by sent requests."""
    interval, assigned = certainty_of(snapshot, campaign, arm).interval, arm.assigned.uplift
    if interval is None or assigned is None:
        return None
    low, high = interval
    if low <= assigned and (high is None or assigned <= high):
        return None
    return (
        f"By assignment the uplift is {share_with_sign(assigned)}, outside the interval by sent requests"
        f" ({change_text(interval)}): failed or contaminated requests make a difference. Rely on the uplift by"
        " assignment, which the random draw protects."
    )


def _contamination(snapshot: Snapshot) -> Iterator[Note]:
    users = snapshot.data_quality.contaminated_users
    if users is None:
        return
    if not users:
        yield Note("Contamination", "Nobody was both in a control group and sent a request in the same instance.")
        return
    who = f"{count_of(users, 'user')} {'was' if users == 1 else 'were'}"
    # In rows where there is a comparison; they are the same for every goal.
    uplift = snapshot.primary_goal.uplift
    both = ((ControlGroupType.CAMPAIGN, uplift.campaign), (ControlGroupType.GLOBAL, uplift.global_))
    found = [f"{count(arm.contaminated_rows)} of the {kind}" for kind, arm in both if arm and arm.contaminated_rows]
    rows = f" (rows: {', '.join(found)} control group)" if found else ""
    text = f"{who} in a control group and sent a request in the same instance{rows}"
    where = "They count as requested in delivery and conversions. The uplift by sent requests leaves them out of both"
    yield Note(
        "Contamination",
        f"{text}. {where} arms; the uplift by assignment keeps them in the control group.",
        NoteTone.WARNING,
    )


def _sample_ratio(snapshot: Snapshot) -> Iterator[Note]:
    """Only where the control share is declared; users drawn otherwise make every uplift doubtful."""
    ratio = snapshot.sample_ratio
    if snapshot.analytics_version is AnalyticsVersion.LEGACY or ratio.declared is None:
        return
    if ratio.p_value is None:
        # Nobody was drawn, who was is not known, or chance has no part in it.
        drawn = _describe_draw(ratio) if ratio.users else "nobody has been drawn yet"
        drawn = "it is not known who was drawn" if ratio.users is None else drawn
        if ratio.declared or ratio.observed_users:
            yield Note("Sample ratio", f"{share(ratio.declared)} is declared; {drawn}.")
        return
    rows = "" if ratio.observed_rows is None else f"; {share(ratio.observed_rows)} over all rows"
    declared = f"against {share(ratio.declared)} declared (p {probability(ratio.p_value)}{rows})"
    if ratio.p_value < _DOUBTFUL:
        warning = "the control group was not drawn as declared; do not rely on the uplift"
        yield Note("Sample ratio", f"{_describe_draw(ratio)}, {declared}: {warning}.", NoteTone.WARNING)
    else:
        yield Note("Sample ratio", f"{_describe_draw(ratio)}, {declared}: a difference this size is within chance.")


def _describe_draw(ratio: SampleRatio) -> str:
    of_users = share((ratio.observed_users or 0) / ratio.users) if ratio.users else UNDEFINED
    users = f"{count(ratio.observed_users)} of {count(ratio.users)} users ({of_users})"
    return f"{users} were drawn into the control group by their first row"
