# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network namespace: made, entered, taken away; and the processes in it, stopped by pid file only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .layout import Layout

HOSTS = "127.0.0.1 localhost\n::1 localhost\n"
RESOLV_CONF = "nameserver 127.0.0.1\noptions trust-ad edns0 timeout:5 attempts:2\n"


def _handle(layout: Layout) -> Path:
    return Path("/run/netns") / layout.namespace


def exists(layout: Layout) -> bool:
    """True when the namespace is there."""
    return _handle(layout).exists()


def create(layout: Layout, extra_addresses: Sequence[str], hosts: Mapping[str, str]) -> None:
    """Make the namespace with loopback up, /etc/resolv.conf pointing at our resolver, and /etc/hosts with these names."""
    layout.namespace_etc.mkdir(parents=True, exist_ok=True)
    (layout.namespace_etc / "resolv.conf").write_text(RESOLV_CONF)
    lines = [HOSTS, *(f"{address} {name}\n" for name, address in hosts.items())]
    (layout.namespace_etc / "hosts").write_text("".join(lines))
    if not exists(layout):
        subprocess.run(["ip", "netns", "add", layout.namespace], check=True)
    subprocess.run(["ip", "-n", layout.namespace, "link", "set", "lo", "up"], check=True)
    for address in extra_addresses:
        subprocess.run(["ip", "-n", layout.namespace, "addr", "replace", address, "dev", "lo"], check=True)


def remove(layout: Layout) -> None:
    """Take the namespace and its /etc files away; nothing happens when they are not there."""
    if exists(layout):
        subprocess.run(["ip", "netns", "delete", layout.namespace], check=True)
    shutil.rmtree(layout.namespace_etc, ignore_errors=True)
    if layout.namespace_etc.parent.is_dir() and not any(layout.namespace_etc.parent.iterdir()):
        layout.namespace_etc.parent.rmdir()


def inside(layout: Layout, command: Sequence[str]) -> list[str]:
    """The command line that runs a command in the namespace."""
    return ["ip", "netns", "exec", layout.namespace, *command]


def environment(layout: Layout) -> dict[str, str]:
    """The environment for commands inside: posttls-finger finds its main.cf, scripts find the lab."""
    return {
        **os.environ,
        "MAIL_CONFIG": str(layout.client),
        "LAB_STATE": str(layout.state),
        "LAB_CA_FILE": str(layout.root_pem),
    }


def running(layout: Layout, pid_file: Path) -> int | None:
    """The process of a pid file, if it is alive and really in our namespace (a pid may be reused), else None."""
    try:
        pid = int(pid_file.read_text().strip())
        ours = os.stat(_handle(layout)).st_ino
        return pid if os.stat(f"/proc/{pid}/ns/net").st_ino == ours else None
    except (OSError, ValueError):
        return None


def stop(layout: Layout, pid_file: Path, patience: float = 60.0) -> bool:
    """Ask the process of a pid file to end, insist after a while; False when it was not running."""
    pid = running(layout, pid_file)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + patience
    while running(layout, pid_file) is not None:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    return True
