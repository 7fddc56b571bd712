"""Campaign ids as file names."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.reporting.plan import report_file_name, report_file_names

HASHED = re.compile(r"campaign(-[a-z0-9-]{1,24})?-[0-9a-f]{64}\.html")


@pytest.mark.parametrize("campaign_id", ["spring-sale", "Sale_2026", "a", "-", "_", "x" * 64])
def test_a_harmless_id_is_the_file_name(campaign_id: str) -> None:
    assert report_file_name(campaign_id) == f"{campaign_id}.html"


@pytest.mark.parametrize(
    "campaign_id",
    ["", "..", ".", "../../etc/passwd", "a/b", "a\\b", "C:", "sale.html", "a b", "x" * 65, "sale\n", "\0", "é", "~"],
)
def test_any_other_id_is_hashed(campaign_id: str) -> None:
    assert HASHED.fullmatch(report_file_name(campaign_id))


@pytest.mark.parametrize("campaign_id", ["index", "INDEX", "con", "NUL", "com1", "LPT9"])
def test_a_name_the_system_or_the_index_needs_is_hashed(campaign_id: str) -> None:
    assert HASHED.fullmatch(report_file_name(campaign_id))


def test_a_hashed_name_still_says_what_it_is() -> None:
    assert report_file_name("Spring sale, 2026!").startswith("campaign-spring-sale-2026-")


def test_a_name_does_not_change_from_run_to_run() -> None:
    assert report_file_name("a/b") == f"campaign-a-b-{sha256(b'a/b').hexdigest()}.html"


def test_ids_that_differ_in_capitals_only_get_names_that_differ_in_more() -> None:
    names = report_file_names(["Sale", "sale", "SALE", "other"])
    assert names["sale"] == "sale.html"
    assert names["other"] == "other.html"
    assert HASHED.fullmatch(names["Sale"])
    assert HASHED.fullmatch(names["SALE"])


@given(st.lists(st.text(max_size=70) | st.from_regex(r"[a-cA-C.-]{1,3}", fullmatch=True), unique=True, max_size=20))
def test_no_two_campaigns_share_a_file_whatever_the_file_system_thinks_of_capitals(ids: list[str]) -> None:
    names = report_file_names(ids)
    assert names.keys() == set(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,120}\.html", name) for name in names.values())
