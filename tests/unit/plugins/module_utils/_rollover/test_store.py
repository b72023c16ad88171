# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder and its state file: modes, locks, exchange as a whole, and files that cannot be read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.store import Busy, StateUnusable, Store


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "state"), "mx")
    store.make()
    return store


def test_folders_and_file_are_for_their_owner_only(store: Store, tmp_path: Path) -> None:
    store.save({"state": {"a": 1}})
    store.make()
    modes = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"state": 0o700, "state/mx": 0o700, "state/mx/keys": 0o700, "state/mx/state.json": 0o600}
    assert store.load() == {"format": 1, "state": {"a": 1}}


def test_nothing_is_there_before_it_is_made(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "state"), "mx")
    with store.locked():
        assert store.load() is None
    store.sweep()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "-x", "x" * 65, "ümlaut", "a b"])
def test_names_that_are_no_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError) as raised:
        Store(str(tmp_path), name)
    assert raised.value.option == "name"


def test_a_relative_state_directory_is_refused() -> None:
    with pytest.raises(OptionError, match="not an absolute path"):
        Store("state", "mx")


@pytest.mark.parametrize("trouble", ["others", "link", "file"])
def test_a_folder_that_somebody_else_prepared_is_refused(tmp_path: Path, trouble: str) -> None:
    (tmp_path / "state").mkdir()
    place = tmp_path / "state" / "mx"
    if trouble == "others":
        place.mkdir()
        place.chmod(0o777)
    elif trouble == "link":
        (tmp_path / "elsewhere").mkdir()
        os.symlink(tmp_path / "elsewhere", place)
    else:
        place.write_text("")
    with pytest.raises(OptionError, match="must be a folder"):
        Store(str(tmp_path / "state"), "mx").make()


def test_one_at_a_time(store: Store, tmp_path: Path) -> None:
    other = Store(str(tmp_path / "state"), "other")
    other.make()
    with store.locked():
        with pytest.raises(Busy, match="another run has locked"), Store(str(tmp_path / "state"), "mx").locked():
            pass
        with other.locked():
            pass
    with store.locked():
        pass


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"null", b"7", b"[]", b"{}", b'{"format": 2}', b'{"format": true}', b'{"format": 1', b"[" * 5000]
)
def test_a_file_that_cannot_be_read_is_named(store: Store, content: bytes) -> None:
    Path(store.path).write_bytes(content)
    with pytest.raises(StateUnusable, match=store.path):
        store.load()


@pytest.mark.parametrize("trouble", ["link", "folder", "pipe"])
def test_what_is_no_plain_file_is_named(store: Store, trouble: str) -> None:
    {"link": lambda path: os.symlink("/dev/zero", path), "folder": os.mkdir, "pipe": os.mkfifo}[trouble](store.path)
    with pytest.raises(StateUnusable, match="state.json"):
        store.load()


def test_a_file_of_another_name_has_its_own_leftovers(store: Store, tmp_path: Path) -> None:
    guard = Store(str(tmp_path / "state"), "mx", "guard.json")
    guard.save({"state": {}})
    half = Path(store.directory, ".guard.json.0123456789abcdef")
    half.write_text("")
    store.sweep()
    assert half.exists() and store.load() is None and guard.load() is not None
    guard.sweep()
    assert not half.exists()


@pytest.mark.parametrize("where", ["folder", "file"])
def test_a_state_that_others_could_have_written_is_not_believed(store: Store, where: str) -> None:
    store.save({"state": {"a": 1}})
    os.chmod(store.directory if where == "folder" else store.path, 0o777)
    with pytest.raises(StateUnusable, match=r"can be written by others, with its mode 0777"):
        store.load()


@pytest.mark.parametrize("where", ["folder", "file"])
def test_a_state_of_another_user_is_not_believed(store: Store, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save({"state": {"a": 1}})
    if os.geteuid() == 0:
        os.chown(store.directory if where == "folder" else store.path, 12345, 12345)
    else:
        own = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(StateUnusable, match="belongs to the user"):
        store.load()


def test_a_link_in_place_of_the_folder_leads_to_no_lock_and_no_state(store: Store, tmp_path: Path) -> None:
    store.save({"state": {"a": 1}})
    os.symlink(store.directory, tmp_path / "state" / "link")
    link = Store(str(tmp_path / "state"), "link")
    with pytest.raises(StateUnusable, match="is not a directory"):
        link.load()
    with pytest.raises(StateUnusable, match="cannot be used"), link.locked():
        pass


def test_a_state_directory_in_which_everybody_can_exchange_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(0o777)
    with pytest.raises(OptionError, match="may be written by everybody and has no sticky bit") as raised:
        Store(str(tmp_path / "state"), "mx").make()
    assert raised.value.option == "state_directory" and not (tmp_path / "state" / "mx").exists()
    (tmp_path / "state").chmod(0o1777)
    Store(str(tmp_path / "state"), "mx").make()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make links of others")
def test_a_link_of_another_user_to_the_state_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    os.symlink("etc", tmp_path / "state")
    Store(str(tmp_path / "state"), "mx").make()  # our own will do
    os.chown(tmp_path / "state", 12345, 12345, follow_symlinks=False)
    with pytest.raises(OptionError, match="a symbolic link of the user 12345"):
        Store(str(tmp_path / "state"), "mx").make()
