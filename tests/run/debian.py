# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages, installed by root and only when they are missing; no service of theirs is started."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LISTS = Path("/var/lib/apt/lists")
FRESH = 24 * 3600.0
POLICY = Path("/usr/sbin/policy-rc.d")
_REFUSE = b"#!/bin/sh\nexit 101\n"
LOCK = Path("/run/mailops-tls-packages.lock")
"""Held by whoever changes the policy, here and in tests/lab/machinery/packages.py, which are different processes."""
_apt = threading.Lock()


class CannotInstall(Exception):
    """apt-get failed; the text is the end of what it said."""


def can_install() -> bool:
    """Tell whether packages can be installed here: this is Debian's kind of system and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def refresh() -> None:
    """Fetch the package lists when there are none or they are older than a day."""
    with _apt:
        lists = [path.stat().st_mtime for path in LISTS.glob("*Packages*")] if LISTS.is_dir() else []
        if not lists or time.time() - max(LISTS.stat().st_mtime, *lists) > FRESH:
            _run(["apt-get", "update", "-q"])


def install(packages: Sequence[str]) -> None:
    """Install packages; whoever holds apt's lock is waited for."""
    refresh()
    with _apt, _no_services():
        _run(["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-q", "--no-install-recommends", *packages])


@contextmanager
def _no_services() -> Iterator[None]:
    """Have invoke-rc.d refuse to start anything, and put its policy back as it was."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = POLICY.read_bytes() if POLICY.exists() else None
        mode = POLICY.stat().st_mode & 0o7777 if before is not None else 0
        POLICY.write_bytes(_REFUSE)
        POLICY.chmod(0o755)
        try:
            yield
        finally:
            if before is None:
                POLICY.unlink()
            else:
                POLICY.write_bytes(before)
                POLICY.chmod(mode)


def _run(command: Sequence[str]) -> None:
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise CannotInstall("{}:\n{}".format(" ".join(command), "\n".join(done.stdout.splitlines()[-15:])))
