"""What lies at paths, and what is said of files that nobody reads."""

import os
import socket
from pathlib import Path

import pytest

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.finding.exports import files_in
from analytics_core.sources.finding.listing import list_entries
from analytics_core.sources.finding.unread import Search


def write(directory: Path, *names: str) -> Path:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return directory


def names_of(*paths: Path) -> list[str]:
    return [entry.name for entry in list_entries(paths)]


def reasons(directory: Path, *read: Path) -> dict[str, str]:
    return {file.name: file.reason for file in Search([directory]).name_unread(set(read))}


def test_everything_is_listed_in_the_order_of_names(tmp_path: Path) -> None:
    assert names_of(write(tmp_path, "b", "a/z", "a/.hidden/x", ".c")) == [".c", "a/.hidden/x", "a/z", "b"]


def test_linked_folders_are_entered_once_and_by_their_own_name_where_they_have_one(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "x")
    top = write(tmp_path / "top", "z/a")
    (top / "a").symlink_to(top / "z")
    (top / "b").symlink_to(tmp_path / "elsewhere")
    (top / "c").symlink_to(tmp_path / "elsewhere")
    assert names_of(top) == ["a/", "b/x", "c/", "z/a"]
    assert reasons(top) == {"a/": "the same folder as z/", "b/x": "", "c/": "the same folder as b/", "z/a": ""}


def test_links_to_parents_end(tmp_path: Path) -> None:
    top = write(tmp_path / "top", "a/x")
    (top / "a" / "self").symlink_to(".")
    (top / "a" / "back").symlink_to("..")
    (top / "a" / "above").symlink_to("../..")
    (top / "a" / "root").symlink_to("/")
    assert reasons(top) == {
        "a/x": "",
        "a/self/": "the same folder as a/",
        "a/back/": "the same folder as ./",
        "a/above/": "a link to a folder above",
        "a/root/": "a link to a folder above",
    }


def test_folders_that_link_to_each_other_many_times_are_walked_once(tmp_path: Path) -> None:
    for level in range(40):
        folder = tmp_path / f"{level}"
        folder.mkdir()
        for turn in "abc":
            (folder / turn).symlink_to(tmp_path / f"{level + 1}")
    write(tmp_path / "40", "x")
    assert names_of(tmp_path).count("40/x") == 1
    assert len(names_of(tmp_path)) == 40 * 3 + 1


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to("nowhere")
    (tmp_path / "c.json").symlink_to("c.json")
    (tmp_path / "d.json").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "e.json"))
        assert reasons(tmp_path) == {
            "a.json": "a fifo, no file",
            "b.json": "a link to nothing",
            "c.json": "a link to nothing",
            "d.json": "a device, no file",
            "e.json": "a socket, no file",
        }
        assert list(files_in([tmp_path])) == []


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(UnreadableInputError, match=r"^a\.json: is a fifo, no file$"):
        list(files_in([tmp_path / "a.json"]))


def test_a_folder_that_cannot_be_listed_is_named_and_no_importer_overlooks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "closed/a", "open/b")
    listed = os.scandir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert reasons(tmp_path) == {"closed/": "cannot be listed: Permission denied", "open/b": ""}
    with pytest.raises(UnreadableInputError, match=r"closed: cannot be listed: Permission denied$"):
        list(files_in([tmp_path]))


def test_reasons_are_given_where_something_is_known(tmp_path: Path) -> None:
    names = (
        "a.zip",
        "b.TAR.GZ",
        "campaigns.json",
        "_c.json",
        "notes.txt",
        ".d",
        "shop/workspace.toml",
        "shop/x",
        "r.json",
    )
    write(tmp_path, *names)
    (tmp_path / "link.json").symlink_to("r.json")
    assert reasons(tmp_path, tmp_path / "r.json") == {
        "_c.json": "begins with an underscore",
        "a.zip": "an archive; unpack it first",
        "b.TAR.GZ": "an archive; unpack it first",
        "campaigns.json": "definitions, which import canonical takes in",
        "link.json": "the same file as one that is read",
        "notes.txt": "",
        "shop/": "a workspace",
        ".d": "hidden",
    }


def test_a_path_given_twice_is_there_once(tmp_path: Path) -> None:
    write(tmp_path, "a", "b/c")
    assert names_of(tmp_path, tmp_path / "a", tmp_path, tmp_path / "b") == ["a", "b/c"]


def test_nothing_at_a_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"gone: No such file or directory$"):
        names_of(tmp_path / "gone")
