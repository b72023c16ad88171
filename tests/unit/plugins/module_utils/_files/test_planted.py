# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others planted in the place of a file of ours: every kind, refused and left alone by everything that writes files."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile, open_folder
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import open_own_file
from ansible_collections.mailops.tls.plugins.module_utils._files.secret import SecretFile
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile

Plant = Callable[[Path], None]


@pytest.fixture(name="folder")
def fixture_folder() -> Iterator[Path]:
    """Give a folder whose path is short enough for a socket."""
    path = Path(tempfile.mkdtemp())
    yield path
    shutil.rmtree(path)


def results(path: Path) -> None:
    ResultsFile(str(path), resume=False, options={}, identity=RunIdentity("run", "host")).close()


def resumed(path: Path) -> None:
    ResultsFile(str(path), resume=True, options={}, identity=RunIdentity("run", "host")).close()


def key_log(path: Path) -> None:
    SecretFile("keylog_file", str(path)).close()


WRITERS = [results, resumed, key_log]


def link(path: Path) -> None:
    target = path.with_name("target")
    target.write_bytes(b"precious\n")
    target.chmod(0o600)
    path.symlink_to(target)


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("target"))


def hard_link(path: Path) -> None:
    target = path.with_name("target")
    target.write_bytes(b"precious\n")
    target.chmod(0o600)
    path.hardlink_to(target) if hasattr(path, "hardlink_to") else os.link(target, path)


def pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


def directory(path: Path) -> None:
    path.mkdir()


def open_to_write(path: Path) -> None:
    path.write_bytes(b"precious\n")
    path.chmod(0o666)


def device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))


def unix_socket(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()


PLANTED = [link, link_to_nothing, hard_link, pipe, directory, open_to_write, device, unix_socket]


def all_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and content of everything in a folder."""
    found = {}
    for one in sorted(folder.iterdir()):
        mode = one.lstat().st_mode
        found[one.name] = (mode, one.read_bytes() if stat.S_ISREG(mode) else b"")
    return found


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("write", WRITERS)
def test_what_others_planted_is_refused_and_left_alone(write: Plant, plant: Plant, folder: Path) -> None:
    path = folder / "file"
    plant(path)
    before, descriptors = all_of(folder), os.listdir("/proc/self/fd")
    with pytest.raises(OptionError) as caught:
        write(path)
    assert caught.value.option in ("results_file", "keylog_file") and caught.value.value == str(path)
    assert all_of(folder) == before
    assert os.listdir("/proc/self/fd") == descriptors  # nothing stays open


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_of_another_user_is_refused(write: Plant, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "file"
    path.write_bytes(b"precious\n")
    path.chmod(0o600)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(OptionError, match="belongs to the user|is in a directory of the user"):
        write(path)
    assert path.read_bytes() == b"precious\n"


@pytest.mark.parametrize("write", WRITERS)
def test_a_new_file_is_for_its_owner_only(write: Plant, folder: Path) -> None:
    before = os.umask(0)
    try:
        write(folder / "file")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "file").stat().st_mode) == 0o600


@pytest.mark.parametrize("write", WRITERS)
def test_a_directory_in_which_everybody_can_replace_files_is_none_of_ours(write: Plant, folder: Path) -> None:
    folder.chmod(0o777)
    with pytest.raises(OptionError, match="everybody may write"):
        write(folder / "file")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("write", WRITERS)
def test_a_directory_like_tmp_will_do(write: Plant, folder: Path) -> None:
    folder.chmod(0o1777)
    write(folder / "file")
    assert (folder / "file").exists()


@pytest.mark.parametrize("name", ["", "a\0b", "folder/", "folder/..", "folder/."])
def test_what_is_not_the_name_of_a_file_is_refused(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "folder").mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(OSError, match=r"not the name of a file|Is a directory"):
        open_own_file(name, os.O_RDWR)


def test_a_file_that_is_removed_meanwhile_has_no_second_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock"
    path.touch(0o600)
    opened = os.open

    def open_and_remove(name: str, flags: int, *mode: int, dir_fd: int | None = None) -> int:
        descriptor = opened(name, flags, *mode, dir_fd=dir_fd)
        if name == path.name:
            path.unlink()
        return descriptor

    monkeypatch.setattr(os, "open", open_and_remove)
    with pytest.raises(FileNotFoundError):
        open_own_file(str(path), os.O_RDWR)


@pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="links cannot be looked at and followed at the same moment here")
def test_links_on_the_way_count_when_they_are_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "real" / "inner").mkdir(parents=True)
    (folder / "relative").symlink_to("real/../real")
    (folder / "absolute").symlink_to(folder / "relative")
    (folder / "loop").symlink_to("loop")
    monkeypatch.chdir(folder)
    for path in ("absolute/inner", str(folder / "relative" / "inner"), "./real//inner/."):
        descriptor = open_folder(path)
        assert os.path.samestat(os.fstat(descriptor), (folder / "real" / "inner").stat())
        os.close(descriptor)
    with pytest.raises(OSError, match="symbolic links"):
        open_folder("loop")
    (folder / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        open_folder("file")
    before, own = os.listdir("/proc/self/fd"), os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    if own != 0:
        with pytest.raises(UnsafeFile, match="leads through relative, a symbolic link of the user"):
            open_folder("relative")
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
@pytest.mark.parametrize("write", WRITERS)
def test_root_is_not_led_by_links_and_files_of_others(write: Plant, folder: Path) -> None:
    folder.chmod(0o1777)
    (folder / "etc").mkdir()
    (folder / "out").symlink_to("etc")
    os.chown(folder / "out", 12345, 12345, follow_symlinks=False)
    with pytest.raises(OptionError, match="symbolic link of the user 12345"):
        write(folder / "out" / "file")
    assert list((folder / "etc").iterdir()) == []
    (folder / "file").write_bytes(b"planted\n")
    (folder / "file").chmod(0o600)
    os.chown(folder / "file", 12345, 12345)
    with pytest.raises(OptionError, match="belongs to the user 12345"):
        write(folder / "file")
    assert (folder / "file").read_bytes() == b"planted\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make directories of others")
def test_what_is_in_a_directory_of_another_user_is_not_believed(folder: Path) -> None:
    os.chown(folder, 12345, 12345)
    results(folder / "file")
    with pytest.raises(OptionError, match="directory of the user 12345"):
        resumed(folder / "file")
    os.chown(folder, 0, 12345)
    folder.chmod(0o775)
    with pytest.raises(OptionError, match="directory that others may write"):
        resumed(folder / "file")
    folder.chmod(0o1775)
    resumed(folder / "file")


def test_a_file_without_an_end_is_one_error() -> None:
    with pytest.raises(OptionError, match="keylog_file: '/proc/self/mem' cannot be written"):
        SecretFile("keylog_file", "/proc/self/mem")
