"""Nothing secret is shown, whatever field it stands in; what is ordinary is shown as it was written."""

import html
import random
from dataclasses import replace

import pytest

from analytics_core.views.campaign.tables import portfolio_table
from analytics_core.views.forms.table import table_text
from analytics_core.views.page.context import ReportContext
from analytics_core.views.page.html import report_sections
from analytics_core.views.request.redaction import redact_text
from analytics_core.views.request.shown import shown_campaign, shown_name, shown_snapshot
from attacks.ordinary import ORDINARY
from attacks.secrets import KINDS, campaign_with, core
from views.snapshots import INSTANCES, snapshot


def everything_shown(canary: str) -> str:
    """The report's page and the terminal's list of a campaign full of `canary`."""
    campaign, counted = campaign_with(canary), snapshot()
    goals = tuple(
        replace(goal, name=f"{canary} {place}", event_name=canary, currency=canary)
        for place, goal in enumerate(counted.goals)
    )
    performance = replace(counted.performance, currency=canary)
    counted = replace(counted, campaign_id="spring-sale", goals=goals, performance=performance)
    context = ReportContext(app_name=canary, instances=INSTANCES, charts=False)
    page = "".join(map(str, report_sections(counted, campaign, context)))
    labels = "".join(goal.name for goal in shown_snapshot(counted).goals)
    return html.unescape(page) + table_text(portfolio_table([counted], [campaign])) + labels


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [8, pytest.param(40, marks=pytest.mark.long)])
def test_no_field_shows_a_secret(kind: str, number: int) -> None:
    rng = random.Random(kind)
    for canary in [KINDS[kind](rng) for _ in range(number)]:
        shown = everything_shown(canary)
        assert not [part for part in core(canary) if part in shown], canary


def test_ordinary_texts_are_shown_as_they_were_written() -> None:
    assert len(set(ORDINARY)) >= 200
    assert [text for text in ORDINARY if redact_text(text) != text] == []
    assert [text for text in ORDINARY if shown_name(text) != text] == []


def test_the_people_who_made_a_campaign_are_named() -> None:
    campaign = campaign_with("x").model_copy(update={"created_by": "mia@acme.example"})
    assert shown_campaign(campaign).created_by == "mia@acme.example"
    leaked = campaign.model_copy(update={"created_by": "sk_live_4eC39HqLyjWDarjt@acme.example"})
    assert "4eC39" not in str(shown_campaign(leaked).created_by)


def test_a_secret_with_something_invisible_inside_is_still_one() -> None:
    hidden = "sk_live_4eC3\N{ZERO WIDTH SPACE}9HqLyjWDar\N{RIGHT-TO-LEFT OVERRIDE}jtT1zdp7dc"
    assert "4eC3" not in redact_text(f"key {hidden}")
    assert "person" not in redact_text("ada\N{FULLWIDTH COMMERCIAL AT}person.example")


def test_a_list_that_is_too_long_says_how_much_is_left_out() -> None:
    campaign = campaign_with("x")
    long = campaign.model_copy(update={"tags": tuple(map(str, range(60)))})
    assert shown_campaign(long).tags[-1] == "and 10 more"
