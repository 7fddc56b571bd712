"""The content preview: the sample filled in, secrets masked, hostile templates harmless."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.domain.campaign import Request
from analytics_core.views.forms.texts import printable
from analytics_core.views.request.allowance import Allowance
from analytics_core.views.request.liquid_preview import PreviewError, fill_in
from analytics_core.views.request.preview import Preview, content_preview
from analytics_core.views.request.secret_shapes import MASK
from views.snapshots import HOSTILE, campaign

SAMPLE = {"user": {"first_name": "Ada", "email": "ada@person.example", "id": "u-4711"}, "event": {"items": [1, 2]}}


def preview(body: str | None = None, **changed: object) -> Preview:
    return content_preview(Request.model_validate({"body": body, "sample": SAMPLE, **changed}))


def test_the_sample_user_is_filled_in_and_every_secret_masked() -> None:
    request = campaign().request
    assert request is not None
    made = content_preview(request)
    assert made.method == "POST"
    assert made.url == f"https://hooks.acme.example/v1/orders?key={MASK}"
    assert made.headers == (("Content-Type", "application/json"), ("X-Api-Key", MASK))
    assert json.loads(str(made.body)) == {"name": "Ada", "email": MASK, "api_key": MASK, "items": 3}
    assert made.reason is None


def test_addresses_ids_and_secrets_of_the_sample_are_masked_whatever_field_shows_them() -> None:
    made = preview("{{ user.first_name }} {{ user.email }} {{ user.id }}", url="https://h.example/{{ user.id }}")
    assert made.body == f"Ada {MASK} {MASK}"
    assert made.url == f"https://h.example/{MASK}"


def test_what_only_becomes_a_secret_by_filling_in_is_masked_too() -> None:
    made = preview(
        '{"to{{ empty }}ken": "hunter2", "a": "sk_{{ part }}"}', sample={"empty": "", "part": "live_1234567890"}
    )
    assert json.loads(str(made.body)) == {"token": MASK, "a": MASK}


def test_loops_conditions_and_filters_are_filled_in() -> None:
    loop = "{% for item in event.items %}{{ item | plus: 1 }},{% endfor %}"
    assert preview(loop + "{% if user.first_name %}{{ 'x' | upcase }}{% endif %}").body == "2,3,X"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{{ user.nickname }}", "user.nickname is undefined"),
        ("{{ user.first_name", "expected '}}'"),
        ("{{#if user}}", "unexpected '#'"),
        ("{% include 'x' %}", "unexpected tag 'include'"),
        ("{% render 'x' %}", "unexpected tag 'render'"),
        ("{{ 1 | nonsense }}", "unknown filter 'nonsense'"),
        ("{{ 1 | divided_by: 0 }}", "divided_by: can't divide by 0"),
        ("{{ now }}", "'now' is undefined"),
        ("{{ today }}", "'today' is undefined"),
        ("{{ 'now' | date: '%Y' }}", "dates depend on the moment of sending"),
        ("{{ user.__class__ }}", "user.__class__ is undefined"),
        ("{% for i in (1..1000000000) reversed %}{% endfor %}", "number ranges are not filled in"),
        ("{{ (1..1000000000) | join }}", "number ranges are not filled in"),
        ("{{ 9 | times: 999999999999999 | times: 9 }}", "beyond a limit of the preview: size"),
        ("x" * 20_001, "the template is too long for a preview"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_shown_as_written_with_the_reason(body: str, reason: str) -> None:
    made = preview(body)
    assert made.reason is not None
    assert made.reason.startswith(reason)
    assert str(made.body)[:12] == body[:12]


def test_an_unfilled_template_is_masked_as_well() -> None:
    made = preview('{{ user.nickname }} "api_key": "hunter2" ada@person.example')
    assert "hunter2" not in str(made.body)
    assert "ada@" not in str(made.body)


def test_a_reason_never_tells_a_secret() -> None:
    made = preview("{{ sk_live_1234567890abcdef }}")
    assert "sk_live" not in str(made.reason)
    assert made.body == f"{{{{ {MASK} }}}}"


@pytest.mark.parametrize(
    "body",
    [
        "{% for a in l %}{% for b in l %}{% for c in l %}{% assign x = a %}{% endfor %}{% endfor %}{% endfor %}",
        "{% assign s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' %}"
        + "{% assign s = s | replace: 'a', s | replace: 'a', s %}" * 20,
        "{% assign s = 'ab' %}" + "{% assign s = s | append: s %}" * 60,
        "{% for a in l %}" + "{{ l }}" * 500 + "{% endfor %}",
        "{% if true %}" * 2000,
        "{{ l | join: ',' | split: '' | join: l }}",
    ],
)
def test_what_would_take_long_or_much_is_refused(body: str) -> None:
    with pytest.raises(PreviewError):
        fill_in(body, {"l": [str(number) for number in range(100)]})


def test_a_template_that_only_counts_runs_out_of_time() -> None:
    with pytest.raises(PreviewError, match="limit of the preview: time"):
        fill_in("{% assign x = 1 %}", {}, Allowance(seconds=0.0))


def test_headers_off_the_list_are_not_even_filled_in() -> None:
    made = preview("x", headers={"X-Api-Key": "{{ broken", "Accept": "text/{{ user.first_name }}"})
    assert made.headers == (("X-Api-Key", MASK), ("Accept", "text/Ada"))
    assert made.reason is None


def test_a_request_without_a_body_has_none() -> None:
    made = preview(None)
    assert (made.body, made.reason, made.url, made.headers) == (None, None, "", ())


def test_a_long_body_is_cut_after_masking() -> None:
    made = str(preview("word " * 3000 + "sk_live_1234567890").body)
    assert len(made) == 10_001
    assert made.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert len(str(preview("x", url="https://h.example/" + "a/" * 5000).url)) == 2001


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_requests_make_a_preview(text: str) -> None:
    made = preview(text, method=text, url=text, headers={"accept": text}, sample={"user": {text: text}})
    assert made.method == printable(made.method)
    assert len(made.method) <= 41


@given(st.text())
def test_any_template_makes_a_preview(text: str) -> None:
    assert preview(text, url=text).body is not None
