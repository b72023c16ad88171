# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the mail servers of destinations are found, spoken to and judged: the values that a fleet works by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import HostLookup, Lookup
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest


class Exchanges(Enum):
    """Which candidates of a destination are probed: all, or up to the first that takes a connection."""

    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True)
class ProbeSettings:
    """Everything that decides where a fleet goes, what it says there, and what it makes of the answers.

    The level of a session can be lower than `security_level`. At `none` there is no TLS, whatever `tls_mode` says.
    `match` are match arguments of Postfix, `fingerprints` what stands in their place at level `fingerprint`.
    """

    security_level: SecurityLevel = SecurityLevel.DANE
    exchanges: Exchanges = Exchanges.ALL
    lookup: Lookup = Lookup.MX
    host_lookup: tuple[HostLookup, ...] = (HostLookup.DNS,)
    address_family: AddressFamily = AddressFamily.ANY
    dialogue: SmtpSettings = SmtpSettings("localhost.localdomain")
    tls_mode: TlsMode = TlsMode.STARTTLS
    key_algorithms: tuple[KeyRequest, ...] = (KeyRequest.ANY,)
    sni: str | None = None
    match: tuple[str, ...] = ()
    fingerprints: tuple[bytes, ...] = ()
    fingerprint_digest: str = "sha256"
    trust_anchors: tuple[TlsaRecord, ...] = ()
    dane_digests: tuple[str, ...] = ("sha512", "sha256")
    insecure_mx_policy: InsecureMxPolicy = InsecureMxPolicy.DANE
    force_tlsa: bool = False
