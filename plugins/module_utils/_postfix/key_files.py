# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys, certificates and requests: complete, with their final mode and owner, or not there at all.

A file is written under a name of its own in the same folder: created exclusively and for its owner only, given owner and
mode while it is still empty, filled, synced. Then it gets its name by a hard link, which fails where there is
something already (and follows no symbolic link), or by a rename where it has to replace something. Neither umask nor a crash
leaves a key that others can read, or half of one. The folder is opened once, so that all happens in the same.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._files.access import (
    UnsafeFile,
    check_believed_file,
    check_not_planted,
    everybody_can_replace,
    open_folder,
)

KEY_MODE = 0o600
PUBLIC_MODE = 0o644
LARGEST = 1 << 20
"""Most bytes read of one file."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe must not block, a link must not lead away


class NotAPlainFile(OSError):
    """There is something else than a plain file of reasonable size under this name: a symbolic link, a folder, a pipe."""


@dataclass(frozen=True)
class Access:
    """Mode and owner a file is to have; what is C(None) is left to the system, or as it is."""

    mode: Optional[int] = None
    uid: Optional[int] = None
    gid: Optional[int] = None

    def over(self, other: Access) -> Access:
        """Return what comes out when this is given to a file that has the other."""
        mode, uid, gid = (
            have if want is None else want
            for want, have in ((self.mode, other.mode), (self.uid, other.uid), (self.gid, other.gid))
        )
        return Access(mode, uid, gid)


@dataclass(frozen=True)
class NewFile:
    """A file to be written: its name in the folder, its content, and its access, of which the mode must be given."""

    name: str
    content: bytes = field(repr=False)
    access: Access


@dataclass(frozen=True)
class FoundFile:
    """A file that is there: its content, and its access with nothing left open."""

    content: bytes = field(repr=False)
    access: Access


def read_file(path: str, *, believed: bool = False) -> Optional[FoundFile]:
    """Return a file with its status, or C(None) when nothing has this name; raises L(NotAPlainFile) and C(OSError).

    What others put into a directory that everybody may write is refused, and with O(believed) what others could have written anywhere.
    """
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as problem:
        if os.path.islink(path):
            raise NotAPlainFile("%s is a symbolic link" % path) from problem
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAPlainFile("%s is no plain file" % path)
        _check(path, status, believed=believed)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            content = stream.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise NotAPlainFile("%s is too large" % path)
    return FoundFile(content, Access(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid))


def adjust(path: str, access: Access) -> None:
    """Give a file that is there this mode and owner; the owner first, since a change of it can clear bits of the mode."""
    descriptor = os.open(path, _READ)
    try:
        _check(path, os.fstat(descriptor))
        _give(descriptor, access)
    finally:
        os.close(descriptor)


def _check(path: str, status: os.stat_result, *, believed: bool = False) -> None:
    try:
        check_not_planted(os.stat(os.path.dirname(path) or "."), status)
        if believed:
            check_believed_file(status)
    except UnsafeFile as problem:
        raise NotAPlainFile("%s %s" % (path, problem)) from problem


def create_together(directory: str, files: Sequence[NewFile]) -> None:
    """Write files that are not there yet, all or none. Raises C(FileExistsError), or another C(OSError)."""
    with _folder(directory) as folder, _staged(folder, files) as temporary:
        made: list[str] = []
        try:
            for name, written in temporary:
                os.link(written, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                made.append(name)
            os.fsync(folder)
        except BaseException:
            for name in made:
                os.unlink(name, dir_fd=folder)
            raise


def replace_together(directory: str, files: Sequence[NewFile]) -> None:
    """Write files over what is there, all or none; the first takes over at once, as no moment is without it.

    The others are away while the first is exchanged: whoever finds the new first file never finds an old second one with
    it, even after a crash. Raises C(OSError) with everything as it was.
    """
    with _folder(directory) as folder, _staged(folder, files) as temporary, _kept(folder, files) as kept:
        try:
            for name, _written in temporary[1:]:
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
            for name, written in temporary:
                os.rename(written, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        except BaseException:
            for name, copy in kept:
                if copy is None:
                    with suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=folder)
                else:
                    os.rename(copy, name, src_dir_fd=folder, dst_dir_fd=folder)
            raise


@contextmanager
def _folder(directory: str) -> Iterator[int]:
    try:
        way = open_folder(directory)
    except UnsafeFile as problem:
        raise UnsafeFile("%s %s" % (directory, problem)) from problem
    try:
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=way)
    finally:
        os.close(way)
    try:
        if everybody_can_replace(os.fstat(descriptor)):
            raise UnsafeFile("%s may be written by everybody and has no sticky bit" % directory)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _staged(folder: int, files: Sequence[NewFile]) -> Iterator[list[tuple[str, str]]]:
    """Write the files under names of their own, and give (name, name of its own); whatever is left of them goes in the end."""
    temporary = [(one.name, _unused_name(one.name)) for one in files]
    try:
        for one, (_name, written) in zip(files, temporary):
            _write(folder, written, one)
        yield temporary
    finally:
        for _name, written in temporary:
            with suppress(FileNotFoundError):
                os.unlink(written, dir_fd=folder)


@contextmanager
def _kept(folder: int, files: Sequence[NewFile]) -> Iterator[list[tuple[str, Optional[str]]]]:
    """Give what is there a second name, and give (name, second name or C(None)); the second names go in the end."""
    kept: list[tuple[str, Optional[str]]] = []
    try:
        for one in files:
            copy = _unused_name(one.name)
            try:
                os.link(one.name, copy, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                kept.append((one.name, copy))
            except FileNotFoundError:
                kept.append((one.name, None))
        yield kept
    finally:
        for copy in (copy for name, copy in kept if copy is not None):
            with suppress(FileNotFoundError):
                os.unlink(copy, dir_fd=folder)


def _unused_name(name: str) -> str:
    return ".%s.%s" % (name, secrets.token_hex(8))


def _write(folder: int, name: str, file: NewFile) -> None:
    descriptor = os.open(name, _CREATE, KEY_MODE, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as stream:
        _give(descriptor, file.access)
        stream.write(file.content)
        stream.flush()
        os.fsync(descriptor)


def _give(descriptor: int, access: Access) -> None:
    if access.uid is not None or access.gid is not None:
        os.fchown(descriptor, -1 if access.uid is None else access.uid, -1 if access.gid is None else access.gid)
    if access.mode is not None:
        os.fchmod(descriptor, access.mode)
