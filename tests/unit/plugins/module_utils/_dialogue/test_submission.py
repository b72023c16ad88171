# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The submission client up to TLS and EHLO inside it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.mailbox_talk import Conversation, converse

EHLO = b"250-mail.example.org\r\n250 STARTTLS\r\n"
INSIDE = b"250-mail.example.org\r\n250 AUTH PLAIN LOGIN\r\n"


def talk(*chunks: bytes, mode: TlsMode = TlsMode.STARTTLS, lmtp: bool = False) -> Conversation:
    return converse(SubmissionSettings(ehlo_name="probe.example", lmtp=lmtp).start(mode), chunks)


def test_starttls() -> None:
    seen = talk(b"220 x\r\n", EHLO, b"220 go\r\n", INSIDE)
    assert seen.done == ["EHLO probe.example", "STARTTLS", "<TLS>", "EHLO probe.example", "QUIT"]
    assert seen.log.after_tls == {"AUTH": ("PLAIN", "LOGIN")} and seen.log.starttls_offered and seen.log.greeting_status == "2xx"


def test_implicit_tls_none_and_lmtp() -> None:
    assert talk(b"220 x\r\n", INSIDE, mode=TlsMode.IMPLICIT).done == ["<TLS>", "EHLO probe.example", "QUIT"]
    assert talk(b"220 x\r\n", EHLO, mode=TlsMode.NONE).done == ["EHLO probe.example", "QUIT"]
    assert talk(b"220 x\r\n", lmtp=True).done == ["LHLO probe.example"]


@pytest.mark.parametrize(
    ("chunks", "kind", "phase"),
    [
        ((b"554 no\r\n",), ErrorKind.REJECTED, "greeting"),
        ((b"421 too many connections\r\n",), ErrorKind.RATE_LIMITED, "greeting"),
        ((b"x" * 5000,), ErrorKind.LIMIT_EXCEEDED, "greeting"),
        ((b"220 x\r\n", b"500 what\r\n"), ErrorKind.REJECTED, "ehlo"),
        ((b"220 x\r\n", b"250 mail\r\n"), ErrorKind.STARTTLS_NOT_OFFERED, "ehlo"),
        ((b"220 x\r\n", EHLO, b"454 no\r\n"), ErrorKind.STARTTLS_REJECTED, "starttls"),
        ((b"220 x\r\n", EHLO, b"220 go\r\n", b"500 what\r\n"), ErrorKind.REJECTED, "ehlo_tls"),
    ],
)
def test_servers_that_end_it(chunks: tuple[bytes, ...], kind: ErrorKind, phase: str) -> None:
    seen = talk(*chunks)
    assert (seen.failure.kind, seen.failure.phase.value, seen.waiting) == (kind, phase, None)


def test_what_comes_behind_the_reply_to_starttls_is_dropped() -> None:
    seen = talk(b"220 x\r\n", EHLO, b"220 go\r\n250 planted\r\n", INSIDE)
    assert seen.log.injected == 13 and seen.log.after_tls == {"AUTH": ("PLAIN", "LOGIN")}
