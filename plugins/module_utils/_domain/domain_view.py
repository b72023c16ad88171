# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that was seen of one domain, as one value. What its parts say together is judged in `domain_result.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import ProbedServer, ServerKey
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig import Autoconfig
from ansible_collections.mailops.tls.plugins.module_utils._domain.autodiscover import Autodiscover
from ansible_collections.mailops.tls.plugins.module_utils._domain.bimi import Bimi
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa import CaaSet
from ansible_collections.mailops.tls.plugins.module_utils._domain.dane import ExchangeTlsa
from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim import DkimView
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc import DmarcView
from ansible_collections.mailops.tls.plugins.module_utils._domain.dnsbl import ListAnswer
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import StsRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.mx import MxView
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import Propagation, ZoneView
from ansible_collections.mailops.tls.plugins.module_utils._domain.reverse_names import ReverseNames
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import MailDomain
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf import SpfView
from ansible_collections.mailops.tls.plugins.module_utils._domain.srv import SrvEntry
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import TlsRpt
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult


@dataclass(frozen=True)
class DomainView:
    """One domain; parts that were not asked for are None or empty.

    Attributes:
        domain: which.
        failure: why DNS has nothing of it at all.
        mx: its exchanges; always looked at, since half of the other parts need them.
        old_policies: findings on records of DomainKeys and ADSP.
        sts: the MTA-STS record, and what the policy's place has.
        reverse: the names of the addresses that send, or of those of the exchanges.
        greetings: findings on the names that exchanges give themselves.
        zone: the zone, and what is odd about its list of servers.
        levels: what each kind of sender meets at the exchanges.
        host_caa: by exchange the CAA records that count for it.
        probes: what came of probing announced servers.
        unanswered: which questions the resolver did not answer, each with the reason.
    """

    domain: MailDomain
    mx: MxView
    failure: Failure | None = None
    reverse: tuple[ReverseNames, ...] = ()
    greetings: tuple[Finding, ...] = ()
    zone: tuple[ZoneView, tuple[Finding, ...]] | None = None
    spf: SpfView | None = None
    dkim: tuple[DkimView, ...] = ()
    old_policies: tuple[Finding, ...] = ()
    dmarc: DmarcView | None = None
    sts: tuple[StsRecord, Document] | None = None
    tlsrpt: TlsRpt | None = None
    dane: tuple[ExchangeTlsa, ...] = ()
    caa: CaaSet | None = None
    host_caa: Mapping[str, CaaSet] = field(default_factory=dict)
    srv: tuple[SrvEntry, ...] | None = None
    autoconfig: Autoconfig | None = None
    autodiscover: Autodiscover | None = None
    bimi: Bimi | None = None
    lists: tuple[ListAnswer, ...] = ()
    propagation: tuple[Propagation, ...] = ()
    levels: Mapping[SecurityLevel, DestinationResult] | None = None
    probes: Mapping[ServerKey, ProbedServer] = field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
