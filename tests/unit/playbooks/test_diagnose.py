# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook diagnose.yml hands its variables on by their own names, and knows all that it reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments

yaml = pytest.importorskip("yaml")

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "diagnose.yml"
TEXT = PLAYBOOK.read_text(encoding="utf-8")
PLAYS: list[dict[str, Any]] = yaml.safe_load(TEXT)
KNOWN = set(PLAYS[0]["vars"]["known"])
OWN = {"host", "services", "report_only", "table_width"}
"""Variables that are no options of the same name and meaning in every probe."""


def options(module: str) -> dict[str, Any]:
    """Return what the playbook hands to a module."""
    found: dict[str, Any] = next(task for play in PLAYS for task in play["tasks"] if module in task)[module]
    return found


def test_options_that_probes_share_are_handed_on_by_their_names() -> None:
    assert KNOWN - OWN <= set(mailbox_arguments())
    given = options("mailops.tls.mailbox_tls_probe")
    assert KNOWN - OWN <= set(given)
    for name in KNOWN - OWN:
        assert given[name] == f"{{{{ {name} | default(omit) }}}}"


def test_every_variable_that_is_read_is_known() -> None:
    read = set(re.findall(r"\b(\w+) \| default\(", TEXT)) | set(re.findall(r"\b(\w+) is defined", TEXT))
    assert read <= KNOWN and KNOWN - read <= {"host"}
