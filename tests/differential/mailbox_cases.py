# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mail clients are asked about mail services, and where they differ from us and why; as data, complete and exact.

The servers are those of the integration target `mailbox_tls_probe`. A difference that is not listed fails the test, and so does a
listed one that does not occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.mailops.tls.tests.differential.mail_clients import NO_TLS, UNTRUSTED, VERIFIED

ALL = "imap imaps pop3 pop3s sieve submission submissions"
MAILBOXES = "imap imaps pop3 pop3s sieve"
EVERYBODY = "s_client gnutls-cli curl swaks"


@dataclass(frozen=True)
class MailCase:
    """A host, the services to ask for there, and how it is to be judged.

    Attributes:
        host: a name of the zone `example.org`, or an address.
        services: separated by spaces.
        expected: the outcome for us, the same for all services.
        authority: root, inter (the one that issues the certificates) or other.
        dane: whether TLSA records decide; only s_client can be told them.
    """

    host: str
    services: str
    expected: str
    authority: str = "root"
    dane: bool = False


CASES: Mapping[str, MailCase] = {
    "good": MailCase("mail.example.org", ALL, VERIFIED),
    "other-authority": MailCase("mail.example.org", ALL, UNTRUSTED, "other"),
    "issuer-as-authority": MailCase("mail.example.org", ALL, UNTRUSTED, "inter"),
    "capitals": MailCase("MAIL.Example.ORG", ALL, VERIFIED),
    "address": MailCase("127.0.54.25", ALL, UNTRUSTED),
    "other-name": MailCase("wrong.example.org", MAILBOXES, UNTRUSTED),
    "without-tls": MailCase("plain.example.org", "imap pop3 sieve", NO_TLS),
    "closed": MailCase("closed.example.org", ALL, "refused"),
    "dane": MailCase("mail.example.org", "imaps submission", VERIFIED, dane=True),
    "dane-other-name": MailCase("wrong.example.org", "imaps", VERIFIED, dane=True),
    "dane-other-key": MailCase("wrong.example.org", "pop3s", UNTRUSTED, dane=True),
    "dane-authority-other-name": MailCase("wrong.example.org", "imap", UNTRUSTED, dane=True),
}


@dataclass(frozen=True)
class ClientDifference:
    """One item that differs for the same reason; `clients`, `cases` and `services` are separated by spaces."""

    item: str
    theirs: str
    ours: str
    reason: str
    clients: str
    cases: str
    services: str = ALL

    def covers(self, client: str, case: str, service: str) -> bool:
        """Whether it is to be seen there."""
        return client in self.clients.split() and case in self.cases.split() and service in self.services.split()


DIFFERENCES: tuple[ClientDifference, ...] = (
    ClientDifference(
        "outcome", VERIFIED, UNTRUSTED,
        "they take any certificate in the file for the end of the chain; we want a root there, as OpenSSL and Postfix do by default",
        "gnutls-cli curl", "issuer-as-authority",
    ),
    ClientDifference(
        "outcome", VERIFIED, UNTRUSTED,
        "swaks before 20240103 compares no names",
        "swaks", "address",
    ),
    ClientDifference(
        "outcome", UNTRUSTED, VERIFIED,
        "names do not count with DANE-EE (RFC 7671 section 5.1); s_client wants an option for that, -dane_ee_no_namechecks",
        "s_client", "dane-other-name",
    ),
)  # fmt: skip


def differing(client: str, case: str, service: str) -> set[tuple[str, str, str]]:
    """What has to differ: items with both sides' values."""
    return {(one.item, one.theirs, one.ours) for one in DIFFERENCES if one.covers(client, case, service)}
