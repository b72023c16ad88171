# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening files of our own: new ones exclusively and with mode 0600, old ones only where they are certain to be ours."""

from __future__ import annotations

import errno
import os
import stat

from ansible_collections.mailops.tls.plugins.module_utils._files.access import (
    UnsafeFile,
    check_believed_file,
    check_own_file,
    check_trusted_folder,
    check_writable_folder,
    open_folder,
)

PRIVATE = 0o600
_SPECIAL = (stat.S_ISCHR, stat.S_ISBLK, stat.S_ISSOCK)


def open_own_file(path: str, flags: int, *, believed: bool = False) -> int:
    """Open a file to write it, made with mode 0600 when nothing has this name.

    Args:
        path: the file. A symbolic link in its place is refused.
        flags: how to open it: `os.O_RDWR`, or `os.O_WRONLY | os.O_APPEND`.
        believed: what is in it counts, so nobody else may have written it.

    Raises:
        UnsafeFile: there is something else than a regular file of this user, or others can replace it.
        OSError: it cannot be opened.
    """
    head, name = _split(path)
    folder = open_folder(head)
    try:
        check_writable_folder(folder)
        if believed:
            check_trusted_folder(folder)
        descriptor = _open(folder, name, flags)
    finally:
        os.close(folder)
    try:
        status = os.fstat(descriptor)
        if not status.st_nlink:  # a moment ago; that is no second name
            raise FileNotFoundError(errno.ENOENT, "it was removed while it was opened", path)
        check_own_file(status)
        if believed:
            check_believed_file(status)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _split(path: str) -> tuple[str, str]:
    if "\0" in path or not path:
        raise UnsafeFile("is not the name of a file")
    head, name = os.path.split(path)
    if name in ("", ".", ".."):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return head or ".", name


def _open(folder: int, name: str, flags: int) -> int:
    """Open a file that is there, without following a link or waiting at a pipe, or make it; nothing else is opened."""
    careful = flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return os.open(name, careful | os.O_CREAT | os.O_EXCL, PRIVATE, dir_fd=folder)
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "it is a symbolic link")
    if any(is_special(mode) for is_special in _SPECIAL):  # opening a device can do something already
        raise UnsafeFile("is not a regular file")
    try:
        return os.open(name, careful, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a symbolic link") from error
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a pipe that nobody reads") from error
        raise
