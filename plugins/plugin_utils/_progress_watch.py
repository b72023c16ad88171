# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the file that says how far a module is, on whatever machine it runs, and shows it every few seconds."""

from __future__ import annotations

import contextvars
import copy
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Optional

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import LARGEST, progress_text, read_progress

INTERVAL = 5.0
"""Seconds between two lines about the progress; shorter runs show none."""

Reader = Callable[[], Optional[bytes]]
"""Returns what is in the file, None when it cannot be read now."""
display = Display()


class ProgressWatch:
    """Reads the file in a thread of its own."""

    def __init__(self, read: Reader, name: str, own: str | None = None) -> None:
        """Watch what *read* returns, shown behind *name*; *own* is a file that was made for this, and is removed in the end."""
        self._read, self._name, self._own = read, name, own
        self._over = threading.Event()
        context = contextvars.copy_context()  # Ansible keeps the task that runs in one
        self._thread = threading.Thread(target=lambda: context.run(self._run), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()
        if self._own is not None:
            with suppress(FileNotFoundError):
                os.unlink(self._own)

    def _run(self) -> None:
        shown = ""
        while not self._over.wait(INTERVAL):
            found = read_progress(self._read() or b"")
            if found is None or found["ended"] or self._over.is_set():
                continue
            line = progress_text(found)
            if line != shown:
                display.display(f"{self._name}: {line}")
                shown = line


def read_here(path: str) -> Reader:
    """Return what reads a file of this user on this machine; whatever else has its name is waited for by nobody."""

    def read() -> bytes | None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        try:
            return os.read(descriptor, LARGEST) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        except OSError:
            return None
        finally:
            os.close(descriptor)

    return read


def read_there(action: ActionBase, path: str) -> Reader:
    """Return what reads a file where the task runs and as who it runs, beside the module.

    The command goes over a copy of the connection, with a become plugin of its own: both keep notes on the command that is running.
    """
    beside: Any = copy.copy(action)
    beside._connection = copy.copy(action._connection)
    if beside._connection.become is not None:
        beside._connection.set_become_plugin(copy.copy(beside._connection.become))

    def read() -> bytes | None:
        try:
            command = f"head -c {LARGEST} {beside._connection._shell.quote(beside._remote_expand_user(path))}"
            ran = beside._low_level_execute_command(command)
        except Exception:  # whatever a connection plugin raises: a line about the progress is worth no failed task
            return None
        said: str = ran["stdout"]
        return said.encode("utf-8", "replace") if ran["rc"] == 0 else None

    return read
