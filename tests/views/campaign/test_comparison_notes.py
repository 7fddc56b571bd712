"""The notes on control groups: contamination, sample ratio, looks, rates, and where both bases disagree."""

from dataclasses import replace

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.snapshot.comparison import GoalUplift, SampleRatio
from analytics_core.snapshot.snapshot import DataQuality, Snapshot
from analytics_core.views.campaign.comparison_notes import comparison_notes
from analytics_core.views.forms.pieces import Note, NoteTone
from views.snapshots import (
    ASSIGNED,
    NOT_TESTED,
    arm,
    campaign,
    ended,
    goal,
    legacy_snapshot,
    second_goal,
    snapshot,
)


def notes_named(label: str, made: Snapshot, definition: Campaign | None = None) -> list[Note]:
    return [note for note in comparison_notes(made, definition or ended()) if note.label == label]


def compared(**changed: object) -> Snapshot:
    return snapshot(goals=(goal(uplift=GoalUplift(campaign=arm(**changed))),))


def contaminated(users: int | None, **uplift: object) -> Snapshot:
    quality = DataQuality(contaminated_users=users, matured_share=1.0)
    return snapshot(data_quality=quality, goals=(goal(uplift=GoalUplift(**uplift)), second_goal()))


def test_contamination_is_a_warning_only_where_there_is_some() -> None:
    assert notes_named("Contamination", contaminated(0)) == [
        Note("Contamination", "Nobody was both in a control group and sent a request in the same instance.")
    ]
    (one,) = notes_named("Contamination", contaminated(1))
    assert one.text.startswith("1 user was in a control group and sent a request in the same instance. They count")
    assert one.tone is NoteTone.WARNING
    assert notes_named("Contamination", contaminated(None)) == []


def test_contaminated_rows_are_told_by_control_group_and_where_they_count() -> None:
    both = {"campaign": arm(contaminated_rows=50), "global_": arm(contaminated_rows=2)}
    (note,) = notes_named("Contamination", contaminated(48, **both))
    assert note.text == (
        "48 users were in a control group and sent a request in the same instance (rows: 50 of the campaign, 2 of the"
        " global control group). They count as requested in delivery and conversions. The uplift by sent requests"
        " leaves them out of both arms; the uplift by assignment keeps them in the control group."
    )


def test_a_control_group_of_another_size_than_declared_is_a_warning() -> None:
    def note(probability: float, rows: float | None = 0.0912) -> tuple[str, NoteTone]:
        ratio = SampleRatio(declared=0.1, observed_users=14, users=100, observed_rows=rows, p_value=probability)
        (found,) = notes_named("Sample ratio", snapshot(sample_ratio=ratio))
        return found.text, found.tone

    drawn = "14 of 100 users (14.0%) were drawn into the control group by their first row, against 10.0% declared"
    assert note(0.18) == (
        f"{drawn} (p 0.180; 9.1% over all rows): a difference this size is within chance.",
        NoteTone.PLAIN,
    )
    assert note(0.001)[1] is NoteTone.PLAIN
    assert note(0.0009, rows=None) == (
        f"{drawn} (p <0.001): the control group was not drawn as declared; do not rely on the uplift.",
        NoteTone.WARNING,
    )


@pytest.mark.parametrize(
    ("declared", "observed", "users", "said"),
    [
        (0.1, 0, 0, "10.0% is declared; nobody has been drawn yet."),
        (0.1, None, None, "10.0% is declared; it is not known who was drawn."),
        (0.0, 5, 99, "0.0% is declared; 5 of 99 users (5.1%) were drawn into the control group by their first row."),
        (0.0, 0, 100, None),
        (None, 5, 100, None),
    ],
)
def test_a_declared_share_that_nothing_tests_is_told(
    declared: float | None, observed: int | None, users: int | None, said: str | None
) -> None:
    ratio = SampleRatio(declared, observed, users, observed_rows=None, p_value=None)
    found = notes_named("Sample ratio", snapshot(sample_ratio=ratio))
    assert [note.text for note in found] == ([said] if said else [])


def test_older_campaigns_tell_nothing_of_a_sample_ratio() -> None:
    assert notes_named("Sample ratio", legacy_snapshot()) == []


def test_a_running_campaign_says_once_that_its_intervals_are_for_daily_looks() -> None:
    (note,) = notes_named("Uplift so far", snapshot(), campaign())
    assert note.text.startswith(
        "While the campaign runs, the uplift's intervals and verdicts may be checked every day;"
    )
    assert notes_named("Uplift so far", snapshot(), ended()) == []
    untested = snapshot(goals=(goal(uplift=NOT_TESTED), second_goal()))
    assert notes_named("Uplift so far", untested, campaign()) == []


def test_before_the_first_matured_week_the_note_says_when_an_interval_starts() -> None:
    (note,) = notes_named("Uplift so far", compared(always_valid_interval=None), campaign())
    assert note.text == (
        "The campaign is still running: intervals that may be checked every day start after the first matured week."
    )


def test_why_the_rate_is_another_than_the_cards_is_said_only_where_it_is() -> None:
    assert notes_named("Rates compared", snapshot()) == []
    fewer = replace(arm().treated, rows=7990, converted_users=231, conversion_rate=231 / 7990)
    (note,) = notes_named("Rates compared", compared(treated=fewer))
    assert note.text.startswith(
        "CVR is 240 of 8,000 (3.0%), and in the comparison 231 of 7,990 converted (2.9%): there every window starts at"
    )
    differing = GoalUplift(campaign=arm(treated=fewer), global_=arm(treated=fewer))
    two = snapshot(goals=(goal(uplift=differing), second_goal(uplift=differing)))
    (note,) = notes_named("Rates compared", two)
    assert note.text.startswith("Purchase: CVR is 240 of 8,000")
    assert note.text.count("7,990") == 1


def test_an_uplift_by_assignment_outside_the_interval_by_sent_requests_is_a_warning() -> None:
    assert notes_named("Uplift by assignment", snapshot()) == []
    (note,) = notes_named("Uplift by assignment", compared(assigned=replace(ASSIGNED, uplift=0.05)))
    assert note.tone is NoteTone.WARNING
    assert note.text.startswith("By assignment the uplift is +5.0%, outside the interval by sent requests (+10.0% to")
    assert notes_named("Uplift by assignment", compared(interval=(0.1, None))) == []
    assert notes_named("Uplift by assignment", compared(interval=(0.45, None))) != []
    assert notes_named("Uplift by assignment", compared(interval=None)) == []


def test_of_several_comparisons_the_one_that_is_meant_is_named() -> None:
    off = arm(assigned=replace(ASSIGNED, uplift=2.0))
    made = snapshot(goals=(goal(uplift=GoalUplift(campaign=arm(), global_=off)), second_goal()))
    (note,) = notes_named("Uplift by assignment", made)
    assert note.text.startswith("Purchase (global control group): By assignment")
