# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records match which chains; digests are those that hashlib makes of real certificates and keys."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import CertificateInHand, HeldKey, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    chain_records,
    combinations,
    in_hand,
    issuer_records,
    key_records,
    matches,
    uncovered,
    usable,
    wanted_combinations,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make

REAL = make.hierarchy()
LEAF, INTERMEDIATE, ROOT = (Certificate(one.der) for one in (REAL.leaf, REAL.intermediate, REAL.root))
CHAIN = ServedChain(
    Key("ecdsa", LEAF.spki or b""),
    (INTERMEDIATE.spki or b"", ROOT.spki or b""),
    0,
    "Postfix",
    LEAF.der,
    (INTERMEDIATE.der, ROOT.der),
)


def selected(certificate: Certificate, selector: int) -> bytes:
    return (certificate.spki or b"") if selector else certificate.der


def data(matching_type: int, content: bytes) -> bytes:
    return {0: content, 1: hashlib.sha256(content).digest(), 2: hashlib.sha512(content).digest()}[matching_type]


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching_type", [0, 1, 2])
def test_a_record_matches_in_the_place_of_its_usage_only(selector: int, matching_type: int) -> None:
    for certificate, usages in ((LEAF, {3}), (INTERMEDIATE, {2}), (ROOT, {2})):
        for usage in range(5):
            record = TlsaRecord(usage, selector, matching_type, data(matching_type, selected(certificate, selector)))
            assert matches(record, CHAIN) is (usage in usages)


def test_a_chain_of_which_less_is_known_matches_no_whole_certificates() -> None:
    bare = ServedChain(CHAIN.key, (), 0, "held")
    assert matches(TlsaRecord(3, 1, 1, data(1, LEAF.spki or b"")), bare)
    assert not matches(TlsaRecord(3, 0, 1, data(1, b"")), bare), "nothing is not a certificate"
    assert not matches(TlsaRecord(2, 1, 1, data(1, b"")), bare)


def test_every_combination_has_to_match() -> None:
    mine, other = TlsaRecord(3, 1, 1, data(1, CHAIN.key.spki)), TlsaRecord(3, 1, 1, b"\1" * 32)
    issuer = TlsaRecord(2, 1, 1, data(1, INTERMEDIATE.spki or b""))
    assert uncovered([], CHAIN) == []
    assert uncovered([mine, other, issuer], CHAIN) == []
    assert uncovered([other], CHAIN) == [(3, 1, 1)]
    assert uncovered([mine, TlsaRecord(3, 1, 2, b"\1" * 64), TlsaRecord(2, 0, 1, b"\1" * 32)], CHAIN) == [(2, 0, 1), (3, 1, 2)]


def test_what_nobody_can_use_is_no_combination() -> None:
    useless = [TlsaRecord(1, 1, 1, b"\1" * 32), TlsaRecord(3, 1, 1, b"short"), TlsaRecord(3, 9, 1, b"\1" * 32), TlsaRecord(3, 1, 1, b"")]
    assert usable(useless) == frozenset() == combinations(useless) and uncovered(useless, CHAIN) == []


def test_which_records_are_made() -> None:
    policy = Policy(("o",), ("ecdsa",), Scheme.ISSUER, (1, 2), self_signed=False)
    wanted = wanted_combinations(policy)
    assert wanted == {(3, 1, 1), (3, 1, 2), (2, 1, 1), (2, 1, 2)}
    spki, issuer = CHAIN.key.spki, INTERMEDIATE.spki or b""
    assert key_records(CHAIN.key, wanted) == {TlsaRecord(3, 1, each, data(each, spki)) for each in (1, 2)}
    assert issuer_records(CHAIN, wanted) == {TlsaRecord(2, 1, each, data(each, issuer)) for each in (1, 2)}, "the nearest issuer's"
    assert all(matches(one, CHAIN) for one in chain_records(CHAIN, wanted)) and uncovered(chain_records(CHAIN, wanted), CHAIN) == []
    assert wanted_combinations(Policy(("o",), ("rsa",))) == {(3, 1, 1)}
    assert key_records(CHAIN.key, {(3, 0, 1), (2, 1, 1), (3, 1, 7)}) == frozenset()


def test_a_certificate_with_a_problem_is_not_in_hand() -> None:
    good = CertificateInHand(CHAIN.issuers, 7, None, LEAF.der)
    found = in_hand(HeldKey(CHAIN.key, 0, good))
    assert found is not None and (found.key, found.issuers, found.not_after, found.certificate) == (CHAIN.key, CHAIN.issuers, 7, LEAF.der)
    assert in_hand(HeldKey(CHAIN.key, 0, CertificateInHand((), 7, "it is for another key"))) is None
    assert in_hand(HeldKey(CHAIN.key, 0)) is None
