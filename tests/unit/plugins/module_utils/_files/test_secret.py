# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with secrets are for their owner from the first byte on, and refused where they are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.secret import SecretFile
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(autouse=True)
def wide_open() -> Iterator[None]:
    """Take away the help of the umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refused(path: Path) -> OptionError:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OptionError) as caught:
        SecretFile("trace_file", str(path))
    assert (caught.value.option, caught.value.value) == ("trace_file", str(path))
    assert os.listdir("/proc/self/fd") == before  # nothing stays open
    return caught.value


def test_a_new_file_has_its_mode_before_anything_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    file = SecretFile("keylog_file", str(path))
    assert (mode(path), path.read_bytes()) == (0o600, b"")
    file.write(b"one")
    assert (mode(path), path.read_bytes()) == (0o600, b"one\n")  # at once, without closing
    file.close()


def test_the_mode_is_asked_of_the_system_when_it_makes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mode set afterwards would leave a moment in which others can open the file."""
    seen: list[int] = []
    fdopen = os.fdopen

    def look(descriptor: int, how: str) -> object:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return fdopen(descriptor, how)

    monkeypatch.setattr(os, "fdopen", look)
    monkeypatch.setattr(os, "chmod", lambda *_given: pytest.fail("too late"))
    monkeypatch.setattr(os, "fchmod", lambda *_given: pytest.fail("too late"))
    SecretFile("keylog_file", str(tmp_path / "secrets")).close()
    assert seen == [0o600]


def test_lines_are_added_to_a_file_of_one_s_own(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_bytes(b"there\n")
    path.chmod(0o600)
    file = SecretFile("keylog_file", str(path))
    file.write(b"one")
    file.write(b"two")
    file.close()
    assert path.read_bytes() == b"there\none\ntwo\n"


def test_an_owner_who_may_only_write_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_bytes(b"")
    path.chmod(0o200)
    SecretFile("keylog_file", str(path)).close()
    assert mode(path) == 0o200


@given(st.integers(0o001, 0o077))
def test_a_file_to_which_others_have_any_access_is_refused_and_left_alone(
    tmp_path_factory: pytest.TempPathFactory, access: int
) -> None:
    path = tmp_path_factory.mktemp("open") / "secrets"
    path.write_bytes(b"there\n")
    path.chmod(0o600 | access)
    error = refused(path)
    assert "others have access" in error.reason
    assert (mode(path), path.read_bytes()) == (0o600 | access, b"there\n")


@pytest.mark.parametrize("kind", ["file", "nothing", "directory"])
def test_a_symbolic_link_is_refused_whatever_it_leads_to(tmp_path: Path, kind: str) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if kind == "file":
        target.write_bytes(b"")
        target.chmod(0o600)
    elif kind == "directory":
        target.mkdir()
    link.symlink_to(target)
    assert "cannot be written" in refused(link).reason
    assert target.exists() is (kind != "nothing")


def test_a_directory_and_a_place_that_is_not_there_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).reason == "cannot be written: Is a directory"
    assert refused(tmp_path / "none" / "secrets").reason == "cannot be written: No such file or directory"


def test_a_pipe_that_nobody_reads_does_not_hold_up_the_run(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    assert "cannot be written" in refused(path).reason


def test_a_pipe_that_somebody_reads_is_no_file_either(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert refused(path).reason == "is not a regular file"
    finally:
        os.close(reader)
