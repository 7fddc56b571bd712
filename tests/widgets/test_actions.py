"""Actions on the campaign on the screen: what is offered, what is asked, what becomes of it."""

from pathlib import Path

import ipywidgets as widgets
import pytest
from reading import answer, close, control, dialog, html, pick, plain, text

from analytics_core.campaigns.lifecycle import Action
from analytics_core.widgets import Explorer
from analytics_core.workspace import Workspace, create_workspace, open_workspace
from worlds.story import ORDER_VALUE, PURCHASE, World

BEARER = "Bearer abcdefghijklmnopqrstuvwxyz0123456789"
REQUEST = {"method": "POST", "url": "https://hooks.example/services?key=hunter2", "headers": {"Authorization": BEARER}}
APPROVAL = {"required": True, "approvers": ["lee"]}


def world() -> World:
    goals = [PURCHASE | ORDER_VALUE | {"is_primary": True}]
    told = World().with_campaign("live", name="Live one", status="active", goals=goals, request=REQUEST, team="Growth")
    told = told.sent("ada").with_campaign(
        "waits", name="Waits for it", status="under_review", approval=APPROVAL, goals=goals
    )
    told = told.with_campaign("busy", name="Busy one", status="sending", goals=goals, delivery_type="event_triggered")
    return told.with_campaign("plan", name="A <b>draft</b>", status="draft", goals=goals)


@pytest.fixture
def workspace(tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    del state_home
    monkeypatch.setenv("JUPYTERHUB_USER", "lee")
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(world().write(tmp_path / "export", fmt="jsonl"))
    return made


@pytest.fixture
def explorer(workspace: Workspace) -> Explorer:
    return Explorer(workspace)


def button(explorer: Explorer, action: Action) -> widgets.Button:
    return control(explorer, action.value.title())


def enabled(explorer: Explorer) -> set[Action]:
    return {action for action in Action if not button(explorer, action).disabled}


def status(workspace: Workspace, campaign_id: str) -> str | None:
    return open_workspace(workspace.directory).campaign(campaign_id).status


@pytest.mark.parametrize(
    ("campaign_id", "possible"),
    [
        ("live", {Action.EDIT, Action.PAUSE}),
        ("waits", {Action.EDIT, Action.WITHDRAW, Action.APPROVE, Action.REJECT}),
        ("busy", {Action.EDIT, Action.STOP, Action.PAUSE}),
        ("plan", {Action.EDIT, Action.SUBMIT}),
    ],
)
def test_only_what_can_be_done_now_is_enabled(explorer: Explorer, campaign_id: str, possible: set[Action]) -> None:
    pick(explorer, campaign_id)
    assert enabled(explorer) == possible | {Action.REFRESH, Action.DUPLICATE}


def test_a_disabled_button_says_why(explorer: Explorer) -> None:
    assert button(explorer, Action.APPROVE).tooltip == (
        "campaign 'live' cannot be approved: it is Active, and only a campaign that is Under Review is approved"
    )
    assert "only a campaign that is Under Review is approved" in text(explorer)


def test_who_acts_is_told_to_be_declared_and_not_proven(explorer: Explorer) -> None:
    assert "You act as lee: as declared, not proven." in text(explorer)


def test_who_is_no_approver_cannot_approve(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "sam")
    explorer = Explorer(workspace)
    pick(explorer, "waits")
    assert button(explorer, Action.APPROVE).disabled
    assert "only its approvers may while it is Under Review" in button(explorer, Action.APPROVE).tooltip


def test_an_approval_takes_a_comment(explorer: Explorer, workspace: Workspace) -> None:
    pick(explorer, "waits")
    button(explorer, Action.APPROVE).click()
    assert dialog(explorer).title == "Approve Waits for it?"
    answer(explorer, "approve", comment="Go ahead")
    approval = open_workspace(workspace.directory).campaign("waits").approval
    assert approval is not None
    assert (approval.approved_by, approval.comment) == ("lee", "Go ahead")
    assert "Approved: it is Active." in text(explorer)
    assert dialog(explorer).title == ""
    assert Action.APPROVE not in enabled(explorer)


def test_a_rejection_can_be_cancelled(explorer: Explorer, workspace: Workspace) -> None:
    pick(explorer, "waits")
    button(explorer, Action.REJECT).click()
    close(explorer)
    assert status(workspace, "waits") == "under_review"
    button(explorer, Action.REJECT).click()
    answer(explorer, "close")
    assert (status(workspace, "waits"), dialog(explorer).title) == ("under_review", "")


def test_a_stop_is_asked_about_and_says_that_nothing_is_sent(explorer: Explorer, workspace: Workspace) -> None:
    pick(explorer, "busy")
    button(explorer, Action.STOP).click()
    assert "nothing is sent to the vendor" in plain(dialog(explorer).html)
    assert status(workspace, "busy") == "sending"
    answer(explorer, "stop")
    assert status(workspace, "busy") == "stopped"
    assert "Stopped: it is Stopped. This changes the campaign book only" in text(explorer)


def test_a_pause_says_the_same_and_is_undone_by_a_resume(explorer: Explorer, workspace: Workspace) -> None:
    button(explorer, Action.PAUSE).click()
    answer(explorer, "pause")
    assert status(workspace, "live") == "paused"
    button(explorer, Action.RESUME).click()
    assert status(workspace, "live") == "active"
    assert "nothing is sent to the vendor" in text(explorer)


def test_a_draft_is_submitted_at_once(explorer: Explorer, workspace: Workspace) -> None:
    pick(explorer, "plan")
    button(explorer, Action.SUBMIT).click()
    assert dialog(explorer).title == ""
    assert status(workspace, "plan") == "active"


def test_what_was_changed_meanwhile_is_refused_and_said(explorer: Explorer, workspace: Workspace) -> None:
    pick(explorer, "waits")
    button(explorer, Action.APPROVE).click()
    other = Explorer(open_workspace(workspace.directory))
    pick(other, "waits")
    button(other, Action.EDIT).click()
    answer(other, "review", name="Waits for nothing")
    answer(other, "write")
    answer(explorer, "approve")
    assert "was changed meanwhile" in dialog(explorer).error
    assert status(workspace, "waits") == "under_review"


def test_an_edit_shows_what_differs_before_it_is_written(explorer: Explorer, workspace: Workspace) -> None:
    button(explorer, Action.EDIT).click()
    answer(explorer, "review", name="Livelier", tags="shoes, sale")
    shown = plain(dialog(explorer).html)
    assert all(part in shown for part in ("name Live one Livelier", "tags", "shoes"))
    assert open_workspace(workspace.directory).campaign("live").name == "Live one"
    answer(explorer, "write")
    campaign = open_workspace(workspace.directory).campaign("live")
    assert (campaign.name, campaign.tags, campaign.updated_by) == ("Livelier", ("shoes", "sale"), "lee")
    assert "Edited Livelier." in text(explorer)


def test_an_edit_can_go_back_to_the_form_with_all_that_was_filled_in(explorer: Explorer) -> None:
    button(explorer, Action.EDIT).click()
    answer(explorer, "review", name="Livelier")
    answer(explorer, "back")
    assert next(field.value for field in dialog(explorer).fields if field.name == "name") == "Livelier"


def test_wrong_fields_are_told_in_their_places_and_nothing_is_lost(explorer: Explorer) -> None:
    button(explorer, Action.EDIT).click()
    wrong = {"attribution_window_hours": "soon", "team": "Care"}
    answer(explorer, "review", **wrong)
    fields = {field.name: field for field in dialog(explorer).fields}
    assert fields["attribution_window_hours"].error == "'soon' is not a number of hours"
    assert fields["team"].value == "Care"
    answer(explorer, "review", name="Hi", tags="a,b,c,d,e,f", attribution_window_hours="5000", request__url="ftp://x")
    errors = {field.name: field.error for field in dialog(explorer).fields if field.error}
    assert set(errors) == {"name", "tags", "attribution_window_hours", "request.url"}
    answer(
        explorer,
        "review",
        name="Live one",
        tags="",
        attribution_window_hours="",
        request__url="https://x.example",
        schedule__ends_at="tomorrow",
    )
    assert [field.name for field in dialog(explorer).fields if field.error] == ["schedule.ends_at"]


def test_secrets_are_masked_in_the_form_and_stay_where_they_are_left(explorer: Explorer, workspace: Workspace) -> None:
    button(explorer, Action.EDIT).click()
    fields = {field.name: field.value for field in dialog(explorer).fields}
    assert "hunter2" not in str(fields)
    answer(explorer, "review", request__body="{}")
    assert "hunter2" not in dialog(explorer).html
    answer(explorer, "write")
    request = open_workspace(workspace.directory).campaign("live").request
    assert request is not None
    assert (request.url, request.headers, request.body) == (REQUEST["url"], REQUEST["headers"], "{}")


def test_a_mask_is_no_value(explorer: Explorer) -> None:
    button(explorer, Action.EDIT).click()
    url = next(field.value for field in dialog(explorer).fields if field.name == "request.url")
    answer(explorer, "review", request__url=f"{url}&more=1")
    assert "a mask is kept only as it was" in str([field.error for field in dialog(explorer).fields])


def test_times_are_of_the_apps_zone_and_only_what_is_changed_is_written(
    explorer: Explorer, workspace: Workspace
) -> None:
    button(explorer, Action.EDIT).click()
    answer(explorer, "review", schedule__ends_at="2027-05-01 10:00")
    answer(explorer, "write")
    schedule = open_workspace(workspace.directory).campaign("live").schedule
    assert schedule is not None
    assert schedule.ends_at is not None
    assert schedule.ends_at.isoformat() == "2027-05-01T10:00:00+00:00"


def test_what_a_running_campaign_keeps_is_locked_and_says_why(explorer: Explorer) -> None:
    button(explorer, Action.EDIT).click()
    locked = {field.name: field.locked for field in dialog(explorer).fields if field.locked}
    assert locked == {"schedule.starts_at": "Cannot be changed while the campaign is Active."}


def test_an_edit_that_changes_nothing_says_so(explorer: Explorer) -> None:
    button(explorer, Action.EDIT).click()
    answer(explorer, "review")
    assert dialog(explorer).error == "Nothing differs from what is there."


def test_a_duplicate_is_shown_and_opens_its_form(explorer: Explorer, workspace: Workspace) -> None:
    button(explorer, Action.DUPLICATE).click()
    assert explorer.state.campaign_id == "live-copy"
    assert dialog(explorer).title == "Edit the copy of Live one"
    answer(explorer, "review", name="The next one")
    answer(explorer, "write")
    copy = open_workspace(workspace.directory).campaign("live-copy")
    assert (copy.name, copy.status, copy.request) == ("The next one", "draft", workspace.campaign("live").request)


def test_a_workspace_of_the_past_cannot_be_changed(workspace: Workspace) -> None:
    (landed,) = workspace.imports()
    explorer = Explorer(open_workspace(workspace.directory, known_at=landed.at))
    assert enabled(explorer) == {Action.REFRESH}
    assert "the past cannot be changed" in button(explorer, Action.EDIT).tooltip


def test_a_hostile_name_is_text_in_every_question(explorer: Explorer) -> None:
    pick(explorer, "plan")
    button(explorer, Action.EDIT).click()
    answer(explorer, "review", team="<script>x</script>")
    assert "<script>" not in dialog(explorer).html
    assert "<b>draft" not in html(explorer)
