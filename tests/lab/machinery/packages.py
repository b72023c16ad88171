# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages that labs need, installed without starting any service."""

from __future__ import annotations

import fcntl
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE = "#!/bin/sh\nexit 101\n"
LOCK = Path("/run/mailops-tls-packages.lock")
"""Held by whoever installs something; networks come up side by side."""
LISTS = Path("/var/lib/apt/lists")
FRESH = 24 * 3600.0

_TRIPLET = f"{platform.machine()}-linux-gnu"
"""Debian's folder of libraries, on the machines that tests run on (x86_64, aarch64)."""

CATALOGUE = {
    "bind9": "/usr/sbin/named",
    "caddy": "/usr/bin/caddy",
    "chromium": "/usr/bin/chromium",
    "curl": "/usr/bin/curl",
    "dnsutils": "/usr/bin/dig",
    "dovecot-imapd": "/usr/lib/dovecot/imap-login",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
    "dovecot-managesieved": "/usr/lib/dovecot/managesieve-login",
    "dovecot-pop3d": "/usr/lib/dovecot/pop3-login",
    "exim4-daemon-light": "/var/cache/mailops-tls/exim4-daemon-light/usr/sbin/exim4",
    "faketime": "/usr/bin/faketime",
    "gnupg": "/usr/bin/gpg",
    "gnutls-bin": "/usr/bin/certtool",
    "haproxy": "/usr/sbin/haproxy",
    "iproute2": "/sbin/ip",
    "knot": "/usr/sbin/knotd",
    "libgsasl18": f"/usr/lib/{_TRIPLET}/libgsasl.so.18",
    "libnginx-mod-mail": "/usr/lib/nginx/modules/ngx_mail_module.so",
    "libnet-ssleay-perl": "/usr/share/doc/libnet-ssleay-perl/copyright",
    "nginx": "/usr/sbin/nginx",
    "nmap": "/usr/bin/nmap",
    "nsd": "/usr/sbin/nsd",
    "opendkim-tools": "/usr/sbin/opendkim-testkey",
    "nodejs": "/usr/bin/node",
    "npm": "/usr/bin/npm",
    "openssh-client": "/usr/bin/ssh-keygen",
    "openssl": "/usr/bin/openssl",
    "postfix": "/usr/sbin/posttls-finger",
    "postgresql": "/usr/share/doc/postgresql/copyright",
    "python3-aiosmtpd": "/usr/lib/python3/dist-packages/aiosmtpd/__init__.py",
    "python3-cryptography": "/usr/lib/python3/dist-packages/cryptography/x509/__init__.py",
    "python3-dkim": "/usr/lib/python3/dist-packages/dkim/__init__.py",
    "python3-dnspython": "/usr/lib/python3/dist-packages/dns/dnssec.py",
    "python3-hypothesis": "/usr/lib/python3/dist-packages/hypothesis/__init__.py",
    "python3-idna": "/usr/lib/python3/dist-packages/idna/__init__.py",
    "python3-jmespath": "/usr/lib/python3/dist-packages/jmespath/__init__.py",
    "python3-openssl": "/usr/lib/python3/dist-packages/OpenSSL/__init__.py",
    "python3-pytest": "/usr/lib/python3/dist-packages/pytest/__init__.py",
    "sqlite3": "/usr/bin/sqlite3",
    "strace": "/usr/bin/strace",
    "swaks": "/usr/bin/swaks",
    "tcpdump": "/usr/bin/tcpdump",
    "testssl.sh": "/usr/bin/testssl",
    "tshark": "/usr/bin/tshark",
    "unbound": "/usr/sbin/unbound",
}
"""Package -> a file that shows it is there."""


ASIDE = Path("/var/cache/mailops-tls")
"""Where packages are unpacked that cannot be installed, as another one is: there can be one mail server only."""


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
    with no_services():
        lists = [entry.stat().st_mtime for entry in LISTS.glob("*Packages*")]
        if not lists or time.time() - max(LISTS.stat().st_mtime, *lists) > FRESH:
            _apt_get("update")
        aside = [name for name in names if CATALOGUE[name].startswith(f"{ASIDE}/")]
        for name in aside:
            _unpack(name)
        if set(names) - set(aside):
            _apt_get("-y", "--no-install-recommends", "install", *(name for name in names if name not in aside))


def _unpack(name: str) -> None:
    """Unpack a package into a folder of its own, without installing it; what it depends on is not looked at."""
    folder = ASIDE / name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        _apt_get("download", name, cwd=place)
        subprocess.run(["dpkg-deb", "-x", *(str(one) for one in Path(place).glob("*.deb")), str(folder)], check=True)


def _apt_get(*words: str, cwd: str | None = None) -> None:
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q", *words]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=True, env=quiet, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


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
