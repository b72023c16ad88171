# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ManageSieve and submission servers that are hostile before anybody logs in."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.hostile.mailbox import (
    HostileMailbox,
    Move,
    fails,
    flood,
    hear,
    leave,
    passes,
    read_hello,
    says,
    tls,
)

SIEVE, SUBMISSION, SUBMISSIONS = MailService.SIEVE, MailService.SUBMISSION, MailService.SUBMISSIONS
GREETING = b'"IMPLEMENTATION" "x"\r\n"SASL" ""\r\n"STARTTLS"\r\nOK\r\n'
GO = b"OK\r\n"
INSIDE = b'"IMPLEMENTATION" "x"\r\n"SASL" "PLAIN"\r\nOK\r\n'
_PLAIN = {"before_tls": [], "after_tls": ["PLAIN"]}


def good(greeting: bytes = GREETING, go: bytes = GO, inside: bytes = INSIDE) -> tuple[Move, ...]:
    """Be a good server but for one response."""
    return (greeting, hear, go, tls, inside)


_LOOKALIKE = '"IMPLEMENTATION" "STARTTLS"\r\n"\u017fTARTTLS"\r\n"STARTTLS "\r\n"X" "STARTTLS"\r\nOK "STARTTLS"\r\n'.encode()

SIEVES: tuple[HostileMailbox, ...] = (
    fails("sieve: silence", SIEVE, says(), ErrorKind.TIMEOUT, MailboxPhase.GREETING, greeting=None),
    fails("sieve: capabilities that do not end", SIEVE, says(GREETING[:-4]), ErrorKind.TIMEOUT, MailboxPhase.GREETING),
    fails("sieve: no capabilities inside TLS", SIEVE, says(GREETING, hear, GO, tls), ErrorKind.TIMEOUT, MailboxPhase.CAPABILITY_TLS),
    fails("sieve: TLS where plaintext is due", SIEVE, says(read_hello), ErrorKind.TIMEOUT, MailboxPhase.GREETING),
    fails("sieve: a string that goes on and on", SIEVE, says(b'"X" "\r\n', hear), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("sieve: a literal that never comes", SIEVE, says(b'"X" {100}\r\nabc'), ErrorKind.TIMEOUT, MailboxPhase.GREETING),
    fails("sieve: a literal of 100 GB", SIEVE, says(b'"X" {99999999999}\r\n', flood(b"x" * 65536)), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.GREETING),
    fails("sieve: literals without end", SIEVE, says(b'"X"', flood(b" {60000}\r\n" + b"y" * 60000)), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.GREETING),
    fails("sieve: large strings without end", SIEVE, says(flood(b'"X" {60000}\r\n' + b"y" * 60000 + b"\r\n")), ErrorKind.LIMIT_EXCEEDED,
          MailboxPhase.GREETING),
    fails("sieve: capabilities without end", SIEVE, says(flood(b'"X" "y"\r\n' * 999)), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.GREETING),
    fails("sieve: empty lines without end", SIEVE, says(GREETING + b"\n" * 60000), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.STARTTLS),
    fails("sieve: a line without end", SIEVE, says(b'"', flood(b"x" * 65536)), ErrorKind.LIMIT_EXCEEDED, MailboxPhase.GREETING),
    fails("sieve: a code that does not end", SIEVE, says(GREETING, hear, b'NO (A "b" (c "d"\r\n'), ErrorKind.PROTOCOL_ERROR,
          MailboxPhase.STARTTLS),
    fails("sieve: gone within a string", SIEVE, says(b'"X" "y', leave), ErrorKind.DISCONNECTED, MailboxPhase.GREETING),
    fails("sieve: BYE that refers to another", SIEVE, says(b'BYE (REFERRAL "sieve://evil.example/") "there"\r\n'), ErrorKind.REJECTED,
          MailboxPhase.GREETING, greeting_status="bye", unsolicited=['BYE (REFERRAL "sieve://evil.example/") "there"']),
    fails("sieve: BYE at STARTTLS", SIEVE, says(GREETING, hear, b"BYE\r\n"), ErrorKind.REJECTED, MailboxPhase.STARTTLS),
    fails("sieve: BYE inside TLS", SIEVE, says(*good(inside=b"BYE\r\n")), ErrorKind.REJECTED, MailboxPhase.CAPABILITY_TLS),
    fails("sieve: too many connections, always", SIEVE, says(b'NO (TRYLATER) "too many connections"\r\n'), ErrorKind.RATE_LIMITED,
          MailboxPhase.GREETING),
    fails("sieve: OK and nothing to offer", SIEVE, says(b"OK\r\n"), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("sieve: IMAP", SIEVE, says(b"* OK IMAP4rev1\r\n"), ErrorKind.PROTOCOL_ERROR, MailboxPhase.GREETING),
    fails("sieve: STARTTLS cut out", SIEVE, says(GREETING.replace(b'"STARTTLS"\r\n', b"")), ErrorKind.STARTTLS_NOT_OFFERED,
          MailboxPhase.GREETING, findings=("starttls_not_offered",), starttls_offered=False, status="plaintext"),
    fails("sieve: words like STARTTLS", SIEVE, says(_LOOKALIKE), ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.GREETING,
          findings=("starttls_not_offered",), starttls_offered=False),
    fails("sieve: STARTTLS refused", SIEVE, says(GREETING, hear, b'NO "not now"\r\n'), ErrorKind.STARTTLS_REJECTED,
          MailboxPhase.STARTTLS, findings=("starttls_rejected",)),
    fails("sieve: plaintext for TLS", SIEVE, says(GREETING, hear, GO, read_hello, INSIDE), ErrorKind.HANDSHAKE_FAILED,
          CommonPhase.HANDSHAKE),
    passes("sieve: capabilities behind STARTTLS", SIEVE, says(*good(go=GO + b'"SASL" "EVIL"\r\nOK\r\n')), "starttls_response_injection",
           injected_plaintext=19, auth_mechanisms=_PLAIN),
    passes("sieve: half a literal behind STARTTLS", SIEVE, says(*good(go=GO + b'"X" {50}\r\n')), "starttls_response_injection",
           injected_plaintext=10, auth_mechanisms=_PLAIN),
    passes("sieve: a response that nobody asked for", SIEVE, says(*good(GREETING + b'OK "STARTTLS"\r\n')),
           unsolicited=['OK "STARTTLS"']),
    passes("sieve: STARTTLS inside TLS", SIEVE, says(*good(inside=GREETING.replace(b'""', b'"PLAIN"'))), "starttls_offered_inside_tls"),
    passes("sieve: literals for strings", SIEVE, says(*good(b'{8}\r\nSTARTTLS\r\n{4+}\r\nSASL {0}\r\n\r\nOK {2}\r\nhi\r\n')),
           starttls_offered=True, auth_mechanisms=_PLAIN),
    fails("sieve: text that breaks out", SIEVE,
          says(b'{%d}\r\n' % len(NASTY) + NASTY + b'\r\n' + GREETING[:-4] + b"OK {%d}\r\n" % len(NASTY) + NASTY + b"\r\n", hear,
               b"NO {%d}\r\n" % len(NASTY) + NASTY + b"\r\n"),
          ErrorKind.STARTTLS_REJECTED, MailboxPhase.STARTTLS, findings=("starttls_rejected",)),
)  # fmt: skip

_HELLO = b"250-mail.example.org\r\n250 STARTTLS\r\n"
_HELLO_TLS = b"250-mail.example.org\r\n250 AUTH PLAIN\r\n"


def submission(hello: bytes = _HELLO, go: bytes = b"220 go\r\n", *inside: Move) -> tuple[Move, ...]:
    """Be a good server up to TLS but for one reply, then say that."""
    return (b"220 x\r\n", hear, hello, hear, go, tls, hear, *inside)


SUBMISSION_SERVERS: tuple[HostileMailbox, ...] = (
    fails("submission: silence inside TLS", SUBMISSION, says(*submission()), ErrorKind.TIMEOUT, SmtpPhase.EHLO_TLS),
    fails("submission: a greeting without a code", SUBMISSION, says(b"\r\n"), ErrorKind.PROTOCOL_ERROR, SmtpPhase.GREETING,
          greeting_status=None),
    fails("submission: too many connections, always", SUBMISSION, says(b"421 4.7.0 too many connections\r\n"), ErrorKind.RATE_LIMITED,
          SmtpPhase.GREETING, greeting_status="4xx"),
    fails("submission: 421 inside TLS", SUBMISSION, says(*submission(_HELLO, b"220 go\r\n", b"421 bye\r\n", leave)), ErrorKind.REJECTED,
          SmtpPhase.EHLO_TLS),
    fails("submission: STARTTLS cut out", SUBMISSION, says(b"220 x\r\n", hear, b"250-x\r\n250 AUTH PLAIN\r\n"),
          ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, findings=("starttls_not_offered",), starttls_offered=False, status="plaintext",
          auth_mechanisms={"before_tls": ["PLAIN"], "after_tls": None}),
    fails("submission: IMAP", SUBMISSION, says(b"* OK IMAP4rev1\r\n"), ErrorKind.PROTOCOL_ERROR, SmtpPhase.GREETING),
    fails("submission: plaintext where TLS is due", SUBMISSIONS, says(b"220 x\r\n"), ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE),
    fails("submission: mechanisms without end", SUBMISSION, says(*submission(_HELLO, b"220 go\r\n", flood(b"250-AUTH X\r\n" * 999))),
          ErrorKind.LIMIT_EXCEEDED, SmtpPhase.EHLO_TLS),
    passes("submission: mechanisms behind STARTTLS", SUBMISSION,
           says(*submission(_HELLO, b"220 go\r\n250-x\r\n250 AUTH EVIL\r\n", _HELLO_TLS)), "starttls_response_injection",
           injected_plaintext=22, auth_mechanisms={"before_tls": [], "after_tls": ["PLAIN"]}),
    passes("submission: mechanisms that break out", SUBMISSION,
           says(*submission(_HELLO, b"220 " + NASTY + b"\r\n", b"250-x\r\n250 AUTH " + NASTY + b" \xc5\xbfcram\r\n"))),
)  # fmt: skip

SERVERS: tuple[HostileMailbox, ...] = (*SIEVES, *SUBMISSION_SERVERS)
