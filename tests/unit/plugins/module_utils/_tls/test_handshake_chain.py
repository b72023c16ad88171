# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a handshake: exactly those sent, odd ones included, and what OpenSSL finds on their chain."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake, TlsSession
from ansible_collections.mailops.tls.tests.unit.makers import certificates
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued, Key, issue
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import (
    MemoryServer,
    handshake,
    leaf,
    server_for,
    session_with,
    shake_hands,
)

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


# --- certificates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V12, V13])
def test_the_chain_is_what_was_sent_in_its_order(version: ssl.TLSVersion) -> None:
    chain = certificates.hierarchy()
    unrelated = issue("unrelated")
    server = MemoryServer(
        chain.leaf.pem + unrelated.pem + chain.root.pem + chain.intermediate.pem, chain.leaf.key.pem, version=version
    )
    sent = (chain.leaf.der, unrelated.der, chain.root.der, chain.intermediate.der)
    assert session_with(server).chain == sent


ODD: dict[str, Issued] = {
    "expired": issue("leaf", not_after=NOW - DAY),
    "of the future": issue("leaf", not_before=NOW + DAY),
    "no names": issue(None),
    "NUL in a name": issue(b"mx.example.com\0.evil.example", dns_names=[b"mx.example.com\0.evil.example"]),
    "version 1": issue("leaf", version=1),
    "serial 0": issue("leaf", serial=0),
    "negative serial": issue("leaf", serial=-5),
    "a serial of 40 bytes": issue("leaf", serial=1 << 319),
    "a CA": issue("leaf", ca=True, path_length=0),
    "unknown critical extension": issue("leaf", extensions=[certificates.extension("1.2.3.4", b"\x05\x00", True)]),
    "SHA-1": issue("leaf", digest="sha1", key=Key.generate("rsa1024")),
    "MD5": issue("leaf", digest="md5", key=Key.generate("rsa1024")),
    "year 9999": issue("leaf", not_after=NOW.replace(year=9999)),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("version", [V12, V13])
def test_odd_certificates_come_through_byte_by_byte(odd: str, version: ssl.TLSVersion) -> None:
    certificate = ODD[odd]
    assert session_with(server_for(certificate, version, "ALL:@SECLEVEL=0")).chain == (certificate.der,)


def through_the_wire(odd: bytes) -> tuple[Handshake, ProbeError | None]:
    """Exchange the Certificate message of a TLS 1.2 server on its way for one with these bytes."""
    certificate = leaf("ecdsa")
    server, client = server_for(certificate, V12), handshake()
    client.advance()
    answer = server.exchange(client.to_send())
    client.receive(_with_certificate(answer, certificate.der, odd), SmtpPhase.EHLO_TLS)
    try:
        client.advance()
        client.receive(server.exchange(client.to_send()), SmtpPhase.EHLO_TLS)
        client.advance()
    except ProbeError as error:
        return client, error
    return client, None


@pytest.mark.parametrize("change", [b"trailing garbage", -20, -(10**6)], ids=["longer", "cut", "empty"])
def test_a_certificate_that_openssl_refuses_is_still_told(change: bytes | int) -> None:
    der = leaf("ecdsa").der
    odd = der[:change] if isinstance(change, int) else der + change
    client, error = through_the_wire(odd)
    assert error is not None
    assert (error.failure.kind, error.failure.phase) == (ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
    session = client.session()
    assert (session.established, session.chain) == (False, (odd,))
    assert (session.protocol, session.cipher, session.group) == ("TLSv1.2", None, "x25519")
    assert client.to_send()[:1] == b"\x15"  # the alert


TWICE = certificates.extension("2.5.29.17", certificates.subject_alternative_name(["b.example"]))


@pytest.mark.parametrize("extensions", [[TWICE, TWICE], [certificates.extension("2.5.29.17", b"garbage")]])
def test_a_certificate_with_broken_extensions_is_told(extensions: Sequence[bytes]) -> None:
    """OpenSSL lets them pass; the handshake fails at its very end, as the server had sent another certificate."""
    odd = issue("leaf", key=leaf("ecdsa").key, extensions=extensions).der
    client, error = through_the_wire(odd)
    assert error is not None and client.session().chain == (odd,)


def _with_certificate(flight: bytes, old: bytes, new: bytes) -> bytes:
    """Replace the only certificate of a flight whose Certificate message has a record of its own."""
    at = flight.index(b"\x0b" + (len(old) + 6).to_bytes(3, "big"))
    head = flight[: at - 2]
    body = (len(new) + 3).to_bytes(3, "big") + len(new).to_bytes(3, "big") + new
    rest = flight[at + 4 + len(old) + 6 :]
    assert int.from_bytes(flight[at - 2 : at], "big") == len(old) + 10
    return head + (len(body) + 4).to_bytes(2, "big") + b"\x0b" + len(body).to_bytes(3, "big") + body + rest


# --- what OpenSSL finds on the chain ------------------------------------------------------------------------------------------


def codes(session: TlsSession) -> list[tuple[int, int]]:
    return [(error.code, error.depth) for error in session.errors]


@pytest.fixture(name="ca_file")
def fixture_ca_file(tmp_path: Path) -> Path:
    return tmp_path / "ca.pem"


@pytest.mark.parametrize("version", [V12, V13])
def test_a_chain_to_a_known_authority_has_no_errors(ca_file: Path, version: ssl.TLSVersion) -> None:
    chain = certificates.hierarchy()
    ca_file.write_bytes(chain.root.pem)
    server = MemoryServer(chain.served_pem, chain.leaf.key.pem, version=version)
    assert session_with(server, handshake(TlsParameters(ca_file=str(ca_file)), must_match=True)).errors == ()


def test_without_an_authority_the_missing_issuer_is_the_error_and_the_session_stands() -> None:
    chain = certificates.hierarchy()
    session = session_with(MemoryServer(chain.served_pem, chain.leaf.key.pem), handshake(must_match=True))
    assert (20, 1) in codes(session)


def test_findings_of_one_connection_are_not_those_of_another(ca_file: Path) -> None:
    chain = certificates.hierarchy()
    ca_file.write_bytes(chain.root.pem)
    contexts = TlsContexts(TlsParameters(ca_file=str(ca_file)))
    good, bad = (Handshake(contexts, must_match=True, sni=None) for _round in range(2))
    assert session_with(server_for(leaf("ecdsa")), bad).errors != ()
    assert session_with(MemoryServer(chain.served_pem, chain.leaf.key.pem), good).errors == ()


@pytest.mark.parametrize(
    ("certificate", "code"),
    [(issue("self"), 18), (issue("old", not_after=NOW - DAY), 10), (issue("new", not_before=NOW + DAY), 9)],
)
def test_what_is_wrong_with_a_leaf(certificate: Issued, code: int) -> None:
    assert (code, 0) in codes(session_with(server_for(certificate), handshake(must_match=True)))


def test_an_intermediate_authority_alone_is_not_enough(ca_file: Path) -> None:
    chain = certificates.hierarchy()
    ca_file.write_bytes(chain.intermediate.pem)
    server = MemoryServer(chain.served_pem, chain.leaf.key.pem)
    assert codes(session_with(server, handshake(TlsParameters(ca_file=str(ca_file)), must_match=True))) == [(2, 1)]


def test_a_weak_key_is_a_finding_only_where_a_certificate_must_match() -> None:
    weak = issue("weak", key=Key.generate("rsa768"))
    server = [server_for(weak, V12, "ALL:@SECLEVEL=0") for _round in range(2)]
    assert 66 not in [code for code, _depth in codes(session_with(server[0]))]
    strict = handshake(must_match=True)
    error = shake_hands(strict, server[1])
    assert error is None and (66, 0) in codes(strict.session())
