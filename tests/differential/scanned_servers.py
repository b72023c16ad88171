# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers of every TLS stack at hand, to be scanned by us and by others."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ansible_collections.mailops.tls.tests.differential import own_postfix, tls_listeners
from ansible_collections.mailops.tls.tests.integration.targets.mail_delivery_probe.files import world as deliveries
from ansible_collections.mailops.tls.tests.integration.targets.mailbox_tls_probe.files import world as mailboxes
from ansible_collections.mailops.tls.tests.lab.authorities import Pki
from ansible_collections.mailops.tls.tests.lab.case import Leaf
from ansible_collections.mailops.tls.tests.lab.keys import key_pem
from ansible_collections.mailops.tls.tests.lab.machinery import packages
from ansible_collections.mailops.tls.tests.lab.machinery.namespace import Namespace
from ansible_collections.mailops.tls.tests.lab.machinery.server import Server

HERE = Namespace()
DOVECOT = "127.0.58.1"
_PLAIN = "127.0.58.2"
_LISTENERS = "127.0.0.1"


@dataclass(frozen=True)
class Scanned:
    """One server: where it is, and which service of `mailbox_tls_probe` it has there."""

    address: str
    port: int
    service: str = "smtp"

    @property
    def host(self) -> str:
        """The server as the module takes it."""
        return f"{self.address}:{self.port}"


@contextmanager
def running() -> Iterator[Mapping[str, Scanned]]:
    """Have all of them run; by names that begin with the program."""
    folder = Path(tempfile.mkdtemp(prefix="scanned.", dir="/run"))  # paths of sockets have to be short
    folder.chmod(0o711)
    try:
        with ExitStack() as stack:
            rsa, ecdsa = _certificate(folder, "rsa"), _certificate(folder, "ecdsa")
            chains = {"postfix, RSA": rsa, "postfix, ECDSA": ecdsa}
            services = {name: {"smtpd_tls_chain_files": str(path)} for name, path in chains.items()}
            found = {name: Scanned(own_postfix.ADDRESS, port) for name, port in
                     stack.enter_context(own_postfix.running(folder / "postfix", services)).items()}  # fmt: skip
            for server in (deliveries.exim(folder), _dovecot(folder)):
                server.start(HERE)
                stack.callback(server.stop, HERE)
            found["exim, GnuTLS"] = Scanned(deliveries.EXIM, 25)
            for service, port in (("imaps", 993), ("imap", 143), ("pop3s", 995), ("pop3", 110), ("sieve", 4190)):
                found[f"dovecot, {service}"] = Scanned(DOVECOT, port, service)
            certificate, key = _parts(rsa)
            for name, shake_hands in (
                ("OpenSSL of the wheel", tls_listeners.openssl(certificate, key)),
                ("tlslite-ng", tls_listeners.tlslite(certificate, key)),
            ):
                found[name] = Scanned(_LISTENERS, stack.enter_context(tls_listeners.listening(_LISTENERS, shake_hands)))
            yield found
    finally:
        shutil.rmtree(folder)


def _certificate(folder: Path, kind: str) -> Path:
    """Make a certificate with a key of a kind; Exim and Dovecot have the one in `chain.pem`."""
    pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
    leaf = pki.issue(Leaf(names=("mail.example.org",), key=kind), "mail.example.org")
    path = folder / f"{kind}.pem"
    for one in (path, folder / "chain.pem"):
        one.touch(mode=0o600)
        one.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
    return path


def _parts(chain: Path) -> tuple[bytes, bytes]:
    """Return the first certificate and the key of a file."""
    key, certificate, *unused = chain.read_bytes().split(b"-----BEGIN CERTIFICATE-----")
    return b"-----BEGIN CERTIFICATE-----" + certificate, key


def _dovecot(folder: Path) -> Server:
    for package in ("dovecot-pop3d", "dovecot-managesieved"):
        packages.require(package)
    own = folder / "dovecot"
    text = mailboxes.DOVECOT.format(folder=own, listen=DOVECOT, plain=_PLAIN, chain=folder / "chain.pem")
    ready = tuple(f"{DOVECOT}:{port}" for port in (110, 143, 993, 995, 4190))
    command = ("/usr/sbin/dovecot", "-c", str(own / "dovecot.conf"))
    return Server("dovecot", own, command, "dovecot-imapd", {"dovecot.conf": text, "users": ""}, addresses=ready, pid="run/master.pid")
