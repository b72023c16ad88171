# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files under a name of their own while they are written or replaced, and what is left of them when the process was killed.

The name tells that it is ours. A lock, which ends with the process, tells whether somebody is still at work. So the next run can remove
what is left, private keys among it, and nothing else: regular files of this user (root in a folder that nobody else may write: of any),
never through links.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile, check_own_folder
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import share, take, wait_for

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NAME = re.compile(r"\.(?P<name>.+)\.mailops-(?P<kind>new|old)-[0-9a-f]{16}", re.S)
_FORMER = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}", re.S)
_LONGEST = 200
"""Bytes of a file's name that are in the other name, so that this is no longer than names can be."""


class Role(Enum):
    """What a file under a name of its own is: one that is being written, or one that is being replaced."""

    NEW = "new"
    OLD = "old"


def name_of_its_own(name: str, role: Role) -> str:
    """Return an unused hidden name for a file."""
    return f".{os.fsdecode(os.fsencode(name)[:_LONGEST])}.mailops-{role.value}-{secrets.token_hex(8)}"


def create(folder: int, name: str, mode: int) -> int:
    """Create a file and return its descriptor, which has to stay open for as long as the file is at work.

    Raises:
        OSError: when a file cannot be read or written.
    """
    while True:
        descriptor = os.open(name, _CREATE, mode, dir_fd=folder)
        try:
            with suppress(OSError):  # where nothing can be locked, nothing is swept away
                wait_for(descriptor)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # somebody swept it away before it was locked


def hold(folder: int, name: str) -> int | None:
    """Open a file that is there, so that it counts as at work until it is closed; None when it is nothing that is swept away."""
    try:
        descriptor = os.open(name, _LOOK, dir_fd=folder)
    except OSError as problem:
        if problem.errno in (errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENXIO):
            return None
        raise
    with suppress(OSError):
        share(descriptor)
    return descriptor


def sweep(directory: str, former: str = r"(?!)") -> None:
    """Remove what killed processes have left in a directory; what cannot be removed stays.

    Args:
        former: a pattern for names of files whose leftovers had names without our mark, in version 0.1.
            """
    with suppress(OSError):
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            sweep_folder(folder, former)
        finally:
            os.close(folder)


def sweep_folder(folder: int, former: str = r"(?!)") -> None:
    """Do the same in a directory that is open.

    Raises:
        OSError: when it cannot be read.
    """
    for name in os.listdir(folder):
        found = _NAME.fullmatch(name)
        before = None if found is not None else _FORMER.fullmatch(name)
        if found is not None:
            last = found["name"] if found["kind"] == Role.OLD.value else None
        elif before is not None and re.fullmatch(former, before["name"]):
            last = None
        else:
            continue
        with suppress(OSError):
            _remove(folder, name, last)


def _remove(folder: int, name: str, instead: str | None) -> None:
    """Remove one file unless somebody is at work. The last copy of what was replaced stays until there is something `instead` of it."""
    if not _may_be_removed(folder, os.stat(name, dir_fd=folder, follow_symlinks=False)):
        return
    descriptor = os.open(name, _LOOK, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not take(descriptor):
            return
        still = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if (still.st_dev, still.st_ino) != (status.st_dev, status.st_ino):
            return
        if instead is not None and still.st_nlink == 1:
            os.stat(instead, dir_fd=folder, follow_symlinks=False)
        os.unlink(name, dir_fd=folder)
    finally:
        os.close(descriptor)


def _may_be_removed(folder: int, status: os.stat_result) -> bool:
    if not stat.S_ISREG(status.st_mode):
        return False
    if status.st_uid == os.geteuid():
        return True
    try:
        check_own_folder(os.fstat(folder))
    except UnsafeFile:
        return False
    return os.geteuid() == 0
