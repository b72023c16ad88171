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
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._files.access import (
    UnsafeFile,
    check_believed_file,
    check_not_planted,
    everybody_can_replace,
    open_folder,
)
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import Role, create, hold, name_of_its_own

KEY_MODE = 0o600
PUBLIC_MODE = 0o644
LARGEST = 1 << 20
"""Most bytes read of one file."""

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe must not block, a link must not lead away


class NotAPlainFile(OSError):
    """There is something else than a plain file of reasonable size under this name: a symbolic link, a folder, a pipe."""


@dataclass(frozen=True)
class Access:
    """Mode and owner a file is to have; what is `None` is left to the system, or as it is."""

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None

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


def read_file(path: str, *, believed: bool = False) -> FoundFile | None:
    """Return a file with its status, or `None` when nothing has this name.

    What others put into a directory that everybody may write is refused, and with *believed* what others could have written anywhere.

    Raises:
        NotAPlainFile: when it is something else.
        OSError: when a file cannot be read or written.
    """
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as problem:
        if os.path.islink(path):
            raise NotAPlainFile(f"{path} is a symbolic link") from problem
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAPlainFile(f"{path} is not a plain file")
        _check(path, status, believed=believed)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            content = stream.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise NotAPlainFile(f"{path} is too large")
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
        raise NotAPlainFile(f"{path} {problem}") from problem


def create_together(directory: str, files: Sequence[NewFile]) -> None:
    """Write files that are not there yet, all or none.

    Raises:
        OSError: when they cannot be written, FileExistsError when one is there.
    """
    with _folder(directory) as folder, _staged(folder, files) as temporary:
        made: list[str] = []
        try:
            for name, written in temporary:
                os.link(written, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                made.append(name)
            os.fsync(folder)
        except BaseException:
            for name in made:
                with suppress(OSError):  # what went wrong before is what counts, and the others are to go
                    os.unlink(name, dir_fd=folder)
            raise


def replace_together(directory: str, files: Sequence[NewFile]) -> None:
    """Write files over what is there, all or none; the first takes over at once, as no moment is without it.

    The others are away while the first is exchanged: whoever finds the new first file never finds an old second one with it, even after a
    crash.

    Raises:
        OSError: with everything as it was.
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
            _restore(folder, kept)
            raise


def _restore(folder: int, kept: dict[str, str | None]) -> None:
    """Put back what was there. What cannot be put back is taken out of *kept*, so that its copy is not removed."""
    for name, copy in list(kept.items()):
        try:
            if copy is not None:
                os.rename(copy, name, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
        except OSError:
            del kept[name]


@contextmanager
def _folder(directory: str) -> Iterator[int]:
    try:
        way = open_folder(directory)
    except UnsafeFile as problem:
        raise UnsafeFile(f"{directory} {problem}") from problem
    try:
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=way)
    finally:
        os.close(way)
    try:
        if everybody_can_replace(os.fstat(descriptor)):
            raise UnsafeFile(f"{directory} may be written by everybody and has no sticky bit")
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _staged(folder: int, files: Sequence[NewFile]) -> Iterator[list[tuple[str, str]]]:
    """Write the files under names of their own, and give (name, name of its own); whatever is left of them goes in the end."""
    temporary = [(one.name, name_of_its_own(one.name, Role.NEW)) for one in files]
    at_work: list[int] = []
    try:
        for one, (_name, written) in zip(files, temporary):
            at_work.append(create(folder, written, KEY_MODE))
            _fill(at_work[-1], one)
        yield temporary
    finally:
        _remove(folder, [written for _name, written in temporary], at_work)


@contextmanager
def _kept(folder: int, files: Sequence[NewFile]) -> Iterator[dict[str, str | None]]:
    """Give what is there a second name, and give name -> second name or `None`; the second names go in the end."""
    kept: dict[str, str | None] = {}
    at_work: list[int] = []
    try:
        for one in files:
            held = _hold(folder, one.name)
            at_work += [] if held is None else [held]
            copy = name_of_its_own(one.name, Role.OLD)
            try:
                os.link(one.name, copy, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                kept[one.name] = copy
            except FileNotFoundError:
                kept[one.name] = None
        yield kept
    finally:
        _remove(folder, [copy for copy in kept.values() if copy is not None], at_work)


def _hold(folder: int, name: str) -> int | None:
    try:
        return hold(folder, name)
    except FileNotFoundError:
        return None


def _remove(folder: int, names: Sequence[str], at_work: Sequence[int]) -> None:
    """Remove names that are not needed any more. One that cannot be removed is left to the next run: all was done, or nothing."""
    for name in names:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
    for descriptor in at_work:
        os.close(descriptor)


def _fill(descriptor: int, file: NewFile) -> None:
    _give(descriptor, file.access)
    left = memoryview(file.content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _give(descriptor: int, access: Access) -> None:
    if access.uid is not None or access.gid is not None:
        os.fchown(descriptor, -1 if access.uid is None else access.uid, -1 if access.gid is None else access.gid)
    if access.mode is not None:
        os.fchmod(descriptor, access.mode)
