# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is uncertain or late, and mistakes that are noticed on the way, one scene each."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OWNER,
    kinds,
    lints,
    record,
    run,
    settled,
    texts,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World


def test_a_server_without_answer_holds_and_is_named() -> None:
    there = settled(key_max_age=1)
    there.servers[1].reachable = False
    found = run(there, after=20_000)
    assert (found.action.kind, kinds(found)) == (NONE, ["server_failure_on_some_ns"])
    assert texts(found) == "ns2.example.net (198.51.100.53): _25._tcp.mx1.example.org: timed out"
    there.servers[1].reachable = True
    found = run(there, after=10)
    assert found.phase is RolloverPhase.AGING and found.earliest == there.now + 600, "the age begins anew"


def test_a_lagging_secondary_is_named() -> None:
    there = world()
    until(there, RolloverPhase.STEADY, ActionKind.STAGE)
    there.servers[2].follows = False
    run(there, after=10)
    found = run(there, after=400)
    assert (found.phase, found.action.kind) == (RolloverPhase.PUBLISHED, NONE)
    assert "ns3.example.net (2001:db8::53): _25._tcp.mx1.example.org: old RRset" in texts(found)
    assert "secondary_lag" in lints(found)


def test_a_server_that_falls_back_ends_the_age() -> None:
    there = settled(key_max_age=5000)
    there.regress(1, 1)
    found = run(there, after=6000, sync=False)
    assert (found.phase, found.action.kind) == (RolloverPhase.PUBLISHED, NONE) and "secondary_lag" in kinds(found)
    there.servers[1].follows = True
    found = run(there, after=100)
    assert found.phase is RolloverPhase.AGING and found.earliest == there.now + 600


@pytest.mark.parametrize(("secure", "works", "kind"), [(False, True, "tlsa_zone_insecure"), (True, False, "dns_uncertain")])
def test_a_resolver_that_does_not_vouch_holds(secure: bool, works: bool, kind: str) -> None:
    there = settled(key_max_age=1)
    there.secure, there.resolver_works = secure, works
    found = run(there, after=1000)
    assert (found.action.kind, kinds(found)) == (NONE, [kind])


def test_no_records_that_nobody_validated_hold() -> None:
    """Maybe somebody on the way leaves them out: then it is no time for a first key, nor for the end of DANE."""
    there = world()
    there.secure = False
    found = run(there)
    assert (found.action.kind, kinds(found)) == (NONE, ["resolver_not_validating"])
    there = settled()
    wish(there, goal=Goal.ABSENT)
    assert run(there).action.kind is ActionKind.RETIRE
    there.secure = False
    for _hours in range(10):
        found = run(there, after=3600)
        assert found.phase is RolloverPhase.DISABLING
    assert "resolver_not_validating" in kinds(found)
    there.secure = True
    assert run(there, after=3600).phase is RolloverPhase.DISABLED


def test_an_unreadable_postfix_and_one_without_keys_hold() -> None:
    there = settled(key_max_age=1)
    evidence = there.evidence(True)
    found = step(there.state(), replace(evidence, deployed_error="/etc/postfix/main.cf: no such file"), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (NONE, ["postfix_uncertain"])
    found = step(None, replace(evidence, deployed=(), held=()), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (NONE, ["nothing_deployed"])


def test_an_owner_that_nobody_asked_for_holds() -> None:
    there = settled(key_max_age=1)
    found = step(there.state(), there.evidence(True), there.now, replace(there.policy, owners=OWNERS))
    assert found.action.kind is NONE and texts(found) == "_25._tcp.mx2.example.org: nobody asked for its records"


def test_a_leftover_that_matches_nothing_is_named_and_holds() -> None:
    there = settled(key_max_age=1)
    there.change_zone(OWNER, there.zone[OWNER] | {TlsaRecord(3, 0, 1, b"\x11" * 32)})
    found = run(there, after=2000)
    found = run(there, after=2000)
    assert found.action.kind is NONE and "no_record_matches" in kinds(found)
    assert "a record 3 0 1 is published, and none matches the rsa key" in texts(found)
    assert {"stale_record", "selector0_with_renewal"} <= lints(found)


def lint_of(there: World, **changes: Any) -> set[str]:
    evidence = there.evidence(True)
    servers = tuple(replace(one, **changes) for one in evidence.owners[0].servers)
    return lints(step(there.state(), replace(evidence, owners=(replace(evidence.owners[0], servers=servers),)), there.now, there.policy))


def test_mistakes_that_are_noticed() -> None:
    there = settled(key_max_age=0)
    assert lint_of(there) == set()
    assert lint_of(there, ttl=100_000) == {"ttl_too_high"}
    assert lint_of(there, ttl=10) == {"ttl_too_low"}
    assert lint_of(there, signature_expiration=there.now + 100) == {"signature_near_expiry"}
    assert lint_of(there, signature_expiration=there.now + 10**6) == set()
    here = tuple(sorted(there.zone[OWNER]))
    empty = hashlib.sha256(b"").digest()
    assert {"empty_input_digest", "stale_record"} <= lint_of(there, records=(*here, TlsaRecord(3, 1, 1, empty)))
    assert lint_of(there, records=(*here, TlsaRecord(3, 1, 1, b"short"))) == {"malformed_record"}
    assert lint_of(there, records=(*here, TlsaRecord(1, 1, 1, b"x" * 32))) == {"pkix_usage_on_smtp"}
    assert "ta_not_in_chain" in lint_of(there, records=(*here, TlsaRecord(2, 1, 1, b"x" * 32)))
    assert lint_of(there, outcome=Sight.UNKNOWN, records=(), error="REFUSED") == {"server_failure_on_some_ns"}


def test_mistakes_with_two_kinds_of_keys_and_with_issuers() -> None:
    there = settled(algorithms=("rsa", "ecdsa"), key_max_age=0)
    here = tuple(sorted(there.zone[OWNER]))
    assert "one_algorithm_only" in lint_of(there, records=(*here, record(FIRST, 2)))
    there = settled(scheme=Scheme.ISSUER, self_signed=False, key_max_age=0)
    there.deployed[0]["rsa"] = replace(there.ours()[0], not_after=there.now)
    assert "expired_leaf_under_ta" in lint_of(there)
    there.deployed[0]["rsa"] = there.chain(FIRST, b"ca 2")
    assert "ta_retired_issuer" in lint_of(there)
