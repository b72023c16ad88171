# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every finding of lint where it belongs, and none where all is well."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import dane_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Hierarchy, Issued, hierarchy, issue

MX1, MX2 = "mx1.example.com", "mx2.example.com"
DESTINATION = parse_destination("example.com", protocol=Protocol.SMTP, service_port=lambda name: None)
TIMEOUT = Failure(ErrorKind.TIMEOUT, SmtpPhase.GREETING, "no answer in time")
NO_STARTTLS = Failure(ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, "the server does not offer STARTTLS")


@functools.cache
def _hierarchy(name: str) -> Hierarchy:
    return hierarchy([name])


def chain(name: str = MX1) -> Hierarchy:
    return _hierarchy(name)


def digest_of(data: bytes, usage: int = 3, selector: int = 1, matching_type: int = 1) -> TlsaRecord:
    return TlsaRecord(usage, selector, matching_type, hashlib.new("sha256" if matching_type == 1 else "sha512", data).digest())


def good(name: str = MX1) -> TlsaRecord:
    return digest_of(chain(name).leaf.key.spki)


def anchor(of: Issued) -> TlsaRecord:
    return digest_of(of.der, 2, 0)


STALE = TlsaRecord(3, 1, 1, b"x" * 32)


def endpoint(
    *records: TlsaRecord,
    host: str = MX1,
    address: str = "192.0.2.1",
    served: Sequence[bytes] | None = None,
    failure: Failure | None = None,
    outcome: TlsaOutcome | None = None,
    owner: str | None = None,
    mx_secure: bool = True,
) -> EndpointResult:
    """Return what is made of one address: served are the host's own certificates unless others are given, or a failure."""
    outcome = outcome or (TlsaOutcome.FOUND if records else TlsaOutcome.NONE)
    name = f"_25._tcp.{host}"
    found = outcome in (TlsaOutcome.FOUND, TlsaOutcome.INSECURE)
    lookup = TlsaLookup(outcome, host if found else None, owner or name if found else None, records=tuple(records))
    screened = screen(records)
    policy = dane_policy(
        SecurityLevel.DANE, mx_secure=mx_secure, insecure_mx=InsecureMxPolicy.DANE, lookup=lookup, screened=screened
    )
    certificates = () if failure else tuple(chain(host).served if served is None else served)
    tls = None if failure else TlsSession(True, chain=certificates)
    plan = ProbePlan(Target(address, 25), SmtpSettings("probe.example.net"))
    evidence = ProbeEvidence(plan, connected=failure is None or failure.phase is not CommonPhase.CONNECT, failure=failure, tls=tls)
    read = tuple(Certificate(der) for der in certificates)
    criteria = Criteria(reference_names([host], nexthop="", hostname=""), records=screened)
    verification = judge(policy, criteria, evidence, read, NOW)
    return EndpointResult(
        Candidate(host, host, address, 25, 10, True), policy, lookup, evidence, verification, read, failure, records=screened
    )


def found(*endpoints: EndpointResult, secure: bool | None = True) -> dict[str, list[str]]:
    """Return the findings of a destination: identifier -> subjects."""
    findings: dict[str, list[str]] = {}
    for one in lint(DestinationResult(DESTINATION, Route("mx", secure), endpoints)):
        assert one.text and {"id", "severity", "subject", "text", "why", "fix", "reference"} == set(one.as_facts())
        findings.setdefault(one.id, []).append(one.subject)
    return findings


# --- nothing -----------------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_a_good_deployment() -> None:
    assert found(endpoint(good()), endpoint(good(MX2), host=MX2, address="192.0.2.2")) == {}
    assert found(endpoint(good()), endpoint(good(), address="192.0.2.2")) == {}
    assert found(endpoint(anchor(chain().intermediate))) == {}
    assert found(endpoint(good(), anchor(chain().intermediate))) == {}


def test_without_tlsa_records_there_is_nothing_to_lint() -> None:
    assert found(endpoint(), endpoint(host=MX2, address="192.0.2.2"), secure=False) == {}
    assert found() == {}


def test_an_exchange_without_address_is_no_finding() -> None:
    gone = EndpointResult.of_exchange(ExchangeRoute(20, MX2, failure=Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, "gone")))
    assert found(endpoint(good()), gone) == {}


# --- zones -------------------------------------------------------------------------------------------------------------


def test_records_behind_an_insecure_mx() -> None:
    assert found(endpoint(good(), mx_secure=False), secure=False) == {"mx_zone_insecure": ["example.com"]}


@pytest.mark.parametrize("secure", [True, None])
def test_a_secure_mx_or_none_is_no_insecure_one(secure: bool | None) -> None:
    assert found(endpoint(good()), secure=secure) == {}


def test_records_that_are_not_validated() -> None:
    insecure = endpoint(outcome=TlsaOutcome.INSECURE)
    assert found(insecure, insecure) == {"tlsa_zone_insecure": ["_25._tcp." + MX1]}


# --- exchanges -----------------------------------------------------------------------------------------------------------


def test_an_exchange_without_records_beside_one_that_has_some() -> None:
    other = endpoint(host=MX2, address="192.0.2.2")
    assert found(endpoint(good()), other) == {"exchange_without_tlsa": [MX2]}


@pytest.mark.parametrize("outcomes", [(TlsaOutcome.ERROR,), (TlsaOutcome.ERROR, TlsaOutcome.SKIPPED),
                                      (TlsaOutcome.SKIPPED, TlsaOutcome.ERROR)])  # fmt: skip
def test_an_exchange_whose_records_could_not_be_asked_for_is_not_said_to_have_none(outcomes: Sequence[TlsaOutcome]) -> None:
    failure = Failure(ErrorKind.TLSA_LOOKUP_FAILED, CommonPhase.TLSA, "SERVFAIL")
    others = [
        EndpointResult(Candidate(MX2, MX2, f"192.0.2.{at}", 25, 10), lookup=TlsaLookup(outcome), failure=failure)
        for at, outcome in enumerate(outcomes, 2)
    ]
    assert found(endpoint(good()), *others) == {}


def test_one_address_of_an_exchange_that_serves_another_certificate() -> None:
    other = endpoint(good(), address="192.0.2.2", served=chain(MX2).served)
    assert found(endpoint(good()), other) == {"address_mismatch": [MX1]}


@pytest.mark.parametrize("failure", [
    TIMEOUT,
    Failure(ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT, "Connection refused"),
    Failure(ErrorKind.RATE_LIMITED, SmtpPhase.GREETING, "too many connections"),
])  # fmt: skip
def test_an_address_that_shows_no_certificate_is_no_mismatch(failure: Failure) -> None:
    assert found(endpoint(good()), endpoint(good(), address="192.0.2.2", failure=failure)) == {}


def test_different_certificates_of_different_exchanges_are_no_mismatch() -> None:
    other = endpoint(STALE, host=MX2, address="192.0.2.2")
    assert "address_mismatch" not in found(endpoint(good()), other)


def test_one_key_for_all_exchanges() -> None:
    same = endpoint(good(), host=MX2, address="192.0.2.2", served=chain().served)
    assert found(endpoint(good()), same) == {"same_key_on_all_exchanges": ["example.com"]}
    failed = endpoint(good(), host=MX2, address="192.0.2.3", failure=TIMEOUT)
    assert found(endpoint(good()), same, failed) == {}  # what that one has is not known


def test_one_key_does_not_matter_without_records_or_on_addresses_of_one_exchange() -> None:
    same = endpoint(host=MX2, address="192.0.2.2", served=chain().served)
    assert found(endpoint(), same) == {}
    assert found(endpoint(good()), endpoint(good(), address="192.0.2.2")) == {}


def test_certificates_whose_keys_cannot_be_read_are_not_one_key() -> None:
    broken = [
        endpoint(digest_of(der, 3, 0), host=host, served=[der])
        for host, der in ((MX1, b"\x30\x03\x02\x01\x01"), (MX2, b"\x30\x03\x02\x01\x02"))
    ]
    assert "same_key_on_all_exchanges" not in found(*broken)


# --- records ---------------------------------------------------------------------------------------------------------------


def test_a_record_that_matches_nothing() -> None:
    assert found(endpoint(good(), STALE)) == {"stale_record": ["_25._tcp." + MX1]}


def test_a_record_is_not_stale_while_one_address_of_its_owner_serves_its_key() -> None:
    both = (good(), good(MX2))
    other = endpoint(*both, address="192.0.2.2", served=chain(MX2).served)
    assert found(endpoint(*both), other) == {}


def test_a_record_is_not_called_stale_while_an_address_could_not_be_asked() -> None:
    assert found(endpoint(good(), STALE), endpoint(good(), STALE, address="192.0.2.2", failure=TIMEOUT)) == {}


def test_records_of_one_owner_are_compared_as_records_in_whatever_order_each_answer_had_them() -> None:
    """Aliases of two hosts to one owner are two questions, whose answers a resolver may turn round, or one may be newer."""
    one, other = good(), good(MX2)
    alias = endpoint(other, one, host=MX2, address="192.0.2.2", owner="_25._tcp." + MX1)
    assert found(endpoint(one, other), alias) == {}
    shorter = endpoint(one, host=MX2, address="192.0.2.2", owner="_25._tcp." + MX1, served=chain().served)
    assert found(endpoint(one, STALE), shorter)["stale_record"] == ["_25._tcp." + MX1]
    assert found(shorter, endpoint(one, STALE))["stale_record"] == ["_25._tcp." + MX1]
    pkix = TlsaRecord(1, 1, 1, bytes(32))
    assert "pkix_usage_on_smtp" in found(shorter, endpoint(one, pkix))


def test_a_weaker_digest_beside_a_stronger_one_of_the_same_key_is_not_stale() -> None:
    assert found(endpoint(good(), digest_of(chain().leaf.key.spki, matching_type=2))) == {}


def test_a_trust_anchor_that_is_not_served() -> None:
    assert found(endpoint(anchor(chain().root))) == {"ta_not_in_chain": ["_25._tcp." + MX1]}
    assert found(endpoint(anchor(chain().root), served=(*chain().served, chain().root.der))) == {}


def test_a_trust_anchor_to_come_is_stale_only() -> None:
    assert found(endpoint(anchor(chain().intermediate), anchor(chain(MX2).intermediate))) == {
        "stale_record": ["_25._tcp." + MX1]
    }


def test_a_trust_anchor_record_of_the_server_s_own_certificate_is_told_what_is_wrong_with_it() -> None:
    leaf = issue("leaf", dns_names=[MX1])
    (finding,) = lint(DestinationResult(DESTINATION, Route("mx", True), (endpoint(anchor(leaf), served=[leaf.der]),)))
    assert finding.id == "ta_not_in_chain"
    assert "cannot be its own trust anchor" in finding.text and "matches nothing" not in finding.text


def test_an_end_entity_record_of_an_issuer_is_told_what_is_wrong_with_it() -> None:
    wrong = digest_of(chain().intermediate.key.spki)
    (finding,) = lint(DestinationResult(DESTINATION, Route("mx", True), (endpoint(good(), wrong),)))
    assert finding.id == "stale_record"
    assert "compared with the server's own certificate only" in finding.text and "matches nothing" not in finding.text


@pytest.mark.parametrize("usage", [0, 1])
def test_usages_that_are_not_for_smtp(usage: int) -> None:
    record = TlsaRecord(usage, 1, 1, good().data)
    assert found(endpoint(good(), record)) == {"pkix_usage_on_smtp": ["_25._tcp." + MX1]}


@pytest.mark.parametrize(
    "record",
    [
        TlsaRecord(3, 1, 1, b"short"),
        TlsaRecord(3, 1, 3, b"\xaa\xbb"),
        TlsaRecord(3, 2, 1, bytes(32)),
        TlsaRecord(4, 1, 1, bytes(32)),
        TlsaRecord(3, 1, 255, bytes(32)),
        TlsaRecord(3, 1, 0, b"no key"),
        TlsaRecord(3, 1, 1, b""),
    ],
)
def test_records_that_cannot_be_used(record: TlsaRecord) -> None:
    assert found(endpoint(good(), record)) == {"malformed_record": ["_25._tcp." + MX1]}


@pytest.mark.parametrize("matching_type", [1, 2])
def test_the_digest_of_nothing(matching_type: int) -> None:
    empty = digest_of(b"", matching_type=matching_type)
    findings = found(endpoint(good(), empty))
    assert findings["empty_input_digest"] == ["_25._tcp." + MX1]
    assert set(findings) == {"empty_input_digest", "stale_record"}


def test_a_pinned_certificate() -> None:
    record = digest_of(chain().leaf.der, 3, 0)
    assert found(endpoint(record)) == {"selector0_with_renewal": ["_25._tcp." + MX1]}
    assert found(endpoint(anchor(chain().intermediate))) == {}  # for an issuer it is the usual thing


def test_equal_findings_are_told_once() -> None:
    several = [endpoint(good(), STALE, address=f"192.0.2.{at}") for at in range(1, 4)]
    assert found(*several) == {"stale_record": ["_25._tcp." + MX1]}


# --- endpoints ---------------------------------------------------------------------------------------------------------------


def test_no_starttls() -> None:
    for records in ((), (good(),)):
        one = endpoint(*records, failure=NO_STARTTLS)
        assert found(one) == {"starttls_not_offered": [f"{MX1}[192.0.2.1]:25"]}
        (finding,) = lint(DestinationResult(DESTINATION, Route("mx", True), (one,)))
        assert ("will not deliver" in finding.text) is bool(records)


def test_a_name_that_does_not_match_below_a_trust_anchor() -> None:
    other = chain("other.example")
    mismatch = endpoint(anchor(other.intermediate), served=other.served)
    assert found(mismatch) == {"ta_name_mismatch": [f"{MX1}[192.0.2.1]:25"]}
    matched_by_key = endpoint(digest_of(other.leaf.key.spki), served=other.served)
    assert found(matched_by_key) == {}  # where names do not count


def test_an_expired_certificate_below_a_trust_anchor() -> None:
    leaf = issue("leaf", issuer=chain().intermediate, dns_names=[MX1], not_after=NOW - DAY)
    served = (leaf.der, chain().intermediate.der)
    assert found(endpoint(anchor(chain().intermediate), served=served)) == {
        "expired_leaf_under_ta": [f"{MX1}[192.0.2.1]:25"]
    }
    assert found(endpoint(digest_of(leaf.key.spki), served=served)) == {}  # where dates do not count


def test_an_expired_issuer_is_no_expired_leaf() -> None:
    inter = issue("Inter", issuer=chain().root, ca=True, not_after=NOW - DAY)
    leaf = issue("leaf", issuer=inter, dns_names=[MX1])
    served = (leaf.der, inter.der, chain().root.der)
    assert found(endpoint(anchor(chain().root), served=served)) == {}


def test_names_and_dates_do_not_matter_where_dane_does_not_decide() -> None:
    leaf = issue("leaf", issuer=chain().intermediate, dns_names=["other.example"], not_after=NOW - DAY)
    assert found(endpoint(served=(leaf.der, chain().intermediate.der))) == {}
