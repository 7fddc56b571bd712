"""campaigns.json: good definitions, bad ones, and files that are none."""

import json
from pathlib import Path

import pytest

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.campaigns import CampaignsExtract, read_campaigns
from analytics_core.sources.rows.batches import REJECTED

GOAL = {"goal_id": "purchase", "name": "Purchase", "event_name": "Order Placed"}
CAMPAIGN = {"campaign_id": "spring-sale", "name": "Spring sale", "delivery_type": "periodic", "goals": [GOAL]}


def read_text(text: str, directory: Path) -> CampaignsExtract:
    path = directory / "campaigns.json"
    path.write_bytes(text.encode())
    extract = read_campaigns(path)
    assert extract.read == len(extract.campaigns) + extract.duplicates + extract.rejected.height
    assert extract.rejected.schema == REJECTED
    return extract


def read(entries: object, directory: Path) -> CampaignsExtract:
    return read_text(json.dumps(entries), directory)


def reason_of(entry: object, directory: Path) -> str:
    return read([entry], directory).rejected["reason"].item()


def test_definitions_come_in_file_order(tmp_path: Path) -> None:
    extract = read([{**CAMPAIGN, "campaign_id": campaign} for campaign in ("b", "a", "ü")], tmp_path)
    assert [campaign.campaign_id for campaign in extract.campaigns] == ["b", "a", "ü"]
    assert extract.read == 3


def test_an_empty_array_has_no_campaigns(tmp_path: Path) -> None:
    assert read_text(" [ ] \n", tmp_path).read == 0


def test_of_a_repeated_id_the_first_definition_is_kept(tmp_path: Path) -> None:
    extract = read([CAMPAIGN, {**CAMPAIGN, "name": "Again"}], tmp_path)
    assert [campaign.name for campaign in extract.campaigns] == ["Spring sale"]
    assert extract.duplicates == 1


def test_a_bad_definition_is_rejected_with_its_place_and_its_text(tmp_path: Path) -> None:
    bad = '{ "campaign_id": "x",\n "name": 1.50 }'
    extract = read_text(f"\ufeff[{json.dumps(CAMPAIGN)},\n {bad} , 5]", tmp_path)
    assert extract.rejected.rows() == [
        ("campaigns.json", 2, "name: Input should be a valid string (and 2 more)", bad),
        ("campaigns.json", 3, "not a JSON object", "5"),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"campaign_id": ""}, "campaign_id: String should have at least 1 character"),
        ({"campaign_id": "x" * 129}, "campaign_id: String should have at most 128 characters"),
        ({"campaign_id": None}, "campaign_id: Input should be a valid string"),
        ({"campaign_id": True}, "campaign_id: Input should be a valid string"),
        ({"campaign_id": 7.0}, "campaign_id: Input should be a valid string"),
        ({"campaign_id": "a\0b"}, "campaign_id contains a NUL character"),
        ({"name": "a\ud800"}, "contains text that is not valid Unicode"),
        ({"trigger": {"\udfff": 1}}, "contains text that is not valid Unicode"),
        ({"request": {"sample": {"price": float("nan")}}}, "contains a number that JSON cannot express"),
        ({"trigger": [float("-inf")]}, "contains a number that JSON cannot express"),
        ({"trigger": json.loads("[" * 150 + "]" * 150)}, "nested deeper than 100 levels"),
        ({"attribution_window_hours": 0}, "attribution_window_hours: Input should be greater than 0"),
        ({"created_at": "2026-03-01T09:00:00"}, "created_at: Input should have timezone info"),
        ({"goals": [GOAL, GOAL]}, "campaign: goal_id values must differ within a campaign"),
        (
            {"delivery_type": "daily"},
            "delivery_type: Input should be 'one_time', 'periodic' or 'event_triggered'",
        ),
        (
            {"goals": [{**GOAL, "filters": [{"attribute": "a", "op": "in", "value": 1}]}]},
            "goals.0.filters.0: filter operator 'in' needs a list of values (and 1 more)",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(changes: dict[str, object], reason: str, tmp_path: Path) -> None:
    assert reason_of({**CAMPAIGN, **changes}, tmp_path) == reason


def test_numbers_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    for number in ("1e999", "9" * 5_000):
        text = json.dumps([{**CAMPAIGN, "trigger": "HERE"}]).replace('"HERE"', number)
        assert read_text(text, tmp_path).rejected["reason"].item() == "contains a number that JSON cannot express"


def test_a_reason_shows_no_value_and_no_name_from_the_request(tmp_path: Path) -> None:
    request = {"url": 5, "headers": {"X-sk_live_secret": {"token": "sk_live_secret"}}, "body": ["sk_live_secret"]}
    reason = reason_of({**CAMPAIGN, "request": {"headers": request["headers"]}}, tmp_path)
    assert reason == "request.headers: Input should be a valid string"
    assert "secret" not in reason_of({**CAMPAIGN, "request": request}, tmp_path)


def test_a_reason_is_short_whatever_the_definition_holds(tmp_path: Path) -> None:
    wrong = [{**GOAL, "name": 5, "filters": [{"op": "x" * 10_000}] * 100}] * 5
    reason = reason_of({**CAMPAIGN, "goals": wrong}, tmp_path)
    assert len(reason) < 230
    assert "\n" not in reason


def test_a_campaign_counted_by_number_has_its_digits_as_id(tmp_path: Path) -> None:
    extract = read([{**CAMPAIGN, "campaign_id": 7}, {**CAMPAIGN, "campaign_id": "7"}], tmp_path)
    assert [campaign.campaign_id for campaign in extract.campaigns] == ["7"]
    assert extract.duplicates == 1


def test_unknown_keys_are_named_with_their_place(tmp_path: Path) -> None:
    goal = {**GOAL, "primary": True, "revenue": {"attribute": "order_value", "unit": "USD"}}
    request = {"headers": {"Accept": "*/*"}, "sample": {"user": {"name": "Ada"}}, "verb": "PUT"}
    entry = {**CAMPAIGN, "goals": [GOAL | {"goal_id": "other"}, goal], "request": request, "trigger": {"a": 1}, "x": 1}
    assert read([entry], tmp_path).unknown_keys == ("goals.primary", "goals.revenue.unit", "request.verb", "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON: Expecting value (line 1, column 1)"),
        ("[{},\n,]", "is not JSON: Expecting value (line 2, column 1)"),
        ("[] []", "is not JSON: Extra data (line 1, column 4)"),
        ('{"campaigns": []}', "is not a JSON array of campaigns"),
        ("5", "is not a JSON array of campaigns"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_file_that_is_no_array_is_an_error_that_names_it(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        read_text(text, tmp_path)
    assert str(caught.value) == f"campaigns.json: {message}"


def test_a_file_that_is_not_utf8_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.json"
    path.write_bytes(b'["caf\xe9"]')
    with pytest.raises(UnreadableInputError, match=r"^campaigns\.json: is not UTF-8 text$"):
        read_campaigns(path)


def test_a_directory_in_place_of_the_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "campaigns.json").mkdir()
    with pytest.raises(UnreadableInputError, match=r"^campaigns\.json: Is a directory$"):
        read_campaigns(tmp_path / "campaigns.json")
