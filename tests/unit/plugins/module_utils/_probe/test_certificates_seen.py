# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What listeners show when they are asked for their certificates, by values alone."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.certificates_seen import CertificatesSeen, Shown, certificates_seen
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.tests.unit.makers.probing import SETTINGS
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import mail_server

KINDS = (KeyRequest.ANY, KeyRequest.RSA, KeyRequest.ECDSA)


def server(*kinds: str) -> MemoryServer:
    """Return a TLS server with a key of each kind, two at the most."""
    first, *more = (leaf(kind) for kind in kinds)
    return MemoryServer(first.pem, first.key.pem, second=(more[0].pem, more[0].key.pem) if more else None)


def seen(port: int, mode: TlsMode = TlsMode.STARTTLS, *addresses: str, name: str | None = None) -> CertificatesSeen:
    return certificates_seen(addresses or ("127.0.0.1",), port, mode, KINDS, SETTINGS, server_name=name, deadline=60)


def told(shown: Shown) -> tuple[str, str | None, bool, bool | None]:
    """Return the kind asked for, the kind of the key shown, whether TLS came about, and whether the server has such a key."""
    key = shown.chain[0].public_key if shown.chain else None
    return shown.kind.value, key.type if key is not None else None, shown.established, shown.offered


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
def test_each_kind_of_key_is_asked_for(mode: TlsMode) -> None:
    tls = server("ecdsa", "rsa")
    with running(listener := ScriptedServer(mail_server(tls, implicit=mode is TlsMode.IMPLICIT))):
        found = seen(listener.port, mode)
    whichever, rsa, ecdsa = found.shown
    assert told(rsa) == ("rsa", "rsa", True, True) and told(ecdsa) == ("ecdsa", "ecdsa", True, True)
    assert told(whichever) in (("any", "rsa", True, True), ("any", "ecdsa", True, True))
    assert not any(one.failure for one in found.shown) and len(listener.peers) == len(KINDS)


def test_a_kind_of_key_that_a_server_does_not_have_is_not_offered() -> None:
    with running(listener := ScriptedServer(mail_server(server("ecdsa")))):
        whichever, rsa, ecdsa = seen(listener.port).shown
    assert told(whichever) == ("any", "ecdsa", True, True) and told(ecdsa) == ("ecdsa", "ecdsa", True, True)
    assert told(rsa) == ("rsa", None, False, False)
    assert rsa.failure is not None and rsa.failure.kind is ErrorKind.HANDSHAKE_FAILED


def test_addresses_are_told_apart_and_the_name_is_sent() -> None:
    tls = server("ecdsa")
    with running(listener := ScriptedServer(mail_server(tls))):
        found = seen(listener.port, TlsMode.STARTTLS, "127.0.0.1", "127.0.0.2", name="mx.example.com")
    assert [one.address for one in found.shown] == ["127.0.0.1"] * 3 + ["127.0.0.2"] * 3
    assert set(tls.server_names) == {"mx.example.com"}
    for one in found.shown[3:]:
        assert one.failure is not None and one.failure.kind is ErrorKind.CONNECT_REFUSED
        assert told(one) == (one.kind.value, None, False, None)


def test_no_server_name_is_sent_unless_it_is_given() -> None:
    tls = server("ecdsa")
    with running(listener := ScriptedServer(mail_server(tls))):
        seen(listener.port)
    assert set(tls.server_names) == {None}


def test_a_listener_without_tls_leaves_open_what_it_has() -> None:
    async def plain(peer: Peer) -> None:
        await peer.greet()
        await peer.send(b"250 mx.example.com\r\n")
        await peer.finish()

    with running(listener := ScriptedServer(plain)):
        found = seen(listener.port)
    assert {told(one)[1:] for one in found.shown} == {(None, False, None)}
    assert {one.failure.kind for one in found.shown if one.failure is not None} == {ErrorKind.STARTTLS_NOT_OFFERED}
