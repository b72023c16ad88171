# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP dialogue before TLS: STARTTLS absent or refused, greetings that turn away, servers that hang or hang up (RFC 3207)."""

from __future__ import annotations

from dataclasses import replace

from ..case import Case, Levels, Listener, Zone
from ..expectation import opportunistic, plaintext_only, unreachable, verified

EE = verified("3 1 1")


def _zone(name: str, *tlsa: str) -> tuple[Zone, ...]:
    """A signed domain with one exchange and these TLSA records."""
    return (Zone(name + ".test", ("@ MX 10 mx", "mx A {mx}", *("_25._tcp.mx TLSA " + record for record in tlsa))),)


def _scripted(script: str, title: str, expected: Levels) -> Case:
    """A case whose exchange runs a script of that name."""
    return Case(script, script + ".test", title, expected, _zone(script), (Listener(script=script),))


def _handshake(kind: str) -> Levels:
    """STARTTLS went through and the handshake did not, for this reason; there are no TLSA records."""
    return plaintext_only(kind)


def _hello_only() -> Levels:
    """EHLO is refused, smtp(8) goes on with HELO and so without TLS."""
    levels = dict(plaintext_only("rejected"))
    return {**levels, "none": replace(levels["may"])}


CASES = (
    Case(
        name="no-starttls",
        destination="no-starttls.test",
        title="STARTTLS is not offered and there are no TLSA records: may and dane deliver in plaintext",
        expected=plaintext_only("starttls_not_offered"),
        zones=_zone("no-starttls"),
        listeners=(Listener(smtpd={"smtpd_tls_security_level": "none"}),),
        matrix_row=48,
    ),
    Case(
        name="no-starttls-dane",
        destination="no-starttls-dane.test",
        title="STARTTLS is not offered although there are TLSA records: a downgrade, no delivery",
        expected=plaintext_only("starttls_not_offered", dane_satisfied=False),
        zones=_zone("no-starttls-dane", "3 1 1 {mx.leaf}"),
        listeners=(Listener(smtpd={"smtpd_tls_security_level": "none"}),),
    ),
    Case(
        name="starttls-hidden",
        destination="starttls-hidden.test",
        title="the keyword is discarded from the EHLO reply",
        expected=plaintext_only("starttls_not_offered"),
        zones=_zone("starttls-hidden"),
        listeners=(Listener(smtpd={"smtpd_discard_ehlo_keywords": "starttls"}),),
    ),
    _scripted("starttls-454", "STARTTLS is offered and then refused", plaintext_only("starttls_rejected")),
    _scripted("starttls-drop", "the connection is closed in place of a handshake", _handshake("disconnected")),
    _scripted("starttls-hang", "the ClientHello is never answered", _handshake("timeout")),
    _scripted("starttls-not-tls", "plaintext comes in place of a handshake", _handshake("handshake_failed")),
    Case(
        name="starttls-inject",
        destination="starttls-inject.test",
        title="plaintext right behind the 220 of STARTTLS: thrown away, the handshake is good",
        expected=opportunistic(EE),
        zones=_zone("starttls-inject", "3 1 1 {mx.leaf}"),
        listeners=(Listener(script="starttls-inject"),),
    ),
    Case(
        name="ehlo-long",
        destination="ehlo-long.test",
        title="STARTTLS is the last word of a reply to EHLO of 4 kB, where Postfix does not find it",
        expected=plaintext_only("starttls_not_offered", dane_satisfied=False),
        zones=_zone("ehlo-long", "3 1 1 {mx.leaf}"),
        listeners=(Listener(script="ehlo-long"),),
    ),
    Case(
        name="ehlo-nul",
        destination="ehlo-nul.test",
        title="a NUL stands behind STARTTLS: the line ends there",
        expected=opportunistic(EE),
        zones=_zone("ehlo-nul", "3 1 1 {mx.leaf}"),
        listeners=(Listener(script="ehlo-nul"),),
    ),
    _scripted("greeting-554", "no mail service here", unreachable("rejected")),
    _scripted("greeting-421", "the service is shutting down", unreachable("rejected")),
    _scripted("greeting-busy", "421, too many connections", unreachable("rate_limited")),
    _scripted("not-smtp", "an IMAP server on port 25", unreachable("protocol_error")),
    _scripted("ehlo-502", "a server that knows only HELO", _hello_only()),
    _scripted("ehlo-drop", "the connection is closed at EHLO", unreachable("disconnected")),
    _scripted("closes", "the connection is closed before any greeting", unreachable("disconnected")),
    _scripted("silent", "no greeting ever comes", unreachable("timeout")),
    _scripted("greeting-template", "the server calls itself an Ansible template", plaintext_only("starttls_not_offered")),
)
