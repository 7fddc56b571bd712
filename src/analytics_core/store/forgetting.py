"""Erasing people: what a person's ids stand for, and which rejected rows speak of them."""

import json
import re
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import Access, write_text
from analytics_core.tables.identities import roots

_WORDS = re.compile(r"[^\s\"',;|:{}\[\]\\]+")
"""What an id may be among the text of a rejected row."""


def find_ids(asked: Iterable[str], merged_into: Iterable[tuple[str, str]]) -> set[str]:
    """All ids of the people who have any of the ids asked for.

    Args:
        asked: ids of users.
        merged_into: pairs of an id and the one it was merged into.
    """
    persons = roots(dict(merged_into))
    wanted = {persons.get(user, user) for user in asked}
    return wanted | {user for user, person in persons.items() if person in wanted}


def without_people(rows: pl.LazyFrame, ids: Collection[str]) -> pl.LazyFrame:
    """Rows of a table but those that name one of the ids, in whatever column users are named."""
    named = [name for name in ("user_id", "merged_into") if name in rows.collect_schema()]
    if not named:
        return rows
    gone = pl.any_horizontal(pl.col(name).is_in(list(ids)) for name in named)
    return rows.filter(~gone.fill_null(value=False))


def without_names(dictionary: pl.DataFrame, ids: Collection[str]) -> pl.DataFrame:
    """The dictionary of users, where ids that are nobody's stand for those: a key is never handed out twice."""
    gone = dictionary["user_id"].is_in(list(ids))
    replacements = iter([f"erased {secrets.token_hex(64)}"[:128] for _ in range(int(gone.sum()))])
    names = [next(replacements) if erased else user for user, erased in zip(dictionary["user_id"], gone, strict=True)]
    return dictionary.with_columns(pl.Series("user_id", names, pl.String))


def scrub_rejects(directory: Path, ids: Collection[str], access: Access) -> int:
    """Rewrite the files of rejected rows without those that hold one of the ids; how many rows went.

    Raises:
        WorkspaceError: a file cannot be read or written.
    """
    wanted = set(ids)
    composed = [user for user in wanted if not _WORDS.fullmatch(user)]
    went = 0
    for path in sorted(directory.glob("*.jsonl")):
        try:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not _speaks_of(line, wanted, composed)]
            if len(kept) < len(lines):
                write_text(path, "".join(kept), access)
        except OSError as error:
            raise WorkspaceError(f"cannot rewrite {path}: {error.strerror}") from None
        went += len(lines) - len(kept)
    return went


def _speaks_of(line: str, ids: set[str], composed: Iterable[str]) -> bool:
    try:
        raw = str(json.loads(line).get("raw", ""))
    except (ValueError, AttributeError):
        raw = line
    return not ids.isdisjoint(_WORDS.findall(raw)) or any(user in raw for user in composed)
