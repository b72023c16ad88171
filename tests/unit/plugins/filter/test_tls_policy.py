# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a policy table out of results: never one that would have lost mail, and nothing of a stranger's text in it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.filter.tls_policy import FilterModule, tls_policy


def sender(outcome: str = "delivered", protection: str | None = "verified", fact: str = "mx.example.net: fine") -> dict[str, Any]:
    """Return one kind of sender."""
    return {"outcome": outcome, "protection": protection, "fact": fact, "exchanges": []}


def domain(policy: dict[str, Any] | None = None, **senders: dict[str, Any]) -> dict[str, Any]:
    """Return a result of mail_domain_info."""
    lax = {"opportunistic": sender(protection="encrypted")}
    return {"domain": "Example.net", "mta_sts": {"policy": policy or {"mode": None, "mx": []}}, "senders": {**lax, **senders}}


def probe(level: str, status: str = "verified", satisfied: bool = True, delivery: str | None = None, tls: bool = True) -> dict[str, Any]:
    """Return a result of smtp_tls_probe with two endpoints."""
    error = None if satisfied else {"text": "hostname mismatch"}
    verification = {"requested_level": level, "delivery_level": delivery or level, "error": error}
    one = {"satisfied": satisfied, "status": status, "tls": {"established": tls}, "verification": verification, "error": None}
    return {"destination": "example.net", "endpoints": [one, {**one, "satisfied": True}], "error": None}


@pytest.mark.parametrize(
    ("result", "policy"),
    [
        (domain(dane=sender()), "dane-only"),
        (domain(dane=sender("partly")), "encrypt"),
        (domain(dane=sender(protection="encrypted"), mandatory=sender()), "verify match=hostname servername=hostname"),
        (
            domain({"mode": "enforce", "mx": ["*.mx.example.net", "mx.example.com"]}, mta_sts=sender(), mandatory=sender()),
            "secure match=.mx.example.net:mx.example.com servername=hostname",
        ),
        (domain({"mode": "testing", "mx": ["mx.example.net"]}, mta_sts=sender()), "encrypt"),
        (domain({"mode": "enforce", "mx": ["mx.example.net\nexample.org none"]}, mta_sts=sender()), "encrypt"),
        (domain(), "encrypt"),
        (domain(opportunistic=sender(protection="none")), None),
        (domain(opportunistic=sender("delayed", None)), None),
        (probe("dane"), "dane-only"),
        (probe("dane", delivery="may"), "encrypt"),
        (probe("dane", delivery="may", tls=False), None),
        (probe("dane-only", satisfied=False), None),
        (probe("verify"), "verify"),
        (probe("secure"), "secure"),
        (probe("encrypt", "untrusted"), "encrypt"),
        ({"destination": "example.net", "endpoints": [], "error": {"text": "no such domain"}}, None),
    ],
)
def test_the_strongest_line_that_loses_nothing(result: dict[str, Any], policy: str | None) -> None:
    (item,) = tls_policy([result], form="items")
    assert (item["domain"], item["policy"]) == ("example.net", policy)
    assert tls_policy([result]).endswith(f"\nexample.net {policy}\n") is (policy is not None)


def test_runs_at_several_levels_are_one_evidence() -> None:
    results = [probe("dane-only", satisfied=False), probe("encrypt", "untrusted"), probe("verify")]
    assert tls_policy(results) == "# example.net: the name of the exchange verified at 2 of 2 addresses\nexample.net verify\n"
    assert tls_policy(results, minimum="secure", form="lines") == [
        "# example.net: no line: not satisfied at dane-only: hostname mismatch; TLS at 2 of 2 addresses; "
        "the name of the exchange verified at 2 of 2 addresses"
    ]


def test_names_that_a_probe_matched() -> None:
    lines = tls_policy([probe("secure")], match="nexthop:.mx.example.net", form="lines")
    assert lines[1] == "example.net secure match=nexthop:.mx.example.net"


@pytest.mark.parametrize("text", ["Müller.example", "x@müller.example", "xn--mller-kva.example."])
def test_a_domain_is_the_key_that_postfix_looks_up(text: str) -> None:
    (item,) = tls_policy([{**domain(dane=sender()), "domain": text}], form="items")
    assert item["domain"] == "xn--mller-kva.example"


def test_an_exchange_that_may_be_down_is_named_in_the_evidence() -> None:
    rows = [{"exchange": "mx.example.net", "outcome": "delivered"}, {"exchange": "backup.example.net", "outcome": "delayed"}]
    (item,) = tls_policy([domain(dane={**sender(), "exchanges": rows})], form="items")
    assert item["level"] == "dane-only"
    assert "everywhere but at backup.example.net, which may be down" in item["evidence"]


def test_a_strangers_text_cannot_be_a_line() -> None:
    text = tls_policy([domain(dane=sender(fact="fine\nexample.org none"))])
    assert len(text.splitlines()) == 2 and not text.splitlines()[1].startswith("example.org")


@pytest.mark.parametrize(
    ("results", "options", "text"),
    [
        ("x", {}, "a list of results is needed, not 'x'"),
        ([{}], {}, "no result of mail_domain_info or smtp_tls_probe"),
        ([{"destination": "exa mple.net none\nx", "endpoints": []}], {}, "is no domain that can be a key"),
        ([], {"minimum": "may"}, "minimum: 'may' is not one of encrypt, verify, secure, dane-only"),
        ([], {"form": "table"}, "form: 'table' is not one of"),
        ([], {"match": "a b"}, "match: 'a b' is not a list of names"),
    ],
)
def test_a_mistake_is_one_line(results: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        tls_policy(results, **options)
    assert text in str(caught.value) and "\n" not in str(caught.value)


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"tls_policy": tls_policy}
