# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of one Postfix instance, asked of Postfix itself (postconf(1), postmulti(1), postmap(1)).

Nothing here reads main.cf: defaults, expansions and the -o options of master.cf are Postfix's own business. Programs are
started by an injected runner only, so that tests need no Postfix and a module can pass in its own way to run commands.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MAIN = "main.cf"
_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/postfix/sbin", "/usr/local/bin")
_WARNING = "warning: "
_WARNINGS_TOLD = 5


@dataclass(frozen=True)
class CommandResult:
    """What a program did: its exit status and its output as text."""

    status: int
    stdout: str
    stderr: str


Run = Callable[[Sequence[str]], CommandResult]
"""Runs a program given as a list of its name and arguments, without a shell, and waits for it."""


class PostfixMissing(Exception):
    """There is no Postfix on this machine: the program named in the text is not to be found."""


def command_runner(run_command: Callable[..., Any]) -> Run:
    """Return a runner made of *run_command*, which is `AnsibleModule.run_command` or like it.

    The first word of a command is a program's name. It is searched in PATH and where Postfix usually has its commands; the runner
    raises `PostfixMissing` when it is in none of them.
    """

    def run(command: Sequence[str]) -> CommandResult:
        status, stdout, stderr = run_command([_program(command[0]), *command[1:]])
        return CommandResult(status, stdout, stderr)

    return run


def _program(name: str) -> str:
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *_SYSTEM_FOLDERS])
    found = shutil.which(name, path=search)
    if found is None:
        folders = ", ".join(_SYSTEM_FOLDERS)
        raise PostfixMissing(f"{name} is not on this machine, neither in PATH nor in {folders}")
    return found


@dataclass(frozen=True)
class MasterService:
    """A service of master.cf: its name as `postconf -P` has it (`submission/inet`), its program, and its -o options unexpanded."""

    name: str
    command: str
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class Scope:
    """Parameters as one program sees them, expanded, defaults included.

    `name` is `MAIN` for what all services share, or the name of a service that has -o options of its own. `explicit` has those
    parameters that main.cf or the service sets, unexpanded.
    """

    name: str
    values: Mapping[str, str]
    explicit: Mapping[str, str]

    def value(self, name: str) -> str:
        """Return the value of a parameter; empty also when this version of Postfix does not know it."""
        return self.values.get(name, "")

    def is_yes(self, name: str) -> bool:
        """Return whether a yes-or-no parameter is set."""
        return self.value(name).lower() == "yes"


@dataclass(frozen=True)
class Instance:
    """One Postfix instance.

    `config_directory` is absolute. `main` is the scope of main.cf. `services` are all of master.cf, in its order. `scopes` holds for
    those of them with -o options what they see instead, by the name of the service. `warnings` is what postconf had to say.
    """

    config_directory: str
    main: Scope
    services: tuple[MasterService, ...] = ()
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def scope(self, service: MasterService) -> Scope:
        """Return what a service sees."""
        return self.scopes.get(service.name, self.main)


def read_instance(
    run: Run, config_directory: str | None = None, *, commands: Sequence[str] = ("smtpd",), option: str = "config_directory"
) -> Instance:
    """Return the configuration of the instance at *config_directory*, by default that of `postconf` itself.

    Services whose program is in *commands* are evaluated each with its own -o options.

    Raises:
        OptionError: naming *option* when there is no configuration.
        PostfixMissing: when there is no Postfix.
    """
    where = [] if config_directory is None else ["-c", os.path.abspath(config_directory)]
    asker = _Postconf(run, where, option, config_directory)
    values = asker.parameters("-x")
    main = Scope(MAIN, values, asker.parameters("-n"))
    services = asker.services()
    scopes = {
        one.name: Scope(one.name, asker.parameters("-x", *_override_arguments(one)), {**main.explicit, **one.overrides})
        for one in services
        if one.overrides and one.command in commands
    }
    return Instance(os.path.abspath(values["config_directory"]), main, services, scopes, tuple(asker.warnings))


def instance_directories(run: Run, *, option: str = "all_instances") -> tuple[str, ...]:
    """Return the configuration directories of all instances that postmulti(1) knows, the primary one first.

    Raises:
        OptionError: naming *option* when postmulti refuses, as it does with `MAIL_CONFIG` set.
        PostfixMissing: when there is no Postfix.
    """
    result = run(["postmulti", "-l"])
    if result.status != 0:
        raise OptionError(option, True, f"is not possible: postmulti -l fails: {complaint(result.stderr)}")
    lines = (line.split() for line in result.stdout.splitlines())
    return tuple(words[-1] for words in lines if len(words) >= 4)


def map_entries(run: Run, config_directory: str, table: str) -> tuple[tuple[tuple[str, str], ...] | None, str]:
    """Return all (key, value) of a lookup table, as `postmap -s` lists it, and an empty text; or None and why it cannot be listed.

    Values are those that are stored: with `postmap -F` base64, in tables read from their text names of files. They can hold private keys.
    """
    result = run(["postmap", "-c", config_directory, "-s", table])
    if result.status != 0:
        return None, complaint(result.stderr)
    pairs = (line.partition("\t") for line in result.stdout.splitlines())
    return tuple((key, value.strip()) for key, _tab, value in pairs if key), ""


def _override_arguments(service: MasterService) -> list[str]:
    return [word for name, value in service.overrides.items() for word in ("-o", f"{name}={value}")]


class _Postconf:
    """Questions to postconf about one directory; gathers its warnings, each once."""

    def __init__(self, run: Run, where: Sequence[str], option: str, directory: str | None) -> None:
        self._run, self._where, self._option, self._directory = run, where, option, directory
        self.warnings: list[str] = []

    def _ask(self, arguments: Sequence[str]) -> CommandResult:
        result = self._run(["postconf", *self._where, *arguments])
        for line in result.stderr.splitlines():
            text = clean(line.partition(_WARNING)[2])
            if text and text not in self.warnings:
                self.warnings.append(text)
        return result

    def parameters(self, *arguments: str) -> dict[str, str]:
        """Return name -> value of `postconf` with *arguments*."""
        result = self._ask(arguments)
        if result.status != 0:
            raise OptionError(self._option, self._directory, f"is not a configuration of Postfix: {complaint(result.stderr)}")
        pairs = (line.partition("=") for line in result.stdout.splitlines())
        return {name.strip(): value.strip() for name, sign, value in pairs if sign}

    def services(self) -> tuple[MasterService, ...]:
        """Return the services of master.cf; none when it cannot be read, which is a warning."""
        listed = self._ask(["-M"])
        if listed.status != 0:
            self.warnings.append(complaint(listed.stderr))
            return ()
        overrides: dict[str, dict[str, str]] = {}
        for line in self._ask(["-P"]).stdout.splitlines():
            place, sign, value = line.partition("=")
            service, slash, name = place.strip().rpartition("/")
            if sign and slash:
                overrides.setdefault(service, {})[name] = value.strip()
        rows = (line.split(None, 7) for line in listed.stdout.splitlines())
        found = ((row[0] + "/" + row[1], row[7].split()[0]) for row in rows if len(row) == 8)
        return tuple(MasterService(name, command, overrides.get(name, {})) for name, command in found)


def complaint(stderr: str) -> str:
    """Return what a program of Postfix says when it fails: its last line, and the warnings before it, which often have the reason."""
    lines = [clean(line) for line in stderr.splitlines() if line.strip()]
    if not lines:
        return "the mail log may say why"
    warnings = list(dict.fromkeys(line.partition(_WARNING)[2] for line in lines[:-1] if _WARNING in line))
    told = "; ".join(warnings[-_WARNINGS_TOLD:])
    return f"{lines[-1]} ({told})" if told else lines[-1]
