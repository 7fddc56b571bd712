"""The published schema of snapshot documents, held against whatever documents the tests compute."""

import json
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

# jsonschema's format extras load this grammar, seconds in every process; the schema states its formats as patterns too.
sys.modules.setdefault("rfc3987_syntax", None)

from jsonschema import Draft202012Validator  # noqa: E402 - the line above must come first

PAGE = Path(__file__).parents[2] / "docs" / "snapshot.schema.json"
VALIDATOR = Draft202012Validator(json.loads(PAGE.read_text(encoding="utf-8")))


def read_back(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents after a round through JSON text, each as the schema says."""
    texts = [json.dumps(document) for document in documents]
    wrong = [violation for violation in map(first_violation, texts) if violation]
    assert not wrong, wrong[0]
    return [json.loads(text) for text in texts]


@lru_cache(maxsize=10_000)
def first_violation(text: str) -> str | None:
    """Where a document is not as the schema says, and why; None where it is. Many tests compute the same document."""
    error = next(VALIDATOR.iter_errors(json.loads(text)), None)
    return None if error is None else f"{error.json_path}: {error.message}"
