# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs and instances for tests of deployment: a Postfix whose main.cf is a dictionary, and files in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair, read_pair
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import CHAIN_FILES, PAIRS, Deployment, deployment
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult, Instance, MasterService, Scope
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key, issue

SMTP = MasterService("smtp/inet", "smtpd", {})


def issued(kind: str = "ecdsa", name: str = "mx.example.com", **more: Any) -> Issued:
    """Make a self-signed certificate."""
    return issue(name, key=Key.generate(kind), dns_names=(name,), **more)


def combined(*certificates: Issued) -> bytes:
    """Return the content of a chain file."""
    return b"".join(one.key.pem + one.pem for one in certificates)


def pair_of(leaf: Issued, *issuers: Issued) -> Pair:
    """Return a pair as it is read from files."""
    chain = b"".join(one.pem for one in (leaf, *issuers))
    return read_pair(FileState("/new/cert.pem", chain), FileState("/new/key.pem", leaf.key.pem))


def instance_of(
    main: Mapping[str, str], services: Sequence[MasterService] = (SMTP,), *, chains_known: bool = True, **values: str
) -> Instance:
    """Return an instance whose main.cf sets *main*; *values* are other values of parameters."""
    known: dict[str, str] = {"queue_directory": "/var/spool/postfix", "myhostname": "mx.example.com", "inet_interfaces": "all", **values}
    known.update({CHAIN_FILES: ""} if chains_known else {})
    known.update(main)
    for certificate, key in PAIRS:
        known.setdefault(certificate, "")
        known.setdefault(key, known[certificate])
    return Instance("/etc/postfix", Scope("main.cf", known, dict(main)), tuple(services), {})


def deployed(instance: Instance, files: Mapping[str, bytes]) -> Deployment:
    """Return what an instance serves from these files."""

    def read(path: str) -> FileState:
        return FileState(path, files[path], 0o600, 0, 0) if path in files else FileState(path, error="No such file or directory")

    return deployment(instance, read, lambda table: ((), ""))


class EditablePostfix:
    """A Run: postconf over the dictionary `main`, and postfix. `fails` are commands that fail, `commands` all of them."""

    def __init__(self, main: Mapping[str, str], running: bool = True) -> None:
        self.main, self.running = dict(main), running
        self.fails: list[str] = []
        self.commands: list[str] = []
        self.seen: list[dict[str, str]] = []

    def __call__(self, command: Sequence[str]) -> CommandResult:
        program, _option, directory, word, *rest = command
        self.commands.append(" ".join([program, word]))
        if self.commands[-1] in self.fails:
            return CommandResult(1, "", f"{program}: fatal: no way\n")
        if program == "postfix":
            return CommandResult(0 if self.running or word != "status" else 1, "", "")
        return CommandResult(0, self._postconf(directory, word, rest), "")

    def _postconf(self, directory: str, word: str, rest: Sequence[str]) -> str:
        if word == "-x":
            values = {**instance_of(self.main).main.values, "config_directory": directory}
            return "".join("{} = {}\n".format(*one) for one in values.items())
        if word in ("-M", "-P"):
            return "smtp       inet  n       -       n       -       -       smtpd\n" if word == "-M" else ""
        if word == "-n":
            return "".join("{} = {}\n".format(*one) for one in self.main.items())
        for one in rest:
            name, _sign, value = one.partition(" = ")
            if word == "-X":
                self.main.pop(name)
            else:
                self.main[name] = value
        self.seen.append(dict(self.main))
        return ""

    def value(self, name: str) -> str | None:
        """Return what main.cf sets."""
        return self.main.get(name)
