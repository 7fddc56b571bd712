import json
from pathlib import Path

import pytest

from analytics_core.views.campaign.cards import DEFAULT_PINS
from analytics_core.widgets.pins import PinFile, PinsNotSavedError

pytestmark = pytest.mark.usefixtures("state_home")


def test_pins_come_back_as_they_were_saved(state_home: Path, tmp_path: Path) -> None:
    PinFile.of(tmp_path / "ws").save(("failed", "sent"))
    assert PinFile.of(tmp_path / "ws").load() == ("failed", "sent")
    assert PinFile.of(tmp_path / "ws").path.is_relative_to(state_home / "connector-analytics")


def test_no_pins_at_all_is_remembered_too(tmp_path: Path) -> None:
    PinFile.of(tmp_path / "ws").save(())
    assert PinFile.of(tmp_path / "ws").load() == ()


def test_two_workspaces_have_pins_of_their_own(tmp_path: Path) -> None:
    PinFile.of(tmp_path / "one").save(("sent",))
    PinFile.of(tmp_path / "two").save(("failed",))
    assert PinFile.of(tmp_path / "one").load() == ("sent",)


def test_the_same_workspace_by_another_way_has_the_same_pins(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "ws")
    PinFile.of(tmp_path / "ws").save(("sent",))
    assert PinFile.of(tmp_path / "link").load() == ("sent",)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"pins": "sent"}', b'{"pins": [1]}', b"null", b"\xff\xfe", b'{"pins": ' + b"[" * 200_000],
    ids=["empty", "cut off", "a list", "pins a text", "pins numbers", "null", "not text", "nested too deeply"],
)
def test_a_file_that_says_nothing_usable_means_the_default_pins(tmp_path: Path, content: bytes) -> None:
    file = PinFile.of(tmp_path / "ws")
    file.save(("failed",))
    file.path.write_bytes(content)
    assert file.load() == DEFAULT_PINS


def test_without_a_file_the_default_pins_stand(tmp_path: Path) -> None:
    assert PinFile.of(tmp_path / "ws").load() == DEFAULT_PINS


def test_saving_leaves_one_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = PinFile.of(tmp_path / "ws")
    file.save(("sent",))
    file.save(("failed",))
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]
    assert json.loads(file.path.read_text()) == {"pins": ["failed"]}


def test_pins_that_cannot_be_saved_say_so_and_leave_no_part_behind(tmp_path: Path) -> None:
    file = PinFile.of(tmp_path / "ws")
    file.path.mkdir(parents=True)
    with pytest.raises(PinsNotSavedError, match="until the notebook is closed"):
        file.save(("sent",))
    assert list(file.path.parent.iterdir()) == [file.path]


def test_without_a_state_home_the_pins_are_below_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PinFile.of(tmp_path / "ws").path.is_relative_to(tmp_path / ".local" / "state" / "connector-analytics")


def test_a_relative_state_home_is_void(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PinFile.of(tmp_path / "ws").path.is_relative_to(tmp_path / ".local" / "state")
