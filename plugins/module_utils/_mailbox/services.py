# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that mail clients use: their ports, how TLS begins there, and the names under which SRV records announce them.

Sources: RFC 8314 (implicit TLS), RFC 6186 (SRV records), RFC 5804 section 1.8 (ManageSieve), IANA's registry of ports.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode


class MailProtocol(str, Enum):
    """What is spoken; `protocol` of an endpoint in results."""

    IMAP = "imap"
    POP3 = "pop3"
    MANAGESIEVE = "managesieve"
    SMTP = "smtp"
    LMTP = "lmtp"


class MailService(str, Enum):
    """`service` of an endpoint in results, and the names of the option `services`."""

    IMAP = "imap"
    IMAPS = "imaps"
    POP3 = "pop3"
    POP3S = "pop3s"
    SIEVE = "sieve"
    SUBMISSION = "submission"
    SUBMISSIONS = "submissions"
    SMTP = "smtp"
    LMTP = "lmtp"

    @property
    def terms(self) -> ServiceTerms:
        """What the name stands for."""
        return _TERMS[self]


@dataclass(frozen=True)
class ServiceTerms:
    """What a service is.

    Attributes:
        protocol: what is spoken.
        tls_mode: how TLS begins.
        port: the port that IANA has for it.
        announced: whether SRV records name it, as `_imaps._tcp`.
        sister: the service of the same protocol with implicit TLS.
    """

    protocol: MailProtocol
    tls_mode: TlsMode
    port: int
    announced: bool = True
    sister: MailService | None = None


_TERMS = {
    MailService.IMAP: ServiceTerms(MailProtocol.IMAP, TlsMode.STARTTLS, 143, sister=MailService.IMAPS),
    MailService.IMAPS: ServiceTerms(MailProtocol.IMAP, TlsMode.IMPLICIT, 993),
    MailService.POP3: ServiceTerms(MailProtocol.POP3, TlsMode.STARTTLS, 110, sister=MailService.POP3S),
    MailService.POP3S: ServiceTerms(MailProtocol.POP3, TlsMode.IMPLICIT, 995),
    MailService.SIEVE: ServiceTerms(MailProtocol.MANAGESIEVE, TlsMode.STARTTLS, 4190),
    MailService.SUBMISSION: ServiceTerms(MailProtocol.SMTP, TlsMode.STARTTLS, 587, sister=MailService.SUBMISSIONS),
    MailService.SUBMISSIONS: ServiceTerms(MailProtocol.SMTP, TlsMode.IMPLICIT, 465),
    MailService.SMTP: ServiceTerms(MailProtocol.SMTP, TlsMode.STARTTLS, 25, announced=False),
    MailService.LMTP: ServiceTerms(MailProtocol.LMTP, TlsMode.STARTTLS, 24, announced=False),
}

DEFAULT_SERVICES = (
    MailService.IMAPS, MailService.SUBMISSIONS, MailService.POP3S, MailService.IMAP, MailService.SUBMISSION,
    MailService.POP3, MailService.SIEVE,
)  # fmt: skip
"""Those that a mail client's server is asked for where nobody names any."""

MAIL_PORTS = tuple(sorted(terms.port for terms in _TERMS.values()))
"""The ports that `ports: all` tries."""


def service_at(port: int) -> MailService | None:
    """Return the service that IANA has at a port, None where it has none of these."""
    return next((service for service, terms in _TERMS.items() if terms.port == port), None)


def srv_owner(service: MailService, domain: str) -> str:
    """Return the owner name of the SRV records that announce a service (RFC 6186 section 3.1)."""
    return f"_{service.value}._tcp.{domain}"
