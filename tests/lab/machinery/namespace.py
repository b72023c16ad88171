# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network namespace: made, entered, taken away."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HOSTS = "127.0.0.1 localhost\n::1 localhost\n"
RESOLV_CONF = "nameserver 127.0.0.1\noptions trust-ad edns0 timeout:5 attempts:2\n"


@dataclass(frozen=True)
class Namespace:
    """The namespace with this name; without a name the one that this process is in."""

    name: str = ""

    @property
    def handle(self) -> Path:
        """The file that stands for it."""
        return Path("/run/netns") / self.name if self.name else Path("/proc/self/ns/net")

    @property
    def etc(self) -> Path:
        """Files here take the place of those in /etc for commands inside (ip-netns(8))."""
        return Path("/etc/netns") / self.name

    def exists(self) -> bool:
        """True when it is there."""
        return self.handle.exists()

    def create(self, addresses: Iterable[str] = (), hosts: Mapping[str, str] | None = None, resolv_conf: str = RESOLV_CONF) -> None:
        """Make it, with loopback up.

        Args:
            addresses: with prefix length, for the loopback interface; all of 127.0.0.0/8 and ::1 are there anyway.
            hosts: names for /etc/hosts, with their addresses.
            resolv_conf: its /etc/resolv.conf.
        """
        self.etc.mkdir(parents=True, exist_ok=True)
        (self.etc / "resolv.conf").write_text(resolv_conf)
        lines = [HOSTS, *(f"{address} {name}\n" for name, address in (hosts or {}).items())]
        (self.etc / "hosts").write_text("".join(lines))
        if not self.exists():
            subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)
        for address in addresses:
            subprocess.run(["ip", "-n", self.name, "addr", "replace", address, "dev", "lo"], check=True)

    def remove(self) -> None:
        """Take it and its /etc files away; nothing happens when they are not there."""
        if self.exists():
            subprocess.run(["ip", "netns", "delete", self.name], check=True)
        shutil.rmtree(self.etc, ignore_errors=True)
        if self.etc.parent.is_dir() and not any(self.etc.parent.iterdir()):
            self.etc.parent.rmdir()

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return the command line that runs a command in it."""
        return ["ip", "netns", "exec", self.name, *command] if self.name else list(command)

    def holds(self, pid: int) -> bool:
        """Tell whether a process is in it; a process that does not exist is not."""
        try:
            return os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat(self.handle).st_ino
        except OSError:
            return False
