# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers with TLS stacks that no Debian package has: OpenSSL 4 out of cryptography's wheel, and tlslite-ng with SSL 3 and RC4.

They know SMTP up to STARTTLS, and nothing after the handshake.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from OpenSSL import SSL

Handshake = Callable[[socket.socket], None]
"""Shakes hands as the server over a connected socket, and ends with the connection."""
_LIMIT = 600.0


@contextmanager
def listening(address: str, shake_hands: Handshake) -> Iterator[int]:
    """Have a server answer on a free port of an address; each connection has a thread."""
    with socket.create_server((address, 0), backlog=128) as server:
        accepting = threading.Thread(target=_accept, args=(server, shake_hands), daemon=True)
        accepting.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)  # what wakes the thread that accepts
            accepting.join(_LIMIT)


def _accept(server: socket.socket, shake_hands: Handshake) -> None:
    while True:
        try:
            link, unused = server.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(link, shake_hands), daemon=True).start()


def _serve(link: socket.socket, shake_hands: Handshake) -> None:
    link.settimeout(_LIMIT)
    with link, contextlib.suppress(OSError, ConnectionError):
        link.sendall(b"220 mx.example.org ESMTP\r\n")
        while True:
            words = _line(link).upper().split()
            if words[:1] == [b"STARTTLS"]:
                link.sendall(b"220 2.0.0 Ready to start TLS\r\n")
                shake_hands(link)
                return
            if not words or words[0] == b"QUIT":
                return
            link.sendall(b"250-mx.example.org\r\n250 STARTTLS\r\n" if words[0] == b"EHLO" else b"250 2.0.0 Ok\r\n")


def _line(link: socket.socket) -> bytes:
    """Read a line octet by octet, so that nothing behind it is taken."""
    line = b""
    while not line.endswith(b"\n"):
        octet = link.recv(1)
        if not octet:
            return b""
        line += octet
    return line


def openssl(certificate: bytes, key: bytes) -> Handshake:
    """Return a server with the OpenSSL that pyOpenSSL has, as it is by default."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(load_pem_x509_certificate(certificate))
    context.use_privatekey(load_pem_private_key(key, None))  # type: ignore[arg-type]

    def shake_hands(link: socket.socket) -> None:
        session = SSL.Connection(context, None)
        session.set_accept_state()
        while True:
            try:
                session.do_handshake()
                session.shutdown()
            except SSL.WantReadError:
                _send(session, link)
                data = link.recv(65536)
                if not data:
                    return
                session.bio_write(data)
            except SSL.Error:
                _send(session, link)
                return
            else:
                _send(session, link)
                return

    return shake_hands


def _send(session: SSL.Connection, link: socket.socket) -> None:
    with contextlib.suppress(SSL.Error):
        while True:
            link.sendall(session.bio_read(65536))


def tlslite(certificate: bytes, key: bytes) -> Handshake:
    """Return a server by tlslite-ng that speaks everything from SSL 3 to TLS 1.2, with RC4 and 3DES."""
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey  # pylint: disable=import-outside-toplevel

    chain, chosen = X509CertChain(), HandshakeSettings()
    chain.parsePemList(certificate.decode())
    private = parsePEMKey(key.decode(), private=True)
    chosen.minVersion, chosen.maxVersion = (3, 0), (3, 3)
    chosen.cipherNames = ["aes128gcm", "aes128", "3des", "rc4"]
    chosen.macNames = ["sha", "md5", "sha256", "aead"]

    def shake_hands(link: socket.socket) -> None:
        connection = TLSConnection(link)
        connection.ignoreAbruptClose = True
        try:
            connection.handshakeServer(certChain=chain, privateKey=private, settings=chosen)
            connection.close()
        except Exception:  # pylint: disable=broad-exception-caught  # it raises for every hello that it refuses, after its alert
            pass

    return shake_hands
