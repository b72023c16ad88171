# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network: a namespace for the world and one for each prober, all of them without a name, and a pair of interfaces between them.

A namespace lives as long as a process in it. So killing those processes is all there is to clean up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROBERS = ("prober1", "prober2")
WORLD = "world"
LONGEST_START = 600.0
"""Seconds for the world to answer, on a machine that is busy."""
_INTERPRETER = '#!/bin/sh\nexec nsenter --net=/proc/{pid}/ns/net {python} "$@"\n'


class NotStarted(Exception):
    """The network did not come up; the text says why."""


def start(folder: Path, size: int, each: int, delay: float) -> None:
    """Start the world, and connect the probers to it.

    Args:
        folder: for all files.
        size: how many domains stay as they are.
        each: how many of them are at an exchange.
        delay: seconds until a greeting.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ready").unlink(missing_ok=True)
    command = [sys.executable, "-B", "-m", "tests.lab.audit", "wait", str(folder), "--domains", str(size)]
    command += ["--each", str(each), "--delay", str(delay)]
    world = _spawn(folder, WORLD, command)
    _in(world, "ip", "link", "set", "lo", "up")
    _in(world, "ip", "route", "add", "local", "198.18.0.0/16", "dev", "lo")
    for number, name in enumerate(PROBERS, 1):
        prober = _spawn(folder, name, ["sleep", "infinity"])
        _connect(world, prober, number)
        script = folder / name
        script.write_text(_INTERPRETER.format(pid=prober, python=sys.executable), encoding="utf-8")
        script.chmod(0o755)
    (folder / "connected").write_text("", encoding="ascii")
    _wait(folder, world, "1")


def next_day(folder: Path) -> None:
    """Have the second day begin, or begin once more: then what fails once does so again."""
    world = _pid(folder, WORLD)
    (folder / "ready").unlink(missing_ok=True)
    os.kill(world, signal.SIGUSR1)
    _wait(folder, world, "2")


def stop(folder: Path) -> None:
    """End all processes of the network, and with them the network."""
    for name in (WORLD, *PROBERS):
        if (folder / f"{name}.pid").exists():
            pid = _pid(folder, name)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            (folder / f"{name}.pid").unlink()


def handle(folder: Path, name: str) -> Path:
    """Return the file that stands for the namespace of a prober, or for that of the world."""
    return Path(f"/proc/{_pid(folder, name)}/ns/net")


def processes(folder: Path, name: str) -> list[int]:
    """Return the processes that are at work in the namespace of a prober."""
    return [pid for pid in inside(os.stat(handle(folder, name)).st_ino) if pid != _pid(folder, name)]


def inside(namespace: int) -> list[int]:
    """Return the processes in a namespace, given by its number."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.stat(path / "ns/net").st_ino == namespace:
                found.append(int(path.name))
        except OSError:  # it has ended
            continue
    return found


def _pid(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text(encoding="ascii"))


def _spawn(folder: Path, name: str, command: Sequence[str]) -> int:
    """Start a process in a new namespace; unshare(1) becomes the command, so that there is one process."""
    with open(folder / f"{name}.log", "wb") as log:
        process = subprocess.Popen(
            ["unshare", "--net", "--", *command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
    (folder / f"{name}.pid").write_text(str(process.pid), encoding="ascii")
    own = os.stat("/proc/self/ns/net").st_ino
    until = time.monotonic() + LONGEST_START
    while os.stat(f"/proc/{process.pid}/ns/net").st_ino == own:
        if process.poll() is not None or time.monotonic() > until:
            raise NotStarted((folder / f"{name}.log").read_text(encoding="utf-8"))
        time.sleep(0.02)
    return process.pid


def _connect(world: int, prober: int, number: int) -> None:
    link, network = f"prober{number}", f"198.19.{number}"
    peer = ["peer", "name", "eth0", "netns", str(prober)]
    subprocess.run(["ip", "link", "add", "name", link, "netns", str(world), "type", "veth", *peer], check=True)
    for pid, device, last in ((world, link, 1), (prober, "eth0", 2)):
        _in(pid, "ip", "address", "add", f"{network}.{last}/30", "dev", device)
        _in(pid, "ip", "link", "set", device, "up")
    _in(prober, "ip", "link", "set", "lo", "up")
    _in(prober, "ip", "route", "add", "default", "via", f"{network}.1")


def _in(pid: int, *command: str) -> None:
    subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", *command], check=True)


def _wait(folder: Path, world: int, day: str) -> None:
    until = time.monotonic() + LONGEST_START
    ready = folder / "ready"
    while not ready.exists() or ready.read_text(encoding="ascii") != day:
        if not Path(f"/proc/{world}").exists() or time.monotonic() > until:
            raise NotStarted((folder / f"{WORLD}.log").read_text(encoding="utf-8"))
        time.sleep(0.05)
