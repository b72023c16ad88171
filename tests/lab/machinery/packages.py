# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages that labs need, installed without starting any service."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE = "#!/bin/sh\nexit 101\n"
LOCK = Path("/run/mailops-tls-packages.lock")
"""Held by whoever changes the policy, here and in the test run; networks come up side by side."""

CATALOGUE = {
    "bind9": "/usr/sbin/named",
    "dnsutils": "/usr/bin/dig",
    "dovecot-imapd": "/usr/lib/dovecot/imap-login",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
    "dovecot-managesieved": "/usr/lib/dovecot/managesieve-login",
    "dovecot-pop3d": "/usr/lib/dovecot/pop3-login",
    "faketime": "/usr/bin/faketime",
    "haproxy": "/usr/sbin/haproxy",
    "iproute2": "/sbin/ip",
    "nsd": "/usr/sbin/nsd",
    "openssl": "/usr/bin/openssl",
    "postfix": "/usr/sbin/posttls-finger",
    "python3-cryptography": "/usr/lib/python3/dist-packages/cryptography/x509/__init__.py",
    "python3-dnspython": "/usr/lib/python3/dist-packages/dns/dnssec.py",
    "unbound": "/usr/sbin/unbound",
}
"""Package -> a file that shows it is there."""


def missing(names: Iterable[str]) -> list[str]:
    """Return those of the packages that are not installed."""
    return [name for name in names if not Path(CATALOGUE[name]).exists()]


def require(name: str) -> None:
    """Make sure that a package is there.

    Raises:
        RuntimeError: it is not.
    """
    if missing([name]):
        raise RuntimeError(f"{CATALOGUE[name]} is missing; it is in the Debian package {name}")


def install(names: Sequence[str]) -> None:
    """Install packages; a policy-rc.d keeps their services from starting and is put back as it was afterwards."""
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q", "-y", "--no-install-recommends", "install", *names]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with no_services():
        subprocess.run(command, check=True, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def no_services() -> Iterator[None]:
    """Have invoke-rc.d refuse to start anything, and put its policy back as it was."""
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
