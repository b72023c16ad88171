# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks of files and directories by flock(2): each is on an open descriptor, and ends when that is closed or its process does."""

from __future__ import annotations

import fcntl


def take(descriptor: int) -> bool:
    """Lock a file for us alone, without waiting; False when somebody else has a lock on it.

    Raises:
        OSError: where nothing can be locked.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for(descriptor: int) -> None:
    """Lock a file for us alone, once nobody else has a lock on it.

    Raises:
        OSError: where nothing can be locked.
    """
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def share(descriptor: int) -> None:
    """Lock a file beside others that share it.

    Raises:
        OSError: when a file cannot be read or written.
        BlockingIOError: when somebody has it alone.
    """
    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
