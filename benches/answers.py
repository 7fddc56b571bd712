"""What one tree of the product answers: `answers.py SRC WORLDS ANSWERS`, run by `same_numbers` in its own process."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEMOS = ("synthetic", "completejourney")
_METRICS = ("sent", "failed", "converted_users", "conversion_events", "unaccounted", "uplift")
_VARIANTS: tuple[tuple[str, ...], ...] = (
    (),
    ("--model", "last_interaction"),
    ("--instance-credit", "every", "--window", "36h"),
    ("--matured-only", "--instance-credit", "first"),
)


def main() -> None:
    """Answer everything."""
    source, worlds, answers = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    sys.path.insert(0, source)
    for number, place in enumerate(sorted(worlds.iterdir())):
        workspace = place / f"workspace-{answers.name}"
        app = json.loads((place / "app.json").read_text(encoding="utf-8"))
        run("init", str(workspace), "--timezone", app["timezone"], "--currency", app["currency"])
        run("import", "canonical", str(place / "export"), "-w", str(workspace))
        ask(workspace, answers / place.name, _VARIANTS[number % len(_VARIANTS)])
    for demo in DEMOS:
        workspace = worlds.parent / f"{demo}-{answers.name}"
        run("demo", str(workspace), "--dataset", demo)
        ask(workspace, answers / demo, ())
        run("report", "--all", "-w", str(workspace), "--output", str(answers / demo / "reports"))


def ask(workspace: Path, answers: Path, variant: tuple[str, ...]) -> None:
    """Write what the commands say of one workspace."""
    answers.mkdir(parents=True)
    listed = run("campaigns", "--json", "-w", str(workspace))
    (answers / "campaigns.json").write_text(listed, encoding="utf-8")
    found = run("metrics", "--all", "--json", "-w", str(workspace), *variant)
    (answers / "metrics.json").write_text(found, encoding="utf-8")
    for name, campaign in enumerate(campaign_ids(listed)):
        for metric in _METRICS:
            told = run("explain", campaign, metric, "--json", "-w", str(workspace), *variant)
            (answers / f"explain-{name}-{metric}.json").write_text(told, encoding="utf-8")


def campaign_ids(listed: str) -> Iterator[str]:
    """Those of the first two campaigns."""
    for line in listed.splitlines()[:2]:
        yield json.loads(line)["campaign_id"]


def run(*arguments: str) -> str:
    """What a command prints, and its exit code where that is not 0."""
    from analytics_core.cli import main as command  # noqa: PLC0415 - of the tree that is asked

    said, complained = io.StringIO(), io.StringIO()
    sys.argv = ["connector-analytics", *arguments]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        try:
            command()
        except SystemExit as ended:
            code = ended.code
    return said.getvalue() if code in {0, None} else f"{said.getvalue()}exit code {code}\n"


if __name__ == "__main__":
    main()
