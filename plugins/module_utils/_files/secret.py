# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that only their owner may read, from their first byte on: key logs and traces."""

from __future__ import annotations

import os

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import open_own_file


class SecretFile:
    """Appends lines to a file of mode 0600. When one cannot be written, the others are dropped and `problem` says why."""

    def __init__(self, option: str, path: str) -> None:
        """Open or create the file.

        Raises:
            OptionError: naming the option, when it cannot be written, is not a regular file of this user, or others could read it.
        """
        try:
            descriptor = open_own_file(path, os.O_WRONLY | os.O_APPEND)
        except UnsafeFile as error:
            raise OptionError(option, path, str(error)) from error
        except OSError as error:
            raise OptionError(option, path, f"cannot be written: {error.strerror}") from error
        mode = os.fstat(descriptor).st_mode
        try:
            self._stream = os.fdopen(descriptor, "ab")
        except OSError as error:  # its end cannot be found, as in some files of /proc
            os.close(descriptor)
            raise OptionError(option, path, f"cannot be written: {error.strerror}") from error
        self._name = f"{option}: {path!r}"
        self.problem: str | None = None
        if mode & 0o077:
            self._stream.close()
            raise OptionError(option, path, "is there already and others have access to it; its mode must be 0600")

    def write(self, line: bytes) -> None:
        """Add one line, at once. A full disk must not end the run, whose results are worth more."""
        if self.problem is not None:
            return
        try:
            self._stream.write(line + b"\n")
            self._stream.flush()
        except OSError as error:
            self.problem = f"{self._name} ends early: it cannot be written any more: {error.strerror}"

    def close(self) -> None:
        """Close the file."""
        try:
            self._stream.close()
        except OSError as error:
            self.problem = self.problem or f"{self._name} ends early: it cannot be written any more: {error.strerror}"
