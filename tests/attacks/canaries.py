"""Requests as people write them, by chance from a seed, with a canary in every place that holds a secret.

A canary in a place that is known for its secrets is a word like any other; elsewhere it has the shape of a secret.
"""

import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from attacks.secrets import KINDS

_CONSONANTS, _VOWELS = "bdfgjklmnprstvwz", "aeiou"
_SHAPED = ("token of a session", "key of a payment service", "key of a cloud", "hexadecimal", "e-mail address")


def draw_word(rng: random.Random) -> str:
    """A word that nothing but its place tells from others, such as `zuvekomila`."""
    return "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(5))


def odd_case(rng: random.Random, name: str) -> str:
    """A name in capitals and small letters as they come."""
    return "".join(rng.choice((sign.lower(), sign.upper())) for sign in name)


def forms_of(secret: str) -> tuple[str, ...]:
    """A canary as it may be seen: as it is, percent-encoded, hexadecimal, and within any base64."""
    raw = secret.encode()
    shifted = (base64.b64encode(b"x" * shift + raw).decode().rstrip("=") for shift in range(3))
    inside = tuple(text[start:-2] for text, start in zip(shifted, (0, 2, 3), strict=True))
    return (secret, "".join(f"%{byte:02x}" for byte in raw), raw.hex(), *inside)


@dataclass
class Planter:
    """Where canaries were put: by place, of which each request holds some."""

    rng: random.Random
    planted: dict[str, list[str]] = field(default_factory=dict)

    def word(self, place: str) -> str:
        """A new canary that is a word."""
        return self._plant(place, draw_word(self.rng))

    def shaped(self, place: str) -> str:
        """A new canary with the shape of a secret."""
        return self._plant(place, KINDS[self.rng.choice(_SHAPED)](self.rng))

    def _plant(self, place: str, canary: str) -> str:
        self.planted.setdefault(place, []).append(canary)
        return canary

    @property
    def canaries(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(canary for found in self.planted.values() for canary in found)


def plant_request(planter: Planter, body: str | None = None) -> dict[str, object]:
    """A request full of canaries, whose body is of one kind of `BODIES`: any where None."""
    kind = body or planter.rng.choice([*BODIES])
    return {
        "method": planter.rng.choice(("POST", "put", "PATCH")),
        "url": _url(planter),
        "headers": _headers(planter),
        "body": BODIES[kind](planter),
        "sample": _sample(planter),
    }


def _headers(planter: Planter) -> dict[str, str]:
    rng, word = planter.rng, planter.word
    scheme = rng.choice(("Bearer", "Basic", "Token", "ApiKey", "bearer "))
    name = rng.choice(("X-Api-Key", "X_Auth", "api key", "Ocp-Apim-Subscription-Key", "X-Hub-Signature"))
    allowed = rng.choice(("User-Agent", "Accept", "Cache-Control", "Content-Type"))
    said = rng.choice((f"token={word('pair in a shown header')}", planter.shaped("shape in a shown header")))
    return {
        odd_case(rng, "Authorization"): f"{scheme} {word('header in odd case')}",
        f"{odd_case(rng, name)}{rng.choice(('', ' '))}": word("header by name"),
        odd_case(rng, "Cookie"): f"a=b; session={word('cookie')}",
        f"X-Note-{rng.randint(1, 9)}": word("header of any name"),
        f"X-{planter.shaped('name of a header')}": "1",
        odd_case(rng, allowed): f"text/plain; {said}",
        "X-Template": f'{{% assign a = "{word("template of a header")}" %}}{{{{ a }}}}{{{{ user.none }}}}',
    }


def _url(planter: Planter) -> str:
    rng, word = planter.rng, planter.word
    at, colon = rng.choice((("@", ":"), ("%40", ":"), ("%40", "%3A"), ("\N{FULLWIDTH COMMERCIAL AT}", ":")))
    user = f"{word('user of an address')}{colon}{word('password of an address')}{at}"
    if at == "@" and rng.random() < 0.3:
        user = f"{{{{ 'ada' }}}}:{word('password of an address')}@"
    host = rng.choice(("hooks.acme.example", "[2001:db8::1]:8443", "API.acme.example", "{{ event.host }}.example"))
    path = rng.choice(
        (
            f"/hooks/catch/{word('path behind hooks')}/x",
            f"/v1/{odd_case(rng, 'webhook')}/{word('path behind hooks')}",
            f"/api/to%6ben/{word('path behind a name')}/send",
            f"/api/{rng.choice(('secret', 'api-key', 'keys', 'password', 'auth'))}/{word('path behind a name')}",
            f"/v1/orders;jsessionid={word('parameter of a path')}/x",
            f"/v1/{planter.shaped('shape in a path')}/send",
            f"/v1/{{{{ user.token | default: '{word('literal in an address')}' }}}}/send",
        )
    )
    query = rng.choice(
        (
            f"?key={word('query')}&q={word('query')}",
            f"?{word('query without a value')}",
            f"?a[]=1;b={word('query')}&{planter.shaped('name in a query')}=2",
            f"?next={quote('https://ada:' + word('address in a query') + '@x.example/')}",
            f"\N{FULLWIDTH QUESTION MARK}key={word('query')}",
            f"?q={{{{ user.q | default: '{word('query')}' }}}}",
        )
    )
    start = rng.choice(("", "", f"{{% assign k = '{word('assigned before an address')}' %}}"))
    scheme = rng.choice(("https://", "HTTPS://", " https://", "https:\\\\"))
    return f"{start}{scheme}{user}{host}{path}{query}#{word('fragment')}"


def _sample(planter: Planter) -> dict[str, object]:
    word = planter.word
    return {
        "user": {
            "first_name": "Ada",
            "id": word("id in a sample"),
            "password": word("field of a sample"),
            "note": planter.shaped("shape in a sample"),
            "orders": [{"orderId": word("id in a sample"), "apiKey": {"deep": [word("field of a sample")]}}],
        },
        "event": {"host": "x", "said": json.dumps({"token": word("text in a sample")})},
    }


def _nested_json(planter: Planter) -> str:
    rng, word = planter.rng, planter.word
    inner: object = {odd_case(rng, "clientSecret"): word("nested JSON"), "n": 1}
    for _ in range(rng.randint(1, 4)):
        inner = rng.choice((json.dumps(inner), {"data": inner}, [inner]))
    names, values = ("name", "Key", "k", "field", "type"), ("value", "Value", "v", "val", "content")
    pair = {rng.choice(names): "password", rng.choice(values): word("name and value in JSON")}
    document = {
        "who": "{{ user.first_name }}{{ user.password }}{{ user.note }}{{ user.id }}",
        "inner": inner,
        "pin": rng.randint(10_000_000, 99_999_999),
        "pairs": [pair, ["Authorization", word("list of pairs in JSON")]],
        "headers": ["X-Api-Key", word("flat list of headers in JSON")],
        "call": f"https://ada:{word('address in JSON')}@x.example/v1?key={word('address in JSON')}",
        "back": f"/done?key={word('relative address in JSON')}",
        "form": f"a=1&user%5Bpassword%5D={word('form in JSON')}",
        "escaped": f"&lt;password&gt;{word('escaped element in JSON')}&lt;/password&gt;",
        "basic": base64.b64encode(f"ada:{word('base64')}".encode()).decode(),
        "blob": base64.b64encode(json.dumps({"password": word("base64 of JSON")}).encode()).decode(),
        "free": planter.shaped("shape in JSON"),
    }
    planter.planted.setdefault("number in JSON", []).append(str(document["pin"]))
    return json.dumps(document, indent=rng.choice((None, 2)))


def _template_json(planter: Planter) -> str:
    """What is JSON only once it is filled in."""
    word = planter.word
    return f"""{{% assign k = "{word("assigned in a template")}" %}}
{{% capture secret %}}{word("captured in a template")}{{% endcapture %}}
{{"n": {{{{ user.none.count }}}}, "name": "{{{{ user.first_name }}}}", "api_key": "{{{{ k }}}}",
  "auth": {{"user": "ada", "said": "{word("object in a template")}", "deep": ["{word("object in a template")}"]}},
  "header": {{"name": "Authorization", "value": "{word("name and value in a template")}"}},
  {{% if user.vip %}} "token": {{{{ user.t | default: "{word("default in a template")}" }}}}, {{% endif %}}
  "x": "{{{{ user.password | default: '{word("default in a template")}' }}}}",
  "password": "{{{{ user.p }}}}{word("pair in a template")}",
  "many": {{% for a in user.orders %}}{{{{ a.orderId }}}},{{% endfor %}} "secret": "two
{word("several lines in a template")}" }}"""


def _form(planter: Planter) -> str:
    word = planter.word
    inside = json.dumps({"token": word("JSON in a form")})
    return "&".join(
        (
            f"a=1&password={word('form')},{word('form')}",
            f"user[api_key]={word('form')}&user%5Bpin%5D={word('encoded name in a form')}",
            f"p%61ssword={word('encoded name in a form')}",
            f"payload={quote(inside)}&x={{{{ user.none }}}}",
            f"next={quote('https://ada:' + word('address in a form') + '@x.example', safe='')}",
        )
    )


def _multipart(planter: Planter) -> str:
    word, mark = planter.word, planter.rng.choice(('"', ""))
    return "".join(
        f"--x\r\nContent-Disposition: form-data; name={mark}{name}{mark}\r\n\r\n{value}\r\n"
        for name, value in (("token", word("part of a form")), ("a", "1"), ("Client_Secret", word("part of a form")))
    )


def _xml(planter: Planter) -> str:
    word = planter.word
    return f"""<?xml version="1.0"?><call auth="{word("attribute")}"><s:Password>{word("element")}</s:Password>
<param name="apiKey">{word("element by attribute")}</param><add key="token" value="{word("value by attribute")}"/>
<entry><key>password</key><value>{word("element beside a name")}</value></entry>
<member><name>secret</name><value><string>{word("element beside a name")}</string></value></member>
<input type="password" value="{word("value by type")}"><token><![CDATA[{word("element")}]]></token></call>"""


def _yaml(planter: Planter) -> str:
    word = planter.word
    return f"""client:
  name: "{{{{ user.first_name }}}}{{{{ user.none }}}}"
  password: {word("pair")}
  secret: |
    first
    {word("block of lines")}
  token:
    value: {word("block of lines")}
    more: {word("block of lines")}
  url: https://{word("user in a text")}:{word("user in a text")}@x.example/
end: 1
"""


def _code(planter: Planter) -> str:
    word = planter.word
    return f"""curl -u ada:{word("user of a command")} -H 'Authorization: Bearer {word("header of a command")}' https://x.example
curl --user=ada:{word("user of a command")} https://x.example
os.environ['API_KEY'] = '{word("code")}'; const apiKey = `{word("code")}`; $p["password"] = "{word("code")}";
password = '''{word("code")}
{word("code")}'''
login(user: "ada", password: "{word("code")}") {{{{ user.none }}}}
Server=x;Pwd={word("connection string")}; redis://:{word("user in a text")}@x.example
said {planter.shaped("shape in a text")}
ApiKey {planter.shaped("shape in a text")}"""


def _faulty(planter: Planter) -> str:
    """Templates whose errors could repeat them."""
    return planter.rng.choice(
        (
            f"{{{{ user.name | {planter.shaped('name in an error')} }}}}",
            f"{{{{ user['{planter.shaped('name in an error')}'].x }}}}",
            f"{{% {planter.shaped('name in an error')} %}}",
            f"{{{{ '{planter.shaped('name in an error')}' | date: '%s' }}}}",
            f"{{{{ 1 | divided_by: '{planter.shaped('name in an error')}' }}}}",
            f'{{{{ "{planter.word("default in a template")}" | token: }}}}',
            f"{{% if '{planter.shaped('name in an error')}' %}}",
        )
    )


BODIES: Mapping[str, Callable[[Planter], str]] = {
    "nested JSON": _nested_json,
    "template": _template_json,
    "form": _form,
    "multipart": _multipart,
    "XML": _xml,
    "YAML": _yaml,
    "code": _code,
    "faulty": _faulty,
}


def plant_definition(planter: Planter, campaign_id: str, **said: object) -> dict[str, object]:
    """A campaign full of canaries, in its request and wherever else a place is known for its secrets."""
    word, shaped = planter.word, planter.shaped
    goal = {
        "goal_id": "g",
        "name": f"Purchase {shaped('name of a goal')}",
        "event_name": "Order",
        "is_primary": True,
        "filters": [{"attribute": "user_password", "op": "is", "value": word("condition by name")}],
    }
    return {
        "campaign_id": campaign_id,
        "name": f"Sale {shaped('name of a campaign')}"[:250],
        "delivery_type": "periodic",
        "status": "active",
        "team": "Growth",
        "tags": ["sale"],
        "audience": {"segment": f"All but {shaped('words of an audience')}"},
        "trigger": {
            "user": {"id": word("person in a trigger")},
            "header": {"name": "Authorization", "value": word("name and value in a trigger")},
            "secret": {"deep": word("field of a trigger")},
            "all": [{"attribute": "password", "op": "is", "value": word("condition in a trigger")}],
            f"x {shaped('name in a trigger')}": 1,
        },
        "request": plant_request(planter),
        "goals": [goal],
        **said,
    }
