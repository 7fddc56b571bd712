"""Keys are packed in 64 bits: large workspaces have more campaigns times users than 32 bits hold."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import analytics_core
from analytics_core.arrays.packing import pack
from analytics_core.attribution.audience import SENT, Lookups, audience_of
from analytics_core.attribution.rules import Numbering, Rules, rules_of
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings

SOURCE = Path(analytics_core.__file__).parent
KEYS = {"campaign", "campaign_keys", "user", "person", "people", "instance", "goal", "event", "name", "row", "arm"}
HOUR, NOW = 3_600_000_000, 1_772_000_000_000_000
HIGHEST = 2**31 - 1
RAW = {"campaign": pl.Int32, "user": pl.Int32, "instance": pl.Int32, "at": pl.Int64, "outcome": pl.Int8}


def test_a_pair_is_packed_as_the_example_says() -> None:
    packed = pack(np.array([0, 2, 2], np.int8), np.array([7, 0, 3], np.int16), 10)
    assert (packed.tolist(), packed.dtype) == ([7, 20, 23], np.int64)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int64])
def test_pairs_near_the_end_of_32_bits_stay_apart_and_in_order(dtype: type[np.integer]) -> None:
    edge = np.array([0, 1, 2**16, HIGHEST - 1, HIGHEST], dtype)
    high, low = np.repeat(edge, len(edge)), np.tile(edge, len(edge))
    packed = pack(high, low, HIGHEST + 1)
    assert packed.tolist() == [one * 2**31 + other for one in edge.tolist() for other in edge.tolist()]
    assert (np.diff(packed) > 0).all()


def _rules(campaigns: int) -> Rules:
    goal = {"goal_id": "g", "name": "g", "event_name": "Order"}
    book = [
        Campaign.model_validate({"campaign_id": f"{key:05}", "name": "x", "delivery_type": "one_time", "goals": [goal]})
        for key in range(campaigns)
    ]
    numbering = Numbering({campaign.campaign_id: key for key, campaign in enumerate(book)}, {"Order": 0})
    return rules_of(book, Settings(), numbering, app_currency="USD", as_of=datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("people", [1000, 1_966_080, HIGHEST])
def test_two_attempts_are_one_audience_row_however_many_users_and_campaigns_there_are(people: int) -> None:
    retried = people * 11 // 15
    rows = [
        (0, retried, 0, NOW, 0, 404),
        (0, retried, 0, NOW + 20 * HOUR, 0, 200),
        (1093, 0, HIGHEST, NOW + 10 * HOUR, 0, 200),
        (1093, people - 1, 0, NOW, 0, 404),
        (1093, people - 1, HIGHEST, NOW + HOUR, 0, 404),
        (1093, people - 1, 0, NOW + 2 * HOUR, 0, 200),
    ]
    raw = pl.DataFrame(rows, schema={**RAW, "code": pl.Int16}, orient="row")
    found = audience_of(raw, _rules(1094), Lookups(lambda _: raw, lambda keys: keys))
    told = zip(found.campaign, found.user, found.standing == SENT, found.attempts, strict=True)
    assert [tuple(map(int, row)) for row in told] == [
        (0, retried, 1, 2),
        (1093, 0, 1, 1),
        (1093, people - 1, 0, 1),
        (1093, people - 1, 1, 2),
    ]


def _column(node: ast.expr) -> str:
    """What a column is called, such as `campaign` in ``rows["campaign"].to_numpy().astype(np.int64)[places]``."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner)):
            return _column(inner)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=inner):
            return _column(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _packed_by_hand(module: Path) -> list[str]:
    """Products and shifts of key columns in a module that uses NumPy."""
    source = module.read_text(encoding="utf-8")
    nodes = ast.walk(ast.parse(source)) if "import numpy" in source else ()
    products = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.LShift)]
    return sorted(ast.unparse(node) for node in products if KEYS & {_column(node.left), _column(node.right)})


def test_a_product_of_a_key_column_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    lines = ["a = audience.campaign[row] * 3 + x", 'b = rows["user"].to_numpy().astype("i8") << 4', "c = hour * 60"]
    module.write_text("\n".join(["import numpy", *lines]))
    assert _packed_by_hand(module) == ["audience.campaign[row] * 3", "rows['user'].to_numpy().astype('i8') << 4"]


def test_keys_are_packed_in_one_place_only() -> None:
    by_hand = {module.name: _packed_by_hand(module) for module in SOURCE.rglob("*.py") if module.name != "packing.py"}
    assert {name: found for name, found in by_hand.items() if found} == {}
