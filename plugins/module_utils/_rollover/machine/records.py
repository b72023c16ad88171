# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLSA records match which chains, and which a rollover publishes (RFC 7671 sections 5 and 8).

A combination is what RFC 7671 calls a set of parameters: certificate usage, selector, matching type. A client may support or
prefer any of those published, so a chain is covered by an RRset when each combination in it has a record that matches.
Records that no mail server can use (usages 0 and 1, malformed data; _dane/screen.py) are no combination.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import (
    END_ENTITY,
    PUBLIC_KEY,
    TRUST_ANCHOR,
    matching_data,
    screen,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import HeldKey, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import KeyHistory

Combination = tuple[int, int, int]
"""Certificate usage, selector, matching type."""


def combination(record: TlsaRecord) -> Combination:
    """Return the parameters of a record."""
    return (record.usage, record.selector, record.matching_type)


def usable(records: Iterable[TlsaRecord]) -> frozenset[TlsaRecord]:
    """Return those records that a mail server takes into account."""
    return _usable(frozenset(records))


@lru_cache(maxsize=256)
def _usable(records: frozenset[TlsaRecord]) -> frozenset[TlsaRecord]:
    # A run asks the same of the same few RRsets many times.
    return frozenset(one.record for one in screen(records) if one.usable)


def combinations(records: Iterable[TlsaRecord]) -> frozenset[Combination]:
    """Return the combinations of the usable records."""
    return frozenset(combination(one) for one in usable(records))


def matches(record: TlsaRecord, chain: ServedChain) -> bool:
    """Tell whether a record matches a chain: its leaf (DANE-EE), or one of the issuers that are sent (DANE-TA)."""
    if record.usage == END_ENTITY:
        selected = [chain.key.spki if record.selector == PUBLIC_KEY else chain.certificate]
    elif record.usage == TRUST_ANCHOR:
        selected = list(chain.issuers if record.selector == PUBLIC_KEY else chain.issuer_certificates)
    else:
        return False
    return any(one and matching_data(record.matching_type, one) == record.data for one in selected)


def uncovered(records: Iterable[TlsaRecord], chain: ServedChain) -> list[Combination]:
    """Return the combinations of usable records of which none matches *chain*; empty when it is covered, or nothing is published."""
    known = usable(records)
    matched = {combination(one) for one in known if matches(one, chain)}
    return sorted({combination(one) for one in known} - matched)


def wanted_combinations(policy: Policy) -> frozenset[Combination]:
    """Return what the policy wants published: `3 1 x`, and `2 1 x` with the scheme issuer.

    The certificates that the rollover makes itself have no issuer: a `2 1 x` record would match none of them.
    """
    usages = (END_ENTITY, TRUST_ANCHOR) if policy.scheme is Scheme.ISSUER and not policy.self_signed else (END_ENTITY,)
    return frozenset((usage, PUBLIC_KEY, each) for usage in usages for each in policy.matching_types)


def key_records(key: Key, wanted: Collection[Combination]) -> frozenset[TlsaRecord]:
    """Return the records `3 1 x` of a key in those of the combinations that are about a key."""
    return _about_keys((key.spki,), END_ENTITY, wanted)


def issuer_records(chain: ServedChain, wanted: Collection[Combination]) -> frozenset[TlsaRecord]:
    """Return the records `2 1 x` of the leaf's own issuer, in those of the combinations that are about an issuer.

    The nearest issuer is the one whose certificate is always in the chain that is sent; a root usually is not, so that its
    record would match nothing.
    """
    return _about_keys(chain.issuers[:1], TRUST_ANCHOR, wanted)


def chain_records(chain: ServedChain, wanted: Collection[Combination]) -> frozenset[TlsaRecord]:
    """Return the records of a chain, of its key and of its issuer, in those of the combinations they can have."""
    return key_records(chain.key, wanted) | issuer_records(chain, wanted)


def is_about_key(record: TlsaRecord, spki: bytes) -> bool:
    """Tell whether a record is `3 1 x` of this key."""
    return record.usage == END_ENTITY and record.selector == PUBLIC_KEY and matching_data(record.matching_type, spki) == record.data


def is_about_issuer(record: TlsaRecord, spki: bytes) -> bool:
    """Tell whether a record is `2 1 x` of this issuer's key."""
    return record.usage == TRUST_ANCHOR and record.selector == PUBLIC_KEY and matching_data(record.matching_type, spki) == record.data


def is_about_known(record: TlsaRecord, histories: Iterable[KeyHistory]) -> bool:
    """Tell whether a record is about any of the keys that are remembered, or about an issuer with which one was served."""
    return any(
        is_about_key(record, one.key.spki) or any(is_about_issuer(record, issuer) for issuer in one.issuers) for one in histories
    )


def in_hand(held: HeldKey) -> ServedChain | None:
    """Return the chain that would be served if the held key were deployed; None without a certificate that can be used."""
    one = held.certificate
    if one is None or one.problem is not None:
        return None
    return ServedChain(held.key, one.issuers, one.not_after, "in hand", one.certificate, one.issuer_certificates)


def parameters_text(parameters: Combination) -> str:
    """Return a combination as people write it, `3 1 1`."""
    return " ".join(str(number) for number in parameters)


def _about_keys(spkis: Iterable[bytes], usage: int, wanted: Collection[Combination]) -> frozenset[TlsaRecord]:
    found = set()
    for spki in spkis:
        for parameters in wanted:
            data = matching_data(parameters[2], spki) if parameters[:2] == (usage, PUBLIC_KEY) else None
            if data is not None:
                found.add(TlsaRecord(usage, PUBLIC_KEY, parameters[2], data))
    return frozenset(found)
