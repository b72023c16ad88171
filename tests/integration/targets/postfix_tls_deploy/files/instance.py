# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Postfix instance below one folder: made, started, stopped. By hand: `instance.py make|start|stop FOLDER`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(Path(__file__).resolve().parents[8]))
from ansible_collections.mailops.tls.tests.lab.machinery import postfix as machinery  # noqa: E402

HOST = "mx.deploy.test"
STARTTLS_PORT, IMPLICIT_PORT = 2610, 2611
PARAMETERS = {
    "myhostname": HOST,
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "loopback-only",
    "inet_protocols": "ipv4",
    "smtpd_peername_lookup": "no",
    "smtpd_client_connection_rate_limit": "0",
    "smtpd_tls_security_level": "may",
    "smtpd_relay_restrictions": "reject",
}
LISTENERS = f"""127.0.0.1:{STARTTLS_PORT} inet n - n - - smtpd
127.0.0.1:{IMPLICIT_PORT} inet n - n - - smtpd
    -o smtpd_tls_wrappermode=yes
"""


def postfix(config: Path, *command: str) -> None:
    """Run postfix(1) for the instance; raises CalledProcessError."""
    with (config.parent / "postfix.out").open("ab") as output:
        whole = ["/usr/sbin/postfix", "-c", str(config), *command]
        subprocess.run(whole, check=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output)


def postconf(config: Path, *words: str) -> str:
    """Run postconf(1) for the instance and return what it says; raises CalledProcessError."""
    done = subprocess.run(["/usr/sbin/postconf", "-c", str(config), *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def make_pair(folder: Path, name: str, algorithm: str, host: str = HOST) -> tuple[Path, Path]:
    """Make `NAME-cert.pem` and `NAME-key.pem` in a folder and return their paths."""
    certificate, key = folder / (name + "-cert.pem"), folder / (name + "-key.pem")
    kind = {"rsa": ["rsa:2048"], "ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "ed25519": ["ed25519"]}[algorithm]
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", *kind, "-keyout", str(key), "-out", str(certificate), "-days", "30"]
    command += ["-subj", "/CN=" + host, "-addext", "subjectAltName=DNS:" + host]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    key.chmod(0o600)
    return certificate, key


def make(folder: Path) -> Path:
    """Make the instance, without keys, and return its configuration directory."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    made = machinery.postfix("postfix", folder, PARAMETERS, machinery.MASTER_CF + LISTENERS, "etc")
    made.write()
    return folder / "etc"


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        postfix(Path(sys.argv[2]) / "etc", sys.argv[1])
