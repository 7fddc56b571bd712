"""A plan pins a state: whatever happens while its shares are counted, they add up to the numbers of that state."""

import json
import pickle
import stat
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

import polars as pl
import pytest
from canonical_files import CAMPAIGN, delivery, event, write_export

from analytics_core.domain.errors import AnalyticsError, WorkspaceError
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel
from analytics_core.places.opening import open_place
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.store.book.entries import BookAct, Change
from analytics_core.workspace import Workspace, create_workspace
from analytics_core.workspace.shares.computing import PlannedComputation, make_plan
from analytics_core.workspace.shares.files import ShareFiles
from analytics_core.workspace.shares.plan import Plan, read_plan, write_plan
from object_store import BUCKET
from seeding import seeds, some
from worlds import World, rules_of, tiny_campaign, world

SHARES = (1, 2, 8, 64)
Step = Callable[[Workspace, Path], object]


def texts(snapshots: Sequence[Snapshot]) -> list[str]:
    return [json.dumps(as_json(snapshot), ensure_ascii=False) for snapshot in snapshots]


def plan(workspace: Workspace, settings: Settings | None = None, *, shares: int = 3, **more: object) -> Plan:
    workspace.tables()
    made = make_plan(
        workspace.directory,
        workspace.app,
        settings or workspace.settings,
        shares=shares,
        known_at=workspace.known_at,
        **more,
    )
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own
    return made


def count(made: Plan, where: Path | str, numbers: Sequence[int] | None = None) -> ShareFiles:
    files = ShareFiles(made, [str(where)])
    for number in range(made.division.shares) if numbers is None else numbers:
        files.write(number, PlannedComputation(made).count(number))
    return files


def merged(made: Plan, files: ShareFiles) -> list[str]:
    return texts(PlannedComputation(made).merge(files))


def stocked(told: World, directory: Path) -> Workspace:
    workspace = create_workspace(directory / "workspace", told.app)
    workspace.import_canonical(told.write(directory / "export", fmt="jsonl"))
    return workspace


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (directory / "shares").iterdir()}


@pytest.mark.parametrize("seed", seeds(6500, few=1, long=200))
def test_a_planned_world_has_the_numbers_of_one_computation(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = world(seed)
    workspace, rules = stocked(told, tmp_path), rules_of(seed, told)
    if seed % 3:  # many files, of a few users each
        monkeypatch.setattr("analytics_core.store.tables.BLOCK", seed % 7 + 1)
        workspace.optimize()
    write_plan(plan(workspace, rules, shares=SHARES[seed % len(SHARES)]), tmp_path / "plan.json")
    made = read_plan(tmp_path / "plan.json")
    order = Random(seed).sample(range(made.division.shares), k=made.division.shares)
    assert merged(made, count(made, tmp_path / "parts", order)) == texts(workspace.snapshots(settings=rules))


@pytest.mark.parametrize("model", some(1, AttributionModel))
@pytest.mark.parametrize("seed", seeds(6560, few=1, long=20))
def test_some_campaigns_can_be_planned_alone(seed: int, model: AttributionModel, tmp_path: Path) -> None:
    told = world(seed)
    workspace, rules = stocked(told, tmp_path), replace(rules_of(seed, told), attribution_model=model)
    ids = [campaign.campaign_id for campaign in workspace.campaigns()][:2]
    made = plan(workspace, rules, only=ids)
    assert merged(made, count(made, tmp_path / "parts")) == texts(workspace.snapshots(ids, rules))
    competing = model is AttributionModel.LAST_INTERACTION
    assert len(made.state.definitions) == (len(workspace.campaigns()) if competing else len(ids))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two imports; four people, of whom two ids are one's."""
    made = create_workspace(tmp_path / "workspace")
    sent = [delivery(user, number) for number, user in enumerate(("ann", "bob", "cat", "dan"))]
    made.import_canonical(write_export(tmp_path / "first", deliveries=sent))
    orders = [event("ann", 1), event("dora", 2)]
    merges = [{"user_id": "dora", "merged_into": "dan"}]
    made.import_canonical(write_export(tmp_path / "second", events=orders, identities=merges))
    return made


def import_more(workspace: Workspace, directory: Path) -> None:
    workspace.import_canonical(write_export(directory / "third", deliveries=[delivery("eve", 9)]))


def import_definitions(workspace: Workspace, directory: Path) -> None:
    (write_export(directory / "fourth") / "campaigns.json").write_text(json.dumps([{**CAMPAIGN, "name": "Other"}]))
    workspace.import_canonical(directory / "fourth")


def edit(workspace: Workspace, _: Path) -> None:
    changed = workspace.campaign("spring").model_copy(update={"attribution_window_hours": 0.5})
    workspace.change_book(lambda _: Change("spring", changed.model_dump_json(), BookAct.EDIT), "mia")


def optimize(workspace: Workspace, _: Path) -> None:
    workspace.optimize()


def take_back(workspace: Workspace, _: Path) -> None:
    workspace.undo_import(2)


@pytest.mark.parametrize("change", some(2, [import_more, edit, import_definitions, optimize, take_back]))
def test_whatever_happens_while_shares_are_counted_the_pinned_state_is_counted(
    change: Step, workspace: Workspace, tmp_path: Path
) -> None:
    expected = texts(workspace.snapshots())
    made = plan(workspace)
    count(made, tmp_path / "parts", [1])
    change(workspace, tmp_path)
    workspace.refresh()
    before = contents(tmp_path / "parts")
    files = count(made, tmp_path / "parts")
    assert merged(made, files) == expected
    assert {name: contents(tmp_path / "parts")[name] for name in before} == before
    if change is not optimize:
        assert texts(Workspace(workspace.directory).snapshots()) != expected


def test_everything_at_once_leaves_the_pinned_state_too(workspace: Workspace, tmp_path: Path) -> None:
    expected, made = texts(workspace.snapshots()), plan(workspace)
    for change in (import_more, edit, import_definitions, optimize, take_back, optimize):
        change(workspace, tmp_path)
    assert merged(made, count(made, tmp_path / "parts")) == expected


@pytest.fixture
def following(tmp_path: Path) -> Workspace:
    """Two sends, imported, and an order, in a file that is used where it lies."""
    place = write_outside(tmp_path, [event("ann", 1)])
    settings = create_workspace(tmp_path / "workspace").directory / "workspace.toml"
    settings.write_text(f"{settings.read_text()}events = {json.dumps(str(place))}\n")
    made = Workspace(settings.parent)
    made.import_canonical(write_export(tmp_path / "sends", deliveries=[delivery("ann", 0), delivery("bob", 1)]))
    return made


def write_outside(directory: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    pl.DataFrame(rows).write_parquet(directory / "events.parquet")
    return directory / "events.parquet"


def change_outside(_: Workspace, directory: Path) -> None:
    write_outside(directory, [event("ann", 1), event("bob", 2)])


@pytest.mark.parametrize("change", some(2, [import_more, change_outside, edit, optimize]))
def test_a_table_used_in_place_is_counted_as_it_was_taken_in(
    change: Step, following: Workspace, tmp_path: Path
) -> None:
    expected = texts(following.snapshots())
    assert following.snapshot("spring").performance.converted_users == 1
    made = plan(following)
    count(made, tmp_path / "parts", [1])
    change(following, tmp_path)
    assert merged(made, count(made, tmp_path / "parts")) == expected


def test_reading_a_table_used_in_place_anew_ends_a_plan(following: Workspace, tmp_path: Path) -> None:
    made = plan(following)
    change_outside(following, tmp_path)
    Workspace(following.directory).tables()
    with pytest.raises(WorkspaceError, match=r"^events is used in place and has been read anew since; what was known"):
        count(made, tmp_path / "parts")


def test_an_earlier_state_can_be_planned(workspace: Workspace, tmp_path: Path) -> None:
    then = Workspace(workspace.directory, known_at=workspace.imports()[0].at)
    expected = texts(then.snapshots())
    made = plan(then)
    edit(workspace, tmp_path)
    import_more(workspace, tmp_path)
    assert merged(made, count(made, tmp_path / "parts")) == expected
    assert expected != texts(Workspace(workspace.directory).snapshots())


def test_an_empty_workspace_can_be_planned(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace")
    made = plan(workspace)
    import_more(workspace, tmp_path)
    assert merged(made, count(made, tmp_path / "parts")) == []


def test_erasing_people_ends_a_plan(workspace: Workspace, tmp_path: Path) -> None:
    made = plan(workspace)
    workspace.forget(["bob"], "mia")
    with pytest.raises(WorkspaceError, match=r"^people were erased since the plan was made, .*; make the plan anew$"):
        count(made, tmp_path / "parts")


def test_another_workspace_is_not_the_plans(workspace: Workspace, tmp_path: Path) -> None:
    made = plan(workspace)
    other = create_workspace(tmp_path / "other")
    with pytest.raises(WorkspaceError, match=r"/other does not hold the state of the plan \(import 2\)"):
        PlannedComputation(made, other.directory)


def test_a_definition_that_is_gone_ends_a_plan(workspace: Workspace, tmp_path: Path) -> None:
    book = workspace.directory / "campaigns.db"
    before = book.read_bytes()
    edit(workspace, tmp_path)
    made = plan(workspace)
    book.write_bytes(before)
    with pytest.raises(WorkspaceError, match="no longer has the definition of 'spring' that the plan pins"):
        PlannedComputation(made)


def test_a_share_killed_or_run_twice_or_by_two_at_once_does_no_harm(workspace: Workspace, tmp_path: Path) -> None:
    expected, made = texts(workspace.snapshots()), plan(workspace)
    parts = tmp_path / "parts"
    files = count(made, parts)
    first = contents(parts)
    (parts / "shares" / ".0123456789abcdef.part").write_bytes(b"what a killed process left")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: count(made, parts, [number]), (2, 0, 2, 1, 0, 2)))
    assert contents(parts) == first
    assert merged(made, files) == expected
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (parts / "shares").iterdir()}
    assert modes == {0o600}


def test_missing_strange_and_damaged_shares_are_one_line(workspace: Workspace, tmp_path: Path) -> None:
    made, parts = plan(workspace), tmp_path / "parts"
    files = count(made, parts, [1])
    with pytest.raises(AnalyticsError, match=r"^2 of 3 shares are not in .*/parts: 0, 2; count them with --shard 0/3$"):
        files.refuse_missing()
    other = count(plan(workspace, shares=2), parts)
    with pytest.raises(AnalyticsError, match=r": 0, 2; shares of another plan lie there; count"):
        files.refuse_missing()
    other.refuse_missing()
    count(made, parts)
    name = parts / "shares" / f"{made.id}-2-of-3"
    good = name.read_bytes()
    for bad in (b"", good[:-1], good[:300] + b"?" + good[301:], (parts / "shares" / f"{made.id}-1-of-3").read_bytes()):
        name.write_bytes(bad)
        with pytest.raises(AnalyticsError, match=r"-2-of-3 is damaged or is another share; count it again with --s"):
            merged(made, files)
    count(made, tmp_path / "elsewhere", [2])
    both = ShareFiles(made, [str(parts), str(tmp_path / "elsewhere")])
    assert merged(made, both) == texts(workspace.snapshots())


def test_a_plan_is_private_and_names_neither_users_nor_what_definitions_say(
    workspace: Workspace, tmp_path: Path
) -> None:
    made = plan(workspace)
    write_plan(made, tmp_path / "plan.json")
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600
    assert read_plan(tmp_path / "plan.json") == made
    assert read_plan(tmp_path / "plan.json").id == made.id
    text = (tmp_path / "plan.json").read_text()
    assert [name for name in ("ann", "bob", "dora", "Order", "Spring") if f'"{name}' in text] == []


def spoil(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_what_is_no_plan_of_this_version_is_one_line(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with pytest.raises(AnalyticsError, match=r"^cannot read .*plan\.json: No such file"):
        read_plan(path)
    for text in ("", "[]", '{"id": 1}', "\x00"):
        path.write_text(text)
        with pytest.raises(AnalyticsError, match=r"plan\.json is not a plan; `connector-analytics plan -o"):
            read_plan(path)
    write_plan(plan(workspace), path)
    spoil(path, as_of="2026-04-01T10:00:00Z")
    with pytest.raises(AnalyticsError, match="is damaged: it does not say what was written"):
        read_plan(path)
    spoil(path, package="0.1.0")
    with pytest.raises(AnalyticsError, match=r"was made by connector-analytics 0\.1\.0, and this is .*; make the plan"):
        read_plan(path)


def test_a_plan_can_be_used_where_the_workspace_lies_elsewhere(workspace: Workspace, tmp_path: Path) -> None:
    expected, made = texts(workspace.snapshots()), plan(workspace)
    moved = workspace.directory.rename(tmp_path / "moved")
    files = ShareFiles(made, [str(tmp_path / "parts")])
    for number in range(3):
        files.write(number, PlannedComputation(made, moved).count(number))
    assert texts(PlannedComputation(made, moved).merge(files)) == expected


def test_a_share_looks_into_files_of_its_users_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every share reads all that there is, to see that nothing is damaged."""
    monkeypatch.setattr("analytics_core.store.tables.BLOCK", 2)
    workspace = create_workspace(tmp_path / "workspace")
    people = ("ann", "bob", "cat", "dan", "eve", "fay")
    sent = [delivery(user, number) for number, user in enumerate(people)]
    bought = [event(user, number) for number, user in enumerate(people)]
    workspace.import_canonical(write_export(tmp_path / "first", deliveries=sent, events=bought))
    workspace.optimize()
    expected, made, parts = texts(workspace.snapshots()), plan(workspace), tmp_path / "parts"
    assert made.division.bounds == (0, 2, 4, 6)
    files = count(made, parts, [0])
    tables = workspace.directory / "tables"
    of_users = {
        path: pl.read_parquet(path)["user_key"].to_list()
        for table in ("deliveries", "events")
        for path in (tables / table).glob("*.parquet")
    }
    assert sorted(of_users.values()) == [[0, 1], [0, 1], [2, 3], [2, 3], [4, 5], [4, 5]]
    contents_before = {path: path.read_bytes() for path in of_users}
    for path, users in of_users.items():
        if users != [2, 3]:
            path.write_bytes(b"damaged")
    count(made, parts, [1])
    with pytest.raises(WorkspaceError, match="is damaged: its content is not what was written"):
        count(made, parts, [2])
    for path, content in contents_before.items():
        path.write_bytes(content)
    count(made, parts, [2])
    for path in of_users:
        path.unlink()
    assert merged(made, files) == expected


def test_a_read_only_workspace_can_be_counted(workspace: Workspace, tmp_path: Path) -> None:
    made, before = plan(workspace), sorted(workspace.directory.iterdir())
    merged(made, count(made, tmp_path / "parts"))
    assert sorted(workspace.directory.iterdir()) == before


def test_campaigns_that_compete_are_all_in_every_share(tmp_path: Path) -> None:
    told = tiny_campaign("a").sent("ann").with_campaign("b").sent("ann", at="2026-03-02 09:30", campaign_id="b")
    workspace = stocked(told.bought("ann", at="2026-03-02 10:00").merged("ann", "zoe"), tmp_path)
    rules = Settings(attribution_model=AttributionModel.LAST_INTERACTION)
    made = plan(workspace, rules, shares=5)
    found = [json.loads(text) for text in merged(made, count(made, tmp_path / "parts"))]
    assert [each["performance"]["converted_users"] for each in found] == [0, 1]


@pytest.mark.long
@pytest.mark.usefixtures("in_object_store")
def test_tables_and_shares_can_lie_in_an_object_store(tmp_path: Path) -> None:
    told = world(6501)
    workspace = stocked(told, tmp_path)
    assert workspace.snapshots()
    made, where = plan(workspace), f"s3://{BUCKET}/parts/{datetime.now().timestamp()}"  # noqa: DTZ005 - any name
    assert made.tables.startswith("s3://")
    files = count(made, where, [0])
    with pytest.raises(AnalyticsError, match="2 of 3 shares are not in s3://"):
        files.refuse_missing()
    optimize(workspace, tmp_path)
    count(made, where)
    count(made, where, [1])
    assert merged(made, files) == texts(workspace.snapshots())
    place = open_place(where, tmp_path)
    (name, *_) = place.names("shares")
    place.replace(f"shares/{name}", b"?")
    with pytest.raises(AnalyticsError, match="is damaged or is another share"):
        merged(made, files)
