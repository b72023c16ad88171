# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Postfix whose listeners can be asked in many ways, or not at all. `unseen.py FOLDER`.

Where it can be asked the certificate is seen; where not, nothing is changed and the reason is told, unless that is allowed.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import instance as postfix_instance
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from faults import Server

COMMON = postfix_instance.machinery.MASTER_CF
POSTSCREEN = """127.0.0.1:2612 inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
tlsproxy unix - - n - 0 tlsproxy
dnsblog unix - - n - 0 dnsblog
"""
SMTPD = "127.0.0.1:2612 inet n - n - - smtpd\n"
STRANGERS = {"postscreen_access_list": "", "postscreen_greet_wait": "1s"}
DEEP = {**STRANGERS, "postscreen_bare_newline_enable": "yes"}
NO_STARTTLS = {"smtpd_discard_ehlo_keyword_address_maps": "static:starttls"}
NO_LISTENER = "no listener could be asked"

SEEN: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("inet_interfaces is a name", "2612 inet n - n - - smtpd\n", {"myhostname": "localhost", "inet_interfaces": "$myhostname"}),
    ("master.cf has a name", "localhost:2612 inet n - n - - smtpd\n", {}),
    ("postscreen alone, this machine is on its list", POSTSCREEN, {}),
    ("postscreen alone, this machine is a stranger", POSTSCREEN, STRANGERS),
    ("postscreen alone, which does TLS itself", POSTSCREEN, DEEP),
)
UNSEEN: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("no STARTTLS", SMTPD, NO_STARTTLS, "2612 could not be asked.*it does not offer STARTTLS to this machine"),
    ("no service", SMTPD, {"smtpd_client_restrictions": "reject", "smtpd_delay_reject": "no"}, "554 5.7.1"),
    ("TLS is off", SMTPD + "    -o smtpd_tls_security_level=none\n", {}, NO_LISTENER + ".*127.0.0.1:2612/inet: TLS is off there"),
    ("PROXY", SMTPD, {"smtpd_upstream_proxy_protocol": "haproxy"}, NO_LISTENER + ".*it expects the PROXY protocol"),
    ("own keys", SMTPD + "    -o smtpd_tls_cert_file=/nothing.pem\n", {}, NO_LISTENER + ".*keys of its own"),
)


class Scenes:
    """An instance that runs, with another configuration in each scene."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder)
        self.main = (self.server.config / "main.cf").read_text()
        self.turn = 0

    def stage(self, services: str, settings: dict[str, str]) -> str:
        """Configure the instance anew, without keys, and return the pair whose turn it is."""
        (self.server.config / "main.cf").write_text(self.main + "".join("{} = {}\n".format(*one) for one in settings.items()))
        (self.server.config / "master.cf").write_text(COMMON + services)
        for name in ("main.cf", "master.cf"):
            os.utime(self.server.config / name, (0, 0))  # else Postfix waits for who may still be writing
        postfix_instance.postfix(self.server.config, "reload" if self.turn else "start")
        self.turn += 1
        return ("one-ecdsa", "two-ecdsa")[self.turn % 2]

    def clear(self) -> None:
        """Remove what was deployed."""
        for left in self.server.config.glob("chain-*.pem"):
            left.unlink()

    def seen(self, services: str, settings: dict[str, str]) -> None:
        """The certificate is deployed and seen; a second run changes nothing."""
        name = self.stage(services, settings)
        facts = self.server.deploy(name, names=[]).facts
        assert facts["served"] is True and facts["unseen"] is None and facts["listeners"], facts
        assert not self.server.deploy(name, names=[]).changed
        self.clear()

    def unseen(self, services: str, settings: dict[str, str], reason: str) -> None:
        """Nothing is changed, and the reason is told; when it is allowed, the result says that nobody has looked."""
        name = self.stage(services, settings)
        before = (self.server.config / "main.cf").read_text()
        try:
            self.server.deploy(name, names=[], timeout=2)
        except DeployFailed as problem:
            assert problem.rolled_back and re.search(reason, str(problem)), problem
        else:
            raise AssertionError("deployed although nobody could look")
        assert (self.server.config / "main.cf").read_text().split() == before.split()
        assert not list(self.server.config.glob("chain-*"))

    def allowed(self, services: str, settings: dict[str, str]) -> None:
        """When it is allowed, it is deployed, and the result says that nobody has looked."""
        run = self.server.deploy(self.stage(services, settings), names=[], timeout=2, allow_unseen=True)
        assert run.changed and run.facts["served"] is None and run.facts["unseen"] in run.warnings, run.facts
        self.clear()

    def dollar(self) -> None:
        """A folder with a dollar sign is served from, and blanks are refused."""
        folder = self.server.config.parent / "a$mydestination"
        folder.mkdir()
        name = self.stage(SMTPD, {})
        given: dict[str, Any] = {"directory": str(folder)}
        assert self.server.deploy(name, **given).facts["served"] is True
        assert "a$$mydestination" in postfix_instance.postconf(self.server.config, "-n", "smtpd_tls_chain_files")
        assert not self.server.deploy(name, **given).changed


def main() -> None:
    """Run all scenes."""
    scenes = Scenes(Path(sys.argv[1]))
    try:
        for title, services, settings in SEEN:
            print(title, file=sys.stderr)
            scenes.seen(services, settings)
        for title, services, settings, reason in UNSEEN:
            print(title, file=sys.stderr)
            scenes.unseen(services, settings, reason)
        scenes.allowed(SMTPD, NO_STARTTLS)
        scenes.allowed(SMTPD, {"smtpd_upstream_proxy_protocol": "haproxy"})
        scenes.dollar()
    finally:
        postfix_instance.postfix(scenes.server.config, "stop")
    print("ok")


if __name__ == "__main__":
    main()
