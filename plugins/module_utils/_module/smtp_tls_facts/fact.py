# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of the host's own services, as the fact `smtp_tls`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_services import OwnServices
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import Service
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate


@dataclass(frozen=True)
class ServiceResult:
    """One service and what the probes of its addresses found."""

    service: Service
    result: DestinationResult

    @property
    def listening(self) -> bool:
        """True when something takes connections at one address at least."""
        return any(endpoint.connected for endpoint in self.result.endpoints)

    def only_listening(self) -> ServiceResult:
        """Return it without the addresses where nothing listens; unchanged when nothing listens anywhere."""
        if not self.listening:
            return self
        endpoints = tuple(endpoint for endpoint in self.result.endpoints if endpoint.connected)
        return replace(self, result=replace(self.result, endpoints=endpoints))

    def as_facts(self, detail: Detail) -> dict[str, Any]:
        """Return the item of `services`."""
        facts = self.result.as_facts(detail)
        errors = (facts["error"], *(endpoint["error"] for endpoint in facts["endpoints"]))
        return {
            "port": self.service.port,
            "tls_mode": self.service.tls_mode.value,
            "listening": self.listening,
            "status": facts["status"],
            "satisfied": facts["satisfied"],
            "error": next((error for error in errors if error is not None), None),
            "endpoints": facts["endpoints"],
        }


def smtp_tls_fact(
    host: str, level: SecurityLevel, results: Sequence[ServiceResult], own: OwnServices, detail: Detail, now: datetime
) -> dict[str, Any]:
    """Return the value of `ansible_facts.smtp_tls`, all of it JSON. *now* is when the facts were gathered, aware."""
    certificates = _certificates(results, own, detail, now)
    ends = [one["not_after"] for one in certificates if one["not_after"] is not None]
    return {
        "host": host,
        "security_level": level.value,
        "gathered_at": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "ad_untrusted": any(one.result.route.ad_untrusted for one in results),
        "services": [one.as_facts(detail) for one in results],
        "certificates": certificates,
        # All are UTC in one spelling, so the first as text is the first in time.
        "expires": min(ends, default=None),
        **own.as_facts(detail, now),
    }


def _certificates(results: Sequence[ServiceResult], own: OwnServices, detail: Detail, now: datetime) -> list[dict[str, Any]]:
    """Each distinct certificate of the host itself (never its issuers), with the ports that serve it."""
    ports: dict[Certificate, dict[int, None]] = {}
    for one in results:
        for endpoint in one.result.endpoints:
            for chain, _matches in endpoint.served:
                ports.setdefault(chain[0], {})[one.service.port] = None
    for mailbox in own.endpoints:
        if mailbox.chain:
            ports.setdefault(mailbox.chain[0], {})[mailbox.place.candidate.port] = None
    found = []
    for certificate, served in ports.items():
        facts = certificate.as_facts(include_pem=detail.include_pem, digest=detail.digest)
        end = certificate.not_after
        found.append({**facts, "days_left": (end - now).days if end is not None else None, "ports": list(served)})
    return found
