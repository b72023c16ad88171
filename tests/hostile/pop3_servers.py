# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""POP3 servers that are hostile before anybody logs in."""

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
    hear,
    leave,
    passes,
    read_hello,
    reset,
    says,
    tls,
)

POP3, POP3S = MailService.POP3, MailService.POP3S
GREETING = b"+OK ready\r\n"
OFFERS = b"+OK\r\nSTLS\r\n.\r\n"
GO = b"+OK go\r\n"
INSIDE = b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n"
NO = b"-ERR what?\r\n"
UP_TO_TLS: tuple[Move, ...] = (GREETING, hear, OFFERS, hear, GO, tls, hear)


def greets(*moves: Move) -> tuple[Move, ...]:
    """Greet, hear CAPA, and go on so."""
    return (GREETING, hear, *moves)


def asked(*moves: Move) -> tuple[Move, ...]:
    """Hear STLS, and go on so."""
    return greets(OFFERS, hear, *moves)


def good(greeting: bytes = GREETING, offers: bytes = OFFERS, go: bytes = GO) -> tuple[Move, ...]:
    """Be a good server but for one reply."""
    return (greeting, hear, offers, hear, go, tls, hear, INSIDE)


_LOOKALIKE = "+OK\r\n\u017fTLS\r\nX\u2003STLS\r\n STLSX\r\n..STLS\r\nSTLS\0\r\n.\r\n".encode()

SERVERS: tuple[HostileMailbox, ...] = (
    fails("POP3: silence", POP3, says(), ErrorKind.TIMEOUT, MailboxPhase.GREETING, greeting=None),
    fails("POP3: silence after the greeting", POP3, says(GREETING), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY),
    fails("POP3: silence inside TLS", POP3, says(*UP_TO_TLS), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY_TLS),
    fails("POP3: silence in the handshake", POP3, says(*asked(GO, read_hello)), ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE),
    fails("POP3: a list without its dot", POP3, says(*greets(b"+OK\r\nSTLS\r\n")), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY),
    fails("POP3: +OK for CAPA and no list", POP3, says(*greets(b"+OK\r\n")), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY),
    fails("POP3: a list byte by byte", POP3, says(*greets(drip(b"+OK\r\n" + b"x" * 6000))), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY),
    fails("POP3: gone at once", POP3, says(leave), ErrorKind.DISCONNECTED, MailboxPhase.GREETING),
    fails("POP3: gone within a list", POP3, says(*greets(b"+OK\r\nST", leave)), ErrorKind.DISCONNECTED, MailboxPhase.CAPABILITY),
    fails("POP3: a reset at STLS", POP3, says(*asked(reset)), ErrorKind.DISCONNECTED, MailboxPhase.STARTTLS),
    fails("POP3: a line without end", POP3, says(b"+OK ", flood(b"x" * 65536)), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.GREETING),
    fails("POP3: a list without end", POP3, says(*greets(b"+OK\r\n", flood(b"x\r\n" * 9999))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("POP3: long lines without end", POP3, says(*greets(b"+OK\r\n", flood(b"x" * 8000 + b"\r\n"))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY),
    fails("POP3: a list inside TLS without end", POP3, says(*UP_TO_TLS, b"+OK\r\n", flood(b"x\r\n" * 9999)), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY_TLS),
    fails("POP3: empty lines without end", POP3, says(GREETING + b"\n" * 60000), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.CAPABILITY,
          unsolicited=[""] * 8),
    fails("POP3: -ERR at once", POP3, says(b"-ERR no\r\n"), ErrorKind.REJECTED, MailboxPhase.GREETING, greeting_status="err"),
    fails("POP3: too many connections, always", POP3, says(b"-ERR [SYS/TEMP] too many connections\r\n"), ErrorKind.RATE_LIMITED,
          MailboxPhase.GREETING),
    fails("POP3: a continuation for a greeting", POP3, says(b"+ go on\r\n"), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("POP3: SMTP", POP3, says(b"220 mail.example.org ESMTP\r\n"), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("POP3: +OK with a Kelvin sign", POP3, says("+O\u212a ready\r\n".encode()), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("POP3: STLS cut out", POP3, says(*greets(b"+OK\r\nUSER\r\n.\r\n")), ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY,
          findings=("starttls_not_offered", "pop3_user_in_clear"), starttls_offered=False, status="plaintext"),
    fails("POP3: words like STLS", POP3, says(*greets(_LOOKALIKE)), ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY,
          findings=("starttls_not_offered",), starttls_offered=False),
    fails("POP3: no command is known", POP3, says(*greets(NO, hear, NO, hear, NO)), ErrorKind.STARTTLS_NOT_OFFERED,
          MailboxPhase.CAPABILITY, findings=("starttls_not_offered",), starttls_offered=None),
    passes("POP3: STLS that was not offered", POP3, says(*greets(NO, hear, NO, hear, GO, tls, hear, INSIDE)),
           "starttls_accepted_not_offered", starttls_offered=None),
    passes("POP3: CAPA before TLS only", POP3, says(*UP_TO_TLS, NO, hear, b"+OK\r\nPLAIN\r\n.\r\n"), "pop3_capa_missing",
           auth_mechanisms={"before_tls": [], "after_tls": ["PLAIN"]}),
    fails("POP3: continuations without end", POP3, says(*greets(flood(b"+ \r\n" * 999))), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.CAPABILITY, MailboxPhase.STARTTLS),
    fails("POP3: STLS refused", POP3, says(*asked(b"-ERR not now\r\n")), ErrorKind.STARTTLS_REJECTED, MailboxPhase.STARTTLS,
          findings=("starttls_rejected",)),
    fails("POP3: plaintext for TLS", POP3, says(*asked(GO, read_hello, INSIDE)), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE),
    fails("POP3: plaintext where TLS is due", POP3S, says(GREETING), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE),
    passes("POP3: a reply behind STLS", POP3, says(*good(go=GO + b"+OK\r\nSASL EVIL\r\n.\r\n")), "starttls_response_injection",
           injected_plaintext=19, auth_mechanisms={"before_tls": [], "after_tls": ["PLAIN"]}),
    passes("POP3: half a reply behind STLS", POP3, says(*good(go=GO + b"+OK\r\nSASL EV")), "starttls_response_injection",
           injected_plaintext=12, auth_mechanisms={"before_tls": [], "after_tls": ["PLAIN"]}),
    passes("POP3: a reply that nobody asked for", POP3, says(*good(GREETING + b"+OK 3 messages\r\n")), unsolicited=["+OK 3 messages"]),
    passes("POP3: STLS inside TLS", POP3, says(*UP_TO_TLS, b"+OK\r\nSTLS\r\nSASL PLAIN\r\n.\r\n"), "starttls_offered_inside_tls"),
    passes("POP3: dots", POP3, says(*good(offers=b"+OK\r\n..\r\n...\r\nSTLS\r\n.x\r\n.\r\n")), starttls_offered=True),
    passes("POP3: a password asked for in the clear", POP3, says(*good(offers=b"+OK\r\nSTLS\r\nUSER\r\nSASL PLAIN\r\n.\r\n")),
           "pop3_user_in_clear", password_login={"before_tls": True, "after_tls": True}),
    passes("POP3: timestamps that make collisions", POP3, says(*good(b"+OK <\xff\xfe\x00@x> <a b@c> <\x01@\x02>\r\n")), apop=False),
    passes("POP3: a timestamp", POP3, says(*good(b"+OK <1.2@x>\r\n")), "pop3_apop_offered", apop=True),
    fails("POP3: text that breaks out", POP3,
          says(b"+OK " + NASTY + b"\r\n", hear, b"+OK " + NASTY + b"\r\n" + NASTY + b"\r\nSTLS " + NASTY + b"\r\n.\r\n", hear,
               b"-ERR [" + NASTY + b"] " + NASTY + b"\r\n"),
          ErrorKind.STARTTLS_REJECTED, MailboxPhase.STARTTLS, findings=("starttls_rejected",)),
)  # fmt: skip
