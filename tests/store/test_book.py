"""The campaign book."""

from pathlib import Path

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.book import CampaignBook


def _campaign(campaign_id: str, name: str = "Spring sale") -> Campaign:
    return Campaign.model_validate(
        {
            "campaign_id": campaign_id,
            "name": name,
            "delivery_type": "one_time",
            "goals": [{"goal_id": "g", "name": "G", "event_name": "Order"}],
        }
    )


def _book(directory: Path) -> CampaignBook:
    return CampaignBook("sqlite:///campaigns.db", directory)


def test_campaigns_come_back_in_the_order_of_their_ids(tmp_path: Path) -> None:
    _book(tmp_path).put([_campaign("b"), _campaign("a"), _campaign("Z")])
    assert [campaign.campaign_id for campaign in _book(tmp_path).campaigns()] == ["Z", "a", "b"]


def test_writing_the_same_definition_again_changes_nothing(tmp_path: Path) -> None:
    book = _book(tmp_path)
    assert book.put([_campaign("a")]).changed == 1
    changes = book.put([_campaign("a"), _campaign("b")])
    assert (changes.changed, changes.unchanged) == (1, 1)


def test_a_changed_definition_replaces_the_old_one(tmp_path: Path) -> None:
    book = _book(tmp_path)
    book.put([_campaign("a")])
    book.put([_campaign("a", name="Autumn sale")])
    assert [campaign.name for campaign in book.campaigns()] == ["Autumn sale"]


def test_the_definition_survives_unchanged(tmp_path: Path) -> None:
    book = _book(tmp_path)
    book.put([_campaign("a", name="\u202eevil 🎉 </script>")])
    assert book.campaigns() == (_campaign("a", name="\u202eevil 🎉 </script>"),)


def test_a_broken_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "campaigns.db").write_bytes(b"this is no database, and long enough to be read as one" * 100)
    with pytest.raises(WorkspaceError, match="cannot use the campaign book"):
        _book(tmp_path).campaigns()


def test_a_url_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is not a database URL"):
        CampaignBook("nonsense", tmp_path)
