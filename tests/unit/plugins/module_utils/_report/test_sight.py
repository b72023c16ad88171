# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one result says in a few words; and that a result of anybody says something or nothing, and breaks nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed, ResultOf, observed
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import Sight, endpoints_of, grade_text, issuer_text, sight_of
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.makers.reports import (
    HOSTILE,
    delivery_result,
    domain_result,
    hostile_result,
    rollover_result,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = (
    "endpoints", "status", "satisfied", "error", "lint", "grade", "mx", "senders", "submit", "retrieve", "lines", "alarm", "delivered",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def seen(result: dict[str, Any]) -> Sight:
    found = observed(result)
    assert found is not None
    return sight_of(found)


def test_a_destination_as_it_should_be() -> None:
    sight = seen(audited("example.org", endpoint("mx1.example.org"), endpoint("mx2.example.org", "192.0.2.2")))
    assert (sight.status, sight.satisfied, sight.error, sight.reason, sight.worst) == ("verified", True, "", "", "")
    assert (sight.protocol, sight.keys, sight.issuers) == ("TLSv1.3", ("ECDSA 256",), ("Example Trust",))
    assert sight.not_after == "2026-06-30T00:00:00Z" and sight.hosts == ("mx1.example.org", "mx2.example.org")


def test_the_weakest_protocol_and_the_first_end_count() -> None:
    old = endpoint("mx2.example.org", tls={"protocol": "TLSv1"}, chain=[certificate("mx2", not_after="2026-05-06T00:00:00Z")])
    sight = seen(audited("example.org", endpoint("mx1.example.org"), old))
    assert (sight.protocol, sight.not_after) == ("TLSv1", "2026-05-06T00:00:00Z")


def test_why_is_what_failed_at_the_server_that_does_not_do() -> None:
    sight = seen(audited("example.org", endpoint("mx1.example.org"), lost("mx2.example.org")))
    assert (sight.error, sight.reason) == ("connect_timeout", "no answer")
    assert seen(failed("example.org")).reason == "no answer"


def test_every_kind_of_key_is_told() -> None:
    rsa = certificate("mx", public_key={"type": "rsa", "bits": 2048})
    sessions = [{"algorithm": "rsa", "chain": [rsa]}, {"algorithm": "ecdsa", "chain": [certificate("mx")]}]
    assert seen(audited("example.org", endpoint("mx", key_algorithms=sessions))).keys == ("ECDSA 256", "RSA 2048")


def test_closed_ports_say_nothing() -> None:
    closed = {**lost("mail.example.org"), "port_state": "refused", "service": "pop3"}
    opened = {**endpoint("mail.example.org"), "port_state": "open", "service": "imap"}
    sight = seen({"target": "mail.example.org", "status": "verified", "satisfied": True, "endpoints": [opened, closed]})
    assert (sight.error, sight.reason, sight.status) == ("", "", "verified")


def test_a_domain_tells_whether_mail_arrives_and_its_worst_finding() -> None:
    sight = seen(domain_result("example.org"))
    assert (sight.satisfied, sight.worst, sight.reason) == (True, "warning", "no DMARC record")
    assert sight.findings == (("warning", "dmarc_missing"),)
    assert sight.protocol == "TLSv1.3"
    refused = {"opportunistic": {"outcome": "refused", "protection": None, "fact": "x"}}
    assert seen(domain_result("example.org", senders=refused)).satisfied is False
    assert seen(domain_result("example.org", senders=None)).satisfied is None


def test_a_delivery_and_a_rollover() -> None:
    assert seen(delivery_result("mail.example.org")).satisfied is True
    assert seen(delivery_result("mail.example.org", delivered=False)).satisfied is False
    assert seen(rollover_result("mx1")).satisfied is True
    assert seen(rollover_result("mx1", alarm="True", failed="False")).satisfied is False
    sight = seen(rollover_result("mx1", alarm=True, lines=["mx1: alarm"]))
    assert (sight.satisfied, sight.reason) == (False, "mx1: alarm")


@pytest.mark.parametrize(
    ("certificate", "issuer"),
    [
        ({"issuer": "CN=R11,O=Let's Encrypt,C=US"}, "Let's Encrypt"),
        ({"issuer": "CN=a\\, b"}, "a, b"),
        ({"issuer": "CN=me", "subject": "CN=me"}, "self-signed"),
        ({"issuer": "OU=only this"}, "OU=only this"),
        ({}, ""),
    ],
)
def test_issuers_are_named_as_people_know_them(certificate: dict[str, Any], issuer: str) -> None:
    assert issuer_text(certificate) == issuer


def test_a_grade_is_the_level_of_the_first_policy() -> None:
    assert grade_text({"level": "good"}) == "good"
    assert grade_text([{"level": ""}, {"level": "phase_out"}]) == "phase_out"
    assert grade_text(None) == grade_text("x") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_servers_is_clean(text: str) -> None:
    sight = seen(hostile_result(text))
    assert not list(unclean(vars(sight)))
    assert max(map(len, (sight.reason, *sight.issuers, *sight.hosts))) <= 500


@given(st.sampled_from(list(ResultOf)), st.dictionaries(st.sampled_from(KEYS), JSON))
def test_results_of_any_shape_end_in_a_sight(kind: ResultOf, result: dict[str, Any]) -> None:
    found = Observed(kind, "x", result)
    assert isinstance(sight_of(found), Sight)
    assert all(hasattr(one, "get") for one in endpoints_of(found))
