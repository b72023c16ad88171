# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide about rolling DANE keys has what the code has: every blocker and finding, every phase, and no variable that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Fault
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import RolloverPhase
from ansible_collections.mailops.tls.tests.unit.makers.made_findings import ids_in_roles, uses

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/docsite/rst/guide_dane_rollover.rst").read_text(encoding="utf-8")
ROLE = ROOT / "roles/dane_rollover"
SOURCES = ("_dane", "_rollover", "_module")
_VARIABLE = re.compile(r"\bdane_rollover_\w+")
HANDED_OVER = {"dane_rollover_dns", "dane_rollover_csrs", "dane_rollover_results", "dane_rollover_events"}


def _made(*makers: str) -> set[str]:
    """The ids of everything that such calls make in the sources."""
    folders = tuple(f"plugins/module_utils/{name}/" for name in SOURCES)
    return {one.kind.id for one in uses() if one.call in makers and one.path.startswith(folders)}


def _rows(title: str) -> Iterator[str]:
    """The first cells of the table that begins with this header."""
    table = GUIDE.split(f"   * - {title}\n")[1].split("\n\n")[0]
    yield from re.findall(r"^   \* - (.+)$", table, flags=re.MULTILINE)


def _identifiers(title: str) -> list[str]:
    return [name for row in _rows(title) for name in re.findall(r"``(\w+)``", row)]


def test_every_blocker_is_explained_once_and_no_other() -> None:
    explained = _identifiers("Blocker")
    assert set(explained) == _made("Blocker") | ids_in_roles()
    assert len(explained) == len(set(explained))


def test_every_finding_is_explained() -> None:
    alarms, others = _identifiers("Alarm"), _identifiers("Finding")
    assert _made("Finding", "DatedFinding") | {one.value for one in Fault} <= {*alarms, *others}
    assert len(alarms) == len(set(alarms)) and len(others) == len(set(others))


def test_every_phase_is_drawn() -> None:
    drawing = GUIDE.split(".. code-block:: text")[1].split("A renewal of a certificate")[0]
    assert {phase.value for phase in RolloverPhase} <= set(re.findall(r"\| +(\w+) +\|", drawing))


def test_every_variable_is_one_of_the_role() -> None:
    declared = set(_VARIABLE.findall((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8")))
    assert set(_VARIABLE.findall(GUIDE)) - HANDED_OVER <= declared


def test_blockers_that_fail_at_once_exist() -> None:
    defaults = (ROLE / "defaults/main.yml").read_text(encoding="utf-8").partition("dane_rollover_fail_on:\n")[2]
    chosen = set(re.findall(r"^  - (\w+)$", defaults, flags=re.MULTILINE))
    assert chosen and chosen <= _made("Blocker") | ids_in_roles()
