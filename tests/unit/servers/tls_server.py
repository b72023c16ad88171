# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS server over memory buffers, for tests of the handshake machine; Python's own ssl module plays it."""

from __future__ import annotations

import copy
import functools
import os
import ssl
import tempfile
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake, HandshakeState, TlsSession
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key, issue

SENT_LIMIT = 64 * 1024


class MemoryServer:
    """One server session: bytes of the client in, bytes for the client out.

    *second* is another chain and key (PEM) of another algorithm; *groups* one curve; *tickets* is how many TLS 1.3 sends, with 0 TLS 1.2
    has none either.
    *client_authority* (PEM) has to have issued the certificate that the client must show.
    `sent` is what was sent, up to `SENT_LIMIT` bytes.
    """

    def __init__(
        self,
        certificate_pem: bytes | None,
        key_pem: bytes | None = None,
        *,
        version: ssl.TLSVersion | None = None,
        ciphers: str | None = None,
        groups: str | None = None,
        second: tuple[bytes, bytes] | None = None,
        alpn: str | None = None,
        ask_certificate: bool = False,
        client_authority: bytes | None = None,
        dh_parameters: bytes | None = None,
        tickets: int | None = None,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if groups is not None:
            context.set_ecdh_curve(groups)
        if certificate_pem is not None and key_pem is not None:
            _with_file(context.load_cert_chain, certificate_pem + key_pem)
        if second is not None:
            _with_file(context.load_cert_chain, b"".join(second))
        if dh_parameters is not None:
            _with_file(context.load_dh_params, dh_parameters)
        if tickets is not None:
            context.num_tickets = tickets
            context.options |= ssl.OP_NO_TICKET if tickets == 0 else ssl.Options(0)
        if alpn is not None:
            context.set_alpn_protocols([alpn])
        if ask_certificate:
            context.verify_mode = ssl.CERT_OPTIONAL
        if client_authority is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=client_authority.decode())
        self.server_names: list[str | None] = []
        context.sni_callback = lambda _object, name, _context: self.server_names.append(name)
        self._context = context
        self._begin()

    def _begin(self) -> None:
        self.sent = bytearray()
        self.finished = False
        self.waits_for_goodbye: bool | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self._context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def another(self) -> MemoryServer:
        """Return the same server for another connection; it resumes its sessions."""
        server = copy.copy(self)
        server._begin()
        return server

    def exchange(self, data: bytes) -> bytes:
        """Take bytes from the client, go on with the handshake, and return the answer."""
        self._incoming.write(data)
        try:
            self.tls.do_handshake()
            self.finished = True
        except ssl.SSLError:
            pass  # it wants more bytes, or it failed and the answer holds the alert
        return self._take()

    def say(self, text: bytes) -> bytes:
        """Return the bytes that carry a text to the client."""
        self.tls.write(text)
        return self._take()

    def hear(self, data: bytes) -> bytes:
        """Take bytes from the client and return all the text they carry."""
        self._incoming.write(data)
        text = b""
        try:
            while True:
                part = self.tls.read(65536)
                if not part:
                    return text
                text += part
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            return text

    def goodbye(self) -> bytes:
        """Return the bytes that end the session; `waits_for_goodbye` tells whether the client has not ended it yet."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            self.waits_for_goodbye = True
        else:
            self.waits_for_goodbye = False
        return self._take()

    def _take(self) -> bytes:
        data = self._outgoing.read()
        self.sent += data[: SENT_LIMIT - len(self.sent)]
        return data


def _with_file(load: Callable[[str], object], pem: bytes) -> None:
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(pem)
        load(path)
    finally:
        os.unlink(path)


def shake_hands(handshake: Handshake, server: MemoryServer, rounds: int = 10) -> ProbeError | None:
    """Carry bytes between both until the handshake ends; returns the client's error, or None when it is established."""
    for _round in range(rounds):
        try:
            handshake.advance()
            if handshake.state is HandshakeState.ESTABLISHED:
                tickets = server.exchange(handshake.to_send())
                if tickets:
                    handshake.receive(tickets, SmtpPhase.EHLO_TLS)
                return None
            answer = server.exchange(handshake.to_send())
            handshake.receive(answer, SmtpPhase.EHLO_TLS)
        except ProbeError as error:
            return error
    raise AssertionError("the handshake did not end")


@functools.cache
def leaf(kind: str) -> Issued:
    """Return a self-signed certificate with a key of this kind, made once."""
    return issue("leaf", key=Key.generate(kind), dns_names=["mx.example.com"])


def handshake(
    parameters: TlsParameters | None = None, *, must_match: bool = False, sni: str | None = None
) -> Handshake:
    return Handshake(TlsContexts(parameters or TlsParameters()), must_match=must_match, sni=sni)


def server_for(
    certificate: Issued, version: ssl.TLSVersion | None = None, ciphers: str | None = None
) -> MemoryServer:
    return MemoryServer(certificate.pem, certificate.key.pem, version=version, ciphers=ciphers)


def session_with(server: MemoryServer, client: Handshake | None = None) -> TlsSession:
    """Shake hands, which has to succeed, and return the session."""
    client = client or handshake()
    error = shake_hands(client, server)
    assert error is None and client.state is HandshakeState.ESTABLISHED
    return client.session()
