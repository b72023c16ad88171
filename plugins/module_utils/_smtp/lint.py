# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in DANE deployments that a probe can see, by the identifiers that the whole collection uses for them.

A finding is no verdict: mail may well be delivered today. It is what will break at the next key change, or what makes a
record useless (RFC 7671 sections 5 and 8, RFC 7672, and the practice of those who survey DANE).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns, smtp
from ansible_collections.mailops.tls.plugins.module_utils._dane.findings import (
    expired_below_anchor,
    matched_in_part,
    name_missing_below_anchor,
    without_records,
    zone_insecure,
)
from ansible_collections.mailops.tls.plugins.module_utils._dane.match import (
    NOT_END_ENTITY,
    NOT_ITS_OWN_ANCHOR,
    RecordMatch,
)
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_lint import record_mistakes
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.local_limit import is_local_limit
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import CERT_HAS_EXPIRED, HOSTNAME_MISMATCH


def lint(result: DestinationResult) -> list[Finding]:
    """Return what is wrong with the DANE deployment of a destination, without repetition."""
    endpoints = [one for one in result.endpoints if one.candidate is not None]
    found = [*_zones(result, endpoints), *_exchanges(result, endpoints), *_records(endpoints)]
    for endpoint in endpoints:
        found += [*_algorithms(endpoint), *_endpoint(endpoint)]
    return list(dict.fromkeys(found))


def _zones(result: DestinationResult, endpoints: Sequence[EndpointResult]) -> Iterator[Finding]:
    domain = result.destination.nexthop
    found = [one for one in endpoints if one.lookup.outcome is TlsaOutcome.FOUND]
    if result.route.secure is False and found:
        text = "the exchanges have TLSA records, but the MX records that lead to them are not validated with DNSSEC"
        yield Finding(dns.MX_ZONE_INSECURE, domain, text)
    for endpoint in endpoints:
        if endpoint.lookup.outcome is TlsaOutcome.INSECURE and endpoint.lookup.owner:
            yield zone_insecure(endpoint.lookup.owner)


def _exchanges(result: DestinationResult, endpoints: Sequence[EndpointResult]) -> Iterator[Finding]:
    hosts: dict[str, list[EndpointResult]] = {}
    for endpoint in endpoints:
        hosts.setdefault(endpoint.host, []).append(endpoint)
    with_records = {host for host, group in hosts.items() if any(one.records for one in group)}
    for host, group in hosts.items():
        unknown = any(one.lookup.outcome is TlsaOutcome.ERROR or one.lookup.error is not None for one in group)
        if with_records and host not in with_records and not unknown:
            yield without_records(host, host)
        words = {one.status for one in group if one.chain}
        if Status.VERIFIED in words and len(words) > 1:
            yield Finding(dane.ADDRESS_MISMATCH, host, "not every address of this exchange has a certificate that verifies")
    keys = {one.chain[0].spki if one.chain else None for one in endpoints}
    if len(hosts) > 1 and len(keys) == 1 and None not in keys and with_records:
        text = "all exchanges have one key: a change of it that goes wrong stops all mail at once"
        yield Finding(dane.SAME_KEY_ON_ALL_EXCHANGES, result.destination.nexthop, text)


def _records(endpoints: Sequence[EndpointResult]) -> Iterator[Finding]:
    """Records are of an owner name; they are stale when nothing that any of its endpoints serves has their data."""
    owners: dict[str, list[EndpointResult]] = {}
    for endpoint in endpoints:
        if endpoint.lookup.owner and endpoint.records:
            owners.setdefault(endpoint.lookup.owner, []).append(endpoint)
    for owner, group in owners.items():
        for screened in (each for one in group for each in one.records):
            yield from record_mistakes(owner, screened.record, None if screened.usable else screened.reason)
        if not all(one.served_is_known for one in group):
            continue  # what an address that could not be asked serves is not known
        # Two hosts whose records are aliases of one owner have answers of their own: of another order, or another age.
        compared = [match for one in group for _chain, matches in one.served for match in matches]
        matched = {match.record for match in compared if match.matched}
        for record, match in {match.record: match for match in compared}.items():
            if match.usable and record not in matched:
                yield _unmatched(owner, match, others=bool(matched), asked=all(one.asked_for_keys for one in group))


def _unmatched(owner: str, match: RecordMatch, *, others: bool, asked: bool) -> Finding:
    """*others*: other records match; *asked*: every endpoint was asked for kinds of keys one by one."""
    text = f"{match.record.parameters} {match.record.data.hex()[:16]}... "
    anchor_missing = match.record.usage == 2 and not others
    if match.reason in (NOT_ITS_OWN_ANCHOR, NOT_END_ENTITY):
        why = match.reason
    elif anchor_missing:
        why = "matches nothing that is served: the server has to send its trust anchor too"
    else:
        gone = "or one that is gone" if asked else "one that is gone, or one of another algorithm"
        why = f"matches nothing that is served: a key to come, {gone}"
    if anchor_missing:
        return Finding(dane.TA_NOT_IN_CHAIN, owner, text + why, Severity.ERROR)
    return Finding(dane.STALE_RECORD, owner, text + why)


def _algorithms(endpoint: EndpointResult) -> Iterator[Finding]:
    """Records that match the certificate of one algorithm leave clients that are shown another one without."""
    matched: dict[str, bool] = {}
    for chain, matches in endpoint.served:
        if chain[0].public_key is not None and any(one.usable for one in matches):
            key = chain[0].public_key.type
            matched[key] = matched.get(key, True) and any(one.usable and one.matched for one in matches)
    good, bad = (sorted(key for key, yes in matched.items() if yes is wanted) for wanted in (True, False))
    if good and bad:
        kinds = f"the {' and '.join(good)} certificate", f"the {' and '.join(bad)} one"
        yield matched_in_part(endpoint.name, "the TLSA records", *kinds)


def _endpoint(endpoint: EndpointResult) -> Iterator[Finding]:
    # What was seen counts, also where something else is told as the endpoint's error.
    seen = endpoint.evidence.failure if endpoint.evidence is not None else None
    failure, verification = seen or endpoint.failure, endpoint.verification
    if failure is not None and failure.kind is ErrorKind.STARTTLS_NOT_OFFERED:
        more = ", although it has TLSA records: senders that use DANE will not deliver" if endpoint.records else ""
        yield Finding(smtp.STARTTLS_NOT_OFFERED, endpoint.name, "the server does not offer STARTTLS" + more)
    if failure is not None and failure.kind is ErrorKind.HANDSHAKE_FAILED and is_local_limit(failure.text):
        yield Finding(smtp.LOCAL_LIMIT, endpoint.name, failure.text)
    if verification is None or endpoint.policy is None or not endpoint.policy.session.uses_dane:
        return
    anchored = any(match.matched and match.record.usage == 2 for match in verification.records)
    error = verification.error
    if error is not None and anchored and error.code == HOSTNAME_MISMATCH:
        yield name_missing_below_anchor(endpoint.name, "the certificate", "any of the names it needs")
    if error is not None and anchored and (error.code, error.depth) == (CERT_HAS_EXPIRED, 0):
        yield expired_below_anchor(endpoint.name, "the certificate")
