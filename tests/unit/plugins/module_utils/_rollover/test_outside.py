# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of probes as sights: what counts as reached and verified, what is a problem, and what is no result at all."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import EndpointSight, Fault
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import (
    AddressesFound,
    OurEndpoints,
    endpoints_of,
    with_all_addresses,
)
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, Key, hierarchy, issue

MX, OWNER, ADDRESS = "mx.example.org", "_25._tcp.mx.example.org", "192.0.2.25"
OURS = OurEndpoints((MX,), (25, 465))
PEM = "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
CHAIN: Hierarchy = hierarchy((MX,))
RSA = issue(MX, key=Key.generate("rsa"))


def session(kind: str, *chain: Any, **changes: Any) -> dict[str, Any]:
    """What was shown to a client of one kind."""
    found = {
        "algorithm": kind, "offered": True, "status": "verified", "error": None,
        "chain": [{"pem": one.pem.decode()} for one in chain], "verification": {"error": None},
    }  # fmt: skip
    return {**found, **changes}


def endpoint(**changes: Any) -> dict[str, Any]:
    """An address with an ECDSA and an RSA key that a sender at level dane accepts."""
    sessions = [
        session("any", CHAIN.leaf, CHAIN.intermediate),
        session("rsa", RSA),
        session("ecdsa", CHAIN.leaf, CHAIN.intermediate),
    ]
    found = {
        "host": MX, "address": ADDRESS, "port": 25, "status": "verified", "error": None, "chain": sessions[0]["chain"],
        "verification": {"error": None}, "key_algorithms": sessions, "tlsa": {"lookup": "found", "secure": True, "error": None},
    }  # fmt: skip
    return copy.deepcopy({**found, **changes})


def result(*endpoints: Any, **changes: Any) -> dict[str, Any]:
    """A destination."""
    return {"destination": f"[{MX}]:25", "error": None, "endpoints": list(endpoints), **changes}


def sight(**changes: Any) -> EndpointSight:
    """The only sight."""
    (found,) = endpoints_of([result(endpoint(**changes))], OURS)
    return found


def test_an_address_that_is_all_right() -> None:
    found = sight()
    assert (found.owner, found.address, found.problem) == (OWNER, ADDRESS, None) and found.ours and found.reached and found.verified
    assert {one.key.algorithm for one in found.chains} == {"rsa", "ecdsa"} and len(found.chains) == 2
    chain = next(one for one in found.chains if one.key.algorithm == "ecdsa")
    assert chain.key.spki == CHAIN.leaf.key.spki and chain.issuers == (CHAIN.intermediate.key.spki,)
    assert chain.certificate == CHAIN.leaf.der and chain.issuer_certificates == (CHAIN.intermediate.der,)


def test_where_nothing_is_published_a_sender_at_level_dane_delivers() -> None:
    without: dict[str, Any] = {"status": "untrusted", "tlsa": {"lookup": "none", "secure": True, "error": None}}
    found = sight(satisfied=True, **without)
    assert found.reached and found.verified and found.problem is None
    assert not sight(satisfied=False, **without).verified
    (published,) = endpoints_of([result(endpoint(satisfied=True, **without))], OURS, [OWNER])
    assert not published.reached and not published.verified


def test_whose_address_it_is() -> None:
    ours = OurEndpoints((MX,), (25,), ("2001:db8::25",))
    found = endpoints_of([result(endpoint(), endpoint(address="2001:DB8:0::25"))], ours)
    assert [(one.address, one.ours) for one in found] == [(ADDRESS, False), ("2001:db8::25", True)]


def test_others_are_passed_over() -> None:
    assert endpoints_of([result(endpoint(host="mx.example.net")), result(endpoint(port=587))], OURS) == ()
    assert endpoints_of([], OURS) == ()
    (found,) = endpoints_of([result(endpoint(host="MX.Example.ORG.", port=465))], OURS)
    assert (found.owner, found.address) == ("_465._tcp.mx.example.org", "[192.0.2.25]:465")


def test_a_key_that_the_server_does_not_have_is_no_problem() -> None:
    sessions = [session("any", RSA), session("rsa", RSA), session("ecdsa", offered=False, status="failed", error={"text": "no"})]
    found = sight(key_algorithms=sessions)
    assert found.reached and found.verified and len(found.chains) == 1


def test_a_mismatch_is_reached_and_not_verified() -> None:
    sessions = endpoint()["key_algorithms"]
    sessions[1]["verification"] = {"error": {"text": "no matching DANE TLSA records"}}
    found = sight(status="untrusted", key_algorithms=sessions)
    assert found.reached and not found.verified and found.problem is not None
    assert found.problem == "it is untrusted: no matching DANE TLSA records"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"key_algorithms": None}, "it was not asked for its rsa and ecdsa key (key_algorithms)"),
        ({"key_algorithms": [session("any", RSA), session("rsa", RSA)]}, "it was not asked for its ecdsa key"),
        (
            {"key_algorithms": [session("rsa", RSA), session("ecdsa", offered=None, error={"text": "timed out"})]},
            "which key it has of the kind ecdsa: timed out",
        ),
        ({"tlsa": {"lookup": "insecure", "secure": False, "error": None}}, "were not validated with DNSSEC there"),
        ({"tlsa": {"lookup": "found", "secure": False, "error": None}}, "who looked could not use its TLSA records"),
        ({"tlsa": {"lookup": "error", "secure": False, "error": "SERVFAIL"}}, "who looked could not use its TLSA records: SERVFAIL"),
        ({"tlsa": {"lookup": "skipped", "error": None}}, "security_level dane"),
        (
            {"key_algorithms": [session(one, offered=False) for one in ("rsa", "ecdsa")], "chain": [], "error": {"text": "no STARTTLS"}},
            "no STARTTLS",
        ),
    ],
)
def test_what_proves_nothing_is_not_reached(changes: dict[str, Any], text: str) -> None:
    found = sight(**changes)
    assert not found.reached and not found.verified and found.problem is not None and text in found.problem


def failed(kind: str, offered: bool | None = None) -> dict[str, Any]:
    """An address that showed no certificate."""
    error = {"kind": kind, "phase": "connect", "text": "it failed"}
    sessions = [session(one, offered=offered, status="failed", error=error) for one in ("any", "rsa", "ecdsa")]
    return {"key_algorithms": sessions, "chain": [], "error": error, "status": "failed"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        (failed("connect_refused"), Fault.NOT_REACHED),
        (failed("connect_timeout"), Fault.NOT_REACHED),
        (failed("connect_failed"), Fault.NOT_REACHED),
        (failed("handshake_failed", False), Fault.NOT_REACHED),
        (failed("starttls_not_offered"), Fault.STARTTLS_NOT_OFFERED),
        (failed("starttls_rejected"), Fault.STARTTLS_NOT_OFFERED),
        ({"key_algorithms": [session("any", RSA), session("rsa", RSA)]}, Fault.KEY_KINDS_MISSING),
        (
            {"key_algorithms": [session("any", RSA), session("rsa", RSA), session("ecdsa", offered=None, error={"text": "timed out"})]},
            Fault.KEY_KINDS_MISSING,
        ),
        ({"tlsa": {"lookup": "insecure", "secure": False, "error": None}}, Fault.TLSA_NOT_SEEN),
        ({"tlsa": {"lookup": "none", "secure": True, "error": None}}, Fault.TLSA_NOT_SEEN),
        ({"status": "untrusted"}, Fault.NOT_VERIFIED),
    ],
)
def test_each_way_to_be_wrong_has_a_name(changes: dict[str, Any], fault: Fault | None) -> None:
    (found,) = endpoints_of([result(endpoint(**changes))], OURS, [OWNER])
    assert found.fault is fault and (found.problem is None) is (fault is None)


def test_no_records_are_reached_and_not_verified() -> None:
    found = sight(status="untrusted", tlsa={"lookup": "none", "secure": False, "error": None})
    assert found.reached and not found.verified


def test_who_does_not_see_records_that_are_published_cannot_judge() -> None:
    endpoints = [result(endpoint(status="untrusted", tlsa={"lookup": "none", "secure": False, "error": None}))]
    (found,) = endpoints_of(endpoints, OURS, [OWNER])
    assert not found.reached and found.problem is not None and "not found there, though they are published" in found.problem


def test_every_kind_that_is_deployed_has_to_be_asked_for() -> None:
    (found,) = endpoints_of([result(endpoint())], OURS, [], ["rsa", "ecdsa", "ed25519"])
    assert not found.reached and found.problem == "it was not asked for its ed25519 key (key_algorithms)"


def test_an_exchange_without_address_is_not_reached() -> None:
    error = {"kind": "dns_error", "phase": "dns", "text": "SERVFAIL\x07"}
    found = endpoints_of([result(endpoint(address=None, error=error))], OURS)
    assert [(one.owner, one.reached) for one in found] == [(OWNER, False), ("_465._tcp.mx.example.org", False)]
    (other,) = endpoints_of([result(error=error)], OURS)
    assert not other.reached and (other.address, other.problem) == ("no address", "SERVFAIL?")


def test_a_host_that_was_lost_is_no_look() -> None:
    lost = result(error={"kind": "vantage_failed", "phase": None, "text": "no look from out2"})
    first, second = endpoints_of([result(endpoint()), lost], OURS)
    assert first.looked and first.verified
    assert not second.looked and not second.reached and (second.owner, second.problem) == (OWNER, "no look from out2")


def test_every_address_that_dns_has_is_one_to_look_at() -> None:
    ours = OurEndpoints((MX, "mx2.example.org"), (25, 465), (ADDRESS, "2001:db8::25"))
    seen = endpoints_of([result(endpoint(), endpoint(port=465), endpoint(host="mx2.example.org"))], ours)
    known = {MX: AddressesFound((ADDRESS, "2001:db8::25", "192.0.2.26")), "mx2.example.org": AddressesFound((ADDRESS,))}
    found = with_all_addresses(seen, ours, known)
    assert found[:3] == seen and [(one.owner, one.address, one.ours) for one in found[3:]] == [
        (OWNER, "2001:db8::25", True),
        (OWNER, "192.0.2.26", False),
        ("_465._tcp.mx.example.org", "[2001:db8::25]:465", True),
        ("_465._tcp.mx.example.org", "[192.0.2.26]:465", False),
        ("_465._tcp.mx2.example.org", "[192.0.2.25]:465", True),
    ]
    assert not any(one.reached or one.verified or one.chains for one in found[3:])
    assert {one.problem for one in found[3:]} == {"nobody looked at this address"}


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (AddressesFound((ADDRESS,), "AAAA: SERVFAIL\x07"), "which addresses it has could not be found out: AAAA: SERVFAIL?"),
        (AddressesFound(), "the resolver of this server finds no address"),
        (None, "which addresses it has could not be found out: nobody looked them up"),
    ],
)
def test_addresses_that_nobody_knows_are_not_reached(known: AddressesFound | None, text: str) -> None:
    ours = OurEndpoints((MX,), (25,))
    seen = endpoints_of([result(endpoint())], ours)
    found = with_all_addresses(seen, ours, {} if known is None else {MX: known})
    assert found[:1] == seen and [(one.owner, one.reached, one.problem) for one in found[1:]] == [(OWNER, False, text)]


@pytest.mark.parametrize(
    "broken",
    [
        [None],
        ["results"],
        [{}],
        [result(None)],
        [result(endpoint(host=7))],
        [result(endpoint(port="25"))],
        [result(endpoint(address="nowhere"))],
        [result(endpoint(key_algorithms="rsa"))],
        [result(endpoint(key_algorithms=[{}]))],
        [result(endpoint(key_algorithms=[7]))],
        [result(endpoint(error="no"))],
        [result(endpoint(tlsa=None))],
        [result(endpoint(status=None))],
        [result(endpoint(key_algorithms=[session("rsa", chain="PEM")]))],
        [result(endpoint(key_algorithms=[session("rsa", chain=[{"pem": None}])]))],
        [result(endpoint(key_algorithms=[session("rsa", chain=[{"pem": "PEM"}])]))],
        [result(endpoint(key_algorithms=[session("rsa", chain=[{"pem": PEM % "!"}])]))],
        [result(endpoint(key_algorithms=[session("rsa", chain=[{"pem": PEM % "AAAA"}])]))],
    ],
    ids=[str(number) for number in range(18)],
)
def test_what_is_no_result_is_refused(broken: list[Any]) -> None:
    with pytest.raises(OptionError) as raised:
        endpoints_of(broken, OURS)
    assert raised.value.option == "verification" and len(str(raised.value)) < 300


def test_every_part_may_be_missing_or_of_another_type() -> None:
    """No shape of results ends in anything but sights or an `OptionError`."""
    good = json.loads(json.dumps(result(endpoint())))
    for path in _paths(good):
        for value in (None, 7, "text", [], {}, [None], {"text": None}):
            changed = copy.deepcopy(good)
            part = changed
            for step in path[:-1]:
                part = part[step]
            part[path[-1]] = value
            try:
                endpoints_of([changed], OURS)
            except OptionError:
                pass


def _paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [before] if before else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += _paths(item, (*before, key))
    return found
