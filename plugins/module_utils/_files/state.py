# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as the Postfix master would find them: content, mode and owner, or why they cannot be read. The edge to the disk."""

from __future__ import annotations

import grp
import os
import stat
from dataclasses import dataclass, field
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._files.access import user_name
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import is_denied

_LARGEST = 4 * 1024 * 1024
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe in place of a file must not hold us


@dataclass(frozen=True)
class FileState:
    """One file. `error` says why it cannot be read; then `data` is empty. `mode` (permission bits), `uid`, `gid` as far as known.

    Denied means that root could read it, perhaps, and whoever runs this cannot.

    The text of a state never shows `data`, which may hold a private key.
    """

    path: str
    data: bytes = field(default=b"", repr=False)
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    error: str | None = None
    denied: bool = False


ReadFile = Callable[[str], FileState]


def read_file(path: str) -> FileState:
    """Return the state of a file, following symbolic links; never raises."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        return _unreadable(path, error)
    try:
        found = os.fstat(descriptor)
        mode = stat.S_IMODE(found.st_mode)
        if not stat.S_ISREG(found.st_mode):
            return FileState(path, b"", mode, found.st_uid, found.st_gid, "is not a regular file")
        if found.st_size > _LARGEST:
            return FileState(path, b"", mode, found.st_uid, found.st_gid, f"is larger than {_LARGEST} bytes")
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            return FileState(path, stream.read(_LARGEST), mode, found.st_uid, found.st_gid)
    except OSError as error:
        return _unreadable(path, error)
    finally:
        os.close(descriptor)


def _unreadable(path: str, error: Exception) -> FileState:
    reason = (error.strerror if isinstance(error, OSError) else None) or "not a file name"
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return FileState(path, error=reason, denied=is_denied(error))
    return FileState(path, b"", stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, reason, is_denied(error))


def owner_name(uid: int | None) -> str | None:
    """Return the name of a user, its number as text when it has none, None for None."""
    return None if uid is None else user_name(uid)


def group_name(gid: int | None) -> str | None:
    """Return the name of a group, its number as text when it has none, None for None."""
    if gid is None:
        return None
    try:
        return grp.getgrgid(gid).gr_name
    except (KeyError, OverflowError):
        return str(gid)
