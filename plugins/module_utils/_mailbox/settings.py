# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How mail clients' servers are found, spoken to and judged: the values that a run works by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import DialogueMaker
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Errand, MailboxSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import Phase
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import DEFAULT_SERVICES, MailProtocol, MailService
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest


@dataclass(frozen=True)
class MailboxProbeSettings:
    """Everything that decides where a run goes, what it says there, and what it makes of the answers.

    `match` are reference identifiers in place of the host's own; `fingerprints` what stands in their place at level `fingerprint`.
    """

    security_level: SecurityLevel = SecurityLevel.VERIFY
    services: tuple[MailService, ...] = DEFAULT_SERVICES
    all_ports: bool = False
    strict: bool = False
    injection_test: bool = False
    transcript: bool = False
    ehlo_name: str = "localhost.localdomain"
    host_lookup: tuple[HostLookup, ...] = (HostLookup.DNS,)
    address_family: AddressFamily = AddressFamily.ANY
    key_algorithm: KeyRequest = KeyRequest.ANY
    sni: str | None = None
    match: tuple[str, ...] = ()
    fingerprints: tuple[bytes, ...] = ()
    fingerprint_digest: str = "sha256"
    trust_anchors: tuple[TlsaRecord, ...] = ()
    dane_digests: tuple[str, ...] = ("sha512", "sha256")
    force_tlsa: bool = False

    def dialogue(self, protocol: MailProtocol, *, injecting: bool = False) -> DialogueMaker:
        """Return what makes the dialogues of a protocol; *injecting* those that test for command injection, where there are such."""
        if protocol in (MailProtocol.SMTP, MailProtocol.LMTP):
            return SmtpSettings(self.ehlo_name, lmtp=protocol is MailProtocol.LMTP, transcript=self.transcript)
        makers: dict[MailProtocol, type[ImapSettings] | type[Pop3Settings] | type[ManageSieveSettings]] = {
            MailProtocol.IMAP: ImapSettings,
            MailProtocol.POP3: Pop3Settings,
            MailProtocol.MANAGESIEVE: ManageSieveSettings,
        }
        return makers[protocol](strict=self.strict, injection_test=injecting, transcript=self.transcript)

    def acting(self, protocol: MailProtocol, errand: Errand, limits: tuple[tuple[Phase, float], ...] = ()) -> DialogueMaker:
        """Return what makes dialogues that do something: run this errand, with time limits of its own for some phases."""
        if protocol in (MailProtocol.SMTP, MailProtocol.LMTP):
            lmtp = protocol is MailProtocol.LMTP
            return SubmissionSettings(
                transcript=self.transcript, errand=errand, limits=limits, ehlo_name=self.ehlo_name, lmtp=lmtp
            )
        looking = cast(MailboxSettings, self.dialogue(protocol))
        return cast(DialogueMaker, replace(looking, errand=errand, limits=limits))
