"""Nothing secret leaves in a shared file."""

import base64
import json
import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.views.request.addresses import redact_url
from analytics_core.views.request.redaction import redact_body, redact_json, redact_text, visible_headers
from analytics_core.views.request.secret_shapes import MASK, looks_secret, mask_shapes
from analytics_core.views.request.sensitive_names import is_sensitive_name

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nhunter2\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example/v1/orders?key=abc&x=1", f"https://h.example/v1/orders?key={MASK}&x={MASK}"),
        ("https://h.example/p?secretvalue", f"https://h.example/p?{MASK}"),
        ("https://h.example/p?sk_live_1234567890=1;b=2", f"https://h.example/p?{MASK}={MASK}&b={MASK}"),
        ("https://user:pa@ss@h.example/p", "https://h.example/p"),
        ("https://u:p/q@h.example/x", "https://h.example/x"),
        ("https://token@h.example", "https://h.example"),
        ("//u:p@h.example/", "//h.example/"),
        ("user:pw@h.example/path", "h.example/path"),
        ("https:\\\\u:p@h.example/x", "https:\\\\h.example/x"),
        ("https://h.example/p#access_token=1", "https://h.example/p"),
        ("https://h.example/a;jsessionid=abc/b", f"https://h.example/a;{MASK}/b"),
        ("https://h.example/sk%5Flive%5Fabcdef123/send", f"https://h.example/{MASK}/send"),
        ("https://h.example/services/T01/B01/aBcD3fGhIjK1mNoPqRsTuVwX", f"https://h.example/services/T01/B01/{MASK}"),
        (
            "https://hooks.zapier.com/hooks/catch/1234567/o8fpl2q/",
            f"https://hooks.zapier.com/hooks/{MASK}/{MASK}/{MASK}/",
        ),
        ("https://discord.com/api/webhooks/1234/abcd", f"https://discord.com/api/webhooks/{MASK}/{MASK}"),
        ("https://eoa1b2c3d4e5f6.m.pipedream.net/", f"https://{MASK}.m.pipedream.net/"),
        ("https://h.example/ada.lovelace&#64;person.example", f"https://h.example/{MASK}"),
        ("https://hooks.acme.example/v1/orders", "https://hooks.acme.example/v1/orders"),
        ("https://hooks.slack.example/services/T01/B01", f"https://hooks.slack.example/services/{MASK}/{MASK}"),
        ("https://h.example/go/https://u:p@x.example/y", f"https://h.example/go/https://{MASK}/y"),
        ("https://h.example/go/https%3A%2F%2Fu%3Ap%40x", f"https://h.example/go/{MASK}"),
        ("https://h.example/users/@me/send", "https://h.example/users/@me/send"),
        (
            "https://h.example/v1/campaigns/spring-sale-2026/send",
            "https://h.example/v1/campaigns/spring-sale-2026/send",
        ),
        ("https://h.example:8443/{{ event.kind }}/x", "https://h.example:8443/{{ event.kind }}/x"),
        ("http://[::1", "http://[::1"),
        ("", ""),
    ],
)
def test_an_address_keeps_its_place_and_loses_its_secrets(url: str, shown: str) -> None:
    assert redact_url(url) == shown


def test_only_headers_on_the_list_show_their_values() -> None:
    headers = {
        "Content-Type": "application/json",
        "user-agent": "Hooks/1.0 (ops@acme.example)",
        "Authorization": "Bearer abc",
        "X-Campaign": "spring",
        "X-sk_live_1234567890": "1",
    }
    assert visible_headers(headers) == (
        ("Content-Type", "application/json"),
        ("user-agent", f"Hooks/1.0 ({MASK})"),
        ("Authorization", MASK),
        ("X-Campaign", MASK),
        (f"X-{MASK}", MASK),
    )


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "accessToken",
        "refresh-token",
        "API_KEY",
        "apikey",
        "X-Api-Key",
        "clientSecret",
        "user.password",
        "passwd",
        "Authorization",
        "auth",
        "privateKey",
        "SIGNATURE",
        "e-mail",
        "emailAddress",
        "phone_number",
        "mobile",
        "userId",
        "customer_id",
        "uuid",
        "ｔｏｋｅｎ",  # noqa: RUF001 - full-width letters on purpose
        "SSN",
    ],
)
def test_names_of_secret_fields_are_known_in_any_spelling(name: str) -> None:
    assert is_sensitive_name(name)


@pytest.mark.parametrize(
    "name", ["name", "first_name", "author", "keyword", "monkey", "order_total", "passenger", "sku"]
)
def test_names_that_only_look_alike_are_left_alone(name: str) -> None:
    assert not is_sensitive_name(name)


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "sk_live_1234567890",
        "pk-test-abcdef",
        "whsec_abcdef123",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnop",
        "xoxb-1234-abcd",
        "AIzaSyA1234567890abcdefg",
        PEM,
        PEM.replace("\n", "\\n"),
        "-----BEGIN PRIVATE KEY-----\nMIIE",
        "0123456789abcdef0123456789abcdef",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "Bearer abcd",
        "Basic dXNlcjpwYXNz",
        "ada.lovelace+shop@mail.person.example",
        "+1 (555) 123-4567",
        "555-123-4567",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "078-05-1120",
        "ada.lovelace%40person.example",
        "+49 30 12345678",
        "0171 1234567",
        "X-030/3988478",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    ],
)
def test_secrets_are_known_by_their_shape_wherever_they_stand(secret: str) -> None:
    for text in (secret, f"so {secret} it is", f'{{"note": {json.dumps(secret)}}}', f"<a>{secret}</a>"):
        assert secret not in redact_body(text)
        assert MASK in redact_body(text)


def test_random_secrets_of_any_alphabet_are_caught_nearly_always() -> None:
    """Chance may make one look like a word; one in a hundred may pass, not one in ten."""
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    alphabets = (
        letters.upper() + letters + "0123456789",
        letters.upper() + letters + "0123456789-_",
        "0123456789abcdef",
    )
    for alphabet in alphabets:
        made = ["".join(rng.choices(alphabet, k=32)) for _ in range(1000)]
        assert sum(not looks_secret(secret) for secret in made) <= 10
    encoded = [base64.b64encode(rng.randbytes(24)).decode() for _ in range(1000)]
    assert sum(not looks_secret(secret) for secret in encoded) <= 10
    assert all(looks_secret(str(uuid.UUID(int=rng.getrandbits(128)))) for _ in range(100))


@pytest.mark.parametrize(
    "text",
    [
        "Spring sale 2026",
        "spring-sale-2026-send-v2",
        "getUserAccountInformation",
        "OrderPlaced20260330v2",
        "2026-03-30T14:05:00+00:00",
        "category is shoes and price > 1,234.50",
        "Mozilla/5.0 (X11; Linux x86_64)",
        "basic information",
        "{{ event.product_name | default: 'x' }}",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact_text(text) == text


def test_json_is_masked_by_field_at_any_depth_and_keeps_its_shape() -> None:
    body = {
        "name": "Ada",
        "items": [{"sku": "a", "token": {"deep": ["hunter2"]}}, 3, None, True],
        "headers": [{"name": "Authorization", "value": "hunter2"}, {"name": "Accept", "value": "text/html"}],
        "nested": json.dumps({"password": "hunter2", "n": 1}),
        "email": None,
        "pin": 1234,
    }
    shown = json.loads(redact_body(json.dumps(body)))
    assert shown == {
        "name": "Ada",
        "items": [{"sku": "a", "token": MASK}, 3, None, True],
        "headers": [{"name": "Authorization", "value": MASK}, {"name": "Accept", "value": "text/html"}],
        "nested": json.dumps({"password": MASK, "n": 1}, ensure_ascii=False),
        "email": None,
        "pin": MASK,
    }


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("token=abc&x=1", f"token={MASK}&x=1"),
        ("Authorization: Basic abc\nAccept: x", f"Authorization: {MASK}\nAccept: x"),
        ("<password>hunter2</password><a>b</a>", f"<password>{MASK}</password><a>b</a>"),
        ("<a token='x y'>z</a>", f"<a token='{MASK}'>z</a>"),
        ("<key><![CDATA[hunter2]]></key>", f"<key>{MASK}</key>"),
        (
            '{"a": {{ user.x }}, "clientSecret": "hunter2", "n": 5}',
            f'{{"a": {{{{ user.x }}}}, "clientSecret": "{MASK}", "n": 5}}',
        ),
        ('payload="{\\"token\\": \\"abc\\", \\"x\\": 1}"', f'payload="{{\\"token\\": \\"{MASK}\\", \\"x\\": 1}}"'),
        ('password = "a\\"b" rest', f'password = "{MASK}" rest'),
        ("secret => 'x', n => 1", f"secret => '{MASK}', n => 1"),
        ("Card number: 12 34", f"Card number: {MASK}"),
        ("<header name='Authorization'>hunter2</header>", f"<header name='Authorization'>{MASK}</header>"),
        ("<input name='token' value='hunter2'><b>x</b>", f"<input name='token' value='{MASK}'><b>x</b>"),
        ("<auth><user>ada</user></auth><b>x</b>", f"<auth>{MASK}</auth><b>x</b>"),
        (
            'Content-Disposition: form-data; name="pin"\n\n12\n--x',
            f'Content-Disposition: form-data; name="pin"\n\n{MASK}\n--x',
        ),
        ("hooks.zapier.example/hooks/catch/12/ab", f"hooks.zapier.example/hooks/{MASK}/{MASK}/{MASK}"),
        ("password=hunter2 and country = DE", f"password={MASK} and country = DE"),
        ("see https://x.example/p?a=1 ok", f"see https://x.example/p?a={MASK} ok"),
        ('"just text"', '"just text"'),
        ("", ""),
    ],
)
def test_other_bodies_are_masked_by_pairs_elements_and_addresses(body: str, shown: str) -> None:
    assert redact_body(body) == shown


def test_json_too_deep_to_read_is_still_masked() -> None:
    deep: object = {"token": "hunter2"}
    for _ in range(60):
        deep = {"a": deep}
    assert "hunter2" not in json.dumps(redact_json(deep))
    unreadable = "[" * 100_000 + '{"token": "hunter2"}'
    assert "hunter2" not in redact_body(unreadable)


@pytest.mark.parametrize(
    "piece", ["a", "a@", '"', "a=", 'token="', "\\", "<a ", "1 ", "eyJ.", "+1", "<token>", "http://"]
)
def test_no_text_makes_masking_slow_or_endless(piece: str) -> None:
    """The work is linear: a pattern that backtracks would not come back from this."""
    assert redact_text(piece * (50_000 // len(piece))) is not None


@given(st.text())
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_shapes(text)
    assert mask_shapes(once) == once


@given(st.dictionaries(st.sampled_from(["token", "password", "apiKey", "email"]), st.text(min_size=1), min_size=1))
def test_no_value_of_a_sensitive_field_survives(body: dict[str, str]) -> None:
    shown = redact_json(body)
    assert isinstance(shown, dict)
    assert set(shown.values()) == {MASK}


@given(st.text())
def test_any_text_at_all_can_be_redacted(text: str) -> None:
    redact_body(text)
    redact_url(text)
    visible_headers({text: text, "accept": text})
