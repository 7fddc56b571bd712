"""Whether two commits say the same: `python -m benches.same_numbers COMMIT [--worlds 300]`.

Both demos and generated worlds are written to files once. The code of COMMIT and that of this checkout import them and
answer `campaigns --json`, `metrics --json` and `explain --json`, in processes of their own. The answers are compared
byte by byte, but for when an import happened and by which version. The texts of both demos' reports are compared too,
and their differing lines are printed: words may change where numbers do not.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

from benches.answers import DEMOS, ROOT

_OF_THE_RUN = re.compile(r'"(imported_at|at|package)": "[^"]*"')
"""When an import happened and by which version of the package."""
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_SHOWN = 20


def main() -> int:
    """Print what differs; 0 where nothing does but words."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("commit")
    parser.add_argument("--worlds", type=int, default=300)
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        place = Path(name)
        _write_worlds(place / "worlds", asked.worlds)
        _check_out(asked.commit, place / "then")
        for tree, answers in ((place / "then", place / "answers-then"), (ROOT, place / "answers-now")):
            _answer(tree, place / "worlds", answers)
        differing = list(_compare(place / "answers-then", place / "answers-now"))
        _print_words(place / "answers-then", place / "answers-now")
    print(f"{asked.worlds} worlds and {len(DEMOS)} demos: {len(differing)} answers differ")
    for line in differing[:_SHOWN]:
        print(line)
    return 1 if differing else 0


def _write_worlds(place: Path, number: int) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from worlds import world  # noqa: PLC0415 - tests are no package of the product

    for seed in range(number):
        told = world(seed)
        told.write(place / f"{seed:03d}" / "export", fmt=("jsonl", "csv", "parquet")[seed % 3])
        settings = {"timezone": told.app.timezone, "currency": told.app.currency}
        (place / f"{seed:03d}" / "app.json").write_text(json.dumps(settings), encoding="utf-8")


def _check_out(commit: str, place: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603, S607 - git and tar as they are found
    place.mkdir()
    subprocess.run(["tar", "-x", "-C", str(place)], input=archive, check=True)  # noqa: S603, S607 - git and tar as they are found


def _answer(tree: Path, worlds: Path, answers: Path) -> None:
    # Isolated from what is installed: the package is found where the tree has it.
    command = [sys.executable, str(ROOT / "benches" / "answers.py"), str(tree / "src"), str(worlds), str(answers)]
    subprocess.run(command, check=True, cwd=worlds)  # noqa: S603 - this Python


def _compare(then: Path, now: Path) -> Iterator[str]:
    names = {path.relative_to(place) for place in (then, now) for path in place.rglob("*.json")}
    for name in sorted(names):
        texts = [_OF_THE_RUN.sub(r'"\1": ""', _text(place / name)) for place in (then, now)]
        if texts[0] != texts[1]:
            yield f"{name}: {next(_differences(*texts), 'other line ends')}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else "no answer"


def _differences(then: str, now: str) -> Iterator[str]:
    for one, other in zip(then.split("\n"), now.split("\n"), strict=False):
        for place, (left, right) in enumerate(zip(one, other, strict=False)):
            if left != right:
                yield f"{one[max(place - 60, 0) : place + 60]} | {other[max(place - 60, 0) : place + 60]}"
                break
        else:
            if one != other:
                yield f"{one[-80:]} | {other[-80:]}"


def _print_words(then: Path, now: Path) -> None:
    for path in sorted(then.rglob("*.html")):
        name = path.relative_to(then)
        lines = [_lines(place / name) for place in (then, now)]
        for line in unified_diff(*lines, lineterm="", n=0):
            if line[:1] in "+-" and line[:3] not in {"+++", "---"}:
                print(f"{name}: {line}")


def _lines(page: Path) -> list[str]:
    text = _MARKUP.sub("\n", _text(page))
    return [line.strip() for line in text.split("\n") if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
