"""The outcome of one size's measurement, and what follows from several of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log

from benches.measuring import Cost, Spread, spread
from benches.sizes import Size

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Result:
    """Costs by rival, one a round in the same order; `warm` has the seconds of single campaigns by probe."""

    size: Size
    machine: str
    costs: Mapping[str, Sequence[Cost]]
    warm: Mapping[str, Mapping[str, float]]
    are_equal: bool | None
    """Whether the rivals' numbers were found equal; None where they were not compared."""

    def ratios(self, rival: str, measure: str = "cpu") -> Spread | None:
        """Ours over the rival, round by round; None where one of them did not run."""
        if not {OURS, rival} <= self.costs.keys():
            return None
        pairs = zip(self.costs[OURS], self.costs[rival], strict=True)
        return spread([getattr(mine, measure) / getattr(theirs, measure) for mine, theirs in pairs])

    def as_json(self) -> str:
        """One line that `result_from` reads."""
        return json.dumps(asdict(self), separators=(",", ":"))


def result_from(text: str) -> Result:
    """The result `Result.as_json` wrote."""
    document = json.loads(text)
    costs = {name: [Cost(**cost) for cost in found] for name, found in document["costs"].items()}
    return Result(**document | {"size": Size(**document["size"]), "costs": costs})


def growth(results: Sequence[Result], rival: str) -> list[tuple[Size, Size, float]]:
    """The exponent by which CPU grows with rows, from each size to the next: 1 is linear, 2 quadratic."""
    measured = sorted((result for result in results if rival in result.costs), key=lambda result: result.size.rows)
    return [
        (small.size, big.size, log(_cpu(big, rival) / _cpu(small, rival)) / log(big.size.rows / small.size.rows))
        for small, big in pairwise(measured)
        if big.size.rows > small.size.rows
    ]


def _cpu(result: Result, rival: str) -> float:
    return spread([cost.cpu for cost in result.costs[rival]]).median
