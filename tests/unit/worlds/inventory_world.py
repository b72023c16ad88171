# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories of exchanges as Ansible makes them: real ansible-inventory and ansible-playbook, DNS and a mail server on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ansible_collections
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer

ROOT = next(Path(path).parent for path in ansible_collections.__path__ if (Path(path) / "mailops/tls").is_dir())
RUN = """\
import sys
from importlib import import_module
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([sys.argv[1]])
probe = import_module("ansible_collections.mailops.tls.plugins.module_utils._smtp.destination")
probe.KNOWN_PORTS["smtp"] = int(sys.argv[2])
command = import_module("ansible.cli." + sys.argv[3])
(main,) = (value for name, value in vars(command).items() if name.lower() == sys.argv[3] + "cli")
main(["ansible-" + sys.argv[3], *sys.argv[4:]]).run()
"""
"""Runs a command of Ansible: ROOT, port in place of 25, command, its arguments."""

TEMPLATE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"


async def template(peer: Peer) -> None:
    """A server whose every word is a template."""
    text = TEMPLATE.encode()
    await peer.send(b"220 %s\r\n" % text)
    await peer.hear()
    await peer.send(b"250-%s\r\n250 %s\r\n" % (text, text))
    await peer.hear()


class World:
    """A folder with the inventory's configuration, a resolver, and a mail server that takes the place of port 25."""

    warned = ""
    """What the last inventory() warned of."""

    def __init__(self, folder: Path, responder: Responder, server: ScriptedServer) -> None:
        self.folder, self.responder, self.server = folder, responder, server

    def configure(self, *domains: str, **more: Any) -> None:
        """Write the configuration (JSON is YAML)."""
        nameservers = [f"127.0.0.1@{self.responder.port}"]
        config = {"plugin": "mailops.tls.mx", "domains": domains, "nameservers": nameservers, **more}
        (self.folder / "our.mx.yml").write_text(json.dumps(config), encoding="utf-8")

    def run(
        self, command: str, *arguments: str, sources: Sequence[str] = ("our.mx.yml",), enabled: str = "mailops.tls.mx"
    ) -> subprocess.CompletedProcess[str]:
        """Run ansible-COMMAND with these inventory sources and plugins; what it warns of is in one line."""
        environment = {
            **os.environ,
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_INVENTORY_ENABLED": enabled,
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_NOCOLOR": "true",
        }
        words = [sys.executable, "-c", RUN, str(ROOT), str(self.server.port), command, *arguments]
        words += [word for source in sources for word in ("-i", source)]
        run = subprocess.run(words, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        run.stderr = " ".join(run.stderr.split())
        return run

    def inventory(self, **how: Any) -> dict[str, Any]:
        """Return what ansible-inventory --list --export prints, which must succeed; the arguments are those of run()."""
        run = self.run("inventory", "--list", "--export", **how)
        assert run.returncode == 0, run.stdout + run.stderr
        self.warned = run.stderr
        listed: dict[str, Any] = json.loads(run.stdout[run.stdout.index("{"):], object_hook=_plain)
        return listed

    def asked(self) -> list[str]:
        """Return the names of MX questions since the last call."""
        names = [name for name, kind in self.responder.asked() if kind == "MX"]
        self.responder.questions.clear()
        return names


def _plain(value: dict[str, Any]) -> Any:
    """Take off the mark that ansible-inventory puts around text that is no template."""
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value


@contextmanager
def in_world(folder: Path, zone: Mapping[tuple[str, str], Scripted]) -> Iterator[World]:
    """Give a world with these DNS records, whose mail server calls itself a template."""
    with running(responder := Responder(zone), server := ScriptedServer(template)):
        yield World(folder, responder, server)
