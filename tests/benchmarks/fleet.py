# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of any size: CPU of each kind of destination, memory, dead hosts, and a busy provider between others.

DNS is a resolver of our own (`fleet_resolver.py`), the mail server is the Postfix of the benchmarks at as many addresses as are wanted.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from ..lab import bench
from .measure import Command, Failed, Usage, here, in_turn, run, spread, tell
from .page import table
from .workloads import delaying_relays, finger, said

RESOLVER = "127.0.58.3"
EACH = 4000
"""Destinations of one kind, for CPU."""
SIZES = (10_000, 100_000)
MIXED = ("own", "shared", "own", "none", "own", "own", "shared", "none", "own", "none")
"""Half of a list has exchanges of its own, as in the test network; three of ten do not exist."""
DEAD = 10_000
CROWD = 5000
FEW = 500
CONNECT = 2.0
DEAD_PORT = 2527
OF_ALL = "exchange of its own, workers: auto"
BUSY_CORES = "The mail server and the resolver work on the same cores, and take most of them.\n"
FAR = 0.3
"""Seconds that servers take for a reply, so that connections and not the processor are what is scarce."""


def client(what: str, kinds: Sequence[str], count: int, wanted: Mapping[str, int], **more: Any) -> Command:
    """A run of the client, which has to end as wanted."""

    def check(output: str) -> None:
        found = said(output)["statuses"]
        found = {name: number for name, number in found.items() if number}
        if found != wanted:
            raise Failed(f"a fleet of {kinds} found {found}, not {wanted}")

    ports = {"own": bench.PORT, "dead": DEAD_PORT, **more.pop("ports", {})}
    given = {"kinds": kinds, "count": count, "nameserver": RESOLVER, "ports": ports, **more}
    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
    return Command([sys.executable, str(here() / "fleet_client.py"), what], check, json.dumps(given), environment)


@contextmanager
def resolver() -> Iterator[None]:
    """Have the resolver answer, with the TLSA record of the benchmarks' server."""
    import dns.message
    import dns.query

    asked = dns.message.make_query(f"_{bench.PORT}._tcp.mx0001.{bench.NAME}", "TLSA")
    record: Any = dns.query.udp(asked, "127.0.0.1", timeout=10).answer[0][0]
    data = bytes((record.usage, record.selector, record.mtype)) + record.cert
    command = [sys.executable, str(here() / "fleet_resolver.py"), RESOLVER, data.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise Failed("the resolver did not start")
            yield
        finally:
            process.terminate()


@contextmanager
def dead_hosts() -> Iterator[None]:
    """Have a port at which nobody answers: its queue is full, so the system drops what else comes."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("0.0.0.0", DEAD_PORT))
        listening.listen(0)
        for _number in range(3):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", DEAD_PORT))
        yield


def each_kind(rounds: int) -> str:
    """CPU and rate of each kind of destination; posttls-finger beside those with an exchange of their own."""
    commands = {
        "exchange of its own": client("module", ["own"], EACH, {"verified": EACH}),
        "exchange shared by all": client("module", ["shared"], EACH, {"verified": EACH}),
        "no such domain": client("module", ["none"], EACH, {"failed": EACH}),
        OF_ALL: client("module", ["own"], EACH, {"verified": EACH}, options={"workers": "auto"}),
    }
    goals = dict(zip(commands, ("1.8 ms", "0.5 ms", "0.4 ms", "")))
    beside = f"posttls-finger, exchange of its own ({FEW})"
    found = in_turn({**commands, beside: finger(bench.domains(FEW))}, rounds, warm_up=["exchange of its own"])
    rows = []
    for name, usages in found.items():
        ours = name in commands
        count = EACH if ours else FEW
        each = [1000 * (said(one.output)["cpu"] if ours else one.cpu) / count for one in usages]
        rate = spread([count / one.wall for one in usages])
        size = f"{said(usages[0].output)['bytes'] / count:.0f}" if ours else ""
        goal = f"at most {goals[name]}" if goals.get(name) else ""
        rows.append([name, spread(each).show(unit=" ms"), goal, f"{rate.show(0)} / s", size])
    one, all_, theirs = ([usage.wall for usage in found[name]] for name in ("exchange of its own", OF_ALL, beside))
    times = spread([first / second for first, second in zip(one, all_)])
    finger_times = spread([first / FEW / (second / EACH) for first, second in zip(theirs, all_)])
    told = f"All cores do {times.show()} times what one does (goal: 1.7), and {finger_times.show()} times posttls-finger (goal: 6).\n"
    return table(["", "CPU each", "goal", "rate", "bytes each in the file"], rows) + "\n" + told + BUSY_CORES


def memory() -> str:
    """Peak memory of the module with lists of two sizes."""
    rows, peaks = [], []
    for count in SIZES:
        failed = count * MIXED.count("none") // len(MIXED)
        usage = run(client("module", MIXED, count, {"verified": count - failed, "failed": failed}))
        tell(f"{count} destinations: {usage.peak:.0f} MB, {usage.wall:.0f} s, CPU {usage.cpu:.0f} s")
        peaks.append(usage.peak)
        rows.append([f"{count} destinations", f"{usage.peak:.0f} MB", f"{usage.cpu:.1f} s", f"{usage.wall:.0f} s"])
    slope = 1024 * 1024 * (peaks[1] - peaks[0]) / (SIZES[1] - SIZES[0])
    told = f"Memory grows by {slope:.0f} bytes a destination (goal: at most 100, and 150 MB).\n"
    return table(["", "memory", "CPU", "by the clock"], rows) + "\n" + told


def dead() -> str:
    """A list of which three of ten exchanges never answer."""
    kinds = ["dead" if number in (1, 4, 7) else "own" for number in range(10)]
    part = DEAD * 3 // 10
    wanted = {"own verified": DEAD - part, "dead failed": part}
    rows = []
    for at_a_time in (100, 500):
        with dead_hosts():
            usage = run(client("engine", kinds, DEAD, wanted, connect=CONNECT, options={"concurrency": at_a_time}))
        least = part * CONNECT / at_a_time
        rows.append([f"{at_a_time} at a time", f"{usage.wall:.1f} s", f"{least:.0f} s", f"{usage.cpu:.1f} s", f"{usage.peak:.0f} MB"])
    return table(["", "by the clock", f"of that, waiting {CONNECT:.0f} s for each dead one", "CPU", "memory"], rows)


def crowd() -> str:
    """Domains of one busy provider between others, and the others alone."""
    ports = {"own": bench.RELAY_PORT, "busy": bench.RELAY_PORT}
    options = {"concurrency": 100, "per_address_limit": 2}

    def others(kinds: Sequence[str]) -> tuple[Usage, Mapping[str, Any]]:
        command = client("engine", kinds, CROWD * len(kinds), {}, ports=ports, options=options, until="own")
        usage = run(Command(command.arguments, lambda _output: None, command.stdin, command.environment))
        found = said(usage.output)
        if found["statuses"].get("own verified") != CROWD:
            raise Failed(f"not all of the others were verified: {found}")
        return usage, found

    with delaying_relays(bench.RELAY_PORT, bench.PORT, FAR):
        (_usage, alone), (usage, between) = others(["own"]), others(["own", "busy"])
    lost = between["last"]["own"] / alone["last"]["own"] - 1
    rows = [
        ["the others alone", f"{alone['last']['own']:.1f} s", ""],
        ["between those of the provider", f"{between['last']['own']:.1f} s", f"{between['parked']}"],
    ]
    told = f"They lose {100 * lost:.0f} % (goal: at most 10 %). The run has {usage.peak:.0f} MB.\n"
    return table(["", "until the last one was done", "parked or put back at most"], rows) + "\n" + told


def fleet(rounds: int) -> str:
    """The whole section."""
    with resolver():
        return "\n".join([
            "## Fleets of up to 100,000 destinations\n",
            "DNS is a resolver of the benchmark's own, whose answers are all validated; the mail server is the same Postfix.\n"
            "The module reads a file of destinations and writes a file of results, which is in its CPU time.\n",
            each_kind(rounds),
            "Lists of both sizes, in which half of the destinations have an exchange of their own, two of ten share one and three\n"
            "do not exist:\n",
            memory(),
            f"{DEAD} destinations, the exchange of three of ten being dead, the engine alone:\n",
            dead(),
            f"{CROWD} domains of one provider, all at one address with two connections at a time, between {CROWD} others, 100 at a time.\n"
            f"Servers take {1000 * FAR:.0f} ms for each reply:\n",
            crowd(),
        ])  # fmt: skip
