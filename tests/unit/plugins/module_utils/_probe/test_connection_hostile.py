# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile and broken servers over real sockets on 127.0.0.1: each ends as evidence, in bounded memory."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Phase
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, TimeLimits
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers import certificates
from ansible_collections.mailops.tls.tests.unit.makers.probing import Probed, probe
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, server_for

GROWTH = 4 * 1024 * 1024
"""Most bytes of memory a probe may need, the scripted server's own in the same process included."""
MEGABYTE = 1024 * 1024

Stage = Callable[[Peer], Awaitable[None]]


def hasty() -> TimeLimits:
    """Return limits that a probe is to run into."""
    return TimeLimits(patient(0.3), patient(0.3), patient(0.8))


async def at_greeting(peer: Peer) -> None:
    pass


async def at_ehlo(peer: Peer) -> None:
    await peer.greet()


async def at_starttls(peer: Peer) -> None:
    await peer.offer_tls()


async def at_handshake(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.send(b"220 go\r\n")
    await peer.reader.read(65536)


async def at_ehlo_tls(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.start_tls(server_for(leaf("ecdsa")))
    await peer.hear()


STAGES = [
    pytest.param(at_greeting, SmtpPhase.GREETING, id="greeting"),
    pytest.param(at_ehlo, SmtpPhase.EHLO, id="ehlo"),
    pytest.param(at_starttls, SmtpPhase.STARTTLS, id="starttls"),
    pytest.param(at_handshake, CommonPhase.HANDSHAKE, id="handshake"),
    pytest.param(at_ehlo_tls, SmtpPhase.EHLO_TLS, id="ehlo_tls"),
]
TEXT_STAGES = [stage for stage in STAGES if stage.id != "handshake"]


def then(stage: Stage, act: Stage) -> Script:
    """Behave up to a stage, then act."""

    async def script(peer: Peer) -> None:
        await stage(peer)
        await act(peer)

    return script


def ends(probed: Probed, kind: ErrorKind, phase: Phase) -> ProbeEvidence:
    """Check how a probe ended."""
    evidence = probed.evidence
    assert evidence.connected and evidence.failure is not None
    assert (evidence.failure.kind, evidence.failure.phase) == (kind, phase)
    assert evidence.failure.text.isprintable() and len(evidence.failure.text) < 3000
    return evidence


def in_bounds(probed: Probed) -> None:
    """Check the memory of a measured probe; that it was measured shows in its being more than nothing."""
    assert 0 < probed.growth < GROWTH


# --- silence and drops ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "phase"), STAGES)
@tries_again
def test_silence(stage: Stage, phase: Phase) -> None:
    evidence = ends(probe(then(stage, Peer.hang), limits=hasty()), ErrorKind.TIMEOUT, phase)
    assert (evidence.tls is not None and evidence.tls.established) is (phase is SmtpPhase.EHLO_TLS)


@pytest.mark.parametrize(("stage", "phase"), STAGES)
@tries_again
def test_a_byte_now_and_then_does_not_hold_a_probe(stage: Stage, phase: Phase) -> None:
    async def drip(peer: Peer) -> None:
        await peer.drip(b"\x16\x03\x03\x40\x00\x02" if phase is CommonPhase.HANDSHAKE else b"220-", 0.02)
        await peer.drip(b"x" * 1000, 0.05)

    async def drip_inside(peer: Peer) -> None:
        for _round in range(1000):
            await peer.send(b"x")
            await peer.hang_for(0.05)

    act = drip_inside if phase is SmtpPhase.EHLO_TLS else drip
    ends(probe(then(stage, act), limits=hasty()), ErrorKind.TIMEOUT, phase)


@pytest.mark.parametrize(("stage", "phase"), STAGES)
def test_a_closed_connection(stage: Stage, phase: Phase) -> None:
    async def leave(peer: Peer) -> None:
        pass

    ends(probe(then(stage, leave)), ErrorKind.DISCONNECTED, phase)


@pytest.mark.parametrize(("stage", "phase"), STAGES)
def test_a_connection_reset(stage: Stage, phase: Phase) -> None:
    async def reset(peer: Peer) -> None:
        peer.reset()

    ends(probe(then(stage, reset)), ErrorKind.DISCONNECTED, phase)


@pytest.mark.parametrize(("stage", "phase"), TEXT_STAGES)
def test_a_connection_closed_within_a_line(stage: Stage, phase: Phase) -> None:
    async def half(peer: Peer) -> None:
        await peer.send(b"250-half a li")

    ends(probe(then(stage, half)), ErrorKind.DISCONNECTED, phase)


def test_closed_right_behind_the_greeting() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"220 hello and goodbye\r\n")

    evidence = ends(probe(script), ErrorKind.DISCONNECTED, SmtpPhase.EHLO)
    assert evidence.log.greeting == "220 hello and goodbye"


def test_the_end_of_tls_is_the_end() -> None:
    server = server_for(leaf("ecdsa"))

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server)
        await peer.hear()
        await peer.send_raw(server.goodbye())
        await peer.hang()

    evidence = ends(probe(script), ErrorKind.DISCONNECTED, SmtpPhase.EHLO_TLS)
    assert evidence.failure is not None and "ended the TLS session" in evidence.failure.text


def test_with_implicit_tls_the_greeting_is_a_phase_of_its_own() -> None:
    server = server_for(leaf("ecdsa"))

    async def script(peer: Peer) -> None:
        await peer.shake_hands(server)
        await peer.send_raw(server.goodbye())
        await peer.hang()

    ends(probe(script, tls_mode=TlsMode.IMPLICIT), ErrorKind.DISCONNECTED, SmtpPhase.GREETING)


def test_with_implicit_tls_a_plaintext_server_fails_the_handshake() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"220 mx.example.com ESMTP\r\n")
        await peer.hang()

    evidence = ends(probe(script, tls_mode=TlsMode.IMPLICIT), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
    assert evidence.log.greeting is None


# --- floods of text --------------------------------------------------------------------------------------------------------

FLOODS = {
    "an endless line": b"x" * 16000,
    "an endless reply": b"250-x\r\n" * 2000,
    "endless long lines": (b"250-" + b"x" * 4000 + b"\r\n") * 4,
    "NULs": b"\0" * 16000,
    "control characters": b"\x1b[2J\x07\x08" * 2000,
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize(("stage", "phase"), TEXT_STAGES)
def test_floods_of_text(stage: Stage, phase: Phase, flood: str) -> None:
    async def pour(peer: Peer) -> None:
        await peer.flood(FLOODS[flood], 50 * MEGABYTE)

    probed = probe(then(stage, pour), measure=True)
    ends(probed, ErrorKind.LIMIT_EXCEEDED, phase)
    in_bounds(probed)


def test_a_line_of_ten_megabytes() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"220 ")
        await peer.flood(b"x" * 65536, 10 * MEGABYTE)
        await peer.send(b"\r\n")

    probed = probe(script, measure=True)
    ends(probed, ErrorKind.LIMIT_EXCEEDED, SmtpPhase.GREETING)
    in_bounds(probed)


def test_a_flood_behind_the_220_is_dropped_and_what_follows_is_no_tls() -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n" + b"x" * 60000)
        await peer.flood(b"x" * 65536, 10 * MEGABYTE)

    probed = probe(script, measure=True)
    evidence = ends(probed, ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
    assert 0 < evidence.log.injected < MEGABYTE
    in_bounds(probed)


# --- in the handshake --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"250 no TLS here\r\n",
        b"\0" * 1000,
        b"\x16\x03\x03\x00\x04\xff\xff\xff\xff",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\xff" * 50000,
    ],
)
def test_garbage_in_place_of_tls(garbage: bytes) -> None:
    async def send(peer: Peer) -> None:
        await peer.send(garbage)
        await peer.hang()

    evidence = ends(probe(then(at_handshake, send)), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
    assert evidence.tls is not None and not evidence.tls.established and evidence.tls.chain == ()


RECORD_FLOODS = {
    "a message without end": (b"\x16\x03\x03\x3e\x80\x0b\xff\xff\xff" + b"x" * 15996),
    "empty records": b"\x16\x03\x03\x00\x00" * 3000,
    "warning alerts": b"\x15\x03\x03\x00\x02\x01\x70" * 2000,
    "cipher changes": b"\x14\x03\x03\x00\x01\x01" * 2500,
}


@pytest.mark.parametrize("flood", RECORD_FLOODS)
def test_floods_of_records_in_the_handshake(flood: str) -> None:
    async def pour(peer: Peer) -> None:
        await peer.flood(RECORD_FLOODS[flood], 20 * MEGABYTE)

    probed = probe(then(at_handshake, pour), measure=True)
    assert probed.evidence.failure is not None
    assert probed.evidence.failure.kind in (ErrorKind.HANDSHAKE_FAILED, ErrorKind.LIMIT_EXCEEDED)
    assert probed.evidence.failure.phase is CommonPhase.HANDSHAKE
    in_bounds(probed)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_chain_of_a_hundred_certificates(version: ssl.TLSVersion) -> None:
    root = certificates.issue("Root", ca=True)
    issuers = [root]
    for number in range(99):
        issuers.append(certificates.issue(f"CA {number}", issuer=issuers[-1], ca=True, key=root.key))
    chain = issuers[::-1]
    pem = b"".join(one.pem for one in chain)

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(MemoryServer(pem, root.key.pem, version=version))
        await peer.finish()

    probed = probe(script, measure=True)
    assert probed.evidence.failure is None and probed.evidence.tls is not None
    assert probed.evidence.tls.chain == tuple(one.der for one in chain)
    assert len(probed.evidence.tls.errors) <= 100
    in_bounds(probed)


def test_a_chain_too_large_for_openssl_is_a_failed_handshake() -> None:
    large = certificates.issue(
        "large", extensions=[certificates.extension("1.2.3.4", b"\x04\x83\x03\x00\x00" + b"x" * 196608)]
    )

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server_for(large, ssl.TLSVersion.TLSv1_2))

    probed = probe(script, measure=True)
    assert probed.evidence.failure is not None and probed.evidence.failure.kind is ErrorKind.HANDSHAKE_FAILED
    in_bounds(probed)


# --- after the handshake -----------------------------------------------------------------------------------------------------


def test_a_flood_of_good_replies_inside_tls_is_not_listened_to() -> None:
    async def script(peer: Peer) -> None:
        await at_ehlo_tls(peer)
        await peer.flood(b"250 x\r\n" * 2000, 20 * MEGABYTE)

    probed = probe(script, measure=True)
    assert probed.evidence.failure is None and probed.evidence.log.after_tls == {}
    in_bounds(probed)


def test_a_flood_of_session_tickets_meets_the_limit() -> None:
    certificate = leaf("ecdsa")
    server = MemoryServer(certificate.pem, certificate.key.pem, version=ssl.TLSVersion.TLSv1_3, tickets=2000)

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server)
        await peer.hang()

    evidence = ends(probe(script), ErrorKind.LIMIT_EXCEEDED, SmtpPhase.EHLO_TLS)
    assert evidence.failure is not None and evidence.failure.text == "more than 262144 bytes after the handshake"
    assert evidence.tls is not None and evidence.tls.chain == (certificate.der,)


def test_plaintext_in_the_middle_of_tls_ends_the_session() -> None:
    async def script(peer: Peer) -> None:
        await at_ehlo_tls(peer)
        await peer.send_raw(b"250 plain\r\n")
        await peer.hang()

    evidence = ends(probe(script), ErrorKind.DISCONNECTED, SmtpPhase.EHLO_TLS)
    assert evidence.tls is not None and evidence.tls.established


@tries_again
def test_a_client_certificate_demanded_ends_as_evidence_with_the_chain() -> None:
    """A TLS 1.3 server notices the missing certificate when the client takes the handshake for finished."""
    certificate = leaf("ecdsa")
    server = MemoryServer(certificate.pem, certificate.key.pem, version=ssl.TLSVersion.TLSv1_3, ask_certificate=True)
    server.tls.context.verify_mode = ssl.CERT_REQUIRED

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server)
        await peer.hang()

    evidence = probe(script, limits=hasty()).evidence
    assert evidence.failure is not None and evidence.failure.phase in (SmtpPhase.EHLO_TLS, CommonPhase.HANDSHAKE)
    assert evidence.tls is not None and evidence.tls.chain == (certificate.der,)
