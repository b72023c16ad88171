# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errands: when a client does what it came for, what it knows then, and what is left of one that was broken off."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import LoginPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxSettings, Script, Talk
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession


@dataclass(frozen=True, eq=False)
class Say:
    """An errand of one line with a secret."""

    secret: bytes = field(default=b"sesame", repr=False)

    def run(self, talk: Talk) -> Script[None]:
        bindings = talk.secured.channel_bindings() if talk.secured else ()
        talk.log.learned.append((talk.plaintext, bindings, sorted(talk.told or ())))
        yield from talk.say(LoginPhase.AUTH, b"OPEN " + self.secret, "OPEN (hidden)")
        talk.log.learned.append("said")


class Session:
    """A TLS session that was made up."""

    def session(self) -> TlsSession:
        return TlsSession(True)

    def channel_bindings(self) -> tuple[ChannelBinding, ...]:
        return (ChannelBinding("tls-exporter", b"x"),)

    def expect(self, more: int) -> None:
        pass


SERVERS: dict[type, tuple[bytes, ...]] = {
    ImapSettings: (b"* OK [CAPABILITY STARTTLS] x\r\na1 OK x\r\n", b"a2 OK go\r\n", b"* CAPABILITY AUTH=PLAIN\r\na3 OK x\r\n"),
    Pop3Settings: (b"+OK x\r\n", b"+OK\r\nSTLS\r\n.\r\n", b"+OK go\r\n", b"+OK\r\nSASL PLAIN\r\n.\r\n"),
    ManageSieveSettings: (b'"STARTTLS"\r\nOK\r\n', b"OK\r\n", b'"SASL" "PLAIN"\r\nOK\r\n'),
    SubmissionSettings: (b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n", b"250-x\r\n250 AUTH PLAIN\r\n"),
}


def run(maker: MailboxSettings, mode: TlsMode, chunks: tuple[bytes, ...]) -> tuple[list[bytes], Talk]:
    talk: Talk = maker.start(mode)  # type: ignore[attr-defined]
    left, sent = list(chunks), list[bytes]()
    for _step in range(100):
        step = talk.next_step(1.0)
        if isinstance(step, Finished):
            break
        if isinstance(step, Send):
            sent.append(step.data.strip() + (b" within %g" % step.seconds if step.seconds else b""))
        elif isinstance(step, StartTls):
            sent.append(b"<TLS>")
            talk.tls_started(1.5, Session())
        elif left:
            talk.receive(left.pop(0))
        else:
            talk.fail(Failure(ErrorKind.TIMEOUT, step.phase, "no answer in time"))
    return sent, talk


@pytest.mark.parametrize("kind", list(SERVERS))
def test_it_begins_inside_tls_with_its_session_and_its_capabilities(kind: type[MailboxSettings]) -> None:
    sent, talk = run(kind(errand=Say(), limits=((LoginPhase.AUTH, 7.0),)), TlsMode.STARTTLS, SERVERS[kind])
    assert sent.index(b"<TLS>") < sent.index(b"OPEN sesame within 7") == len(sent) - 2
    binding = ChannelBinding("tls-exporter", b"x")
    offered = "AUTH" if kind in (ImapSettings, SubmissionSettings) else "SASL"
    assert talk.log.learned == [(False, (binding,), [offered]), "said"]
    assert "sesame" not in repr((talk.log, talk.settings))


@pytest.mark.parametrize("kind", list(SERVERS))
def test_without_tls_it_knows_that_all_can_be_read(kind: type[MailboxSettings]) -> None:
    sent, talk = run(kind(errand=Say()), TlsMode.NONE, SERVERS[kind])
    assert b"OPEN sesame" in sent and b"<TLS>" not in sent
    assert talk.log.learned[0] == (True, (), ["STARTTLS" if kind is not Pop3Settings else "STLS"])


@pytest.mark.parametrize("kind", list(SERVERS))
def test_nothing_is_done_where_tls_was_wanted_and_is_not_offered(kind: type[MailboxSettings]) -> None:
    chunks = tuple(one.replace(b"STARTTLS", b"NOTHING").replace(b"STLS", b"NOTHING") for one in SERVERS[kind])
    sent, talk = run(kind(errand=Say()), TlsMode.STARTTLS, chunks)
    assert not any(b"OPEN" in one for one in sent) and talk.log.learned == []
    assert talk.log.failure is not None and talk.log.failure.kind is ErrorKind.STARTTLS_NOT_OFFERED


def test_a_connection_that_breaks_ends_it_and_what_was_learned_stays() -> None:
    @dataclass(frozen=True, eq=False)
    class Ask:
        def run(self, talk: Talk) -> Script[None]:
            talk.log.learned.append("asks")
            yield from talk.command(LoginPhase.AUTH, b"NOOP")  # type: ignore[attr-defined]
            talk.log.learned.append("heard")

    sent, talk = run(SubmissionSettings(errand=Ask()), TlsMode.STARTTLS, SERVERS[SubmissionSettings])
    assert talk.log.learned == ["asks"] and sent[-1] == b"NOOP"
    assert talk.log.failure == Failure(ErrorKind.TIMEOUT, LoginPhase.AUTH, "no answer in time")


def test_two_errands_are_never_the_same_and_a_look_is() -> None:
    assert ImapSettings(errand=Say()) != ImapSettings(errand=Say()) and ImapSettings() == ImapSettings()
    assert ImapSettings(errand=Say()).once and not ImapSettings().once
    shared = Say()
    assert ImapSettings(errand=shared) == ImapSettings(errand=shared)
    assert "sesame" not in repr(ImapSettings(errand=shared)) + repr(shared)
