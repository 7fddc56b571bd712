"""Secrets that only their place gives away: what stands before, around or beside them."""

import base64
import json

import pytest

from analytics_core.domain.campaign import Request
from analytics_core.views.request.addresses import redact_url
from analytics_core.views.request.preview import content_preview
from analytics_core.views.request.redaction import redact_body, redact_text
from analytics_core.views.request.secret_shapes import MASK
from attacks.ordinary import ORDINARY

WORD = "zuvekomila"
CODED = base64.b64encode(f"ada:{WORD}".encode()).decode()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (f"user%5Bpassword%5D={WORD}&x=1", f"user%5Bpassword%5D={MASK}&x=1"),
        (f"p%61ssword={WORD}", f"p%61ssword={MASK}"),
        (f"a=1&password={WORD},{WORD}&x=1", f"a=1&password={MASK}&x=1"),
        (f"payload=%7B%22token%22%3A%22{WORD}%22%7D&x=1", f"payload=%7B%22token%22%3A{MASK}&x=1"),
        (
            f"Content-Disposition: form-data; name=token\n\n{WORD}\n--x",
            f"Content-Disposition: form-data; name=token\n\n{MASK}\n--x",
        ),
        (f"password: |\n  a\n  {WORD}\nend: 1", f"password: {MASK}\nend: 1"),
        (f"  token:\n    a: b\n    c: {WORD}\n  end: 1", f"  token:\n    {MASK}\n  end: 1"),
        (f"x: 1\ntoken: a\n  {WORD}\nend: 1", f"x: 1\ntoken: {MASK}\nend: 1"),
        (f'{{"auth": {{"a": ["{WORD}"]}}, "n": {{{{ x }}}}}}', f'{{"auth": {MASK}, "n": {{{{ x }}}}}}'),
        (f'{{"auth": {{"a": "}}", "b": "{WORD}"', f'{{"auth": {MASK}'),
        ('{"auth": {}, "n": {{ x }}}', '{"auth": {}, "n": {{ x }}}'),
        (
            f'{{"name": "Authorization", "value": "{WORD}", "n": {{{{ x }}}}}}',
            f'{{"name": "Authorization", "value": "{MASK}", "n": {{{{ x }}}}}}',
        ),
        (
            f'{{"value": "{WORD}", "name": "password", "n": {{{{ x }}}}}}',
            f'{{"value": "{MASK}", "name": "password", "n": {{{{ x }}}}}}',
        ),
        (f'"password": "two\n{WORD}", x', f'"password": "{MASK}", x'),
        (f"password = '''a\n{WORD}'''", f"password = '''{MASK}'''"),
        (f"os.environ['API_KEY'] = '{WORD}'", f"os.environ['API_KEY'] = '{MASK}'"),
        (f"curl -u ada:{WORD} https://x.example", f"curl -u {MASK} https://x.example"),
        (f"curl --user='ada:{WORD}' -s", f"curl --user='{MASK}' -s"),
        (f"<entry><key>password</key><value>{WORD}</value></entry>", None),
        (f"<member><name>secret</name><value><string>{WORD}</string></value></member>", None),
        (f'<input type="password" value="{WORD}">', f'<input type="password" value="{MASK}">'),
        (f'<input type="text" name="token" value="{WORD}">', f'<input type="text" name="token" value="{MASK}">'),
        (f"&lt;password&gt;{WORD}&lt;/password&gt;", f"<password>{MASK}</password>"),
        (f"{{&quot;token&quot;: &quot;{WORD}&quot;}}", f'{{"token": "{MASK}"}}'),
        ("Fish &amp; chips", "Fish &amp; chips"),
        (f"back to /done?key={WORD}&x=1", f"back to /done?key={MASK}&x={MASK}"),
        (f"back to {{{{ base }}}}?key={WORD}", f"back to {{{{ base }}}}?key={MASK}"),
        (f"call {{{{ x }}}} https://{{{{ 'a b' }}}}:{WORD}@x.example/y", "call {{ x }} https://x.example/y"),
        (f"ada:{WORD}@localhost", f"{MASK}localhost"),
        (f"said {CODED} so", f"said {MASK} so"),
        (f"said {CODED.rstrip('=')} so", f"said {MASK} so"),
        (f"said {f'ada:{WORD}'.encode().hex()} so", f"said {MASK} so"),
        ("subscriptions2026 and internationalization", "subscriptions2026 and internationalization"),
    ],
)
def test_texts(body: str, shown: str | None) -> None:
    told = redact_body(body)
    assert WORD not in told
    assert told == shown or (shown is None and MASK in told)


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ([["password", WORD]], [["password", MASK]]),
        ({"headers": ["Accept", "x", "X-Api-Key", WORD]}, {"headers": ["Accept", "x", "X-Api-Key", MASK]}),
        ({"channels": ["email", "push"]}, {"channels": ["email", "push"]}),
        ({"Field": "token", "Value": WORD}, {"Field": "token", "Value": MASK}),
        ({"k": "password", "v": WORD}, {"k": "password", "v": MASK}),
        ({"type": "password", "data": {"a": WORD}}, {"type": "password", "data": MASK}),
        ({"type": "email", "content": "Hello"}, {"type": "email", "content": "Hello"}),
        ({"type": "card", "text": "Hello"}, {"type": "card", "text": "Hello"}),
        ({"name": "Spring card", "content": "Hello"}, {"name": "Spring card", "content": "Hello"}),
        ({"form": f"a=1&pin%5B%5D={WORD}"}, {"form": f"a=1&pin%5B%5D={MASK}"}),
    ],
)
def test_json(document: object, shown: object) -> None:
    assert json.loads(redact_body(json.dumps(document))) == shown


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        (f'{{{{ user.token | default: "{WORD}" }}}}', f'{{{{ user.token | default: "{MASK}" }}}}'),
        (f"{{% assign api_key = '{WORD}' %}}", f"{{% assign api_key = '{MASK}' %}}"),
        ("{% assign pin = 48213344 %}", f'{{% assign pin = "{MASK}" %}}'),
        (f"{{% capture secret %}}{WORD}{{% endcapture %}}.", f"{{% capture secret %}}{MASK}{{% endcapture %}}."),
        (f"{{% capture secret %}}{WORD}", f"{{% capture secret %}}{MASK}"),
        (
            f'{{% assign k = "{WORD}" %}}{{"api_key": "{{{{ k }}}}"}}',
            f'{{% assign k = "{MASK}" %}}{{"api_key": "{MASK}"}}',
        ),
        ('{% assign k = "Hello" %}{"said": "{{ k }}"}', '{% assign k = "Hello" %}{"said": "{{ k }}"}'),
        (f'{{{{ user.token | default: "{WORD} }}}}', f'{{{{ user.token | default: "{MASK}"'),
    ],
)
def test_templates(template: str, shown: str) -> None:
    assert redact_text(template) == shown


def test_what_a_template_holds_is_no_clearer_when_it_is_filled_in() -> None:
    tags = f'{{% assign token = "{WORD}" %}}{{{{ token }}}}{{{{ user.pin | default: "{WORD}" }}}}'
    body = f"Hello {{{{ user.name }}}}, {tags}"
    made = content_preview(Request(url="https://x.example", body=body, sample={"user": {"name": "Ada"}}))
    assert made.body is not None
    assert made.body.value == f"Hello Ada, {MASK}{MASK}"
    condition = '{% if user.pin == "x" or user.name == "Ada" %}b{% endif %}'
    told = content_preview(Request(body=condition, sample={"user": {"name": "Ada", "pin": "1"}}))
    assert told.body is not None
    assert told.body.value == "b"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://ada:{WORD}%40x.example/v1", "https://x.example/v1"),
        (f"https://ada%3A{WORD}%2540x.example/v1", "https://x.example/v1"),
        (f"https://ada:{WORD}\N{FULLWIDTH COMMERCIAL AT}x.example/v1", "https://x.example/v1"),
        (f"https://x.example/v1\N{FULLWIDTH QUESTION MARK}a={WORD}", f"https://x.example/v1?a={MASK}"),
        (f"https://x.example/v1%3Fa={WORD}", f"https://x.example/v1?a={MASK}"),
        (f"https://x.example:{WORD}/v1", f"https://x.example:{MASK}/v1"),
        ("https://[2001:db8::1]:8443/v1", "https://[2001:db8::1]:8443/v1"),
        (f"{{% assign k = '{WORD}' %}}https://x.example/{{{{ k }}}}", None),
        (f"https://x.example/v1/{{{{ user.x | default: '{WORD}' }}}}", None),
        (f"https://x.example/v1/{{{{ 'a?b#c' }}}}/x?k={WORD}", None),
        (f"https://x.example/api/secret/{WORD}", f"https://x.example/api/secret/{MASK}"),
        (f"https://x.example/api/api-key/{WORD}/x", f"https://x.example/api/api-key/{MASK}/{MASK}"),
        (f"https://x.example/key,{WORD}", f"https://x.example/{MASK}"),
    ],
)
def test_addresses(url: str, shown: str | None) -> None:
    told = redact_url(url, is_request=True)
    assert WORD not in told
    assert shown in {told, None}


def test_an_address_in_a_text_shows_nothing_behind_the_name_of_a_secret() -> None:
    assert redact_text(f"see https://x.example/token/{WORD}/x") == f"see https://x.example/token/{MASK}/{MASK}"


def test_ordinary_texts_that_are_joined_stay() -> None:
    assert redact_body("\n".join(ORDINARY)) == "\n".join(ORDINARY)
