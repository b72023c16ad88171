# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of a mail domain are looked at, by what settings: the values that a look at domains works by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings


class Check(str, Enum):
    """One part of a domain's mail setup; `checks` names them."""

    MX = "mx"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    MTA_STS = "mta_sts"
    TLSRPT = "tlsrpt"
    DANE = "dane"
    CAA = "caa"
    SRV = "srv"
    AUTOCONFIG = "autoconfig"
    AUTODISCOVER = "autodiscover"
    BIMI = "bimi"
    DNSBL = "dnsbl"
    NS = "ns"
    SENDERS = "senders"


DEFAULT_CHECKS = tuple(check for check in Check if check is not Check.DNSBL)
"""All that asks nobody but the domain's own servers: operators of block lists count questions, and refuse some askers."""


class DmarcDiscovery(str, Enum):
    """By which rule the organisational domain is found: RFC 9989's walk up the tree, or a public suffix list as before it."""

    TREE_WALK = "tree_walk"
    PSL = "psl"
    BOTH = "both"


@dataclass(frozen=True)
class MailDomain:
    """One domain to look at.

    Attributes:
        text: as the user gave it.
        name: ASCII, in lower case, without a dot at the end.
    """

    text: str
    name: str


@dataclass(frozen=True)
class DomainSettings:
    """Everything that decides what is asked and fetched for a domain.

    Attributes:
        checks: the parts to look at.
        selectors: DKIM selectors, each with the domain it is for, or None for every domain.
        dkim_expected: the record that a selector should have, by `selector` or `selector@domain`.
        blocklists: zones of block lists.
        sending_addresses: addresses that send mail for the domains.
        compared: name servers that are asked the same questions.
        expected_down: exchanges that may be down by design, in lower case.
        probe_announced: whether servers that the domain announces are connected to.
        dmarc_discovery: how the organisational domain is found.
        http_seconds: how long one document may take.
        document_limit: most bytes of a document, after decompression.
        private_allowed: whether addresses that are not global are connected to.
        mailbox: the mailbox that documents are asked for; None for the domain's postmaster.
        ignored: ids of findings that are left out.
        smtp: how exchanges are probed.
    """

    checks: frozenset[Check] = frozenset(DEFAULT_CHECKS)
    selectors: tuple[tuple[str, str | None], ...] = ()
    dkim_expected: Mapping[str, str] = field(default_factory=dict)
    blocklists: tuple[str, ...] = ()
    sending_addresses: tuple[str, ...] = ()
    compared: tuple[Nameserver, ...] = ()
    expected_down: frozenset[str] = frozenset()
    probe_announced: bool = True
    dmarc_discovery: DmarcDiscovery = DmarcDiscovery.BOTH
    http_seconds: float = 10.0
    document_limit: int = 65536
    private_allowed: bool = False
    mailbox: str | None = None
    ignored: frozenset[str] = frozenset()
    smtp: ProbeSettings = ProbeSettings()

    def wants(self, *checks: Check) -> bool:
        """Whether one of these parts is looked at."""
        return not self.checks.isdisjoint(checks)

    @property
    def probes_announced(self) -> bool:
        """Whether announced servers are connected to: where they are looked for, too."""
        return self.probe_announced and self.wants(Check.SRV, Check.AUTOCONFIG, Check.AUTODISCOVER)

    def selectors_of(self, domain: str) -> tuple[str, ...]:
        """Return the DKIM selectors to look up in a domain."""
        return tuple(dict.fromkeys(name for name, only in self.selectors if only in (None, domain)))

    def expected_key(self, selector: str, domain: str) -> str | None:
        """Return the record that a selector should have, where the user said so."""
        return self.dkim_expected.get(f"{selector}@{domain}", self.dkim_expected.get(selector))
