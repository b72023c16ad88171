# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two deployments into one instance do not mix: a lock on its configuration directory, which ends with the process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


@contextmanager
def alone(directory: str) -> Iterator[None]:
    """Keep other deployments out for as long as this lasts. Raises OptionError for config_directory."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as problem:
        raise OptionError("config_directory", directory, f"cannot be opened: {problem.strerror}") from problem
    try:
        _lock(descriptor, directory)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, directory: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OptionError("config_directory", directory, "is being deployed to at this moment") from None
    except OSError as problem:
        reason = f"cannot be locked, so that two deployments could mix: {problem.strerror}"
        raise OptionError("config_directory", directory, reason) from problem
