# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the test network: what every lab has, and `list` and `check`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .layout import DEFAULT_STATE, Layout
from .machinery import packages
from .machinery.commands import Handler, LabCommands
from .machinery.layout import LabLayout

WELCOME = """
The lab is up and this shell is inside it (network namespace {namespace}).
DNS is ours (dig +dnssec mx dane-ee.test), posttls-finger finds its configuration:
  posttls-finger dane-ee.test
  posttls-finger -l secure -F {ca_file} dane-ee.test
All cases: {program} list. Logs: {state}/postfix/log, {state}/unbound/log. Leave with exit; {program} down ends the lab.
"""


class Commands(LabCommands):
    """The commands of `lab.py`."""

    program = Path(__file__).with_name("lab.py")
    description = "A mail network of our own in a network namespace, as data and as servers."
    default_state = DEFAULT_STATE
    help_up = "bring everything up (does nothing when it is)"
    without_root = ("list",)
    packages = (
        "iproute2", "nsd", "unbound", "postfix", "dovecot-lmtpd", "dovecot-imapd", "dovecot-pop3d", "dovecot-managesieved",
        "haproxy", "openssl", "dnsutils", "python3-dnspython", "python3-cryptography",
    )  # fmt: skip

    def layout(self, state: Path) -> Layout:
        """Return the layout for a state directory."""
        return Layout(state)

    def bring_up(self, options: argparse.Namespace) -> tuple[bool, str]:
        """Bring all cases up, unless they are."""
        from . import lifecycle
        from .cases import CASES

        layout: Layout = options.layout
        if options.bench and packages.missing(["nginx"]):
            packages.install(["nginx"])
        fresh = lifecycle.up(layout, CASES, options.bench)
        return fresh, f"{len(CASES)} cases, namespace {layout.namespace}, state {layout.state}"

    def welcome(self, layout: LabLayout) -> str:
        """Return what the shell says first."""
        ca_file = self.layout(layout.state).root_pem
        return WELCOME.format(namespace=layout.namespace, ca_file=ca_file, state=layout.state, program=self.program)

    def add_options_of_up(self, parser: argparse.ArgumentParser) -> None:
        """Add --bench."""
        parser.add_argument("--bench", type=int, default=0, metavar="N", help="also a zone bench.test with N domains (port 2525)")

    def add_commands(self, commands: Any) -> Mapping[str, Handler]:
        """Add `list` and `check`."""
        listing = commands.add_parser("list", help="the cases")
        listing.add_argument("--json", action="store_true", help="everything a running lab knows, as JSON")
        check = commands.add_parser("check", help="compare every case with the real posttls-finger")
        check.add_argument("case", nargs="*", help="only these cases")
        check.add_argument("-j", "--jobs", type=int, default=6, help="processes at a time (default %(default)s)")
        check.add_argument("--smtp", action="store_true", help="also send mail to every case with the real smtp(8)")
        check.add_argument("-v", "--verbose", action="store_true", help="show posttls-finger's output where it differs")
        return {"list": self.list, "check": self.check}

    def list(self, options: argparse.Namespace) -> int:
        """Show the cases."""
        self.require_libraries(options)
        if options.json:
            from . import summary

            print(json.dumps(summary.load(options.layout.state), indent=1))
            return 0
        from .cases import CASES

        for case in CASES:
            row = f"row {case.matrix_row}" if case.matrix_row else ""
            print(f"{case.name:28} {row:6} {case.destination:40} {case.title}")
        return 0

    def check(self, options: argparse.Namespace) -> int:
        """Compare every case with Postfix."""
        self.require_libraries(options)
        from . import check

        return check.check(options.layout, options.case, options.jobs, options.verbose, options.smtp)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status (77: root is needed)."""
    return Commands().main(arguments)
