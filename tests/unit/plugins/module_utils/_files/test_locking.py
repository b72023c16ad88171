# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks of files and directories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import share, take, wait_for


@pytest.mark.parametrize("directory", [False, True])
def test_one_at_a_time_until_it_is_closed(tmp_path: Path, directory: bool) -> None:
    path = tmp_path if directory else tmp_path / "file"
    if not directory:
        path.touch()
    first, second = (os.open(path, os.O_RDONLY) for _number in range(2))
    assert take(first) and not take(second) and take(first)
    with pytest.raises(BlockingIOError):
        share(second)
    os.close(first)
    assert take(second)
    os.close(second)


def test_what_is_shared_cannot_be_taken(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path, os.O_RDONLY) for _number in range(2))
    share(first)
    share(second)
    assert not take(first)
    os.close(second)
    wait_for(first)
    os.close(first)


def test_a_lock_that_cannot_be_had_at_all_is_an_error() -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        take(-1 & 0x7FFFFFFF)
