"""Changes that people make in the book: entries, imports on top, taking imports back, tampering."""

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics_core.campaigns.actions import Deed, edit, take_action
from analytics_core.campaigns.lifecycle import Action
from analytics_core.campaigns.review import Reviewed
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError, WorkspaceError
from analytics_core.store.book.book import CampaignBook
from analytics_core.store.book.booked import BookChanges, BookedCampaign
from analytics_core.store.book.entries import BookAct, BookEntry, Change, read_definition, write_definition
from analytics_core.store.commits import Commit, ImportRecord
from defined_campaigns import approval, define

LEE = "lee@acme.example"
BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Desk:
    """A book, the state of the tables it belongs to, and a clock that a test moves."""

    def __init__(self, directory: Path) -> None:
        self.book = CampaignBook("sqlite:///campaigns.db", directory)
        self.commit, self.now = Commit(), BEGIN

    def bring(self, *campaigns: Campaign) -> BookChanges:
        """Import definitions, as far as the book is concerned."""
        identity = self.book.settle(self.commit, alone=True)
        changes = self.book.stage(campaigns, self.commit.next_number)
        self._land(changes.token, identity)
        return changes

    def take_back(self, number: int) -> None:
        """Undo an import, as far as the book is concerned."""
        identity = self.book.settle(self.commit, alone=True)
        changes = self.book.stage_undo(number, self.commit.next_number, self.commit)
        self._land(changes.token, identity, of=number)

    def _land(self, token: str | None, identity: Mapping[str, str], of: int | None = None) -> None:
        at = self.now.isoformat(timespec="microseconds")
        record = ImportRecord(
            number=self.commit.next_number,
            at=at,
            keys={"user": 0},
            latest_at=None,
            last_file=0,
            token=token,
            definitions=1,
            of=of,
        )
        self.commit = replace(self.commit, history=(*self.commit.history, record), books=identity)
        self.book.settle(self.commit, alone=False)

    def act(self, action: str, by: str = "mia", campaign_id: str = "spring-sale") -> BookedCampaign | None:
        """Take an action now."""
        return self._change(campaign_id, action, by, take_action)

    def edit(self, by: str = "mia", campaign_id: str = "spring-sale", **said: Any) -> BookedCampaign | None:  # noqa: ANN401 - any field
        """Change fields now."""

        def change(before: Reviewed, deed: Deed) -> Reviewed:
            return edit(before, Campaign.model_validate({**before.campaign.model_dump(), **said}), deed)

        return self._change(campaign_id, "edit", by, change)

    def _change(self, campaign_id: str, action: str, by: str, change: Any) -> BookedCampaign | None:  # noqa: ANN401 - a function
        def make(entries: Mapping[str, BookEntry]) -> Change:
            before = read_definition(entries[campaign_id].definition or "")
            after = change(before, Deed(Action(action), by, self.now))
            return Change(campaign_id, write_definition(after), BookAct(action))

        return self.book.change(self.commit, make, by)

    def here(self, campaign_id: str = "spring-sale") -> Campaign:
        """A campaign as the book has it."""
        (found,) = (b.campaign for b in self.book.campaigns(self.commit) if b.campaign.campaign_id == campaign_id)
        return found

    def acts(self, campaign_id: str = "spring-sale") -> list[str]:
        """What its entries did."""
        return [entry.act for entry in self.book.history(campaign_id, self.commit)]


def test_an_edit_is_an_entry_of_who_did_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="scheduled"))
    done = desk.edit(by="mia", name="Summer sale")
    assert done is not None
    assert (done.campaign.name, done.campaign.updated_by) == ("Summer sale", "mia")
    last = desk.book.history("spring-sale", desk.commit)[-1]
    assert (last.number, last.version, last.by, last.act, last.import_number) == (2, 2, "mia", "edit", None)
    assert done.entry == (last.number, last.hash)
    assert desk.edit(by="mia", name="Summer sale") is None
    assert desk.book.find_faults(desk.commit) == []


def test_an_import_wins_over_an_edit_and_says_which(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = define(status="scheduled", team="Growth", tags=["a"])
    desk.bring(first)
    desk.edit(name="Summer sale", team="Brand")
    changes = desk.bring(Campaign.model_validate({**first.model_dump(), "team": "Brand"}))
    assert changes.replaced == {"spring-sale": ("name",)}
    assert (desk.here().name, desk.here().team) == ("Spring sale", "Brand")
    assert desk.bring(desk.here()).replaced == {}


def test_taking_an_import_back_keeps_what_people_did_on_top(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="scheduled", team="Growth"))
    desk.bring(define(status="scheduled", team="Brand", tags=["new"]))
    desk.edit(name="Summer sale", audience={"segment": "All"})
    desk.act("stop")
    desk.take_back(2)
    back = desk.here()
    assert (back.name, back.team, back.tags, back.status) == ("Summer sale", "Growth", (), "stopped")
    assert back.audience is not None
    assert desk.acts() == ["import", "import", "edit", "stop", "undo"]
    desk.bring(define(status="sent", team="Other"))
    desk.take_back(4)
    assert (desk.here().team, desk.here().name) == ("Growth", "Summer sale")
    desk.take_back(1)
    assert desk.book.campaigns(desk.commit) == ()
    assert desk.book.find_faults(desk.commit) == []


def test_an_import_that_lands_meanwhile_ends_an_approval(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="draft", approval=approval()))
    desk.act("submit")
    desk.act("approve", LEE)
    assert desk.here().status == "sending"
    changed = Campaign.model_validate({**desk.here().model_dump(), "name": "Summer sale"})
    desk.now += timedelta(hours=1)
    desk.bring(changed)
    after = desk.here()
    assert after.approval is not None
    assert (after.status, after.approval.approved_by) == ("under_review", None)
    (booked,) = desk.book.campaigns(desk.commit)
    assert booked.waits_since == desk.now


def test_undoing_the_change_of_what_was_approved_asks_for_a_decision_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="draft", approval=approval()))
    desk.bring(define(status="draft", approval=approval(), name="Summer sale"))
    desk.act("submit")
    desk.act("approve", LEE)
    desk.now += timedelta(hours=1)
    desk.take_back(2)
    after = desk.here()
    assert after.approval is not None
    assert (after.name, after.status, after.approval.approved_by) == ("Spring sale", "under_review", None)


def test_what_a_user_may_not_do_changes_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="sent"))
    with pytest.raises(AnalyticsError, match="cannot be paused"):
        desk.act("pause")
    assert desk.acts() == ["import"]


def test_a_definition_and_since_when_it_waits_are_read_as_they_were_written() -> None:
    campaign = define(trigger={"waits_since": "x"}, request={"body": '{"waits_since": 1}'})
    for reviewed in (Reviewed(campaign), Reviewed(campaign, BEGIN)):
        assert read_definition(write_definition(reviewed)) == reviewed


COLUMNS = ("number", "campaign_id", "version", "at", "by", "act", "import_number", "definition", "previous", "hash")


def _tamper(path: Path, chance: random.Random) -> str:
    """One change of the history or of what it is for, by SQL."""
    with closing(sqlite3.connect(path)) as connection, connection:
        numbers = [row[0] for row in connection.execute("SELECT number FROM history")]
        kind = chance.choice(["set", "set", "set", "delete", "cut", "swap", "insert", "head", "defined", "undefined"])
        number = chance.choice(numbers)
        match kind:
            case "set":
                column = chance.choice(COLUMNS)
                value = 10_000 + number if column in {"number", "version"} else chance.choice(["7", "elsewhere", "{}"])
                connection.execute(f'UPDATE history SET "{column}" = ? WHERE number = ?', (value, number))  # noqa: S608 - ours
            case "delete":
                connection.execute("DELETE FROM history WHERE number = ?", (number,))
            case "cut":
                connection.execute("DELETE FROM history WHERE number >= ?", (number,))
            case "swap":
                other = chance.choice([each for each in numbers if each != number])
                connection.execute("UPDATE history SET number = -1 WHERE number = ?", (number,))
                connection.execute("UPDATE history SET number = ? WHERE number = ?", (number, other))
                connection.execute("UPDATE history SET number = ? WHERE number = -1", (other,))
            case "insert":
                last = max(numbers)
                connection.execute(
                    'INSERT INTO history SELECT ?, campaign_id, version + 100, "at", "by", act, import_number,'
                    " definition, previous, hash FROM history WHERE number = ?",
                    (last + 1, last),
                )
            case "head":
                connection.execute(f"UPDATE book SET {chance.choice(['entries = 1', 'campaigns = 9', 'head = 1'])}")  # noqa: S608 - ours
            case "defined":
                connection.execute("UPDATE campaigns SET entry = 1, version = 1 WHERE campaign_id = 'spring-sale'")
            case _:
                connection.execute("DELETE FROM campaigns WHERE campaign_id = 'spring-sale'")
    return kind


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 100))])
def test_every_change_of_the_history_is_found(tmp_path: Path, seed: int) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="scheduled"), define(campaign_id="other", status="active", delivery_type="periodic"))
    desk.edit(name="Summer sale")
    desk.act("pause", campaign_id="other")
    desk.edit(team="Growth")
    file = tmp_path / "campaigns.db"
    whole, chance = file.read_bytes(), random.Random(seed)
    assert desk.book.find_faults(desk.commit) == []
    for _ in range(10):
        kind = _tamper(file, chance)
        assert desk.book.find_faults(desk.commit), kind
        file.write_bytes(whole)


def test_a_history_that_was_changed_is_not_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="scheduled"))
    with closing(sqlite3.connect(tmp_path / "campaigns.db")) as connection, connection:
        connection.execute("UPDATE history SET by = 'somebody'")
    with pytest.raises(WorkspaceError, match="is damaged"):
        desk.book.history("spring-sale", desk.commit)


ACTS = ("edit", "tag", "daily", "bring", "decide", "submit", "undo")


class Life:
    """Edits, imports and approvals of one campaign in any order."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.chance, self.desk = random.Random(seed), Desk(directory)
        kind = self.chance.choice(["one_time", "periodic", "event_triggered"])
        self.desk.bring(define(status="scheduled", delivery_type=kind, approval=approval(), trigger="x"))
        self.accepted: str | None = None
        self.decisions: dict[tuple[str, datetime | None], str] = {}
        self.changed_at = self.desk.now

    def step(self) -> None:
        """Something happens; an approval is always of the definition as it is."""
        self.desk.now += timedelta(hours=1)
        before, act = self.desk.here(), self.chance.choice(ACTS)
        try:
            getattr(self, act)(before)
        except AnalyticsError:
            assert self.desk.here() == before
        after = self.desk.here()
        renamed = after.name != before.name
        if renamed:
            is_news = after.updated_at and (not before.updated_at or after.updated_at > before.updated_at)
            known = act == "bring" and is_news
            self.changed_at = min(after.updated_at or self.desk.now, self.desk.now) if known else self.desk.now
        said, had = after.approval, before.approval
        if said is None or said.approved_by is None:
            self.accepted = None
            return
        decided = had is None or (said.approved_by, said.decided_at) != (had.approved_by, had.decided_at)
        if decided or (renamed and act == "bring"):
            if act == "undo":
                # What comes back is approved only if nothing else than what was approved then.
                assert self.decisions[said.approved_by, said.decided_at] == after.name == before.name
            assert act in {"decide", "bring", "undo"}, act
            self.accepted = self.decisions[said.approved_by, said.decided_at] = after.name
            # A decision that an import brings is not older than the change it comes with.
            assert not renamed or (said.decided_at is not None and said.decided_at >= self.changed_at)
        assert after.name == self.accepted, act

    def edit(self, _before: Campaign) -> None:
        """Another name."""
        self.desk.edit(self.chance.choice(["mia", LEE]), name=f"Name {self.chance.randrange(3)}")

    def tag(self, _before: Campaign) -> None:
        """What no approval is of."""
        self.desk.edit(LEE, tags=[str(self.chance.random())])

    def daily(self, before: Campaign) -> None:
        """An import that says nothing new but a status."""
        status = self.chance.choice(["scheduled", "active", "under_review"])
        said = {"status": status, "updated_at": self.desk.now, "approval": None}
        self.desk.bring(Campaign.model_validate({**before.model_dump(), **said}))
        approvals = [campaign.approval for campaign in (before, self.desk.here())]
        assert len({each.approved_by if each else None for each in approvals}) == 1

    def bring(self, before: Campaign) -> None:
        """An import of some name and a decision of some time."""
        decided, updated = (self.desk.now - timedelta(hours=self.chance.randrange(4)) for _ in range(2))
        said = {
            "name": f"Name {self.chance.randrange(3)}",
            "approval": approval(approved_by="sam@acme.example", decided_at=decided),
            "updated_at": self.chance.choice([None, updated]),
            "status": "scheduled",
        }
        self.desk.bring(Campaign.model_validate({**before.model_dump(), **said}))

    def decide(self, _before: Campaign) -> None:
        """Somebody approves or rejects, or tries to."""
        self.desk.act(self.chance.choice(["approve", "reject"]), self.chance.choice(["mia", LEE]))

    def submit(self, _before: Campaign) -> None:
        """It is submitted or withdrawn."""
        self.desk.act(self.chance.choice(["submit", "withdraw"]))

    def undo(self, _before: Campaign) -> None:
        """An import but the first is taken back."""
        history = self.desk.commit.history
        undone = {each.of for each in history}
        numbers = [each.number for each in history[1:] if not each.of and each.number not in undone]
        if numbers:
            self.desk.take_back(self.chance.choice(numbers))


@pytest.mark.parametrize("group", [0, *(pytest.param(group, marks=pytest.mark.long) for group in range(1, 100))])
def test_an_approved_campaign_is_always_the_one_that_was_approved(tmp_path: Path, group: int) -> None:
    size = 100 if group else 20
    for seed in range(group * 100, group * 100 + size):
        directory = tmp_path / str(seed)
        directory.mkdir()
        life = Life(directory, seed)
        for _ in range(life.chance.randint(4, 10)):
            life.step()
        assert life.desk.book.find_faults(life.desk.commit) == []


def test_a_history_that_was_cut_off_whole_is_found_by_an_entry_that_somebody_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(define(status="scheduled"))
    whole = (tmp_path / "campaigns.db").read_bytes()
    done = desk.edit(name="Summer sale")
    assert done is not None
    assert done.entry is not None
    assert desk.book.has_entry(*done.entry)
    (tmp_path / "campaigns.db").write_bytes(whole)
    assert desk.book.find_faults(desk.commit) == []
    assert not desk.book.has_entry(*done.entry)
