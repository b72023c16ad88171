# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at random moments: whatever is killed, the next run finishes, and all is as if nothing had been killed.

    python -m tests.lab.audit start FOLDER --domains 100 --each 1 --delay 0.05
    python -m tests.lab.audit kill FOLDER --kills 50 --seed 1

The second day is audited again and again, and something is killed each time:

    module      the module, at one prober by itself
    worker      one of the processes that it has started
    prober      whatever is at work at one of two probers, while the role audits
    controller  ansible-playbook with its forks, and all that they have started on their machine

After each kill a run has to finish at the first attempt. What is kept of it and what has changed are compared with an undisturbed run, and
connections are counted at the servers. An exchange of its own for every domain makes that possible.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import namespaces
from .runs import CONCURRENCY, Alone, Connections, Kept, Role, children, kept, kill, kill_controller, moment
from .world import CHANGED, NETWORK, QUIET

KINDS = ("module", "worker", "controller", "module", "prober")
_LOOKED_AGAIN = tuple(f"{NETWORK}.1.{place}" for place, subject in enumerate((*CHANGED, *QUIET), 1) if subject in ("error", "flap"))
"""Mail servers that fail for now, which every look tries again."""
_MOST_AGAIN = CONCURRENCY + 1
"""So many domains are at work at a time, and one of them has two exchanges on the second day."""
_UNTIL_GONE = 60.0


@dataclass(frozen=True)
class Undisturbed:
    """What a run has to come to: what is kept of it, the connections that it makes, and about how long it takes."""

    kept: Kept
    connections: Counter[str]
    seconds: float


@dataclass(frozen=True)
class Kill:
    """One that hit: what, after how many seconds, what it hit in words, and how many mail servers were probed again because of it."""

    kind: str
    after: float
    what: str
    again: int = 0


class Kills:
    """A number of kills, of which each is followed by a run that finishes."""

    def __init__(self, folder: Path, seed: str) -> None:
        """Take the folder of a network on its first day, and what decides the moments."""
        self._folder, self._seed, self._chance = folder, seed, random.Random(seed)
        self._connections = Connections(folder)
        self._alone, self._role = Alone(folder), Role(folder)
        self._undisturbed: dict[bool, Undisturbed] = {}

    def all(self, kinds: Sequence[str], number: int) -> None:
        """Do so many kills of some kinds, and say what came of each."""
        print(f"{number} kills, seed {self._seed}", flush=True)
        order = [kinds[place % len(kinds)] for place in range(number)]
        self._chance.shuffle(order)
        self._look_undisturbed({kind in ("module", "worker") for kind in order})
        done: list[Kill] = []
        for place, kind in enumerate(order, 1):
            began = time.monotonic()
            one = self._until_hit(kind)
            done.append(one)
            seconds = time.monotonic() - began
            print(f"{place:3}  {kind:10} after {one.after:5.2f} s  {one.again:2} again  {seconds:5.1f} s  {one.what}", flush=True)
        for kind in sorted(set(order)):
            again = [one.again for one in done if one.kind == kind]
            print(f"{len(again)} of {kind}: at most {max(again)} probed again, {sum(again) / len(again):.1f} on average", flush=True)
        assert all(one.again <= _MOST_AGAIN for one in done), "more was probed again than was at work"

    def _look_undisturbed(self, alone: set[bool]) -> None:
        """Audit both days without any kill."""
        if True in alone:
            self._alone.first()
        if False in alone:
            self._role.first()
        namespaces.next_day(self._folder)
        for one in sorted(alone):
            self._begin(one)
            began = time.monotonic()
            if one:
                self._alone.wait(self._alone.start())
            else:
                self._role.finish()
            seconds = time.monotonic() - began
            found = self._end_alone() if one else kept(self._role.directory, self._role.newest())
            self._undisturbed[one] = Undisturbed(found, self._connections.new(), seconds)
            assert found.changes and len(found.facts) > len(CHANGED), found
            print(f"undisturbed: {seconds:.1f} s, {len(found.facts)} facts, {len(found.changes)} changes", flush=True)

    def _begin(self, alone: bool) -> None:
        """Have everything as before the second day was audited."""
        (self._alone if alone else self._role).renew()
        namespaces.next_day(self._folder)
        self._connections.new()

    def _until_hit(self, kind: str) -> Kill:
        """Try until the run had not ended before the moment came."""
        while True:
            one = self._module(kind) if kind in ("module", "worker") else self._audit(kind)
            if one is not None:
                return one

    def _module(self, kind: str) -> Kill | None:
        """Kill the module or a worker of it; None when that had ended already."""
        self._begin(True)
        process = self._alone.start()
        after = moment(self._chance, self._undisturbed[True].seconds)
        number = len(self._alone.lines())
        workers = children(process.pid)
        pid = process.pid if kind == "module" else self._chance.choice(workers) if workers else 0
        hit = bool(pid) and process.poll() is None and kill(pid)
        if kind == "worker":
            told = self._alone.wait(process)
            hit = hit and "ended by SIGKILL" in json.dumps(told)
        else:
            process.communicate()
            hit = hit and process.returncode == -9
        before = self._alone.lines()
        self._alone.wait(self._alone.start())
        assert self._alone.lines()[: len(before)] == before, "what was there is not there any more"
        found = self._end_alone()
        again = self._compare(True, found, self._connections.new())
        return Kill(kind, after, f"{max(0, number - 1)} results were there", again) if hit else None

    def _end_alone(self) -> Kept:
        """Have the second look at what failed, and keep all."""
        self._alone.wait(self._alone.start())
        self._gone()
        return self._alone.index()

    def _audit(self, kind: str) -> Kill | None:
        """Kill a prober or the controller; None when there was nothing to kill any more."""
        self._begin(False)
        hits: list[Kill] = []

        def interrupt(process: subprocess.Popen[str]) -> None:
            one = self._hit_controller(process) if kind == "controller" else self._hit_prober(process)
            hits.extend([one] if one is not None else [])

        night = self._role.interrupted(interrupt)
        one = hits[0] if hits else None
        connections = self._connections.new()
        over = self._role.over()
        if over is not None and night.code:  # all was kept and told, and the next run is one of its own
            self._compare(False, kept(self._role.directory, over), connections)
            assert not self._role.finish().result["changed"]
            self._connections.new()
            self._gone()
            return replace(one, what=one.what + ", the run was over") if one is not None else None
        if over is None:
            assert night.code, night.output
            night = self._role.finish()
            assert night.result["changed"] and night.told, night.output
            connections += self._connections.new()
        elif one is not None:
            one = replace(one, what=one.what + ", the same run finished")
        again = self._compare(False, kept(self._role.directory, night.result["run_id"]), connections)
        self._gone()
        return replace(one, again=again) if one is not None else None

    def _hit_controller(self, process: subprocess.Popen[str]) -> Kill | None:
        after = moment(self._chance, self._undisturbed[False].seconds)
        if process.poll() is not None:
            return None
        return Kill("controller", after, f"{kill_controller(process)} processes")

    def _hit_prober(self, process: subprocess.Popen[str]) -> Kill | None:
        """Kill whatever works at a prober: at any time of the run, or, every other time, while it probes."""
        name = self._chance.choice(namespaces.PROBERS)
        seconds = self._undisturbed[False].seconds
        probing = self._chance.random() < 0.5
        if probing and not self._role.wait_for_probes(name, process):
            return None
        after = moment(self._chance, self._undisturbed[True].seconds if probing and True in self._undisturbed else seconds)
        found: list[int] = []
        while not found and process.poll() is None:  # nothing is at work there between two tasks
            found = [pid for pid in namespaces.processes(self._folder, name) if kill(pid)]
        return Kill("prober", after, f"{len(found)} processes of {name}{', probing' if probing else ''}") if found else None

    def _compare(self, alone: bool, found: Kept, connections: Counter[str]) -> int:
        """Compare with the undisturbed run; return how many mail servers were probed again."""
        expected = self._undisturbed[alone]
        assert found.facts == expected.kept.facts, set(found.facts) ^ set(expected.kept.facts)
        assert found.changes == expected.kept.changes, set(found.changes) ^ set(expected.kept.changes)
        more = connections - expected.connections
        less = expected.connections - connections
        for address in _LOOKED_AGAIN:
            more.pop(address, None)
            less.pop(address, None)
        assert not less, f"not probed: {less}"
        return len(more)  # a server that is probed again gets a connection or two, one for each kind of key

    def _gone(self) -> None:
        """Wait until nothing is at work at the probers any more."""
        until = time.monotonic() + _UNTIL_GONE
        while any(namespaces.processes(self._folder, name) for name in namespaces.PROBERS):
            assert time.monotonic() < until, "something is still at work"
            time.sleep(0.02)
