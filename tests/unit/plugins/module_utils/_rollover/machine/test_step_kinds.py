# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of records and keys, issuers, names and certificates, one scene each."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    CertificateInHand,
    HeldKey,
    ServedChain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OTHER,
    OWNER,
    VERIFY,
    kinds,
    lints,
    next_key,
    record,
    rolled,
    run,
    settled,
    texts,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, START, digest_record


def test_a_new_digest_comes_for_all_keys_at_once_and_an_old_one_goes_at_once() -> None:
    there = settled(key_max_age=0)
    new = next_key(there)
    wish(there, matching_types=(1, 2))
    assert run(there, look=False).action.kind is VERIFY
    found = run(there)
    assert {one.record for one in found.action.add} == {record(FIRST, 2), record(new, 2)}
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, matching_types=(2,))
    found = run(there)
    assert found.action.kind is ActionKind.RETIRE
    assert {one.record for one in found.action.remove} == {record(FIRST), record(new)}
    until(there, RolloverPhase.STEADY, NONE)
    assert there.zone[OWNER] == {record(FIRST, 2), record(new, 2)} and not there.problems


def test_a_dropped_digest_is_in_caches_for_a_while() -> None:
    there = settled(key_max_age=0, matching_types=(1, 2))
    new = next_key(there)
    # Somebody removes one digest of the next key, so that it is the current key's only, and then all of it.
    there.change_zone(OWNER, there.zone[OWNER] - {record(new, 2)})
    run(there, after=10)
    there.change_zone(OWNER, there.zone[OWNER] - {record(FIRST, 2), record(new, 2)})
    wish(there, matching_types=(1,), roll=True)
    run(there, after=10)
    found = until(there, RolloverPhase.ISSUED, every=30)
    assert found.action.kind is NONE and found.earliest is not None or there.now > START
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=30)
    assert not there.problems


def test_from_next_to_issuer_and_back() -> None:
    there = settled(key_max_age=0, self_signed=False)
    issuer = digest_record(2, 1, b"ca 1")
    wish(there, scheme=Scheme.ISSUER)
    found = run(there)
    assert [one.record for one in found.action.add] == [issuer]
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, scheme=Scheme.NEXT)
    found = until(there, RolloverPhase.STEADY, ActionKind.RETIRE)
    assert [one.record for one in found.action.remove] == [issuer]
    until(there, RolloverPhase.STEADY, NONE)
    assert issuer not in there.zone[OWNER] and not there.problems


def test_a_new_issuer_is_published_and_ages_before_its_certificate_is_served() -> None:
    there = settled(scheme=Scheme.ISSUER, self_signed=False, key_max_age=0)
    there.authority = b"ca 2"
    wish(there, roll=True)
    until(there, RolloverPhase.READY, ActionKind.ISSUE)
    found = run(there, after=10)
    assert found.action.kind is ActionKind.PUBLISH
    assert [one.record for one in found.action.add] == [digest_record(2, 1, b"ca 2")]
    published = there.now
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=50)
    assert there.now >= published + 600
    until(there, RolloverPhase.STEADY, NONE)
    assert there.zone[OWNER] == {record(one.key) for one in there.ours()} | {digest_record(2, 1, b"ca 2")} and not there.problems


def test_the_scheme_issuer_needs_an_issuer() -> None:
    there = world(scheme=Scheme.ISSUER, self_signed=False)
    there.deployed[0]["rsa"] = ServedChain(FIRST, (), START + 10**8, "smtpd_tls_cert_file")
    found = run(there)
    assert found.action.kind is ActionKind.PUBLISH and kinds(found) == ["issuer_missing"]
    assert [one.record for one in found.action.add] == [record(FIRST)]


def test_the_scheme_issuer_with_certificates_of_our_own_is_told_and_rolls_without() -> None:
    there = settled(key_max_age=1)
    there.change_zone(OWNER, there.zone[OWNER] | {digest_record(2, 1, b"ca 1")})
    wish(there, scheme=Scheme.ISSUER)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=50)
    assert there.last is not None and kinds(there.last) == ["issuer_missing"]
    assert digest_record(2, 1, b"ca 1") not in there.zone[OWNER] and not there.problems


def test_a_new_exchange_and_a_new_port() -> None:
    there = settled(key_max_age=0)
    port = "_465._tcp.mx1.example.org"
    for owner in (OTHER, port):
        wish(there, owners=(*there.policy.owners, owner))
        there.zone[owner] = frozenset()
        for server in there.servers:
            server.zone[owner] = frozenset()
        assert run(there, look=False).action.kind is VERIFY
        found = run(there)
        assert {one.owner for one in found.action.add} == {owner}
        assert {one.record for one in found.action.add} == {record(FIRST), record(next_key(there))}
        assert "exchange_without_tlsa" in lints(found)
        until(there, RolloverPhase.STEADY, NONE)
    assert not there.problems


def test_a_new_exchange_that_cannot_be_reached_does_not_keep_the_others() -> None:
    there = settled(owners=OWNERS, key_max_age=0)
    there.change_zone(OTHER, frozenset())
    wish(there, roll=True)
    there.transfer()
    there.advance(1000)
    evidence = there.evidence(True)
    assert evidence.outside is not None
    dead = replace(evidence.outside[1], reached=False, problem="no route to host", chains=())
    found = step(there.state(), replace(evidence, outside=(evidence.outside[0], dead)), there.now, there.policy)
    assert found.action.kind is ActionKind.ISSUE and "not_reached" in kinds(found)


def test_records_of_another_server_stay() -> None:
    there = world(key_max_age=700, foreign=True)
    there.change_zone(OWNER, frozenset({digest_record(3, 1, b"foreign"), record(FIRST), digest_record(3, 1, b"whose")}))
    there.transfer()
    for _run in range(60):
        found = run(there, after=100)
    assert ActionKind.RETIRE in there.actions
    assert {digest_record(3, 1, b"foreign"), digest_record(3, 1, b"whose")} <= there.zone[OWNER]
    assert [one.text for one in found.findings if one.id == "stale_record"] == [
        f"{digest_record(3, 1, b'whose')} is of no key that is known here; another server's, or forgotten"
    ]
    assert not there.problems


def test_a_kind_of_key_is_added_and_another_is_left_alone() -> None:
    there = settled(key_max_age=0)
    wish(there, algorithms=("rsa", "ecdsa"))
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    assert {one.key.algorithm for one in there.ours()} == {"rsa", "ecdsa"} and FIRST in {one.key for one in there.ours()}
    wish(there, algorithms=("ecdsa",), roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    until(there, RolloverPhase.STEADY, NONE)
    assert FIRST in {one.key for one in there.ours()} and record(FIRST) in there.zone[OWNER] and not there.problems


def test_a_name_that_is_an_alias_of_another_shares_its_records() -> None:
    there = settled(owners=OWNERS, key_max_age=0)
    there.saved = None
    for server in there.servers:
        server.zone[OTHER] = server.zone[OWNER] = frozenset({record(FIRST)})
    evidence = there.evidence(True)
    alias = replace(evidence.owners[1], canonical_owner=OWNER)
    found = step(None, replace(evidence, owners=(evidence.owners[0], alias)), there.now, there.policy)
    assert [one.owner for one in found.action.add] == [OWNER]


def test_a_self_signed_certificate_is_renewed_with_the_same_key() -> None:
    there = rolled(lifetime=100_000, renew_before=1000)
    (chain,) = there.ours()
    there.now = chain.not_after - 1001
    assert run(there).action.kind is NONE
    found = run(there, after=1)
    assert (found.action.kind, found.action.keys) == (ActionKind.RENEW, (chain.key,))
    (renewed,) = there.ours()
    assert renewed.key == chain.key and renewed.not_after > chain.not_after
    assert run(there).action.kind is NONE and not there.problems


def test_a_certificate_that_is_handed_in_is_served_with_the_same_key() -> None:
    there = rolled(lifetime=100_000, renew_before=1000, self_signed=False)
    (chain,) = there.ours()
    there.now = chain.not_after - 1000
    there.handed_in = "late"
    found = run(there)
    assert (found.action.kind, found.action.keys, kinds(found)) == (ActionKind.ISSUE, (chain.key,), ["certificate_missing"])
    there.handed_in = "good"
    run(there)
    assert run(there).action.kind is ActionKind.RENEW
    assert there.ours()[0].not_after > chain.not_after


def test_a_renewal_by_another_issuer_waits_for_its_record() -> None:
    there = rolled(lifetime=100_000, renew_before=1000, self_signed=False, scheme=Scheme.ISSUER)
    (chain,) = there.ours()
    there.now = chain.not_after - 1000
    there.authority = b"ca 2"
    run(there)
    found = run(there)
    assert found.action.kind is ActionKind.PUBLISH and "no_record_matches" in kinds(found)
    assert [one.record for one in found.action.add] == [digest_record(2, 1, b"ca 2")]
    start = there.now
    until(there, RolloverPhase.STEADY, ActionKind.RENEW, every=50)
    assert there.now >= start + 600
    found = until(there, RolloverPhase.STEADY, ActionKind.RETIRE, every=50)
    assert [one.record for one in found.action.remove] == [digest_record(2, 1, b"ca 1")]
    assert not there.problems


def test_a_pinned_certificate_is_not_renewed_and_the_way_out_is_told() -> None:
    there = rolled(lifetime=100_000, renew_before=1000)
    (chain,) = there.ours()
    held = there.held[chain.key.digest]
    pinned = TlsaRecord(3, 0, 1, hashlib.sha256(chain.certificate).digest())
    there.now = chain.not_after - 900
    there.change_zone(OWNER, there.zone[OWNER] | {pinned})
    there.saved = None
    found = run(there)
    assert found.action.kind is not ActionKind.RENEW and "selector0_with_renewal" in kinds(found)
    assert "Publish 3 1 1 of the same key, wait two TTLs, remove the 3 0 1 record" in texts(found)
    found = until(there, None, ActionKind.RETIRE, every=50, most=60)
    assert [one.record for one in found.action.remove] == [pinned]
    assert there.ours()[0].certificate == (held.certificate.certificate if held.certificate else b"")


def test_a_wrong_certificate_is_told_and_waited_for() -> None:
    there = settled(self_signed=False, key_max_age=1)
    there.handed_in = "late"
    found = until(there, RolloverPhase.READY)
    assert kinds(found) == ["certificate_missing"]
    key = next_key(there)
    wrong = CertificateInHand((), 0, "it is for mx9.example.org")
    there.held[key.digest] = HeldKey(key, there.held[key.digest].created, wrong)
    found = run(there, after=100)
    assert (found.phase, kinds(found)) == (RolloverPhase.READY, ["certificate_mismatch"])
    assert "it is for mx9.example.org" in texts(found)
