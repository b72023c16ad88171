# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook domain.yml passes every option of the module on, by its own name."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments

yaml = pytest.importorskip("yaml")

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "domain.yml"
NAMES = {"return": "returned"}
OWN = {"fail_on", "policy_file", "policy_minimum", "severities", "report", "report_title"}


def test_every_option_can_be_given_as_a_variable_of_its_name() -> None:
    play = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))[0]
    passed = next(task for task in play["tasks"] if "mailops.tls.mail_domain_info" in task)["mailops.tls.mail_domain_info"]
    assert set(passed) == set(domain_arguments())
    assert all(value.startswith(f"{{{{ {NAMES.get(option, option)} |") for option, value in passed.items())


def test_every_variable_is_known_to_the_search_for_misspelt_ones() -> None:
    play = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))[0]
    assert set(play["vars"]["known"]) == {NAMES.get(option, option) for option in domain_arguments()} | OWN
