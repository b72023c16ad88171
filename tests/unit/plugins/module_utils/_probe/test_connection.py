# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole probes of good servers over real sockets on 127.0.0.1: what is in the evidence."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, TimeLimits
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.probing import probe
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import EHLO_REPLY, Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, server_for

NAME = "probe.example.net"


def healthy(peer_server: MemoryServer, heard: list[bytes]) -> Script:
    async def script(peer: Peer) -> None:
        peer.heard = heard
        await peer.offer_tls()
        await peer.start_tls(peer_server)
        await peer.finish()

    return script


def failure(evidence: ProbeEvidence) -> Failure:
    assert evidence.failure is not None
    return evidence.failure


def test_a_healthy_server() -> None:
    heard: list[bytes] = []
    evidence = probe(healthy(server_for(leaf("ecdsa")), heard), sni="mx.example.com").evidence
    assert heard == [b"EHLO probe.example.net", b"STARTTLS", b"EHLO probe.example.net", b"QUIT"]
    assert (evidence.connected, evidence.failure, evidence.log.injected) == (True, None, 0)
    assert (evidence.log.greeting, evidence.log.server_name) == ("220 mx.example.com ESMTP", "mx.example.com")
    assert (evidence.log.before_tls, evidence.log.after_tls) == ({"STARTTLS": ()}, {"SIZE": ("1000",)})
    assert evidence.tls is not None and evidence.tls.established
    assert (evidence.tls.chain, evidence.tls.sni) == ((leaf("ecdsa").der,), "mx.example.com")
    assert [line.text for line in evidence.log.transcript if line.direction == ">"] == [line.decode() for line in heard]


def test_timings_are_seconds_of_each_phase_and_their_sum_is_the_total() -> None:
    evidence = probe(healthy(server_for(leaf("ecdsa")), [])).evidence
    assert list(evidence.timings) == ["connect", "greeting", "starttls", "handshake", "total"]
    assert all(0 <= seconds < 5 for seconds in evidence.timings.values())
    parts = sum(seconds for name, seconds in evidence.timings.items() if name != "total")
    assert parts <= evidence.timings["total"] + 1e-5
    times = [line.at for line in evidence.log.transcript]
    assert times == sorted(times) and times[-1] <= evidence.timings["total"]


def test_a_slow_greeting_is_seen_in_the_timings() -> None:
    async def script(peer: Peer) -> None:
        await peer.drip(b"220 mx\r\n", 0.02)
        await peer.hear()
        await peer.send(b"250 mx\r\n")
        await peer.hear()

    evidence = probe(script).evidence
    assert evidence.timings["greeting"] > 0.1 > evidence.timings["connect"]


def test_implicit_tls() -> None:
    server, heard = server_for(leaf("ecdsa")), []

    async def script(peer: Peer) -> None:
        await peer.shake_hands(server)
        await peer.greet()
        await peer.send(b"250-mx.example.com\r\n250 AUTH PLAIN\r\n")
        await peer.hear()
        heard.extend(peer.heard)

    evidence = probe(script, SmtpSettings(NAME), tls_mode=TlsMode.IMPLICIT).evidence
    assert heard == [b"EHLO probe.example.net", b"QUIT"]
    assert (evidence.failure, evidence.log.before_tls, evidence.log.after_tls) == (None, None, {"AUTH": ("PLAIN",)})
    assert evidence.tls is not None and evidence.tls.chain == (leaf("ecdsa").der,)
    assert list(evidence.timings) == ["connect", "starttls", "handshake", "greeting", "total"]


def test_without_tls_wanted_none_is_made() -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()

    evidence = probe(script, SmtpSettings(NAME), tls_mode=TlsMode.NONE).evidence
    assert (evidence.failure, evidence.tls) == (None, None)
    assert evidence.log.before_tls == {"STARTTLS": ()}


def test_starttls_not_offered() -> None:
    heard = []

    async def script(peer: Peer) -> None:
        await peer.greet()
        await peer.send(b"250-mx.example.com\r\n250 SIZE\r\n")
        await peer.hear()
        heard.extend(peer.heard)

    evidence = probe(script).evidence
    assert failure(evidence).kind is ErrorKind.STARTTLS_NOT_OFFERED
    assert (evidence.connected, evidence.tls, heard[-1]) == (True, None, b"QUIT")


def test_starttls_rejected() -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"454 4.7.0 TLS not available\r\n")
        await peer.hang()

    evidence = probe(script).evidence
    assert (failure(evidence).kind, failure(evidence).phase) == (ErrorKind.STARTTLS_REJECTED, SmtpPhase.STARTTLS)
    assert evidence.tls is None and evidence.log.before_tls == {"STARTTLS": ()}


def test_plaintext_behind_the_220_is_counted_and_the_handshake_still_made() -> None:
    injected = b"250-evil.example\r\n250 AUTH PLAIN\r\n"

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server_for(leaf("ecdsa")), b"220 go\r\n" + injected)
        await peer.finish()

    evidence = probe(script).evidence
    assert (evidence.log.injected, evidence.failure) == (len(injected), None)
    assert evidence.log.after_tls == {"SIZE": ("1000",)}
    assert evidence.tls is not None and evidence.tls.established


def test_the_reply_to_quit_is_not_awaited() -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server_for(leaf("ecdsa")))
        await peer.finish()
        await peer.hang()

    probed = probe(script)
    assert probed.evidence.failure is None and probed.seconds < 600, "the limit"


def test_a_server_that_refuses_inside_tls_has_still_shown_its_session() -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server_for(leaf("ecdsa")))
        await peer.hear()
        await peer.send(b"550 5.7.1 go away\r\n")
        await peer.hang()

    evidence = probe(script).evidence
    assert (failure(evidence).kind, failure(evidence).phase) == (ErrorKind.REJECTED, SmtpPhase.EHLO_TLS)
    assert evidence.tls is not None and evidence.tls.established
    assert evidence.tls.chain == (leaf("ecdsa").der,) and evidence.log.after_tls is None


def test_a_handshake_that_fails_over_the_protocol_tells_what_it_saw() -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(MemoryServer(None))

    evidence = probe(script, must_match=True).evidence
    assert (failure(evidence).kind, failure(evidence).phase) == (ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
    assert "alert handshake failure" in failure(evidence).text
    assert evidence.tls is not None and not evidence.tls.established
    assert "handshake" not in evidence.timings


@pytest.mark.parametrize("limits", [(600, 600, 0.3), (0.3, 600, 600)])
@tries_again
def test_the_greeting_has_the_limit_of_connecting_and_the_deadline_is_above_all(limits: tuple[float, float, float]) -> None:
    async def script(peer: Peer) -> None:
        await peer.hang()

    probed = probe(script, limits=TimeLimits(*map(patient, limits)))
    assert (failure(probed.evidence).kind, failure(probed.evidence).phase) == (ErrorKind.TIMEOUT, SmtpPhase.GREETING)
    assert probed.seconds > 0.25


@tries_again
def test_each_exchange_has_a_limit_of_its_own() -> None:
    """Four slow exchanges take longer than one limit together, and none of them more than it."""

    async def script(peer: Peer) -> None:
        await peer.hang_for(patient(0.15))
        await peer.greet()
        await peer.hang_for(patient(0.15))
        await peer.send(EHLO_REPLY)
        await peer.hear()
        await peer.hang_for(patient(0.15))
        await peer.start_tls(server_for(leaf("ecdsa")))
        await peer.hear()
        await peer.hang_for(patient(0.15))
        await peer.send(b"250 mx\r\n")

    probed = probe(script, limits=TimeLimits(patient(0.4), patient(0.4), 600))
    assert probed.evidence.failure is None and probed.seconds > 0.55


def test_a_limit_is_for_the_whole_exchange_and_not_for_each_byte() -> None:
    async def script(peer: Peer) -> None:
        await peer.greet()
        await peer.drip(b"250-" + b"x" * 1000)

    probed = probe(script, limits=TimeLimits(600, 0.3, 600))
    assert (failure(probed.evidence).kind, failure(probed.evidence).phase) == (ErrorKind.TIMEOUT, SmtpPhase.EHLO)
    assert probed.seconds > 0.25
