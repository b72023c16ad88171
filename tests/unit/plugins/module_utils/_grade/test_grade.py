# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grades: each level of each item with a case for it and one against, and what must hold whatever the case."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import NotGradable, Tally, grade, grades, named_policies
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.tests.unit.makers.graded import (
    GOOD_1_2,
    GOOD_1_3,
    TLS,
    certificate,
    endpoint,
    error,
    groups,
    item,
    mailbox,
    plain,
    prime,
    record,
    result,
    scan,
    seen,
    suites,
    tlsa,
    unreachable,
    unseen,
)

NCSC, INTERMEDIATE, MODERN, IANA = (
    POLICIES[name] for name in ("ncsc-2025", "mozilla-6.0-intermediate", "mozilla-6.0-modern", "iana-recommended")
)
ORDER = ("good", "sufficient", "phase_out", "insufficient")
CBC, DHE, OLD = "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES256-GCM-SHA384", "AES256-SHA"
BARE = {"scan": None}


def graded_scan(versions: dict[str, Any] | None = None, **levels: Any) -> dict[str, Any]:
    """Return an endpoint whose scan asked for suites level by level."""
    whole = {"insufficient": seen([]), "phase_out": seen([]), "sufficient": seen(list(GOOD_1_2)), **levels}
    one = scan()
    listed = {**one["suites"], "TLSv1.2": seen([GOOD_1_2[0]], WHY_OPEN)}
    return endpoint(scan={**one, "mode": "grade", "levels": whole, "suites": listed, **(versions or {})})


WHY_OPEN = "the scan did not come to it"
CASES = [
    ("starttls", endpoint(), "good"),
    ("starttls", plain(), "insufficient"),
    ("starttls", endpoint(status="failed", error=error("starttls_not_offered"), tls=None, chain=[], scan=None), "insufficient"),
    ("starttls", endpoint(status="failed", error=error("handshake_failed"), tls=None, chain=[], scan=None), "good"),
    ("starttls", unreachable("rate_limited"), "not_tested"),
    ("starttls", unreachable("timeout"), "not_tested"),
    ("starttls", unreachable("connect_refused"), "not_tested"),
    ("starttls", unreachable("starttls_rejected"), "not_tested"),
    ("starttls", plain(error=error("rate_limited")), "not_tested"),
    ("tls_version", endpoint(scan=scan({"TLSv1.3": GOOD_1_3})), "good"),
    ("tls_version", endpoint(), "sufficient"),
    ("tls_version", endpoint(scan=scan({"TLSv1.1": GOOD_1_2, "TLSv1.2": GOOD_1_2})), "insufficient"),
    ("tls_version", endpoint(**BARE), "not_tested"),
    ("tls_version", endpoint(**BARE, tls={**TLS, "protocol": "TLSv1"}), "insufficient"),
    ("tls_version", endpoint(scan=scan(versions={**scan()["versions"], "SSLv3": unseen()})), "not_tested"),
    ("cipher_suites", endpoint(scan=scan({"TLSv1.3": GOOD_1_3})), "good"),
    ("cipher_suites", suites(*GOOD_1_2), "sufficient"),
    ("cipher_suites", suites(*GOOD_1_2, CBC), "phase_out"),
    ("cipher_suites", suites(*GOOD_1_2, CBC, OLD), "insufficient"),
    ("cipher_suites", suites(*GOOD_1_2, "0x000c"), "insufficient"),
    ("cipher_suites", endpoint(scan=scan({"TLSv1.3": [*GOOD_1_3, "TLS_AES_128_CCM_8_SHA256"]})), "insufficient"),
    ("cipher_suites", endpoint(**BARE), "not_tested"),
    ("cipher_suites", endpoint(**BARE, tls={**TLS, "cipher": OLD}), "insufficient"),
    ("cipher_suites", graded_scan(), "sufficient"),
    ("cipher_suites", graded_scan(sufficient=seen([], "three are enough")), "not_tested"),
    ("cipher_suites", graded_scan(phase_out=seen([CBC], "three are enough")), "phase_out"),
    ("cipher_suites", graded_scan(insufficient=seen([OLD], "three are enough")), "insufficient"),
    ("cipher_suites", graded_scan(phase_out=unseen("421")), "not_tested"),
    ("cipher_order", endpoint(scan=scan({"TLSv1.3": GOOD_1_3})), "good"),
    ("cipher_order", suites(*GOOD_1_2, OLD), "good"),
    ("cipher_order", suites(CBC, DHE), "good"),
    ("cipher_order", suites(*GOOD_1_2, CBC, preference=seen("client")), "insufficient"),
    ("cipher_order", suites(*GOOD_1_2, CBC, preference=seen("server")), "not_tested"),
    ("cipher_order", suites(*GOOD_1_2, CBC, preference=unseen()), "not_tested"),
    ("cipher_order", endpoint(**BARE), "not_tested"),
    ("key_exchange", endpoint(), "good"),
    ("key_exchange", endpoint(scan=scan(groups=seen(groups("x25519", "secp224r1")))), "phase_out"),
    ("key_exchange", endpoint(scan=scan(groups=seen(groups("x25519", "secp256k1")))), "insufficient"),
    ("key_exchange", endpoint(scan=scan(groups=seen(groups("x25519"), "a key hides some"))), "not_tested"),
    ("key_exchange", endpoint(scan=scan(primes=seen([prime("ffdhe4096", 4096)]))), "phase_out"),
    ("key_exchange", endpoint(scan=scan(primes=seen([prime(None, 4096)]))), "insufficient"),
    ("key_exchange", endpoint(scan=scan(primes=seen([prime("ffdhe2048", 2048)]))), "insufficient"),
    ("key_exchange", endpoint(scan=scan(primes=unseen())), "not_tested"),
    ("key_exchange", endpoint(**BARE, tls={**TLS, "group": "dh1024"}), "insufficient"),
    ("key_exchange", endpoint(**BARE, tls={**TLS, "group": "dh4096"}), "not_tested"),
    ("key_exchange_hash", endpoint(), "good"),
    ("key_exchange_hash", endpoint(scan=scan({"TLSv1.3": GOOD_1_3})), "good"),
    ("key_exchange_hash", endpoint(scan=scan(weak_signature=seen("RSA-SHA1"))), "insufficient"),
    ("key_exchange_hash", endpoint(scan=scan(weak_signature=seen("ECDSA-SHA224"))), "phase_out"),
    ("key_exchange_hash", endpoint(scan=scan(weak_signature=unseen())), "not_tested"),
    ("key_exchange_hash", endpoint(**BARE, tls={**TLS, "protocol": "TLSv1.2", "signature_digest": "SHA1"}), "insufficient"),
    ("compression", endpoint(), "good"),
    ("compression", endpoint(scan=scan(compression=seen(True))), "insufficient"),
    ("compression", endpoint(**BARE), "not_tested"),
    ("secure_renegotiation", endpoint(), "good"),
    ("secure_renegotiation", endpoint(scan=scan({"TLSv1.3": GOOD_1_3})), "good"),
    ("secure_renegotiation", endpoint(scan=scan(secure_renegotiation=seen(False))), "insufficient"),
    ("secure_renegotiation", endpoint(scan=scan(secure_renegotiation=unseen())), "not_tested"),
    ("extended_master_secret", endpoint(), "good"),
    ("extended_master_secret", endpoint(scan=scan(extended_master_secret=seen(False))), "insufficient"),
    ("extended_master_secret", endpoint(**BARE), "not_tested"),
    ("client_renegotiation", endpoint(), "not_tested"),
    ("early_data", endpoint(), "good"),
    ("early_data", endpoint(tls={**TLS, "max_early_data": None}), "not_tested"),
    ("early_data", endpoint(tls={**TLS, "protocol": "TLSv1.2", "max_early_data": 0}), "not_tested"),
    ("early_data", endpoint(scan=scan({"TLSv1.2": GOOD_1_2})), "good"),
    ("early_data", endpoint(tls={**TLS, "max_early_data": 16384}), "insufficient"),
    ("certificate_key", endpoint(), "good"),
    ("certificate_key", endpoint(chain=[certificate(public_key={"type": "rsa", "bits": 2048, "curve": None})]), "phase_out"),
    ("certificate_key", endpoint(chain=[certificate(public_key={"type": "rsa", "bits": 1024, "curve": None})]), "insufficient"),
    ("certificate_key", endpoint(chain=[certificate(), certificate(public_key={"type": "rsa", "bits": 2048, "curve": None})]), "phase_out"),
    (
        "certificate_key",
        endpoint(chain=[certificate(), certificate(subject="CN=A", issuer="CN=A", public_key={"type": "rsa", "bits": 1024})]),
        "good",
    ),
    ("certificate_key", endpoint(chain=[certificate(public_key={"type": "ed25519", "bits": 256, "curve": None})]), "good"),
    ("certificate_key", endpoint(chain=[certificate(public_key={"type": "ecdsa", "bits": 256, "curve": None})]), "insufficient"),
    ("certificate_key", endpoint(chain=[certificate(public_key=None)]), "not_tested"),
    ("certificate_key", endpoint(chain=[]), "not_tested"),
    (
        "certificate_key",
        endpoint(key_algorithms=[
            {"algorithm": "rsa", "offered": True, "tls": dict(TLS), "chain": [certificate(public_key={"type": "rsa", "bits": 2048})]},
        ]),
        "phase_out",
    ),
    (
        "certificate_key",
        endpoint(key_algorithms=[
            {"algorithm": "rsa", "offered": False, "tls": dict(TLS), "chain": [certificate(public_key={"type": "rsa", "bits": 1024})]},
        ]),
        "good",
    ),
    ("certificate_signature", endpoint(), "sufficient"),
    ("certificate_signature", endpoint(chain=[certificate(signature_algorithm="sha224WithRSAEncryption")]), "phase_out"),
    ("certificate_signature", endpoint(chain=[certificate(signature_algorithm="sha1WithRSAEncryption")]), "insufficient"),
    ("certificate_signature", endpoint(chain=[certificate(signature_algorithm=None)]), "not_tested"),
    ("certificate_trust", endpoint(), "good"),
    ("certificate_trust", endpoint(verification={"trusted": False}), "insufficient"),
    ("certificate_trust", endpoint(verification={"trusted": None}), "not_tested"),
    ("certificate_name", endpoint(), "good"),
    ("certificate_name", endpoint(chain=[certificate(dns_names=["*.example.org"])]), "good"),
    ("certificate_name", endpoint(chain=[certificate(dns_names=["mail.example.org"])]), "insufficient"),
    ("certificate_name", endpoint(chain=[certificate(dns_names=None)]), "not_tested"),
    ("dane", endpoint(), "good"),
    ("dane", endpoint(tlsa=tlsa(record(matched=False))), "insufficient"),
    ("dane", endpoint(tlsa=tlsa(record(matched=False), record())), "good"),
    ("dane", endpoint(tlsa=tlsa(record(usage=1))), "insufficient"),
    ("dane", endpoint(tlsa=tlsa(lookup="none")), "insufficient"),
    ("dane", endpoint(tlsa=tlsa(lookup="insecure")), "insufficient"),
    ("dane", endpoint(tlsa=tlsa(lookup="error")), "not_tested"),
    ("dane", endpoint(tlsa=tlsa(lookup="skipped")), "not_tested"),
    ("dane", endpoint(tlsa=tlsa(record(matched=None))), "not_tested"),
    ("dane_rollover", endpoint(), "sufficient"),
    ("dane_rollover", endpoint(tlsa=tlsa(record(), record())), "good"),
    ("dane_rollover", endpoint(tlsa=tlsa(record(), record(usage=2))), "good"),
    ("dane_rollover", endpoint(tlsa=tlsa(lookup="none")), "not_tested"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "one", "level"), CASES, ids=[f"{number}-{case[0]}-{case[2]}" for number, case in enumerate(CASES)])
def test_levels_of_items(name: str, one: dict[str, Any], level: str) -> None:
    found = item(grade(result(one), NCSC), name)
    assert found["level"] == level, found["text"]
    assert found["complete"] or level in ("not_tested", "phase_out", "insufficient")
    for evidence in found["evidence"]:
        assert evidence["endpoint"] == "mx.example.org[192.0.2.25]:25"
        assert field_of(result(one), evidence["field"]) is not None
    if level == "not_tested":
        assert all(gap["why"] for gap in found["not_tested"]) and found["text"]


def field_of(facts: Any, path: str) -> Any:
    """Follow the path of a piece of evidence; names of protocol versions have dots in them."""
    while path:
        if isinstance(facts, list):
            number, _bracket, path = path[1:].partition("]")
            facts, path = facts[int(number)], path.lstrip(".")
            continue
        key = max((name for name in facts if path == name or path.startswith((f"{name}.", f"{name}["))), key=len)
        facts, path = facts[key], path[len(key) :].lstrip(".")
    return facts


def test_every_level_that_an_item_can_have_has_a_case() -> None:
    shown = {(name, level) for name, _one, level in CASES}
    for one in NCSC.items:
        possible = {level.value for level in one.listed.values()} | {bound[3].value for bound in one.bounds} | {one.otherwise.value}
        if one.id in ("client_renegotiation", "dane_rollover"):
            continue  # nothing asks for the one, and the other is never as bad as it could be
        missing = {level for level in possible if (one.id, level) not in shown} - ({"good"} if one.id == "starttls" else set())
        assert not missing, (one.id, missing)


@pytest.mark.parametrize(
    ("policy", "name", "one", "level"),
    [
        (INTERMEDIATE, "tls_version", endpoint(), "good"),
        (MODERN, "tls_version", endpoint(), "insufficient"),
        (MODERN, "tls_version", endpoint(scan=scan({"TLSv1.3": GOOD_1_3})), "good"),
        (INTERMEDIATE, "cipher_suites", endpoint(), "good"),
        (INTERMEDIATE, "cipher_suites", suites(*GOOD_1_2, CBC), "insufficient"),
        (INTERMEDIATE, "key_exchange", endpoint(), "good"),
        (INTERMEDIATE, "key_exchange", endpoint(scan=scan(groups=seen(groups("secp521r1")))), "insufficient"),
        (INTERMEDIATE, "certificate_key", endpoint(chain=[certificate(public_key={"type": "rsa", "bits": 2048})]), "good"),
        (MODERN, "certificate_key", endpoint(chain=[certificate(public_key={"type": "rsa", "bits": 2048})]), "insufficient"),
        (INTERMEDIATE, "certificate_signature", endpoint(), "good"),
        (INTERMEDIATE, "certificate_signature", endpoint(chain=[certificate(signature_algorithm="sha1WithRSAEncryption")]), "insufficient"),
        (INTERMEDIATE, "certificate_lifetime", endpoint(chain=[certificate(not_after="2027-01-02T00:00:00Z")]), "good"),
        (INTERMEDIATE, "certificate_lifetime", endpoint(chain=[certificate(not_after="2027-01-02T00:00:01Z")]), "insufficient"),
        (INTERMEDIATE, "certificate_lifetime", endpoint(chain=[certificate(not_after="soon")]), "not_tested"),
        (MODERN, "certificate_lifetime", endpoint(), "good"),
        (IANA, "cipher_suites", endpoint(), "good"),
        (IANA, "cipher_suites", suites(*GOOD_1_2, CBC), "sufficient"),
        (IANA, "cipher_suites", suites(*GOOD_1_2, DHE), "insufficient"),
        (IANA, "cipher_suites", suites(*GOOD_1_2, "OF-TOMORROW"), "not_tested"),
        (IANA, "key_exchange", endpoint(), "good"),
        (IANA, "key_exchange", endpoint(scan=scan(primes=seen([prime(None, 2048)]))), "not_tested"),
        (IANA, "signature_schemes", endpoint(), "good"),
        (IANA, "signature_schemes", endpoint(scan=scan(signature_schemes=seen(["RSA-PSS-SHA256 (PSS key)", "RSA-SHA1"]))), "sufficient"),
        (IANA, "signature_schemes", endpoint(scan=scan(signature_schemes=seen(["DSA-SHA256"]))), "not_tested"),
    ],
)  # fmt: skip
def test_other_policies(policy: Any, name: str, one: dict[str, Any], level: str) -> None:
    found = item(grade(result(one), policy), name)
    assert found["level"] == level, found["text"]


def test_a_whole_grade() -> None:
    found = grade(result(), NCSC)
    assert (found["subject"], found["policy"]) == ("example.org", "ncsc-2025")
    assert (found["level"], found["tested_level"]) == ("sufficient", "sufficient")
    assert found["not_tested"] == ["client_renegotiation"]
    assert found["counts"]["not_tested"] == 1 and sum(found["counts"].values()) == len(found["checks"]) == len(NCSC.items)
    assert grade(result(), MODERN)["internetnl"] is None


def test_without_a_scan_nothing_is_promised() -> None:
    found = grade(result(endpoint(scan=None)), NCSC)
    assert (found["level"], found["tested_level"]) == ("not_tested", "sufficient")
    assert "cipher_suites" in found["not_tested"]
    assert item(found, "cipher_suites")["text"] == "Good: TLS_AES_256_GCM_SHA384. More was not tested: no scan was made."


def test_the_worst_endpoint_counts_and_is_named() -> None:
    other = suites(OLD)
    other.update(host="mx2.example.org", address="2001:db8::1")
    found = item(grade(result(endpoint(), other), NCSC), "cipher_suites")
    assert found["level"] == "insufficient"
    assert found["evidence"][0] == {
        "value": "TLS_RSA_WITH_AES_256_CBC_SHA", "level": "insufficient", "endpoint": "mx2.example.org[2001:db8::1]:25",
        "field": "endpoints[1].scan.suites.TLSv1.2",
    }  # fmt: skip
    assert found["connections"] == ["mx.example.org[192.0.2.25]:25", "mx2.example.org[2001:db8::1]:25"]


def test_one_server_that_is_down_leaves_it_open() -> None:
    assert grade(result(endpoint(), unreachable()), NCSC)["level"] == "not_tested"
    assert grade(result(suites(OLD), unreachable()), NCSC)["level"] == "insufficient"


def test_who_can_fix_it() -> None:
    assert item(grade(result(), NCSC), "cipher_suites")["fixable_by"] == "operator"
    elsewhere = grade(result(endpoint(host="mx.provider.example")), NCSC)
    assert item(elsewhere, "cipher_suites")["fixable_by"] == "provider"
    assert item(elsewhere, "certificate_signature")["fixable_by"] == "ca"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (result(error=error("dns_error", "no answer")), "dns_error: no answer"),
        (result(route={"lookup": "mx", "null_mx": True}, error=error("null_mx")), "the domain takes no mail (null MX)"),
        (result(), "no server was reached"),
    ],
)
def test_no_endpoint_is_no_grade(given: dict[str, Any], why: str) -> None:
    found = grade({**given, "endpoints": []}, NCSC)
    assert (found["level"], found["tested_level"]) == ("not_tested", None)
    assert item(found, "starttls")["text"] == f"Not tested: {why}."


def test_mailboxes() -> None:
    closed = {**unreachable("connect_refused"), "port_state": "refused"}
    found = grade(mailbox(endpoint(), closed), NCSC)
    assert (found["subject"], found["level"], found["internetnl"]) == ("mx.example.org", "sufficient", None)
    assert item(found, "starttls")["observed"] == ["offered"]
    no_starttls = {**plain(), "tls_mode": "starttls", "starttls_offered": False}
    assert item(grade(mailbox(no_starttls), NCSC), "starttls")["level"] == "insufficient"


@pytest.mark.parametrize("given", [None, 3, "text", [], {}, {"destination": 3, "endpoints": []}, {"destination": "example.org"}])
def test_what_is_no_result(given: Any) -> None:
    with pytest.raises(NotGradable, match="no result"):
        grade(given, NCSC)


def test_nothing_in_a_result_is_trusted() -> None:
    for hostile in (None, 3, "x" * 10_000, [1, [2]], {"state": "observed", "value": {"a": 1}, "complete": "yes"}, float("nan")):
        one = endpoint()
        for key in one["scan"]:
            one["scan"][key] = hostile
        assert grade(result(one), NCSC)["level"] in (*ORDER, "not_tested")
        for key in list(endpoint()):
            assert grade(result({**endpoint(), key: hostile}), NCSC)["policy"] == "ncsc-2025"
            assert grade(result({**endpoint(), key: [hostile, {"a": hostile}]}), IANA)["policy"] == "iana-recommended"
    hidden = grade(result(suites("\x1b[31m" + "A" * 3000)), NCSC)
    assert "\x1b" not in str(hidden) and len(str(hidden)) < 40_000


def test_policies_by_name() -> None:
    assert [one.id for one in named_policies("iana-recommended")] == ["iana-recommended"]
    assert [one.id for one in named_policies(["ncsc-2025", "rules", "ncsc-2025"])] == ["ncsc-2025", "rules"]
    for wrong in ([], None, "ncsc", ["ncsc-2025", 3], {"a": 1}):
        with pytest.raises(OptionError, match="policy"):
            named_policies(wrong)


def test_many_results_are_counted() -> None:
    tally = Tally()
    for one in grades([result(), result(plain())], (NCSC, MODERN)):
        tally.add(one)
    facts = tally.as_facts()
    assert facts["ncsc-2025"] == {"good": 0, "sufficient": 1, "phase_out": 0, "insufficient": 1, "not_tested": 0}
    assert facts["mozilla-6.0-modern"]["insufficient"] == 2


@pytest.mark.parametrize(
    ("cut", "level"),
    [(None, "sufficient"), (["transcript", "pem"], "sufficient"), (["transcript", "chain", "endpoints"], "not_tested")],
)
def test_a_result_that_was_cut_is_as_good_as_what_is_left_of_it_at_most(cut: list[str] | None, level: str) -> None:
    whole = result(endpoint())
    found = grade(whole if cut is None else {**whole, "cut": cut}, NCSC)
    assert found["level"] == level
    worse = result(suites(OLD))
    assert grade({**worse, "cut": cut}, NCSC)["level"] == grade(worse, NCSC)["level"]
