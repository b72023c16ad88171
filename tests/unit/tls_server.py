# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS server over memory buffers, for tests of the handshake machine; Python's own ssl module plays it."""

from __future__ import annotations

import os
import ssl
import tempfile
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._errors import ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.handshake import Handshake, HandshakeState


class MemoryServer:
    """One server session: bytes of the client in, bytes for the client out."""

    def __init__(
        self,
        certificate_pem: Optional[bytes],
        key_pem: Optional[bytes] = None,
        *,
        version: Optional[ssl.TLSVersion] = None,
        ciphers: Optional[str] = None,
        groups: Optional[str] = None,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if groups is not None:
            context.set_ecdh_curve(groups)
        if certificate_pem is not None and key_pem is not None:
            _load(context, certificate_pem + key_pem)
        self.server_names: list[Optional[str]] = []
        context.sni_callback = lambda _object, name, _context: self.server_names.append(name)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def exchange(self, data: bytes) -> bytes:
        """Take bytes from the client, go on with the handshake, and return the answer."""
        self._incoming.write(data)
        try:
            self.tls.do_handshake()
        except ssl.SSLError:
            pass  # it wants more bytes, or it failed and the answer holds the alert
        return self._outgoing.read()

    def say(self, text: bytes) -> bytes:
        """Return the bytes that carry a text to the client."""
        self.tls.write(text)
        return self._outgoing.read()


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(pem)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)


def shake_hands(handshake: Handshake, server: MemoryServer, rounds: int = 10) -> Optional[ProbeError]:
    """Carry bytes between both until the handshake ends; returns the client's error, or None when it is established."""
    for _round in range(rounds):
        try:
            handshake.advance()
            if handshake.state is HandshakeState.ESTABLISHED:
                tickets = server.exchange(handshake.to_send())
                if tickets:
                    handshake.receive(tickets)
                return None
            answer = server.exchange(handshake.to_send())
            handshake.receive(answer)
        except ProbeError as error:
            return error
    raise AssertionError("the handshake did not end")
