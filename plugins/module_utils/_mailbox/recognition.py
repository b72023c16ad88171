# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds out what is spoken at a port that does not say so: by its greeting, in plaintext or else inside TLS."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.greeting import GreetingLog, GreetingSettings, Spoken
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober

_SERVICES = {
    (Spoken.IMAP, TlsMode.NONE): MailService.IMAP,
    (Spoken.IMAP, TlsMode.IMPLICIT): MailService.IMAPS,
    (Spoken.POP3, TlsMode.NONE): MailService.POP3,
    (Spoken.POP3, TlsMode.IMPLICIT): MailService.POP3S,
    (Spoken.MANAGESIEVE, TlsMode.NONE): MailService.SIEVE,
    (Spoken.SMTP, TlsMode.NONE): MailService.SMTP,
    (Spoken.SMTP, TlsMode.IMPLICIT): MailService.SUBMISSIONS,
    (Spoken.LMTP, TlsMode.NONE): MailService.LMTP,
}


@dataclass(frozen=True)
class Ears:
    """Those who wait for a greeting, none of them for long: in plaintext, where a server that begins with TLS says nothing, and in TLS."""

    plain: Prober
    secure: Prober


async def recognise(ears: Ears, target: Target, ehlo_name: str, sni: str | None, *, handshake: bool) -> MailService | None:
    """Return the service at *target*, None where no protocol of mail is recognised.

    Args:
        ears: what to ask with.
        target: where.
        ehlo_name: our name.
        sni: the name to ask for inside TLS.
        handshake: try TLS where nothing is said. Only what is known to be a mail server is spoken to unasked.
    """
    settings = GreetingSettings(transcript=False, ehlo_name=ehlo_name)
    for mode, prober in ((TlsMode.NONE, ears.plain), (TlsMode.IMPLICIT, ears.secure)):
        evidence = (await prober.probe(ProbePlan(target, settings, sni=sni, tls_mode=mode))).evidence
        log, failure = evidence.log, evidence.failure
        spoken = log.spoken if isinstance(log, GreetingLog) else None
        if spoken is not None:
            return _SERVICES.get((spoken, mode))
        silent = failure is not None and failure.kind in (ErrorKind.TIMEOUT, ErrorKind.DISCONNECTED)
        if not silent or not handshake or not evidence.connected:
            break
    return None
