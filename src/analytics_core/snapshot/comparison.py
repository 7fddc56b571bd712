"""The part of the Snapshot that compares a campaign with its control groups."""

from dataclasses import dataclass

from analytics_core.domain.words import ControlGroupType, Verdict
from analytics_core.snapshot.kinds import Average, Change, Number, Points, Share


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm of a comparison: audience rows, distinct users, and those of both that converted.

    `conversion_rate` is converted rows (`converted_users`) over `rows`; None over no rows. All are None where the
    exports cannot tell who was in the arm.
    """

    rows: int | None = 0
    people: int | None = 0
    converted_users: int | None = 0
    converted_people: int | None = 0
    conversion_rate: Share | None = None


@dataclass(frozen=True, slots=True)
class RevenueFigures:
    """Revenue per row of both arms, the treated arm's gain, and what that makes over all treated rows.

    Intervals are at 95 %; they and the p-value are None where the amounts cannot say it: no revenue at all, or an arm
    whose refunds prevail.
    """

    treated_per_row: Average
    control_per_row: Average
    difference: Average
    interval: tuple[Average, Average] | None
    p_value: Share | None
    incremental: Average
    incremental_interval: tuple[Average, Average] | None


@dataclass(frozen=True, slots=True)
class RevenueComparison(RevenueFigures):
    """The same figures twice: as they are, and with every user's sum per arm cut at the 99th percentile."""

    cut: RevenueFigures


@dataclass(frozen=True, slots=True)
class AssignedUplift:
    """The comparison of those who were to be sent (attempted) with those who were drawn into the control group.

    The draw protects this one: contaminated rows are in the arm they were drawn into, failed ones in the treated arm.
    """

    treated: ArmFigures = ArmFigures()
    control: ArmFigures = ArmFigures()
    uplift: Change | None = None
    interval: tuple[Change, Change | None] | None = None
    p_value: Share | None = None
    always_valid_interval: tuple[Points, Points] | None = None
    verdict: Verdict | None = Verdict.TOO_FEW
    difference: Points | None = None
    difference_interval: tuple[Points, Points] | None = None
    incremental_conversions: Number | None = None
    incremental_conversions_interval: tuple[Number, Number] | None = None
    smallest_detectable_uplift: Change | None = None
    revenue: RevenueComparison | None = None


@dataclass(frozen=True, slots=True)
class ArmUplift:
    """One control group of one goal, and what the sent arm (`treated`) gained over it.

    `active_targets`, `converted_users`, `conversion_rate`, `people` and `converted_people` are the control arm's.
    Intervals are at 95 % with users as the unit; `high` of `interval` is None where the data set no upper bound.
    `always_valid_interval` is of the difference. `p_value_adjusted` is adjusted over the goals (Holm).
    `contaminated_rows` were drawn into this control group and requested anyway: they are in neither arm here and
    in the control arm of `assigned`. None where undefined.
    """

    active_targets: int
    converted_users: int
    conversion_rate: Share | None = None
    people: int = 0
    converted_people: int = 0
    treated: ArmFigures = ArmFigures()
    uplift: Change | None = None
    interval: tuple[Change, Change | None] | None = None
    p_value: Share | None = None
    p_value_adjusted: Share | None = None
    always_valid_interval: tuple[Points, Points] | None = None
    verdict: Verdict = Verdict.TOO_FEW
    difference: Points | None = None
    difference_interval: tuple[Points, Points] | None = None
    incremental_conversions: Number | None = None
    incremental_conversions_interval: tuple[Number, Number] | None = None
    smallest_detectable_uplift: Change | None = None
    revenue: RevenueComparison | None = None
    contaminated_rows: int = 0
    assigned: AssignedUplift = AssignedUplift()

    @property
    def control(self) -> ArmFigures:
        """The control arm's figures, as `treated` has those of the other."""
        return ArmFigures(
            rows=self.active_targets,
            people=self.people,
            converted_users=self.converted_users,
            converted_people=self.converted_people,
            conversion_rate=self.conversion_rate,
        )


@dataclass(frozen=True, slots=True)
class GoalUplift:
    """Uplift against the campaign's and against the global control group, never pooled; None without such rows."""

    campaign: ArmUplift | None = None
    global_: ArmUplift | None = None

    @property
    def compared(self) -> ArmUplift | None:
        """The comparison that is shown: with the campaign's control group, with the global one where there is none."""
        return self.campaign or self.global_

    @property
    def compared_group(self) -> ControlGroupType | None:
        """The control group of that comparison; None without any."""
        if self.campaign is not None:
            return ControlGroupType.CAMPAIGN
        return None if self.global_ is None else ControlGroupType.GLOBAL


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether users were drawn into the campaign's control group as declared.

    Of `users`, each by their first row that was assigned, `observed_users` were drawn into control; `observed_rows` is
    the share over all rows. `p_value` of the exact binomial test of the users against `declared`; a small one (below
    0.001) says that they were not drawn as declared. It is None where the declared share is none, 0 or 1, for older
    campaigns, and without users. Counts are None where the exports cannot tell.
    """

    declared: Share | None
    observed_users: int | None
    users: int | None
    observed_rows: Share | None
    p_value: Share | None
