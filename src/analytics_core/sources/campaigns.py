"""Campaign definitions: `campaigns.json`, an array of objects."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import RowError, UnreadableInputError, plain_reason
from analytics_core.domain.time import FIRST_YEAR, LAST_YEAR
from analytics_core.json_text import MAX_DEPTH, TOO_DEEP, depth_of
from analytics_core.sources.files.files import naming
from analytics_core.sources.rows.batches import REJECTED
from analytics_core.sources.rows.texts import cut_raw, is_unicode, readable

_MAX_REASON = 200
_MAX_DIGITS = 1_000
_GREATEST = 10**15
"""Of whole numbers in a definition; requests a minute, for one, are far fewer."""
_TEXTS = frozenset({"request", "trigger"})
_BETWEEN = re.compile(r"[\s,]*")


def _integer(digits: str) -> float:
    """A number too long for anything becomes an infinity, which no definition may hold."""
    return int(digits) if len(digits) <= _MAX_DIGITS else math.inf


_DECODER = json.JSONDecoder(parse_int=_integer)


@dataclass(frozen=True, slots=True)
class CampaignsExtract:
    """What the definitions file holds.

    Attributes:
        campaigns: the good definitions in file order, ids differ.
        rejected: the others: `file`, `row` (position in the array, from 1), `reason`, `raw`.
        read: entries read: campaigns, duplicates and rejected ones.
        duplicates: good entries that repeat the id of an earlier one; the first is kept.
        unknown_keys: keys of good entries that are not read, dotted where nested, sorted.
    """

    campaigns: tuple[Campaign, ...]
    rejected: pl.DataFrame
    read: int
    duplicates: int
    unknown_keys: tuple[str, ...]


def read_campaigns(path: Path) -> CampaignsExtract:
    """Every definition in the file at `path`, or the reason why it is none.

    Raises:
        UnreadableInputError: the file cannot be read, or is not a JSON array; the message names it.
    """
    campaigns: dict[str, Campaign] = {}
    rejected: list[tuple[str, int, str, str]] = []
    unknown: set[str] = set()
    read = duplicates = 0
    for read, (entry, raw) in enumerate(_entries(path), 1):
        try:
            campaign = _campaign(entry)
        except RowError as error:
            rejected.append((path.name, read, str(error), cut_raw(raw)))
            continue
        duplicates += campaign.campaign_id in campaigns
        campaigns.setdefault(campaign.campaign_id, campaign)
        unknown.update(_unknown(entry, campaign.model_dump(), ""))
    rows = pl.DataFrame(rejected, schema=REJECTED, orient="row")
    return CampaignsExtract(tuple(campaigns.values()), rows, read, duplicates, tuple(sorted(unknown)))


def _entries(path: Path) -> Iterator[tuple[object, str]]:
    """The entries of the array, each with its text."""
    with naming(path.name):
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        whole = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"{path.name}: is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableInputError(f"{path.name}: is not JSON: {error.msg} ({place})") from error
    except RecursionError as error:
        raise UnreadableInputError(f"{path.name}: is nested too deeply") from error
    if not isinstance(whole, list):
        raise UnreadableInputError(f"{path.name}: is not a JSON array of campaigns")
    end = text.index("[") + 1
    for _ in whole:
        start = end + len(_BETWEEN.match(text, end)[0])  # type: ignore[index]  # the pattern matches nothing, too
        entry, end = _DECODER.raw_decode(text, start)
        yield entry, text[start:end]


def _campaign(entry: object) -> Campaign:
    if not isinstance(entry, dict):
        raise RowError("not a JSON object")
    _require_sane(entry)
    given = entry.get("campaign_id")
    # Ids are text everywhere; exports that count their campaigns write whole numbers.
    named = {**entry, "campaign_id": str(given)} if type(given) is int else entry
    try:
        campaign = Campaign.model_validate(named)
    except ValidationError as error:
        # What is wrong first, without any value: a definition may hold secrets.
        found = error.errors(include_url=False, include_context=False, include_input=False)
        place, message = found[0]["loc"], plain_reason(found[0]["msg"])
        # Below the request stand names its author chose, which may be secret as well.
        shown = place[:2] if place[:1] == ("request",) else place
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        text = " ".join(f"{'.'.join(map(str, shown)) or 'campaign'}: {message}".split())
        raise RowError(readable(text[:_MAX_REASON]) + more) from error
    if "\0" in campaign.campaign_id:
        raise RowError("campaign_id contains a NUL character")
    _require_usable(campaign.model_dump(), "")
    return campaign


def _require_usable(fields: Mapping[str, object], above: str) -> None:
    """Refuse, by its name, an instant of which there is no such time in another zone, and a number beyond all use.

    Only what the definition means is looked at; what it sends and what starts it are texts to us.
    """
    for key, value in fields.items():
        name = f"{above}{key}"
        if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise RowError(f"{name} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
        if isinstance(value, int) and abs(value) > _GREATEST:
            raise RowError(f"{name} is not between -{_GREATEST:,} and {_GREATEST:,}")
        if isinstance(value, dict) and name not in _TEXTS:
            _require_usable(value, f"{name}.")


def _require_sane(entry: object) -> None:
    """Refuse what could be read but never written again."""
    if depth_of(entry) > MAX_DEPTH:
        raise RowError(TOO_DEEP)
    level = [entry]
    while level:
        if any(isinstance(item, float) and not math.isfinite(item) for item in level):
            raise RowError("contains a number that JSON cannot express")
        if not all(is_unicode(item) for item in level if isinstance(item, str)):
            raise RowError("contains text that is not valid Unicode")
        inside = [[*item, *item.values()] if isinstance(item, dict) else item for item in level]
        level = [inner for items in inside if isinstance(items, list) for inner in items]


def _unknown(entry: object, read: object, prefix: str) -> Iterator[str]:
    """Keys of `entry` that did not make it into what was `read` of it, with the keys that lead to them."""
    if isinstance(entry, dict) and isinstance(read, dict):
        for key, value in entry.items():
            if key in read:
                yield from _unknown(value, read[key], f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}"
    elif isinstance(entry, list) and isinstance(read, list | tuple):
        for item, kept in zip(entry, read, strict=False):
            yield from _unknown(item, kept, prefix)
