# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's lines, against the regular expressions that posttls-finger's own lines match."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import ReportDetail, report_lines

PEER = r"mx\.example\.com\[192\.0\.2\.1\]:25"
SUMMARY = (
    r"^(?P<status>Verified|Trusted|Untrusted|Anonymous) TLS connection (?P<usage>established|reused) to " + PEER +
    r": (?P<proto>\S+) with cipher (?P<cipher>\S+) \((?P<usebits>\d+)/(?P<algbits>\d+) bits\)"
    r"(?: key-exchange (?P<kex>\S+))?"
    r"(?: server-signature (?P<sig>\S+)(?: \((?P<sigd>[^)]*)\))?(?: server-digest (?P<sdig>\S+))?)?$"
)  # fmt: skip
CERTIFICATE = (
    r"^" + PEER + r": subject_CN=(?P<cn>.*), issuer=(?P<issuer>.*),"
    r" cert fingerprint=(?P<cfp>[0-9A-F:]+), pkey fingerprint=(?P<pfp>[0-9A-F:]+)$"
)
MATCHED = (
    r"^" + PEER + r": Matched DANE (?P<kind>EE certificate|TA certificate) at depth (?P<depth>\d+): "
    r"(?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F]+(?:\.\.\.[0-9A-F]+)?)$"
)
FAILED = (
    r"^(?:(?P<purpose>CA|server) )?certificate verification failed for " + PEER +
    r": (?:num=(?P<num>\d+):)?(?P<why>.*)$"
)  # fmt: skip
PEERNAME = r"^" + PEER + r": matched peername: (?P<name>\S+)$"
UNUSABLE = r"^" + PEER + r": unusable TLSA RR: 3 1 3 AABB$"
SESSION = r"^Failed to establish session to example\.com via " + PEER + r": (?P<why>.*)$"
ALL = tuple(ReportDetail)


def record(**changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "usage": 3,
        "selector": 1,
        "matching_type": 1,
        "data": "ab" * 32,
        "usable": True,
        "reason": None,
        "matched": True,
        "matched_depth": 0,
    }
    shape.update(changes)
    return shape


def certificate(**changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "subject": "CN=mx.example.com,O=Example",
        "issuer": "O=Example,CN=Inter",
        "public_key": {"type": "ecdsa", "bits": 256, "curve": "secp256r1"},
        "fingerprints": {"certificate": {"sha256": "ab" * 32}, "public_key": {"sha256": "cd" * 32}},
    }
    shape.update(changes)
    return shape


def verification(**changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "effective_level": "dane",
        "reason": None,
        "trusted": True,
        "matched": True,
        "matched_name": None,
        "error": None,
    }
    shape.update(changes)
    return shape


def endpoint(**changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "host": "mx.example.com",
        "address": "192.0.2.1",
        "port": 25,
        "status": "verified",
        "satisfied": True,
        "error": None,
        "injected_plaintext": 0,
        "tls": {
            "protocol": "TLSv1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
            "cipher_bits": 256,
            "group": "x25519",
            "signature": "ECDSA",
            "signature_digest": "SHA256",
            "session_reused": False,
        },
        "chain": [certificate()],
        "verification": verification(),
        "tlsa": {"owner": "_25._tcp.mx.example.com", "records": [record()]},
    }
    shape.update(changes)
    return shape


def lines(*endpoints: dict[str, Any], detail: Collection[ReportDetail] | None = None, **changes: Any) -> list[str]:
    result: dict[str, Any] = {
        "destination": "example.com",
        "status": "verified",
        "satisfied": True,
        "error": None,
        "endpoints": list(endpoints),
        "route": {"warnings": ["numeric domain name in resource data of MX record"]},
    }
    result.update(changes)
    return report_lines([result]) if detail is None else report_lines([result], detail)


def found(pattern: str, text: list[str]) -> list[re.Match[str]]:
    return [match for match in (re.match(pattern, line) for line in text) if match]


def one(pattern: str, text: list[str]) -> dict[str, Any]:
    """Return the groups of the only line that matches."""
    (match,) = found(pattern, text)
    return match.groupdict()


def test_the_lines_of_a_verified_endpoint_in_their_order() -> None:
    text = lines(endpoint())
    assert text[0] == "example.com: verified, satisfied"
    assert [bool(re.match(pattern, line)) for pattern, line in zip((MATCHED, CERTIFICATE, SUMMARY), text[1:])] == [
        True
    ] * 3
    assert len(text) == 4


def test_the_summary_line() -> None:
    groups = one(SUMMARY, lines(endpoint()))
    assert groups == {
        "status": "Verified",
        "usage": "established",
        "proto": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "usebits": "256",
        "algbits": "256",
        "kex": "x25519",
        "sig": "ECDSA",
        "sigd": "prime256v1",
        "sdig": "SHA256",
    }


@pytest.mark.parametrize("status", ["verified", "trusted", "untrusted", "anonymous"])
def test_the_status_word_leads_the_summary(status: str) -> None:
    assert one(SUMMARY, lines(endpoint(status=status)))["status"] == status.capitalize()


@pytest.mark.parametrize("status", ["plaintext", "failed"])
def test_without_a_session_there_is_no_summary(status: str) -> None:
    assert found(SUMMARY, lines(endpoint(status=status, tls=None))) == []
    assert found(SUMMARY, lines(endpoint(status=status))) == []


def test_what_is_not_known_is_left_out_of_the_summary() -> None:
    tls = {**endpoint()["tls"], "group": None, "signature": None, "signature_digest": None, "session_reused": True}
    groups = one(SUMMARY, lines(endpoint(tls=tls)))
    assert (groups["kex"], groups["sig"], groups["sdig"], groups["usage"]) == (None, None, None, "reused")


def test_the_size_of_an_rsa_key() -> None:
    rsa = certificate(public_key={"type": "rsa", "bits": 2048, "curve": None})
    assert one(SUMMARY, lines(endpoint(chain=[rsa])))["sigd"] == "2048 bits"
    assert one(SUMMARY, lines(endpoint(chain=[certificate(public_key=None)])))["sigd"] is None


def test_an_anonymous_server_is_said_to_be_one() -> None:
    assert "Server is anonymous" in lines(endpoint(status="anonymous", chain=[]))


def test_the_certificate_line() -> None:
    groups = one(CERTIFICATE, lines(endpoint()))
    assert groups == {
        "cn": "mx.example.com",
        "issuer": "Inter",
        "cfp": ":".join(["AB"] * 32),
        "pfp": ":".join(["CD"] * 32),
    }


def test_matched_records_are_told_with_kind_and_depth() -> None:
    matched = [record(), record(usage=2, selector=0, matched_depth=1)]
    text = lines(endpoint(tlsa={"owner": "o", "records": matched}))
    groups = [match.groupdict() for match in found(MATCHED, text)]
    assert [(one["kind"], one["depth"], one["u"], one["data"]) for one in groups] == [
        ("EE certificate", "0", "3", "AB" * 32),
        ("TA certificate", "1", "2", "AB" * 32),
    ]


def test_long_data_is_shortened_in_the_middle() -> None:
    text = lines(endpoint(tlsa={"owner": "o", "records": [record(matching_type=0, data="0f" * 500)]}))
    assert one(MATCHED, text)["data"] == "0F" * 32 + "..." + "0F" * 32


def test_a_record_that_does_not_authenticate_is_not_called_matched() -> None:
    """Who reads posttls-finger takes such a line for the proof of a match (at half-dane the word alone is none)."""
    mismatch = verification(matched=False, error={"code": 62, "depth": 0, "text": "hostname mismatch"})
    assert found(MATCHED, lines(endpoint(status="trusted", verification=mismatch))) == []
    superseded = [record(), record(reason="superseded by a stronger digest (RFC 7671 section 9)")]
    assert len(found(MATCHED, lines(endpoint(tlsa={"owner": "o", "records": superseded})))) == 1
    downgraded = verification(matched=False, effective_level="encrypt")
    assert found(MATCHED, lines(endpoint(status="untrusted", verification=downgraded))) == []


def test_records_that_were_not_compared_are_not_called_matched() -> None:
    text = lines(endpoint(tlsa={"owner": "o", "records": [record(matched=None, matched_depth=None)]}))
    assert found(MATCHED, text) == []


def test_unusable_records_are_told() -> None:
    unusable = record(matching_type=3, data="aabb", usable=False, reason="unknown matching type", matched=False)
    text = lines(endpoint(tlsa={"owner": "o", "records": [unusable]}))
    assert len(found(UNUSABLE, text)) == 1 and found(MATCHED, text) == []


def test_the_matched_name() -> None:
    assert (
        one(PEERNAME, lines(endpoint(verification=verification(matched_name="*.example.com"))))["name"]
        == "*.example.com"
    )


def test_why_the_level_is_another() -> None:
    text = lines(endpoint(verification=verification(reason="no TLSA records found")))
    assert "mx.example.com[192.0.2.1]:25: no TLSA records found" in text


ERRORS = [
    (65, 0, "no matching DANE TLSA records", "server", "65", "no matching DANE TLSA records"),
    (65, 1, "no matching DANE TLSA records", "CA", "65", "no matching DANE TLSA records"),
    (62, 0, "hostname mismatch", "server", "62", "hostname mismatch"),
    (10, 0, "certificate has expired", "server", None, "certificate has expired"),
    (10, 1, "certificate has expired", "CA", None, "certificate has expired"),
    (9, 0, "certificate is not yet valid", "server", None, "certificate not yet valid"),
    (18, 0, "self-signed certificate", None, None, "self-signed certificate"),
    (20, 0, "unable to get local issuer certificate", None, None, "untrusted issuer /CN=Inter"),
]


@pytest.mark.parametrize(("code", "depth", "text", "purpose", "number", "why"), ERRORS)
def test_failed_verification_in_postfix_s_words(
    code: int, depth: int, text: str, purpose: str | None, number: str | None, why: str
) -> None:
    failed = verification(matched=False, error={"code": code, "depth": depth, "text": text})
    groups = one(FAILED, lines(endpoint(status="untrusted", verification=failed)))
    assert groups == {"purpose": purpose, "num": number, "why": why}


@pytest.mark.parametrize(("level", "told"), [("secure", True), ("half-dane", True), ("may", False), ("encrypt", False)])
def test_where_nothing_must_match_a_failed_verification_is_told_only_on_demand(level: str, told: bool) -> None:
    error = {"code": 10, "depth": 0, "text": "certificate has expired"}
    failed = endpoint(verification=verification(effective_level=level, matched=False, error=error))
    assert bool(found(FAILED, lines(failed))) is told
    assert found(FAILED, lines(failed, detail=[ReportDetail.UNTRUSTED]))


def test_a_failed_session() -> None:
    failed = endpoint(
        status="failed",
        satisfied=False,
        tls=None,
        chain=[],
        verification=None,
        tlsa={"owner": None, "records": []},
        error={"kind": "timeout", "phase": "greeting", "text": "no answer in time"},
    )
    text = lines(failed, status="failed", satisfied=False)
    assert text[0] == "example.com: failed, not satisfied"
    assert one(SESSION, text)["why"] == "no answer in time" and len(text) == 2


def test_a_failed_lookup() -> None:
    error = {"kind": "null_mx", "phase": "dns", "text": "Domain example.com does not accept mail (nullMX)"}
    assert lines(status="failed", satisfied=False, error=error) == [
        "example.com: failed, not satisfied",
        "Destination address lookup failed: Domain example.com does not accept mail (nullMX)",
    ]


def test_plaintext_behind_the_220_is_told() -> None:
    assert any("37 bytes of plaintext" in line for line in lines(endpoint(injected_plaintext=37)))


def chat(*phases: str) -> list[dict[str, Any]]:
    return [{"direction": "<", "phase": phase, "at": 0.1, "text": f"250 in {phase}"} for phase in phases]


def test_the_chat_goes_around_the_session() -> None:
    text = lines(endpoint(transcript=chat("greeting", "ehlo", "starttls", "ehlo_tls", "quit")))
    assert text[1:5] == [
        "Connected to mx.example.com[192.0.2.1]:25",
        "< 250 in greeting",
        "< 250 in ehlo",
        "< 250 in starttls",
    ]
    assert re.match(MATCHED, text[5]) and re.match(SUMMARY, text[7])
    assert text[8:] == ["< 250 in ehlo_tls", "< 250 in quit"]


def test_the_dump_of_the_chain_is_there_with_its_pem() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    text = lines(endpoint(chain=[certificate(pem=pem), certificate(subject="CN=Inter", pem=pem)]))
    at = text.index("Certificate chain")
    assert text[at - 1 : at + 9] == [
        "---",
        "Certificate chain",
        " 0 subject: CN=mx.example.com,O=Example",
        "    issuer: O=Example,CN=Inter",
        "   cert digest=" + ":".join(["AB"] * 32),
        "   pkey digest=" + ":".join(["CD"] * 32),
        "-----BEGIN CERTIFICATE-----",
        "AAAA",
        "-----END CERTIFICATE-----",
        " 1 subject: CN=Inter",
    ]
    assert "Certificate chain" not in lines(endpoint(chain=[certificate(pem=None)]))


def test_details_choose_the_lines() -> None:
    good = endpoint()
    assert lines(good, detail=()) == ["example.com: verified, satisfied"]
    assert len(lines(good, detail=[ReportDetail.SUMMARY])) == 2
    assert found(CERTIFICATE, lines(good, detail=[ReportDetail.PEERCERT]))
    assert not found(MATCHED, lines(good, detail=[ReportDetail.PEERCERT]))
    reused = endpoint(tls={**good["tls"], "session_reused": True})
    assert "mx.example.com[192.0.2.1]:25: Reusing old session" in lines(reused, detail=[ReportDetail.CACHE])
    verbose = lines(good, detail=[ReportDetail.VERBOSE])
    assert "numeric domain name in resource data of MX record" in verbose
    assert "DNSSEC-signed TLSA record: _25._tcp.mx.example.com: 3 1 1 " + "AB" * 32 in verbose


@pytest.mark.parametrize(
    ("ended", "last"),
    [
        ("not_cached", "Server declined session caching. Done reconnecting."),
        ("known_server", "Found a previously used server.  Done reconnecting."),
        ("maximum", "Maximum reconnect count reached."),
        ("failed", "Reconnecting failed."),
    ],
)
def test_reconnects_end_in_posttls_finger_s_words(ended: str, last: str) -> None:
    attempt = {"server_name": "mx", "session_offered": True, "session_reused": True, "error": None}
    text = lines(endpoint(reconnects={"ended": ended, "attempts": [attempt]}))
    assert text[-1] == last and "session resumed" in text[-2]


@pytest.mark.parametrize("name", ["", None, "O=No CN", "CN=a\\,b,O=x", "CN="])
def test_names_without_an_ordinary_common_name(name: str | None) -> None:
    groups = one(CERTIFICATE, lines(endpoint(chain=[certificate(subject=name, issuer=name)])))
    assert groups["cn"] == {"": "", None: "", "O=No CN": "O=No CN", "CN=a\\,b,O=x": "a\\,b", "CN=": ""}[name]


def test_no_results_no_lines() -> None:
    assert report_lines([]) == []


def test_everything_at_once_is_lines_of_one_line() -> None:
    assert all("\n" not in line for line in lines(endpoint(transcript=chat("greeting")), detail=ALL))


def session(algorithm: str, **changes: Any) -> dict[str, Any]:
    """Return an item of key_algorithms."""
    names = ("status", "satisfied", "error", "tls", "chain", "verification")
    shape = {name: value for name, value in endpoint().items() if name in names}
    return {"algorithm": algorithm, "offered": True, **shape, "tlsa": {"records": [record()]}, **changes}


def test_each_kind_of_key_has_lines_of_its_own() -> None:
    error = {"code": 65, "depth": 0, "text": "no matching DANE TLSA records"}
    bad = session(
        "rsa", status="untrusted", verification=verification(matched=False, error=error), tlsa={"records": [record(matched=False)]}
    )
    absent = session("ed25519", offered=False, status="failed", error={"kind": "handshake_failed", "text": "alert handshake failure"})
    text = lines(endpoint(status="untrusted", verification=verification(reason="why"), key_algorithms=[session("ecdsa"), bad, absent]))
    first, second, third = (
        next(at for at, line in enumerate(text) if line.endswith(what))
        for what in (": asked for an ecdsa key", ": asked for an rsa key", ": no ed25519 key: alert handshake failure")
    )
    assert first < second < third == len(text) - 1
    assert text[1] == "mx.example.com[192.0.2.1]:25: why" and first == 2
    assert one(SUMMARY, text[first:second])["status"] == "Verified" and found(MATCHED, text[first:second])
    assert one(SUMMARY, text[second:third])["status"] == "Untrusted" and not found(MATCHED, text[second:third])
    assert one(FAILED, text[second:third])["num"] == "65"


def test_what_was_said_is_told_with_the_session_in_which_it_was() -> None:
    chat = [{"direction": "<", "phase": "greeting", "at": 0.1, "text": "220"}]
    sessions = [session(name, transcript=[{**chat[0], "text": "220 " + name}]) for name in ("rsa", "ecdsa")]
    text = lines(endpoint(transcript=chat, key_algorithms=sessions))
    assert [line for line in text if line.startswith("< ")] == ["< 220 rsa", "< 220 ecdsa"]
