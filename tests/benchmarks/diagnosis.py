# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the playbook `mailops.tls.diagnose` takes for one server that answers at once: all of it is ours, and Ansible's."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from ..lab.bench_mailboxes import hosts
from . import page
from .mailboxes import SERVICES
from .measure import Command, Failed, in_turn, spread
from .playbook import playbook

NOTHING, DIAGNOSE = "a play without tasks", "`mailops.tls.diagnose` of one server"
GOAL = 2.0


def diagnose() -> Command:
    """The playbook, against a server of IMAP and submission; its page has to have both."""
    (host,) = hosts(1)

    def check(output: str) -> None:
        open_ports = re.findall(r"(?m)^ +\d+ +(\S+) +open +verified ", output)
        if open_ports != list(SERVICES):
            raise Failed(f"the page about the server has {open_ports}, not {list(SERVICES)}:\n{output[-2000:]}")

    program = shutil.which("ansible-playbook", path=str(Path(sys.executable).parent)) or "ansible-playbook"
    variables = {"host": host, "ca_file": os.environ["LAB_CA_FILE"], "nameservers": "127.0.0.1", "report_only": "true"}
    extra = [word for pair in variables.items() for word in ("-e", "{}={}".format(*pair))]
    # With bytecode kept, as on any machine where a program runs twice.
    environment = {"ANSIBLE_STDOUT_CALLBACK": "mailops.tls.quiet", "PYTHONDONTWRITEBYTECODE": ""}
    return Command([program, "mailops.tls.diagnose", *extra], check, environment=environment)


def diagnosis(rounds: int) -> str:
    """One server, from the command to the page about it."""
    found = in_turn({NOTHING: Command(playbook("nothing"), lambda _output: None), DIAGNOSE: diagnose()}, rounds, warm_up=[DIAGNOSE])
    rows = [
        [name, spread([usage.wall for usage in usages]).show(unit=" s"), spread([usage.cpu for usage in usages]).show(unit=" s")]
        for name, usages in found.items()
    ]
    over = spread([whole.wall - nothing.wall for whole, nothing in zip(found[DIAGNOSE], found[NOTHING])])
    return "\n".join([
        "## One server through `mailops.tls.diagnose`\n",
        "Its servers answer at once, and seven of nine ports are closed: what is measured is Ansible and the collection.\n",
        page.table(["ansible-playbook with", "by the clock", "CPU"], rows),
        f"What the diagnosis takes: {over.show(unit=' s')}; the goal is at most {GOAL:.1f} s over the delays of servers.\n",
    ])  # fmt: skip
