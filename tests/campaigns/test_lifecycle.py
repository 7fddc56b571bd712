"""Every cell of the lifecycle: type, status, action and role."""

import pytest

from analytics_core.campaigns.documentation import lifecycle_markdown
from analytics_core.campaigns.lifecycle import Action, Role, judge, list_locked_fields
from analytics_core.domain.words import DeliveryType, Status

ORDER = (
    *("active", "expired", "not_sent", "paused", "scheduled", "sending"),
    *("sent", "stopped", "under_review", "rejected", "draft", None),
)
"""What the places of a line below stand for."""

# = stays, R review or start, S start, D Draft, X Rejected, T Stopped, P Paused, - refused; a small letter or ~ (stays)
# where only an approver can.
EVERY = {
    "refresh": "= = = = = = = = = = = =",
    "edit": "= - = = = = - - ~ = = =",
    "duplicate": "= = = = = = = = = = = =",
    "submit": "- - - - - - - - - R R -",
    "withdraw": "- - - - - - - - D - - -",
    "approve": "- - - - - - - - s - - -",
    "reject": "- - - - - - - - x - - -",
}
ONE_TIME = {
    "stop": "T - - T T T - - - - - -",
    "pause": "- - - - - - - - - - - -",
    "resume": "- - - - - - - - - - - -",
}
RECURRING = {
    "stop": "- - - - - T - - - - - -",
    "pause": "P - - - P P - - - - - -",
    "resume": "- - - S - - - - - - - -",
}
EFFECTS = {
    "=": "stays",
    "~": "stays",
    "R": "Under Review; where nobody must approve Scheduled, Sending or Active, by its schedule",
    "S": "Scheduled, Sending or Active, by its schedule",
    "D": "Draft",
    "X": "Rejected",
    "T": "Stopped",
    "P": "Paused",
}
CELLS = [
    (kind, action, status, cell)
    for kind in DeliveryType
    for action, line in {**EVERY, **(ONE_TIME if kind == "one_time" else RECURRING)}.items()
    for status, cell in zip(ORDER, line.split(), strict=True)
]


def test_the_table_has_every_cell() -> None:
    assert len({cell[:3] for cell in CELLS}) == len(DeliveryType) * len(Action) * (len(Status) + 1) == 360


@pytest.mark.parametrize(("kind", "action", "status", "cell"), CELLS)
@pytest.mark.parametrize("role", Role)
def test_every_cell_is_as_written(kind: str, action: str, status: str | None, cell: str, role: Role) -> None:
    judged = judge(DeliveryType(kind), Status(status) if status else None, Action(action), role)
    only_approvers = cell in {"s", "x", "~"}
    if cell == "-" or (only_approvers and role is Role.OTHER):
        assert judged.effect is None
        assert judged.refusal
        assert ("approvers" in judged.refusal) == (cell != "-")
    else:
        assert judged.refusal is None
        assert judged.effect is not None
        assert judged.effect.value == EFFECTS[cell.upper()]


def test_a_campaign_that_runs_keeps_whom_it_addresses_and_what_counts() -> None:
    for status in (Status.ACTIVE, Status.SENDING, Status.PAUSED, None):
        assert {"trigger", "audience", "goals", "schedule.kind", "schedule.starts_at"} <= {*list_locked_fields(status)}
    assert "goals" not in list_locked_fields(Status.SCHEDULED)


def test_the_page_says_every_status_and_action() -> None:
    page = lifecycle_markdown()
    for word in (*Status, *Action):
        assert word.value.replace("_", " ").lower() in page.lower()
