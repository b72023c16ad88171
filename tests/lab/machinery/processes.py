# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a namespace, found by pid file or by their command line; no other process is ever touched."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from .namespace import Namespace

_PAUSE = 0.02


def of_pid_file(net: Namespace, pid_file: Path) -> int | None:
    """Return the process of a pid file, if it is alive and really in the namespace (a pid may be reused), else None."""
    try:
        pid = int(pid_file.read_text().strip())
    except (OSError, ValueError):
        return None
    return pid if net.holds(pid) else None


def naming(net: Namespace, path: Path) -> list[int]:
    """Return the processes of the namespace whose command line has this path: a server's children have it too."""
    wanted = os.fsencode(path)
    found = []
    for each in Path("/proc").iterdir():
        if not each.name.isdigit() or int(each.name) == os.getpid():
            continue
        try:
            words = (each / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if wanted in words and net.holds(int(each.name)):
            found.append(int(each.name))
    return found


def send(net: Namespace, path: Path, number: signal.Signals) -> None:
    """Send a signal to all of them."""
    for pid in naming(net, path):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def stop(net: Namespace, pid_file: Path, path: Path | None = None, patience: float = 60.0) -> bool:
    """Ask the process of a pid file to end, insist after a while.

    Args:
        net: where it is.
        pid_file: names it.
        path: all processes with this path in their command line belong to it; frozen ones go on first, and all are waited for.
        patience: seconds until it is killed.

    Returns:
        False when nothing was running.
    """
    pid = of_pid_file(net, pid_file)
    if path is not None:
        send(net, path, signal.SIGCONT)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + patience
    left = _left(net, pid_file, path)
    running = bool(left)
    while left:
        if time.monotonic() > end:
            for each in left:
                os.kill(each, signal.SIGKILL)
        time.sleep(_PAUSE)
        left = _left(net, pid_file, path)
    return running or pid is not None


def _left(net: Namespace, pid_file: Path, path: Path | None) -> list[int]:
    pid = of_pid_file(net, pid_file)
    return [*([pid] if pid is not None else []), *(naming(net, path) if path is not None else [])]
