"""Why a row is set aside, and how its raw text is kept."""

import re

import polars as pl

RAW_LENGTH = 10_000
REJECTED = pl.Schema({"file": pl.String, "row": pl.Int64, "reason": pl.String, "raw": pl.String})
"""One row per rejected input row: file, line or row number (from 1), reason (one line, no ids in it), raw text."""

NOT_UTF8 = "not UTF-8"

_SURROGATE = re.compile("[\ud800-\udfff]")


def is_unicode(text: str) -> bool:
    """Whether `text` can be written down: no lone surrogate, from an escape or from a byte that is not UTF-8."""
    return text.isascii() or _SURROGATE.search(text) is None


def readable(text: str) -> str:
    """`text` with every byte or half character that is not Unicode shown as a replacement character."""
    return text if is_unicode(text) else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def cut_raw(text: str) -> str:
    """The raw text as it is kept: whole up to 10,000 characters, then cut with an ellipsis."""
    return readable(text if len(text) <= RAW_LENGTH else text[:RAW_LENGTH] + "…")
