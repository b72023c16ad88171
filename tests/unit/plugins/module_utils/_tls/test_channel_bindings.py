# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel bindings of real sessions: both sides have to find the same bytes (RFC 9266, RFC 5929)."""

from __future__ import annotations

import hashlib
import ssl

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import preferred
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake, HandshakeState
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import handshake, leaf, server_for, shake_hands
from OpenSSL import SSL, crypto

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def test_what_tls_1_3_exports_is_what_the_server_exports() -> None:
    context = SSL.Context(getattr(SSL, "TLS_METHOD", SSL.SSLv23_METHOD))
    context.use_certificate(crypto.load_certificate(crypto.FILETYPE_PEM, leaf("ecdsa").pem))
    context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, leaf("ecdsa").key.pem))
    server, client = SSL.Connection(context, None), handshake()
    server.set_accept_state()
    done = False
    for _round in range(5):
        client.advance()
        for chunk in [client.to_send()]:
            if chunk:
                server.bio_write(chunk)
        if client.state is HandshakeState.ESTABLISHED and done:
            break
        try:
            server.do_handshake()
            done = True
        except SSL.WantReadError:
            pass
        client.receive(server.bio_read(65536), SmtpPhase.EHLO_TLS)
    assert client.session().protocol == "TLSv1.3"
    found = {one.name: one.data for one in client.channel_bindings()}
    assert list(found) == ["tls-exporter", "tls-server-end-point"]
    assert found["tls-exporter"] == server.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")
    assert found["tls-server-end-point"] == hashlib.sha256(leaf("ecdsa").der).digest()


def test_up_to_tls_1_2_it_is_the_first_finished_message_whoever_sent_it() -> None:
    contexts = TlsContexts(TlsParameters())
    server = server_for(leaf("rsa"), V12)
    first = Handshake(contexts, must_match=False, sni=None)
    assert shake_hands(first, server) is None
    assert first.channel_bindings()[0].name == "tls-unique"
    assert first.channel_bindings()[0].data == server.tls.get_channel_binding("tls-unique")
    again = server.another()
    resumed = Handshake(contexts, must_match=False, sni=None, session=first.resumable_session())
    assert shake_hands(resumed, again) is None and resumed.session().resumed
    assert resumed.channel_bindings()[0].data == again.tls.get_channel_binding("tls-unique")
    assert resumed.channel_bindings()[0].data != first.channel_bindings()[0].data


def test_a_signature_without_a_digest_has_no_binding_of_its_certificate() -> None:
    client = handshake()
    assert shake_hands(client, server_for(leaf("ed25519"), V13)) is None
    bindings = client.channel_bindings()
    assert [one.name for one in bindings] == ["tls-exporter"]
    best = preferred(bindings)
    assert best is bindings[0] and best.data.hex() not in repr(bindings) and repr(best.data) not in repr(bindings)


@pytest.mark.parametrize("version", [V12, V13])
def test_before_the_session_stands_there_is_none(version: ssl.TLSVersion) -> None:
    client = handshake()
    assert client.channel_bindings() == ()
    client.advance()
    assert client.channel_bindings() == ()
