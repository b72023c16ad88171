# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a lab: its state directory is claimed, servers are started and remembered, and all of it is taken down."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .layout import LabLayout
from .server import Server


@dataclass(frozen=True)
class Started:
    """A server that was started: how to find it. A lab is up as long as those that it needs run."""

    name: str
    pid_file: Path
    own_path: Path | None
    needed: bool


def claim(layout: LabLayout, noun: str = "lab") -> None:
    """Make the state directory ours.

    Raises:
        RuntimeError: it, or the namespace of its name, is somebody else's.
    """
    if layout.state.exists() and any(layout.state.iterdir()):
        raise RuntimeError(f"{layout.state} is not empty and not of this {noun}")
    if layout.net.exists():
        raise RuntimeError(f"there is a network namespace {layout.namespace} that is not of this {noun}")
    layout.state.mkdir(parents=True, exist_ok=True)
    layout.state.chmod(0o755)
    layout.marker.touch()


def note(layout: LabLayout, name: str, pid_file: Path, own_path: Path | None = None, needed: bool = True) -> None:
    """Remember a server, before it is started: also one that fails half-way is taken down."""
    line = json.dumps({"name": name, "pid_file": str(pid_file), "own_path": str(own_path) if own_path else None, "needed": needed})
    with layout.started.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def start(layout: LabLayout, server: Server, needed: bool = True) -> None:
    """Remember a server, write its files and start it; raises as `Server.launch` does."""
    server.write()
    launch(layout, server, needed)


def launch(layout: LabLayout, server: Server, needed: bool = True) -> None:
    """Remember a server and start it with the files that are there; raises as `Server.launch` does."""
    note(layout, server.name, server.pid_file, server.own_path, needed)
    server.launch(layout.net)


def started(layout: LabLayout) -> list[Started]:
    """Return all servers that were started, the last one first, which is the order to stop them."""
    lines = layout.started.read_text(encoding="utf-8").splitlines() if layout.started.exists() else []
    found: dict[str, Started] = {}
    for one in map(json.loads, lines):
        own_path = Path(one["own_path"]) if one["own_path"] else None
        found[one["name"]] = Started(one["name"], Path(one["pid_file"]), own_path, one["needed"])
    return list(reversed(found.values()))


def running(layout: LabLayout) -> dict[str, bool]:
    """Tell which of the servers that the lab needs are alive, and which others are."""
    alive = {one.name: (processes.of_pid_file(layout.net, one.pid_file) is not None, one.needed) for one in started(layout)}
    return {name: is_alive for name, (is_alive, needed) in alive.items() if is_alive or needed}


def complete(layout: LabLayout) -> bool:
    """Tell whether the lab is up with all that it needs."""
    return layout.summary.exists() and all(running(layout).values())


def down(layout: LabLayout) -> list[str]:
    """Stop the servers, remove the namespace and the state directory; returns the names of those that were running.

    Nothing happens to a directory or a namespace that is not the lab's own.
    """
    if not layout.marker.exists():
        return []
    stopped = [one.name for one in started(layout) or _found(layout) if processes.stop(layout.net, one.pid_file, one.own_path)]
    layout.net.remove()
    shutil.rmtree(layout.state, ignore_errors=True)
    return stopped


def _found(layout: LabLayout) -> list[Started]:
    """The servers whose pid files are there: a lab that an older version of this file brought up has no list of them."""
    paths = [path for name in ("master.pid", "pid") for path in layout.state.glob(f"**/{name}") if path.is_file()]
    return [Started(str(path.relative_to(layout.state)), path, None, True) for path in paths]
