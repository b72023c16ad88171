# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until a server answers, by checks that are run in its namespace."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from . import processes
from .namespace import Namespace

Check = Callable[[Namespace], str]
"""Says what is still missing, and nothing when the server is ready."""

PATIENCE = 600.0
"""Seconds to wait for a server: more than any needs, on a machine that has other things to do."""
_PAUSE = 0.05


def wait(net: Namespace, check: Check, patience: float = PATIENCE) -> None:
    """Wait for a check to succeed.

    Raises:
        RuntimeError: it does not in this time; the text says what is missing.
    """
    end = time.monotonic() + patience
    missing = check(net)
    while missing:
        if time.monotonic() > end:
            raise RuntimeError(missing)
        time.sleep(_PAUSE)
        missing = check(net)


def at_once(net: Namespace) -> str:
    """Take a server for ready as soon as its command has ended: most bind their sockets before they go into the background."""
    return ""


def exists(path: Path) -> Check:
    """Wait for a file or a socket."""
    return lambda net: "" if path.exists() else f"{path} does not appear"


def running(pid_file: Path) -> Check:
    """Wait for a process to write its pid file."""
    return lambda net: "" if processes.of_pid_file(net, pid_file) is not None else f"no process in {pid_file}"


def listening(*addresses: str) -> Check:
    """Wait for listening TCP sockets, written `127.0.0.1:25` or `[::1]:25`; nobody connects, so no server sees a client."""

    def check(net: Namespace) -> str:
        lines = _output(net, ["ss", "-Hltn"]).splitlines()
        there = {words[3] for words in map(str.split, lines) if len(words) > 3}
        lacking = [each for each in addresses if not {each, *_any(each)} & there]
        return f"nobody listens at {', '.join(lacking)}" if lacking else ""

    return check


def _any(address: str) -> tuple[str, ...]:
    """The ways to write a socket on all addresses that takes connections to this one."""
    port = address.rpartition(":")[2]
    return (f"[::]:{port}", f"*:{port}") if address.startswith("[") else (f"0.0.0.0:{port}", f"*:{port}")


def serves(address: str, zone: str, *options: str, wanted: str = "") -> Check:
    """Wait for a name server to answer for a zone's SOA record; *wanted* is what dig(1) has to print of it."""

    def check(net: Namespace) -> str:
        found = _dig(net, address, zone, "+noall", "+answer", *options)
        return "" if "SOA" in found and wanted in found else f"{address} does not serve {zone}"

    return check


def validates(address: str, zone: str) -> Check:
    """Wait for a resolver to call the SOA record of a signed zone authentic."""

    def check(net: Namespace) -> str:
        lines = _dig(net, address, zone, "+adflag").splitlines()
        flags = next((line for line in lines if line.startswith(";; flags:")), "").partition(";; flags:")[2].partition(";")[0]
        return "" if "ad" in flags.split() else f"{address} does not validate {zone}"

    return check


def _dig(net: Namespace, address: str, zone: str, *options: str) -> str:
    return _output(net, ["/usr/bin/dig", "+time=1", "+tries=1", *options, f"@{address}", "SOA", zone])


def _output(net: Namespace, command: list[str]) -> str:
    done = subprocess.run(net.inside(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.stdout
