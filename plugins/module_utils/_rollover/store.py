# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of one rollover: its lock, and its file `state.json`. The edge to the disk.

The file is JSON with a version, mode 0600, exchanged as a whole. A file that cannot be understood is never taken for none: it
may say of a key that it was stolen, or of records that they must stay. Whoever wants to begin anew removes it.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import (
    UnsafeFile,
    check_own_folder,
    everybody_can_replace,
    open_folder,
)
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import KEY_MODE, Access, NewFile, read_file, replace_together
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import sweep
from ansible_collections.mailops.tls.plugins.module_utils._files.locking import take

BLOCKED_FILE = "blocked_since"
STATE_FILE = "state.json"
KEYS = "keys"
_FORMAT = 1
_PRIVATE = 0o700
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


class StateUnusable(Exception):
    """There is a state file that cannot be read or understood; the text names it."""


class Busy(Exception):
    """Another run is under way."""


class Store:
    """The folder `state_directory/name`; it need not be there."""

    def __init__(self, state_directory: str, name: str, file: str = STATE_FILE) -> None:
        """Take the names of the folder and of the file.

        Raises:
            OptionError: for a name that a folder cannot have.
        """
        if not _NAME.fullmatch(name):
            raise OptionError("name", name, "is not the name of a folder: letters, digits, dots, hyphens and underscores")
        if not os.path.isabs(state_directory):
            raise OptionError("state_directory", state_directory, "is not an absolute path")
        self._parent = state_directory
        self.directory = os.path.join(state_directory, name)
        self._file = file

    @property
    def was_blocked(self) -> bool:
        """Whether the role has noted there since when the rollover is blocked."""
        return os.path.exists(os.path.join(self.directory, BLOCKED_FILE))

    @property
    def keys(self) -> str:
        """The folder of keys."""
        return os.path.join(self.directory, KEYS)

    @property
    def path(self) -> str:
        """The state file."""
        return os.path.join(self.directory, self._file)

    def make(self) -> None:
        """Make the folders that are missing.

        Raises:
            OSError: when a file cannot be read or written.
            OptionError: when others could write there.
        """
        os.makedirs(self._parent, mode=_PRIVATE, exist_ok=True)
        self._check_parent()
        for one in (self.directory, self.keys):
            with suppress(FileExistsError):
                os.mkdir(one, _PRIVATE)
            found = os.lstat(one)
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
                raise OptionError("state_directory", one, "must be a folder of the user who runs this, and writable for nobody else")

    def _check_parent(self) -> None:
        """Raise `OptionError` where others can lead away or exchange what is in *state_directory*."""
        try:
            parent = open_folder(self._parent)
            try:
                if everybody_can_replace(os.fstat(parent)):
                    raise UnsafeFile("it may be written by everybody and has no sticky bit")
            finally:
                os.close(parent)
        except UnsafeFile as problem:
            raise OptionError("state_directory", self._parent, f"cannot be used: {problem}") from problem

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out for as long as this lasts, or until the process ends. Without a folder there is no lock.

        Raises:
            Busy: when another run has it.
        """
        try:
            descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            yield
            return
        except OSError as problem:
            raise StateUnusable(f"{self.directory} cannot be used: {problem.strerror}") from problem
        try:
            if not take(descriptor):
                raise Busy(f"another run has locked {self.directory}")
            yield
        finally:
            os.close(descriptor)

    def sweep(self) -> None:
        """Remove what a run that was killed has left half written."""
        sweep(self.directory, re.escape(self._file))
        sweep(self.keys, ".*")

    def load(self) -> Mapping[str, Any] | None:
        """Return what was saved, None when there is no file.

        Raises:
            StateUnusable: when it cannot be used.
        """
        try:
            self._check_directory()
            found = read_file(self.path, believed=True)
            if found is None:
                return None
            content = json.loads(found.content)
            version = content["format"]
            if version is True or version != _FORMAT:
                raise StateUnusable(f"{self.path} has the format {version!r}, which this version does not know")
            return dict(content)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
            raise StateUnusable(f"{self.path} cannot be read: {problem}") from problem

    def _check_directory(self) -> None:
        """Raise `StateUnusable` for a folder in which others can have put a state; one that is not there is none."""
        with suppress(FileNotFoundError):
            try:
                check_own_folder(os.lstat(self.directory))
            except UnsafeFile as problem:
                raise StateUnusable(f"{self.directory} {problem}") from problem

    def save(self, content: Mapping[str, Any]) -> None:
        """Exchange the file.

        Raises:
            OSError: with the old one in place.
        """
        text = json.dumps({"format": _FORMAT, **content}, indent=1, sort_keys=True).encode("ascii") + b"\n"
        replace_together(self.directory, [NewFile(self._file, text, Access(KEY_MODE))])
