# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed, in the shape of a TLS report (RFC 8460 section 4.4), for whatever reads those that senders send.

Each probe counts as one session. No sender has sent a message, so that there is no address of one, and the report says in its name and its
contact who looked. What no sender would call a failure of TLS, such as a server that is down, is not in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, Observed
from ansible_collections.mailops.tls.plugins.module_utils._report.server import Server, servers_of

_BY_ERROR = {
    "starttls_not_offered": "starttls-not-supported",
    "starttls_rejected": "starttls-not-supported",
    "tlsa_lookup_failed": "dnssec-invalid",
    "dnssec_unavailable": "dane-required",
    "handshake_failed": "validation-failure",
}
"""Result types of RFC 8460 section 4.3 by the kind of an error."""
_EXPIRED, _NOT_TRUSTED, _MISMATCH = "certificate-expired", "certificate-not-trusted", "certificate-host-mismatch"
_BY_CODE = {9: _EXPIRED, 10: _EXPIRED, 62: _MISMATCH, 63: _MISMATCH, 64: _MISMATCH, 65: "validation-failure"}
"""By OpenSSL's number of what is wrong with a certificate (X509_V_ERR_*)."""
_DANE = frozenset(("dane", "dane-only", "half-dane"))


@dataclass
class _Policy:
    kind: str
    strings: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    good: int = 0
    failures: dict[tuple[str, str, str, str], int] = field(default_factory=dict)


def tlsrpt(material: Material) -> str:
    """Return the report as JSON."""
    policies = []
    for observed in material.results():
        for policy in _policies(observed).values():
            policies.append(_facts(observed.name, policy))
    started = min((one.started for one in material.runs if seconds_of(one.started) is not None), default=material.moment)
    report = {
        "organization-name": material.title or "mailops.tls",
        "date-range": {"start-datetime": started, "end-datetime": material.moment},
        "contact-info": "a probe, of which no message was sent",
        "report-id": f"{material.runs[0].run if material.runs else material.moment}@mailops.tls",
        "policies": policies,
    }
    return json.dumps(report, indent=1) + "\n"


def result_type(server: Server) -> str | None:
    """Return the result type of a server that does not satisfy, None where TLS did not fail."""
    if server.error:
        return _BY_ERROR.get(server.error)
    if server.code is not None:
        return _BY_CODE.get(server.code, _NOT_TRUSTED)
    if server.status == "plaintext":
        return "starttls-not-supported"
    return "validation-failure"


def _policies(observed: Observed) -> dict[str, _Policy]:
    """Return what was seen by each kind of policy: DANE for servers whose TLSA records counted, none for the others."""
    found: dict[str, _Policy] = {}
    for server in servers_of(observed):
        kind = "tlsa" if server.level in _DANE and server.lookup == "found" else "no-policy-found"
        policy = found.setdefault(kind, _Policy(kind))
        if server.host and server.host not in policy.hosts:
            policy.hosts.append(server.host)
        if kind == "tlsa":
            texts = (f"{one.usage} {one.selector} {one.matching_type} {one.data}" for one in server.records)
            policy.strings += [text for text in texts if text not in policy.strings]
        if server.satisfied:
            policy.good += 1
            continue
        what = result_type(server)
        if what is not None and server.tested:
            key = (what, server.host, server.address, server.text)
            policy.failures[key] = policy.failures.get(key, 0) + 1
    return found


def _facts(domain: str, policy: _Policy) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "policy": {
            "policy-type": policy.kind,
            "policy-string": policy.strings,
            "policy-domain": domain,
            "mx-host": policy.hosts,
        },
        "summary": {"total-successful-session-count": policy.good, "total-failure-session-count": sum(policy.failures.values())},
    }
    facts["failure-details"] = [
        {
            "result-type": what,
            "receiving-mx-hostname": host,
            "receiving-ip": address,
            "failed-session-count": count,
            "failure-reason-code": text,
        }
        for (what, host, address, text), count in policy.failures.items()
    ]
    return facts
