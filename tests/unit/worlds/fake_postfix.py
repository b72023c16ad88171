# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postfix made of two dictionaries: answers postconf, postmulti and postmap like the real programs, and files in memory.

    >>> postfix = FakePostfix({"smtpd_tls_cert_file": "/c.pem"}, services={"smtp/inet": ("smtpd", {})})
    >>> read_instance(postfix).main.value("smtpd_tls_key_file")
    '/c.pem'
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import CommandResult

DEFAULTS = {
    "config_directory": "/etc/postfix",
    "queue_directory": "/var/spool/postfix",
    "mail_version": "3.7.11",
    "myhostname": "mx.example.com",
    "smtp_enforce_tls": "no",
    "smtp_tls_enforce_peername": "yes",
    "smtp_tls_security_level": "",
    "smtp_use_tls": "no",
    "smtpd_enforce_tls": "no",
    "smtpd_tls_cert_file": "",
    "smtpd_tls_chain_files": "",
    "smtpd_tls_dcert_file": "",
    "smtpd_tls_dkey_file": "$smtpd_tls_dcert_file",
    "smtpd_tls_eccert_file": "",
    "smtpd_tls_eckey_file": "$smtpd_tls_eccert_file",
    "smtpd_tls_key_file": "$smtpd_tls_cert_file",
    "smtpd_tls_security_level": "",
    "smtpd_tls_wrappermode": "no",
    "smtpd_use_tls": "no",
    "tls_server_sni_maps": "",
    "tlsproxy_tls_cert_file": "$smtpd_tls_cert_file",
    "tlsproxy_tls_chain_files": "$smtpd_tls_chain_files",
}
SMTPD: Mapping[str, tuple[str, Mapping[str, str]]] = {"smtp/inet": ("smtpd", {})}


class FakePostfix:
    """A `Run`. `commands` are those that were asked for; programs in `broken` end with that text and status 1."""

    def __init__(
        self,
        main: Mapping[str, str] | None = None,
        services: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
        *,
        tables: Mapping[str, Mapping[str, str]] | None = None,
        instances: Sequence[str] = ("/etc/postfix",),
        warning: str = "",
        broken: Mapping[str, str] | None = None,
    ) -> None:
        self.main, self.tables = main or {}, tables or {}
        self.services = SMTPD if services is None else services
        self.instances, self.warning, self.broken = instances, warning, broken or {}
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> CommandResult:
        self.commands.append(list(command))
        words = list(command)
        program = words.pop(0)
        directory = "/etc/postfix"
        if words[0] == "-c":
            directory, words = words[1], words[2:]
        for beginning, text in self.broken.items():
            if " ".join([program, *words]).startswith(beginning):
                return CommandResult(1, "", text)
        if program == "postmulti":
            return CommandResult(0, "".join(f"{'-':15} -               y         {one}\n" for one in self.instances), "")
        if program == "postmap":
            return CommandResult(0, "".join("{}\t{}\n".format(*pair) for pair in self.tables[words[1]].items()), "")
        assert program == "postconf"
        return CommandResult(0, "".join(line + "\n" for line in self._postconf(directory, words)), self.warning)

    def _postconf(self, directory: str, words: list[str]) -> list[str]:
        if words[0] == "-M":
            rows = [(*name.split("/"), row[0]) for name, row in self.services.items()]
            return [f"{name:<10} {kind:<5} n       -       y       -       -       {command}" for name, kind, command in rows]
        if words[0] == "-P":
            return [f"{name}/{key} = {value}" for name, row in self.services.items() for key, value in row[1].items()]
        if words[0] == "-n":
            return ["{} = {}".format(*pair) for pair in self.main.items()]
        assert words[0] == "-x"
        options = dict(word.split("=", 1) for word in words[2::2])
        values = {**DEFAULTS, "config_directory": directory, **self.main, **options}
        return [f"{name} = {_expanded(value, values)}" for name, value in values.items()]


def _expanded(value: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: _expanded(values[found.group(1)], values), value)


class FakeFiles:
    """A `ReadFile` over a dictionary of contents; every file is root's with mode 0600 unless `modes` says otherwise."""

    def __init__(self, contents: Mapping[str, bytes], **modes: int) -> None:
        self.contents, self.modes = contents, modes
        self.gid = self.uid = 0

    def __call__(self, path: str) -> FileState:
        if path not in self.contents:
            return FileState(path, error="No such file or directory")
        return FileState(path, self.contents[path], self.modes.get("mode", 0o600), self.uid, self.gid)
