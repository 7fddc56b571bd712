"""What a template tries, it tries in vain: in under two seconds, the reason in its place, and nothing is opened."""

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analytics_core.domain.campaign import Request
from analytics_core.views.request.preview import Field, Preview, content_preview
from analytics_core.workspace import create_workspace
from attacks.templates import TEMPLATES
from commands import Run

SECONDS = 2.0
"""Of the processor: what other programs take of it is no matter of ours."""
_OPENS = re.compile(r"open (?!\(\d)")
"""A file by its name; by its number only what is open already is opened."""
REACHING = ("open", "import", "os.", "shutil.", "socket.", "subprocess.", "exec", "compile", "ctypes.")
SECRET = "hidden-in-an-object"  # noqa: S105 - a canary
_seen: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and event.startswith(REACHING):
        _seen.append(f"{event} {arguments!r:.200}")


# Such a hook stays for as long as the process; it does nothing while nobody looks.
sys.addaudithook(_watch)


@contextmanager
def reaching() -> Iterator[list[str]]:
    """Whatever is opened, imported, started or run meanwhile."""
    global _seen  # noqa: PLW0603 - a hook has no other place to write to
    _seen = found = []
    try:
        yield found
    finally:
        _seen = None


class Odd:
    """An object as no JSON has one."""

    secret = SECRET

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, name: object) -> str:
        self.asked.append(str(name))
        return SECRET

    def __str__(self) -> str:
        self.asked.append("str")
        return SECRET

    def __liquid__(self) -> str:
        self.asked.append("liquid")
        return SECRET

    def __html__(self) -> str:
        self.asked.append("html")
        return SECRET


class Watched(dict[str, object]):
    """A mapping with an attribute beside its items."""

    hidden = SECRET


def sample() -> dict[str, Any]:
    return {
        "user": {
            "first_name": "Ada",
            "orders": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}],
            "many": list(range(900)),
            "long": "word " * 2000,
            "markup": "<script" * 200 + "&amp;" * 100,
            "said": "{{ user.first_name }}{% include 'x' %}",
        },
    }


def request_of(template: str, values: dict[str, Any] | None = None) -> Request:
    headers = {f"X-{number}": template for number in range(20)}
    return Request.model_validate(
        {
            "method": template[:200],
            "url": f"https://x.test/{template}",
            "headers": {**headers, "Accept": template, template[:200]: "x"},
            "body": template,
            "sample": {**sample(), **(values or {}), "template": template},
        }
    )


def fields(preview: Preview) -> tuple[Field, ...]:
    return (preview.url, *preview.headers, *([preview.body] if preview.body else []))


@pytest.fixture(scope="module", autouse=True)
def _everything_is_loaded() -> None:
    """What is imported or read for the first time is no matter of a template's."""
    for template in ("{{ user.first_name | upcase }}", "{{ nothing }}", "{{ 'a' | date: 'b' }}", "{% if %}"):
        content_preview(request_of(template))


def test_there_are_enough_of_them() -> None:
    assert len(TEMPLATES) >= 40


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_reaches_nothing_and_is_answered_in_time(name: str) -> None:
    odd = Odd()
    request = request_of(TEMPLATES[name], {"odd": odd, "watched": Watched(a=1)})
    before = time.thread_time()
    with reaching() as reached:
        preview = content_preview(request)
    assert time.thread_time() - before < SECONDS
    assert reached == []
    assert odd.asked == []
    assert SECRET not in repr(preview)
    assert "root:" not in repr(preview)
    for field in fields(preview):
        # Either it is filled in, or it says why not; never neither, and never a traceback.
        assert field.value is not None
        assert "Traceback" not in (field.reason or "")
        assert len(field.reason or "") <= 200


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a file is included", "unexpected tag 'include'"),
        ("a file is rendered", "unexpected tag 'render'"),
        ("a template is extended", "unexpected tag 'extends'"),
        ("loops in loops", "beyond a limit of the preview"),
        ("a text that doubles", "beyond a limit of the preview"),
        ("the moment", "dates depend on the moment of sending"),
    ],
)
def test_what_is_refused_says_so_in_its_place(name: str, reason: str) -> None:
    body = content_preview(request_of(TEMPLATES[name])).body
    assert body is not None
    assert reason in str(body.reason)
    assert body.value


@pytest.mark.parametrize("name", ["a class", "a method", "subclasses", "globals", "a mapping that is watched"])
def test_an_attribute_of_an_object_is_one_that_the_sample_lacks(name: str) -> None:
    body = content_preview(request_of(TEMPLATES[name], {"watched": Watched(a=1)})).body
    assert body is not None
    assert body.missing or "expected" in str(body.reason)


def test_a_sample_is_not_a_template() -> None:
    body = content_preview(request_of("{{ user.said }}{{ template }}")).body
    assert body is not None
    assert body.value == "{{ user.first_name }}{% include 'x' %}{{ user.said }}{{ template }}"


@pytest.mark.parametrize("key", ["self", "args", "kwargs", "template", "environment", "__class__", "a b", ""])
def test_a_sample_may_call_its_values_what_it_likes(key: str) -> None:
    body = content_preview(Request(body="{{ user }}", sample={"user": "Ada", key: "x"})).body
    assert body is not None
    assert (body.value, body.reason) == ("Ada", None)


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
def test_a_campaign_is_shown_in_time_on_the_terminal(run: Run, tmp_path: Path, every: int) -> None:
    goal = {"goal_id": "g", "name": "G", "event_name": "Order"}
    definitions = [
        {
            "campaign_id": f"c{number}",
            "name": name,
            "delivery_type": "periodic",
            "goals": [goal],
            "request": request_of(template.replace("\ud83d", "")).model_dump(mode="json"),
        }
        for number, (name, template) in enumerate([*TEMPLATES.items()][::every])
    ]
    export, workspace = tmp_path / "export", create_workspace(tmp_path / "workspace").directory
    export.mkdir()
    (export / "campaigns.json").write_text(json.dumps(definitions), encoding="utf-8")
    assert run("import", "canonical", export, "-w", workspace)[0] == 0
    own = (str(tmp_path), sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]))
    for number in range(len(definitions)):
        before = time.thread_time()
        with reaching() as reached:
            code, out, _ = run("campaign", "show", f"c{number}", "-w", workspace)
        assert time.thread_time() - before < SECONDS
        assert code == 0
        assert "Content preview" in out
        assert [one for one in reached if _OPENS.match(one) and not any(place in one for place in own)] == []
        assert not [one for one in reached if one.startswith(("subprocess.", "socket.", "os.system"))]
