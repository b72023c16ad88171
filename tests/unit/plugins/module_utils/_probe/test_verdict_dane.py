# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict where TLSA records decide, or should have.

Row numbers are those of the scenarios that were run with posttls-finger of Postfix 3.12.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.tests.unit.makers.judging import (
    NAME,
    NO_ISSUER,
    OTHER,
    Level,
    chain,
    dane,
    evidence,
    expired,
    leaf_record,
    sha256,
    verdict,
    word,
)


def inter_record() -> TlsaRecord:
    return TlsaRecord(2, 0, 1, sha256(chain().intermediate.der))


def other_record(matching_type: int = 1) -> TlsaRecord:
    return TlsaRecord(3, 1, matching_type, b"x" * {1: 32, 2: 64}[matching_type])


def test_row_1_the_leaf_is_matched() -> None:
    result = verdict(dane(), evidence(chain().served, [NO_ISSUER]), records=[leaf_record()])
    assert word(result) == ("verified", True, None)
    assert (result.trusted, result.matched, result.depth, result.matched_name) == (True, True, 0, None)
    assert [record.matched for record in result.records] == [True]


def test_row_2_neither_date_nor_name_count_for_the_leaf() -> None:
    record = TlsaRecord(3, 1, 1, sha256(expired().key.spki))
    result = verdict(dane(), evidence([expired().der], [(10, 0)]), records=[record], names=[OTHER])
    assert word(result) == ("verified", True, None)


def test_row_3_another_key() -> None:
    result = verdict(dane(), evidence(chain().served), records=[other_record()])
    assert word(result) == ("untrusted", False, 65)
    assert (result.trusted, result.matched, result.depth) == (False, False, None)


def test_row_4_a_stronger_digest_decides() -> None:
    result = verdict(dane(), evidence(chain().served), records=[other_record(2), leaf_record()])
    assert word(result) == ("untrusted", False, 65)
    assert [record.matched for record in result.records] == [False, True]


def test_row_7_an_issuer_is_matched() -> None:
    result = verdict(dane(), evidence(chain().served), records=[inter_record()])
    assert word(result) == ("verified", True, None)
    assert (result.depth, result.matched_name) == (1, NAME)


def test_row_11_only_the_name_does_not_match() -> None:
    result = verdict(dane(), evidence(chain().served), records=[inter_record()], names=[OTHER])
    assert word(result) == ("trusted", False, 62)
    assert (result.trusted, result.matched) == (True, False)


def test_row_12_a_match_behind_an_insecure_mx_is_trusted_only_and_delivered() -> None:
    policy = dane(Level.HALF_DANE, Level.HALF_DANE)
    result = verdict(policy, evidence(chain().served), records=[leaf_record()])
    assert word(result) == ("trusted", True, None) and result.matched


def test_row_13_no_match_of_the_name_behind_an_insecure_mx_is_trusted_too_but_not_delivered() -> None:
    policy = dane(Level.HALF_DANE, Level.HALF_DANE)
    result = verdict(policy, evidence(chain().served), records=[inter_record()], names=[OTHER])
    assert word(result) == ("trusted", False, 62) and not result.matched


def test_row_14_an_insecure_mx_with_policy_encrypt_matches_nothing() -> None:
    policy = SessionPolicy(Level.DANE, Level.ENCRYPT, Level.ENCRYPT, False)
    result = verdict(policy, evidence(chain().served, [NO_ISSUER]), records=[leaf_record()])
    assert word(result) == ("untrusted", True, 20)
    assert not result.matched and [record.matched for record in result.records] == [True]


def test_row_15_dane_only_behind_an_insecure_mx_is_judged_and_not_delivered() -> None:
    policy = SessionPolicy(Level.DANE_ONLY, Level.HALF_DANE, None, True, NAME, NAME)
    assert word(verdict(policy, evidence(chain().served), records=[leaf_record()])) == ("trusted", False, None)


def test_row_16_and_17_without_records_the_level_is_secure_and_mail_is_delivered_anyway() -> None:
    policy = SessionPolicy(Level.DANE, Level.SECURE, Level.MAY, True)
    assert word(verdict(policy, evidence(chain().served, [NO_ISSUER]))) == ("untrusted", True, 20)
    assert word(verdict(policy, evidence(chain().served))) == ("verified", True, None)


def test_row_23_with_unusable_records_a_known_authority_makes_it_trusted_never_verified() -> None:
    policy = SessionPolicy(Level.DANE, Level.ENCRYPT, Level.ENCRYPT, True, NAME, NAME)
    unusable = [TlsaRecord(3, 1, 3, b"\xaa\xbb")]
    assert word(verdict(policy, evidence(chain().served), records=unusable)) == ("trusted", True, None)
    assert word(verdict(policy, evidence(chain().served, [NO_ISSUER]), records=unusable)) == ("untrusted", True, 20)


def test_row_24_dane_only_with_unusable_records_is_forced_to_fail() -> None:
    policy = SessionPolicy(Level.DANE_ONLY, Level.DANE_ONLY, None, True, NAME, NAME, "all TLSA records are unusable")
    result = verdict(policy, evidence(chain().served), records=[TlsaRecord(3, 1, 3, b"\xaa\xbb")])
    assert word(result) == ("untrusted", False, 1)
    assert result.error is not None and result.error.text == "all TLSA records are unusable"
    assert not result.trusted and [record.usable for record in result.records] == [False]


def test_openssl_s_own_findings_do_not_count_where_records_decide() -> None:
    result = verdict(dane(), evidence(chain().served, [NO_ISSUER, (18, 0), (66, 0)]), records=[leaf_record()])
    assert word(result) == ("verified", True, None)
