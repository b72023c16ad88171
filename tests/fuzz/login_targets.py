# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of logins: challenges of every mechanism, and whole logins over every protocol."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue, ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import ImapCarrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import MOST_ROUNDS, Attempt, Carrier, LoginEnd, log_in
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveDialogue, ManageSieveSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue, Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import Pop3Carrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_login import SieveCarrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SmtpCarrier, SubmissionDialogue, SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script, Talk
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome, of_answer
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Mechanism, Misstep, SaslError
from ansible_collections.mailops.tls.plugins.module_utils._sasl.passwords import CramMd5, Login, Plain
from ansible_collections.mailops.tls.plugins.module_utils._sasl.scram import MOST_ITERATIONS, Scram
from ansible_collections.mailops.tls.plugins.module_utils._sasl.tokens import External, OAuthBearer, XOAuth2
from ansible_collections.mailops.tls.tests.fuzz.mailbox_targets import drive
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean

WHO = Credentials("user", "pencil", "ya29.token")
NONCE = "rOprNGfwEbeRWgbNEkqO"
"""That of the example in RFC 7677, so that its messages are a corpus."""
_MECHANISMS: tuple[Callable[[], Mechanism], ...] = (
    lambda: Scram("SCRAM-SHA-256", WHO, nonce=NONCE),
    lambda: Scram("SCRAM-SHA-1", WHO, nonce=NONCE),
    lambda: Plain(WHO),
    lambda: Login(WHO),
    lambda: CramMd5(WHO),
    lambda: XOAuth2(WHO),
    lambda: OAuthBearer(WHO, "mail.example.org", 993),
    lambda: External(WHO),
)


def challenge(data: bytes) -> None:
    """A mechanism answers or refuses, and believes no server that it should not. The first byte chooses it, lines are challenges.

    The last line comes along with the success.
    """
    machine = _MECHANISMS[(data[0] if data else 0) % len(_MECHANISMS)]()
    *challenges, additional = data[1:].split(b"\n")
    answers: list[bytes] = []
    try:
        for one in challenges:
            answers.append(machine.respond(one))
        machine.succeed(additional or None)
    except SaslError as error:
        assert is_clean(str(error)) and "pencil" not in str(error) and "ya29" not in str(error)
        assert error.misstep in Misstep
    if isinstance(machine, Scram):
        _check_scram(machine, answers, challenges, additional)
    else:
        assert machine.server_authenticated is None and len(answers) <= 2


def _check_scram(machine: Scram, answers: list[bytes], challenges: list[bytes], additional: bytes) -> None:
    """A server is authentic when it has sent the signature that only who knows the password can make (RFC 5802 section 3)."""
    assert len(answers) <= 2 and (machine.iterations or 0) <= MOST_ITERATIONS
    if not machine.server_authenticated:
        return
    first = challenges[0].decode("ascii")
    parts = dict(part.split("=", 1) for part in first.split(","))
    assert parts["r"].startswith(NONCE) and len(parts["r"]) > len(NONCE) and machine.initial is not None
    digest = "sha256" if "256" in machine.name else "sha1"
    salted = hashlib.pbkdf2_hmac(digest, b"pencil", base64.b64decode(parts["s"]), int(parts["i"]))
    signed = machine.initial[3:] + b"," + challenges[0] + b"," + answers[0].rpartition(b",p=")[0]
    signature = hmac.new(hmac.new(salted, b"Server Key", digest).digest(), signed, digest).digest()
    said = (challenges[1] if len(challenges) > 1 else additional).decode("ascii")
    assert base64.b64decode(said.split(",")[0].partition("=")[2]) == signature


@dataclass(frozen=True, eq=False)
class _Errand:
    """One login; what became of it is in `attempts`."""

    carrier: Callable[[Talk], Carrier]
    mechanism: Mechanism
    attempts: list[Attempt] = field(default_factory=list)

    def run(self, talk: Talk) -> Script[None]:
        self.attempts.append((yield from log_in(self.carrier(talk), self.mechanism)))


def _imap(talk: Talk) -> Carrier:
    assert isinstance(talk, ImapDialogue)
    return ImapCarrier(talk, initial_responses="SASL-IR" in (talk.log.after_tls or {}))


def _pop3(talk: Talk) -> Carrier:
    assert isinstance(talk, Pop3Dialogue)
    return Pop3Carrier(talk)


def _sieve(talk: Talk) -> Carrier:
    assert isinstance(talk, ManageSieveDialogue)
    return SieveCarrier(talk)


def _smtp(talk: Talk) -> Carrier:
    assert isinstance(talk, SubmissionDialogue)
    return SmtpCarrier(talk)


def login(data: bytes) -> None:
    """A login ends whatever the server says, no secret is in the chat, and no success counts that must not.

    The first byte chooses protocol and mechanism, the second the size of the pieces.
    """
    choice, size, text = (data[0] if data else 0), (data[1] if len(data) > 1 else 0) + 1, data[2:]
    machine, kind = _MECHANISMS[(choice >> 2) % len(_MECHANISMS)](), choice % 4
    errand = _Errand((_imap, _pop3, _sieve, _smtp)[kind], machine)
    makers = (ImapSettings, Pop3Settings, ManageSieveSettings, SubmissionSettings)
    talk = makers[kind](errand=errand).start(TlsMode.IMPLICIT)
    drive(talk, text, size)
    chat = "\n".join(line.text for line in talk.log.transcript)
    assert not list(unclean([line.text for line in talk.log.transcript]))
    secrets = [b"pencil", b"ya29", base64.b64encode(b"pencil"), base64.b64encode(machine.initial or b"pencil")]
    assert not any(secret.decode() in chat for secret in secrets if secret not in text)
    for attempt in errand.attempts:
        _check_attempt(attempt)


def _check_attempt(attempt: Attempt) -> None:
    assert attempt.rounds <= MOST_ROUNDS + 1 and not list(unclean(attempt.reply.as_facts()))
    assert attempt.error is None or is_clean(str(attempt.error))
    accepted = LoginEnd(attempt.reply).accepted
    outcome = of_answer(attempt.reply, responded=attempt.responded, inside_tls=True)
    assert (outcome is LoginOutcome.ACCEPTED) is accepted
    if accepted and attempt.error is None:
        assert attempt.responded and attempt.server_authenticated in (None, True)
