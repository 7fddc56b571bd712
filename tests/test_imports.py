"""Which module imports which: no circle, no name by way of a module that only passes it on, no crowded folder."""

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "analytics_core"
OPEN_DOORS = {f"analytics_core.{name}" for name in ("workspace", "reporting", "widgets", "demo", "cli")}
"""Packages whose `__init__` hands on what others may use of them."""
MOST_MODULES = 12


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def _imports(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Modules, and the names taken from them where any are named: also in functions, also for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names if alias.name in TREES)
        elif isinstance(node, ast.ImportFrom) and node.module in TREES:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield (inside, None) if inside in TREES else (node.module, alias.name)


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: {found for found, _ in _imports(tree)} - {module} for module, tree in TREES.items()}
    circle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


def test_every_name_is_imported_from_the_module_that_says_it() -> None:
    taken = {module: {name for _, name in _imports(tree)} for module, tree in TREES.items()}
    passed_on = [
        f"{module}: {name} from {origin}"
        for module, tree in TREES.items()
        for origin, name in _imports(tree)
        if name is not None and origin not in OPEN_DOORS and name in taken[origin]
    ]
    assert passed_on == []


def test_no_folder_holds_more_modules_than_one_sees_at_once() -> None:
    modules = Counter(
        str(path.parent.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if path.stem != "__init__"
    )
    assert {folder: count for folder, count in modules.items() if count > MOST_MODULES} == {}
