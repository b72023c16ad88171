# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that are compared: a prober of ours in one process, and posttls-finger 16 at a time as a shell would run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .measure import Command, Failed, here, spread
from .page import table

JOBS = 16
DELAY = 0.1
RELAYS = 2
SUCCESS = "Verified TLS connection established"


def ours(module: str, parameters: Mapping[str, Any], wanted: Mapping[str, int], sample: bool = False) -> Command:
    """One process of ours: a module with some of its parameters, and how many endpoints of which service it has to find in which status."""

    def check(output: str) -> None:
        found = said(output)["endpoints"]
        if found != wanted:
            raise Failed(f"{module} found {found}, not {wanted}")

    program = [sys.executable, str(here() / "probe_client.py"), module, *(["sample"] if sample else [])]
    given = json.dumps({**parameters, "nameservers": ["127.0.0.1"]})
    # With bytecode kept, as on any machine where a program runs twice.
    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
    return Command(program, check, given, environment)


def exchanges(destinations: Sequence[str], concurrency: int, sample: bool = False) -> Command:
    """One process of ours; all destinations have to be verified."""
    parameters = {"destinations": list(destinations), "concurrency": concurrency}
    return ours("smtp_tls_probe", parameters, {"smtp verified": len(destinations)}, sample)


def said(output: str) -> dict[str, Any]:
    """What our process says of its run."""
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def hot_spots(told: Sequence[Mapping[str, Any]], looks: Mapping[str, int], count: int) -> str:
    """CPU per endpoint by area, largest first; what a run costs once is apart.

    Args:
        told: what the processes said of their runs.
        looks: how often each area was seen at work, in a run of its own.
        count: the endpoints of a run.
    """
    each = spread([one["run_cpu"] / count for one in told])
    total = sum(looks.values())
    rows = [
        [area, f"{1000 * each.median * seen / total:.2f} ms", f"{100 * seen / total:.0f} %"]
        for area, seen in sorted(looks.items(), key=lambda item: -item[1])
    ]
    rows.append(["together", f"{1000 * each.median:.2f} ms", "100 %"])
    once = spread([one["start_cpu"] + one["import_cpu"] for one in told])
    rows.append(["once per run: Python and imports", f"{1000 * once.median:.0f} ms", ""])
    return table(["area", "CPU", "share"], rows)


def finger(destinations: Sequence[str]) -> Command:
    """posttls-finger, one process per destination, 16 at a time; all have to be verified."""

    def check(output: str) -> None:
        found = output.count(SUCCESS)
        if found != len(destinations):
            raise Failed(f"posttls-finger verified {found} of {len(destinations)}")

    arguments = ["xargs", "-P", str(JOBS), "-n", "1", finger_program(), "-l", "dane"]
    return Command(arguments, check, "\n".join(destinations))


def finger_program() -> str:
    """Where posttls-finger is."""
    return shutil.which("posttls-finger") or "/usr/sbin/posttls-finger"


@contextmanager
def delaying_relays(listen: int, to: int, delay: float = DELAY) -> Iterator[None]:
    """Have relays listen on one port and pass everything on to another, the server's chunks so many seconds later."""
    command = [sys.executable, str(here() / "delay_relay.py"), str(listen), str(to), str(delay)]
    relays = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _number in range(RELAYS)]
    try:
        for process in relays:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise Failed("the delaying relay did not start")
        yield
    finally:
        for process in relays:
            process.terminate()
        for process in relays:
            process.communicate()
