# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages the lab needs, installed without starting any service."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE = "#!/bin/sh\nexit 101\n"
LOCK = Path("/run/mailops-tls-packages.lock")
"""Held by whoever changes the policy, here and in tests/run/debian.py; networks come up side by side."""

PACKAGES = {
    "iproute2": "/sbin/ip",
    "nsd": "/usr/sbin/nsd",
    "unbound": "/usr/sbin/unbound",
    "postfix": "/usr/sbin/posttls-finger",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
    "haproxy": "/usr/sbin/haproxy",
    "openssl": "/usr/bin/openssl",
    "dnsutils": "/usr/bin/dig",
    "python3-dnspython": "/usr/lib/python3/dist-packages/dns/dnssec.py",
    "python3-cryptography": "/usr/lib/python3/dist-packages/cryptography/x509/__init__.py",
}
"""Package -> a file that shows it is there."""


def missing() -> list[str]:
    """The packages that are not installed."""
    return [name for name, shows in PACKAGES.items() if not Path(shows).exists()]


def install(names: list[str]) -> None:
    """Install packages; a policy-rc.d keeps their services from starting and is put back as it was afterwards."""
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q", "-y", "--no-install-recommends", "install", *names]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_services():
        subprocess.run(command, check=True, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def _no_services() -> Iterator[None]:
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = POLICY.read_bytes() if POLICY.exists() else None
        mode = POLICY.stat().st_mode & 0o7777 if before is not None else 0
        POLICY.write_text(REFUSE)
        POLICY.chmod(0o755)
        try:
            yield
        finally:
            if before is None:
                POLICY.unlink()
            else:
                POLICY.write_bytes(before)
                POLICY.chmod(mode)
