# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that only their owner may read, from their first byte on: key logs and traces."""

from __future__ import annotations

import os
import stat

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK  # the last: a pipe without reader is refused


class SecretFile:
    """Appends lines to a file of mode 0600."""

    def __init__(self, option: str, path: str) -> None:
        """Open or create O(path).

        Raises L(OptionError) naming O(option) when it cannot be written, is no regular file, or others could read it.
        """
        try:
            descriptor = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise OptionError(option, path, "cannot be written: %s" % error.strerror) from error
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(descriptor)
            raise OptionError(option, path, "is no regular file")
        self._stream = os.fdopen(descriptor, "ab")
        if mode & 0o077:
            self._stream.close()
            raise OptionError(option, path, "is there already and others have access to it; its mode must be 0600")

    def write(self, line: bytes) -> None:
        """Add one line, at once."""
        self._stream.write(line + b"\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
