"""What the documents say is true of the tree they describe."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import typer

from analytics_core.attribution.conditions import holds
from analytics_core.campaigns.documentation import lifecycle_markdown
from analytics_core.cli.commands import app
from analytics_core.domain.campaign import GoalFilter
from analytics_core.domain.documentation import campaigns_markdown, read_examples
from analytics_core.domain.operators import OPERATORS
from analytics_core.domain.words import FilterOperator
from analytics_core.metrics.catalog import catalog_markdown
from analytics_core.metrics.snapshot_schema import keys_of, schema_text, snapshot_schema
from analytics_core.sources.campaigns import read_campaigns
from analytics_core.tables.documentation import tables_markdown

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
EXAMPLES = sorted((DOCS / "campaigns").glob("*.json"))
RECORDS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


def _page_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([scripts, os.environ["PATH"]])}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False, text=True)


def _options() -> dict[str, set[str]]:
    """The options of every command, by the words that call it."""
    commands = dict(typer.main.get_command(app).commands)
    for group in [name for name, command in commands.items() if hasattr(command, "commands")]:
        inside = commands[group].commands
        if not commands[group].invoke_without_command:
            del commands[group]
        commands |= {f"{group} {name}": command for name, command in inside.items()}
    return {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in commands.items()
    }


def test_the_page_of_metrics_is_what_the_catalog_says() -> None:
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == catalog_markdown(), "run `make docs`"


def test_the_page_of_the_lifecycle_is_what_the_table_says() -> None:
    assert (DOCS / "lifecycle.md").read_text(encoding="utf-8") == lifecycle_markdown(), "run `make docs`"


def test_the_page_of_tables_is_what_the_declarations_say() -> None:
    assert (DOCS / "tables.md").read_text(encoding="utf-8") == tables_markdown(), "run `make docs`"


def test_the_page_of_campaigns_is_what_the_model_says() -> None:
    examples = read_examples(DOCS / "campaigns")
    assert (DOCS / "campaigns.md").read_text(encoding="utf-8") == campaigns_markdown(examples), "run `make docs`"


@pytest.mark.parametrize("example", EXAMPLES, ids=_page_id)
def test_an_example_definition_is_good_and_wholly_read(example: Path) -> None:
    extract = read_campaigns(example)
    assert (len(extract.campaigns), extract.rejected.height, extract.unknown_keys) == (1, 0, ())


@pytest.mark.parametrize("op", OPERATORS)
def test_an_operators_example_holds_for_what_its_page_says(op: FilterOperator) -> None:
    rule = GoalFilter(attribute="a", op=op, value=OPERATORS[op].value)
    events = pl.DataFrame(
        {"attributes": [json.dumps({"a": value}, separators=(",", ":")) for value in OPERATORS[op].pair]}
    )
    assert events.select(holds(rule)).to_series().to_list() == [True, False]


def test_the_schema_of_the_snapshot_is_what_the_declarations_say() -> None:
    assert (DOCS / "snapshot.schema.json").read_text(encoding="utf-8") == schema_text(), "run `make docs`"


def test_the_page_of_the_snapshot_names_every_key_of_the_schema() -> None:
    named = set(re.findall(r"`(\w+)`|\"(\w+)\"", (DOCS / "snapshot.md").read_text(encoding="utf-8")))
    assert keys_of(snapshot_schema()) - {word for pair in named for word in pair} == set()


def test_the_architecture_names_every_package() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    inside = [path for path in (ROOT / "src" / "analytics_core").iterdir() if not path.name.startswith("_")]
    assert [path.stem for path in inside if f"`{path.stem}`" not in text] == []


def test_the_recipes_name_files_and_tests_there_are() -> None:
    text = (DOCS / "extending.md").read_text(encoding="utf-8")
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in tests] == []
    made_up = {"views/campaign/delays.py", "sources/paperplane/exports.py", "docs/importing-paperplane.md"}
    places = (ROOT, ROOT / "src" / "analytics_core")
    files = set(re.findall(r"`([\w/-]+\.(?:py|md|ipynb|toml|json))`", text)) - made_up
    assert [name for name in sorted(files) if not any((place / name).is_file() for place in places)] == []


def test_every_folder_the_readme_describes_exists() -> None:
    described = re.findall(r"^\| `([\w/]+/)` \|", README, re.MULTILINE)
    assert len(described) == 7
    assert [folder for folder in described if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("page", PAGES, ids=_page_id)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_decision_records_are_numbered_without_a_gap() -> None:
    assert [path.name[:4] for path in RECORDS] == [f"{number:04d}" for number in range(1, len(RECORDS) + 1)]


def test_the_list_of_decisions_has_each_record_under_its_title() -> None:
    titles = [(path.name, path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")) for path in RECORDS]
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (DOCS / "decisions" / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [(name, title) for title, name in listed] == titles


@pytest.mark.parametrize("record", RECORDS, ids=_page_id)
def test_a_decision_record_has_context_decision_and_consequences_on_half_a_page(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.split()) <= 300


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)\b(?=[`\n])", README)) - targets == set()


def test_the_readme_names_the_commands_there_are() -> None:
    described = re.findall(r"^\| `connector-analytics ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE)
    assert sorted(described) == sorted(_options())


def test_the_readme_names_no_option_its_command_does_not_take() -> None:
    rows = re.findall(r"^\| `connector-analytics ([a-z]+(?: [a-z]+)?)(.*)$", README, re.MULTILINE)
    rows += re.findall(r"^`(metrics)` takes (.*)$", README, re.MULTILINE)
    assert len(rows) == len(_options()) + 1
    assert [(command, set(re.findall(r"--[a-z-]+", row)) - _options()[command]) for command, row in rows] == [
        (command, set()) for command, _ in rows
    ]


def test_the_readmes_example_gives_the_numbers_the_readme_states(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine: the README's example is a bash script")
    (script,) = re.findall(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    done = _run(bash, "-euc", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = _run("connector-analytics", "metrics", "spring-sale", "--workspace", "acme", "--json", cwd=tmp_path)
    performance = json.loads(told.stdout)["performance"]
    assert [performance[name]["total"] for name in ("attempted", "sent", "failed")] == [3, 2, 1]
    assert (performance["conversion_rate"], performance["revenue"], performance["currency"]) == (0.5, "41.50", "USD")
