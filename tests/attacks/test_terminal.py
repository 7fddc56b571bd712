"""What a hostile definition does to a terminal, a title, a file that a person names: nothing."""

import json
import os
import threading
from pathlib import Path

import pytest

from analytics_core.cli.streams import complain, say, say_json, tell
from analytics_core.views.forms.texts import escape_hidden, printable
from commands import Run

SEQUENCE = "Sale\x1b]0;PWN\x07\x1b[2K\rAttempted 999,999\x1b[8m\x9b31m\u202egnp\u200b\u2066\ufeff"
OBEYED = ("\x1b", "\x07", "\r", "\x9b", "\u202e", "\u200b", "\u2066", "\ufeff")
HEADING = "campaign_id,instance_id,user_id,occurred_at,outcome,request_id,response_code\n"


def exported(folder: Path, **changed: object) -> Path:
    """An export of one campaign with one delivery."""
    folder.mkdir()
    goal = {"goal_id": "g", "name": "G", "event_name": "buy"}
    campaign = {"campaign_id": "c", "name": "n", "delivery_type": "one_time", "goals": [goal], **changed}
    (folder / "campaigns.json").write_text(json.dumps([campaign]))
    row = "c,i,=1+1,2026-02-01T00:00:00Z,requested,r1,200\n"
    (folder / "deliveries.csv").write_text(HEADING + row)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, run: Run) -> Path:
    goal = {
        "goal_id": "g",
        "name": SEQUENCE,
        "event_name": SEQUENCE,
        "revenue": {"attribute": "v", "currency": SEQUENCE},
    }
    place = tmp_path / "w"
    assert run("init", place)[0] == 0
    assert run("import", "canonical", exported(tmp_path / "x", name=SEQUENCE, goals=[goal]), "-w", place)[0] == 0
    return place


@pytest.mark.parametrize(
    "command",
    [
        ("campaigns",),
        ("campaigns", "--json"),
        ("metrics", "c"),
        ("metrics", "c", "--json"),
        ("explain", "c", "conversion_events"),
        ("explain", "c", "conversion_events", "--json"),
        ("explain", "c", "conversion_events", "--user", "=1+1"),
        ("explain", "c", f"{SEQUENCE}"),
        ("metrics", SEQUENCE),
    ],
)
def test_no_sign_that_a_terminal_obeys_reaches_it(workspace: Path, run: Run, command: tuple[str, ...]) -> None:
    _, out, error = run(*command, "-w", workspace)
    assert [sign for sign in OBEYED if sign in out + error] == []


def test_what_is_said_is_printable(capsys: pytest.CaptureFixture[str]) -> None:
    for speak in (say, tell, complain):
        speak(SEQUENCE)
    said = capsys.readouterr()
    assert [sign for sign in OBEYED if sign in said.out + said.err] == []


def test_a_document_keeps_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": SEQUENCE + "\x7f\U0001f468\u200d\U0001f469\ud83d"}
    say_json(document)
    line = capsys.readouterr().out
    assert json.loads(line) == document
    assert printable(line) == line
    assert escape_hidden('{"a": "b"}') == '{"a": "b"}'


def test_joiners_of_pictures_and_scripts_stay() -> None:
    family, word = "\U0001f468\u200d\U0001f469", "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert printable(f"{family} {word}") == f"{family} {word}"
    assert printable("s\u200dk") == "sk"


def test_a_pipe_that_is_named_for_the_rows_is_written_into(workspace: Path, run: Run, tmp_path: Path) -> None:
    """A device made as a node needs a right that not everybody has; a pipe is as little a regular file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run("explain", "c", "attempted", "--csv", pipe, "-w", workspace)[0] == 0
    reader.join(timeout=60)
    assert pipe.is_fifo()
    assert "'=1+1" in read[0]


def test_a_device_stays_a_device(workspace: Path, run: Run, tmp_path: Path) -> None:
    node = tmp_path / "null"
    try:
        os.mknod(node, 0o666 | 0o020000, os.makedev(1, 3))
        node.open("wb").close()
    except PermissionError:
        pytest.skip("only root may make a device, and only where devices are allowed")
    assert run("explain", "c", "attempted", "--csv", node, "-w", workspace)[0] == 0
    assert node.is_char_device()


def test_behind_a_link_the_file_is_replaced_and_the_link_stays(workspace: Path, run: Run, tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("before")
    link.symlink_to(target)
    assert run("explain", "c", "attempted", "--csv", link, "-w", workspace)[0] == 0
    assert link.is_symlink()
    assert "'=1+1" in target.read_text()
