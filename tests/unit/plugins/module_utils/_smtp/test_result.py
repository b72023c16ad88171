# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results: whether mail gets out over any of the endpoints, the worst status, and the facts of each kind of endpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.match import RecordMatch
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TranscriptLine
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpLog, SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import (
    ADDRESS_LIMIT,
    DestinationResult,
    EndpointResult,
    summarize,
    would_deliver,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import verify_error
from ansible_collections.mailops.tls.tests.unit.makers.certificates import issue

PLAN = ProbePlan(Target("192.0.2.1", 25), SmtpSettings("probe.example.net"))
GONE = Failure(ErrorKind.DISCONNECTED, SmtpPhase.EHLO, "the server closed the connection")


def endpoint(
    satisfied: bool = True,
    preference: int | None = 10,
    *,
    connected: bool = True,
    status: Status = Status.VERIFIED,
    **more: Any,
) -> EndpointResult:
    candidate = Candidate("mx.example.com", "mx.example.com", "192.0.2.1", 25, preference, True)
    return EndpointResult(
        candidate,
        evidence=ProbeEvidence(PLAN, connected=connected),
        verification=Verification(status, satisfied),
        **more,
    )


NO_ADDRESS = EndpointResult.of_exchange(ExchangeRoute(5, "lost.example.com", failure=GONE))
GOOD, BAD, DOWN = endpoint(), endpoint(False), endpoint(False, connected=False)


# --- delivery --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoints", "delivered"),
    [
        ([], False),
        ([GOOD], True),
        ([BAD], False),
        ([BAD, GOOD], True),
        ([NO_ADDRESS], False),
        ([NO_ADDRESS, GOOD], True),
        ([DOWN] * 4 + [GOOD], True),
    ],
)
def test_one_endpoint_that_satisfies_is_enough(endpoints: list[EndpointResult], delivered: bool) -> None:
    assert would_deliver(endpoints) is delivered


@pytest.mark.parametrize("worse", [BAD, DOWN])
def test_better_preferences_are_tried_first_and_only_so_many_addresses(worse: EndpointResult) -> None:
    backup = endpoint(True, 20)
    assert would_deliver([backup, *[worse] * (ADDRESS_LIMIT - 1)])
    assert not would_deliver([backup, *[worse] * ADDRESS_LIMIT])


def test_sessions_that_fail_before_mail_could_be_sent_do_not_use_up_the_session_limit() -> None:
    """smtp_connect.c: "Don't count handshake errors towards the session limit"; a policy not met is such an error."""
    assert would_deliver([endpoint(False, 1), endpoint(False, 2), endpoint(False, 3), endpoint(True, 4)])


def test_within_one_preference_the_order_is_random_so_that_a_good_address_is_met_some_time() -> None:
    assert would_deliver([*[BAD] * 20, GOOD])


def test_without_preferences_order_does_not_matter_either() -> None:
    assert would_deliver([endpoint(False, None), endpoint(True, None)])


# --- status and summary ----------------------------------------------------------------------------------------------------


def destination(*endpoints: EndpointResult, failure: Failure | None = None) -> DestinationResult:
    target = parse_destination("example.com", protocol=Protocol.SMTP, service_port=lambda name: None)
    return DestinationResult(target, Route("mx", secure=True, canonical_name="example.com", failure=failure), endpoints)


def test_the_status_of_a_destination_is_that_of_its_worst_endpoint() -> None:
    assert destination(endpoint(), endpoint(status=Status.TRUSTED)).status is Status.TRUSTED
    assert destination(endpoint(status=Status.PLAINTEXT), endpoint(status=Status.ANONYMOUS)).status is Status.PLAINTEXT
    assert destination(endpoint(), NO_ADDRESS).status is Status.FAILED
    assert destination().status is Status.FAILED


def test_summary() -> None:
    facts = [one.as_facts(Detail()) for one in (destination(GOOD), destination(BAD, GOOD), destination())]
    assert summarize(facts) == {"destinations": 3, "satisfied": 2, "by_status": {"verified": 2, "failed": 1}}
    assert summarize([]) == {"destinations": 0, "satisfied": 0, "by_status": {}}


# --- facts -----------------------------------------------------------------------------------------------------------------


def full() -> EndpointResult:
    """Return an endpoint with everything in it."""
    certificate = issue("leaf", dns_names=["mx.example.com"])
    record = TlsaRecord(3, 1, 1, bytes(32))
    session = TlsSession(True, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, "x25519", "ECDSA", "SHA256", resumed=False,
                         chain=(certificate.der,))  # fmt: skip
    evidence = ProbeEvidence(
        PLAN,
        connected=True,
        failure=GONE,
        log=SmtpLog(
            greeting="220 mx",
            server_name="mx",
            before_tls={"STARTTLS": ()},
            after_tls={"AUTH": ("PLAIN", "LOGIN")},
            injected=7,
            transcript=[TranscriptLine("<", SmtpPhase.GREETING, 0.12345678, "220 mx")],
        ),
        tls=session,
        timings={"connect": 0.1, "total": 0.2},
    )
    level = SecurityLevel.DANE
    match = RecordMatch(record, True, None, True, 0)
    return EndpointResult(
        Candidate("mx.example.com", "mx.example.com", "192.0.2.1", 25, 10, True),
        SessionPolicy(level, level, level, True, "mx.example.com", "mx.example.com"),
        TlsaLookup(TlsaOutcome.FOUND, "mx.example.com", "_25._tcp.mx.example.com", True, (record,)),
        evidence,
        Verification(Status.UNTRUSTED, False, error=verify_error(65, 0), records=(match,)),
        (Certificate(certificate.der),),
        GONE,
        0.05,
        screen([record]),
    )


def test_the_facts_of_a_whole_endpoint() -> None:
    facts = full().as_facts(Detail(include_pem=True, transcript=True))
    assert json.loads(json.dumps(facts)) == facts
    assert {key: facts[key] for key in ("host", "address", "port", "preference", "status", "satisfied")} == {
        "host": "mx.example.com",
        "address": "192.0.2.1",
        "port": 25,
        "preference": 10,
        "status": "untrusted",
        "satisfied": False,
    }
    assert facts["error"] == {"kind": "disconnected", "phase": "ehlo", "text": "the server closed the connection"}
    assert facts["capabilities"] == {"before_tls": {"STARTTLS": []}, "after_tls": {"AUTH": ["PLAIN", "LOGIN"]}}
    assert facts["injected_plaintext"] == 7
    assert facts["tls"]["protocol"] == "TLSv1.3" and facts["tls"]["session_reused"] is False
    assert facts["verification"]["error"] == {"code": 65, "depth": 0, "text": "no matching DANE TLSA records"}
    assert (facts["verification"]["requested_level"], facts["verification"]["delivery_level"]) == ("dane", "dane")
    assert facts["tlsa"]["lookup"] == "found" and facts["tlsa"]["owner"] == "_25._tcp.mx.example.com"
    assert facts["tlsa"]["records"] == [
        {
            "usage": 3,
            "selector": 1,
            "matching_type": 1,
            "data": "00" * 32,
            "usable": True,
            "reason": None,
            "matched": True,
            "matched_depth": 0,
        }
    ]
    assert facts["timings"] == {"dns": 0.05, "connect": 0.1, "total": 0.2}
    assert facts["transcript"] == [{"direction": "<", "phase": "greeting", "at": 0.123457, "text": "220 mx"}]
    assert facts["chain"][0]["pem"].startswith("-----BEGIN CERTIFICATE-----")


def test_larger_parts_are_there_only_when_wanted() -> None:
    facts = full().as_facts(Detail())
    assert "transcript" not in facts and facts["chain"][0].get("pem") is None
    assert list(facts["chain"][0]["fingerprints"]["certificate"]) == ["sha256"]


def test_the_digest_of_fingerprints_is_the_one_asked_for() -> None:
    facts = full().as_facts(Detail(digest="sha1"))
    assert list(facts["chain"][0]["fingerprints"]["public_key"]) == ["sha1"]


def test_an_exchange_without_address() -> None:
    facts = NO_ADDRESS.as_facts(Detail(transcript=True))
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["host"], facts["address"], facts["port"], facts["preference"]) == ("lost.example.com", None, None, 5)
    assert (facts["status"], facts["satisfied"], facts["error"]["kind"]) == ("failed", False, "disconnected")
    assert (facts["tls"], facts["verification"], facts["chain"], facts["transcript"]) == (None, None, [], [])
    assert facts["capabilities"] == {"before_tls": None, "after_tls": None}
    assert facts["tlsa"]["lookup"] == "skipped" and facts["tlsa"]["records"] == []


def test_an_endpoint_whose_tlsa_lookup_failed() -> None:
    failure = Failure(ErrorKind.TLSA_LOOKUP_FAILED, CommonPhase.TLSA, "TLSA lookup error for mx.example.com:25: SERVFAIL")
    lookup = TlsaLookup(TlsaOutcome.ERROR, error="SERVFAIL")
    result = EndpointResult(Candidate("mx.example.com", "", "192.0.2.1", 25), lookup=lookup, failure=failure)
    facts = result.as_facts(Detail())
    assert (facts["status"], facts["satisfied"], facts["error"]["kind"]) == ("failed", False, "tlsa_lookup_failed")
    assert (facts["tlsa"]["lookup"], facts["tlsa"]["error"]) == ("error", "SERVFAIL")
    assert not result.connected


def test_records_without_a_session_to_compare_them_with_are_neither_matched_nor_not() -> None:
    records = screen([TlsaRecord(3, 1, 1, b"short"), TlsaRecord(1, 1, 1, bytes(32))])
    facts = endpoint(False, status=Status.FAILED, records=records).as_facts(Detail())
    assert [(one["usable"], one["matched"], one["matched_depth"]) for one in facts["tlsa"]["records"]] == [
        (False, None, None),
        (False, None, None),
    ]
    assert all(one["reason"] for one in facts["tlsa"]["records"])


def test_the_facts_of_a_destination() -> None:
    lookup = Failure(ErrorKind.NULL_MX, CommonPhase.DNS, "Domain example.com does not accept mail (nullMX)")
    facts = destination(failure=lookup).as_facts(Detail())
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["destination"], facts["status"], facts["satisfied"]) == ("example.com", "failed", False)
    assert facts["error"]["kind"] == "null_mx" and facts["endpoints"] == []
    assert facts["route"]["lookup"] == "mx" and facts["route"]["secure"] is True
    assert destination(GOOD).as_facts(Detail())["error"] is None
