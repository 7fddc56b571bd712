"""Whatever a definition holds, its page is there in under two seconds, an error in the place of what did not fit."""

import gc
import json
import time

import pytest

from analytics_core.domain.campaign import Campaign, Request
from analytics_core.views.page.pieces import info_pieces
from analytics_core.views.request.allowance import NOT_SHOWN, Allowance
from analytics_core.views.request.liquid_preview import PreviewError, fill_in
from analytics_core.views.request.preview import content_preview
from analytics_core.views.request.shown import shown_campaign
from attacks.hangs import PAYLOADS, PIECES
from views.snapshots import snapshot

SECONDS = 2.0
"""Of the processor: what other programs take of it is no matter of ours."""
LONGEST_TEMPLATE = 19_900


def campaign_of(text: str) -> Campaign:
    """A campaign that has `text` in every field that may hold so much, many times where there may be many."""
    goal = {
        "name": text,
        "event_name": text[:128],
        "filters": [{"attribute": text[:128], "op": "in", "value": [text[:3000]] * 30}] * 60,
        "revenue": {"attribute": text[:128], "currency": text},
    }
    headers = {f"h{number}": text[:1000] for number in range(3000)}
    request = {
        "method": text,
        "url": f"https://x.test/{text}",
        "headers": {**headers, "Accept": text, "accept ": text, "ACCEPT": text},
        "body": text,
        "sample": {"a": text[:10_000], "user": {"id": text[:100]}},
    }
    return Campaign.model_validate(
        {
            "campaign_id": "c",
            "name": text,
            "delivery_type": "one_time",
            "team": text,
            "tags": [text] * 60,
            "created_by": text,
            "approval": {"required": True, "approvers": [text] * 60, "comment": text},
            "audience": {"segment": text, "filters": text, "excluded": text},
            "trigger": {"a": [text] * 3, "b": text},
            "schedule": {"kind": text, "detail": text, "frequency_cap": text},
            "request": request,
            "goals": [{"goal_id": f"g{number}", **goal} for number in range(5)],
        }
    )


def seconds_to_show(campaign: Campaign) -> float:
    """Processor time of masking a campaign and drawing its Info page."""
    before = time.thread_time()
    pieces = info_pieces(shown_campaign(campaign), snapshot(), ())
    assert pieces
    return time.thread_time() - before


@pytest.mark.parametrize("text", ["{{" * 30_000, "<a><![CDATA[" * 5_000, "%25" * 20_000])
def test_a_hostile_campaign_is_shown_in_time(text: str) -> None:
    assert seconds_to_show(campaign_of(text)) < SECONDS


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_every_hostile_campaign_is_shown_in_time(number: int) -> None:
    assert seconds_to_show(campaign_of(PAYLOADS[number])) < SECONDS


@pytest.mark.parametrize("ending", ["", "}}%}"])
@pytest.mark.parametrize("opening", ["", "{{ ", "{% if ", "{% liquid "])
def test_no_template_takes_long_to_read(opening: str, ending: str) -> None:
    """Templates just short of the bound on their length, which the library would read for minutes."""
    before, left = time.thread_time(), 0
    for piece in PIECES:
        try:
            fill_in(opening + piece * (LONGEST_TEMPLATE // len(piece)) + ending, {"a": "b"}, Allowance())
        except PreviewError:
            left += 1
    assert left > 0
    assert time.thread_time() - before < SECONDS


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{" * 600, "expected '}}'"),
        ("{% if", "expected '%}'"),
        ("{{ a }}" * 501, "the template has more than 500 tags, too many for a preview"),
        ("{{ a" + " " * 600 + "}}", "the template has too many blanks in a row for a preview"),
        ("{{ '" + "a" * 2000 + "' }}", "a tag of the template is too long for a preview"),
        ("{{ '1e999999999' | plus: 1 | ceil }}", "beyond a limit of the preview: size"),
    ],
)
def test_a_template_that_is_not_read_says_why(template: str, reason: str) -> None:
    with pytest.raises(PreviewError) as refused:
        fill_in(template, {"a": "b"})
    assert str(refused.value) == reason


def test_what_does_not_fit_says_so_in_its_place() -> None:
    words = "plain words and more of them " * 400
    tags = tuple(words for _ in range(50))
    campaign = campaign_of(words).model_copy(update={"tags": tags})
    shown = json.dumps(shown_campaign(campaign).model_dump(mode="json"))
    assert NOT_SHOWN in shown
    assert "plain words" in shown


def test_thousands_of_headers_are_counted_not_shown() -> None:
    request = campaign_of("a").request
    assert request is not None
    assert content_preview(request).headers[-1].name == "(and 2,903 more)"


def test_a_sample_that_is_too_large_is_not_filled_in() -> None:
    request = campaign_of("a").request
    assert request is not None
    made = content_preview(request.model_copy(update={"sample": {"a": ["x"] * 60_000}, "body": "{{ a }}"}))
    assert made.reason == "the sample is too large for a preview"
    assert made.body is not None
    assert made.body.value == "{{ a }}"


def test_headers_that_all_lack_many_attributes_are_shown_in_time() -> None:
    lacking = "".join(f"{{{{ user.a{number} }}}}" for number in range(490))
    headers = {f"h{number}": lacking for number in range(100)}
    request = Request.model_validate({"url": lacking, "body": lacking, "headers": headers})
    gc.collect()  # of all that other tests left, which may take as long as a preview is given
    before = time.thread_time()
    made = content_preview(request)
    assert time.thread_time() - before < SECONDS
    assert made.headers[0].missing[0].name == "user.a0"
