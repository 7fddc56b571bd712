"""A word that is added to a closed set and forgotten somewhere fails, where it has no entry or in the type checker."""

import re
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest

from analytics_core.domain import words
from worlds.definitions import OPERATORS

ROOT = Path(__file__).parents[2]
ENTRIES = {
    "AnalyticsVersion": "domain.settings",
    "Arm": "metrics.metric",
    "ArmFate": "views.explaining.arm_fates",
    "AttributionModel": "views.forms.labels",
    "ControlGroupType": "tables.keys",
    "Counting": "widgets.performance",
    "DeliveryType": "views.forms.labels",
    "EventFate": "views.explaining.why",
    "FilterOperator": "domain.operators",
    "Gap": "metrics.gaps",
    "Grain": "views.breakdown.buckets",
    "InstanceCredit": "views.forms.labels",
    "Outcome": "tables.keys",
    "PersonalizationCategory": "views.forms.labels",
    "ShownAs": "widgets.performance",
    "Standing": "attribution.audience",
    "Status": "views.forms.labels",
    "Vendor": "sources.vendors",
    "Verdict": "views.campaign.certainty",
}
"""A module for each closed set that cannot be imported while it says nothing of one of its words."""
MATCHES = {
    "analytics_core/attribution/comparison.py": "Standing",
    "analytics_core/attribution/conditions.py": "FilterOperator",
    "analytics_core/attribution/matching.py": "InstanceCredit",
    "analytics_core/domain/words.py": "AttributionModel",
}
"""Files with a branch for each word of a closed set."""
PLAIN = "    FORGOTTEN = 'forgotten'"
NEW = {"Vendor": "    FORGOTTEN = 'forgotten', 'Forgotten'"}
"""How a word is added where a line `FORGOTTEN = 'forgotten'` is not enough."""


def _add_a_word(to: str, directory: Path) -> Path:
    """A copy of the package in which the closed sets whose names match `to` have one word more."""
    copy = directory / "src"
    shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
    path = copy / "analytics_core" / "domain" / "words.py"
    text = path.read_text(encoding="utf-8")
    more = re.sub(
        rf"(^class ({to})\(StrEnum\):\n(?:.+\n|\n(?=    ))*?)(?=    [A-Z_]+ = )",
        lambda found: f"{found[1]}{NEW.get(found[2], PLAIN)}\n",
        text,
        flags=re.MULTILINE,
    )
    assert more != text
    path.write_text(more, encoding="utf-8")
    return copy


def _run(*command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=directory, capture_output=True, check=False, text=True)


def test_every_closed_set_is_tried() -> None:
    sets = [name for name, kind in vars(words).items() if isinstance(kind, type) and issubclass(kind, StrEnum)]
    assert sorted(set(sets) - {"StrEnum"}) == sorted(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_word_of_which_nothing_is_said_is_named_at_import(name: str, tmp_path: Path) -> None:
    copy = _add_a_word(name, tmp_path)
    module = f"analytics_core.{ENTRIES[name]}"
    done = _run("-c", f"import sys; sys.path.insert(0, {str(copy)!r}); import {module}", directory=tmp_path)
    assert done.stderr.splitlines()[-1:] == [f"LookupError: {name} has FORGOTTEN, of which nothing is said here"]


def test_an_unknown_operator_is_not_taken_for_another(tmp_path: Path) -> None:
    copy = _add_a_word("FilterOperator", tmp_path)
    script = f"""import sys
sys.path.insert(0, {str(copy)!r})
from analytics_core.attribution.conditions import holds
from analytics_core.domain.campaign import GoalFilter
holds(GoalFilter(attribute="plan", op="forgotten", value="pro"))
"""
    done = _run("-c", script, directory=tmp_path)
    assert "FORGOTTEN" in done.stderr.splitlines()[-1]


def test_generated_worlds_have_filters_of_every_operator() -> None:
    assert set(OPERATORS) == set(words.FilterOperator)


@pytest.mark.long
def test_the_type_checker_finds_every_branch_that_forgets_a_word(tmp_path: Path) -> None:
    _add_a_word(r"\w+", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    done = _run("-m", "mypy", "src", directory=tmp_path)
    found = set(re.findall(r"^src/(\S+?):\d+: error: ", done.stdout, re.MULTILINE))
    assert set(MATCHES) - found == set(), done.stdout
