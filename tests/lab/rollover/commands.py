# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the rollover network: what every lab has, and `watch` and `check`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..machinery.commands import Handler, LabCommands
from ..machinery.layout import LabLayout
from .layout import DEFAULT_STATE, RolloverLayout

PACKAGES = (
    "iproute2", "nsd", "unbound", "postfix", "openssl", "dnsutils", "python3-dnspython", "python3-cryptography", "bind9", "faketime",
)  # fmt: skip

WELCOME = """
The rollover network is up and this shell is inside it (network namespace {namespace}).
The sender has begun to probe every second: tail -f {state}/sender/log
  posttls-finger -l dane example.org.test
  nsupdate -k {state}/update.key       (server 127.0.0.11)
  postfix -c {state}/mx1 status
Leave with exit; {program} down ends the network.
"""


class Commands(LabCommands):
    """The commands of `lab.py` here."""

    program = Path(__file__).with_name("lab.py")
    description = "A signed domain with two mail servers and a sender that looks on."
    noun = "network"
    default_state = DEFAULT_STATE
    packages = PACKAGES
    help_up = "bring a new network up"
    help_shell = "bring a new network up, start the sender and a shell inside"

    def layout(self, state: Path) -> RolloverLayout:
        """Return the layout for a state directory."""
        return RolloverLayout(state)

    def bring_up(self, options: argparse.Namespace) -> tuple[bool, str]:
        """Bring a new network up, whatever was there."""
        from . import network
        from .settings import Settings

        layout: RolloverLayout = options.layout
        network.up(layout, Settings(options.ttl, options.negative_ttl, options.signature_lifetime))
        return True, f"namespace {layout.namespace}, state {layout.state}"

    def enter(self, options: argparse.Namespace) -> None:
        """Start the sender."""
        from . import network

        network.load(options.layout.state).start_sender()

    def welcome(self, layout: LabLayout) -> str:
        """Return what the shell says first."""
        return WELCOME.format(namespace=layout.namespace, state=layout.state, program=self.program)

    def add_options_of_up(self, parser: argparse.ArgumentParser) -> None:
        """Add how long things live."""
        parser.add_argument("--ttl", type=int, default=2, metavar="S", help="TTL that TLSA records should have (default %(default)s)")
        parser.add_argument("--negative-ttl", type=int, default=2, metavar="S", help="how long absence is remembered (default %(default)s)")
        parser.add_argument("--signature-lifetime", type=int, metavar="S", help="how long signatures are good (default two weeks)")

    def add_commands(self, commands: Any) -> Mapping[str, Handler]:
        """Add `watch` and `check`."""
        commands.add_parser("watch", help="be the sender; to be run inside")
        commands.add_parser("check", help="was one of the sender's probes not verified?")
        return {"watch": self.watch, "check": self.check}

    def watch(self, options: argparse.Namespace) -> int:
        """Be the sender."""
        from .sender import Watch

        Watch(options.layout.watch).run()
        return 0

    def check(self, options: argparse.Namespace) -> int:
        """Show the complaints about the sender's probes."""
        self.require_libraries(options)
        from . import network

        running = network.load(options.layout.state)
        found = running.complaints()
        print("".join(line + "\n" for line in found) + f"{len(running.probes())} probes, {len(found)} complaints")
        return 1 if found else 0


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status (77: root is needed)."""
    return Commands().main(arguments)
