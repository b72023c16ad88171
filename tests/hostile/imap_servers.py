# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP servers that are hostile before anybody logs in, among them what the study NO STARTTLS of 2021 did to clients."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.hostile.mailbox import (
    HostileMailbox,
    Move,
    drip,
    fails,
    flood,
    half_close,
    hear,
    leave,
    passes,
    read_hello,
    reset,
    says,
    tls,
)

IMAP, IMAPS = MailService.IMAP, MailService.IMAPS
GREETING = b"* OK ready\r\n"
OFFERS = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK\r\n"
GO = b"a2 OK go\r\n"
INSIDE = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na3 OK\r\n"
UP_TO_TLS: tuple[Move, ...] = (GREETING, hear, OFFERS, hear, GO, tls, hear)
_TOLD = {"IMAP4REV1": [], "AUTH": ["PLAIN"]}
_STRIPPED = ("starttls_not_offered", "imap_logindisabled_missing")
_EVIL = b"[REFERRAL imap://evil.example/] over there"


def greets(*moves: Move) -> tuple[Move, ...]:
    """Greet, hear CAPABILITY, and go on so."""
    return (GREETING, hear, *moves)


def planted(*lines: bytes) -> tuple[Move, ...]:
    """Plant lines behind the greeting, then be a good server."""
    return (GREETING + b"".join(line + b"\r\n" for line in lines), hear, OFFERS, hear, GO, tls, hear, INSIDE)


def behind_starttls(data: bytes) -> tuple[Move, ...]:
    """Send plaintext with the reply to STARTTLS, then be a good server."""
    return (*greets(OFFERS, hear, GO + data), tls, hear, INSIDE)


def asked(*moves: Move) -> tuple[Move, ...]:
    """Hear STARTTLS, and go on so."""
    return greets(OFFERS, hear, *moves)


def offering(words: bytes, inside: bytes = INSIDE) -> tuple[Move, ...]:
    """Offer this before TLS, then that inside."""
    return greets(b"* CAPABILITY IMAP4rev1 " + words + b"\r\na1 OK\r\n", hear, GO, tls, hear, inside)


_LONG_S, _DOTLESS, _WIDE = "\u017fTARTTLS", "LOG\u0131NDISABLED", "X\u2003STARTTLS"
_LOOKALIKE = f"* CAPABILITY {_LONG_S} {_DOTLESS} {_WIDE} STARTTLSX STARTTLS\0\r\na1 O\u212a\r\na1 OK\r\n".encode()

SILENT: tuple[HostileMailbox, ...] = (
    fails("IMAP: silence", IMAP, says(), ErrorKind.TIMEOUT, MailboxPhase.GREETING, greeting=None, greeting_status=None),
    fails("IMAP: silence after the greeting", IMAP, says(GREETING), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY, greeting_status="ok"),
    fails("IMAP: silence after STARTTLS", IMAP, says(*asked()), ErrorKind.TIMEOUT, MailboxPhase.STARTTLS, starttls_offered=True),
    fails("IMAP: silence in the handshake", IMAP, says(*asked(GO, read_hello)), ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE),
    fails("IMAP: silence inside TLS", IMAP, says(*UP_TO_TLS), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY_TLS),
    fails("IMAP: a greeting byte by byte", IMAP, says(drip(b"* OK " + b"x" * 6000)), ErrorKind.TIMEOUT, MailboxPhase.GREETING),
    fails("IMAP: a literal that never comes", IMAP, says(*greets(b"* X {1000}\r\nabc")), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY),
    fails("IMAP: gone at once", IMAP, says(leave), ErrorKind.DISCONNECTED, MailboxPhase.GREETING),
    fails("IMAP: gone within a literal", IMAP, says(*greets(b"* X {9}\r\nab", leave)), ErrorKind.DISCONNECTED, MailboxPhase.CAPABILITY),
    fails("IMAP: a reset at STARTTLS", IMAP, says(*asked(reset)), ErrorKind.DISCONNECTED, MailboxPhase.STARTTLS),
    fails("IMAP: half closed", IMAP, says(*greets(half_close)), ErrorKind.DISCONNECTED, MailboxPhase.CAPABILITY),
)

FLOODS: tuple[HostileMailbox, ...] = (
    fails("IMAP: a line without end", IMAP, says(b"* OK ", flood(b"x" * 65536)), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.GREETING),
    fails("IMAP: NUL without end", IMAP, says(flood(bytes(65536))), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.GREETING),
    fails("IMAP: CR without end", IMAP, says(flood(b"* OK\r" * 9000)), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.GREETING),
    fails("IMAP: responses without end", IMAP, says(*greets(flood(b"* 1 EXISTS\r\n" * 999))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY, findings=("imap_data_before_tls",), unsolicited=["* 1 EXISTS"] * 8),
    fails("IMAP: large responses without end", IMAP, says(*greets(flood(b"* X " + b"y" * 60000 + b"\r\n"))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("IMAP: literals without end", IMAP, says(*greets(b"* X", flood(b" {60000}\r\n" + b"y" * 60000))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("IMAP: empty literals without end", IMAP, says(*greets(b"* X", flood(b" {0}\r\n" * 999))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("IMAP: a literal of 100 GB", IMAP, says(b"* OK {99999999999}\r\n", flood(b"x" * 65536)), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.GREETING),
    fails("IMAP: a literal of 20 digits", IMAP, says(*greets(b"* X {99999999999999999999+}\r\n")), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("IMAP: continuations without end", IMAP, says(*greets(flood(b"+ go on\r\n" * 999))), ErrorKind.PROTOCOL_ERROR,
          MailboxPhase.CAPABILITY),
    fails("IMAP: responses inside TLS without end", IMAP, says(*UP_TO_TLS, flood(b"* 1 EXISTS\r\n" * 999)), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY_TLS, unsolicited=[]),
    fails("IMAP: capabilities without end", IMAP, says(*greets(b"* CAPABILITY", flood(b" AUTH=X" * 9000))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("IMAP: plaintext for TLS without end", IMAP, says(*asked(GO, flood(b"* 1 EXISTS\r\n" * 999))), ErrorKind.HANDSHAKE_FAILED,
          CommonPhase.HANDSHAKE, findings=("starttls_response_injection",)),
)  # fmt: skip

FAREWELLS: tuple[HostileMailbox, ...] = (
    fails("IMAP: BYE at once", IMAP, says(b"* BYE no\r\n"), ErrorKind.REJECTED, MailboxPhase.GREETING, findings=("imap_greeting_bye",),
          greeting_status="bye"),
    fails("IMAP: too many connections, always", IMAP, says(b"* BYE too many connections\r\n"), ErrorKind.RATE_LIMITED,
          MailboxPhase.GREETING, findings=("imap_greeting_bye",)),
    fails("IMAP: BYE at CAPABILITY", IMAP, says(*greets(b"* BYE\r\na1 OK\r\n")), ErrorKind.REJECTED, MailboxPhase.CAPABILITY),
    fails("IMAP: BYE at STARTTLS", IMAP, says(*asked(b"* BYE\r\n" + GO)), ErrorKind.REJECTED, MailboxPhase.STARTTLS),
    fails("IMAP: BYE inside TLS", IMAP, says(*UP_TO_TLS, b"* BYE\r\n"), ErrorKind.REJECTED, MailboxPhase.CAPABILITY_TLS),
    passes("IMAP: BYE behind STARTTLS", IMAP, says(*behind_starttls(b"* BYE\r\n")), "starttls_response_injection", injected_plaintext=7),
    fails("IMAP: BYE that refers to another", IMAP, says(b"* BYE " + _EVIL + b"\r\n"), ErrorKind.REJECTED, MailboxPhase.GREETING,
          findings=("imap_greeting_bye", "imap_referral_before_login")),
    fails("IMAP: PREAUTH", IMAP, says(b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", hear), ErrorKind.STARTTLS_NOT_OFFERED,
          MailboxPhase.GREETING, findings=("imap_preauth_in_clear", "starttls_not_offered"), greeting_status="preauth", status="plaintext",
          tls=None),
    fails("IMAP: PREAUTH in the middle", IMAP, says(*greets(b"* PREAUTH hi\r\na1 OK\r\n")), ErrorKind.PROTOCOL_ERROR,
          MailboxPhase.CAPABILITY),
    passes("IMAP: PREAUTH inside TLS", IMAPS, says(tls, b"* PREAUTH hi\r\n", hear, INSIDE.replace(b"a3", b"a1")),
           greeting_status="preauth"),
)  # fmt: skip

NEGOTIATION: tuple[HostileMailbox, ...] = (
    fails("IMAP: STARTTLS cut out", IMAP, says(*greets(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na1 OK\r\n")), ErrorKind.STARTTLS_NOT_OFFERED,
          MailboxPhase.CAPABILITY, findings=_STRIPPED, starttls_offered=False, status="plaintext"),
    fails("IMAP: STARTTLS in the greeting only", IMAP,
          says(b"* OK [CAPABILITY STARTTLS] x\r\n", hear, b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n"),
          ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY, findings=_STRIPPED, starttls_offered=False),
    fails("IMAP: CAPABILITY is not known", IMAP, says(*greets(b"a1 BAD what?\r\n")), ErrorKind.STARTTLS_NOT_OFFERED,
          MailboxPhase.CAPABILITY, findings=("starttls_not_offered",), starttls_offered=None),
    fails("IMAP: STARTTLS refused", IMAP, says(*asked(b"a2 NO not now\r\n")), ErrorKind.STARTTLS_REJECTED, MailboxPhase.STARTTLS,
          findings=("starttls_rejected",)),
    fails("IMAP: STARTTLS not known", IMAP, says(*asked(b"a2 BAD what?\r\n")), ErrorKind.STARTTLS_REJECTED, MailboxPhase.STARTTLS,
          findings=("starttls_rejected",)),
    fails("IMAP: words like STARTTLS", IMAP, says(*greets(_LOOKALIKE)), ErrorKind.PROTOCOL_ERROR, MailboxPhase.CAPABILITY),
    fails("IMAP: capabilities like STARTTLS", IMAP, says(*greets(_LOOKALIKE.replace("a1 O\u212a\r\n".encode(), b""))),
          ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY, findings=_STRIPPED, starttls_offered=False),
    passes("IMAP: LOGIN before TLS", IMAP, says(*offering(b"STARTTLS AUTH=PLAIN")), "imap_logindisabled_missing",
           password_login={"before_tls": True, "after_tls": True}, auth_mechanisms={"before_tls": ["PLAIN"], "after_tls": ["PLAIN"]}),
    passes("IMAP: better mechanisms before TLS only", IMAP, says(*offering(b"STARTTLS LOGINDISABLED AUTH=SCRAM-SHA-256")),
           auth_mechanisms={"before_tls": ["SCRAM-SHA-256"], "after_tls": ["PLAIN"]}),
    passes("IMAP: no login inside TLS", IMAP,
           says(*offering(b"STARTTLS LOGINDISABLED", b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na3 OK\r\n")),
           "imap_logindisabled_inside_tls"),
    passes("IMAP: STARTTLS inside TLS", IMAP,
           says(*offering(b"STARTTLS LOGINDISABLED", b"* CAPABILITY STARTTLS AUTH=PLAIN\r\na3 OK\r\n")), "starttls_offered_inside_tls"),
    fails("IMAP: plaintext for TLS", IMAP, says(*asked(GO, read_hello, b"* CAPABILITY IMAP4rev1\r\na3 OK\r\n")), ErrorKind.HANDSHAKE_FAILED,
          CommonPhase.HANDSHAKE),
    fails("IMAP: plaintext where TLS is due", IMAPS, says(GREETING), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, greeting=None),
    passes("IMAP: capabilities by the thousand", IMAP,
           says(*offering(b"STARTTLS LOGINDISABLED " + b" ".join(b"AUTH=A%d" % number for number in range(5000)))), starttls_offered=True),
)  # fmt: skip

BUFFERING: tuple[HostileMailbox, ...] = (
    passes("IMAP: capabilities behind STARTTLS", IMAP, says(*behind_starttls(b"* CAPABILITY AUTH=EVIL\r\na3 OK\r\n")),
           "starttls_response_injection", injected_plaintext=31,
           capabilities={"greeting": None, "before_tls": {"IMAP4REV1": [], "STARTTLS": [], "LOGINDISABLED": []}, "after_tls": _TOLD}),
    passes("IMAP: half a line behind STARTTLS", IMAP, says(*behind_starttls(b"* CAPABILITY AUTH=EVIL")), "starttls_response_injection",
           injected_plaintext=22, auth_mechanisms={"before_tls": [], "after_tls": ["PLAIN"]}),
    passes("IMAP: half a literal behind STARTTLS", IMAP, says(*behind_starttls(b"* X {44}\r\n")), "starttls_response_injection",
           injected_plaintext=10, auth_mechanisms={"before_tls": [], "after_tls": ["PLAIN"]}),
    passes("IMAP: mailboxes behind STARTTLS", IMAP, says(*behind_starttls(b"* 9 EXISTS\r\n* LIST () NIL evil\r\n")),
           "starttls_response_injection", injected_plaintext=32, unsolicited=[]),
    fails("IMAP: all replies at once", IMAP, says(GREETING + OFFERS + GO + INSIDE), ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE,
          findings=("starttls_response_injection",), injected_plaintext=len(INSIDE)),
)  # fmt: skip

TAMPERING: tuple[HostileMailbox, ...] = (
    *(
        passes("IMAP: " + line.decode().partition("\r\n")[0] + " before TLS", IMAP, says(*planted(line)), "imap_data_before_tls",
               unsolicited=[line.decode().partition("\r\n")[0]])
        for line in (
            b'* LIST (\\HasNoChildren) "/" evil', b'* LSUB () "/" evil', b"* STATUS evil (MESSAGES 9)", b"* SEARCH 1 2 3",
            b"* FLAGS (\\Evil)", b"* 23 EXISTS", b"* 5 RECENT", b"* 1 EXPUNGE", b"* 1 FETCH (BODY[] {5}\r\nhello)",
        )
    ),
    fails("IMAP: a literal with replies in it", IMAP, says(*greets(b"* X {%d}\r\n" % len(OFFERS) + OFFERS + b"\r\na1 OK\r\n")),
          ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY, findings=("starttls_not_offered",), starttls_offered=None),
    fails("IMAP: another tag", IMAP, says(*greets(b"a2 OK\r\n")), ErrorKind.PROTOCOL_ERROR, MailboxPhase.CAPABILITY),
    fails("IMAP: a tag of the future", IMAP, says(*asked(b"a3 OK\r\n" + GO)), ErrorKind.PROTOCOL_ERROR, MailboxPhase.STARTTLS),
    passes("IMAP: a referral before TLS", IMAP, says(*planted(b"* NO " + _EVIL)), "imap_referral_before_login"),
    fails("IMAP: a referral for STARTTLS", IMAP, says(*asked(b"a2 NO " + _EVIL + b"\r\n")), ErrorKind.STARTTLS_REJECTED,
          MailboxPhase.STARTTLS, findings=("starttls_rejected", "imap_referral_before_login")),
)  # fmt: skip

SPOOFING: tuple[HostileMailbox, ...] = (
    passes("IMAP: ALERT in the greeting", IMAP, says(b"* OK [ALERT] call us\r\n", *planted()[1:]), "imap_alert_before_tls",
           unsolicited=["* OK [ALERT] call us"]),
    passes("IMAP: ALERT in the reply to STARTTLS", IMAP, says(*asked(b"a2 OK [ALERT] call us\r\n", tls, hear, INSIDE)),
           "imap_alert_before_tls", unsolicited=["a2 OK [ALERT] call us"]),
    fails("IMAP: ALERT in BYE", IMAP, says(*greets(b"* BYE [ALERT] call us\r\n")), ErrorKind.REJECTED, MailboxPhase.CAPABILITY,
          findings=("imap_alert_before_tls",)),
    passes("IMAP: ALERT inside TLS", IMAP, says(*UP_TO_TLS, b"* OK [ALERT] full\r\n" + INSIDE), unsolicited=[]),
    fails("IMAP: text that breaks out", IMAP,
          says(b"* OK [CAPABILITY " + NASTY + b" STARTTLS] " + NASTY + b"\r\n", hear, b"* X " + NASTY + b"\r\n" + OFFERS,
               hear, b"a2 NO [" + NASTY + b"] " + NASTY + b"\r\n"),
          ErrorKind.STARTTLS_REJECTED, MailboxPhase.STARTTLS, findings=("starttls_rejected",)),
    fails("IMAP: a farewell that breaks out", IMAP, says(b"* BYE [ALERT] " + NASTY + b"\r\n"), ErrorKind.REJECTED, MailboxPhase.GREETING,
          findings=("imap_greeting_bye", "imap_alert_before_tls")),
    fails("IMAP: SMTP", IMAP, says(b"220 mail.example.org ESMTP\r\n"), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("IMAP: TLS at once", IMAP, says(b"\x15\x03\x03\x00\x02\x02\x0a\r\n"), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("IMAP: nonsense inside TLS", IMAP, says(*UP_TO_TLS, b"\x16\x03\x03" + NASTY + b"\r\n"), ErrorKind.PROTOCOL_ERROR,
          MailboxPhase.CAPABILITY_TLS),
)  # fmt: skip

SERVERS: tuple[HostileMailbox, ...] = (*SILENT, *FLOODS, *FAREWELLS, *NEGOTIATION, *BUFFERING, *TAMPERING, *SPOOFING)
