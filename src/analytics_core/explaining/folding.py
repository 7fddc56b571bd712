"""Ids and event names with nothing left of how they are written: alike ones become equal (see `likeness`)."""

from decimal import Decimal

import polars as pl

_EDGES = " \t\r\n\"'`{}[]()<>\u00a0\u200b\ufeff"
_WHOLE = r"^\+?[0-9][0-9,]*(?:\.0*)?$"
_EXPONENT = r"^[0-9](?:\.[0-9]{1,30})?e\+?[0-9]{1,2}$"
_NO_FRACTION = r"\.0*$"
_UUID = r"^[0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12}$"


def fold_names(names: pl.Series) -> pl.Series:
    """Names of events without case, blanks, accents and signs: alike ones become equal."""
    plain = names.str.normalize("NFKD").str.replace_all(r"[^\p{L}\p{N}]", "")
    return plain.str.to_lowercase().alias("folded")


def fold_ids(ids: pl.Series) -> pl.Series:
    """Ids without case, blanks and quotes around them, leading zeros and the `.0` of numbers: alike ones become equal.

    What is left of some is nothing: they are like no other.
    """
    if (ids.str.len_bytes() != ids.str.len_chars()).any():
        ids = ids.str.normalize("NFKC").str.replace_all(r"\p{Cf}", "")
    text = pl.col("id").str.strip_chars(_EDGES).str.to_lowercase()
    exponent = text.str.contains(_EXPONENT)
    written_out = pl.when(exponent).then(text).map_elements(lambda found: f"{Decimal(found):f}", return_dtype=pl.String)
    folded = (
        pl.when(text.str.contains(_WHOLE))
        .then(text.str.replace_all(",", "", literal=True).str.replace(_NO_FRACTION, "").str.strip_chars_start("+0"))
        .when(text.str.contains(_UUID))
        .then(text.str.replace_all("[-_]", ""))
        .when(exponent)
        .then(written_out.str.replace(_NO_FRACTION, ""))
        .otherwise(text)
    )
    return pl.DataFrame({"id": ids}).select(folded=folded).to_series()
