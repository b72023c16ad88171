# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: Postfix's status words on certificates of every kind, and whether smtp(8) would deliver.

Row numbers are those of the scenarios that were run with posttls-finger of Postfix 3.12.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Optional

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import Evidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import Criteria, Status, Verification, judge
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import verify_error
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names
from ansible_collections.mailops.tls.tests.unit.certificates import DAY, NOW, Hierarchy, Issued, Key, hierarchy, issue

Level = SecurityLevel
NAME, OTHER = "mx.example.com", "mail.example.org"
NO_ISSUER = (20, 0)
"""What OpenSSL finds on a chain whose authority is not known: code and depth."""


@functools.cache
def chain() -> Hierarchy:
    return hierarchy()


@functools.cache
def expired() -> Issued:
    return issue("leaf", issuer=chain().intermediate, dns_names=[NAME], not_after=NOW - DAY)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def evidence(
    served: Optional[Sequence[bytes]] = None,
    errors: Sequence[tuple[int, int]] = (),
    *,
    failure: Optional[Failure] = None,
    established: bool = True,
    connected: bool = True,
    implicit: bool = False,
    helo_accepted: bool = False,
) -> Evidence:
    """Return what is seen of a server: these certificates (None: no TLS), and OpenSSL's findings on them."""
    plan = ProbePlan(Target("192.0.2.1", 25), SmtpSettings("probe.example.net", implicit=implicit))
    tls = None
    if served is not None:
        found = tuple(verify_error(code, depth) for code, depth in errors)
        tls = TlsSession(established=established, chain=tuple(served), errors=found)
    return Evidence(plan, connected=connected, failure=failure, tls=tls, helo_accepted=helo_accepted)


def verdict(
    policy: SessionPolicy,
    seen: Evidence,
    *,
    names: Sequence[str] = (NAME,),
    records: Sequence[TlsaRecord] = (),
    fingerprints: Sequence[bytes] = (),
    anchors: bytes = b"",
) -> Verification:
    criteria = Criteria(
        reference_names(names, nexthop="example.com", hostname=NAME),
        tuple(fingerprints),
        "sha256",
        screen(records),
        screen(trust_anchor_records(anchors)) if anchors else (),
    )
    certificates = [Certificate(der) for der in seen.tls.chain] if seen.tls is not None else []
    return judge(policy, criteria, seen, certificates, NOW)


def dane(session: SecurityLevel = Level.DANE, delivery: Optional[SecurityLevel] = Level.DANE) -> SessionPolicy:
    return SessionPolicy(Level.DANE, session, delivery, True, NAME, NAME)


def word(result: Verification) -> tuple[str, bool, Optional[int]]:
    """Return the status word, whether mail is delivered, and the code of the error shown."""
    return result.status.value, result.satisfied, result.error.code if result.error else None


# --- DANE ------------------------------------------------------------------------------------------------------------------


def leaf_record() -> TlsaRecord:
    return TlsaRecord(3, 1, 1, sha256(chain().leaf.key.spki))


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


# --- certification authorities and names -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.VERIFY, Level.SECURE])
@pytest.mark.parametrize(
    ("names", "errors", "expected"),
    [
        ([NAME], [], ("verified", True, None)),
        ([".example.com"], [], ("verified", True, None)),  # row 34
        ([OTHER, NAME], [], ("verified", True, None)),
        ([OTHER], [], ("trusted", False, 62)),  # row 32
        ([OTHER], [NO_ISSUER], ("untrusted", False, 20)),  # row 33
        ([NAME], [NO_ISSUER], ("untrusted", False, 20)),  # row 16
        ([NAME], [(10, 0)], ("untrusted", False, 10)),  # row 40
        ([NAME], [(2, 1), (20, 0)], ("untrusted", False, 20)),  # row 41
        ([NAME], [(18, 0)], ("untrusted", False, 18)),  # row 42
        ([], [], ("untrusted", False, 1)),
    ],
)
def test_levels_that_compare_names(
    level: SecurityLevel, names: list[str], errors: list[tuple[int, int]], expected: tuple[str, bool, Optional[int]]
) -> None:
    result = verdict(fixed_policy(level), evidence(chain().served, errors), names=names)
    assert word(result) == expected
    assert result.matched is (expected[0] == "verified")
    assert result.matched_name == (NAME if result.matched else None)
    assert result.trusted is (expected[0] != "untrusted")


@pytest.mark.parametrize(
    ("errors", "shown"),
    [
        ([(20, 1), (10, 0)], (10, 0)),
        ([(10, 0), (20, 0)], (10, 0)),
        ([(10, 2), (9, 1)], (9, 1)),
        ([(19, 2)], (19, 2)),
    ],
)
def test_the_error_shown_is_the_one_nearest_the_leaf_and_never_the_name_first(
    errors: list[tuple[int, int]], shown: tuple[int, int]
) -> None:
    result = verdict(fixed_policy(Level.SECURE), evidence(chain().served, errors), names=[OTHER])
    assert result.error is not None and (result.error.code, result.error.depth) == shown


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT])
@pytest.mark.parametrize(
    ("errors", "status", "code"), [([], "trusted", None), ([NO_ISSUER], "untrusted", 20), ([(10, 0)], "untrusted", 10)]
)
def test_where_nothing_must_match_names_do_not_count_and_mail_is_delivered(
    level: SecurityLevel, errors: list[tuple[int, int]], status: str, code: Optional[int]
) -> None:
    result = verdict(fixed_policy(level), evidence(chain().served, errors), names=[OTHER])  # row 37
    assert word(result) == (status, True, code) and not result.matched


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT])
def test_row_45_an_anonymous_server(level: SecurityLevel) -> None:
    assert word(verdict(fixed_policy(level), evidence([]))) == ("anonymous", True, None)


# --- trust anchors of a file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["root", "intermediate", "leaf"])
def test_row_38_a_trust_anchor_of_a_file(which: str) -> None:
    anchor: Issued = getattr(chain(), which)
    seen = evidence((*chain().served, chain().root.der), [NO_ISSUER])
    result = verdict(fixed_policy(Level.SECURE), seen, anchors=anchor.pem)
    assert word(result) == ("verified", True, None)
    assert result.depth == {"leaf": 0, "intermediate": 1, "root": 2}[which]
    assert result.records == ()
    assert word(verdict(fixed_policy(Level.SECURE), seen, anchors=anchor.pem, names=[OTHER])) == ("trusted", False, 62)


def test_row_39_with_a_trust_anchor_file_other_authorities_do_not_count() -> None:
    unrelated = issue("self", dns_names=[NAME])
    result = verdict(fixed_policy(Level.SECURE), evidence(chain().served), anchors=unrelated.pem)
    assert word(result) == ("untrusted", False, 65)


def test_trust_anchor_files_do_not_count_at_secure_reached_from_dane() -> None:
    policy = SessionPolicy(Level.DANE, Level.SECURE, Level.MAY, True)
    result = verdict(policy, evidence(chain().served, [NO_ISSUER]), anchors=chain().root.pem)
    assert word(result) == ("untrusted", True, 20)


# --- fingerprints ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["certificate", "key"])
def test_row_43_a_fingerprint_of_the_certificate_or_its_key(of: str) -> None:
    leaf = expired()
    digest = sha256(leaf.der if of == "certificate" else leaf.key.spki)
    seen = evidence([leaf.der], [NO_ISSUER, (10, 0)])
    result = verdict(fixed_policy(Level.FINGERPRINT), seen, names=[OTHER], fingerprints=[b"y" * 32, digest])
    assert word(result) == ("verified", True, None) and (result.depth, result.trusted) == (0, True)


@pytest.mark.parametrize("fingerprints", [[], [b"y" * 32]])
def test_without_a_matching_fingerprint_a_trusted_chain_is_not_enough(fingerprints: list[bytes]) -> None:
    """Row 44: posttls-finger calls this verified when no fingerprint is given (its bug B1)."""
    result = verdict(fixed_policy(Level.FINGERPRINT), evidence(chain().served), fingerprints=fingerprints)
    assert word(result) == ("untrusted", False, 65)


def test_a_fingerprint_of_an_issuer_does_not_match() -> None:
    digest = sha256(chain().intermediate.der)
    result = verdict(fixed_policy(Level.FINGERPRINT), evidence(chain().served), fingerprints=[digest])
    assert word(result) == ("untrusted", False, 65)


def test_a_key_too_weak_does_not_match_by_fingerprint() -> None:
    weak = issue("weak", key=Key.generate("rsa768"))
    result = verdict(fixed_policy(Level.FINGERPRINT), evidence([weak.der]), fingerprints=[sha256(weak.der)])
    assert word(result) == ("untrusted", False, 66)


# --- without a session ------------------------------------------------------------------------------------------------------------


def failed(kind: ErrorKind, phase: Phase) -> Failure:
    return Failure(kind, phase, "because")


NOT_OFFERED = failed(ErrorKind.STARTTLS_NOT_OFFERED, Phase.EHLO)
REFUSED = failed(ErrorKind.STARTTLS_REJECTED, Phase.STARTTLS)
HANDSHAKE = failed(ErrorKind.HANDSHAKE_FAILED, Phase.HANDSHAKE)
MUST_TLS = [level for level in Level if level not in (Level.NONE, Level.MAY)]


@pytest.mark.parametrize("failure", [NOT_OFFERED, REFUSED])
@pytest.mark.parametrize("level", Level)
def test_row_48_no_starttls_is_plaintext_and_enough_where_tls_is_optional(
    level: SecurityLevel, failure: Failure
) -> None:
    result = verdict(fixed_policy(level), evidence(failure=failure))
    assert word(result) == ("plaintext", level in (Level.NONE, Level.MAY), None)


def test_at_none_a_dialogue_that_went_well_is_plaintext() -> None:
    assert word(verdict(fixed_policy(Level.NONE), evidence())) == ("plaintext", True, None)


@pytest.mark.parametrize("level", Level)
def test_a_failed_handshake_is_no_plaintext_session_and_only_delays_mail_where_tls_is_optional(
    level: SecurityLevel,
) -> None:
    for seen in (evidence([], failure=HANDSHAKE, established=False), evidence(failure=HANDSHAKE)):
        result = verdict(fixed_policy(level), seen)
        assert word(result) == ("failed", level in (Level.NONE, Level.MAY), None)


def test_a_failed_handshake_of_implicit_tls_leaves_nothing() -> None:
    seen = evidence([], failure=HANDSHAKE, established=False, implicit=True)
    assert word(verdict(fixed_policy(Level.MAY), seen)) == ("failed", False, None)


@pytest.mark.parametrize("level", Level)
def test_a_server_that_only_knows_helo(level: SecurityLevel) -> None:
    rejected = failed(ErrorKind.REJECTED, Phase.EHLO)
    seen = evidence(failure=rejected, helo_accepted=True)
    assert word(verdict(fixed_policy(level), seen)) == ("plaintext", level in (Level.NONE, Level.MAY), None)
    assert word(verdict(fixed_policy(level), evidence(failure=rejected))) == ("failed", False, None)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize(
    ("kind", "phase", "connected"),
    [
        (ErrorKind.CONNECT_REFUSED, Phase.CONNECT, False),
        (ErrorKind.CONNECT_TIMEOUT, Phase.CONNECT, False),
        (ErrorKind.TIMEOUT, Phase.GREETING, True),
        (ErrorKind.REJECTED, Phase.GREETING, True),
        (ErrorKind.RATE_LIMITED, Phase.EHLO, True),
        (ErrorKind.DISCONNECTED, Phase.STARTTLS, True),
        (ErrorKind.LIMIT_EXCEEDED, Phase.EHLO, True),
    ],
)
def test_anything_else_failed(level: SecurityLevel, kind: ErrorKind, phase: Phase, connected: bool) -> None:
    result = verdict(fixed_policy(level), evidence(failure=failed(kind, phase), connected=connected))
    assert result == Verification(Status.FAILED, False)


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT, Level.SECURE])
def test_a_good_session_whose_dialogue_ends_badly_keeps_its_word_and_delivers_nothing(level: SecurityLevel) -> None:
    rejected = failed(ErrorKind.REJECTED, Phase.EHLO_TLS)
    result = verdict(fixed_policy(level), evidence(chain().served, failure=rejected))
    assert (result.status in (Status.TRUSTED, Status.VERIFIED), result.satisfied) == (True, False)


@pytest.mark.parametrize("level", MUST_TLS)
def test_without_a_delivery_level_nothing_is_satisfied(level: SecurityLevel) -> None:
    policy = SessionPolicy(Level.DANE_ONLY, level, None, True, NAME, NAME)
    assert not verdict(policy, evidence(chain().served), records=[leaf_record()]).satisfied


def test_the_words_are_ranked_from_best_to_worst() -> None:
    assert [status.value for status in sorted(Status, key=lambda one: one.severity)] == [
        "verified",
        "trusted",
        "untrusted",
        "anonymous",
        "plaintext",
        "failed",
    ]
