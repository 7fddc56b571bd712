"""Snapshots that Spark counts are those of one process, to the byte: here step by step, and on Spark where it is."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from canonical_files import delivery, write_export
from like_spark import like_spark

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.engines.spark.session import Session
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.store.book.entries import BookAct, Change
from analytics_core.workspace import Workspace, create_workspace
from analytics_core.workspace.shares import on_spark
from analytics_core.workspace.shares.computing import make_plan
from analytics_core.workspace.shares.on_spark import PlannedShares, choose_shares, compute_on_spark
from analytics_core.workspace.shares.plan import format_plan
from object_store import await_answer
from seeding import seeds, some
from worlds import World, rules_of, tiny_campaign, world

MISSING = [name for name in ("pyspark", "grpc") if importlib.util.find_spec(name) is None]
MISSING += [] if shutil.which("java") else ["java"]
needs_spark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
ON_A_CLUSTER = Path(__file__).with_name("losing_an_executor.py")
IN_ONE_SESSION = Path(__file__).with_name("worlds_on_spark.py")


def texts(snapshots: Sequence[Snapshot]) -> list[str]:
    return [json.dumps(as_json(snapshot), ensure_ascii=False) for snapshot in snapshots]


def stocked(told: World, directory: Path) -> Workspace:
    workspace = create_workspace(directory / "workspace", told.app)
    workspace.import_canonical(told.write(directory / "export", fmt="jsonl"))
    return workspace


def silent(done: int, shares: int) -> None:
    assert done <= shares


def computed(
    workspace: Workspace,
    rules: Settings | None = None,
    ids: Sequence[str] | None = None,
    session: Session | None = None,
) -> list[str]:
    wanted = [each.campaign_id for each in workspace.campaigns()] if ids is None else ids
    rules, session = rules or workspace.settings, session or like_spark()
    return texts(compute_on_spark(workspace, wanted, rules, session=session, progress=silent))


@pytest.mark.parametrize("cores", some(1, [5, 1]))
@pytest.mark.parametrize("seed", seeds(6600, few=1, long=40))
def test_a_world_has_the_numbers_of_one_computation(seed: int, cores: int, tmp_path: Path) -> None:
    told, session = world(seed), like_spark(cores)
    workspace, rules = stocked(told, tmp_path), rules_of(seed, told)
    assert computed(workspace, rules, session=session) == texts(workspace.snapshots(settings=rules))
    some = [campaign.campaign_id for campaign in workspace.campaigns()][:2]
    assert computed(workspace, rules, some, session) == texts(workspace.snapshots(some, rules))


def test_an_empty_workspace_and_an_earlier_state_have_theirs(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace")
    assert computed(workspace) == []
    workspace.import_canonical(write_export(tmp_path / "first", deliveries=[delivery("ann", 1)]))
    then = workspace.imports()[0].at
    expected = computed(workspace)
    workspace.import_canonical(write_export(tmp_path / "second", deliveries=[delivery("bob", 2)]))
    assert computed(Workspace(workspace.directory, known_at=then)) == expected != computed(workspace)


def test_whatever_happens_on_the_way_the_numbers_are_of_one_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two shares rows land, tables are rearranged and a definition is edited."""
    workspace = create_workspace(tmp_path / "workspace")
    sent = [delivery(user, number) for number, user in enumerate(("ann", "bob", "cat", "dan"))]
    workspace.import_canonical(write_export(tmp_path / "first", deliveries=sent))
    expected, other, count = texts(workspace.snapshots()), Workspace(workspace.directory), PlannedShares.count
    changed = workspace.campaign("spring").model_copy(update={"attribution_window_hours": 0.5})

    def count_meanwhile(shares: PlannedShares, number: int) -> bytes:
        if number == 1:
            other.import_canonical(write_export(tmp_path / "second", deliveries=[delivery("eve", 9)]))
            other.change_book(lambda _: Change("spring", changed.model_dump_json(), BookAct.EDIT), "mia")
            other.optimize()
        return count(shares, number)

    monkeypatch.setattr(PlannedShares, "count", count_meanwhile)
    workspace.compute_elsewhere = partial(compute_on_spark, workspace, session=like_spark(), progress=silent)
    workspace.refresh()
    assert texts(workspace.snapshots()) == expected
    assert texts(Workspace(workspace.directory).snapshots()) != expected


def test_many_rows_have_more_shares_than_the_least(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = stocked(tiny_campaign("a").sent("ann").bought("ann", at="2026-03-02 10:00"), tmp_path).tables()
    assert choose_shares(tables, 6) == 6
    monkeypatch.setattr(on_spark, "_ROWS", 1)
    assert (choose_shares(tables, 2), choose_shares(tables, 100_000)) == (2, 10_000)
    monkeypatch.setattr(on_spark, "_ROWS", 0.25)
    assert choose_shares(tables, 1) == 8


@pytest.mark.parametrize(("is_local", "shares"), [(True, 3), (False, 6)])
def test_a_core_of_a_cluster_has_two_shares_because_another_may_be_slow(
    is_local: bool,  # noqa: FBT001 - a case
    shares: int,
    tmp_path: Path,
) -> None:
    workspace = stocked(tiny_campaign("a").sent("ann"), tmp_path)
    told: list[int] = []
    session = replace(like_spark(3), is_local=is_local)
    compute_on_spark(
        workspace, ["a"], workspace.settings, session=session, progress=lambda _, shares: told.append(shares)
    )
    assert told[-1] == shares


def test_an_executor_with_another_version_or_without_the_workspace_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = stocked(tiny_campaign("a").sent("ann"), tmp_path)
    plan = make_plan(workspace.directory, workspace.app, workspace.settings, shares=2)
    gone = PlannedShares(format_plan(replace(plan, directory=str(tmp_path / "elsewhere"))))
    with pytest.raises(AnalyticsError, match=r"^no workspace in .+/elsewhere: workspace\.toml is missing"):
        gone.count(0)
    monkeypatch.setattr("analytics_core.workspace.shares.plan.package_version", lambda: "9.9")
    with pytest.raises(AnalyticsError, match=r"^the plan was made by connector-analytics .+, and this is 9\.9; make"):
        PlannedShares(format_plan(plan)).count(0)


def environment(master: str | None, **more: str) -> dict[str, str]:
    """Of a process that starts its own session; None: or that asks a server for one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_", "MASTER"))}
    return {**kept, **({} if master is None else {"MASTER": master}), **more}


def metrics(workspace: Path, *options: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "analytics_core", "metrics", "--all", "--json", "-w", workspace, *options]
    return subprocess.run(command, env=surroundings or None, capture_output=True, check=False, text=True)


@pytest.mark.long
@needs_spark
@pytest.mark.parametrize("master", ["local[2]", "local-cluster[2,1,1024]"])
def test_spark_prints_what_one_process_prints_and_nothing_besides(master: str, demo_workspace: Path) -> None:
    options = ("--model", "last_interaction", "--instance-credit", "every", "--since", "2026-03-10")
    done = metrics(demo_workspace, *options, "--engine", "spark", **environment(master))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == metrics(demo_workspace, *options).stdout


@pytest.mark.long
@needs_spark
def test_worlds_by_any_rules_have_the_same_numbers_on_spark(tmp_path: Path) -> None:
    first, end = 6700, 6900
    command = [sys.executable, IN_ONE_SESSION, str(first), str(end), tmp_path]
    surroundings = environment("local[2]", PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run(command, env=surroundings, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(seed) for seed in range(first, end)]


@pytest.mark.long
@needs_spark
@pytest.mark.usefixtures("in_object_store")
def test_spark_counts_tables_that_lie_in_an_object_store(tmp_path: Path) -> None:
    workspace = stocked(world(6501), tmp_path)
    assert '"s3://' in (workspace.directory / "workspace.toml").read_text()
    done = metrics(workspace.directory, "--engine", "spark", **environment("local[2]"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == metrics(workspace.directory).stdout != ""


@pytest.fixture
def spark_connect(tmp_path: Path) -> Iterator[str]:
    """The address of a server of Spark Connect."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Path(importlib.util.find_spec("pyspark").origin).parent
    command = [home / "sbin" / "start-connect-server.sh", "--conf", f"spark.connect.grpc.binding.port={port}"]
    surroundings = environment("local[2]", SPARK_HOME=str(home), SPARK_NO_DAEMONIZE="1", SPARK_LOG_DIR=str(tmp_path))
    surroundings |= {"PYSPARK_PYTHON": sys.executable, "SPARK_PID_DIR": str(tmp_path)}
    with (tmp_path / "server").open("wb") as said:
        server = subprocess.Popen(command, env=surroundings, stdout=said, stderr=said, start_new_session=True)
    try:
        await_answer(port, server, patience=180)
        yield f"sc://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.mark.long
@needs_spark
def test_a_server_of_spark_connect_gives_the_same_numbers(spark_connect: str, demo_workspace: Path) -> None:
    surroundings = environment(None, SPARK_REMOTE=spark_connect)
    options = ("--model", "last_interaction", "--until", "2026-03-20")
    done = metrics(demo_workspace, *options, "--engine", "spark", **surroundings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == metrics(demo_workspace, *options).stdout


@pytest.mark.long
@needs_spark
def test_a_lost_executor_costs_its_shares_only(demo_workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "spark-defaults.conf").write_text(
        f"spark.eventLog.enabled true\nspark.eventLog.dir {tmp_path.as_uri()}\nspark.eventLog.rolling.enabled false\n"
        "spark.eventLog.compress false\n"
    )
    surroundings = environment("local-cluster[2,1,1024]", SPARK_CONF_DIR=str(tmp_path))
    command = [sys.executable, str(ON_A_CLUSTER), str(demo_workspace)]
    done = subprocess.run(command, env=surroundings, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == metrics(demo_workspace).stdout
    (log,) = tmp_path.glob("app-*")
    ended = [event for event in map(json.loads, log.read_text().splitlines()) if event["Event"].endswith("TaskEnd")]
    counted = [event["Task Info"] for event in ended if event["Stage ID"] == 0]
    lost = {info["Executor ID"] for info in counted if info["Failed"]}
    assert len(lost) == 1
    kept = Counter(info["Index"] for info in counted if info["Executor ID"] not in lost)
    assert kept == dict.fromkeys(range(12), 1)


@pytest.mark.long
@needs_spark
def test_an_executor_that_cannot_open_the_workspace_is_one_line(demo_workspace: Path, tmp_path: Path) -> None:
    script = f"""
from dataclasses import replace
from analytics_core.workspace.shares import on_spark
form, where = on_spark.format_plan, {str(tmp_path / "none")!r}
on_spark.format_plan = lambda plan: form(replace(plan, directory=where))
from analytics_core.cli import main
main()
"""
    command = [sys.executable, "-c", script, "metrics", "--all", "--engine", "spark", "-w", str(demo_workspace)]
    done = subprocess.run(command, env=environment("local[2]"), capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f": no workspace in {tmp_path / 'none'}: workspace.toml is missing" in done.stderr
    Path(done.stderr.rpartition("; ")[2].split()[0]).unlink()


@pytest.mark.long
@needs_spark
def test_the_file_of_the_documentation_is_run_by_spark_submit(demo_workspace: Path, tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "docs" / "scale" / "on_spark.py"
    submit = Path(sys.executable).with_name("spark-submit")
    surroundings = environment("local[2]", PYSPARK_PYTHON=sys.executable)
    done = subprocess.run(
        [submit, script, demo_workspace, tmp_path / "numbers"], env=surroundings, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "numbers").read_text(encoding="utf-8") == metrics(demo_workspace).stdout
