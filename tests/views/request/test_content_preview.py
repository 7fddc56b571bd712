"""The content preview: the sample filled in, secrets masked, hostile templates harmless."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.domain.campaign import Request
from analytics_core.views.forms.texts import printable
from analytics_core.views.request.allowance import Allowance
from analytics_core.views.request.liquid_preview import PreviewError, fill_in
from analytics_core.views.request.preview import Field, Preview, content_preview
from analytics_core.views.request.secret_shapes import MASK
from views.snapshots import HOSTILE, campaign

SAMPLE = {"user": {"first_name": "Ada", "email": "ada@person.example", "id": "u-4711"}, "event": {"items": [1, 2]}}


def preview(body: str | None = None, **changed: object) -> Preview:
    return content_preview(Request.model_validate({"body": body, "sample": SAMPLE, **changed}))


def body_of(made: Preview) -> str:
    assert made.body is not None
    return made.body.value


def lacks(field: Field | None) -> list[tuple[str, str]]:
    assert field is not None
    return [(one.name, one.category_label) for one in field.missing]


def test_the_sample_user_is_filled_in_and_every_secret_masked() -> None:
    request = campaign().request
    assert request is not None
    made = content_preview(request)
    assert made.method == "POST"
    assert made.url.value == f"https://hooks.acme.example/v1/orders?key={MASK}"
    assert made.headers == (Field("Content-Type", "application/json"), Field("X-Api-Key", MASK))
    assert json.loads(body_of(made)) == {"name": "Ada", "email": MASK, "api_key": MASK, "items": 3}
    assert made.reason is None
    assert not [one for one in (made.url, made.body, *made.headers) if one and (one.missing or one.reason)]


def test_addresses_ids_and_secrets_of_the_sample_are_masked_whatever_field_shows_them() -> None:
    made = preview("{{ user.first_name }} {{ user.email }} {{ user.id }}", url="https://h.example/{{ user.id }}")
    assert body_of(made) == f"Ada {MASK} {MASK}"
    assert made.url.value == f"https://h.example/{MASK}"


def test_what_only_becomes_a_secret_by_filling_in_is_masked_too() -> None:
    made = preview(
        '{"to{{ empty }}ken": "hunter2", "a": "sk_{{ part }}"}', sample={"empty": "", "part": "live_1234567890"}
    )
    assert json.loads(body_of(made)) == {"token": MASK, "a": MASK}


def test_loops_conditions_and_filters_are_filled_in() -> None:
    loop = "{% for item in event.items %}{{ item | plus: 1 }},{% endfor %}"
    assert body_of(preview(loop + "{% if user.first_name %}{{ 'x' | upcase }}{% endif %}")) == "2,3,X"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{{ user.first_name", "expected '}}'"),
        ("{{#if user}}", "unexpected '#'"),
        ("{% include 'x' %}", "unexpected tag 'include'"),
        ("{% render 'x' %}", "unexpected tag 'render'"),
        ("{{ 1 | nonsense }}", "unknown filter 'nonsense'"),
        ("{{ 1 | divided_by: 0 }}", "divided_by: can't divide by 0"),
        ("{{ 'now' | date: '%Y' }}", "dates depend on the moment of sending"),
        ("{% for i in (1..1000000000) reversed %}{% endfor %}", "number ranges are not filled in"),
        ("{{ (1..1000000000) | join }}", "number ranges are not filled in"),
        ("{{ 9 | times: 999999999999999 | times: 9 }}", "beyond a limit of the preview: size"),
        ("x" * 20_001, "the template is too long for a preview"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_shown_as_written_with_the_reason(body: str, reason: str) -> None:
    made = preview(body)
    assert made.body is not None
    assert str(made.body.reason).startswith(reason)
    assert made.body.value[:12] == body[:12]
    assert not made.body.missing


def test_every_attribute_that_is_missing_is_named_beside_its_field_with_its_category() -> None:
    made = preview(
        "{{ user.nickname }} {{ event.price | times: 2 }} {{ user.nickname }}"
        " {{ campaign.coupon.code }} {{ product.image }}",
        url="https://h.example/{{ event.shop }}?a={{ user.tier }}",
        headers={"Accept": "{{ campaign.language }}", "Content-Type": "text/{{ user.first_name }}"},
    )
    assert lacks(made.body) == [
        ("user.nickname", "User attribute"),
        ("event.price", "Event attribute"),
        ("campaign.coupon.code", "Campaign attribute"),
        ("product.image", "Undefined"),
    ]
    assert lacks(made.url) == [("event.shop", "Event attribute"), ("user.tier", "User attribute")]
    assert [lacks(one) for one in made.headers] == [[("campaign.language", "Campaign attribute")], []]
    assert body_of(made).startswith("{{ user.nickname }}")
    assert made.headers[1].value == "text/Ada"


@pytest.mark.parametrize(
    ("body", "name", "category"),
    [
        ("{{ UserAttribute['First Name'] }}", "UserAttribute['First Name']", "User attribute"),
        ("{{ event_attributes.price }}", "event_attributes.price", "Event attribute"),
        ("{{ user.address.city.zone }}", "user.address.city.zone", "User attribute"),
        ("{{ event.items[7] }}", "event.items[7]", "Event attribute"),
        ("{{ event.items.first.name }}", "event.items.first.name", "Event attribute"),
        ("{{ now }}", "now", "Undefined"),
        ("{{ user.__class__ }}", "user.__class__", "User attribute"),
        ("{% if user.tier == 'gold' %}x{% endif %}", "user.tier", "User attribute"),
        ("{% for one in user.orders %}{{ one }}{% endfor %}", "user.orders", "User attribute"),
        ("{% assign a = user.tier %}{{ a | upcase }}", "user.tier", "User attribute"),
        ("{{ 'a' | append: user.tier }}", "user.tier", "User attribute"),
        ("{{ user.count | divided_by: 0 }}", "user.count", "User attribute"),
    ],
)
def test_an_attribute_is_missing_by_its_whole_path(body: str, name: str, category: str) -> None:
    assert lacks(preview(body).body) == [(name, category)]


def test_without_a_sample_everything_is_missing() -> None:
    assert lacks(preview("{{ user.first_name }}{{ event.a }}", sample={}).body) == [
        ("user.first_name", "User attribute"),
        ("event.a", "Event attribute"),
    ]


def test_a_default_stands_in_for_what_is_missing() -> None:
    made = preview("{{ user.nickname | default: 'you' }}")
    assert (body_of(made), lacks(made.body)) == ("you", [])
    assert lacks(preview("{{ user.nickname | default: user.alias }}").body) == [("user.alias", "User attribute")]


def test_what_a_masked_header_lacks_is_named_and_nothing_else_of_it() -> None:
    value = "Bearer {{ user.tier }} {{ hunter2 }} {{ swordfish }} s3cret"
    made = preview("x", headers={"Authorization": value, "X-Broken": "{{ broken"})
    assert [one.value for one in made.headers] == [MASK, MASK]
    assert lacks(made.headers[0]) == [("user.tier", "User attribute"), (MASK, "Undefined")]
    assert made.headers[1].reason is None


def test_at_most_twenty_are_named() -> None:
    made = preview("".join(f"{{{{ user.a{number} }}}}" for number in range(50))).body
    assert made is not None
    assert [one.name for one in made.missing] == [f"user.a{number}" for number in range(20)]
    assert made.lacks_more


def test_an_unfilled_template_is_masked_as_well() -> None:
    made = preview('{{ user.nickname }} "api_key": "hunter2" ada@person.example')
    assert "hunter2" not in body_of(made)
    assert "ada@" not in body_of(made)


def test_a_reason_never_tells_a_secret() -> None:
    made = preview("{{ sk_live_1234567890abcdef }}")
    assert lacks(made.body) == [(MASK, "Undefined")]
    assert body_of(made) == f"{{{{ {MASK} }}}}"
    assert "sk_live" not in str(preview("{{ 'x' | sk_live_1234567890abcdef }}").body)


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


def test_headers_off_the_list_show_nothing_of_their_faults() -> None:
    made = preview("x", headers={"X-Api-Key": "{{ broken", "Accept": "text/{{ user.first_name }}"})
    assert made.headers == (Field("X-Api-Key", MASK), Field("Accept", "text/Ada"))


def test_a_request_without_a_body_has_none() -> None:
    made = preview(None)
    assert made == Preview("POST", Field("URL", ""))


def test_a_long_body_is_cut_after_masking() -> None:
    made = body_of(preview("word " * 3000 + "sk_live_1234567890"))
    assert len(made) == 10_001
    assert made.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert len(preview("x", url="https://h.example/" + "a/" * 5000).url.value) == 2001


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_requests_make_a_preview(text: str) -> None:
    made = preview(text, method=text, url=text, headers={"accept": text}, sample={"user": {text: text}})
    assert made.method == printable(made.method)
    assert len(made.method) <= 41


@given(st.text())
def test_any_template_makes_a_preview(text: str) -> None:
    assert preview(text, url=text).body is not None
