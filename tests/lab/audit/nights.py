# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nights of an audit: ansible-playbook over the domains of the network from its two probers, and what can be killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from . import namespaces
from .moments import Course
from .world import RESOLVER

Interrupt = Callable[["subprocess.Popen[str]"], None]
LONGEST_WAIT = 600.0
"""Seconds until something has to be at work, on a machine that is busy."""


@dataclass(frozen=True)
class Night:
    """What came of a run: how it ended, what it printed, and the fact `mx_audit_result`, empty without one; `told` by a handler."""

    code: int
    output: str
    result: Mapping[str, Any]
    told: bool

    def kinds(self) -> dict[str, set[str]]:
        """What changed, by destination."""
        found: dict[str, set[str]] = {}
        for item in self.result.get("details", ()):
            found.setdefault(item["destination"], set()).add(item["kind"])
        return found


class Audit:
    """An audit in the network of a folder."""

    def __init__(self, folder: Path, variables: Mapping[str, Any]) -> None:
        """Take the folder of a network that is up, and variables for the role."""
        self.folder = folder
        self.work, self.directory = folder / "work", folder / "audit"
        self._play, self._result, self._told = folder / "play.json", folder / "result.json", folder / "told.json"
        self.moments = folder / "moments"
        self._variables = {
            "mx_audit_domains_file": str(folder / "domains"),
            "mx_audit_directory": str(self.directory),
            "mx_audit_prober_directory": str(self.work),
            "mx_audit_interval": 5,
            **variables,
        }
        self._play.write_text(json.dumps([self._a_play()]), encoding="utf-8")
        self.course: Course | None = None

    def _a_play(self) -> Mapping[str, Any]:
        """A play as a user has it, whose handler and last task write down what they know."""

        def keep(path: Path) -> Mapping[str, Any]:
            copy = {"content": "{{ mx_audit_result | default({}) | to_json }}", "dest": str(path), "mode": "0600"}
            return {"ansible.builtin.copy": copy, "delegate_to": "localhost", "run_once": True}

        return {
            "hosts": "probers", "gather_facts": False, "roles": [{"role": "mailops.tls.mx_audit"}],
            "post_tasks": [{"name": "Keep the result", **keep(self._result)}],
            "handlers": [{"name": "Be told", **keep(self._told), "listen": "mailops.tls audit changed"}],
        }  # fmt: skip

    def inventory(self, away: Sequence[str] = ()) -> str:
        """Write an inventory of the probers, of which some cannot be reached, and return its path."""
        hosts: dict[str, Mapping[str, Any]] = {
            name: {"ansible_connection": "local", "ansible_python_interpreter": str(self.folder / name)} for name in namespaces.PROBERS
        }
        for name in away:
            hosts[name] = {"ansible_host": "127.0.0.1", "ansible_port": 1}
        path = self.folder / "inventory.json"
        path.write_text(json.dumps({"all": {"children": {"probers": {"hosts": hosts}}}}), encoding="utf-8")
        return str(path)

    def hold(self) -> None:
        """Have greetings held back after the first ones, so that probes are at work until they are released."""
        (self.folder / "hold").write_text("", encoding="ascii")

    def release(self) -> None:
        """Have all greetings come."""
        (self.folder / "hold").unlink(missing_ok=True)

    def run(
        self, *, away: Sequence[str] = (), interrupt: Interrupt | None = None, at_once: bool = False, check: bool = False, **more: Any
    ) -> Night:
        """Do a run.

        Args:
            away: the probers that cannot be reached.
            interrupt: what to do once all probers that can be reached are at work, with the process of ansible-playbook.
            at_once: whether to do it from the beginning.
            check: in check mode.
            more: variables of this run.
        """
        for path in (self._result, self._told, self.moments):
            path.unlink(missing_ok=True)
        program = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", self.inventory(away), *(["--check"] if check else [])]
        command = [*program, str(self._play), "-e", json.dumps({**self._variables, **more})]
        environment = {
            **os.environ, "ANSIBLE_HOME": str(self.folder / "home"), "ANSIBLE_ASYNC_DIR": str(self.folder / "async"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"), "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8",
            "ANSIBLE_STDOUT_CALLBACK": "mailops.tls.quiet", "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_PIPELINING": "True", "MAILOPS_AUDIT_MOMENTS": str(self.moments), "ANSIBLE_CALLBACKS_ENABLED": "moments",
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callback")),
        }  # fmt: skip
        log, began = self.folder / "output", time.monotonic()
        with open(log, "w", encoding="utf-8") as stream:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=environment, text=True)
            try:
                if interrupt is not None:
                    if not at_once:
                        self._wait_until_at_work(process, [name for name in namespaces.PROBERS if name not in away])
                    interrupt(process)
                code = process.wait()
            finally:
                process.kill()
        self.course = Course(self.moments, began, time.monotonic())
        kept = next((path for path in (self._told, self._result) if path.exists()), None)
        found = json.loads(kept.read_text(encoding="utf-8")) if kept is not None else {}
        return Night(code, log.read_text(encoding="utf-8"), found, self._told.exists())

    def _wait_until_at_work(self, process: subprocess.Popen[str], names: Sequence[str]) -> None:
        until = time.monotonic() + LONGEST_WAIT
        while not all(self._is_at_work(name) for name in names):
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError("there was nothing to interrupt: " + (self.folder / "output").read_text(encoding="utf-8"))
            time.sleep(0.05)

    def _is_at_work(self, name: str) -> bool:
        """Whether a prober has probed something, and not all."""
        for path in self.work.glob(f"*.{name}/progress"):
            try:
                found = json.loads(path.read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue
            if found["done"] and not found["ended"] and self.probes(name):
                return True
        return False

    def probes(self, name: str) -> list[int]:
        """Return the processes of the module in the namespace of a prober, without those that only watch it."""
        found = []
        for pid in namespaces.processes(self.folder, name):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(word.endswith(b"AnsiballZ_smtp_tls_probe.py") for word in words[:2]):
                found.append(pid)
        return found


def kill_controller(process: subprocess.Popen[str]) -> None:
    """Kill ansible-playbook."""
    process.kill()


def killing_probe(audit: Audit, name: str) -> Callable[[object], None]:
    """Return what kills the module at a prober."""

    def kill(unused: object) -> None:
        for pid in audit.probes(name):
            os.kill(pid, signal.SIGKILL)

    return kill


def lab_options() -> dict[str, Any]:
    """Return the options that a probe needs here."""
    return {"nameservers": [RESOLVER], "trust_ad": "always"}
