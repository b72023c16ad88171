# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What turns mail away now, in whatever phase the rollover is: errors, and since when they have been there.

A sender goes by the RRset it has: what any name server gives, what the resolver has, and for a TTL what was there before. Each
combination in it has to match each key that is served (RFC 7671 section 8.1). What a look from outside saw besides is an error too, but
no alarm before it has lasted: servers restart, and paths fail for a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, rollover, smtp
from ansible_collections.mailops.tls.plugins.module_utils._dane.findings import expired_below_anchor, name_missing_below_anchor
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import shown_host
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import TRUST_ANCHOR
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import copy_ends
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import EndpointSight, Fault, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import DatedFinding
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    Combination,
    combinations,
    matches,
    parameters_text,
    uncovered,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import RRsetSight
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, key_text, place
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName, name_matches

_OF_A_FAULT = {
    Fault.NOT_REACHED: smtp.NOT_REACHED,
    Fault.STARTTLS_NOT_OFFERED: smtp.STARTTLS_NOT_OFFERED,
    Fault.KEY_KINDS_MISSING: dane.KEY_KINDS_MISSING,
    Fault.TLSA_NOT_SEEN: dane.TLSA_NOT_SEEN,
    Fault.NOT_VERIFIED: dane.NOT_VERIFIED,
}


def errors(situation: Situation) -> tuple[DatedFinding, ...]:
    """Return what is wrong now, without the times since when."""
    found: list[DatedFinding] = []
    for rrset in situation.rrsets:
        found += [*_unmatched(situation, rrset), *_unmatched_in_caches(situation, rrset), *_anchored(situation, rrset)]
    found += [*_postfix(situation), *_outside(situation)]
    return tuple(dict.fromkeys(found))


def dated(found: Iterable[DatedFinding], known: Mapping[str, int], now: int) -> tuple[DatedFinding, ...]:
    """Return the findings, the errors among them with the time since when each has been found; *known* is what the state has."""
    return tuple(
        replace(one, since=min(known.get(one.fault_key, now), now)) if one.severity is Severity.ERROR else one for one in found
    )


def remembered(found: Iterable[DatedFinding], known: Mapping[str, int], looked: bool) -> dict[str, int]:
    """Return the times to keep. Where not everybody looked from outside in this run, what the last look saw goes on."""
    kept = {} if looked else {name: since for name, since in known.items() if name.startswith("outside ")}
    return {**kept, **{one.fault_key: one.since for one in found if one.since is not None}}


def alarms(found: Iterable[DatedFinding], now: int, policy: Policy) -> tuple[DatedFinding, ...]:
    """Return the errors for which somebody has to come: at once, or when what was seen from outside has lasted."""
    return tuple(one for one in found if one.severity is Severity.ERROR and _is_due(one, now, policy))


def _is_due(finding: DatedFinding, now: int, policy: Policy) -> bool:
    if not finding.from_outside:
        return True
    grace = policy.outside_grace
    return grace is not None and finding.since is not None and now - finding.since >= grace


def _shown(situation: Situation, rrset: RRsetSight) -> list[tuple[str, ServedChain]]:
    """Who serves what below an RRset: what Postfix names here, and what was seen from outside, each key once."""
    here = [(one.place, one) for one in situation.deployed]
    seen = [(place(one), chain) for one in situation.endpoints(rrset) for chain in one.chains]
    found: dict[object, tuple[str, ServedChain]] = {}
    for where, chain in [*here, *seen]:
        found.setdefault((chain.key, chain.certificate, chain.issuers), (where, chain))
    return list(found.values())


def _unmatched(situation: Situation, rrset: RRsetSight) -> Iterator[DatedFinding]:
    """A key that is served, and a combination in an RRset that is to be had now, of which no record matches it."""
    for where, chain in _shown(situation, rrset):
        lacking: dict[Combination, list[str]] = {}
        for name, records, _ttl in rrset.copies:
            for parameters in uncovered(records, chain):
                lacking.setdefault(parameters, []).append(name)
        for parameters, names in sorted(lacking.items()):
            at = "" if len(names) == len(rrset.copies) else f" (at {', '.join(dict.fromkeys(names))})"
            yield _no_match(rrset, parameters, chain, where, at)


def _no_match(rrset: RRsetSight, parameters: Combination, chain: ServedChain, where: str, at: str) -> DatedFinding:
    text = f"no record {parameters_text(parameters)} matches the {key_text(chain.key)}, which {where} serves{at}"
    if _is_insecure(rrset):
        text += ": senders would turn away, if the records were signed"
        return DatedFinding(dane.NO_RECORD_MATCHES, rrset.owner, text, Severity.WARNING)
    return DatedFinding(dane.NO_RECORD_MATCHES, rrset.owner, text + ": senders with DANE turn away now", Severity.ERROR)


def _is_insecure(rrset: RRsetSight) -> bool:
    """Whether it is certain that senders do not use the records, since nobody can validate them."""
    found = [one for one in rrset.resolvers if one.outcome is Sight.FOUND]
    return bool(found) and all(not one.secure and not one.ad_untrusted for one in found)


def _unmatched_in_caches(situation: Situation, rrset: RRsetSight) -> Iterator[DatedFinding]:
    """The same of RRsets that were there before and that caches may have still."""
    if _is_insecure(rrset):
        return
    there = {records for _name, records, _ttl in rrset.copies}
    for where, chain in _shown(situation, rrset):
        ends: dict[Combination, int] = {}
        for records, copy in situation.state.owners[rrset.owner].copies.items():
            until = copy_ends(copy)
            if records in there or until is None or until < situation.now:
                continue
            for parameters in uncovered(records, chain):
                ends[parameters] = max(until, ends.get(parameters, 0))
        for parameters, until in sorted(ends.items()):
            text = "caches may have records %s of which none matches the %s, which %s serves, for %d seconds more: %s"
            left = max(1, until - situation.now)
            texts = (parameters_text(parameters), key_text(chain.key), where, left, "senders that have them turn away now")
            yield DatedFinding(dane.NO_RECORD_MATCHES, rrset.owner, text % texts, Severity.ERROR)


def _anchored(situation: Situation, rrset: RRsetSight) -> Iterator[DatedFinding]:
    """With usage 2 dates and names of the certificate count."""
    severity = Severity.WARNING if _is_insecure(rrset) else Severity.ERROR
    for where, chain in _shown(situation, rrset):
        if not any(one.usage == TRUST_ANCHOR and matches(one, chain) for one in rrset.anywhere):
            continue
        certificate = f"{where}: the certificate of the {key_text(chain.key)}"
        if chain.not_after <= situation.now:
            yield DatedFinding.of(expired_below_anchor(rrset.owner, certificate, severity))
        for host in _hosts_without_name(rrset, chain):
            yield DatedFinding.of(name_missing_below_anchor(rrset.owner, certificate, f"the name {host}", severity))


def _hosts_without_name(rrset: RRsetSight, chain: ServedChain) -> list[str]:
    if chain.names is None:
        return []
    hosts = [ReferenceName(ReferenceKind.DNS, owner.split(".", 2)[-1]) for owner in rrset.owners]
    return [host.value for host in hosts if not any(name_matches(name, host) for name in chain.names)]


def _postfix(situation: Situation) -> Iterator[DatedFinding]:
    """Records are published, and Postfix here cannot serve TLS, or nobody can tell what."""
    published = [one.owner for one in situation.rrsets if combinations(_everywhere(one)) and not _is_insecure(one)]
    if not published:
        return
    owner, then = published[0], "TLSA records are published, so senders with DANE may turn away now"
    if situation.evidence.deployed_error is not None:
        yield DatedFinding(rollover.POSTFIX_UNCERTAIN, owner, f"{situation.evidence.deployed_error}; {then}", Severity.ERROR)
    elif not situation.deployed:
        yield DatedFinding(rollover.NOTHING_DEPLOYED, owner, f"Postfix on this server names no key; {then}", Severity.ERROR)
    for one in situation.evidence.without_tls:
        text = f"{one}: its security level is none, so STARTTLS is not offered; {then}"
        yield DatedFinding(smtp.STARTTLS_NOT_OFFERED, owner, text, Severity.ERROR)


def _everywhere(rrset: RRsetSight) -> frozenset[TlsaRecord]:
    return frozenset(record for _name, records, _ttl in rrset.copies for record in records)


def _outside(situation: Situation) -> Iterator[DatedFinding]:
    """What a look from outside saw that is not right, whatever the rollover makes of it."""
    for one in situation.outside or ():
        if not one.looked:  # the role tells which host was lost, and how long it may be
            continue
        fault = _fault(one)
        if fault is not None:
            text = f"{place(one)}: {one.problem or 'it was not reached'}"
            yield _seen(_OF_A_FAULT[fault], one, text)
        elif one.ours and any(chain.key not in situation.roles.current for chain in one.chains):
            yield _seen(dane.ADDRESS_MISMATCH, one, f"{place(one)} does not serve what Postfix on this server names")
    looked_at = {one.owner for one in situation.outside or ()}
    for owner in situation.policy.owners if situation.outside is not None else ():
        if owner not in looked_at:
            text = f"{shown_host(owner)}: nobody looked from outside"
            yield DatedFinding(smtp.NOT_REACHED, owner, text, Severity.ERROR, from_outside=True)


def _fault(endpoint: EndpointSight) -> Fault | None:
    if endpoint.fault is not None:
        return endpoint.fault
    if not endpoint.reached or not endpoint.chains:
        return Fault.NOT_REACHED
    return None if endpoint.verified else Fault.NOT_VERIFIED


def _seen(kind: FindingKind, endpoint: EndpointSight, text: str) -> DatedFinding:
    return DatedFinding(kind, endpoint.owner, text, Severity.ERROR, from_outside=True, address=endpoint.address)
