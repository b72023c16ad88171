# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option that cannot be used is named; and what the others come to."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.arguments import rollover_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover.options import rollover_options
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import served_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import RolloverOptions, chosen_algorithms
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue


def options(**given: Any) -> RolloverOptions:
    """Read options beside the defaults."""
    params = {name: spec.get("default") for name, spec in rollover_arguments().items()}
    return rollover_options({**params, "exchanges": ["mx.example.org"], **given})


@pytest.mark.parametrize(
    ("given", "option", "text"),
    [
        ({"exchanges": []}, "exchanges", "names no host"),
        ({"exchanges": ["192.0.2.1"]}, "exchanges", "is an address"),
        ({"exchanges": ["mx example"]}, "exchanges", "not a host name"),
        ({"ports": []}, "ports", "names no port"),
        ({"ports": [70000]}, "ports", "is not a port"),
        ({"addresses": ["mx"]}, "addresses", "is not an IP address"),
        ({"addresses": []}, "addresses", "names no address"),
        ({"min_wait": -1}, "min_wait", "not a number of seconds"),
        ({"unknown_ttl": 2**31}, "unknown_ttl", "not a number of seconds"),
        ({"ttl": -5}, "ttl", "not a number of seconds"),
        ({"key_max_age": -0.5}, "key_max_age", "not a number of days"),
        ({"key_max_age": float("nan")}, "key_max_age", "not a number of days"),
        ({"renew_days": float("inf")}, "renew_days", "not a number of days"),
        ({"timeout": 0.0}, "timeout", "not a number of seconds"),
        ({"timeout": float("inf")}, "timeout", "not a number of seconds"),
        ({"algorithms": []}, "algorithms", "names no kind of key"),
        ({"matching_types": []}, "matching_types", "names no matching type"),
        ({"config_directories": []}, "config_directories", "names no instance"),
        ({"names": ["192.0.2.1"]}, "names", "is an address"),
        ({"names": ["x" * 60 + ".example.org"]}, "names", "64 characters"),
        ({"abort": True, "roll": True}, "abort", "together with roll"),
        ({"abort": True, "emergency": True}, "abort", "together with emergency"),
        ({"abort": True, "state": "absent"}, "abort", "not needed"),
        ({"accept_exposure": True}, "accept_exposure", "for an emergency"),
        ({"scheme": "issuer"}, "scheme", "certificate=csr"),
        ({"verified_at": "2026-09-12T03:00:00Z"}, "verified_at", "there is none"),
        ({"verification": []}, "verified_at", "is needed with verification"),
        ({"verified_at": "yesterday", "verification": []}, "verified_at", "not a time with a time zone"),
        ({"verified_at": "2026-09-12T03:00:00", "verification": []}, "verified_at", "not a time with a time zone"),
        ({"nameservers": ["resolver"]}, "nameservers", "resolver"),
        ({"authoritative_servers": ["ns1.example.org"]}, "authoritative_servers", "ns1.example.org"),
        ({"listeners": [{"address": "mx", "port": 25, "tls_mode": "starttls"}]}, "listeners", "is not an IP address"),
        ({"neighbours": [{}]}, "neighbours", "no chain in PEM"),
        ({"neighbours": [{"chain": "PEM"}]}, "neighbours", "no chain in PEM"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(given: dict[str, Any], option: str, text: str) -> None:
    with pytest.raises(OptionError, match=text) as raised:
        options(**given)
    assert raised.value.option == option


def test_what_the_options_come_to() -> None:
    found = options(
        exchanges=["MX1.example.org.", "mx2.example.org", "mx1.example.org"],
        ports=[25, 465],
        addresses=["2001:DB8::1"],
        scheme="issuer",
        certificate="csr",
        matching_types=[2, 1, 2],
        state="absent",
        key_max_age=0.5,
        renew_days=1.0,
        wait_for="signature",
        verification=[],
        verified_at="2026-09-12T05:00:00+02:00",
    )
    policy = found.policy
    assert policy.owners == (
        "_25._tcp.mx1.example.org", "_465._tcp.mx1.example.org", "_25._tcp.mx2.example.org", "_465._tcp.mx2.example.org",
    )  # fmt: skip
    assert (policy.scheme, policy.goal, policy.matching_types) == (Scheme.ISSUER, Goal.ABSENT, (1, 2))
    assert (policy.key_max_age, policy.renew_before, policy.wait_for_signature, policy.self_signed) == (43200, 86400, True, False)
    assert found.ours.has_address("2001:db8::1") and not found.ours.has_address("192.0.2.1")
    assert found.names == ("mx1.example.org", "mx2.example.org") and found.needs.needs_issuer
    assert found.outside_at == 1789182000


def test_names_that_a_certificate_must_have() -> None:
    assert [one.value for one in options(names=["*.example.org", "mail.example.org"]).needs.names] == ["mail.example.org"]
    found = options(names=["mail.example.org"], scheme="issuer", certificate="csr")
    assert [one.value for one in found.needs.names] == ["mail.example.org", "mx.example.org"]


def test_which_kinds_of_keys_are_rolled() -> None:
    def deployed(kind: str) -> Any:
        return served_chain(kind, [Certificate(issue("mx.example.org", key=Key.generate(kind)).der)], "here")

    assert chosen_algorithms(options(), []) == ("rsa",)
    assert chosen_algorithms(options(), [deployed("ecdsa")]) == ("ecdsa",)
    assert chosen_algorithms(options(), [deployed("ecdsa"), deployed("rsa1024"), deployed("ed25519")][:1]) == ("ecdsa",)
    assert chosen_algorithms(options(), [deployed("ed25519")]) == ("rsa",)
    assert chosen_algorithms(options(algorithms=["ecdsa", "rsa", "ecdsa"]), [deployed("ecdsa")]) == ("ecdsa", "rsa")


def test_a_neighbour_is_a_chain_of_another_server() -> None:
    neighbour = issue("mx.example.org")
    (found,) = options(neighbours=[{"chain": neighbour.pem.decode(), "config_directory": "mx2\x1b[31m:/etc/postfix"}]).neighbours
    assert found.key.spki == neighbour.key.spki and found.place == "mx2?[31m:/etc/postfix"


def test_an_option_that_is_missing_is_said_in_a_whole_sentence() -> None:
    with pytest.raises(OptionError) as raised:
        options(verification=[])
    assert str(raised.value).startswith("verified_at is needed with verification: ") and raised.value.value is None
