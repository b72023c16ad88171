# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at random moments: whatever is killed, the next run finishes, and all is as if nothing had been killed.

    python -m tests.lab.audit start FOLDER --domains 60 --each 1 --delay 0.05
    python -m tests.lab.audit kill FOLDER --kills 50 --seed 1

The second day is audited again and again, and something is killed each time:

    module      the module, at one prober by itself
    worker      one of the processes that it has started
    prober      whatever is at work at one of two probers, while the role audits
    controller  ansible-playbook with its forks, and all that they have started on their machine
    store       the same, at a step of what is done to the files of the audit: the plan, what is fetched, the index, reports, links

The moments of a prober and a controller are spread over the course of a run, half of the latter over those tasks that collect, compare and
tell. Those of a store are spread over its steps. Every other one of these is followed by a run that must not go on with the one that was
killed: it has to tell what that had found, and nobody had been told.

After each kill a run has to finish at the first attempt. The store has to be sound, with one final result for each domain. That and the
changes are compared with an undisturbed run, and the changes are told once. Connections are counted at the servers. An exchange of its own
for every domain makes that possible.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import namespaces
from .moments import Course, Task
from .runs import CONCURRENCY, Alone, Connections, Kept, Role, children, kept, kill, kill_controller, moment
from .steps import Steps, holder
from .world import CHANGED, NETWORK, QUIET, SECOND_EXCHANGE

KINDS = ("module", "worker", "controller", "module", "prober")
_LOOKED_AGAIN = tuple(f"{NETWORK}.1.{place}" for place, subject in enumerate((*CHANGED, *QUIET), 1) if subject in ("error", "flap"))
"""Mail servers that fail for now, which every look tries again."""
_OF_ONE_DOMAIN = {SECOND_EXCHANGE: f"{NETWORK}.1.{CHANGED.index('mx') + 1}"}
"""The address by which a domain is counted that has another one besides."""
_UNTIL_GONE = 600.0
_PROBING = 1.0
"""Seconds that a prober's share of some thirty domains takes at the least."""
_LATE = (
    "Fetch them", "Keep the results", "Compare with the run before", "Write the reports", "Keep what came of it", "Be told",
    "End the run, as nothing of it is missing", "Remove the work of a prober",
)  # fmt: skip
"""Tasks in which a controller is killed besides, since they are short beside the others."""


@dataclass(frozen=True)
class Undisturbed:
    """What a run has to come to: what is kept of it, the connections that it makes, and about how long it takes."""

    kept: Kept
    connections: Counter[str]
    seconds: float
    course: Course | None = None
    steps: Sequence[str] = ()


@dataclass(frozen=True)
class Kill:
    """One that hit: what, when, what it hit in words, and how many domains were looked at again because of it."""

    kind: str
    when: str
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
        self._ahead: dict[str, list[tuple[Task, float]]] = {}
        self._steps: list[tuple[str, int]] = []

    def all(self, kinds: Sequence[str], number: int) -> None:
        """Do so many kills of some kinds, and say what came of each."""
        print(f"{number} kills, seed {self._seed}", flush=True)
        order = [kinds[place % len(kinds)] for place in range(number)]
        self._chance.shuffle(order)
        self._look_undisturbed({kind in ("module", "worker") for kind in order})
        self._ahead = {kind: self._moments(kind, order.count(kind)) for kind in ("prober", "controller") if kind in order}
        self._steps = self._steps_to_meet(order.count("store")) if "store" in order else []
        done: list[Kill] = []
        failed = 0
        for place, kind in enumerate(order, 1):
            began = time.monotonic()
            try:
                one = self._until_hit(kind)
            except AssertionError:
                failed += 1
                print(f"{place:3}  {kind:10} FAILED\n{traceback.format_exc()}", flush=True)
                self._gone()
                continue
            done.append(one)
            seconds = time.monotonic() - began
            print(f"{place:3}  {kind:10} {one.again:2} again  {seconds:5.1f} s  {one.when}: {one.what}", flush=True)
        for kind in sorted({one.kind for one in done}):
            again = [one.again for one in done if one.kind == kind]
            print(f"{len(again)} of {kind}: at most {max(again)} again, {sum(again) / len(again):.1f} on average, nothing lost", flush=True)
        assert not failed, f"{failed} runs were not as they are undisturbed"
        assert all(one.again <= CONCURRENCY for one in done), "more was looked at again than was at work"

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
                steps = self._role.watched()
            seconds = time.monotonic() - began
            found = self._end_alone() if one else kept(self._role.directory, self._role.newest())
            course = None if one else self._role.course
            self._undisturbed[one] = Undisturbed(found, self._connections.new(), seconds, course, () if one else steps)
            assert found.changes and len(found.facts) > len(CHANGED), found
            print(f"undisturbed: {seconds:.1f} s, {len(found.facts)} facts, {len(found.changes)} changes", flush=True)

    def _moments(self, kind: str, number: int) -> list[tuple[Task, float]]:
        """Choose moments of the role's run, as many as there are kills, spread over it; of a controller every other one in a late task."""
        course = self._undisturbed[False].course
        assert course is not None
        found = [course.at((place + self._chance.random()) / number) for place in range(number)]
        if kind == "controller":
            found[1::2] = [(course.named(_LATE[place % len(_LATE)]), self._chance.random()) for place in range(len(found[1::2]))]
        self._chance.shuffle(found)
        return found

    def _steps_to_meet(self, number: int) -> list[tuple[str, int]]:
        """Choose steps of what is done to a store, as many as there are kills, spread over it: each with how often it has to come."""
        steps = self._undisturbed[False].steps
        places = [int((place + self._chance.random()) / number * len(steps)) for place in range(number)]
        found = [(steps[place], steps[: place + 1].count(steps[place])) for place in places]
        self._chance.shuffle(found)
        return found

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
        return Kill(kind, f"after {after:.2f} s", f"{max(0, number - 1)} results were there", again) if hit else None

    def _end_alone(self) -> Kept:
        """Have the second look at what failed, and keep all."""
        self._alone.wait(self._alone.start())
        self._gone()
        return self._alone.index()

    def _audit(self, kind: str) -> Kill | None:
        """Kill a prober or the controller; None when there was nothing to kill any more."""
        self._begin(False)
        hits: list[Kill] = []
        hit = {"controller": self._hit_controller, "store": self._hit_store, "prober": self._hit_prober}[kind]
        anew = kind == "store" and len(self._steps) % 2 == 0

        def interrupt(process: subprocess.Popen[str]) -> None:
            one = hit(process)
            hits.extend([one] if one is not None else [])

        night = self._role.interrupted(interrupt)
        told, connections = night.told, self._connections.new()
        over, how = self._role.over(), "another run finished it"
        if over is None:
            assert night.code, night.output
            if anew:
                how, told = "a new run told all", False
                self._gone()
                namespaces.next_day(self._folder)
                self._connections.new()
            night = self._role.finish(**({"mx_audit_resume": False} if anew else {}))
            assert night.result["changed"] and night.told, night.output
            how += ", and told the changes again" if told else ""
            connections = self._connections.new() + (Counter() if anew else connections)
            over = night.result["run_id"]
        else:
            assert told, "the run is over, and nobody was told"
            how = "the run was over" if night.code else "the same run finished"
        again = self._compare(False, kept(self._role.directory, over, ["open"] if night.code else []), connections)
        if night.code:  # the next run is one of its own
            assert not self._role.finish().result["changed"]
            self._connections.new()
        self._gone()
        return replace(hits[0], what=f"{hits[0].what}, {how}", again=again) if hits else None

    def _hit_controller(self, process: subprocess.Popen[str]) -> Kill | None:
        task, share = self._ahead["controller"][-1]
        if not self._role.come_to(process, task, share):
            self._ahead["controller"][-1] = (task, share / 2)
            return None
        self._ahead["controller"].pop()
        return Kill("controller", _words(task, share), f"{kill_controller(process)} processes")

    def _hit_store(self, process: subprocess.Popen[str]) -> Kill | None:
        """Kill the controller at a step of what it does to its files; who writes them goes first, as it would soon be further."""
        step, left = self._steps[-1]
        number = left
        with Steps(self._role.directory) as steps:
            for one in steps.until(lambda: process.poll() is not None):
                left -= one == step
                if left:
                    continue
                time.sleep(self._chance.choice((0.0, 0.0, self._chance.uniform(0.0, 0.01))))
                writer = holder(self._role.directory / ".lock")
                killed = int(writer is not None and kill(writer)) + kill_controller(process)
                self._steps.pop()
                more = f" (time {number})" if number > 1 else ""
                return Kill("store", f"{step}{more}", f"{killed} processes, the lock {'held' if writer else 'free'}")
        self._steps[-1] = (step, max(1, number - 1))  # it does not come so often each time
        return None

    def _hit_prober(self, process: subprocess.Popen[str]) -> Kill | None:
        """Kill whatever works at a prober: at any time of the run, or, every other time, while it probes."""
        name = self._chance.choice(namespaces.PROBERS)
        task, share = self._ahead["prober"][-1]
        when = _words(task, share)
        if len(self._ahead["prober"]) % 2:
            if not self._role.wait_for_probes(name, process):
                return None
            when = f"{moment(self._chance, _PROBING):.2f} s after the first result"
        elif not self._role.come_to(process, task, share):
            return None
        found: list[int] = []
        while not found and process.poll() is None:  # nothing is at work there between two tasks
            found = [pid for pid in namespaces.processes(self._folder, name) if kill(pid)]
        if not found:
            self._ahead["prober"][-1] = (task, share / 2)
            return None
        self._ahead["prober"].pop()
        return Kill("prober", when, f"{len(found)} processes of {name}")

    def _compare(self, alone: bool, found: Kept, connections: Counter[str]) -> int:
        """Compare with the undisturbed run; return how many mail servers were probed again."""
        expected = self._undisturbed[alone]
        assert found.facts == expected.kept.facts, set(found.facts) ^ set(expected.kept.facts)
        assert found.domains == expected.kept.domains, found.domains ^ expected.kept.domains
        assert found.changes == expected.kept.changes, set(found.changes) ^ set(expected.kept.changes)
        more = connections - expected.connections
        less = expected.connections - connections
        for address in _LOOKED_AGAIN:
            more.pop(address, None)
            less.pop(address, None)
        assert not less, f"not probed: {less}"
        return len({_OF_ONE_DOMAIN.get(address, address) for address in more})

    def _gone(self) -> None:
        """Wait until nothing is at work at the probers any more."""
        until = time.monotonic() + _UNTIL_GONE
        while any(namespaces.processes(self._folder, name) for name in namespaces.PROBERS):
            assert time.monotonic() < until, "something is still at work"
            time.sleep(0.02)


def _words(task: Task, share: float) -> str:
    return f"{share:.0%} of {task.name.rpartition(' : ')[2]}"
