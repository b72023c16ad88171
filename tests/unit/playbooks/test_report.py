# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook report.yml passes every option of the module on, by its own name; the others write a page with `-e report=FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.arguments import report_arguments

yaml = pytest.importorskip("yaml")

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
MODULE = "mailops.tls.mx_audit_report"


def plays(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def test_every_option_can_be_given_as_a_variable_of_its_name() -> None:
    (play,) = plays("report")
    passed = next(task for task in play["tasks"] if MODULE in task)[MODULE]
    assert set(passed) == set(report_arguments()) == set(play["vars"]["known"])
    assert all(value.startswith(f"{{{{ {option} | default(") for option, value in passed.items())


@pytest.mark.parametrize("name", ["probe", "domain", "diagnose"])
def test_a_page_is_written_before_anything_fails_and_only_on_request(name: str) -> None:
    tasks = plays(name)[-1]["tasks"]
    (at,) = [number for number, task in enumerate(tasks) if MODULE in task]
    assert tasks[at]["when"] == "report is defined" and tasks[at][MODULE]["dest"] == "{{ report }}"
    assert all("ansible.builtin.fail" in task or "ansible.builtin.copy" in task for task in tasks[at + 1 :])
