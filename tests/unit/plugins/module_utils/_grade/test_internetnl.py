# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internet.nl's percentages, beside a second and shorter reading of how its documentation and code count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import check_domain_facts, grade
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.plugins.module_utils._grade.routes import route_points
from ansible_collections.mailops.tls.tests.unit.makers.graded import (
    GOOD_1_2,
    GOOD_1_3,
    certificate,
    endpoint,
    error,
    groups,
    mailbox,
    plain,
    prime,
    record,
    result,
    scan,
    seen,
    tlsa,
    unreachable,
    unseen,
)
from hypothesis import given
from hypothesis import strategies as st

NCSC = POLICIES["ncsc-2025"]
KEYS = {"rsa2048": {"type": "rsa", "bits": 2048}, "rsa1024": {"type": "rsa", "bits": 1024}, "p256": {"type": "ecdsa", "curve": "secp256r1"}}


def facts(*endpoints: dict[str, Any], known: Mapping[str, Any] | None = None, **items: Any) -> dict[str, Any]:
    """Return the item `internetnl` of a grade."""
    found: dict[str, Any] = grade({**result(*endpoints), **items}, NCSC, known=known)["internetnl"]
    return found


def server(
    *, tls: bool = True, versions: Sequence[str] = ("TLSv1.2", "TLSv1.3"), suites: Sequence[str] = GOOD_1_2, key: str = "p256",
    signature: str = "ecdsa-with-SHA256", compression: bool = False, renegotiation: bool = True, secret: bool = True,
    weak: str | None = None, own_prime: bool = False, order: str = "server", dane: str = "valid", host: str = "mx.example.org",
) -> dict[str, Any]:  # fmt: skip
    """Return an endpoint of which everything is known."""
    if not tls:
        return plain(host=host)
    records = {"valid": tlsa(record()), "failed": tlsa(record(matched=False)), "none": tlsa(lookup="none")}[dane]
    top = max((name for name in versions if name != "TLSv1.3"), default=None)
    # Suites of lower versions do not count, whatever they are.
    accepted = {name: GOOD_1_3 if name == "TLSv1.3" else suites if name == top else ("DES-CBC3-SHA",) for name in versions}
    primes = [prime(None, 4096)] if own_prime and top else []
    switches = {"secure_renegotiation": seen(renegotiation), "extended_master_secret": seen(secret), "weak_signature": seen(weak)}
    one = scan(
        accepted, compression=seen(compression and top is not None), primes=seen(primes), preference=seen(order),
        **(switches if set(versions) - {"TLSv1.3"} else {}),
    )  # fmt: skip
    return endpoint(host=host, scan=one, tlsa=records, chain=[certificate(public_key=KEYS[key], signature_algorithm=signature)])


def expected(servers: Sequence[Mapping[str, Any]]) -> int:
    """Count as documentation/scoring.md of Internet.nl says, and as its categories name the points.

    A subtest that applies has 10 points or none. What applies to one server counts for all; the worst server's sum counts.
    """
    points = []
    for one in servers:
        tls = one.get("tls", True)
        found = {"starttls": 10 if tls else 0}
        if tls:
            old = set(one.get("versions", ("TLSv1.2", "TLSv1.3"))) - {"TLSv1.3"}
            bad_suite = bool(old) and "AES256-SHA" in one.get("suites", ())
            client = bool(old) and one.get("order") == "client" and "DHE-RSA-AES256-GCM-SHA384" in one.get("suites", ())
            better = bool(set(one.get("suites", GOOD_1_2)) & set(GOOD_1_2))
            found.update(
                version=0 if set(one.get("versions", ())) & {"TLSv1", "TLSv1.1"} else 10,
                suites=0 if bad_suite else 10,
                order=0 if client and better else 10,
                exchange=0 if old and one.get("own_prime") else 10,
                hash=0 if old and one.get("weak") == "RSA-SHA1" else 10,
                compression=0 if old and one.get("compression") else 10,
                renegotiation=10 if one.get("renegotiation", True) or not old else 0,
                key=0 if one.get("key") == "rsa1024" else 10,
                signature=0 if one.get("signature") == "sha1WithRSAEncryption" else 10,
                early_data=10,
                dane_exists=10 if one.get("dane", "valid") == "valid" else 0,
            )
            if "TLSv1.2" in old:
                found["secret"] = 10 if one.get("secret", True) else 0
            if one.get("dane", "valid") != "none":
                found["dane_valid"] = found["dane_exists"]
        points.append(found)
    counted = {name for found in points for name in found}
    not_said = {"secret": 10}  # a server without TLS 1.2 keeps these points where they count because of another one
    sums = [
        sum(found.get(name, not_said.get(name, 0) if len(found) > 1 else 0) for name in counted) for found in points
    ]
    return int(100.0 / (10 * len(counted)) * min(sums))


SERVERS = st.fixed_dictionaries({}, optional={
    "tls": st.booleans(),
    "versions": st.sampled_from([("TLSv1.3",), ("TLSv1.2",), ("TLSv1.1",), ("TLSv1.1", "TLSv1.2"), ("TLSv1", "TLSv1.2", "TLSv1.3")]),
    "suites": st.sampled_from([GOOD_1_2, (*GOOD_1_2, "AES256-SHA"), ("AES256-SHA",), ("DHE-RSA-AES256-GCM-SHA384",)]),
    "key": st.sampled_from(sorted(KEYS)),
    "signature": st.sampled_from(["ecdsa-with-SHA256", "sha1WithRSAEncryption"]),
    "compression": st.booleans(),
    "renegotiation": st.booleans(),
    "secret": st.booleans(),
    "weak": st.sampled_from([None, "RSA-SHA1"]),
    "own_prime": st.booleans(),
    "dane": st.sampled_from(["valid", "failed", "none"]),
})  # fmt: skip


@given(st.lists(SERVERS, min_size=1, max_size=4))
def test_the_same_as_a_second_reading(servers: list[dict[str, Any]]) -> None:
    endpoints = [server(**one, host=f"mx{number}.example.org") for number, one in enumerate(servers)]
    found = facts(*endpoints)
    assert found["categories"]["mail_starttls"] == expected(servers), found["tests"]


@given(st.lists(SERVERS, min_size=1, max_size=3), st.data())
def test_what_is_unknown_makes_a_range_with_the_truth_in_it(servers: list[dict[str, Any]], data: st.DataObject) -> None:
    whole = [server(**one, host=f"mx{number}.example.org") for number, one in enumerate(servers)]
    truth = facts(*whole)["categories"]["mail_starttls"]
    hidden = []
    for one in whole:
        how = data.draw(st.sampled_from(["whole", "unscanned", "unreachable", "without_item"]))
        if how == "unreachable":
            one = unreachable("rate_limited", host=one["host"])
        elif how == "unscanned":
            one = {**one, "scan": None}
        elif how == "without_item" and one["scan"]:
            gone = data.draw(st.sampled_from(["preference", "groups", "primes", "compression", "weak_signature", "extended_master_secret"]))
            one = {**one, "scan": {**one["scan"], gone: unseen()}}
        hidden.append(one)
    low, high = facts(*hidden)["ranges"]["mail_starttls"]
    assert low <= truth <= high


@pytest.mark.parametrize(
    ("one", "share"),
    [
        (server(), 100),
        (server(dane="none"), int(100.0 / 130 * 120)),
        (server(dane="failed"), int(100.0 / 140 * 120)),
        (server(versions=("TLSv1.3",)), 100),
        (server(suites=(*GOOD_1_2, "AES256-SHA")), int(100.0 / 140 * 130)),
        (server(suites=(*GOOD_1_2, "DHE-RSA-AES256-GCM-SHA384"), order="client"), int(100.0 / 140 * 130)),
        (server(key="rsa2048"), 100),
        (server(key="rsa1024"), int(100.0 / 140 * 130)),
        (server(tls=False), 0),
        (endpoint(status="failed", error=error("starttls_not_offered"), tls=None, chain=[], scan=None), 0),
    ],
)
def test_known_shares(one: dict[str, Any], share: int) -> None:
    assert facts(one)["ranges"]["mail_starttls"] == [share, share]


def test_something_to_phase_out_has_all_points_and_a_warning() -> None:
    found = facts(server(suites=("DHE-RSA-AES256-GCM-SHA384",)))
    assert found["tests"]["mail_starttls_tls_ciphers"] == {"status": "warning", "verdict": "phase_out", "points": [10, 10]}


@pytest.mark.parametrize("kind", ["rate_limited", "timeout", "connect_timeout", "disconnected", "rejected", "starttls_rejected"])
def test_a_server_that_could_not_be_tested_is_untestable(kind: str) -> None:
    found = facts(unreachable(kind))
    assert found["categories"]["mail_starttls"] is None and found["ranges"]["mail_starttls"] == [0, 100]
    assert found["tests"]["mail_starttls_tls_available"] == {"status": "not_tested", "verdict": "untestable", "points": [0, 10]}
    assert "mail_starttls_tls_available" in found["untested"]


def test_what_does_not_count_is_told() -> None:
    other = [certificate(dns_names=["mail.example.org"])]
    found = facts(endpoint(chain=other, verification={"trusted": False}))
    assert found["categories"]["mail_starttls"] == 100
    assert found["tests"]["mail_starttls_cert_chain"]["status"] == found["tests"]["mail_starttls_cert_domain"]["status"] == "info"
    anchored = facts(endpoint(chain=other, tlsa=tlsa(record(usage=2))))
    assert anchored["tests"]["mail_starttls_cert_domain"]["status"] == "failed"
    assert anchored["categories"]["mail_starttls"] == 100


def test_a_prime_of_ones_own_is_insufficient_whatever_its_size() -> None:
    found = facts(endpoint(scan=scan(primes=seen([prime(None, 4096)]))))
    assert found["tests"]["mail_starttls_tls_keyexchange"]["status"] == "failed"
    assert facts(endpoint(scan=scan(primes=seen([prime("ffdhe4096", 4096)]))))["categories"]["mail_starttls"] == 100


def test_a_weak_group_may_never_be_chosen() -> None:
    found = facts(endpoint(scan=scan(groups=seen(groups("x25519", "secp256k1")))))
    assert found["tests"]["mail_starttls_tls_keyexchange"] == {"status": "not_tested", "verdict": "insufficient", "points": [0, 10]}
    assert found["ranges"]["mail_starttls"] == [int(100.0 / 140 * 130), 100]
    assert facts(endpoint(scan=scan(groups=seen(groups("secp224r1")))))["categories"]["mail_starttls"] == 100


def test_of_two_certificates_one_is_looked_at() -> None:
    weak = {"algorithm": "rsa", "offered": True, "tls": {"established": True}, "chain": [certificate(public_key=KEYS["rsa1024"])]}
    fine = {**weak, "chain": [certificate(public_key=KEYS["rsa2048"])]}
    found = facts(endpoint(key_algorithms=[weak]))
    assert found["tests"]["mail_starttls_cert_pubkey"] == {"status": "failed", "verdict": "insufficient", "points": [0, 10]}
    assert found["ranges"]["mail_starttls"] == [int(100.0 / 140 * 130), 100]
    assert facts(endpoint(key_algorithms=[fine]))["categories"]["mail_starttls"] == 100


def test_ten_exchanges_by_name_are_tested() -> None:
    servers = [server(host=f"mx{number:02}.example.org") for number in range(11)]
    servers[10] = server(host="mx10.example.org", tls=False)
    assert facts(*servers)["categories"]["mail_starttls"] == 100
    servers[9] = server(host="mx09.example.org", tls=False)
    assert facts(*reversed(servers))["categories"]["mail_starttls"] == 0


def test_the_total_is_a_range_until_all_is_known() -> None:
    found = facts(server())
    assert found["total"] == [40, 100]
    assert found["untested"] == ["mail_ipv6", "mail_auth", "mail_rpki"]
    known = {"mail_ipv6": 60, "mail_dnssec": 20, "mail_auth": 47}
    assert facts(server(), known=known)["total"] == [int((60 + 20 + 47 + 100) / 5), int((60 + 20 + 47 + 100 + 100) / 5)]
    known["mail_dnssec"] = 100
    assert facts(server(), known={**known, "mail_rpki": 100})["total"] == [81, 81]


@pytest.mark.parametrize(
    ("one", "secure", "score"),
    [
        (endpoint(), True, 100),
        (endpoint(tlsa=tlsa(lookup="none")), True, 100),
        (endpoint(), False, None),
        (endpoint(), None, None),
        (endpoint(tlsa={**tlsa(lookup="none"), "secure": False}), True, None),
        (endpoint(tlsa=tlsa(lookup="skipped")), True, None),
        (endpoint(tlsa=tlsa(lookup="error")), True, None),
        (endpoint(tlsa={**tlsa(record()), "base_domain": "alias.example.net"}), True, None),
    ],
)
def test_validated_answers_are_the_category_on_dnssec(one: dict[str, Any], secure: bool | None, score: int | None) -> None:
    found = facts(one, route={"lookup": "mx", "secure": secure})
    assert found["categories"]["mail_dnssec"] == score and ("mail_dnssec" in found["untested"]) is (score is None)
    both = facts(one, endpoint(host="mx2.example.net"), route={"lookup": "mx", "secure": secure})
    assert both["categories"]["mail_dnssec"] is None


def test_a_domain_without_exchanges_has_no_such_category() -> None:
    route = {"lookup": "address", "null_mx": False}
    found = facts(server(), route=route)
    assert found["categories"]["mail_starttls"] is None and found["ranges"]["mail_starttls"] is None and found["tests"] == {}
    assert found["total"] == [0, 100]
    known = {"mail_ipv6": 100, "mail_dnssec": 100, "mail_auth": 100, "mail_rpki": 100}
    assert facts(server(), known=known, route=route)["total"] == [100, 100]


def test_mailboxes_have_no_such_number() -> None:
    assert grade(mailbox(), NCSC)["internetnl"] is None


def route(state: str, authorised: bool) -> dict[str, Any]:
    """Return a route as Routinator tells of it."""
    vrp = [{"asn": "AS64496", "prefix": "192.0.2.0/24", "max_length": "24"}]
    other = vrp if authorised and state != "valid" else []
    vrps = {"matched": vrp if state == "valid" else [], "unmatched_as": other, "unmatched_length": []}
    return {
        "route": {"origin_asn": "AS64496", "prefix": "192.0.2.0/24"},
        "validity": {"state": state, "description": "...", "VRPs": vrps},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "points"),
    [
        ({}, (0, 45)),
        ({"mx": [route("valid", True)]}, (15, 45)),
        ({"mx": {"validated_routes": [route("valid", True)]}, "ns": [], "mx_ns": [route("valid", True)]}, (45, 45)),
        ({"mx": [route("valid", True), route("not-found", False)], "ns": [], "mx_ns": []}, (30, 30)),
        ({"mx": [route("invalid", True)], "ns": [], "mx_ns": []}, (35, 35)),
        ({"mx": "text", "ns": [None], "mx_ns": []}, (30, 45)),
    ],
)
def test_points_for_routes(parts: dict[str, Any], points: tuple[int, int]) -> None:
    low, high, untested = route_points(parts)
    assert (low, high) == points and bool(untested) is (low != high)


def test_routes_make_a_category() -> None:
    found = facts(server(), known={"mail_rpki": {"mx": [route("valid", True)]}})
    assert found["ranges"]["mail_rpki"] == [33, 100]
    assert "mail_ns_rpki_exists" in found["untested"] and "mail_rpki" not in found["untested"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("text", "is not a mapping of domains"),
        ({"example.org": 3}, "is not a mapping of categories"),
        ({"example.org": {"mail_starttls": 100}}, "'mail_starttls' is not a category that can be given; known are: mail_ipv6"),
        ({"example.org": {"web_ipv6": 100}}, "'web_ipv6' is not a category"),
        ({"example.org": {"mail_auth": 101}}, "is not a score from 0 to 100"),
        ({"example.org": {"mail_auth": True}}, "is not a score from 0 to 100"),
        ({"example.org": {"mail_rpki": {"mail": []}}}, "'mail_rpki.mail' is none of mx, ns, mx_ns"),
        ({"example.org": {"mail_rpki": {"mx": "text"}}}, "'mail_rpki.mx' is none of"),
    ],
)
def test_mistakes_in_what_is_known(given: Any, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_domain_facts(given)
    assert text in str(caught.value)


def test_domains_are_known_in_any_case() -> None:
    assert check_domain_facts({"Example.ORG": {"mail_auth": 3}}) == {"example.org": {"mail_auth": 3}}
    assert check_domain_facts(None) == {}
