# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state that is lost, and a clock that is set, one scene each."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    CertificateInHand,
    HeldKey,
    Key,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    NONE,
    lints,
    rolled,
    run,
    settled,
    until,
    wish,
    world,
)

BEFORE = (RolloverPhase.STAGED, RolloverPhase.PUBLISHED, RolloverPhase.AGING, RolloverPhase.READY, RolloverPhase.ISSUED)


@pytest.mark.parametrize("phase", [*BEFORE, RolloverPhase.DEPLOYED, RolloverPhase.VERIFIED, RolloverPhase.RETIRING])
def test_lost_state_at_every_phase_only_delays(phase: RolloverPhase) -> None:
    there = world(key_max_age=0, self_signed=False)
    due = (RolloverPhase.READY, RolloverPhase.ISSUED, RolloverPhase.DEPLOYED, RolloverPhase.VERIFIED, RolloverPhase.RETIRING)
    wish(there, roll=phase in due)
    for _run in range(200):
        found = run(there, after=50, look=phase is not RolloverPhase.DEPLOYED or ActionKind.DEPLOY not in there.actions)
        if phase is RolloverPhase.PUBLISHED and found.phase is RolloverPhase.STAGED and found.action.kind is ActionKind.PUBLISH:
            found = run(there, sync=False)
        if found.phase is phase:
            break
    assert found.phase is phase
    there.saved = None
    found = run(there)
    assert found.action.kind not in (ActionKind.DEPLOY, ActionKind.RETIRE, ActionKind.ROLL_BACK, ActionKind.DISCARD)
    until(there, RolloverPhase.STEADY, NONE)
    assert not there.problems


def test_a_record_that_is_there_when_the_clock_begins_has_an_unknown_past() -> None:
    there = settled(key_max_age=0)
    there.saved = None
    found = run(there)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, there.now + 1200), "twice unknown_ttl, which is more than the TTL now"


def test_a_ttl_that_was_lowered_counts_until_it_has_run_out() -> None:
    there = world(key_max_age=0, ttl=5000)
    run(there)
    run(there, after=100)
    there.ttl = 60
    until(there, RolloverPhase.STAGED, ActionKind.PUBLISH, every=0)
    found = until(there, RolloverPhase.AGING)
    assert found.earliest == there.now + 10_000


@pytest.mark.parametrize("jump", [-5000, -1, 3600, 10**6])
def test_a_clock_that_was_set_starts_the_ages_anew(jump: int) -> None:
    there = world(key_max_age=1)
    until(there, RolloverPhase.AGING)
    there.offset = jump
    found = run(there, after=0 if jump == -1 else 100)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, there.now + jump + 600)
    assert "clock_changed" in lints(found)


def test_a_key_made_after_the_clock_was_set_back_is_still_the_next_one() -> None:
    there = rolled()
    (current,) = there.ours()
    wish(there, abort=True)
    until(there, None, ActionKind.DISCARD)
    wish(there, abort=False)
    there.offset = -10**6
    found = until(there, RolloverPhase.STEADY, NONE)
    assert found.keys.previous == () and len(found.keys.next) == 1
    assert there.held[found.keys.next[0].digest].created < there.held[current.key.digest].created


def test_without_a_state_an_older_key_is_previous_and_a_newer_one_next() -> None:
    there = rolled()
    (current,) = there.ours()
    certificate = CertificateInHand((), there.now + 10**8)
    old = HeldKey(Key("rsa", b"old"), there.held[current.key.digest].created - 1, certificate)
    other = HeldKey(Key("ecdsa", b"new kind"), 0, certificate)
    there.held.update({one.key.digest: one for one in (old, other)})
    there.saved = None
    wish(there, algorithms=("rsa", "ecdsa"))
    found = run(there)
    assert old.key in found.keys.previous and other.key in found.keys.next
    assert old.key in run(there, after=10).keys.previous, "in the next run too"


def test_over_a_reboot_only_the_time_since_the_boot_counts() -> None:
    there = world(key_max_age=0)
    found = until(there, RolloverPhase.AGING)
    ready = found.earliest or 0
    there.reboot(300)
    found = run(there, after=200)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, ready + 300), "of 500 seconds 200 are certain"
    assert "clock_changed" not in lints(found)
    there.reboot(0)
    there.offset = 10**6
    found = run(there, after=100)
    assert found.phase is RolloverPhase.AGING
    assert found.earliest == ready + 300 + 10**6, "a clock that is wrong since the boot skips nothing"
