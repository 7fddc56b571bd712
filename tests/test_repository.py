"""The house rules that no linter knows: layers, sizes, names, what an import costs, what a clone contains."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "analytics_core"
MODULES = sorted(PACKAGE.rglob("*.py"))

PRODUCT = ("notebook", "report", "demo", "cloud")
LOCKS = {"report": ("report",), "lab": ("report", "notebook"), "all": (*PRODUCT, "dev"), "spark": ("spark",)}
"""The lists of what is installed, with the extras that each holds; that of all is without Spark."""
MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 45
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "misc"}
NOTEBOOK_MODULES = {"IPython", "ipykernel", "jupyter_client", "ipywidgets", "nbformat", "nbconvert", "papermill"}
HEAVY_MODULES = NOTEBOOK_MODULES | {"altair", "vl_convert", "pandas", "sqlalchemy", "deltalake"}


def _module_id(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def _docstring_lines(tree: ast.Module) -> set[int]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented) and ast.get_docstring(node, clean=False)]
    return {line for node in nodes for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}


def _code_lines(path: Path) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    with path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type not in {*silent, tokenize.ENCODING}]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    return len(lines - _docstring_lines(ast.parse(path.read_text(encoding="utf-8"))))


def _tracked_files() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _imported_names() -> set[str]:
    """Top-level names that any module of the package imports."""
    nodes = [node for path in MODULES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    taken_from = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.split(".")[0] for name in plain | taken_from}


def _modules_loaded_by(statement: str) -> set[str]:
    """Top-level names in sys.modules after `statement` ran in a new interpreter."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))


def test_imports_go_down_only() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=_module_id)
def test_a_module_is_short_enough_to_read_at_once(path: Path) -> None:
    assert _code_lines(path) <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=_module_id)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == {}


def test_no_module_has_a_name_that_could_hold_anything() -> None:
    names = {path.stem.strip("_") for path in MODULES} | {path.parent.name for path in MODULES}
    assert names & FORBIDDEN_NAMES == set()


def test_every_silenced_lint_rule_says_why() -> None:
    bare = re.compile(r"#\s*noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?\s*$")
    sources = [path for folder in ("src", "tests", "benches") for path in sorted((ROOT / folder).rglob("*.py"))]
    lines = [(path, line) for path in sources for line in path.read_text(encoding="utf-8").splitlines()]
    assert [f"{path.relative_to(ROOT)}: {line.strip()}" for path, line in lines if bare.search(line)] == []


def test_no_tracked_file_outside_the_tests_names_a_path_of_one_machine() -> None:
    machine_path = re.compile(rb"(?:^|[\s\"'`(=:])(/tmp/|/work/|/root/|/home/\w+/|/Users/\w+/|[A-Z]:\\Users\\)")
    outside_tests = [path for path in _tracked_files() if ROOT / "tests" not in path.parents]
    found = [str(path.relative_to(ROOT)) for path in outside_tests if machine_path.search(path.read_bytes())]
    assert found == []


@pytest.mark.long
def test_a_test_has_the_same_name_in_every_process() -> None:
    """Workers that collect different names run nothing at all."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", "-p", "no:cacheprovider"]
    first, second = (
        subprocess.run(
            command, check=False, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True
        )
        for seed in ("1", "2")
    )
    names = [line for line in first.stdout.splitlines() if "::" in line]
    assert len(names) > 1000, first.stdout[-500:]
    assert [line for line in second.stdout.splitlines() if "::" in line] == names


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = _modules_loaded_by("import analytics_core")
    assert loaded & (HEAVY_MODULES | {"polars", "pydantic", "numpy"}) == set()


def test_the_computing_layers_load_nothing_that_shows() -> None:
    layers = "domain", "tables.canonical", "attribution", "snapshot.snapshot"
    loaded = _modules_loaded_by("\n".join(f"import analytics_core.{layer}" for layer in layers))
    assert loaded & HEAVY_MODULES == set()


def test_what_the_package_imports_is_a_declared_dependency() -> None:
    provided_by = packages_distributions()
    declared = {_name(requirement) for requirement in _direct_requirements(*PRODUCT, "spark")}
    foreign = _imported_names() - set(sys.stdlib_module_names) - {"analytics_core"}
    # Spark is not installed for every test; what it is imported as is what it is called.
    assert [n for n in sorted(foreign) if not declared & {canonicalize_name(d) for d in provided_by.get(n, (n,))}] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    assert re.findall(r"\w+://\S+|^--(?:extra-)?index.*|^--find-links.*", _lock_text(lock), flags=re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", _lock_text(lock), flags=re.MULTILINE).strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_dependency_is_locked_at_a_version_that_satisfies_it(lock: str) -> None:
    locked = _locked_versions(lock)
    wrong = [
        str(requirement)
        for requirement in _direct_requirements(*LOCKS[lock])
        if not (versions := locked.get(_name(requirement), set()))
        or not all(requirement.specifier.contains(version, prereleases=True) for version in versions)
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_package_has_the_same_version_in_every_lock(lock: str) -> None:
    every, own = _locked_versions("all"), _locked_versions(lock)
    assert {name: found for name, found in own.items() if not found <= every.get(name, found)} == {}
    assert own.keys() <= every.keys() or lock == "spark"


def test_what_makes_reports_holds_nothing_for_tests_alone() -> None:
    tools = {
        _name(requirement) for requirement in map(Requirement, _stated()["project"]["optional-dependencies"]["dev"])
    }
    assert tools & set(_locked_versions("report")) == {"jsonschema", "psutil"}


def test_extras_that_a_locked_package_is_asked_for_with_are_named_in_the_lock() -> None:
    """An older pip that installs with hashes looks for `coverage[toml]` and does not find it in `coverage`."""
    locked = _locked_extras()
    missing = [
        f"{asking} needs {requirement}"
        for asking, requirement in _installed_requirements()
        if _name(requirement) in locked and not requirement.extras <= locked[_name(requirement)]
    ]
    assert missing == []


def _locked_versions(lock: str) -> dict[str, set[str]]:
    """By locked package its versions, of which markers choose one."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;\\]+)", _lock_text(lock), flags=re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def _locked_extras() -> dict[str, set[str]]:
    """By locked package, the extras that the lock names with it."""
    found: dict[str, set[str]] = {}
    for name, extras in re.findall(r"^([\w.-]+)(?:\[([\w,.-]+)\])?==", _lock_text("all"), flags=re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).update(canonicalize_name(e) for e in extras.split(",") if e)
    return found


def _installed_requirements() -> list[tuple[str, Requirement]]:
    """What this project and the installed packages that the lock names ask for here, with what asks."""
    locked, stated = (
        _locked_extras(),
        [("pyproject.toml", requirement) for requirement in _direct_requirements(*LOCKS["all"])],
    )
    for installed in distributions():
        name = canonicalize_name(installed.metadata["Name"])
        wanted = [{"extra": extra} for extra in ("", *locked.get(name, ()))]
        for requirement in map(Requirement, installed.requires or ()):
            marker = requirement.marker
            if name in locked and (marker is None or any(marker.evaluate(extra) for extra in wanted)):
                stated.append((name, requirement))
    return [(asking, _plain(requirement)) for asking, requirement in stated if requirement.extras]


def _plain(requirement: Requirement) -> Requirement:
    requirement.extras = {canonicalize_name(extra) for extra in requirement.extras}
    return requirement


def _lock_text(lock: str) -> str:
    return (ROOT / f"requirements-{lock}.lock").read_text(encoding="utf-8")


def _name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def _direct_requirements(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for: to build, to run, and for some extras."""
    project = _stated()["project"]
    inside = [text for extra in extras for text in project["optional-dependencies"][extra]]
    return [Requirement(text) for text in [*_stated()["build-system"]["requires"], *project["dependencies"], *inside]]


def _stated() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
