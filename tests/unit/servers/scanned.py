# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers in memory that are scanned: OpenSSL by pyOpenSSL, tlslite-ng for what OpenSSL has no more, and scripted answers."""

from __future__ import annotations

import errno
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import Offer, client_hello
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import Scan
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode, ScanResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ServerReply, read_reply
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf

Answers = Callable[[bytes], bytes]
"""One connection: the hello in, all that the server answers out."""
RANDOMS = bytes(range(64))
EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


def openssl(kind: str = "rsa", **more: Any) -> tuple[MemoryServer, Answers]:
    """Return Python's OpenSSL with a key of a kind, and a way to connect to it."""
    certificate = leaf(kind)
    server = MemoryServer(certificate.pem, certificate.key.pem, **more)
    return server, lambda hello: server.another().exchange(hello)


def scan(mode: ScanMode, answers: Answers, **more: Any) -> ScanResult:
    """Run a whole scan; the number of connections is what the server really had."""
    machine, count = Scan(mode, server_name="mx.example.com", **more), 0
    while True:
        step = machine.step(RANDOMS)
        if step is None:
            break
        count += 1
        machine.answer(read_reply(answers(step.hello)))
    result = machine.result()
    assert result.connections == count
    return result


def asked(answers: Answers, offer: Offer) -> ServerReply | None:
    """Return the reply to one offer, None when it was refused."""
    reply = read_reply(answers(client_hello(offer, RANDOMS)))
    return reply if reply.outcome is Outcome.HELLO else None


class _Wire:
    """What tlslite-ng takes for a socket: it reads one hello, and then would block."""

    def __init__(self, hello: bytes) -> None:
        self.incoming, self.sent = bytearray(hello), bytearray()

    def recv(self, size: int) -> bytes:
        if not self.incoming:
            raise OSError(errno.EWOULDBLOCK, "nothing more")
        data = bytes(self.incoming[:size])
        del self.incoming[:size]
        return data

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def setsockopt(self, *unused: object) -> None:
        """Take an option of TCP."""

    def close(self) -> None:
        """Close nothing."""


def tlslite(versions: tuple[tuple[int, int], tuple[int, int]], ciphers: list[str], kind: str = "rsa") -> Answers:
    """Return a way to connect to a server by tlslite-ng, which has SSL 3, RC4 and 3DES."""
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey  # pylint: disable=import-outside-toplevel

    certificate = leaf(kind)
    chain = X509CertChain()
    chain.parsePemList(certificate.pem.decode())
    key = parsePEMKey(certificate.key.pem.decode(), private=True)
    chosen = HandshakeSettings()
    chosen.minVersion, chosen.maxVersion = versions
    chosen.cipherNames = ciphers
    chosen.macNames = ["sha", "md5", "sha256", "sha384", "aead"]

    def answers(hello: bytes) -> bytes:
        wire = _Wire(hello)
        try:
            for state in TLSConnection(wire).handshakeServerAsync(certChain=chain, privateKey=key, settings=chosen):
                if state == 0 and not wire.incoming:
                    break
        except Exception:  # it raises for every hello that it refuses, after its alert
            pass
        return bytes(wire.sent)

    return answers
