# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `expect` accepts and refuses, and that a mistake in it is found before anything is probed."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import (
    endpoint_name,
    parse_expectation,
    unmet_expectations,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def endpoint(**changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "host": "mx.example.com",
        "address": "192.0.2.1",
        "port": 25,
        "preference": 10,
        "status": "verified",
        "satisfied": True,
        "error": None,
        "greeting": "220 mx.example.com ESMTP",
        "server_name": "mx.example.com",
        "tls": {"protocol": "TLSv1.3", "cipher_bits": 256, "group": "x25519", "session_reused": False},
        "chain": [{"not_after": "2026-07-01T12:00:00Z"}],
        "verification": {"effective_level": "dane", "matched": True, "depth": 0, "error": None},
        "tlsa": {"lookup": "none", "secure": True},
        "capabilities": {"before_tls": {"STARTTLS": []}, "after_tls": {"SIZE": ["1000"], "AUTH": ["PLAIN", "LOGIN"]}},
    }
    shape.update(changes)
    return shape


def result(*endpoints: dict[str, Any], **changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "destination": "example.com",
        "status": "verified",
        "satisfied": True,
        "error": None,
        "endpoints": list(endpoints),
    }
    shape.update(changes)
    return shape


def unmet(wanted: dict[str, Any], *results: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return (item, expected, found) of everything that differs."""
    found = unmet_expectations(parse_expectation(wanted), results or (result(endpoint()),), NOW)
    return [(one.item, one.expected, one.found) for one in found]


MET: list[dict[str, Any]] = [
    {"status": "verified"},
    {"status": "VERIFIED"},
    {"status": ["trusted", "verified"]},
    {"satisfied": True},
    {"satisfied": "true"},
    {"port": 25},
    {"port": "25"},
    {"preference": [10, 20]},
    {"error": None},
    {"error": [None, "timeout"]},
    {"tls": {"protocol": "TLSv1.3"}},
    {"tls": {"protocol": ["tlsv1.2", "tlsv1.3"], "cipher_bits": 256}},
    {"tls": {"session_reused": False}},
    {"verification": {"matched": True, "depth": 0, "error": None}},
    {"tlsa": {"lookup": "none"}},
    {"capabilities": {"before_tls": {"STARTTLS": []}}},
    {"capabilities": {"after_tls": {"AUTH": "PLAIN"}}},
    {"capabilities": {"after_tls": {"AUTH": ["PLAIN", "CRAM-MD5"], "SIZE": "1000"}}},
    {"min_days_left": 30},
    {"min_days_left": "30"},
    {"min_days_left": -5},
    {"host": "MX.example.com", "server_name": "mx.example.com", "status": "verified"},
]


@pytest.mark.parametrize("wanted", MET, ids=repr)
def test_met(wanted: dict[str, Any]) -> None:
    assert unmet(wanted) == []


UNMET: list[tuple[dict[str, Any], tuple[str, Any, Any]]] = [
    ({"status": "trusted"}, ("status", "trusted", "verified")),
    ({"status": ["trusted", "untrusted"]}, ("status", ["trusted", "untrusted"], "verified")),
    ({"status": None}, ("status", None, "verified")),
    ({"satisfied": False}, ("satisfied", False, True)),
    ({"port": 465}, ("port", 465, 25)),
    ({"error": "timeout"}, ("error", "timeout", None)),
    ({"error": ["timeout", "rejected"]}, ("error", ["timeout", "rejected"], None)),
    ({"tls": {"protocol": "TLSv1.2"}}, ("tls.protocol", "TLSv1.2", "TLSv1.3")),
    ({"tls": {"alpn": "smtp"}}, ("tls.alpn", "smtp", None)),
    ({"tls": None}, ("tls", None, endpoint()["tls"])),
    ({"tlsa": {"lookup": None}}, ("tlsa.lookup", None, "none")),
    ({"tlsa": {"lookup": "found"}}, ("tlsa.lookup", "found", "none")),
    ({"verification": {"depth": True}}, ("verification.depth", True, 0)),
    ({"tls": {"session_reused": 0}}, ("tls.session_reused", 0, False)),
    (
        {"capabilities": {"before_tls": {"AUTH": "PLAIN"}}},
        ("capabilities.before_tls", {"AUTH": "PLAIN"}, {"STARTTLS": []}),
    ),
    ({"capabilities": {"before_tls": None}}, ("capabilities.before_tls", None, {"STARTTLS": []})),
    ({"min_days_left": 31}, ("min_days_left", 31, 30)),
]


@pytest.mark.parametrize(("wanted", "difference"), UNMET, ids=repr)
def test_unmet(wanted: dict[str, Any], difference: tuple[str, Any, Any]) -> None:
    assert unmet(wanted) == [difference]


def test_each_difference_of_each_endpoint_is_told() -> None:
    bad = endpoint(status="untrusted", satisfied=False, tls=None, chain=[])
    wanted = {"status": "verified", "tls": {"protocol": "TLSv1.3"}, "min_days_left": 1}
    assert unmet(wanted, result(endpoint()), result(bad, endpoint())) == [
        ("status", "verified", "untrusted"),
        ("tls.protocol", "TLSv1.3", None),
        ("min_days_left", 1, None),
    ]


def test_an_error_may_be_given_by_its_kind_or_in_parts() -> None:
    failed = endpoint(status="failed", error={"kind": "timeout", "phase": "greeting", "text": "no answer in time"})
    assert unmet({"error": "timeout"}, result(failed)) == []
    assert unmet({"error": {"phase": "greeting"}}, result(failed)) == []
    assert unmet({"error": None}, result(failed)) == [("error", None, "timeout")]
    assert unmet({"error": {"phase": "ehlo"}}, result(failed)) == [("error.phase", "ehlo", "greeting")]


def test_a_destination_without_endpoints_is_judged_by_what_it_has_itself() -> None:
    lost = result(
        status="failed", satisfied=False, error={"kind": "dns_not_found", "phase": "dns", "text": "no such name"}
    )
    assert unmet({"status": "failed", "satisfied": False, "error": "dns_not_found"}, lost) == []
    assert unmet({"status": "verified"}, lost) == [("status", "verified", "failed")]
    assert unmet({"tls": {"protocol": "TLSv1.3"}}, lost) == [("tls.protocol", "TLSv1.3", None)]
    assert unmet({"min_days_left": 1}, lost) == [("min_days_left", 1, None)]


@pytest.mark.parametrize("chain", [[], [{"not_after": None}]])
def test_days_left_that_are_not_known_are_too_few(chain: list[dict[str, Any]]) -> None:
    assert unmet({"min_days_left": -1000}, result(endpoint(chain=chain))) == [("min_days_left", -1000, None)]


def test_a_certificate_that_has_ended_has_days_below_zero() -> None:
    ended = endpoint(chain=[{"not_after": "2026-05-31T11:00:00Z"}])
    assert unmet({"min_days_left": 0}, result(ended)) == [("min_days_left", 0, -2)]


def session(algorithm: str, **changes: Any) -> dict[str, Any]:
    """Return an item of key_algorithms."""
    shape = {key: value for key, value in endpoint().items() if key in ("status", "satisfied", "error", "chain", "verification")}
    return {"algorithm": algorithm, "offered": True, **shape, **changes}


def test_days_are_counted_to_the_first_end_of_all_kinds_of_keys() -> None:
    soon = [{"not_after": "2026-06-04T12:00:00Z"}]
    both = endpoint(key_algorithms=[session("rsa", chain=soon), session("ecdsa"), session("ed25519", offered=False, chain=[])])
    assert unmet({"min_days_left": 30}, result(both)) == [("min_days_left", 30, 3)]
    unknown = endpoint(key_algorithms=[session("rsa", chain=[{"not_after": None}]), session("ecdsa")])
    assert unmet({"min_days_left": 30}, result(unknown)) == [("min_days_left", 30, None)]


def test_the_kind_of_key_that_is_not_satisfied_is_named() -> None:
    error = {"code": 65, "depth": 0, "text": "no matching DANE TLSA records"}
    absent = session("ed25519", offered=False, satisfied=False, status="failed", error={"kind": "handshake_failed", "text": "alert"})
    bad = session("rsa", status="untrusted", satisfied=False, verification={"error": error})
    sessions = [absent, session("ecdsa"), bad]
    mixed = endpoint(status="untrusted", satisfied=False, key_algorithms=sessions)
    (difference,) = unmet_expectations(parse_expectation({"satisfied": True}), [result(mixed)], NOW)
    assert difference.because == "rsa: no matching DANE TLSA records"
    well = endpoint(key_algorithms=sessions[:2])
    (difference,) = unmet_expectations(parse_expectation({"satisfied": False}), [result(well)], NOW)
    assert difference.because is None


def test_the_text_says_where_what_and_why() -> None:
    failed = endpoint(status="failed", error={"kind": "timeout", "phase": "greeting", "text": "no answer in time"})
    untrusted = endpoint(status="untrusted", verification={"error": {"text": "certificate has expired"}})
    lost = result(status="failed", error={"kind": "null_mx", "phase": "dns", "text": "does not accept mail"})
    expectation = parse_expectation({"status": ["verified", "trusted"]})
    differences = unmet_expectations(expectation, [result(failed, untrusted), lost], NOW)
    where = "example.com via mx.example.com[192.0.2.1]:25: expected status verified or trusted, found "
    assert [str(one) for one in differences] == [
        where + "failed (no answer in time)",
        where + "untrusted (certificate has expired)",
        "example.com: expected status verified or trusted, found failed (does not accept mail)",
    ]
    assert differences[0].as_dict() == {
        "destination": "example.com",
        "endpoint": "mx.example.com[192.0.2.1]:25",
        "item": "status",
        "expected": ["verified", "trusted"],
        "found": "failed",
        "because": "no answer in time",
    }


def test_nothing_and_truth_read_well() -> None:
    (difference,) = unmet_expectations(parse_expectation({"satisfied": False}), [result(endpoint())], NOW)
    assert str(difference).endswith("expected satisfied false, found true")
    (difference,) = unmet_expectations(parse_expectation({"error": "timeout"}), [result(endpoint())], NOW)
    assert str(difference).endswith("expected error timeout, found nothing")


def test_an_endpoint_without_address_has_a_name() -> None:
    assert endpoint_name(endpoint(address=None, port=None)) == "mx.example.com[no address]"


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({}, "expects nothing"),
    ({"tls": {}}, "expects nothing"),
    ({"capabilities": {"before_tls": {}}}, "expects nothing"),
    ({"status": []}, "expects nothing"),
    ({"tls": {"protocol": []}}, "expects nothing"),
    ({"statsu": "verified"}, "'statsu' is not an item of an endpoint"),
    ({"chain": []}, "'chain' is not an item of an endpoint"),
    ({"tls": {"protcol": "TLSv1.3"}}, "'tls.protcol' is not an item of tls"),
    ({"error": {"kid": "timeout"}}, "'error.kid' is not an item of error"),
    ({"tls": "TLSv1.3"}, "must be a mapping"),
    ({"tlsa": ["found"]}, "must be a mapping"),
    ({"status": {"a": 1}}, "must not be a mapping"),
    ({"min_days_left": "soon"}, "is not a number of days"),
    ({"min_days_left": "--5"}, "is not a number of days"),
    ({"min_days_left": "\u00b2"}, "is not a number of days"),
    ({"min_days_left": True}, "is not a number of days"),
    ({"min_days_left": None}, "is not a number of days"),
    ({"min_days_left": [30]}, "is not a number of days"),
    ({"min_days_left": 1.5}, "is not a number of days"),
    ({"error": "tiemout"}, "is not an error.kind"),
    ({"error": ["timeout", "tiemout"]}, "is not an error.kind"),
]


@pytest.mark.parametrize(("wanted", "reason"), MISTAKES, ids=repr)
def test_a_mistake_is_an_option_error(wanted: dict[str, Any], reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_expectation(wanted)
    assert caught.value.option == "expect"
    assert reason in str(caught.value)
