# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one result says in a few words: its verdict, and of all its servers the weakest protocol, the keys, the first certificate to end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed, ResultOf
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import error_text, flag, mapping, mappings, word

STATUSES = ("failed", "plaintext", "anonymous", "untrusted", "trusted", "verified")
"""Verdicts from the worst to the best."""
SEVERITIES = ("error", "warning", "notice")
PROTOCOLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
NOT_TESTED_KINDS = frozenset(("rate_limited", "opted_out", "withheld"))
"""Errors that say that nobody has looked: no verdict on the server, good or bad."""
MOST_ENDPOINTS = 200
_MOST_FINDINGS = 500
_NAME_IN_DN = re.compile(r"(?:^|[,+])\s*(O|CN)=((?:\\.|[^,+\\])*)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True)
class Sight:
    """One result in a few words. Text is clean; what the result does not say is empty, or None."""

    kind: ResultOf
    status: str
    satisfied: bool | None
    error: str
    reason: str
    protocol: str
    keys: tuple[str, ...]
    issuers: tuple[str, ...]
    not_after: str
    grade: str
    findings: tuple[tuple[str, str], ...]
    """Severity and id of each."""
    hosts: tuple[str, ...]

    @property
    def worst(self) -> str:
        """The worst severity of its findings."""
        found = {severity for severity, _id in self.findings}
        return next((one for one in SEVERITIES if one in found), "")


def sight_of(observed: Observed) -> Sight:
    """Return what a result says."""
    result = observed.result
    endpoints = running_endpoints(observed)
    leaves = [leaf for one in endpoints for leaf in leaves_of(one)]
    return Sight(
        kind=observed.kind,
        status=_status(result),
        satisfied=_satisfied(observed, endpoints),
        error=_error_kind(result, endpoints),
        reason=_reason(result, endpoints),
        protocol=_weakest(endpoints),
        keys=_distinct(key_text(mapping(leaf.get("public_key"))) for leaf in leaves),
        issuers=_distinct(issuer_text(leaf) for leaf in leaves),
        not_after=min((end for end in (word(leaf.get("not_after")) for leaf in leaves) if _TIME.fullmatch(end)), default=""),
        grade=grade_text(observed.grades or result.get("grade")),
        findings=tuple(_findings(result)),
        hosts=_distinct(word(one.get("host")) for one in endpoints),
    )


def endpoints_of(observed: Observed) -> list[Mapping[str, Any]]:
    """Return the servers that a result has seen, those of a domain and of a delivery too."""
    result = observed.result
    if observed.kind is ResultOf.DELIVERY:
        return [one for one in (mapping(result.get("submit")), mapping(result.get("retrieve"))) if one]
    if observed.kind is ResultOf.DOMAIN:
        exchanges = mappings(mapping(result.get("mx")).get("exchanges"), MOST_ENDPOINTS)
        probes = [one.get("probe") for one in exchanges]
        return [one for probe in probes for one in (probe if isinstance(probe, list) else [probe]) if isinstance(one, Mapping)]
    return mappings(result.get("endpoints"), MOST_ENDPOINTS)


def running_endpoints(observed: Observed) -> list[Mapping[str, Any]]:
    """Return those of them at which a service runs: a closed port is no server."""
    return [one for one in endpoints_of(observed) if word(one.get("port_state")) not in ("refused", "filtered")]


def leaves_of(endpoint: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the certificate of a server, and that for each kind of key it was asked for."""
    for one in (endpoint, *mappings(endpoint.get("key_algorithms"), 10)):
        yield from mappings(one.get("chain"), 1)


def key_text(key: Mapping[str, Any]) -> str:
    """Return kind and size of a key, as `RSA 2048`."""
    return f"{word(key.get('type')).upper()} {word(key.get('bits'))}".strip()


def issuer_text(certificate: Mapping[str, Any]) -> str:
    """Return who has signed a certificate: the organisation, else the common name (RFC 4514)."""
    issuer = word(certificate.get("issuer"))
    if not issuer:
        return ""
    if issuer == word(certificate.get("subject")):
        return "self-signed"
    named = {kind: re.sub(r"\\(.)", r"\1", value) for kind, value in reversed(_NAME_IN_DN.findall(issuer))}
    return str(named.get("O") or named.get("CN") or issuer)[:80]


def grade_text(grade: Any) -> str:
    """Return the level that a result was graded at; of several policies the first one's."""
    if isinstance(grade, (list, tuple)):
        return next(filter(None, (grade_text(one) for one in grade)), "")
    found = mapping(grade)
    return word(found.get("level") or found.get("grade"))[:40]


def _status(result: Mapping[str, Any]) -> str:
    status = word(result.get("status"))
    return status if status in STATUSES else ""


def _satisfied(observed: Observed, endpoints: Sequence[Mapping[str, Any]]) -> bool | None:
    result = observed.result
    if observed.kind is ResultOf.DELIVERY:
        return flag(result.get("delivered"))
    if observed.kind is ResultOf.ROLLOVER:
        alarm, failed = _truth(result.get("alarm")), _truth(result.get("failed"))
        return None if alarm is None and failed is None else not (alarm or failed)
    if observed.kind is ResultOf.DOMAIN:
        senders = mapping(result.get("senders"))
        outcome = word(mapping(senders.get("opportunistic")).get("outcome"))
        return {"delivered": True, "partly": True, "delayed": False, "refused": False}.get(outcome)
    satisfied = flag(result.get("satisfied"))
    ended = {word(mapping(one.get("error")).get("kind")) for one in endpoints or [result]}
    return None if satisfied is False and ended <= NOT_TESTED_KINDS else satisfied


def _truth(value: Any) -> bool | None:
    """Return a truth value, of which ansible-core up to 2.18 has made a word."""
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else flag(value)


def _error_kind(result: Mapping[str, Any], endpoints: Sequence[Mapping[str, Any]]) -> str:
    errors = (mapping(one.get("error")) for one in (result, *endpoints))
    return next((word(one.get("kind")) for one in errors if one), "")


def _reason(result: Mapping[str, Any], endpoints: Sequence[Mapping[str, Any]]) -> str:
    """Return why it is not better, in one sentence: what failed, why a certificate is not taken, or the worst finding."""
    said = [error_text(result.get("error")).partition(": ")[2]]
    for one in sorted(endpoints, key=lambda one: flag(one.get("satisfied")) is not False):
        said += [error_text(one.get("error")).partition(": ")[2], word(mapping(mapping(one.get("verification")).get("error")).get("text"))]
    found = sorted(mappings(result.get("lint"), _MOST_FINDINGS), key=lambda one: _rank(word(one.get("severity"))))
    lines = result.get("lines")
    said += [word(one.get("text")) for one in found] + [word(one) for one in (lines if isinstance(lines, list) else [])[:1]]
    return next(filter(None, said), "")[:300]


def _weakest(endpoints: Sequence[Mapping[str, Any]]) -> str:
    seen = [word(mapping(one.get("tls")).get("protocol")) for one in endpoints]
    return next((name for name in PROTOCOLS if name in seen), "")


def _findings(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in mappings(result.get("lint"), _MOST_FINDINGS):
        severity = word(one.get("severity"))
        yield severity if severity in SEVERITIES else "warning", word(one.get("id"))[:80]


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _distinct(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({one for one in texts if one}))
