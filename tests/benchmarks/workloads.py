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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .measure import Command, Failed, here

JOBS = 16
DELAY = 0.1
RELAYS = 2
SUCCESS = "Verified TLS connection established"


def ours(destinations: Sequence[str], concurrency: int, sample: bool = False) -> Command:
    """One process of ours; all destinations have to be verified."""

    def check(output: str) -> None:
        found = said(output)["statuses"]
        if found != {"verified": len(destinations)}:
            raise Failed(f"the prober found {found}, not {len(destinations)} verified")

    program = [sys.executable, str(here() / "probe_client.py"), str(concurrency), *(["sample"] if sample else [])]
    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    return Command(program, check, "\n".join(destinations), environment)


def said(output: str) -> dict[str, Any]:
    """What our process says of its run."""
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


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
def delaying_relays(listen: int, to: int) -> Iterator[None]:
    """Have relays listen on one port and pass everything on to another, the server's chunks 0.1 s later."""
    command = [sys.executable, str(here() / "delay_relay.py"), str(listen), str(to), str(DELAY)]
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
