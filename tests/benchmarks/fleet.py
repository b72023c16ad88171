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
from .cheap_servers import PORT as CHEAP_PORT
from .cheap_servers import RESOLVER as CHEAP_RESOLVER
from .cheap_servers import cheap_servers
from .measure import Command, Failed, Usage, here, in_turn, run, sized, spread, tell
from .page import Section, image, table
from .plots import Bar, bars, curve
from .workloads import delaying_relays, finger, said

RESOLVER = "127.0.58.3"
CPU_PLOT, MEMORY_PLOT = "bench-cpu", "bench-memory"
EACH = sized(4000)
"""Destinations of one kind, for CPU."""
SIZES = (sized(1000), sized(10_000), sized(100_000))
MIXED = ("own", "shared", "own", "none", "own", "own", "shared", "none", "own", "none")
"""Half of a list has exchanges of its own, as in the test network; three of ten do not exist."""
DEAD = sized(10_000)
CROWD = sized(5000)
FEW = sized(500)
CONNECT = 3.0
"""Seconds to connect; a listener whose queue is full would need one of them, and has to stay apart from the dead."""
DEAD_PORT = 2527
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


def each_kind(rounds: int) -> Section:
    """CPU and rate of each kind of destination; posttls-finger beside those with an exchange of their own."""
    commands = {
        "exchange of its own": client("module", ["own"], EACH, {"verified": EACH}),
        "exchange shared by all": client("module", ["shared"], EACH, {"verified": EACH}),
        "no such domain": client("module", ["none"], EACH, {"failed": EACH}),
    }
    goals = dict(zip(commands, ("1.8 ms", "0.5 ms", "0.4 ms")))
    beside = f"posttls-finger, exchange of its own ({FEW})"
    found = in_turn({**commands, beside: finger(bench.domains(FEW))}, rounds, warm_up=["exchange of its own"])
    rows, plotted = [], []
    for name, usages in found.items():
        ours = name in commands
        count = EACH if ours else FEW
        each = spread([1000 * (said(one.output)["cpu"] if ours else one.cpu) / count for one in usages])
        rate = spread([count / one.wall for one in usages])
        size = f"{said(usages[0].output)['bytes'] / count:.0f}" if ours else ""
        goal = f"at most {goals[name]}" if ours else ""
        rows.append([name, each.show(unit=" ms"), goal, f"{rate.show(0)} / s", size])
        plotted.append(Bar(name if ours else "posttls-finger, its own", each.median, f"{each.median:.2f} ms", ours))
    text = table(["", "CPU each", "goal", "rate", "bytes each in the file"], rows)
    alt = "Bars: CPU of a destination, as in the table above."
    return Section(f"{text}\n{image(CPU_PLOT, alt)}", {CPU_PLOT: bars("CPU of a destination", plotted)})


def memory() -> Section:
    """Peak memory of the module with lists of several sizes."""
    rows, peaks = [], []
    with cheap_servers():
        for count in SIZES:
            failed = count * MIXED.count("none") // len(MIXED)
            wanted = {"verified": count - failed, "failed": failed}
            usage = run(client("module", MIXED, count, wanted, ports={"own": CHEAP_PORT}, nameserver=CHEAP_RESOLVER))
            tell(f"{count} destinations: {usage.peak:.0f} MB, {usage.wall:.0f} s, CPU {usage.cpu:.0f} s")
            peaks.append(usage.peak)
            rows.append([f"{count} destinations", f"{usage.peak:.0f} MB", f"{usage.cpu:.1f} s", f"{usage.wall:.0f} s"])
    slope = 1024 * 1024 * (peaks[-1] - peaks[-2]) / (SIZES[-1] - SIZES[-2])
    told = f"From {SIZES[-2]:,} on memory grows by {slope:.0f} bytes a destination (goal: at most 100, and 150 MB).\n"
    alt = "A line: memory of the module by the number of destinations, as in the table above, below the limit of 150 MB."
    plot = curve("Memory of the module", list(zip(SIZES, peaks)), "MB", "destinations", 150)
    return Section("\n".join([table(["", "memory", "CPU", "by the clock"], rows), told, image(MEMORY_PLOT, alt)]), {MEMORY_PLOT: plot})


def dead() -> str:
    """A list of which three of ten exchanges never answer."""
    kinds = ["dead" if number in (1, 4, 7) else "own" for number in range(10)]
    part = DEAD * 3 // 10
    wanted = {"own verified": DEAD - part, "dead failed": part}
    rows = []
    given: dict[str, Any] = {"connect": CONNECT, "ports": {"own": CHEAP_PORT}, "nameserver": CHEAP_RESOLVER}
    for at_a_time in (100, 500):
        with cheap_servers(), dead_hosts():
            usage = run(client("engine", kinds, DEAD, wanted, **given, options={"concurrency": at_a_time}))
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


def fleet(rounds: int) -> Section:
    """The whole section."""
    with resolver():
        kinds, sizes = each_kind(rounds), memory()
        text = "\n".join([
            "## Fleets of up to 100,000 destinations\n",
            "DNS is a resolver of the benchmark's own, whose answers are all validated; the mail server is the same Postfix.\n"
            "The module reads a file of destinations and writes a file of results, which is in its CPU time.\n",
            kinds.text,
            "Lists in which half of the destinations have an exchange of their own, two of ten share one and three do not exist, with the\n"
            "servers of the section on rates:\n",
            sizes.text,
            f"{DEAD} destinations, the exchange of three of ten being dead, the engine alone, with {CONNECT:.0f} s to connect and the\n"
            "same servers:\n",
            dead(),
            f"{CROWD} domains of one provider, all at one address with two connections at a time, between {CROWD} others, 100 at a time.\n"
            f"Servers take {1000 * FAR:.0f} ms for each reply:\n",
            crowd(),
        ])  # fmt: skip
    return Section(text, {**kinds.plots, **sizes.plots})
