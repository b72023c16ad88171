# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as they are found on the disk, of every kind that is no file, too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._files import state as file_state
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState, group_name, owner_name, read_file


def test_a_file_is_read_with_its_mode_and_owner(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"secret")
    path.chmod(0o640)
    assert read_file(str(path)) == FileState(str(path), b"secret", 0o640, os.getuid(), path.stat().st_gid)
    assert "secret" not in repr(read_file(str(path)))


def test_what_is_not_there_is_a_state(tmp_path: Path) -> None:
    assert read_file(str(tmp_path / "none")).error == "No such file or directory"
    assert read_file("a\0b").error == "not a file name"


def test_a_pipe_or_a_folder_is_no_file_and_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        state = read_file(str(path))
        assert state.error == "is not a regular file"
        assert state.data == b""


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large").write_bytes(b"12345")
    monkeypatch.setattr(file_state, "_LARGEST", 4)
    assert read_file(str(tmp_path / "large")).error == "is larger than 4 bytes"


def test_a_file_that_may_not_be_read_has_its_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"secret")
    path.chmod(0o600)

    def refuse(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    state = read_file(str(path))
    assert (state.error, state.mode, state.data) == ("Permission denied", 0o600, b"")


def test_owners_without_name_are_numbers() -> None:
    assert (owner_name(0), group_name(0)) == ("root", "root")
    assert (owner_name(4000000123), group_name(4000000123)) == ("4000000123", "4000000123")
    assert (owner_name(None), group_name(None)) == (None, None)
