# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE authentication: the scenarios of docs/postfix-semantics.md sections 3.4 to 3.6 and 12, compared with OpenSSL 3.0."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane import match
from ansible_collections.mailops.tls.plugins.module_utils._dane.match import DaneResult, MatchKind, authenticate
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_name
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued
from hypothesis import given, settings
from hypothesis import strategies as st

PAST: dict[str, Any] = {"not_before": NOW - 9 * DAY, "not_after": NOW - DAY}
NAMES = ("mx.example.com",)

CHAIN = make.hierarchy()
ROOT, INTER, LEAF = CHAIN.root, CHAIN.intermediate, CHAIN.leaf
STRANGER = make.issue("Inter", ca=True)


def tlsa(parameters: str, issued: Issued) -> TlsaRecord:
    usage, selector, matching_type = (int(number) for number in parameters.split())
    data = issued.key.spki if selector else issued.der
    data = {0: data, 1: hashlib.sha256(data).digest(), 2: hashlib.sha512(data).digest()}[matching_type]
    return TlsaRecord(usage, selector, matching_type, data)


def judge(
    records: list[TlsaRecord],
    *served: Issued,
    names: tuple[str, ...] = NAMES,
    digests: list[str] | None = None,
    **options: bool,
) -> DaneResult:
    screened = screen(records, digests) if digests else screen(records)
    chain = [Certificate(each.der) for each in served or (LEAF, INTER)]
    return authenticate(screened, chain, [reference_name(name) for name in names], NOW, **options)


def outcome(result: DaneResult) -> object:
    """(kind, depth) when authenticated, else (code, depth)."""
    assert result.authenticated is (result.error is None) is (result.matched is not None)
    if result.error is not None:
        return result.error.code, result.error.depth
    return result.kind, result.depth


EE, TA, TA_KEY = MatchKind.EE, MatchKind.TA, MatchKind.TA_KEY


@pytest.mark.parametrize("parameters", ["3 1 1", "3 0 1", "3 1 2", "3 0 2", "3 1 0", "3 0 0"])
def test_end_entity(parameters: str) -> None:
    result = judge([tlsa(parameters, LEAF)], names=("other.example",))
    assert outcome(result) == (EE, 0)
    assert result.matched == tlsa(parameters, LEAF) and result.matched_name is None


@pytest.mark.parametrize(
    "options",
    [PAST, {"not_before": NOW + DAY}, {"extended_key_usage": [make.CLIENT_AUTH]}, {"digest": "sha1"}, {"key": make.Key.generate("rsa1024")},
     {"extensions": [make.extension("1.2.3", b"\x05\0", True)]}],
)  # fmt: skip
def test_end_entity_looks_at_nothing_else(options: Any) -> None:
    leaf = make.issue("leaf", issuer=INTER, **options)
    assert outcome(judge([tlsa("3 0 1", leaf)], leaf)) == (EE, 0)


def test_end_entity_of_bytes_no_library_reads() -> None:
    spki = make.Key.generate().spki
    odd = make.issue(
        b"\xff\xfe", spki=spki, serial=-1, version=3, extensions=[make.extension("2.5.29.17", b"junk")] * 2
    )
    result = judge([TlsaRecord(3, 1, 1, hashlib.sha256(spki).digest())], odd)
    assert outcome(result) == (EE, 0)


def test_weak_leaf_fails_even_with_end_entity_match() -> None:
    leaf = make.issue("leaf", issuer=INTER, key=make.Key.generate("rsa768"), dns_names=NAMES)
    assert outcome(judge([tlsa("3 1 1", leaf)], leaf, INTER)) == (66, 0)
    assert outcome(judge([tlsa("2 0 1", INTER)], leaf, INTER)) == (66, 0)
    assert judge([tlsa("3 1 1", leaf)], leaf).records[0].matched


def test_end_entity_mismatch() -> None:
    assert outcome(judge([tlsa("3 1 1", STRANGER)])) == (65, 0)
    assert outcome(judge([tlsa("3 1 1", INTER)])) == (65, 0)


@pytest.mark.parametrize(
    ("records", "digests", "expected"),
    [
        ([tlsa("3 1 2", STRANGER), tlsa("3 1 1", LEAF)], None, (65, 0)),
        ([tlsa("3 1 1", STRANGER), tlsa("3 1 2", LEAF)], None, (EE, 0)),
        ([tlsa("3 1 1", STRANGER), tlsa("3 1 2", LEAF)], ["sha256", "sha512"], (65, 0)),
        ([tlsa("3 0 2", STRANGER), tlsa("3 1 1", LEAF)], None, (EE, 0)),
        ([tlsa("3 1 2", STRANGER), tlsa("2 1 1", INTER)], None, (TA, 1)),
        ([TlsaRecord(3, 1, 2, bytes(63)), tlsa("3 1 1", LEAF)], None, (EE, 0)),
        ([tlsa("3 1 2", STRANGER), tlsa("3 1 0", LEAF)], None, (EE, 0)),
        ([tlsa("3 1 1", LEAF), tlsa("3 1 1", STRANGER)], None, (EE, 0)),
        ([TlsaRecord(3, 1, 3, b"\xaa\xbb"), TlsaRecord(3, 1, 1, b"short"), tlsa("1 1 1", LEAF), tlsa("3 1 1", LEAF)], None, (EE, 0)),
    ],
)  # fmt: skip
def test_digest_agility(records: list[TlsaRecord], digests: list[str] | None, expected: object) -> None:
    assert outcome(judge(records, digests=digests)) == expected


@pytest.mark.parametrize(
    "records",
    [
        [],
        [tlsa("1 1 1", LEAF)],
        [TlsaRecord(3, 1, 3, b"\xaa\xbb")],
        [TlsaRecord(3, 1, 1, b"")],
        [tlsa("0 0 1", INTER), TlsaRecord(3, 1, 1, b"x")],
    ],
)
def test_no_usable_record_is_never_success(records: list[TlsaRecord]) -> None:
    result = judge(records)
    assert result.no_usable_records and outcome(result) == (1, 0)
    assert not any(each.usable for each in result.records)


def test_disabled_digest_leaves_nothing() -> None:
    assert judge([tlsa("3 1 2", LEAF)], digests=["sha256"]).no_usable_records


@pytest.mark.parametrize(
    ("parameters", "anchor", "served", "expected"),
    [
        ("2 0 1", INTER, (LEAF, INTER), (TA, 1)), ("2 1 1", INTER, (LEAF, INTER), (TA, 1)), ("2 1 2", INTER, (LEAF, INTER), (TA, 1)),
        ("2 0 0", INTER, (LEAF, INTER), (TA, 1)), ("2 1 0", INTER, (LEAF, INTER), (TA, 1)),
        ("2 0 1", ROOT, (LEAF, INTER, ROOT), (TA, 2)), ("2 1 0", ROOT, (LEAF, INTER), (TA_KEY, 1)),
        ("2 0 0", ROOT, (LEAF, INTER), (TA, 2)), ("2 0 0", INTER, (LEAF,), (TA, 1)), ("2 1 0", INTER, (LEAF,), (TA_KEY, 0)),
        ("2 0 1", ROOT, (LEAF, INTER), (65, 1)), ("2 1 1", ROOT, (LEAF, INTER), (65, 1)), ("2 1 2", ROOT, (LEAF, INTER), (65, 1)),
        ("2 1 0", ROOT, (LEAF,), (65, 0)), ("2 0 0", ROOT, (LEAF,), (65, 0)), ("2 0 1", STRANGER, (LEAF, INTER), (65, 1)),
        ("2 0 1", LEAF, (LEAF, INTER), (65, 1)), ("2 1 0", LEAF, (LEAF, INTER), (65, 1)), ("2 0 0", LEAF, (LEAF, INTER), (65, 1)),
        ("2 0 1", INTER, (LEAF, STRANGER, ROOT, INTER), (TA, 1)), ("2 0 1", ROOT, (LEAF, ROOT, STRANGER, INTER, INTER), (TA, 2)),
    ],
)  # fmt: skip
def test_trust_anchors(parameters: str, anchor: Issued, served: tuple[Issued, ...], expected: object) -> None:
    result = judge([tlsa(parameters, anchor)], *served)
    assert outcome(result) == expected
    assert result.matched_name == ("mx.example.com" if result.authenticated else None)


def test_the_leaf_is_never_its_own_anchor_but_its_bare_key_is() -> None:
    own = make.issue("self", dns_names=NAMES)
    for parameters in ("2 0 1", "2 1 1", "2 0 0", "2 0 2", "2 1 2"):
        result = judge([tlsa(parameters, own)], own)
        assert outcome(result) == (65, 0)
        assert (result.records[0].matched, result.records[0].reason) == (False, match.NOT_ITS_OWN_ANCHOR)
    assert outcome(judge([tlsa("2 1 0", own)], own)) == (TA_KEY, 0)


def test_anchor_needs_a_name() -> None:
    assert outcome(judge([tlsa("2 1 1", INTER)], names=("other.example",))) == (62, 0)
    assert outcome(judge([tlsa("2 1 1", INTER)], names=("192.0.2.1",))) == (64, 0)
    assert outcome(judge([tlsa("2 1 1", INTER)], names=())) == (1, 0)
    assert judge([tlsa("2 1 1", INTER)], names=("other.example", "mx.example.com")).authenticated
    # The mismatch is what is left when all else is well: any other error is shown instead.
    assert outcome(judge([tlsa("2 1 1", ROOT)], names=("other.example",))) == (65, 1)


def expired_chain() -> tuple[Issued, Issued, Issued]:
    root = make.issue("Root", ca=True, **PAST)
    inter = make.issue("Inter", issuer=root, ca=True, **PAST)
    return root, inter, make.issue("leaf", issuer=inter, dns_names=NAMES)


@pytest.mark.parametrize(
    ("parameters", "at", "served", "expected"),
    [
        ("2 0 1", 1, "leaf inter", (TA, 1)),  # expired intermediate pinned: its own date does not count
        ("2 0 1", 1, "leaf inter root", (TA, 1)),
        ("2 0 0", 1, "leaf", (TA, 1)),
        ("2 0 1", 0, "leaf inter root", (10, 1)),  # below a pinned root it does
        ("2 1 0", 0, "leaf inter", (10, 1)),  # and below a bare key
    ],
)
def test_dates_of_intermediates(parameters: str, at: int, served: str, expected: object) -> None:
    root, inter, leaf = expired_chain()
    by_name = {"root": root, "inter": inter, "leaf": leaf}
    assert (
        outcome(judge([tlsa(parameters, (root, inter)[at])], *(by_name[name] for name in served.split()))) == expected
    )


def test_dates_of_roots_count() -> None:
    root = make.issue("Root", ca=True, **PAST)
    leaf = make.issue("leaf", issuer=root, dns_names=NAMES)
    assert outcome(judge([tlsa("2 0 1", root)], leaf, root)) == (10, 1)
    assert outcome(judge([tlsa("2 0 0", root)], leaf)) == (10, 1)
    assert outcome(judge([tlsa("2 1 0", root)], leaf)) == (TA_KEY, 0)


def test_expired_leaf_under_an_anchor() -> None:
    leaf = make.issue("leaf", issuer=INTER, dns_names=NAMES, **PAST)
    assert outcome(judge([tlsa("2 0 1", INTER)], leaf, INTER)) == (10, 0)
    # Without any anchor the error nearer the leaf is shown.
    assert outcome(judge([tlsa("2 0 1", STRANGER)], leaf, INTER)) == (10, 0)


def test_anchor_must_be_a_ca() -> None:
    middle = make.issue("Middle", issuer=ROOT, ca=False)
    leaf = make.issue("leaf", issuer=middle, dns_names=NAMES)
    assert outcome(judge([tlsa("2 0 1", middle)], leaf, middle)) == (79, 1)


def test_purpose_under_an_anchor() -> None:
    leaf = make.issue("leaf", issuer=INTER, dns_names=NAMES, extended_key_usage=[make.CLIENT_AUTH])
    assert outcome(judge([tlsa("2 0 1", INTER)], leaf, INTER)) == (26, 0)
    assert outcome(judge([tlsa("2 1 0", INTER)], leaf)) == (26, 0)


def test_sha1_below_an_anchor() -> None:
    leaf = make.issue("leaf", issuer=INTER, dns_names=NAMES, digest="sha1")
    assert outcome(judge([tlsa("2 0 1", INTER)], leaf, INTER)) == (68, 0)
    assert outcome(judge([tlsa("3 0 1", leaf)], leaf, INTER)) == (EE, 0)


def test_weak_issuer_key() -> None:
    weak = make.issue("Weak", issuer=ROOT, ca=True, key=make.Key.generate("rsa768"))
    leaf = make.issue("leaf", issuer=weak, dns_names=NAMES)
    assert outcome(judge([tlsa("2 0 1", weak)], leaf, weak)) == (67, 1)


def test_forged_signature() -> None:
    impostor = make.issue("Inter", ca=True, key_identifiers=False)
    forged = make.issue("leaf", issuer=impostor, dns_names=NAMES, key_identifiers=False)
    assert outcome(judge([tlsa("2 0 1", INTER)], forged, INTER)) == (7, 0)
    assert outcome(judge([tlsa("2 1 0", INTER)], forged)) == (65, 0)


def test_two_issuers_of_one_name_only_the_chosen_one_is_compared() -> None:
    key = make.Key.generate()
    old, valid = (
        make.issue("Twin", issuer=ROOT, ca=True, key=key, **PAST),
        make.issue("Twin", issuer=ROOT, ca=True, key=key),
    )
    leaf = make.issue("leaf", issuer=valid, dns_names=NAMES)
    assert outcome(judge([tlsa("2 0 1", old)], leaf, old, valid)) == (65, 1)
    assert outcome(judge([tlsa("2 0 1", valid)], leaf, old, valid)) == (TA, 1)
    assert outcome(judge([tlsa("2 0 1", old)], leaf, old)) == (TA, 1)


def test_the_first_anchor_met_ends_the_path() -> None:
    result = judge([tlsa("2 0 1", ROOT), tlsa("2 0 1", INTER)], LEAF, INTER, ROOT)
    assert outcome(result) == (TA, 1) and result.matched == tlsa("2 0 1", INTER)


def test_mixed_usages_fall_through() -> None:
    assert outcome(judge([tlsa("3 1 1", STRANGER), tlsa("2 1 1", INTER)])) == (TA, 1)
    assert outcome(judge([tlsa("2 1 1", STRANGER), tlsa("3 1 1", LEAF)])) == (EE, 0)
    assert outcome(judge([tlsa("3 1 1", STRANGER), tlsa("2 1 1", STRANGER)])) == (65, 1)
    both = judge([tlsa("2 1 1", INTER), tlsa("3 1 1", LEAF)])
    assert outcome(both) == (EE, 0) and all(each.matched for each in both.records)


def test_selector_one_is_named_before_selector_zero() -> None:
    assert judge([tlsa("3 0 2", LEAF), tlsa("3 1 1", LEAF)]).matched == tlsa("3 1 1", LEAF)
    assert judge([tlsa("2 0 2", INTER), tlsa("2 1 1", INTER)]).matched == tlsa("2 1 1", INTER)


def test_every_record_is_reported() -> None:
    records = [
        tlsa("3 1 2", STRANGER), tlsa("3 1 1", LEAF), tlsa("2 1 1", INTER), tlsa("2 0 1", STRANGER), tlsa("3 0 1", INTER),
        tlsa("1 1 1", LEAF), TlsaRecord(3, 1, 1, b"short"), tlsa("2 1 0", ROOT), tlsa("2 0 0", ROOT), tlsa("0 0 1", INTER),
    ]  # fmt: skip
    result = judge(records)
    assert [each.record for each in result.records] == records
    assert [(each.usable, each.matched, each.matched_depth) for each in result.records] == [
        (True, False, None), (True, True, 0), (True, True, 1), (True, False, None), (True, False, None),
        (False, True, 0), (False, False, None), (True, True, 1), (True, False, None), (False, True, 1),
    ]  # fmt: skip
    reasons = [each.reason for each in result.records]
    assert reasons[1] == match.SUPERSEDED and reasons[4] == match.NOT_END_ENTITY
    assert reasons[0] is reasons[2] is reasons[3] is reasons[7] is reasons[8] is None
    assert reasons[5] == reasons[9] == "unsupported TLSA certificate usage"


def test_an_anchor_off_the_wire_is_reported_as_matching() -> None:
    result = judge([tlsa("2 0 0", ROOT), tlsa("3 1 1", LEAF)])
    assert outcome(result) == (EE, 0)
    assert [(each.matched, each.matched_depth) for each in result.records] == [(True, 2), (True, 0)]


def test_no_certificate_at_all() -> None:
    result = authenticate(screen([tlsa("3 1 1", LEAF)]), [], [], NOW)
    assert outcome(result) == (65, 0) and not result.no_usable_records


def test_chain_too_long() -> None:
    issued = [make.issue("CA0", ca=True, key=make.Key.generate("ed25519"))]
    for number in range(1, 13):
        issued.append(
            make.issue(f"CA{number}", issuer=issued[-1], ca=True, dns_names=NAMES, key=make.Key.generate("ed25519"))
        )
    served = issued[::-1]
    assert outcome(judge([tlsa("2 0 1", issued[1])], *served)) == (TA, 11)
    assert outcome(judge([tlsa("2 0 1", issued[0])], *served)) == (22, 11)


def anchored(issued: Issued, names: tuple[str, ...] = NAMES, leaf: Issued = LEAF) -> object:
    return outcome(judge(list(trust_anchor_records(issued.pem)), leaf, INTER, names=names, ee_needs_name=True))


def test_trust_anchor_files() -> None:
    expired = make.issue("leaf", issuer=INTER, dns_names=NAMES, **PAST)
    assert anchored(INTER) == (TA, 1)
    assert anchored(LEAF) == (EE, 0)
    assert anchored(ROOT) == (TA, 2)
    assert anchored(STRANGER) == (65, 1)
    assert anchored(LEAF, names=("other.example",)) == (62, 0)
    assert anchored(LEAF, names=()) == (1, 0)
    assert anchored(expired, leaf=expired) == (EE, 0)
    result = judge(list(trust_anchor_records(LEAF.pem)), ee_needs_name=True)
    assert result.matched_name == "mx.example.com"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_chains_never_raise_and_never_pass_by_the_leafs_hash(data: st.DataObject) -> None:
    raw = bytearray(LEAF.der)
    for _count in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    mutated = Certificate(bytes(raw))
    records = [tlsa("3 0 1", LEAF), tlsa("2 0 1", INTER), tlsa("2 1 0", ROOT)]
    result = authenticate(
        screen(records), [mutated, Certificate(INTER.der), Certificate(b"x")], [reference_name(NAMES[0])], NOW
    )
    if bytes(raw) != LEAF.der:
        assert result.error is not None and result.matched is None
