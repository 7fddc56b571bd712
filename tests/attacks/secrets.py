"""Secrets of ten kinds, made by chance from a seed, and the campaign that has one in every field that is shown."""

import base64
import json
import random
import string
from collections.abc import Callable

from analytics_core.domain.campaign import Campaign

_ALNUM = string.ascii_letters + string.digits


def _draw(rng: random.Random, signs: str, length: int) -> str:
    return "".join(rng.choices(signs, k=length))


def _base64(rng: random.Random, length: int) -> str:
    return base64.b64encode(rng.randbytes(length)).decode()


def _jwt(rng: random.Random) -> str:
    parts = (json.dumps({"alg": "HS256", "kid": _draw(rng, _ALNUM, 4)}), json.dumps({"sub": _draw(rng, _ALNUM, 9)}))
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, _draw(rng, _ALNUM + "-_", 43)))


def _pem(rng: random.Random) -> str:
    lines = "\n".join(_base64(rng, 48) for _ in range(3))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"


def _email(rng: random.Random) -> str:
    return f"{_draw(rng, string.ascii_lowercase, 7)}.{_draw(rng, string.ascii_lowercase, 5)}@person.example"


def _telephone(rng: random.Random) -> str:
    digits = _draw(rng, string.digits, 7)
    shapes = ("+49 30 {}", "+1 (555) 010-{}", "555-010-{}", "030/{}", "0171 {}", "0049 30 {}", "%2B4930{}")
    shape = rng.choice(shapes)
    return shape.format(digits[:4] if "010" in shape else digits)


def _social_security(rng: random.Random) -> str:
    digits = _draw(rng, "123456789", 9)
    between = rng.choice(("-", " ", "\N{NON-BREAKING HYPHEN}"))
    return f"{digits[:3]}{between}{digits[3:5]}{between}{digits[5:]}"


def _named(rng: random.Random) -> str:
    name = rng.choice(("password", "api_key", "clientSecret", "X-Auth-Token", "accessToken", "Authorization"))
    return f"{name}={_draw(rng, string.ascii_lowercase, 9)}"


def _hook(rng: random.Random) -> str:
    host, path = rng.choice((("hooks.zapier.com", "hooks/catch"), ("discord.com", "api/webhooks"), ("x.test", "hook")))
    return f"https://{host}/{path}/{_draw(rng, string.digits, 7)}/{_draw(rng, _ALNUM, 7)}/"


KINDS: dict[str, Callable[[random.Random], str]] = {
    "token of a session": _jwt,
    "key of a payment service": lambda rng: f"sk_{rng.choice(('live', 'test'))}_{_draw(rng, _ALNUM, 24)}",
    "key of a cloud": lambda rng: "AKIA" + _draw(rng, string.ascii_uppercase + "234567", 16),
    "private key": _pem,
    "hexadecimal": lambda rng: _draw(rng, "0123456789abcdef", rng.choice((32, 40, 64))),
    "base64": lambda rng: _base64(rng, rng.choice((24, 32, 48))),
    "e-mail address": _email,
    "e-mail address, encoded": lambda rng: _email(rng).replace("@", rng.choice(("%40", "%2540", "&#64;"))),
    "telephone": _telephone,
    "social security": _social_security,
    "named value": _named,
    "webhook": _hook,
}


def core(canary: str) -> tuple[str, ...]:
    """What of a secret must not be seen: its longest parts."""
    if canary.startswith("https:"):
        return tuple(part for part in canary.split("/")[-3:] if part)
    if "=" in canary.rstrip("="):
        return (canary.partition("=")[2],)
    parts = canary.replace("%40", "@").replace("%2540", "@").replace("&#64;", "@").split("@")[0].split("\n")
    return tuple(part for part in parts if "-----" not in part)


def campaign_with(canary: str) -> Campaign:
    """A campaign that has `canary` in every text that is shown of it."""
    said = f"for {canary} only"
    request = {
        "method": canary,
        "url": f"https://x.test/{canary}?q={canary}",
        "headers": {"Accept": said, "X-Api-Key": canary, f"X-{canary}": "1"},
        "body": json.dumps({"text": said, "nested": [{"a": canary}], "said": "{{ who.name }}"}),
        "sample": {"who": {"name": canary, "deep": [{"id": canary}]}},
    }
    goals = [
        {
            "goal_id": f"g{number}",
            "name": f"{canary} {number}",
            "event_name": said[:128],
            "filters": [
                {"attribute": "source", "op": "in", "value": [said, {"a": canary}]},
                {"attribute": f"a {canary}"[:128], "op": "is", "value": canary},
            ],
            "revenue": {"attribute": f"a {canary}"[:128], "currency": canary},
        }
        for number in range(2)
    ]
    return Campaign.model_validate(
        {
            "campaign_id": "spring-sale",
            "name": said,
            "delivery_type": "periodic",
            "team": said,
            "tags": [canary, said],
            "created_by": said,
            "approval": {"required": True, "approvers": [said], "approved_by": said, "comment": said},
            "audience": {"segment": said, "filters": f"last_order > 3 and {said}", "excluded": canary},
            "trigger": {"when": said, "all": [{"value": canary}]},
            "schedule": {"kind": said, "detail": said, "frequency_cap": said},
            "request": request,
            "goals": goals,
        }
    )
