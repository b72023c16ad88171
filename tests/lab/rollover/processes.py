# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of one server: all that the configuration file on their command line tells apart, in our namespace only."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from .. import namespace
from ..layout import Layout


def of(layout: Layout, marker: Path) -> list[int]:
    """The processes in the network's namespace whose command line has this path as a word."""
    ours = os.stat(Path("/run/netns") / layout.namespace).st_ino
    word = b"\0%s\0" % os.fsencode(marker)
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if word in (folder / "cmdline").read_bytes() and os.stat(folder / "ns/net").st_ino == ours:
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def send(layout: Layout, marker: Path, number: signal.Signals) -> None:
    """Send a signal to all of them: `SIGSTOP` freezes a server, which then takes queries and never answers."""
    for pid in of(layout, marker):
        os.kill(pid, number)


def stop(layout: Layout, marker: Path, pid_file: Path) -> None:
    """End a server, frozen or not, and wait until none of its processes is left."""
    send(layout, marker, signal.SIGCONT)
    namespace.stop(layout, pid_file)
    end = time.monotonic() + 10
    while of(layout, marker):
        if time.monotonic() > end:
            send(layout, marker, signal.SIGKILL)
        time.sleep(0.02)
