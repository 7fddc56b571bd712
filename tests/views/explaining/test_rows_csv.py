"""What a spreadsheet opens runs nothing."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.views.explaining.row_tables import csv_ready

_WIDE = "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
_UNSEEN = (*_WIDE, *(f"{start}=" for start in ("\u200b", "\ufeff", "\u00a0", "\u2060 ", " \u200b\u3000", "\u200d")))
TEXTS = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n=", *_UNSEEN])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    cell = f"{start}HYPERLINK(1)"
    assert csv_ready(pl.DataFrame({"user_id": [cell]})).item() == f"'{cell}"


@given(TEXTS)
def test_no_cell_ever_starts_like_a_formula(text: str) -> None:
    cell = csv_ready(pl.DataFrame({"user_id": [text]})).item()
    assert not cell.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_negative_numbers_stay_numbers() -> None:
    assert csv_ready(pl.DataFrame({"amount": [-1]})).item() == -1
