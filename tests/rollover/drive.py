# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running our modules inside the network as Ansible would run them on a managed machine, without the rest of a play."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.rollover.module_server import MODULES

ROOT = Path(__file__).parents[5]
"""The folder above `ansible_collections`."""

_servers: dict[Path, subprocess.Popen[str]] = {}


class ModuleFailed(AssertionError):
    """A module ended with `failed`; `result` is what it returned."""

    def __init__(self, name: str, result: dict[str, Any]) -> None:
        """`name` is the module's."""
        super().__init__(f"{name}: {result.get('msg')}")
        self.result = result


def environment(network: Network) -> dict[str, str]:
    """The environment of modules, which start quickly when they are compiled already."""
    found = {**network.layout.environment(), "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(network.layout.state / "pyc")}
    return {name: value for name, value in found.items() if name not in ("MAIL_CONFIG", "PYTHONDONTWRITEBYTECODE")}


def _server(network: Network) -> subprocess.Popen[str]:
    """The process that runs modules in this network."""
    if network.layout.state not in _servers:
        command = [sys.executable, "-m", "ansible_collections.mailops.tls.tests.rollover.module_server"]
        _servers[network.layout.state] = subprocess.Popen(
            network.layout.net.inside(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=os.sep,
            env=environment(network),
        )
    return _servers[network.layout.state]


def close(network: Network) -> None:
    """End the process that runs modules in this network."""
    server = _servers.pop(network.layout.state, None)
    if server is not None:
        server.communicate()


def _ask(network: Network, name: str, arguments: dict[str, Any], kill_after: float | None) -> dict[str, Any]:
    server = _server(network)
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(json.dumps({"name": name, "arguments": arguments, "kill_after": kill_after}) + "\n")
    server.stdin.flush()
    answer: dict[str, Any] = json.loads(server.stdout.readline())
    return answer


def _alone(network: Network, name: str, arguments: dict[str, Any], before: Sequence[str]) -> dict[str, Any]:
    """Run a module by a command of its own."""
    given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
    done = network.run([*before, sys.executable, "-m", MODULES + name], check=False, env=environment(network), cwd=os.sep, input=given)
    return {"status": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def module(network: Network, name: str, options: dict[str, Any], check_mode: bool = False, before: Sequence[str] = ()) -> dict[str, Any]:
    """Run a module and return what it returns; raises `ModuleFailed`. `before` are words before the command, such as faketime's."""
    arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
    done = _alone(network, name, arguments, before) if before else _ask(network, name, arguments, None)
    try:
        result: dict[str, Any] = json.loads(done["stdout"])
    except ValueError:
        raise AssertionError(f"{done['stdout']}\n{done['stderr']}") from None
    if result.get("failed"):
        raise ModuleFailed(name, result)
    return result


def killed(network: Network, name: str, options: dict[str, Any], seconds: float) -> bool:
    """Run a module and kill it, and all that it runs, after so many seconds; False when it had ended by then."""
    return bool(_ask(network, name, options, seconds)["status"] < 0)
