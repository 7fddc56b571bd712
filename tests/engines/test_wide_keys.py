"""Keys of a large workspace: campaigns times users beyond 32 bits must not make two audience rows one."""

from datetime import UTC, datetime

import polars as pl
import pytest

from analytics_core.attribution.audience import Lookups, audience_of
from analytics_core.attribution.rules import Numbering, rules_of
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings

HOUR = 3_600_000_000
NOON = 1_772_000_000_000_000
CAMPAIGNS = 1094
SCHEMA = {
    "campaign": pl.Int32,
    "user": pl.Int32,
    "instance": pl.Int32,
    "at": pl.Int64,
    "outcome": pl.Int8,
    "code": pl.Int16,
}
Raw = tuple[int, int, int, int, int, int]


def audience(rows: list[Raw]) -> list[tuple[int, int, int, int]]:
    """Campaign, user, standing and number of attempts of each audience row."""
    goal = {"goal_id": "g", "name": "g", "event_name": "Order"}
    book = [
        Campaign.model_validate({"campaign_id": f"{n:05}", "name": "x", "delivery_type": "one_time", "goals": [goal]})
        for n in range(CAMPAIGNS)
    ]
    numbers = Numbering({campaign.campaign_id: n for n, campaign in enumerate(book)}, {"Order": 0})
    rules = rules_of(book, Settings(), numbers, app_currency="USD", as_of=datetime(2027, 1, 1, tzinfo=UTC))
    found = audience_of(pl.DataFrame(rows, schema=SCHEMA, orient="row"), rules, Lookups(None, lambda text: text))
    columns = (found.campaign, found.user, found.standing, found.attempts)
    return [tuple(int(value) for value in row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize(("people", "retried"), [(1000, 500), (1_966_080, 1_441_792)])
def test_a_retry_is_of_its_own_campaign_and_user_however_many_there_are(people: int, retried: int) -> None:
    tried_twice = [(0, retried, 0, NOON, 0, 404), (0, retried, 0, NOON + 20 * HOUR, 0, 200)]
    others = [(CAMPAIGNS - 1, 0, 1, NOON + 10 * HOUR, 0, 200), (1, people - 1, 2, NOON, 0, 200)]
    found = audience([*tried_twice, *others])
    assert sorted((campaign, user, attempts) for campaign, user, _, attempts in found) == [
        (0, retried, 2),
        (1, people - 1, 1),
        (CAMPAIGNS - 1, 0, 1),
    ]
    assert len({standing for _, _, standing, _ in found}) == 1
