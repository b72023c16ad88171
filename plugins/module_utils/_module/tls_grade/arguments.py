# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tls_grade` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec

BOUNDS = ("good", "sufficient", "phase_out")


def grade_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "results": {"type": "list", "elements": "dict"},
        "results_file": {"type": "path"},
        "policy": {"type": "list", "elements": "str", "default": ["ncsc-2025"], "choices": list(POLICIES)},
        "rules": {"type": "list", "elements": "dict"},
        "rules_file": {"type": "path"},
        "domain_facts": {"type": "dict"},
        "fail_below": {"type": "str", "choices": list(BOUNDS)},
        "fail_untested": {"type": "bool", "default": False},
        "grades_max": {"type": "int", "default": 100},
    }
