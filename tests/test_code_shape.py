"""How the code is made up, measured: functions are verbs, helpers earn their names, nothing is too long.

Each measure has a bound that may only be tightened. Run with `-s` to see the figures.
"""

import ast
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import analytics_core

SOURCE = Path(analytics_core.__file__).parent
ENTRIES = {"__init__.py", "__main__.py"}
IRREGULAR = {
    *("built", "drawn", "found", "given", "held", "kept", "known", "left", "made", "met"),
    *("said", "seen", "sent", "shown", "taken", "told", "written"),
}
NO_PARTICIPLES = {"embed", "exceed", "feed", "need", "proceed", "seed", "shed", "speed", "succeed"}


@dataclass(frozen=True)
class Module:
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> list[ast.FunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    @cached_property
    def code_lines(self) -> list[int]:
        """Numbers of the lines that are neither blank nor comment nor docstring."""
        documented = {line for node in ast.walk(self.tree) for line in docstring_lines(node)}
        lines = enumerate(self.text.splitlines(), start=1)
        return [n for n, line in lines if line.strip() and not line.strip().startswith("#") and n not in documented]


MODULES = [Module(path, path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))]


def docstring_lines(node: ast.AST) -> range:
    """Of a string that stands alone, wherever it does."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return range(0)


def is_property(function: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in function.decorator_list)


def is_participle(name: str) -> bool:
    word = name.strip("_").split("_")[0]
    return word in IRREGULAR or (word.endswith("ed") and word not in NO_PARTICIPLES)


def function_lengths() -> list[tuple[int, str]]:
    found = []
    for module in MODULES:
        lines = module.code_lines
        for function in module.functions:
            first, last = (
                bisect_left(lines, function.lineno),
                bisect_right(lines, function.end_lineno or function.lineno),
            )
            found.append((last - first, f"{module.path.relative_to(SOURCE)}: {function.name}"))
    return sorted(found)


def test_functions_are_verbs() -> None:
    functions = [f for m in MODULES for f in m.functions if not f.name.startswith("__") and not is_property(f)]
    participles = [function.name for function in functions if is_participle(function.name)]
    share = len(participles) / len(functions)
    print(f"{len(participles)} of {len(functions)} functions have the name of a participle: {share:.1%}")  # noqa: T201 - the figures are what it is for
    assert share <= 0.02, sorted(participles)


def test_private_functions_earn_their_names() -> None:
    uses = []
    for module in MODULES:
        words = Counter(re.findall(r"\b_\w+\b", module.text))
        private = {f.name for f in module.functions if re.match(r"_[^_]", f.name) and not f.decorator_list}
        uses += [words[name] - 1 for name in private]
    share = sum(times == 1 for times in uses) / len(uses)
    print(f"{sum(times == 1 for times in uses)} of {len(uses)} private functions have one caller: {share:.1%}")  # noqa: T201 - the figures are what it is for
    assert share <= 0.55


def test_functions_are_short() -> None:
    lengths = function_lengths()
    middle, most = lengths[len(lengths) // 2][0], lengths[len(lengths) * 95 // 100][0]
    print(f"code lines of a function: median {middle}, 95th percentile {most}, longest {lengths[-1]}")  # noqa: T201 - the figures are what it is for
    assert most <= 25
    assert lengths[-1][0] <= 34, lengths[-3:]


def test_modules_are_neither_long_nor_tiny() -> None:
    sizes = {m.path.relative_to(SOURCE): len(m.code_lines) for m in MODULES if m.path.name not in ENTRIES}
    tiny = sorted(str(path) for path, size in sizes.items() if size < 25)
    print(f"{len(sizes)} modules, the longest of {max(sizes.values())} code lines, {len(tiny)} under 25: {tiny}")  # noqa: T201 - the figures are what it is for
    assert max(sizes.values()) <= 250
    assert len(tiny) <= 5
