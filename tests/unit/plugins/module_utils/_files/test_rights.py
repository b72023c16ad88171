# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What whoever is not root is told, and that root is never told so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import (
    explained,
    is_denied,
    is_folder,
    not_root,
    require_writable,
)
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file

DENIED = PermissionError(13, "Permission denied")


def root() -> int:
    return 0


def somebody() -> int:
    return 4000000


def test_one_sentence_and_only_once() -> None:
    told = explained("/k: Permission denied", somebody)
    assert told == "become is needed, since this runs as user 4000000: /k: Permission denied"
    assert explained(told, somebody) == told
    assert explained("/k: No such file or directory", somebody) == "/k: No such file or directory"
    assert explained("/k: Permission denied", root) == "/k: Permission denied"


def test_who_lacks_rights() -> None:
    assert is_denied(DENIED, somebody) and not is_denied(DENIED, root)
    assert not is_denied(FileNotFoundError(2, "No such file"), somebody) and not is_denied(ValueError(), somebody)
    assert not_root(root) is None and "postfix(1) works for root only" in str(not_root(somebody))


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_writable(str(tmp_path), somebody)
    assert is_folder(str(tmp_path)) and not is_folder(str(tmp_path / "nothing")) and not is_folder("\0")
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(PermissionError, match="Permission denied"):
        require_writable(str(tmp_path), somebody)
    require_writable(str(tmp_path), root)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    """In a process of its own, which is another user for good."""
    tmp_path.chmod(0o700)
    (tmp_path / "key.pem").write_bytes(b"secret")
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            state = read_file(str(tmp_path / "key.pem"))
            os._exit(0 if state.denied and state.error == "Permission denied" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not read_file(str(tmp_path / "nothing.pem")).denied
