"""Whatever is done with campaigns whose requests are full of secrets, none is seen.

Not in a command's answer, a report, the explorer, an error, a log, a file beside the book.
"""

import html
import json
import logging
import random
import re
import stat
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from analytics_core.campaigns.editing import apply_patch, read_definition_document
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.definition.editable import mask_document, unmask_document
from analytics_core.views.page.html import ReportContext, report_sections
from analytics_core.views.request.preview import content_preview
from analytics_core.workspace import Workspace, create_workspace, open_workspace
from attacks.canaries import BODIES, Planter, forms_of, plant_definition, plant_request
from commands import Run

LEE = "lee@acme.example"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()
STATES: tuple[dict[str, object], ...] = (
    {
        "delivery_type": "one_time",
        "status": "draft",
        "schedule": {"starts_at": LATER},
        "approval": {"required": True, "approvers": [LEE]},
    },
    {"status": "active"},
    {"status": "paused"},
    {"status": "under_review", "approval": {"required": True, "approvers": [LEE]}},
    {"status": "sending"},
    {"delivery_type": "event_triggered", "status": "draft"},
)
EDITS = 6
PLACES = 25
"""At least so many kinds of places hold a canary."""


SEPARATORS = r"\s\"'<>&=;,:/()\[\]{}|\\"
TOKEN = re.compile(rf"[^{SEPARATORS}]{{6,}}")
BEGIN = 6
"""Characters by which a canary is found in the first place."""


class Told:
    """Everything that was told, and by what; `find` looks for canaries in it, decoded in every way a reader might."""

    def __init__(self) -> None:
        self._tokens: dict[str, object] = {}

    def add(self, by: object, text: str) -> None:
        for reading in readings(text):
            for token in TOKEN.findall(reading):
                self._tokens.setdefault(token, by)

    def find(self, canaries: Iterable[str]) -> list[tuple[object, str]]:
        sought: dict[str, set[str]] = {}
        for form in (form for canary in canaries for form in forms_of(canary)):
            longest = max(TOKEN.findall(form), key=len, default="")
            sought.setdefault(longest[:BEGIN], set()).add(longest)
        return [(by, token) for token, by in self._tokens.items() if _holds(token, sought)]


def _holds(token: str, sought: Mapping[str, set[str]]) -> bool:
    for place in range(len(token) - BEGIN + 1):
        found = sought.get(token[place : place + BEGIN])
        if found and any(token.startswith(form, place) for form in found):
            return True
    return False


def readings(text: str) -> Iterator[str]:
    """A text as it is, and as whoever decodes or joins its lines reads it."""
    yield text
    yield unquote(html.unescape(text))
    yield re.sub(r"\s+", "", text)


def define(planter: Planter, number: int) -> list[dict[str, object]]:
    return [plant_definition(planter, f"c{place}", **STATES[place % len(STATES)]) for place in range(number)]


def export(directory: Path, planter: Planter, definitions: list[dict[str, object]]) -> Path:
    """An export of campaigns, with rows whose endpoints and answers hold canaries too."""
    directory.mkdir()
    (directory / "campaigns.json").write_text(json.dumps(definitions), encoding="utf-8")
    outcomes = [{"outcome": "requested", "response_code": 500}, {"outcome": "personalization_failed"}]
    rows = [
        {
            "campaign_id": f"c{place % 3}",
            "instance_id": "1",
            "user_id": f"u{place}",
            "occurred_at": "2026-04-01T10:00:00Z",
            "request_id": f"r{place}",
            "endpoint": f"https://ada:{planter.word('user of a row')}@x.example/?key={planter.word('query of a row')}",
            "error_text": f"401: token={planter.word('answer of a row')} {planter.shaped('answer of a row')}",
            **outcomes[place % 2],
        }
        for place in range(12)
    ]
    (directory / "deliveries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return directory


def bad_definitions(planter: Planter) -> list[dict[str, object]]:
    """Definitions that are refused, with canaries where the error is."""
    word, shaped = planter.word, planter.shaped
    one = plant_definition(planter, "bad")
    return [
        {**one, "request": {"headers": {f"X-{shaped('name of a header')}": {"a": word("faulty header")}}}},
        {**one, "request": {"headers": {"Authorization": [word("faulty header")]}, "body": {"a": word("faulty body")}}},
        {**one, "request": word("faulty request")},
        {**one, "delivery_type": shaped("faulty field")},
        {**one, "schedule": {"starts_at": word("faulty time")}},
        {
            **one,
            "goals": [{"goal_id": "g", "name": "G", "event_name": "", "filters": [{"op": shaped("faulty field")}]}],
        },
        {
            **one,
            "campaign_id": "fine",
            "request": {**plant_request(planter), shaped("unknown key"): word("unknown key")},
        },
    ]


def patches(planter: Planter) -> Iterator[tuple[str, ...]]:
    """Edits that hold canaries; the first are fine, the others are refused."""
    word, shaped = planter.word, planter.shaped
    yield (
        "--patch",
        json.dumps({"request": {"headers": {"X-Api-Key": word("patch")}, "body": f"token={word('patch')}"}}),
    )
    yield "--patch", json.dumps({"request": plant_request(planter)})
    yield "--field", f"request.url=https://ada:{word('field')}@x.example/hooks/{word('field')}?k={word('field')}"
    yield "--field", f"request.headers.Authorization=Bearer {word('field')}"
    yield "--field", f"request.url=ftp://{word('refused field')}@x"
    yield "--field", f"request.headers={word('refused field')}"
    yield "--field", f"delivery_type={shaped('refused field')}"
    yield "--field", f"schedule.starts_at={shaped('refused field')}"
    yield "--field", f"schedule.starts_at=2026-12-01 09:00 {shaped('refused zone')}"
    yield "--field", f"{shaped('refused name')}=1"
    yield "--field", shaped("refused text")
    yield "--field", f"request.{shaped('refused name')}=1"
    yield "--patch", json.dumps({"request": {"sample": word("refused patch")}})
    yield "--patch", json.dumps({"request": {"headers": {shaped("refused patch"): {"a": word("refused patch")}}}})
    yield "--patch", json.dumps({shaped("refused patch"): word("refused patch")})
    yield "--patch", f'{{"request": "{shaped("refused patch")}'
    yield "--patch", f"@{shaped('refused file')}"
    yield "--field", "team=x", "--definition", shaped("refused hash")


class Story:
    """What people do with the campaigns of a workspace; all that is told of it is kept."""

    def __init__(self, run: Run, planter: Planter, workspace: Path, told: Told) -> None:
        self._run, self._planter, self._workspace, self._told = run, planter, workspace, told

    def do(self, *arguments: object) -> int:
        code, out, err = self._run(*arguments, "-w", self._workspace)
        self._told.add(arguments, out + err)
        assert "error: unexpected" not in err, arguments
        return code

    def act(self, campaign_id: str) -> None:
        """Every action on a campaign, whether it can be taken or not."""
        for action in ("submit", "approve", "reject", "withdraw", "submit", "approve", "stop", "pause", "resume"):
            said = f"Go {self._planter.shaped('comment')}" if action in {"approve", "reject"} else None
            self.do("campaign", action, campaign_id, "--as", LEE, *(("--comment", said) if said else ()))

    def edit(self, campaign_id: str, editors: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        """Some edits, most of them refused, and every editor."""
        for patch in self._planter.rng.sample([*patches(self._planter)], EDITS):
            self.do("campaign", "edit", campaign_id, "--as", LEE, *patch)
        for editor in editors:
            monkeypatch.setenv("EDITOR", str(editor))
            self.do("campaign", "edit", campaign_id, "--as", LEE, "--yes")

    def look(self, campaign_id: str) -> None:
        """Everything that shows one campaign."""
        for command in ("show", "history"):
            assert self.do("campaign", command, campaign_id) == 0
            assert self.do("campaign", command, campaign_id, "--json") == 0

    def look_at_all(self, reports: Path) -> None:
        """Everything that shows a workspace, or a campaign's numbers."""
        for command in ("campaigns", "imports", "doctor"):
            assert self.do(command) == 0
        assert self.do("metrics", "--all") == 0
        for metric in ("attempted", "failed", "conversion_events"):
            assert self.do("explain", "c0", metric, "--rows", 5) == 0
        assert self.do("report", "c0", "c1", "--output", reports) == 0
        assert self.do("doctor", "--report", reports / "c0.html") == 0


@pytest.fixture
def editors(tmp_path: Path) -> tuple[Path, ...]:
    """Editors that keep what they saw: one changes the name, one a masked value, one leaves half of it."""
    scripts = ("s/Sale /Summer sale /", "s/hooks/other/;s/Ada/Bo/", "/headers/,$d")
    made = []
    for number, script in enumerate(scripts):
        file = tmp_path / f"editor{number}.sh"
        file.write_text(f'#!/bin/sh\ncat "$1" >> {tmp_path}/seen\nsed -i \'{script}\' "$1"\n')
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        made.append(file)
    return tuple(made)


def errors_of(actions: Iterator[Callable[[], object]]) -> Iterator[str]:
    """What a person sees of an error in a notebook: all of it, with what it came from."""
    for act in actions:
        try:
            act()
        except AnalyticsError as error:
            yield "".join(traceback.format_exception(error))


def faults(campaign: Campaign, planter: Planter) -> Iterator[Callable[[], object]]:
    """What goes wrong in Python."""
    document = campaign.model_dump(mode="json")
    masked = mask_document(document)
    changed = {**masked, "request": {**masked["request"], "url": masked["request"]["url"] + "x"}}
    yield lambda: unmask_document(changed, document)
    yield lambda: unmask_document({**masked, "name": "x", "team": masked["request"]["headers"]}, document)
    yield lambda: read_definition_document({**document, "request": planter.word("faulty request")})
    for patch in patches(planter):
        if patch[0] == "--patch" and patch[1].endswith("}"):
            yield lambda patch=patch: apply_patch(campaign, json.loads(patch[1]))


def written(directory: Path) -> Iterator[tuple[Path, str]]:
    """The files that a test left, but the campaign book and the rejected rows, which hold what they were given."""
    for path in directory.rglob("*"):
        raw = path.name.startswith("campaigns.db") or "rejected" in path.parts
        if path.is_file() and not raw and "export" not in path.parts[-2]:
            yield path, path.read_bytes().decode("latin-1")


def look_in_python(workspace: Path, told: Told) -> None:
    """Reports' sections, previews, and what a notebook writes of an object that is a cell's last line."""
    opened = open_workspace(workspace)
    for campaign in opened.campaigns():
        told.add("preview", repr(content_preview(campaign.request)))  # type: ignore[arg-type] - every one has one
        told.add("repr", repr(campaign.request))
        sections = report_sections(
            opened.snapshot(campaign.campaign_id), campaign, ReportContext(app_name="App", charts=False)
        )
        told.add("report", "".join(map(str, sections)))


def look_in_explorer(workspace: Path, told: Told) -> None:
    """The state of every widget, for every campaign that is chosen."""
    pytest.importorskip("ipywidgets", reason="the explorer needs the extra")
    from analytics_core.widgets import Explorer  # noqa: PLC0415 - it needs the extra
    from widgets.reading import _all, offered, pick  # noqa: PLC0415 - as above

    explorer = Explorer(Workspace(workspace))
    for campaign_id in offered(explorer):
        pick(explorer, campaign_id)
        told.add("explorer", repr([part.get_state() for part in _all(explorer.box)]))


@pytest.mark.parametrize("number", [2, pytest.param(25, marks=pytest.mark.long)])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 20))])
def test_nothing_that_is_done_with_campaigns_shows_a_secret(  # noqa: PLR0913, PLR0917 - one argument per fixture
    run: Run,
    tmp_path: Path,
    editors: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    seed: int,
) -> None:
    """In the long form five hundred campaigns, some dozens of edits each."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    caplog.set_level(logging.DEBUG)
    planter, told = Planter(random.Random(seed)), Told()
    workspace = create_workspace(tmp_path / "workspace").directory
    story = Story(run, planter, workspace, told)
    definitions = define(planter, number)
    assert story.do("import", "canonical", export(tmp_path / "export", planter, definitions)) == 0
    for definition in definitions:
        campaign_id = str(definition["campaign_id"])
        story.look(campaign_id)
        story.edit(campaign_id, editors, monkeypatch)
        assert story.do("campaign", "duplicate", campaign_id, "--as", f"mia {planter.shaped('user')}", "--no-edit") == 0
        story.act(campaign_id)
        story.look(f"{campaign_id}-copy")
        story.look(campaign_id)
    story.do("import", "canonical", export(tmp_path / "export2", planter, bad_definitions(planter)), "--again")
    story.do("import", "canonical", tmp_path / "export", "--again")
    story.look_at_all(tmp_path / "reports")
    look_in_python(workspace, told)
    look_in_explorer(workspace, told)
    for error in errors_of(faults(open_workspace(workspace).campaign("c0"), planter)):
        told.add("error", error)
    told.add("log", caplog.text)
    of_rows = {place for place in planter.planted if "of a row" in place}
    for path, text in written(tmp_path):
        if "tables" not in path.parts:
            told.add(path, text)
    assert len(planter.planted.keys() - of_rows) >= PLACES
    assert told.find(planter.canaries) == []


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("number", [10, pytest.param(60, marks=pytest.mark.long)])
def test_no_body_of_any_kind_shows_a_secret(kind: str, number: int) -> None:
    for seed in range(number):
        planter, told = Planter(random.Random(f"{kind} {seed}")), Told()
        campaign = Campaign.model_validate(plant_definition(planter, "c", request=plant_request(planter, kind)))
        assert campaign.request is not None
        told.add("preview", repr(content_preview(campaign.request)))
        told.add("editor", json.dumps(mask_document(campaign.model_dump(mode="json")), ensure_ascii=False))
        assert told.find(planter.canaries) == []


def test_a_canary_is_found_however_it_is_written() -> None:
    """The net itself: what it is to find, it finds."""
    word = Planter(random.Random(1)).word("x")
    for form in forms_of(word):
        told = Told()
        told.add("x", f"before {form} after")
        assert told.find((word,))
    told = Told()
    told.add("x", "&#" + f"{ord(word[0])};" + word[1:])
    assert told.find((word,))
    assert not told.find(("another",))
