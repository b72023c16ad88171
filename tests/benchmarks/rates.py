# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rates of long lists: one process of ours, as many as there are cores, and posttls-finger under xargs, with servers that take little.

All three go through the same lists with the same servers. posttls-finger takes fewer of each, as it makes a connection for every
destination.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .cheap_servers import PORT, RESOLVER, CheapServers, cheap_servers
from .fleet import MIXED, client
from .measure import Command, Failed, Usage, run, sized, spread, tell
from .page import Section, image, table
from .plots import Bar, bars
from .workloads import JOBS, SUCCESS, finger_program

LISTED = sized(20_000)
FEW = sized(600)
LISTS = {
    "Each has an exchange of its own": ("own",),
    "Half have an exchange of their own, two of ten share one, three do not exist": MIXED,
}
PLOT = "bench-rates"
ONE, AUTO, FINGER = "one process", "workers: auto", f"posttls-finger, {JOBS} at a time"
GOALS = {ONE: "1.7", FINGER: "6"}


@dataclass(frozen=True)
class Round:
    """What one run took, for each destination: seconds by the clock, CPU of the prober, and of the servers."""

    clock: float
    cpu: float
    servers: float


def finger(kinds: Sequence[str], count: int, servers: CheapServers) -> Command:
    """posttls-finger, one process for each destination, asking the resolver of these servers."""
    verified = sum(kinds[number % len(kinds)] != "none" for number in range(count))

    def check(output: str) -> None:
        if output.count(SUCCESS) != verified:
            raise Failed(f"posttls-finger verified {output.count(SUCCESS)} of {verified}: {output[-500:]}")

    # What has no exchange makes posttls-finger fail, and xargs end with 123.
    words = shlex.join(["xargs", "-P", str(JOBS), "-n", "1", finger_program(), "-l", "dane"])
    script = f"mount --bind {shlex.quote(str(servers.resolv_conf))} /etc/resolv.conf && {{ {words} || test $? -eq 123; }}"
    given = "\n".join(f"d{number}.{kinds[number % len(kinds)]}.fleet.test:{PORT}" for number in range(count))
    return Command(["unshare", "--mount", "sh", "-c", script], check, given)


def ours(kinds: Sequence[str], count: int, workers: str) -> Command:
    """A run of the module over a list."""
    failed = sum(kinds[number % len(kinds)] == "none" for number in range(count))
    wanted = {name: number for name, number in (("verified", count - failed), ("failed", failed)) if number}
    return client("module", kinds, count, wanted, ports={"own": PORT}, nameserver=RESOLVER, options={"workers": workers})


def measured(command: Command, count: int, servers: CheapServers) -> Round:
    """Run a command and see what the servers take meanwhile."""
    before = servers.cpu()
    usage: Usage = run(command)
    return Round(usage.wall / count, usage.cpu / count, (servers.cpu() - before) / count)


def one_list(kinds: Sequence[str], rounds: int, servers: CheapServers) -> Mapping[str, Sequence[Round]]:
    """Go through one kind of list in turn."""
    commands = {
        ONE: (ours(kinds, LISTED, "1"), LISTED),
        AUTO: (ours(kinds, LISTED, "auto"), LISTED),
        FINGER: (finger(kinds, FEW, servers), FEW),
    }
    run(commands[ONE][0])
    found: dict[str, list[Round]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, (command, count) in commands.items():
            last = measured(command, count, servers)
            found[name].append(last)
            took = f"CPU {1000 * last.cpu:.2f} ms, servers {1000 * last.servers:.2f} ms"
            tell(f"{name}, round {number + 1}: {1 / last.clock:.0f} / s, {took}")
    return found


def told(found: Mapping[str, Sequence[Round]]) -> str:
    """Rates for one kind of list, and what the servers have of the cores."""
    rows = []
    for name, measurements in found.items():
        times = spread([other.clock / auto.clock for other, auto in zip(measurements, found[AUTO])])
        cpu, theirs = (spread([1000 * getattr(one, what) for one in measurements]) for what in ("cpu", "servers"))
        rate = spread([1 / one.clock for one in measurements])
        so_many_times = "" if name == AUTO else times.show()
        rows.append([name, f"{rate.show(0)} / s", so_many_times, GOALS.get(name, ""), cpu.show(unit=" ms"), theirs.show(unit=" ms")])
    cores = len(os.sched_getaffinity(0))
    share = spread([100 * one.servers / (cores * one.clock) for one in found[AUTO]])
    used = spread([100 * (one.servers + one.cpu) / (cores * one.clock) for one in found[AUTO]])
    more = spread([one.cpu / other.cpu for one, other in zip(found[AUTO], found[ONE])])
    by_cpu = spread([theirs.cpu / one.cpu for one, theirs in zip(found[AUTO], found[FINGER])]).median
    return "\n".join([
        table(["", "rate", "`auto` is so many times as fast", "goal", "CPU each", "CPU of the servers"], rows),
        f"With `workers: auto` the servers took {share.show(0, ' %')} of {cores} cores, and with the prober {used.show(0, ' %')}.\n"
        f"A destination took {more.show()} times the CPU that it takes with one process. By CPU alone, as with servers elsewhere,\n"
        f"{cores} cores do {cores / more.median:.2f} times what one process does, and {by_cpu:.1f} times posttls-finger.\n",
    ])  # fmt: skip


def rates(rounds: int) -> Section:
    """The whole section."""
    sections, plotted = [], []
    with cheap_servers() as servers:
        for name, kinds in LISTS.items():
            found = one_list(kinds, rounds, servers)
            sections += [f"{name}:\n", told(found)]
            for who, measurements in found.items():
                rate = spread([1 / one.clock for one in measurements]).median
                plotted.append(Bar(who, rate, f"{rate:.0f} / s", who != FINGER, name))
    text = "\n".join([
        "## Rates of long lists\n",
        f"{LISTED} destinations for `smtp_tls_probe`, 100 connections at a time, and the first {FEW} of them for posttls-finger, which is\n"
        "one process for each. Servers run on the same cores, so they are such as take little: nginx's mail proxy with a key for ECDSA,\n"
        "and a resolver that remembers its replies. The start of Python and its imports are in all times.\n",
        *sections,
        image(PLOT, "Bars: destinations a second with one process, several, and posttls-finger, as in the tables above."),
    ])  # fmt: skip
    return Section(text, {PLOT: bars("Destinations a second", plotted)})
