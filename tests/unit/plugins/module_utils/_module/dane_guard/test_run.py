# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard: what may go live, from when on, and why not; with clocks of its own and those of the rollover."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import HOST, HOUR, OWNER, TTL, World, long_ago

DAY = 24 * HOUR


def pair(key: Key, **more: Any) -> Issued:
    """A certificate of a key."""
    return issue(HOST, key=key, dns_names=(HOST,), **{**long_ago(), **more})


def record(key: Key, matching_type: int = 1) -> TlsaRecord:
    """The `3 1 x` record of a key."""
    digest = {1: hashlib.sha256, 2: hashlib.sha512}[matching_type]
    return TlsaRecord(3, 1, matching_type, digest(key.spki).digest())


class Deployment:
    """A server with a published key, and another one that somebody wants to deploy."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, "ecdsa")
        self.old, self.new = pair(Key.generate("ecdsa")), pair(Key.generate("ecdsa"))
        self.world.instances[0].replace(self.old)
        self.path = folder / "new.pem"
        self.path.write_bytes(self.new.pem)
        self.world.publish([record(self.old.key)])

    def ask(self, **given: Any) -> TaskResult:
        """Ask for the new certificate unless something else is given."""
        if not {"privatekey_path", "public_key_sha256"} & set(given):
            given.setdefault("certificate_path", str(self.path))
        return self.world.guard(**given)


@pytest.fixture(name="deployment")
def _deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


def ids(run: TaskResult) -> list[str]:
    """The identifiers of the blockers."""
    return [one["id"] for one in run.facts["blockers"]]


def test_a_key_without_record_is_refused(deployment: Deployment) -> None:
    run = deployment.ask()
    assert not run.facts["allowed"] and ids(run) == ["no_match"] and run.facts["earliest"] is None
    assert run.failure == run.facts["message"] and deployment.ask(fail=False).failure is None
    assert run.facts["message"] == f"it must not go live: {OWNER}: no record 3 1 1 matches it"
    assert run.facts["public_key_sha256"] == record(deployment.new.key).data.hex() and run.facts["tlsa"][0]["owner"] == OWNER + "."


def test_a_record_has_to_age_from_the_moment_it_is_everywhere(deployment: Deployment) -> None:
    deployment.ask()
    deployment.world.wait(3 * DAY)
    deployment.ask()
    deployment.world.publish([record(deployment.new.key)])
    deployment.world.wait(TTL)
    run = deployment.ask()
    seen = deployment.world.now
    assert ids(run) == ["aging"] and run.facts["earliest"] == _utc(seen + 2 * TTL)
    assert f"before {_utc(seen + 2 * TTL)}" in run.facts["message"]
    deployment.world.wait(2 * TTL - 1)
    assert not deployment.ask().facts["allowed"]
    deployment.world.wait(1)
    run = deployment.ask()
    assert run.facts["allowed"] and run.facts["message"] == "it may go live" and run.facts["earliest"] is None and not ids(run)


def test_a_record_that_was_there_before_anybody_looked_waits_for_the_unknown_ttl(deployment: Deployment) -> None:
    deployment.world.publish([record(deployment.new.key)])
    assert deployment.ask().facts["earliest"] == _utc(deployment.world.now + 2 * DAY)
    assert deployment.ask(unknown_ttl=2 * TTL, name="other").facts["earliest"] == _utc(deployment.world.now + 4 * TTL)


def test_the_same_key_may_be_renewed_by_who_never_looked_before(deployment: Deployment) -> None:
    renewed = pair(deployment.old.key, serial=4711)
    deployment.path.write_bytes(renewed.pem)
    assert deployment.ask().facts["allowed"]
    deployment.world.publish([TlsaRecord(3, 0, 1, b"\x01" * 32)])
    run = deployment.ask()
    assert ids(run) == ["no_match"] and "3 0 1" in run.facts["message"]


def test_a_certificate_that_is_pinned_is_not_renewed(deployment: Deployment) -> None:
    deployment.world.publish([TlsaRecord(3, 0, 1, hashlib.sha256(deployment.old.der).digest())], [record(deployment.old.key)])
    deployment.world.cache = (0, frozenset())
    deployment.path.write_bytes(deployment.old.pem)
    assert deployment.ask().facts["allowed"]
    deployment.path.write_bytes(pair(deployment.old.key, serial=4711).pem)
    assert ids(deployment.ask()) == ["no_match"]


def test_every_combination_needs_a_match(deployment: Deployment) -> None:
    new, old = deployment.new.key, deployment.old.key
    deployment.world.publish([record(new), record(new, 2), record(old, 2)])
    deployment.ask()
    deployment.world.wait(2 * DAY)
    assert deployment.ask().facts["allowed"]
    deployment.world.publish([], [record(new, 2)])
    deployment.world.wait(TTL)
    run = deployment.ask()
    assert ids(run) == ["no_match"] and "3 1 2" in run.facts["message"]


def test_an_issuer_has_to_be_in_the_chain_and_the_name_in_the_certificate(deployment: Deployment, tmp_path: Path) -> None:
    chain = hierarchy((HOST,))
    anchor = TlsaRecord(2, 1, 1, hashlib.sha256(chain.intermediate.key.spki).digest())
    deployment.world.publish([anchor, record(chain.leaf.key)])
    deployment.world.now = int(time.time())
    deployment.world.uptime += 100 * DAY
    deployment.ask()
    deployment.world.wait(2 * DAY)
    full, bare = tmp_path / "full.pem", tmp_path / "bare.pem"
    full.write_bytes(chain.leaf.pem + chain.intermediate.pem)
    bare.write_bytes(chain.leaf.pem)
    assert deployment.ask(certificate_path=str(full)).facts["allowed"]
    assert "chain" in ids(deployment.ask(certificate_path=str(bare))) and "no_match" in ids(deployment.ask(certificate_path=str(bare)))
    (tmp_path / "key.pem").write_bytes(chain.leaf.key.pem)
    assert "no_match" in ids(deployment.ask(privatekey_path=str(tmp_path / "key.pem")))
    other = issue("leaf", issuer=chain.intermediate, dns_names=("other.example.com",), key=chain.leaf.key)
    full.write_bytes(other.pem + chain.intermediate.pem)
    run = deployment.ask(certificate_path=str(full))
    assert ids(run) == ["chain"] and "mx.example.com is not a name of the certificate" in run.facts["message"]


@pytest.mark.parametrize("form", ["privatekey_path", "public_key_sha256", "digest with colons"])
def test_a_key_or_its_digest_will_do(deployment: Deployment, tmp_path: Path, form: str) -> None:
    new = deployment.new.key
    (tmp_path / "key.pem").write_bytes(new.pem)
    digest = record(new).data.hex()
    colons = ":".join(digest[at : at + 2] for at in range(0, 64, 2)).upper()
    option, value = {
        "privatekey_path": (form, str(tmp_path / "key.pem")), "public_key_sha256": (form, digest),
    }.get(form, ("public_key_sha256", colons))  # fmt: skip
    assert ids(deployment.ask(**{option: value})) == ["no_match"]
    deployment.world.publish([record(new)])
    deployment.world.wait(TTL)
    deployment.ask(**{option: value})
    deployment.world.wait(2 * DAY)
    assert deployment.ask(**{option: value}).facts["allowed"]
    deployment.world.publish([record(new, 2), record(deployment.old.key, 2)])
    deployment.world.wait(2 * DAY)
    deployment.ask(**{option: value})
    deployment.world.wait(2 * DAY)
    assert deployment.ask(**{option: value}).facts["allowed"] == (form == "privatekey_path")


def test_a_secondary_that_lags_or_is_silent_is_named(deployment: Deployment) -> None:
    deployment.world.publish([record(deployment.new.key)])
    deployment.ask()
    deployment.world.wait(2 * DAY)
    deployment.world.dead = {"ns2"}
    run = deployment.ask()
    assert not run.facts["allowed"] and "ns2.example.com (192.0.2.2)" in run.facts["message"] and run.facts["earliest"] is None
    deployment.world.dead = set()
    run = deployment.ask()
    assert ids(run) == ["aging"] and run.facts["earliest"] is not None
    deployment.world.wait(2 * DAY)
    deployment.world.lagging = {"ns2"}
    deployment.world.zone["ns2"] = {record(deployment.old.key): TTL}
    assert "secondary_lag" in ids(deployment.ask())


def test_records_that_nobody_validated_are_not_enough(deployment: Deployment) -> None:
    deployment.world.secure = False
    deployment.path.write_bytes(deployment.old.pem)
    assert ids(deployment.ask()) == ["tlsa_zone_insecure"]


def test_no_records_that_nobody_validated_are_not_none(deployment: Deployment) -> None:
    """Name servers and resolver seem to have nothing, as when somebody on the way leaves the records out."""
    deployment.world.publish(remove=[record(deployment.old.key)])
    assert deployment.ask().facts["allowed"]
    deployment.world.secure = False
    run = deployment.ask()
    assert ids(run) == ["resolver_not_validating"] and "Install a validating resolver" in run.facts["message"]


def test_no_records_at_all_are_no_obstacle_unless_caches_have_some(deployment: Deployment) -> None:
    deployment.ask()
    deployment.world.wait(3 * DAY)
    deployment.ask()
    deployment.world.instances[0].served = ()
    deployment.world.publish([], [record(deployment.old.key)])
    run = deployment.ask()
    assert sorted(ids(run)) == ["aging", "resolver_cache"] and run.facts["earliest"] == _utc(deployment.world.now + 2 * TTL)
    deployment.world.wait(TTL)
    assert ids(deployment.ask()) == ["aging"]
    deployment.world.wait(TTL)
    run = deployment.ask()
    assert run.facts["allowed"] and run.facts["notes"] == [OWNER + " has no TLSA records: no DANE"]
    assert run.facts["notes"][0] in run.facts["message"]
    assert deployment.ask(name="fresh").facts["allowed"]


def test_a_combination_that_was_removed_is_in_caches_for_a_while(deployment: Deployment) -> None:
    new, old = deployment.new.key, deployment.old.key
    deployment.world.publish([record(new), record(old, 2)])
    deployment.world.wait(TTL)
    deployment.ask()
    deployment.world.wait(2 * DAY)
    assert ids(deployment.ask()) == ["no_match"]
    deployment.world.publish([], [record(old, 2)])
    deployment.world.cache = (0, frozenset())
    run = deployment.ask()
    assert ids(run) == ["aging"] and "3 1 2" in run.facts["message"] and run.facts["earliest"] == _utc(deployment.world.now + 2 * TTL)
    deployment.world.wait(2 * TTL)
    assert deployment.ask().facts["allowed"]


def test_records_that_cannot_be_used_bind_nobody(deployment: Deployment) -> None:
    deployment.world.publish([TlsaRecord(1, 1, 1, b"\x01" * 32)], [record(deployment.old.key)])
    deployment.world.cache = (0, frozenset())
    run = deployment.ask()
    assert run.facts["allowed"] and "none can be used" in run.facts["message"]


def test_the_clocks_of_the_rollover_count_and_are_not_written(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa")
    world.until("steady")
    (path,) = [tmp_path / "state" / "default" / "keys" / one for one in world.keys if one.endswith(".key.pem")]
    state = tmp_path / "state" / "default" / "state.json"
    before = state.read_bytes()
    assert world.guard(privatekey_path=str(path), check_mode=True).facts["allowed"]
    assert not (state.parent / "guard.json").exists()
    assert world.guard(privatekey_path=str(path)).facts["allowed"] and (state.parent / "guard.json").exists()
    assert state.read_bytes() == before
    run = world.guard(privatekey_path=str(path), name="other")
    assert ids(run) == ["aging"]
    state.write_text("{")
    (state.parent / "guard.json").unlink()
    assert not world.guard(privatekey_path=str(path)).facts["allowed"]


@pytest.mark.parametrize("who", ["state.json", "guard.json"])
def test_the_longest_wait_that_anybody_remembers_counts(deployment: Deployment, who: str) -> None:
    """One of two clocks was there in time to see the TTL that was lowered; both have seen the record since the same moment."""
    deployment.ask()
    deployment.world.wait(3 * DAY)
    deployment.ask()
    deployment.world.publish([record(deployment.new.key)])
    deployment.world.wait(TTL)
    deployment.ask()
    since = deployment.world.now
    deployment.world.wait(2 * TTL)
    assert deployment.ask().facts["allowed"]
    folder = deployment.world.folder / "state" / "default"
    saved = (folder / "guard.json").read_text()
    for name in ("state.json", "guard.json"):
        (folder / name).write_text(_remembering(saved, DAY, since + 20 * DAY) if name == who else saved)
        (folder / name).chmod(0o600)
    run = deployment.ask(wait_for="signature")
    assert ids(run) == ["aging"] and run.facts["earliest"] == _utc(since + 20 * DAY)
    run = deployment.ask()
    assert ids(run) == ["aging"] and run.facts["earliest"] == _utc(since + 2 * DAY)
    deployment.world.wait(2 * DAY - 2 * TTL)
    assert deployment.ask().facts["allowed"]


def test_a_guess_of_the_guard_is_no_more_than_what_the_rollover_knows(tmp_path: Path) -> None:
    """The guard has watched the owner, but sees a record first when it is there."""
    world = World(tmp_path, "ecdsa")
    world.round()
    world.wait(3 * DAY)
    assert world.guard(public_key_sha256=next(iter(world.digests()))).facts["allowed"]
    world.until("steady")
    (path,) = [tmp_path / "state" / "default" / "keys" / one for one in world.keys if one.endswith(".key.pem")]
    assert world.guard(privatekey_path=str(path)).facts["allowed"] and world.guard(privatekey_path=str(path)).facts["allowed"]


def _remembering(saved: str, old_ttl: int, signature_end: int) -> str:
    """A state in which all records have replaced an RRset of this TTL, signed until then."""
    changed = json.loads(saved)
    for owner in changed["state"]["owners"].values():
        for clock in owner["records"].values():
            clock.update(old_ttl=old_ttl, old_signature_end=signature_end)
    return json.dumps(changed)


def test_clocks_that_cannot_be_read_are_named(deployment: Deployment) -> None:
    deployment.ask()
    path = deployment.world.folder / "state" / "default" / "guard.json"
    assert json.loads(path.read_text())["format"] == 1 and path.stat().st_mode & 0o777 == 0o600
    path.write_text("{}")
    with pytest.raises(OptionError, match=str(path)):
        deployment.ask()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"public_key_sha256": "3 1 1"}, "public_key_sha256"),
        ({"public_key_sha256": "00" * 32, "certificate_path": "new.pem"}, "public_key_sha256"),
        ({"certificate_path": "none.pem"}, "certificate_path"),
        ({"certificate_path": "key.pem"}, "certificate_path"),
        ({"privatekey_path": "new.pem"}, "privatekey_path"),
        ({"privatekey_path": "key.pem", "certificate_path": "new.pem"}, "privatekey_path"),
        ({"exchanges": []}, "exchanges"),
        ({"exchanges": ["192.0.2.1"]}, "exchanges"),
        ({"ports": [0]}, "ports"),
        ({"min_wait": -1}, "min_wait"),
        ({"name": "../x"}, "name"),
    ],
)
def test_options_that_cannot_be_used_are_named(deployment: Deployment, tmp_path: Path, given: dict[str, Any], named: str) -> None:
    (tmp_path / "key.pem").write_bytes(Key.generate("ecdsa").pem)
    given = {option: str(tmp_path / value) if option.endswith("_path") else value for option, value in given.items()}
    with pytest.raises(OptionError) as raised:
        deployment.ask(**given)
    assert raised.value.option == named


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
