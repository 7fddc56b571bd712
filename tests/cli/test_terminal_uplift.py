"""A campaign with one goal and a control group, as the commands show it."""

import json
from pathlib import Path

import pytest

from commands import Run

CAMPAIGN = {
    "campaign_id": "trial",
    "name": "Trial",
    "delivery_type": "one_time",
    "status": "sent",
    "audience": {"control_group_percent": 20},
    "goals": [{"goal_id": "purchase", "name": "Purchase", "event_name": "Order Placed"}],
}
SENT_AT, BOUGHT_AT = "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z"


def delivery(user: str, outcome: str, **changed: object) -> dict[str, object]:
    row = {"campaign_id": "trial", "instance_id": "once", "user_id": user, "occurred_at": SENT_AT, "outcome": outcome}
    return {**row, **changed}


def lines(rows: list[dict[str, object]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def trial(tmp_path: Path, run: Run) -> Path:
    """Of 400 users who were sent a message 80 bought; of 100 who were held out 10 did: +100 %."""
    export = tmp_path / "export"
    export.mkdir()
    (export / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    sent = [delivery(f"t{n}", "requested", request_id=f"r{n}", response_code=200) for n in range(400)]
    (export / "deliveries.jsonl").write_text(lines(sent + [delivery(f"c{n}", "control_group") for n in range(100)]))
    buyers = [f"t{n}" for n in range(80)] + [f"c{n}" for n in range(10)]
    event = {"event_name": "Order Placed", "occurred_at": BOUGHT_AT}
    (export / "events.jsonl").write_text(lines([{**event, "event_id": user, "user_id": user} for user in buyers]))
    run("init", tmp_path / "w", "--timezone", "UTC")
    run("import", "canonical", export, "-w", tmp_path / "w")
    return tmp_path / "w"


def test_one_goal_shows_both_arms_interval_p_value_and_verdict(
    run: Run, trial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run("metrics", "trial", "-w", trial)
    assert code == 0
    for label, figures in (
        ("Treated users", ["400", "400"]),
        ("Control users", ["100", "100"]),
        ("Uplift", ["+100.0%", "+100.0%"]),
        ("→ verdict", ["▲", "up", "▲", "up"]),
    ):
        assert [line.split()[-len(figures) :] for line in out.splitlines() if line.startswith(f"{label}  ")] == [
            figures
        ]
    assert any(line.startswith("→ 95% interval") and " to " in line for line in out.splitlines())
    assert any(line.startswith("→ p-value") for line in out.splitlines())
    assert "Of 80 converted users, about 40 (" in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_list_of_campaigns_has_the_uplift_with_its_certainty(run: Run, trial: Path) -> None:
    _, text, _ = run("campaigns", "-w", trial)
    assert "▲ +100.0%, up (+" in text
    _, out, _ = run("campaigns", "-w", trial, "--json")
    document = json.loads(out)
    assert (document["uplift"], document["uplift_verdict"]) == (1.0, "up")
    low, high = document["uplift_interval"]
    assert 0 < low < 1 < high


def test_explain_says_how_sure_the_uplift_is(run: Run, trial: Path) -> None:
    _, out, _ = run("explain", "trial", "uplift", "-w", trial)
    assert "Verdict: ▲ up, by sent requests against the control group; 95% interval +" in out
    _, out, _ = run("explain", "trial", "incremental_conversions", "-w", trial, "--json")
    document = json.loads(out)
    assert document["value"] == pytest.approx(40.0)
    assert (document["certainty"]["verdict"], document["certainty"]["for_daily_looks"]) == ("up", False)
    assert [part["value"] for part in document["inputs"]] == [400, pytest.approx(0.1)]


def test_until_the_window_has_closed_a_campaign_without_a_status_is_running(run: Run, trial: Path) -> None:
    (trial.parent / "export" / "campaigns.json").write_text(json.dumps([{**CAMPAIGN, "status": None}]))
    unstated = trial.parent / "unstated"
    run("init", unstated, "--timezone", "UTC")
    run("import", "canonical", trial.parent / "export", "-w", unstated)
    early = run("metrics", "trial", "-w", unstated)[1]
    late = run("metrics", "trial", "-w", unstated, "--as-of", "2026-03-03T21:00:00Z")[1]
    assert "too early to tell how many of 80 converted users" in early
    assert "intervals that may be checked every day start after the first matured week" in early
    assert "Of 80 converted users, about 40 (" in late
