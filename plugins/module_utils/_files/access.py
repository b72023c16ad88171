# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can have put a file where it is: the rules for every file that is written, or read back and believed.

Directories that others may write are no place of trust: somebody can have put a symbolic link, a pipe, a hard link or a file of
their own there. So a path is walked one directory after the other, links in it count only when root or this user made them, and all
that is asked of a file is asked of its open descriptor.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat

_LINKS = 40
"""Most symbolic links followed in one path; Linux's own limit."""
_WRITE_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class UnsafeFile(OSError):
    """Something about a file or its directory speaks against using it; the text says what, to stand behind the path."""


def open_folder(path: str) -> int:
    """Open a directory to be used as `dir_fd`. Symbolic links of other users lead nowhere.

    Raises:
        UnsafeFile: a link on the way belongs to another user.
        OSError: the directory cannot be opened.
    """
    if not hasattr(os, "O_PATH"):  # without it nothing can be said of a link and where it leads at the same moment
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_PATH
    current = os.open("/" if path.startswith("/") else ".", flags)
    ahead = path.split("/")[::-1]
    followed = 0
    try:
        while ahead:
            part = ahead.pop()
            if part in ("", "."):
                continue
            found = os.open(part, flags, dir_fd=current)
            try:
                mode = os.fstat(found).st_mode
                if stat.S_ISDIR(mode):
                    current, found = found, current
                elif not stat.S_ISLNK(mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
                else:
                    followed += 1
                    target = _target(found, part, followed)
                    ahead += target.split("/")[::-1]
                    if target.startswith("/"):
                        os.close(found)
                        found, current = current, os.open("/", flags)
            finally:
                os.close(found)
    except BaseException:
        os.close(current)
        raise
    return current


def _target(link: int, name: str, followed: int) -> str:
    """Return where a link leads that is open; only root's and this user's lead anywhere."""
    owner = os.fstat(link).st_uid
    if owner not in (0, os.geteuid()):
        raise UnsafeFile(f"leads through {name}, a symbolic link of the user {user_name(owner)}")
    if followed > _LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
    return os.readlink("", dir_fd=link)


def check_writable_folder(folder: int) -> None:
    """Raise UnsafeFile for a directory in which everybody can replace files of this user."""
    if everybody_can_replace(os.fstat(folder)):
        raise UnsafeFile("is in a directory that everybody may write and that has no sticky bit")


def check_trusted_folder(folder: int) -> None:
    """Raise UnsafeFile for a directory in which anybody but root and this user can replace files of this user."""
    status = os.fstat(folder)
    if status.st_uid not in (0, os.geteuid()):
        raise UnsafeFile(f"is in a directory of the user {user_name(status.st_uid)}")
    if others_can_write(status) and not status.st_mode & stat.S_ISVTX:
        raise UnsafeFile("is in a directory that others may write and that has no sticky bit")


def check_own_file(status: os.stat_result) -> None:
    """Raise UnsafeFile unless this is a regular file of this user with one name only."""
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFile("is not a regular file")
    if status.st_uid != os.geteuid():
        raise UnsafeFile(f"belongs to the user {user_name(status.st_uid)}")
    if status.st_nlink != 1:
        raise UnsafeFile("has a second name (a hard link)")


def check_believed_file(status: os.stat_result) -> None:
    """Raise UnsafeFile when others could have written what is in this file."""
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFile("is not a regular file")
    _check_only_ours(status)


def check_only_ours(path: str, descriptor: int) -> None:
    """Raise UnsafeFile when others could have written the open file of this path, or can put another in its place.

    Raises:
        UnsafeFile: they could.
        OSError: its directory cannot be looked at.
    """
    head, name = os.path.split(path)
    folder = open_folder(head or ".")
    try:
        check_trusted_folder(folder)
        named = os.stat(name, dir_fd=folder, follow_symlinks=False)
    finally:
        os.close(folder)
    if stat.S_ISLNK(named.st_mode):
        raise UnsafeFile("is a symbolic link")
    check_believed_file(os.fstat(descriptor))


def check_not_planted(folder: os.stat_result, file: os.stat_result) -> None:
    """Raise UnsafeFile for a file in a directory that everybody may write, unless only root and this user can have put it there."""
    if not folder.st_mode & stat.S_IWOTH:
        return
    if everybody_can_replace(folder):
        raise UnsafeFile("is in a directory that everybody may write and that has no sticky bit")
    if file.st_uid not in (0, os.geteuid()):
        raise UnsafeFile(f"belongs to the user {user_name(file.st_uid)}, in a directory that everybody may write")
    if file.st_nlink > 1 and stat.S_ISREG(file.st_mode):
        raise UnsafeFile("has a second name (a hard link), in a directory that everybody may write")


def check_own_folder(status: os.stat_result) -> None:
    """Raise UnsafeFile unless this is a directory of root or this user that nobody else may write."""
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafeFile("is not a directory")
    _check_only_ours(status)


def _check_only_ours(status: os.stat_result) -> None:
    """Raise UnsafeFile unless this belongs to root or this user, and nobody else may write it."""
    if status.st_uid not in (0, os.geteuid()):
        raise UnsafeFile(f"belongs to the user {user_name(status.st_uid)}")
    if status.st_mode & _WRITE_OTHERS:
        raise UnsafeFile(f"can be written by others, with its mode {stat.S_IMODE(status.st_mode):04o}")


def everybody_can_replace(folder: os.stat_result) -> bool:
    """Tell whether everybody may write a directory, and change in it what belongs to others."""
    return bool(folder.st_mode & stat.S_IWOTH) and not folder.st_mode & stat.S_ISVTX


def others_can_write(status: os.stat_result) -> bool:
    """Tell whether a directory is writable for others than its owner, root, and a group of which this user is all."""
    if status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and status.st_gid != 0 and not _is_private_group(status.st_gid)


def _is_private_group(gid: int) -> bool:
    """Tell whether this is the group that many systems make for each user, with nobody else in it."""
    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return gid == user.pw_gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def user_name(uid: int) -> str:
    """Return the name of a user, the number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)
