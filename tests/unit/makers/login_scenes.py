# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins driven by hand: servers that offer everything, sessions that were made up, and what a client sent there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Errand, Talk
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginErrand, LoginNote
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_name
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.makers.judging import NAME, OTHER, chain

TIM = Credentials("tim", "tanstaaftanstaaf", "ya29.token", "acting")
EXPORTER = ChannelBinding("tls-exporter", b"what both sides of one session know")
ALL = "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER EXTERNAL DIGEST-MD5"
TERMS = LoginTerms(TIM)


def opening(protocol: MailProtocol, offered: str = ALL) -> tuple[bytes, ...]:
    """Return what a server with implicit TLS says up to its capabilities."""
    if protocol is MailProtocol.IMAP:
        listed = "".join(f" AUTH={name}" for name in offered.split())
        return b"* OK x\r\n", f"* CAPABILITY IMAP4rev1 SASL-IR{listed}\r\na1 OK x\r\n".encode()
    if protocol is MailProtocol.POP3:
        return b"+OK <1.2@x>\r\n", f"+OK\r\nUSER\r\nSASL {offered}\r\n.\r\n".encode()
    if protocol is MailProtocol.MANAGESIEVE:
        return (f'"SASL" "{offered}"\r\nOK\r\n'.encode(),)
    return b"220 x\r\n", f"250-x\r\n250 AUTH {offered}\r\n".encode()


@dataclass(frozen=True)
class MadeUpSession:
    """A TLS session whose server has a certificate of a trusted authority for `NAME`."""

    bindings: tuple[ChannelBinding, ...] = (EXPORTER,)

    def session(self) -> TlsSession:
        return TlsSession(True, "TLSv1.3", chain=chain().served)

    def channel_bindings(self) -> tuple[ChannelBinding, ...]:
        return self.bindings

    def expect(self, more: int) -> None:
        pass


def judge_of(name: str = NAME, level: SecurityLevel = SecurityLevel.VERIFY) -> SessionJudge:
    """Return a judge that wants a certificate for this name."""
    return SessionJudge(fixed_policy(level), Criteria((reference_name(name),)), NOW)


STRANGER = judge_of(OTHER)
"""Takes every server of these tests for another one."""


@dataclass
class Seen:
    """What a client sent behind its greeting, and what is known of its login and of the dialogue."""

    sent: bytes
    note: LoginNote
    talk: Talk


def login(
    protocol: MailProtocol,
    mechanism: str,
    *answers: bytes | Callable[[bytes], bytes],
    terms: LoginTerms = TERMS,
    judge: SessionJudge | None = None,
    mode: TlsMode = TlsMode.IMPLICIT,
    offered: str = ALL,
    session: MadeUpSession | None = None,
    then: Errand | None = None,
) -> Seen:
    """Log in; an answer can be made of what was sent last. A client that waits for more has to end with a time-out."""
    errand = LoginErrand(mechanism, terms, judge or judge_of(), protocol, NAME, 993, then)
    talk = MailboxProbeSettings(transcript=True).acting(protocol, errand).start(mode)
    assert isinstance(talk, Talk)
    return _drive(talk, [*opening(protocol, offered), *answers], session or MadeUpSession())


def _drive(talk: Talk, chunks: Iterable[bytes | Callable[[bytes], bytes]], session: MadeUpSession) -> Seen:
    left, sent = list(chunks), list[bytes]()
    for _step in range(200):
        step = talk.next_step(1.0 + len(sent))
        if isinstance(step, Finished):
            break
        if isinstance(step, Send):
            sent.append(step.data)
        elif isinstance(step, StartTls):
            talk.tls_started(0.5, session)
        elif left:
            chunk = left.pop(0)
            talk.receive(chunk if isinstance(chunk, bytes) else chunk(sent[-1]))
        else:
            talk.fail(Failure(ErrorKind.TIMEOUT, step.phase, "no answer in time"))
    notes = [one for one in talk.log.learned if isinstance(one, LoginNote)]
    assert len(notes) == 1
    return Seen(b"".join(sent), notes[0], talk)
