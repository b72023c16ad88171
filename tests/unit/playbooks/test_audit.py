# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook audit.yml: its variables are those it tells of, and each leads to one of the role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "audit.yml"


def test_variables_are_known_as_they_are_told() -> None:
    text = PLAYBOOK.read_text(encoding="utf-8")
    (play,) = yaml.safe_load(text)
    assert re.findall(r"^#   (\w+) {2,}\w", text, re.M) == play["vars"]["known"]


def test_short_names_lead_to_variables_of_the_role() -> None:
    (play,) = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))
    options = yaml.safe_load((PLAYBOOK.parents[1] / "roles/mx_audit/meta/argument_specs.yml").read_text(encoding="utf-8"))
    known = options["argument_specs"]["main"]["options"]
    given = [name for task in play["pre_tasks"] for name in task.get("ansible.builtin.set_fact", {})]
    assert given == ["mx_audit_domains_file", "mx_audit_domains"] and set(given) <= set(known)
