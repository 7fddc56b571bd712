"""Campaign ids become file names only after checking."""

import re
from collections.abc import Iterable
from hashlib import sha256

KEPT = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Names that Windows keeps for devices, and the name of the page that lists the reports.
TAKEN = frozenset({"con", "prn", "aux", "nul", "index"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)})
SLUG_LENGTH = 24


def report_file_name(campaign_id: str, among: Iterable[str] = ()) -> str:
    """The report's file name: `campaign_id` itself where it is harmless, else a readable start and a hash.

    A hashed name is longer than any kept one, so the two never meet.

    Args:
        campaign_id: any text.
        among: ids of the campaigns reported beside it; of ids that differ in capitals only, those with capitals
            get a hash, since some file systems would take them for one.
    """
    if not KEPT.fullmatch(campaign_id) or campaign_id.casefold() in TAKEN or _has_twin(campaign_id, among):
        return f"{_hashed(campaign_id)}.html"
    return f"{campaign_id}.html"


def report_file_names(campaign_ids: Iterable[str]) -> dict[str, str]:
    """The file name of each campaign of a workspace; no two are equal, not even without regard to capitals."""
    ids = sorted(set(campaign_ids))
    by_fold: dict[str, list[str]] = {}
    for campaign_id in ids:
        by_fold.setdefault(campaign_id.casefold(), []).append(campaign_id)
    return {campaign_id: report_file_name(campaign_id, by_fold[campaign_id.casefold()]) for campaign_id in ids}


def _has_twin(campaign_id: str, among: Iterable[str]) -> bool:
    folded = campaign_id.casefold()
    return campaign_id != folded and any(other != campaign_id and other.casefold() == folded for other in among)


def _hashed(campaign_id: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", campaign_id.lower())[:SLUG_LENGTH].strip("-")
    digest = sha256(campaign_id.encode("utf-8", "surrogatepass")).hexdigest()
    return "-".join(part for part in ("campaign", slug, digest) if part)
