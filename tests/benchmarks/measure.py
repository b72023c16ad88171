# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a command and reading off what it took; several in turn, so that a busy machine is busy for all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
"""Of the numbers of destinations and the like: a small part of them shows that everything runs."""


def sized(count: int, of: int = 10) -> int:
    """Return how many are measured in place of so many: a multiple of *of*, and all of them by default."""
    return max(of, round(count * SCALE / of) * of)


class Failed(Exception):
    """A command that did not do its work: what it measured would be worth nothing."""


@dataclass(frozen=True)
class Command:
    """A command to measure.

    Attributes:
        arguments: the program and its arguments.
        check: raises `Failed` when the output does not show that the work was done.
        stdin: what it reads.
        environment: of it, besides that of this process.
        limit: seconds after which it is killed, and the part fails.
    """

    arguments: Sequence[str]
    check: Callable[[str], None]
    stdin: str = ""
    environment: Mapping[str, str] | None = None
    limit: int = 1200


@dataclass(frozen=True)
class Usage:
    """What a command took.

    Attributes:
        wall: seconds by the clock.
        cpu: CPU seconds, user and system, of the process and all its children.
        peak: the peak resident set in MB of the largest of them.
        connections: TCP connections that were opened in this network namespace meanwhile.
        output: what it said.
    """

    wall: float
    cpu: float
    peak: float
    connections: int
    output: str


def run(command: Command) -> Usage:
    """Run a command to its end. Raises `Failed` when it fails or did not do its work."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as said, tempfile.NamedTemporaryFile("r") as report:
        given.write(command.stdin)
        given.seek(0)
        opened = _opened()
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(here() / "launch.py"), report.name, str(command.limit), *command.arguments],
            check=False, stdin=given, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **(command.environment or {})},
        )  # fmt: skip
        said.seek(0)
        output = said.read().decode("utf-8", "replace")
        took = report.read().split()
    if done.returncode != 0:
        raise Failed(f"{command.arguments[0]}: exit status {done.returncode}, limit {command.limit} s\n{output[-2000:]}")
    command.check(output)
    wall, cpu, peak = map(float, took)
    return Usage(wall, cpu, peak, _opened() - opened, output)


def cpu_of(pids: Iterable[int]) -> float:
    """CPU seconds that running processes have taken by now, user and system."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _opened() -> int:
    """TCP connections that were opened in this network namespace since it began."""
    head, counted = (line.split() for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines() if line.startswith("Tcp:"))
    return int(counted[head.index("ActiveOpens")])


def in_turn(commands: Mapping[str, Command], rounds: int, warm_up: Sequence[str] = ()) -> dict[str, list[Usage]]:
    """Measure commands A B A B ...; those named in *warm_up* run once unmeasured before each time they are measured."""
    found: dict[str, list[Usage]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            if name in warm_up:
                run(command)
            found[name].append(run(command))
            last = found[name][-1]
            tell(f"{name}, round {number + 1}: {last.wall:.2f} s, CPU {last.cpu:.2f} s, {last.peak:.0f} MB")
    return found


def tell(text: str) -> None:
    """Say how far it is, apart from the table."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Spread:
    """A measured number: median, least and greatest."""

    median: float
    least: float
    greatest: float

    def show(self, digits: int = 2, unit: str = "") -> str:
        """Text for a table: median and, in parentheses, the range."""
        return f"{self.median:.{digits}f}{unit} ({self.least:.{digits}f}–{self.greatest:.{digits}f})"


def spread(values: Sequence[float]) -> Spread:
    """The spread of some numbers, at least one."""
    return Spread(statistics.median(values), min(values), max(values))


def here() -> Path:
    """The folder of the benchmarks."""
    return Path(__file__).resolve().parent
