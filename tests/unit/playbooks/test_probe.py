# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook probe.yml passes every option of the module on, by its own name."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments

yaml = pytest.importorskip("yaml")

NAMES = {"lookup": "exchange_lookup", "return": "returned"}
"""Variables of another name: one is a function of the templates, the other a word of Python."""
PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "probe.yml"


def test_every_option_can_be_given_as_a_variable_of_its_name() -> None:
    play = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))[0]
    passed = next(task for task in play["tasks"] if "mailops.tls.smtp_tls_probe" in task)["mailops.tls.smtp_tls_probe"]
    assert set(passed) == set(smtp_arguments())
    for option, value in passed.items():
        variable = NAMES.get(option, option)
        assert value.startswith(f"{{{{ {variable}"), option


def test_every_variable_is_known_to_the_search_for_misspelt_ones() -> None:
    play = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))[0]
    options = {NAMES.get(option, option) for option in smtp_arguments()}
    assert set(play["vars"]["known"]) == (options - {"destination"}) | {"table_width", "fail_unsatisfied", "report", "report_title"}
