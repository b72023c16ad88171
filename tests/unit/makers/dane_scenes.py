# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenes of a rollover are made of: a world with one server, runs in it, and what a step says in short."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase, Step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import keep_first, publish_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World

OWNER, OTHER = OWNERS
FIRST = Key("rsa", b"first rsa")
NONE, VERIFY = ActionKind.NONE, ActionKind.VERIFY


def world(**changes: Any) -> World:
    """A server with one RSA key and no records; the TTL is 300 s."""
    others = {name: changes.pop(name) for name in ("ttl", "instances", "foreign", "lifetime") if name in changes}
    policy = Policy(**{"owners": (OWNER,), "algorithms": ("rsa",), "unknown_ttl": 600, "key_max_age": 10_000, **changes})
    return World(policy, **others)


def wish(there: World, **changes: Any) -> None:
    there.policy = replace(there.policy, **changes)


def run(there: World, *, look: bool = True, after: int = 0, sync: bool = True) -> Step:
    there.advance(after)
    if sync:
        there.transfer()
    return there.run(look_outside=look)


def until(there: World, phase: RolloverPhase | None, kind: ActionKind | None = None, *, every: int = 100, most: int = 300) -> Step:
    """Run on until a phase (and action); the step of that run."""
    for _run in range(most):
        found = run(there, after=every)
        if phase in (None, found.phase) and kind in (None, found.action.kind):
            return found
    raise AssertionError(f"{phase} was not reached: {there.last and (there.last.phase, there.last.action, there.last.blockers)!r}")


def settled(**changes: Any) -> World:
    """Current and next key are published and have aged; only then may keys be too old."""
    age = changes.pop("key_max_age", 10_000)
    there = world(**changes, key_max_age=0)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, key_max_age=age)
    return there


def kinds(found: Step) -> list[str]:
    return [one.id for one in found.blockers]


def texts(found: Step) -> str:
    return "; ".join(one.text for one in found.blockers)


def lints(found: Step) -> set[str]:
    return {one.id for one in found.findings}


def record(key: Key, matching_type: int = 1) -> TlsaRecord:
    return digest_record(3, matching_type, key.spki)


def next_key(there: World) -> Key:
    assert there.last is not None
    (found,) = there.last.keys.next
    return found


def deployed(**changes: Any) -> World:
    """A next key was deployed in the last run."""
    there = settled(key_max_age=1, **changes)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    return there


def rolled(**changes: Any) -> World:
    """The deployed key is one of ours."""
    there = settled(**{"key_max_age": 0, **changes})
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    until(there, RolloverPhase.STEADY, NONE)
    return there


def badly_deployed(**changes: Any) -> World:
    """The record of the first key was there before anybody looked; its successor was deployed as soon as it could be, and does not work."""
    there = world(**{"key_max_age": 0, "unknown_ttl": 86400, "roll": True, **changes})
    keep_first(there)
    publish_first(there)
    there.deploys = "broken"
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=300, most=900)
    return there
