"""A Braze export beside the campaign's definition: numbers worked out by hand, and nothing twice."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from currents_files import (
    ABORT,
    CONVERSION,
    CUSTOM_EVENT,
    ENROLLED,
    FAILURE,
    ORPHAN,
    PURCHASE,
    SEND,
    currents,
    happened,
    http_event,
    json_lines,
    message,
)

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import ImportSummary, TableCounts, Workspace, create_workspace
from commands import Run

ROOT = Path(__file__).parents[2]
DAY = 24 * 60
CAMPAIGN = {
    "campaign_id": "spring",
    "name": "Spring sale",
    "delivery_type": "periodic",
    "goals": [
        {
            "goal_id": "purchase",
            "name": "Purchase",
            "event_name": "behaviors.Purchase",
            "revenue": {"attribute": "price", "currency": "USD"},
        }
    ],
}


def _bought(number: int, user: str, price: float) -> dict[str, object]:
    return happened(number, user, product_id="shoe", price=price, currency="USD", properties="{}")


STORY: Mapping[str, Iterable[Mapping[str, object]]] = {
    ENROLLED: [happened(0, user, campaign_id="spring", send_id="s1", id=f"c-{user}") for user in ("hal", "ian")],
    SEND: [
        message(1, "ann"),
        message(5, "bob"),
        message(7, "eve", id="eve-sent"),
        message(DAY, "ann", dispatch_id="d2"),
    ],
    FAILURE: [
        message(2, "bob", http_status_code=503, is_terminal=False),
        message(3, "cat", http_status_code=404, is_terminal=True),
        message(4, "dan", http_status_code=500),
        message(6, "dan", http_status_code=502),
        message(4, "eve", http_status_code=500, id="eve-failed"),
        message(8, "kim", is_terminal=True),
    ],
    ABORT: [
        message(9, "fay", abort_type="liquid_abort_message"),
        message(10, "gus", abort_type="frequency_capping"),
        message(11, "lea", abort_type="quiet_hours"),
    ],
    PURCHASE: [
        _bought(30, "ann", 19.99),
        _bought(40, "bob-before", 10.01),
        _bought(60, "hal", 1.00),
        _bought(70, "cat", 99.00),
        _bought(DAY + 60, "ann", 5.00),
    ],
    CONVERSION: [happened(31, "ann", campaign_id="spring", conversion_behavior_index=0)],
    ORPHAN: [happened(50, "bob-before", orphaned_by_id="bob")],
}
"""Two dispatches; what became of each user stands in `test_the_numbers_are_those_worked_out_by_hand`."""


def _storage(directory: Path) -> Path:
    for event_type, rows in STORY.items():
        currents(directory, event_type, rows)
    return directory


def _http(directory: Path) -> Path:
    json_lines(directory / "events.jsonl.gz", [http_event(kind, row) for kind, rows in STORY.items() for row in rows])
    return directory


def _workspace(directory: Path) -> Workspace:
    """A workspace that knows the campaign."""
    definitions = directory / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    workspace = create_workspace(directory / "workspace", App(timezone="UTC"))
    workspace.import_canonical(definitions)
    return workspace


def _imported(directory: Path, export: Path) -> tuple[Workspace, ImportSummary]:
    workspace = _workspace(directory)
    return workspace, workspace.import_export("braze", [export])


@pytest.mark.parametrize("written", [_storage, _http])
def test_the_numbers_are_those_worked_out_by_hand(written: Callable[[Path], Path], tmp_path: Path) -> None:
    workspace, summary = _imported(tmp_path, written(tmp_path / "export"))
    assert summary.tables == {
        "deliveries": TableCounts(13, 13, 0, 0),
        "events": TableCounts(5, 5, 0, 0),
        "identities": TableCounts(1, 1, 0, 0),
        "vendor_stats": TableCounts(1, 1, 0, 0),
    }
    assert summary.left_out == {
        f"{FAILURE}, tried again later": 1,
        f"{ABORT} (quiet hours)": 1,
    }
    assert summary.gaps == ()
    document = as_json(workspace.snapshot("spring"))
    performance = document["performance"]
    # Sent: ann, bob and eve in d1, ann in d2. Failed: cat (404), dan (502 in the end), kim (no answer), fay (Liquid).
    assert performance["attempted"] == {"unique": 7, "total": 8}
    assert performance["sent"] == {"unique": 3, "total": 4}
    assert performance["failed"] == {"unique": 4, "total": 4}
    # One each for the four sent, cat and kim; dan twice; eve's failure before her Send. Bob's is left out.
    assert performance["request_attempts"] == 9
    # ann after d1 and after d2, and bob under the id he had before: 19.99 + 5.00 + 10.01. Cat was not sent.
    assert (performance["converted_users"], performance["converted_people"]) == (3, 2)
    assert (performance["conversion_rate"], performance["revenue"]) == (0.75, "35.00")
    # Of the control group, hal bought and ian did not: 0.75 against 0.5.
    control = document["goals"][0]["uplift"]["campaign"]
    assert (control["active_targets"], control["converted_users"], control["uplift"]) == (2, 1, 0.5)
    assert {error["reason"]: error["total"] for error in document["errors"]} == {
        "control_group": 2,
        "frequency_capped": 1,
        "personalization_failed": 1,
        "response_404": 1,
        "response_502": 1,
        "no_response": 1,
    }
    assert document["reconciliation"]["users_in_segment"] == 8 + 1 + 2


def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    export = _storage(tmp_path / "export")
    workspace, first = _imported(tmp_path, export)
    before = as_json(workspace.snapshot("spring"))
    again = workspace.import_export("braze", [export])
    assert again.tables == {
        table: TableCounts(counts.read, 0, counts.read, 0) for table, counts in first.tables.items()
    }
    assert as_json(workspace.snapshot("spring")) == before


def test_what_both_ways_of_exporting_tell_counts_once(tmp_path: Path) -> None:
    workspace, _ = _imported(tmp_path, _storage(tmp_path / "export"))
    before = as_json(workspace.snapshot("spring"))
    again = workspace.import_export("braze", [_http(tmp_path / "http")])
    assert again.tables["deliveries"] == TableCounts(13, 0, 13, 0)
    assert again.tables["events"] == TableCounts(5, 0, 5, 0)
    assert as_json(workspace.snapshot("spring")) == before


def test_events_that_were_delivered_twice_count_once(tmp_path: Path) -> None:
    export = tmp_path / "export"
    currents(export, SEND, [message(1, "ann"), message(1, "ann"), message(2, "bob")])
    currents(export, SEND, [message(2, "bob"), message(3, "cat")], hour="2026-04-01-13")
    _, summary = _imported(tmp_path, export)
    assert summary.tables["deliveries"] == TableCounts(5, 3, 2, 0)


def test_a_damaged_file_leaves_the_workspace_as_it_was(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path)
    before = workspace.fingerprint
    export = _storage(tmp_path / "export")
    damaged = currents(export, SEND, [message(90, "zoe")], hour="2026-04-02-12")
    damaged.write_bytes(damaged.read_bytes()[:-10])
    with pytest.raises(UnreadableInputError, match=r"date=2026-04-02-12\S+\.avro: is damaged"):
        workspace.import_export("braze", [export])
    assert workspace.fingerprint == before


def test_a_bad_row_is_kept_aside_without_stopping_the_import(tmp_path: Path) -> None:
    export = tmp_path / "export"
    currents(export, CUSTOM_EVENT, [happened(1, "ann", name="Seen"), happened(2, "ann@shop", properties="{}")])
    workspace, summary = _imported(tmp_path, export)
    assert summary.tables["events"] == TableCounts(2, 1, 0, 1)
    (kept,) = (workspace.directory / "rejected").glob("events-*.jsonl")
    line = json.loads(kept.read_text())
    assert (line["row"], line["reason"]) == (2, "event_name is missing")
    assert "ann@shop" in json.loads(line["raw"])["user_id"]


def test_the_command_says_what_became_of_every_event(run: Run, tmp_path: Path) -> None:
    into = _workspace(tmp_path).directory
    export = _storage(tmp_path / "export")
    code, out, err = run("import", "braze", export, "-w", into)
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[:2] == [["Imported"], ["Table", "Read", "Accepted", "Duplicates", "Rejected"]]
    assert lines[3:6] == [
        ["deliveries", "13", "13", "0", "0"],
        ["events", "5", "5", "0", "0"],
        ["identities", "1", "1", "0", "0"],
    ]
    assert f"left out: {ABORT} (quiet hours): 1" in out
    code, out, err = run("import", "braze", export, "-w", into, "--json", "--strict")
    assert (code, json.loads(out)["tables"]["events"]["duplicates"]) == (0, 5)


def test_the_command_skips_folders_of_other_days(run: Run, tmp_path: Path) -> None:
    into = _workspace(tmp_path).directory
    for day in (1, 9):
        currents(tmp_path / "export", SEND, [message(day, "ann")], hour=f"2026-04-{day:02}-12")
    arguments = ("import", "braze", tmp_path / "export", "-w", into, "--json")
    for options in (("--since", "2026-04-05"), ("--until", "2026-04-05"), ()):
        code, out, _ = run(*arguments, *options)
        assert (code, json.loads(out)["tables"]["deliveries"]["accepted"]) == (0, 1 if options else 0)


def test_one_rejected_row_is_an_error_when_asked_for(run: Run, tmp_path: Path) -> None:
    into = _workspace(tmp_path).directory
    json_lines(tmp_path / "export" / "events.json", ["{"])
    code, _, err = run("import", "braze", tmp_path / "export", "-w", into, "--strict")
    assert (code, err.startswith("1 row rejected; the reasons are in ")) == (1, True)


@pytest.mark.parametrize(
    "options", [(), ("--since", "yesterday"), ("--until", "0001-01-01"), ("--since", "2026-05-01")]
)
def test_wrong_use_is_one_line(run: Run, options: tuple[str, ...], tmp_path: Path) -> None:
    into = _workspace(tmp_path).directory
    export = tmp_path / "export"
    export.mkdir()
    if options:
        currents(export, SEND, [message(1, "ann")])
    code, out, err = run("import", "braze", export, "-w", into, *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: ")


def test_the_example_of_the_documentation_prints_what_it_says(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine: the example is a bash script")
    page = (ROOT / "docs" / "importing-braze.md").read_text(encoding="utf-8")
    script, printed = (
        re.findall(rf"^```{kind}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[0] for kind in ("bash", "text")
    )
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # The working directory is another one, where a relative path to the tested code would lead nowhere.
    environment = {**os.environ, "PATH": scripts, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [bash, "-euc", script], cwd=tmp_path, env=environment, capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(printed)
    performance = as_json(Workspace(tmp_path / "own").snapshot("spring-sale"))["performance"]
    assert [performance[name]["total"] for name in ("attempted", "sent", "failed")] == [3, 2, 1]
    assert (performance["converted_users"], performance["revenue"]) == (1, "19.99")
