"""How sure a comparison with a control group is, as every screen says it: what is decided here is decided once.

While a campaign runs people look again and again, and a plain 95 % interval would leave out the truth in one case of
five. So until it has ended the always-valid interval stands in place of the plain one, and the verdict is by it.
"""

from dataclasses import dataclass

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import ControlGroupType, Status, Verdict, require_every
from analytics_core.snapshot.comparison import ArmUplift, AssignedUplift
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.forms.numbers import UNDEFINED, points, share_with_sign

Compared = ArmUplift | AssignedUplift
Change = tuple[float, float | None]
"""Both ends of a relative change; no upper one where the data set none."""
Interval = tuple[float, float]

FROM_FIRST_WEEK = "intervals that may be checked every day start after the first matured week"
_WORDS = require_every(
    Verdict,
    {
        Verdict.TOO_FEW: "too few to tell",
        Verdict.UP: "up",
        Verdict.DOWN: "down",
        Verdict.UNCERTAIN: "uncertain",
    },
)
_SIGNS = require_every(
    Verdict,
    {
        Verdict.TOO_FEW: "",
        Verdict.UP: "\N{BLACK UP-POINTING TRIANGLE} ",
        Verdict.DOWN: "\N{BLACK DOWN-POINTING TRIANGLE} ",
        Verdict.UNCERTAIN: "",
    },
)


_IS_RUNNING = require_every(
    Status,
    {
        Status.ACTIVE: True,
        Status.EXPIRED: False,
        Status.NOT_SENT: False,
        Status.PAUSED: False,
        Status.SCHEDULED: False,
        Status.SENDING: True,
        Status.SENT: False,
        Status.STOPPED: False,
        Status.UNDER_REVIEW: False,
        Status.REJECTED: False,
        Status.DRAFT: False,
    },
)


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a comparison is.

    Attributes:
        verdict: what may be said; None where the exports do not tell who was compared.
        daily: the intervals are those that may be looked at every day, not those for one look at the end.
        interval: of the relative uplift.
        difference: the interval of the difference in points.
        incremental: the interval of incremental conversions.
    """

    verdict: Verdict | None
    daily: bool
    interval: Change | None
    difference: Interval | None
    incremental: Interval | None

    @property
    def too_early(self) -> bool:
        """Whether looks are not yet allowed for, though there is enough to look at."""
        return self.daily and self.verdict is Verdict.UNCERTAIN and self.difference is None

    @property
    def word(self) -> str:
        """The verdict in words."""
        if self.verdict is None:
            return "not known"
        return "too early to tell" if self.too_early else _WORDS[self.verdict]

    @property
    def sign(self) -> str:
        """An arrow where there is a direction; nothing anywhere else."""
        return _SIGNS[self.verdict] if self.verdict else ""

    @property
    def interval_label(self) -> str:
        """What the intervals are called."""
        return "95% interval for daily looks" if self.daily else "95% interval"


def is_running(snapshot: Snapshot, campaign: Campaign) -> bool:
    """Whether more is still to come: by its status, without one until the window of the last send has closed."""
    if campaign.status is not None:
        return _IS_RUNNING[campaign.status]
    final_at = snapshot.data_quality.final_at
    return final_at is not None and snapshot.as_of is not None and snapshot.as_of < final_at


def name_control_group(goal: GoalResult) -> str:
    """What the control group is called whose comparison is shown."""
    return "global control group" if goal.uplift.compared_group is ControlGroupType.GLOBAL else "control group"


def certainty_of(snapshot: Snapshot, campaign: Campaign, arm: Compared) -> Certainty:
    """How sure a comparison is on a screen: by the interval that may be looked at daily while the campaign runs."""
    if not is_running(snapshot, campaign):
        return by_one_look(arm)
    control = arm.conversion_rate if isinstance(arm, ArmUplift) else arm.control.conversion_rate
    interval, rows = arm.always_valid_interval, arm.treated.rows
    relative: Interval | None = None
    incremental: Interval | None = None
    if interval is not None and control:
        # Nothing can fall by more than all of it.
        relative = max(interval[0] / control, -1.0), max(interval[1] / control, -1.0)
    if interval is not None and rows is not None:
        incremental = interval[0] * rows, interval[1] * rows
    return Certainty(
        verdict=verdict_by(arm.verdict, interval),
        daily=True,
        interval=relative,
        difference=interval,
        incremental=incremental,
    )


def by_one_look(arm: Compared) -> Certainty:
    """How sure a comparison is when it is looked at once, at the end."""
    return Certainty(
        verdict=arm.verdict,
        daily=False,
        interval=arm.interval,
        difference=arm.difference_interval,
        incremental=arm.incremental_conversions_interval,
    )


def verdict_by(verdict: Verdict | None, interval: Interval | None) -> Verdict | None:
    """The verdict by another interval than the Snapshot's; too few stays too few, unknown unknown."""
    if verdict in {None, Verdict.TOO_FEW}:
        return verdict
    if interval is None or interval[0] <= 0 <= interval[1]:
        return Verdict.UNCERTAIN
    return Verdict.UP if interval[0] > 0 else Verdict.DOWN


def change_text(interval: Change | None) -> str:
    """An interval of a relative change, such as ``+10.0% to +90.0%`` or ``at least +12.0%``."""
    if interval is None:
        return UNDEFINED
    low, high = interval
    if high is not None:
        return f"{share_with_sign(low)} to {share_with_sign(high)}"
    if low <= -1:
        return "no bound either way"
    return f"at least {share_with_sign(low)}" if low > 0 else f"{share_with_sign(low)} or more"


def points_text(interval: Interval | None) -> str:
    """An interval in points, such as ``+0.2 to +1.8 points``."""
    if interval is None:
        return UNDEFINED
    low, high = map(points, interval)
    return f"{low.removesuffix(' points')} to {high}"


def interval_text(certainty: Certainty) -> str:
    """The interval of an uplift; in points where a control group that never converts leaves no relative one."""
    return points_text(certainty.difference) if certainty.interval is None else change_text(certainty.interval)


def estimate_text(arm: Compared, certainty: Certainty) -> str:
    """An uplift alone; over a control group that never converts its interval, or the difference in points."""
    if arm.uplift is not None:
        return share_with_sign(arm.uplift)
    return points(arm.difference) if certainty.interval is None else change_text(certainty.interval)


def uplift_text(arm: Compared, certainty: Certainty) -> str:
    """An uplift in one cell, always with verdict and interval, such as ``▲ +50.0%, up (+10.0% to +90.0%)``."""
    if certainty.verdict is Verdict.TOO_FEW or certainty.too_early:
        return certainty.word
    estimate, interval = estimate_text(arm, certainty), interval_text(certainty)
    within = "" if interval in {estimate, UNDEFINED} else f" ({interval})"
    return f"{certainty.sign}{estimate}, {certainty.word}{within}"
