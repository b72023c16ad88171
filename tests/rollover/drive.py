# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running our modules inside the network as Ansible would run them on a managed machine, without the rest of a play."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.lab import namespace
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network

ROOT = Path(__file__).parents[5]
"""The folder above C(ansible_collections)."""

MODULES = "ansible_collections.mailops.tls.plugins.modules."


class ModuleFailed(AssertionError):
    """A module ended with C(failed); B(result) is what it returned."""

    def __init__(self, name: str, result: dict[str, Any]) -> None:
        """B(name) is the module's."""
        super().__init__("%s: %s" % (name, result.get("msg")))
        self.result = result


def _command(network: Network, name: str, options: dict[str, Any], check_mode: bool) -> tuple[list[str], dict[str, Any]]:
    """The command of a module, and what else has to be said to run it."""
    environment = {**namespace.environment(network.layout), "PYTHONPATH": str(ROOT)}
    del environment["MAIL_CONFIG"]
    arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
    given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
    return [sys.executable, "-m", MODULES + name], {"env": environment, "cwd": os.sep, "input": given}


def module(network: Network, name: str, options: dict[str, Any], check_mode: bool = False, before: Sequence[str] = ()) -> dict[str, Any]:
    """Run a module and return what it returns; raises L(ModuleFailed). B(before) are words before the command, such as faketime's."""
    command, more = _command(network, name, options, check_mode)
    done = network.run([*before, *command], check=False, **more)
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise AssertionError("%s: %s\n%s" % (name, done.stdout, done.stderr)) from None
    if result.get("failed"):
        raise ModuleFailed(name, result)
    return result


def killed(network: Network, name: str, options: dict[str, Any], seconds: float) -> None:
    """Run a module and kill it, and all that it runs, after so many seconds, unless it has ended by then."""
    command, more = _command(network, name, options, False)
    network.run(["timeout", "--signal=KILL", str(seconds), *command], check=False, **more)
