# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests against real servers in the test network: integration targets and comparisons with Postfix's own verdicts.

All but the last run inside the network namespace that `tests/lab/lab.py` lays out, where nothing else can be reached; what
they need is therefore made ready before they go in. They share the one network, so one runs at a time. Rollovers have networks of
their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import debian
import source_tree
import toolboxes
from workshop import IN_ROOT, Skipped, Workshop

from steps.ansible_test import version_of
from steps.step import Step
from steps.units import PYTEST, debian_python

LAB = "tests/lab/lab.py"
WITNESSES = {"certtool": "gnutls-bin", "strace": "strace", "named": "bind9", "knotd": "knot"}
"""Programs that integration targets check our work with, and their packages."""
ROLLOVERS_AT_A_TIME = 4  # they mostly wait for TTLs to run out
STATE = "/run/mailops-tls-test"
STATE_DEBIAN = "/run/mailops-tls-debian"
"""Networks of our own, so that one that a person is working in is left alone; two, so that nobody waits."""
ON_SERVERS_ONLY = ("guide_postfix_tls", "role_postfix_tls")
"""Targets that take minutes and are about mail servers: the comparison with each subcommand of Postfix, and the role for a bare Postfix."""
ON_CONTROLLERS_ONLY = ("role_dane_rollover", "inventory_mx")
"""Targets in which the Python of a mail server has no part: a role with stand-ins for its modules, and the inventory."""


def lab(workshop: Workshop, *command: object, state: str = STATE) -> list[object]:
    """Return the command line that does something with the test network of the test run."""
    if not workshop.has(LAB):
        raise Skipped("no test network in the tree")
    return [toolboxes.core_new(workshop) / "python", source_tree.ROOT / LAB, "--state", state, *command]


def up(workshop: Workshop, state: str = STATE) -> None:
    """Bring a test network up, unless it is."""
    debian.refresh()
    workshop.machine.networks.add(state)
    workshop.call(lab(workshop, "up", state=state))


def lab_check(workshop: Workshop) -> None:
    """The test network itself: Postfix's own posttls-finger sees every case as the case says."""
    up(workshop)
    workshop.call(lab(workshop, "check"))


def integration(workshop: Workshop, python: str, state: str, left_out: Sequence[str]) -> None:
    """Run the integration targets, but for some, with ansible-core from our venv and the modules on a given Python."""
    programs = toolboxes.core_new(workshop)
    source = workshop.tree() / IN_ROOT
    (source / "tests/integration/integration_config.yml").write_text(f"lab_state: {state}\n", encoding="utf-8")
    up(workshop, state)
    missing = [package for program, package in WITNESSES.items() if shutil.which(program) is None]
    if missing:
        debian.install(missing)
    command = [programs / "ansible-test", "integration", "--allow-destructive", "--color", "no"]
    command += [word for target in left_out for word in ("--exclude", target)]
    command += ["--controller", f"origin:python={version_of(programs)}", "--target", f"controller:python={python}"]
    workshop.call(lab(workshop, "run", "--", *command, state=state), cwd=source)


def integration_new(workshop: Workshop) -> None:
    """Integration targets on the newest Python and libraries."""
    require_targets(workshop)
    programs = toolboxes.core_new(workshop)
    integration(workshop, f"{version_of(programs)}@{programs / 'python'}", STATE, ON_SERVERS_ONLY)


def integration_debian(workshop: Workshop) -> None:
    """Integration targets with the modules on the distribution's own Python and python3-* packages."""
    require_targets(workshop)
    interpreter = debian_python(workshop)
    integration(workshop, f"{interpreter.version}@{interpreter.path}", STATE_DEBIAN, ON_CONTROLLERS_ONLY)


def require_targets(workshop: Workshop) -> None:
    """Raise `Skipped` where there is nothing to run."""
    if not workshop.has("tests/integration/targets"):
        raise Skipped("no integration targets in the tree")


def differential(workshop: Workshop) -> None:
    """Our verdicts against those of Postfix's posttls-finger, case by case; our key log against tshark."""
    if not workshop.has("tests/differential"):
        raise Skipped("no differential tests in the tree")
    root = workshop.tree()
    up(workshop)
    if shutil.which("tshark") is None:
        debian.install(["tshark"])
    command = [toolboxes.core_new(workshop) / "python", *PYTEST, "tests/differential"]
    workshop.call(lab(workshop, "run", "--", *command), cwd=root / IN_ROOT, env={"PYTHONPATH": str(root)})


def rollover(workshop: Workshop) -> None:
    """DANE rollovers, and whatever can go wrong in them, while a sender looks on; in networks of their own."""
    if not workshop.has("tests/rollover"):
        raise Skipped("no rollover tests in the tree")
    root = workshop.tree()
    debian.refresh()
    command = [toolboxes.core_new(workshop) / "python", *PYTEST, "-n", str(ROLLOVERS_AT_A_TIME), "tests/rollover"]
    workshop.call(command, cwd=root / IN_ROOT, env={"PYTHONPATH": str(root), "ANSIBLE_COLLECTIONS_PATH": str(root)})


def lab_down(workshop: Workshop) -> None:
    """Take the test networks down again."""
    for state in sorted(workshop.machine.networks):
        workshop.call(lab(workshop, "down", state=state))


STEPS = [
    Step("lab-check", "lab", lab_check, needs_root=True, lane="lab"),
    Step("differential", "lab", differential, needs_root=True, lane="lab"),
    Step("integration", "lab", integration_new, needs_root=True, lane="lab"),
    Step("integration-debian", "lab", integration_debian, needs_root=True, lane="lab-debian"),
    Step("rollover", "lab", rollover, needs_root=True),
]
