"""Two users of one group at work in one workspace: each reads and writes what the other made, nobody else anything."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from canonical_files import CAMPAIGN, delivery, event, write_export

from analytics_core.json_text import compact

GROUP, ANN, BOB, EVE = 50_000, 50_001, 50_002, 50_003
"""Numbers nobody has here; eve is in no group."""
COMMAND = [sys.executable, "-m", "analytics_core"]


def run_as(user: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line as it answers a user, in a session of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        user=user,
        group=user if user == EVE else GROUP,
        extra_groups=[],
        umask=0o077,  # the strictest that people have
        cwd="/",
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory of the group."""
    if os.geteuid() != 0:
        pytest.skip("only root can work as two other users")
    try:
        may_run = run_as(ANN, "--help").returncode == 0
    except PermissionError:
        may_run = False
    if not may_run:
        pytest.skip(f"other users may not run {sys.executable}")
    top = Path(tempfile.mkdtemp())
    try:
        top.chmod(0o755)
        made = top / "shared"
        made.mkdir()
        os.chown(made, 0, GROUP)
        made.chmod(0o2770)
        yield made
    finally:
        shutil.rmtree(top)


def export(top: Path, name: str, number: int) -> Path:
    rows = [delivery(name, number), delivery(name, number, request_id=f"bad{number}", occurred_at="yesterday")]
    made = write_export(top / name, deliveries=rows, events=[event(name, number)])
    (made / "campaigns.json").write_text(compact([{**CAMPAIGN, "name": name}]))
    for path in (made, *made.iterdir()):
        path.chmod(0o755)
    return made


@pytest.mark.long
def test_two_users_of_a_group_share_a_workspace(shared: Path) -> None:
    workspace = shared / "workspace"
    exports = [export(shared.parent, name, at) for at, name in ((1, "ann"), (2, "bob"))]

    def check(user: int, *arguments: object) -> str:
        done = run_as(user, *arguments, "-w", workspace)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    assert run_as(ANN, "init", workspace).returncode == 0
    settings = workspace / "workspace.toml"
    settings.write_text(f"{settings.read_text()}group = true\n")
    os.chown(workspace, -1, GROUP)
    workspace.chmod(0o2770)
    settings.chmod(0o660)
    check(ANN, "import", "canonical", exports[0])
    check(BOB, "import", "canonical", exports[1])
    assert "bob" in check(ANN, "campaigns")
    check(BOB, "optimize")
    check(ANN, "imports", "undo", 2)
    check(BOB, "import", "canonical", exports[1], "--again")
    people = shared.parent / "people.txt"
    people.write_text("ann\n")
    people.chmod(0o644)
    check(BOB, "forget", "--users", people, "--as", "bob")
    assert check(ANN, "metrics", "--all", "--json") == check(BOB, "metrics", "--all", "--json") != ""
    assert "WRONG" not in check(BOB, "doctor")
    modes = {path.stat().st_mode & 0o7777 for path in workspace.rglob("*")}
    assert modes <= {0o2770, 0o660}, {oct(mode) for mode in modes}
    assert {path.stat().st_gid for path in workspace.rglob("*") if path != settings} == {GROUP}
    for arguments in (("metrics", "--all"), ("import", "canonical", exports[0]), ("doctor",), ("optimize",)):
        refused = run_as(EVE, *arguments, "-w", workspace)
        assert refused.returncode in (1, 2), arguments
        assert "unexpected" not in refused.stderr + refused.stdout
