# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two deployments into one instance do not mix: a lock in its configuration directory, which ends with the process.

The lock is on a file that only its owner can open. Whoever can read a directory can lock it, and that is every user of the machine.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import take
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import open_own_file

FILE = ".mailops_tls.lock"
_OPTION = "config_directory"
_ATTEMPTS = 1000
"""As many deployments may come and go between two looks at the file."""


@contextmanager
def alone(directory: str) -> Iterator[None]:
    """Keep other deployments out for as long as this lasts.

    Raises:
        OptionError: for config_directory, when another deployment is at work or the lock cannot be had.
    """
    if _is_read_only(directory):  # nobody can deploy there, and a pair that is deployed already needs no change
        yield
        return
    path = os.path.join(directory, FILE)
    descriptor = _locked(path, directory)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # a file that stays is no lock: the next deployment takes it over
            os.unlink(path)
        os.close(descriptor)


def _is_read_only(directory: str) -> bool:
    try:
        return bool(os.statvfs(directory).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _locked(path: str, directory: str) -> int:
    """Return the open, locked file that has this name now: whoever had it before may just have removed it."""
    for _attempt in range(_ATTEMPTS):
        descriptor = _opened(path, directory)
        if descriptor is None:
            continue
        try:
            taken = take(descriptor)
            if taken and _is_at(descriptor, path):
                return descriptor
        except OSError as problem:
            os.close(descriptor)
            raise OptionError(_OPTION, directory, _unlockable(problem)) from problem
        os.close(descriptor)
        if not taken:
            break
    raise OptionError(_OPTION, directory, "is being deployed to at this moment")


def _opened(path: str, directory: str) -> int | None:
    """Return the open file; None when another deployment has made or removed it just now."""
    try:
        return open_own_file(path, os.O_RDWR)
    except UnsafeFile as problem:
        raise OptionError(_OPTION, directory, f"cannot be locked: {FILE} {problem}") from problem
    except OSError as problem:
        if isinstance(problem, (FileExistsError, FileNotFoundError)) and os.path.isdir(directory):
            return None
        raise OptionError(_OPTION, directory, _unlockable(problem)) from problem


def _is_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _unlockable(problem: OSError) -> str:
    return f"cannot be locked, so that two deployments could mix: {problem.strerror}"
