# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys: complete or not there, private from their first byte, whatever goes wrong in between."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._files import atomic as key_files
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access, NewFile, NotAPlainFile

KEY = NewFile("key.pem", b"the key", Access(0o600))
CERTIFICATE = NewFile("cert.pem", b"the certificate", Access(0o644))
STEPS = ["open", "fchmod", "fsync", "link", "rename", "unlink"]


@pytest.fixture(params=[0, 0o022, 0o777], ids=["umask-0", "umask-022", "umask-777"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a folder by name, hidden files too."""
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    key_files.create_together(str(tmp_path), [KEY, CERTIFICATE, NewFile("group.pem", b"", Access(0o640))])
    assert contents(tmp_path) == {"key.pem": b"the key", "cert.pem": b"the certificate", "group.pem": b""}
    assert [mode(tmp_path / name) for name in ("key.pem", "cert.pem", "group.pem")] == [0o600, 0o644, 0o640]


class Watch:
    """Looks at all files of a folder around every call of the system, as anybody else could at that moment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.seen = folder, set[tuple[str, int, bytes]]()
        for name in [*STEPS, "fchown"]:
            monkeypatch.setattr(os, name, self.around(getattr(os, name)))

    def around(self, call: Any) -> Any:
        def watched(*arguments: Any, **options: Any) -> Any:
            self.look()
            result = call(*arguments, **options)
            self.look()
            return result

        return watched

    def look(self) -> None:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                with open(entry.path, "rb") as stream:
                    self.seen.add((entry.name, stat.S_IMODE(status.st_mode), stream.read()))


def test_a_key_is_never_open_to_others_nor_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    watch = Watch(tmp_path, monkeypatch)
    access = Access(0o640, os.getuid(), os.getgid())
    key_files.create_together(str(tmp_path), [NewFile("key.pem", b"the key", access), CERTIFICATE])
    key_files.replace_together(str(tmp_path), [NewFile("key.pem", b"the other key", access), CERTIFICATE])
    os.umask(before)
    monkeypatch.undo()
    keys = [one for one in watch.seen if "key.pem" in one[0]]
    assert any(one[0] != "key.pem" for one in keys), "the watch sees temporary files"
    assert all(mode & 0o007 == 0 for name, mode, content in keys)
    assert {mode for name, mode, content in keys if content} == {0o640}, "no byte before the final mode"
    assert {content for name, mode, content in keys if name == "key.pem"} == {b"the key", b"the other key"}
    assert contents(tmp_path) == {"key.pem": b"the other key", "cert.pem": b"the certificate"}


@pytest.mark.parametrize("there", ["key.pem", "cert.pem"])
def test_nothing_is_created_where_one_of_them_is(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_bytes(b"old")
    with pytest.raises(FileExistsError):
        key_files.create_together(str(tmp_path), [KEY, CERTIFICATE])
    assert contents(tmp_path) == {there: b"old"}


@pytest.mark.parametrize("target", ["elsewhere", "missing"])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, target: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (folder / "key.pem").symlink_to(tmp_path / target)
    with pytest.raises(FileExistsError):
        key_files.create_together(str(folder), [KEY])
    with pytest.raises(NotAPlainFile, match="symbolic link"):
        key_files.read_file(str(folder / "key.pem"))
    assert (tmp_path / "elsewhere").read_bytes() == b"precious"
    assert not (tmp_path / "missing").exists()


def test_replacing_a_symbolic_link_leaves_its_target(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (tmp_path / "key.pem").symlink_to(tmp_path / "elsewhere")
    key_files.replace_together(str(tmp_path), [KEY])
    assert contents(tmp_path) == {"elsewhere": b"precious", "key.pem": b"the key"}
    assert not (tmp_path / "key.pem").is_symlink()


class Failure(OSError):
    """What a step fails with in these tests."""


def failing(monkeypatch: pytest.MonkeyPatch, step: str, at: int) -> list[str]:
    """Let a step fail when it is taken for the Nth time; the list has an entry once that has happened."""
    real, taken, happened = getattr(os, step), [0], list[str]()

    def fail(*arguments: Any, **options: Any) -> Any:
        taken[0] += 1
        if taken[0] == at:
            happened.append(step)
            raise Failure(28, "No space left on device")
        return real(*arguments, **options)

    monkeypatch.setattr(os, step, fail)
    return happened


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("step", ["open", "fchmod", "fsync", "link"])
def test_creating_leaves_nothing_when_a_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, at: int) -> None:
    happened = failing(monkeypatch, step, at)
    try:
        key_files.create_together(str(tmp_path), [KEY, CERTIFICATE])
    except Failure:
        pass
    monkeypatch.undo()
    assert contents(tmp_path) == ({} if happened else {"key.pem": b"the key", "cert.pem": b"the certificate"})


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("step", ["open", "fchmod", "fsync", "link", "rename", "unlink"])
def test_replacing_leaves_all_as_it_was_when_a_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, at: int
) -> None:
    old = {"key.pem": b"old key", "cert.pem": b"old certificate"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    happened = failing(monkeypatch, step, at)
    try:
        key_files.replace_together(str(tmp_path), [KEY, CERTIFICATE])
    except Failure:
        pass
    monkeypatch.undo()
    left = {name: content for name, content in contents(tmp_path).items() if not name.startswith(".")}
    new = {"key.pem": b"the key", "cert.pem": b"the certificate"}
    assert left == (new if not happened or (step == "unlink" and at > 1) else old), "both old or both new, whatever fails"


def test_replacing_a_pair_of_which_only_one_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cert.pem").write_bytes(b"old certificate")
    failing(monkeypatch, "rename", 2)
    with pytest.raises(Failure):
        key_files.replace_together(str(tmp_path), [KEY, CERTIFICATE])
    monkeypatch.undo()
    assert contents(tmp_path) == {"cert.pem": b"old certificate"}


def test_an_interrupted_replacement_never_shows_a_new_key_with_an_old_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key.pem").write_bytes(b"old key")
    (tmp_path / "cert.pem").write_bytes(b"old certificate")
    pairs = set()
    real = os.rename

    def watched(*arguments: Any, **options: Any) -> None:
        for after in (False, True):
            if after:
                real(*arguments, **options)
            pairs.add(tuple(contents(tmp_path).get(name) for name in ("key.pem", "cert.pem")))

    monkeypatch.setattr(os, "rename", watched)
    key_files.replace_together(str(tmp_path), [KEY, CERTIFICATE])
    assert pairs == {(b"old key", None), (b"the key", None), (b"the key", b"the certificate")}


def test_reading(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "a").chmod(0o640)
    found = key_files.read_file(str(tmp_path / "a"))
    assert found is not None
    assert (found.content, found.access) == (b"content", Access(0o640, os.getuid(), (tmp_path / "a").stat().st_gid))
    assert "content" not in repr(found) and "the key" not in repr(KEY)
    assert key_files.read_file(str(tmp_path / "missing")) is None


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (key_files.LARGEST + 1))
    for name in ("pipe", "large", "."):
        with pytest.raises(NotAPlainFile):
            key_files.read_file(str(tmp_path / name))


def test_adjusting_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(b"key")
    (tmp_path / "key.pem").chmod(0o644)
    key_files.adjust(str(tmp_path / "key.pem"), Access())
    assert mode(tmp_path / "key.pem") == 0o644
    key_files.adjust(str(tmp_path / "key.pem"), Access(0o600, os.getuid(), os.getgid()))
    assert mode(tmp_path / "key.pem") == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "key.pem")
    with pytest.raises(OSError):
        key_files.adjust(str(tmp_path / "link"), Access(0o644))
    assert mode(tmp_path / "key.pem") == 0o600


def test_what_is_given_over_what_is_there() -> None:
    assert Access(0o600, None, 3).over(Access(0o644, 1, 2)) == Access(0o600, 1, 3)
    assert Access(0, 0, 0).over(Access(1, 1, 1)) == Access(0, 0, 0), "root is somebody"


def test_in_a_directory_that_everybody_may_write_only_our_own_files_count(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"planted")
    path.chmod(0o600)
    tmp_path.chmod(0o1777)
    assert key_files.read_file(str(path)) is not None
    os.link(path, tmp_path / "second")
    with pytest.raises(NotAPlainFile, match="has a second name"):
        key_files.read_file(str(path))
    with pytest.raises(NotAPlainFile, match="has a second name"):
        key_files.adjust(str(path), Access(0o644))
    (tmp_path / "second").unlink()
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        with pytest.raises(NotAPlainFile, match="belongs to the user 12345, in a directory that everybody may write"):
            key_files.read_file(str(path))
        with pytest.raises(NotAPlainFile, match="belongs to the user 12345"):
            key_files.adjust(str(path), Access(0o644))
        tmp_path.chmod(0o755)
        assert key_files.read_file(str(path)) is not None
    assert mode(path) == 0o600


@pytest.mark.parametrize("write", [key_files.create_together, key_files.replace_together])
def test_where_everybody_can_exchange_files_none_is_written(tmp_path: Path, write: Callable[[str, list[NewFile]], None]) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(OSError, match="may be written by everybody and has no sticky bit"):
        write(str(tmp_path), [NewFile("key.pem", b"new", Access(0o600))])
    assert contents(tmp_path) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make links of others")
def test_a_link_of_another_user_does_not_lead_to_another_folder(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "keys").symlink_to("etc")
    key_files.create_together(str(tmp_path / "keys"), [NewFile("ours.pem", b"new", Access(0o600))])
    os.chown(tmp_path / "keys", 12345, 12345, follow_symlinks=False)
    with pytest.raises(OSError, match="a symbolic link of the user 12345"):
        key_files.create_together(str(tmp_path / "keys"), [NewFile("theirs.pem", b"new", Access(0o600))])
    assert contents(tmp_path / "etc") == {"ours.pem": b"new"}
