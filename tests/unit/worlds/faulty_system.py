# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of the system that fail, or end the process, when they are made for the Nth time: a full disk or a kill at every moment."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

import pytest

CALLS = ("open", "close", "link", "rename", "unlink", "write", "fsync", "fchmod", "fchown", "fstat", "listdir", "mkdir")
"""Those of `os` that are counted; closing never fails, but a process can be killed there. Besides them `fcntl.flock`."""

NEVER_FAIL = ("close", "fstat", "listdir")
_CHANGING = ("open", "link", "rename", "unlink", "write", "fsync", "fchmod", "flock", "mkdir")

Happens = Callable[[str], None]
"""What happens in the place of a call, by its name, before it: an exception, the end of the process, or nothing."""


@contextmanager
def calls_watched(happens: Happens) -> Iterator[None]:
    """Tell of every call, and let it go on unless that raises or ends the process."""

    def watched(name: str, real: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            happens(name)
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, watched(name, getattr(os, name)))
        patch.setattr(fcntl, "flock", watched("flock", fcntl.flock))
        yield


class Counter:
    """Counts calls; at number `at` the call fails with `error`, and with `lasting` so do all that write after it."""

    def __init__(self, at: int | None = None, error: int = 0, lasting: bool = False) -> None:
        self.at, self.error, self.lasting = at, error, lasting
        self.made: list[str] = []
        self.failed: list[str] = []

    def __call__(self, name: str) -> None:
        self.made.append(name)
        if self.at is None or name in NEVER_FAIL or len(self.made) < self.at:
            return
        if len(self.made) == self.at or (self.lasting and name in ("link", "rename", "unlink", "write", "fsync", "mkdir")):
            self.failed.append(name)
            raise OSError(self.error, os.strerror(self.error))


def killed_at(action: Callable[[], object], at: int) -> bool:
    """Do something in a child that ends, as by SIGKILL, before the call number `at` of those that can change something.

    Returns whether it came that far.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    made = [0]

    def happens(name: str) -> None:
        made[0] += name in _CHANGING
        if made[0] == at:
            os._exit(9)

    try:
        with calls_watched(happens):
            action()
    finally:
        os._exit(0)
