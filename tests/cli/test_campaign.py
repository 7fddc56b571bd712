"""`campaign`: what a person at a terminal does with one campaign."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics_core.workspace import create_workspace
from commands import Run

LEE = "lee@acme.example"
SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"  # noqa: S105 - a canary
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A draft that needs an approval, a campaign that runs, and one that was sent."""
    goal = {"goal_id": "g", "name": "Purchase", "event_name": "Order", "is_primary": True}
    request = {
        "url": f"https://user:{SECRET}@hooks.acme.example/v1/x?key={SECRET}",
        "headers": {"X-Api-Key": SECRET, "Content-Type": "application/json"},
        "body": json.dumps({"token": SECRET, "name": "{{ user.first_name }}"}),
        "sample": {"user": {"first_name": "Ada", "password": SECRET}},
    }
    base = {"goals": [goal], "request": request, "team": "Growth", "tags": ["sale"]}
    definitions = [
        {
            **base,
            "campaign_id": "draft",
            "name": "Draft sale",
            "delivery_type": "one_time",
            "status": "draft",
            "schedule": {"starts_at": LATER},
            "approval": {"required": True, "approvers": [LEE]},
        },
        {**base, "campaign_id": "runs", "name": "Running sale", "delivery_type": "periodic", "status": "active"},
        {
            **base,
            "campaign_id": "sent",
            "name": "Sent sale",
            "delivery_type": "one_time",
            "status": "sent",
            "team": None,
        },
    ]
    export = tmp_path / "export"
    export.mkdir()
    (export / "campaigns.json").write_text(json.dumps(definitions), encoding="utf-8")
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(export)
    return made.directory


def test_the_way_of_a_campaign_on_the_command_line(run: Run, workspace: Path) -> None:
    def campaign(*arguments: str) -> tuple[int, str, str]:
        return run("campaign", *arguments, "-w", workspace)

    assert campaign("submit", "draft", "--as", "mia") == (0, "draft submitted: Under Review\n", "")
    code, _, err = campaign("approve", "draft", "--as", "mia")
    assert code == 2
    assert err == (
        "error: campaign 'draft' cannot be approved: it is Under Review, and only its approvers may while it is"
        " Under Review\n"
    )
    assert campaign("approve", "draft", "--as", LEE, "--comment", "Go")[1] == "draft approved: Scheduled\n"
    code, out, _ = campaign("edit", "draft", "--as", "mia", "--field", "name=Summer sale", "--json")
    done = json.loads(out)
    assert (code, done["status"], done["action"], done["entry"][0]) == (0, "under_review", "edit", 6)
    code, out, _ = campaign("history", "draft", "--json")
    entries = [json.loads(line) for line in out.splitlines()]
    assert [(entry["act"], entry["by"]) for entry in entries][1:] == [
        ("submit", "mia"),
        ("approve", LEE),
        ("edit", "mia"),
    ]
    assert {"field": "name", "before": "Draft sale", "after": "Summer sale"} in entries[-1]["changes"]
    code, out, _ = campaign("show", "draft", "--as", LEE)
    assert "Changed since it was approved" in out
    assert "Summer sale" in out


@pytest.mark.parametrize(
    ("action", "campaign_id", "expected"),
    [
        ("pause", "runs", "runs paused: Paused"),
        ("withdraw", "draft", None),
        ("stop", "runs", None),
        ("stop", "sent", None),
        ("resume", "runs", None),
        ("reject", "draft", None),
    ],
)
def test_an_action_is_done_or_refused_in_one_line(
    run: Run, workspace: Path, action: str, campaign_id: str, expected: str | None
) -> None:
    code, out, err = run("campaign", action, campaign_id, "--as", "mia", "-w", workspace)
    if expected is None:
        assert (code, out) == (2, "")
        assert err.startswith(f"error: campaign '{campaign_id}' cannot be ")
        assert err.count("\n") == 1
    else:
        assert (code, out.splitlines()[0], err) == (0, expected, "")
        assert "nothing is sent to the vendor" in out


def test_secrets_are_shown_nowhere(run: Run, workspace: Path, tmp_path: Path) -> None:
    other = SECRET.replace("4eC3", "9xY7")
    patch = tmp_path / "patch.json"
    patch.write_text(json.dumps({"request": {"headers": {"X-Api-Key": other}, "body": json.dumps({"token": other})}}))
    calls = [
        ("edit", "draft", "--as", LEE, "--patch", f"@{patch}"),
        ("edit", "draft", "--as", LEE, "--field", f"request.url=ftp://{other}@x"),
        ("edit", "draft", "--as", LEE, "--field", f"request.headers={other}"),
        ("edit", "draft", "--as", LEE, "--patch", f'{{"request": {{"sample": "{other}"}}}}'),
        ("duplicate", "draft", "--as", LEE, "--no-edit"),
        ("show", "draft", "--as", LEE),
        ("show", "draft", "--as", LEE, "--json"),
        ("show", "draft-copy", "--as", LEE, "--json"),
        ("history", "draft"),
        ("history", "draft", "--json"),
        ("submit", "draft", "--as", LEE),
    ]
    for call in calls:
        code, out, err = run("campaign", *call, "-w", workspace)
        told = out + err
        assert "4eC39HqLyj" not in told, call
        assert "9xY79HqLyj" not in told, call
        assert code == (2 if "--field" in call or '"sample"' in call[-1] else 0), (call, told)
    assert "(another one)" in run("campaign", "history", "draft", "-w", workspace)[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("submit", "nothing"), "no campaign 'nothing'"),
        (("edit", "draft", "--patch", "{"), "--patch: is not JSON"),
        (("edit", "draft", "--patch", "[1]"), "--patch: must be a JSON object"),
        (("edit", "draft", "--patch", "@/nowhere.json"), "--patch: cannot read it"),
        (("edit", "draft", "--field", "name"), "write NAME=VALUE"),
        (("edit", "draft", "--field", "name=abc"), "name: must have 5 to 256 characters, and has 3"),
        (("edit", "draft", "--field", "status=sent"), "cannot change status"),
        (("edit", "runs", "--field", "goals=[]"), "goals:"),
        (("edit", "runs", "--field", "trigger=x"), "cannot change trigger"),
        (("edit", "sent", "--field", "name=Summer sale"), "it is over; a duplicate can be edited"),
        (("edit", "draft", "--field", "team=x", "--definition", "0"), "was changed meanwhile"),
        (("show", "draft", "--as-of", "yesterday"), "is not a valid timestamp"),
        (("submit", "draft", "--as", " "), "say who acts"),
        (("submit", "draft", "--as", "x" * 300), "say who acts"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, workspace: Path, arguments: tuple[str, ...], reason: str) -> None:
    acting = () if "--as" in arguments or arguments[0] == "show" else ("--as", "mia")
    code, out, err = run("campaign", *arguments, *acting, "-w", workspace)
    assert (code, out) == (2, "")
    assert reason in err
    assert err.count("\n") == 1


def _editor(directory: Path, script: str) -> str:
    file = directory / "editor.sh"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_an_editor_sees_masks_and_leaves_secrets_as_they_are(
    run: Run, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f'cp "$1" {tmp_path}/seen; stat -c %a "$1" > {tmp_path}/mode; sed -i \'s/Draft sale/Summer sale/\' "$1"'
    monkeypatch.setenv("EDITOR", _editor(tmp_path, script))
    code, out, err = run("campaign", "edit", "draft", "--as", "mia", "--yes", "-w", workspace)
    assert (code, out) == (0, "draft edited: Draft\n")
    assert "Summer sale" in err
    assert "4eC3" not in (tmp_path / "seen").read_text() + out + err
    assert "4eC3" in (workspace / "campaigns.db").read_bytes().decode("latin-1")
    _, shown, _ = run("campaign", "history", "draft", "--json", "-w", workspace)
    fields = [change["field"] for change in json.loads(shown.splitlines()[-1])["changes"]]
    assert [field for field in fields if not field.startswith("updated_")] == ["name"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "the editor ended with 3; nothing was written"),
        ('echo "{" > "$1"', "the definition is not JSON (line 2); nothing was written"),
        ('echo "[]" > "$1"', "the definition must be a JSON object"),
        ('sed -i "s/hooks.acme/other.acme/" "$1"', "request.url: a mask is kept only as it was"),
        ('sed -i "s/one_time/weekly/" "$1"', "delivery_type:"),
        ('rm "$1"', "cannot use the editor"),
    ],
)
def test_what_an_editor_leaves_is_checked(
    run: Run, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    monkeypatch.setenv("EDITOR", _editor(tmp_path, script))
    code, out, err = run("campaign", "edit", "draft", "--as", "mia", "--yes", "-w", workspace)
    assert (code, out) == (2, "")
    assert reason in err


def test_without_an_editor_it_says_what_to_do(run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    code, _, err = run("campaign", "edit", "draft", "--as", "mia", "-w", workspace)
    assert (code, err) == (2, "error: no editor: set EDITOR, or use --field NAME=VALUE or --patch JSON\n")


def test_who_acts_is_the_hubs_user_where_nothing_else_says_so(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "hub-mia")
    run("campaign", "pause", "runs", "-w", workspace)
    _, out, _ = run("campaign", "history", "runs", "--json", "-w", workspace)
    assert json.loads(out.splitlines()[-1])["by"] == "hub-mia"


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ((), ["draft", "runs", "sent"]),
        (("--status", "active"), ["runs"]),
        (("--status", "active", "--status", "draft"), ["draft", "runs"]),
        (("--type", "one_time"), ["draft", "sent"]),
        (("--tag", "SALE", "--team", "growth"), ["draft", "runs"]),
        (("--search", "sale run"), ["runs"]),
        (("--sort", "name"), ["draft", "runs", "sent"]),
        (("--sort", "status"), ["runs", "draft", "sent"]),
        (("--sort", "sent"), ["draft", "runs", "sent"]),
        (("--team", "nobody"), []),
    ],
)
def test_a_list_is_filtered_and_sorted(run: Run, workspace: Path, options: tuple[str, ...], ids: list[str]) -> None:
    code, out, _ = run("campaigns", "-w", workspace, "--json", *options)
    assert (code, [json.loads(line)["campaign_id"] for line in out.splitlines()]) == (0, ids)
    code, out, _ = run("campaigns", "-w", workspace, *options)
    assert (code, "No campaign matches; the workspace has 3 campaigns." in out) == (0, not ids)


def test_an_import_says_what_it_replaces(run: Run, workspace: Path, tmp_path: Path) -> None:
    run("campaign", "edit", "runs", "--as", "mia", "--field", "name=Summer sale", "-w", workspace)
    code, out, _ = run("import", "canonical", tmp_path / "export", "-w", workspace)
    assert code == 0
    assert "runs: replaced what was edited here: name" in out
    _, history, _ = run("campaign", "history", "runs", "-w", workspace)
    assert "replaces what was edited here: name" in history


def test_doctor_finds_a_history_that_was_cut_off_behind_a_report(run: Run, workspace: Path, tmp_path: Path) -> None:
    pytest.importorskip("papermill", reason="reports need the extra")
    book = workspace / "campaigns.db"
    whole = book.read_bytes()
    run("campaign", "edit", "draft", "--as", "mia", "--field", "name=Summer sale", "-w", workspace)
    assert run("report", "draft", "-w", workspace, "--output", tmp_path / "reports")[0] == 0
    file = tmp_path / "reports" / "draft.html"
    code, out, _ = run("doctor", "-w", workspace, "--report", file)
    assert (code, "is the one" in out) == (0, True)
    book.write_bytes(whole)
    code, out, _ = run("doctor", "-w", workspace, "--report", file)
    assert code == 1
    assert "was made from entry 4, which the campaign book does not have" in out
    code, out, _ = run("doctor", "-w", workspace, "--report", tmp_path / "nothing.html")
    assert (code, "cannot compare with" in out) == (1, True)
    (tmp_path / "other.html").write_text("<p>")
    assert "names no entry" in run("doctor", "-w", workspace, "--report", tmp_path / "other.html")[1]
