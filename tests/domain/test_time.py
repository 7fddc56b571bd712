"""Which time zone a name means, whatever machine asks."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.time import zone_named

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def wrong_machine(tmp_path: Path) -> Iterator[None]:
    """A machine whose own database takes Berlin for Tokyo."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes())
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    zone_named.cache_clear()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()
    zone_named.cache_clear()


@pytest.mark.usefixtures("wrong_machine")
def test_the_packaged_database_is_believed_before_the_machines() -> None:
    assert WINTER.astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).utcoffset() == timedelta(hours=9)
    assert WINTER.astimezone(zone_named("Europe/Berlin")).utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    "name", ["Mars/Base", "", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Berlin\n", "a\0b"]
)
def test_a_name_that_is_no_zone_is_an_error_that_repeats_it(name: str) -> None:
    with pytest.raises(AnalyticsError) as error:
        zone_named(name)
    assert str(error.value) == f"no time zone {name!r}; use an IANA name such as 'America/New_York'"


@pytest.mark.parametrize("name", ["UTC", "US/Eastern", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_links_and_nested_names_are_zones(name: str) -> None:
    assert zone_named(name).key == name
