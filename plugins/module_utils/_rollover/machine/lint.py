# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that will hurt some day, by the identifiers of the collection; they are told and stop nothing by themselves.

Records by themselves are judged by record_lint.py. Here they are compared with what is deployed, held and seen from outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns, rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.findings import matched_in_part, odd_ttl, short_signature, without_records
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import shown_host
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_lint import record_mistakes
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import TRUST_ANCHOR, screen
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.left_out import left_out_findings
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import DatedFinding
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    combination,
    combinations,
    in_hand,
    is_about_issuer,
    is_about_key,
    matches,
    parameters_text,
    uncovered,
    usable,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.roles import different_keys, unfinished
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import (
    RRsetSight,
    disagreement,
    not_validated,
    uncertainties,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, key_text


def lint(situation: Situation) -> tuple[DatedFinding, ...]:
    """Return the mistakes, each once, in the order of the owners."""
    found: list[DatedFinding] = []
    for rrset in situation.rrsets:
        found += [*_servers(rrset), *_times(situation, rrset), *_records(situation, rrset), *_chains(situation, rrset)]
    found += [*_missing_rrsets(situation), *_not_replaceable(situation), *_of_instances(situation), *left_out_findings(situation)]
    return tuple(dict.fromkeys(found))


def _servers(rrset: RRsetSight) -> Iterator[DatedFinding]:
    for one in [*uncertainties(rrset), *disagreement(rrset), *not_validated(rrset)]:
        if one.kind is not dns.DNS_UNCERTAIN:
            yield DatedFinding(one.kind, rrset.owner, one.text)


def _times(situation: Situation, rrset: RRsetSight) -> Iterator[DatedFinding]:
    for one in rrset.servers:
        if one.outcome is not Sight.FOUND:
            continue
        yield from map(DatedFinding.of, odd_ttl(rrset.owner, one.ttl))
        if one.signature_expiration is not None:
            left = one.signature_expiration - situation.now
            yield from map(DatedFinding.of, short_signature(rrset.owner, left, one.ttl, one.name))


def _records(situation: Situation, rrset: RRsetSight) -> Iterator[DatedFinding]:
    for screened in screen(sorted(rrset.anywhere)):
        record = screened.record
        yield from map(DatedFinding.of, record_mistakes(rrset.owner, record, screened.reason))
        if screened.usable and not any(matches(record, one) for one in _may_be_needed(situation, rrset)):
            yield _stale(situation, rrset, record)


def _may_be_needed(situation: Situation, rrset: RRsetSight) -> list[ServedChain]:
    """Chains whose records are no mistake: deployed, held, before their retirement, or another server's."""
    held = [ServedChain(key, (), 0, "") for key in (*situation.roles.next, *situation.roles.previous)]
    ready = [chain for chain in map(in_hand, situation.evidence.held) if chain is not None]
    seen = [chain for one in situation.endpoints(rrset) for chain in one.chains]
    return [*situation.deployed, *held, *ready, *seen, *situation.evidence.neighbours]


def _stale(situation: Situation, rrset: RRsetSight, record: TlsaRecord) -> DatedFinding:
    if any(is_about_issuer(record, issuer) for one in situation.state.keys.values() for issuer in one.issuers):
        return DatedFinding(dane.TA_RETIRED_ISSUER, rrset.owner, f"{record} is of an issuer that is in no chain any more")
    if record.usage == TRUST_ANCHOR:
        return DatedFinding(dane.TA_NOT_IN_CHAIN, rrset.owner, f"{record} is of an issuer that is in no chain that is served here")
    if any(is_about_key(record, one.key.spki) for one in situation.state.keys.values()):
        return DatedFinding(dane.STALE_RECORD, rrset.owner, f"{record} is of a key that is not served any more")
    return DatedFinding(dane.STALE_RECORD, rrset.owner, f"{record} is of no key that is known here; another server's, or forgotten")


def _chains(situation: Situation, rrset: RRsetSight) -> Iterator[DatedFinding]:
    if situation.policy.goal is Goal.ABSENT:
        return
    for parameters in sorted(combinations(rrset.anywhere)):
        of_them = [one for one in usable(rrset.anywhere) if combination(one) == parameters]
        lacking = [one for one in situation.deployed if parameters in uncovered(of_them, one)]
        if lacking and len({one.key.algorithm for one in lacking}) < len({one.key.algorithm for one in situation.deployed}):
            which, key = f"the {parameters_text(parameters)} records", f"the {key_text(lacking[0].key)}"
            yield DatedFinding.of(matched_in_part(rrset.owner, which, "other keys", key))


def _missing_rrsets(situation: Situation) -> Iterator[DatedFinding]:
    empty = [one for one in situation.rrsets if one.agreed == frozenset()]
    if empty and len(empty) < len(situation.rrsets) and situation.policy.goal is Goal.PRESENT:
        for rrset in empty:
            for owner in rrset.owners:
                yield DatedFinding.of(without_records(owner, shown_host(owner)))


def _of_instances(situation: Situation) -> Iterator[DatedFinding]:
    """Said long before it holds a roll up; while a deployment is finished there is nothing wrong."""
    if not unfinished(situation.state, situation.evidence):
        for text in different_keys(situation.evidence, situation.policy.algorithms):
            yield DatedFinding(rollover.DIFFERENT_KEYS, "", text)


def _not_replaceable(situation: Situation) -> Iterator[DatedFinding]:
    """Keys of a service or a server name: published, and somebody else's to replace and to renew."""
    limit = situation.now + situation.policy.renew_before
    rolled = [one.key for one in situation.evidence.replaceable]
    for chain in situation.deployed if situation.policy.goal is Goal.PRESENT else ():
        if chain.replaceable:
            continue
        if chain.not_after <= limit:
            text = "%s: the certificate of the %s ends soon; the rollover replaces only what main.cf names for all: renew it there"
            yield DatedFinding(rollover.NOT_REPLACEABLE, "", text % (chain.place, key_text(chain.key)))
        elif chain.key not in rolled:
            text = "%s: the %s has its records and is not rolled; the rollover replaces only what main.cf names for all"
            yield DatedFinding(rollover.NOT_REPLACEABLE, "", text % (chain.place, key_text(chain.key)))
