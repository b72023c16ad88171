# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that says how far a run is: written anew each second, whole at any moment, and never a reason for the run to fail."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile, check_writable_folder, open_folder
from ansible_collections.mailops.tls.plugins.module_utils._files.own_file import PRIVATE

OPTION = "progress_file"


class ProgressFile:
    """Writes the file under a name of its own beside it, and then renames that: a symbolic link in its place is replaced."""

    def __init__(self, path: str) -> None:
        """Find the folder.

        Raises:
            OptionError: it is not there, or everybody could replace the file in it.
        """
        head, self._name = os.path.split(path)
        if self._name in ("", ".", "..") or "\0" in path:
            raise OptionError(OPTION, path, "is not the name of a file")
        self._own = f".{self._name[:200]}.{os.getpid()}"
        try:
            self._folder = open_folder(head or ".")
            if os.path.isdir(path):
                raise IsADirectoryError(21, os.strerror(21))
        except UnsafeFile as error:
            raise OptionError(OPTION, path, str(error)) from error
        except OSError as error:
            raise OptionError(OPTION, path, f"cannot be written: {error.strerror}") from error
        try:
            check_writable_folder(self._folder)
        except UnsafeFile as error:
            self.close()
            raise OptionError(OPTION, path, str(error)) from error

    def write(self, found: Mapping[str, Any]) -> None:
        """Write how far the run is. A disk that is full, or a folder that is gone, is told by the file of results."""
        with suppress(OSError):
            self._write(json.dumps(found, separators=(",", ":")).encode("ascii") + b"\n")

    def close(self) -> None:
        """Close the folder; the file stays."""
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def _write(self, content: bytes) -> None:
        with suppress(FileNotFoundError):  # of a run with this number that was killed
            os.unlink(self._own, dir_fd=self._folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._own, flags, PRIVATE, dir_fd=self._folder)
        written = 0
        try:
            written = os.write(descriptor, content)
        finally:
            os.close(descriptor)
            if written < len(content):  # the disk is full: nothing is left behind
                os.unlink(self._own, dir_fd=self._folder)
        if written == len(content):
            os.rename(self._own, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
