"""`docs/performance.md`: one generated section a size, each between markers that keep its raw measurements."""

import re
from collections.abc import Sequence
from pathlib import Path

from benches.measuring import Spread, spread
from benches.results import OURS, Result, growth, result_from
from benches.sizes import ONE_USER, SIZES

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

_RIVALS = {
    OURS: "this product",
    "duckdb": "hand-written SQL in DuckDB",
    "pandas": "pandas",
    "scan": "only reading the columns, with Polars",
}
_SECTION = re.compile(r"<!-- benches:(?P<name>\S+) (?P<json>\{.*\}) -->\n.*?<!-- /benches:(?P=name) -->\n", re.DOTALL)
_HEAD = """# Performance

Written by `python -m benches --write`; nothing here is typed in. A run starts every command in a process of its own,
one after the other, round after round, and measures it from outside: CPU is user plus system time of all its threads,
memory the peak of resident memory. Medians over the rounds, the least and the greatest in parentheses. A ratio compares
the two processes of one round; below 1 the product is faster.

Every rival computes the same numbers of all campaigns, and a run fails where one of them differs: attempted, sent and
failed, request attempts, errors, personalization categories, contaminated and matured rows, each goal's conversions,
revenue and percentiles of the time to convert, the trend by local day, and the instances. Of each goal's comparison
with each control group, by sent and by assignment: rows, people, converted rows, converted people and revenue per row
of both arms, and contaminated rows; of the sample ratio both counts of users. DuckDB's result tables stay inside
DuckDB. The product computes more than is compared: hours, weeks, months and cohorts, uplift with its intervals and
p-values, overlaps of categories. The last rival only reads the columns that are needed. Every campaign has a control
group, except in sections that say otherwise and that of one user.
"""


def written(result: Result, page: Path = PAGE) -> None:
    """Put the section of one size into the page, in place of an earlier one; other sizes keep theirs."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    kept = [found for found in results_in(text) if found.size.name != result.size.name]
    page.write_text(rendered([*kept, result]), encoding="utf-8")


def results_in(text: str) -> list[Result]:
    """The results whose sections a page has."""
    return [result_from(found["json"]) for found in _SECTION.finditer(text)]


def rendered(results: Sequence[Result]) -> str:
    """The whole page."""
    ordered = sorted(results, key=_place)
    return "\n".join([_HEAD, *map(_section, ordered), *_growth(ordered)]).rstrip() + "\n"


def _place(result: Result) -> tuple[bool, int, bool]:
    return result.size.name == ONE_USER.name, result.size.rows, not result.size.control


def table(result: Result) -> str:
    """The measurements of one size as a Markdown table."""
    lines = ["| | CPU, s | wall, s | memory, MB |", "|---|---|---|---|"]
    for name, costs in result.costs.items():
        cpu, wall = (_text(spread([getattr(cost, measure) for cost in costs])) for measure in ("cpu", "wall"))
        lines.append(f"| {_RIVALS[name]} | {cpu} | {wall} | {max(cost.peak for cost in costs) / 1e6:,.0f} |")
    return "\n".join(lines)


def sentences(result: Result) -> list[str]:
    """What the table does not say: ratios, single campaigns, whether the numbers agreed."""
    ratios = [
        f"Ours / {name}: {_text(cpu)} of the CPU, {_text(wall)} of the time."
        for name in result.costs
        if name != OURS and (cpu := result.ratios(name)) and (wall := result.ratios(name, "wall"))
    ]
    warm = [
        f"The {probe} campaign alone, in a warm process: {seconds['wall']:.3f} s ({seconds['cpu']:.3f} s CPU)."
        for probe, seconds in result.warm.items()
    ]
    equal = {True: ["All rivals' numbers were equal."], None: [], False: ["The rivals' numbers were NOT equal."]}
    return [*ratios, *warm, *equal[result.are_equal]]


def _section(result: Result) -> str:
    name = result.size.name
    rounds = max(len(costs) for costs in result.costs.values())
    body = [
        f"## {result.size.title}",
        "",
        f"{result.machine} {rounds} round{'' if rounds == 1 else 's'}.",
        "",
        table(result),
        "",
    ]
    listed = [f"- {sentence}" for sentence in sentences(result)]
    lines = [f"<!-- benches:{name} {result.as_json()} -->", *body, *listed, f"<!-- /benches:{name} -->"]
    return "\n".join(lines) + "\n"


def _growth(results: Sequence[Result]) -> list[str]:
    known = [result for result in results if result.size.name in SIZES]
    rivals = dict.fromkeys(name for result in known for name in result.costs)
    lines = [
        f"- {_RIVALS[name]}: {exponent:.2f} from {small.rows / 1e6:.0f} to {big.rows / 1e6:.0f} million rows"
        for name in rivals
        for small, big, exponent in growth(known, name)
    ]
    return ["## Growth", "", "CPU grows with the number of rows to the power of (1 is linear):", "", *lines] * bool(
        lines
    )


def _text(found: Spread) -> str:
    return f"{found.median:.2f} ({found.low:.2f}-{found.high:.2f})"
