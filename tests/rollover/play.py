# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook mailops.tls.rollover over the mail servers, as a controller runs it, which may be ended before any task."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import ALGORITHMS, DOMAIN, EXCHANGES, PRIMARY_ADDRESS, Exchange
from ansible_collections.mailops.tls.tests.rollover.drive import ROOT

SETTINGS = """[defaults]
collections_path = {root}
callback_plugins = {callbacks}
callbacks_enabled = end_before_task
forks = 2
retry_files_enabled = false
localhost_warning = false
pipelining = true
interpreter_python = {python}
"""


class Controller:
    """A folder with an inventory and a configuration of Ansible's, and runs of the playbook."""

    def __init__(self, network: Network, exchanges: Sequence[Exchange] = EXCHANGES, **variables: Any) -> None:
        """`variables` are of the role, without their prefix, for all servers."""
        self.network = network
        self.folder = network.layout.state / "controller"
        self.folder.mkdir(exist_ok=True)
        self._counted = self.folder / "tasks"
        self._report = self.folder / "report"
        settings = {
            "root": ROOT,
            "callbacks": Path(__file__).with_name("callback_plugins"),
            "python": sys.executable,
        }
        (self.folder / "ansible.cfg").write_text(SETTINGS.format(**settings), encoding="utf-8")
        common: dict[str, object] = {
            "algorithms": list(ALGORITHMS),
            "ttl": network.settings.ttl,
            "unknown_ttl": network.settings.ttl,
            "key_max_age": 0,
            "publish_server": PRIMARY_ADDRESS,
            "publish_zone": DOMAIN,
            "publish_key_file": str(network.layout.update_key),
            **variables,
        }
        hosts = {each.host: self._host(each.label) for each in exchanges}
        group = {"hosts": hosts, "vars": {"ansible_connection": "local", **self._prefixed(common)}}
        (self.folder / "inventory.json").write_text(json.dumps({"mail_servers": group}, indent=1), encoding="utf-8")

    @staticmethod
    def _prefixed(variables: dict[str, Any]) -> dict[str, Any]:
        return {"dane_rollover_" + name: value for name, value in variables.items()}

    def _host(self, label: str) -> dict[str, object]:
        """The variables of one server."""
        layout = self.network.layout
        found = {"config_directories": [str(layout.exchange(label))], "state_directory": str(layout.state / ("state-" + label))}
        return self._prefixed(found)

    def run(self, *, end_before: int = 0, **variables: Any) -> list[str]:
        """Run the playbook once and return the role's report, a line for each server, nothing when it was ended.

        Raises AssertionError unless it came to a good end, or to the end it was given.

        Args:
            end_before: the number of the task before which the controller ends.
                """
        extra = {"rollover_become": False, **self._prefixed(variables)}
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [str(program), "-i", str(self.folder / "inventory.json"), "mailops.tls.rollover", "-e", json.dumps(extra)]
        kept = {name: value for name, value in self.network.layout.environment().items() if not name.startswith("ANSIBLE_")}
        environment = {
            **kept,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "END_BEFORE_TASK": str(end_before),
            "TASKS_BEGUN": str(self._counted),
            "ROLE_REPORT": str(self._report),
        }
        del environment["MAIL_CONFIG"]
        for path in (self._counted, self._report):
            path.unlink(missing_ok=True)
        done = self.network.run(command, check=False, env=environment, cwd=str(self.folder), stderr=subprocess.STDOUT,
                                capture_output=False, stdout=subprocess.PIPE)
        ended = done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        assert done.returncode == 0 or (ended and end_before), f"the playbook ended with {done.returncode}:\n{done.stdout}"
        report: list[str] = json.loads(self._report.read_text(encoding="utf-8")) if self._report.exists() else []
        return report

    def tasks_begun(self) -> list[str]:
        """The names of the tasks that the last run began."""
        return self._counted.read_text(encoding="utf-8").splitlines() if self._counted.exists() else []
