# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tls_grade` as one checked value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import check_domain_facts, named_policies
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._grade.rules import LONGEST_RULE, MOST_RULES, Rule, read_rules

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]

ReadFile = Callable[[str, str], bytes]
MOST_GRADES = 100_000
_LARGEST_FILE = 2 * MOST_RULES * LONGEST_RULE


@dataclass(frozen=True)
class GradeOptions:
    """What to grade, by what, and when to fail."""

    results: tuple[Mapping[str, Any], ...] | None
    results_file: str | None
    policies: tuple[Policy, ...]
    rules: tuple[Rule, ...]
    domain_facts: Mapping[str, Mapping[str, Any]]
    fail_below: Level | None
    fail_untested: bool
    grades_max: int


def grade_options(params: Mapping[str, Any], read: ReadFile) -> GradeOptions:
    """Check everything before anything is graded.

    Args:
        params: the parameters of `tls_grade`.
        read: returns the content of a file that an option names.

    Raises:
        OptionError: for the first mistake.
    """
    if (params["results"] is None) is (params["results_file"] is None):
        raise OptionError("results", None, "or results_file is needed, and not both")
    if params["rules"] is not None and params["rules_file"] is not None:
        raise OptionError("rules_file", params["rules_file"], "is given beside rules; give one of them")
    if not 0 <= params["grades_max"] <= MOST_GRADES:
        raise OptionError("grades_max", params["grades_max"], f"is not a number from 0 to {MOST_GRADES}")
    if params["rules_file"] is not None:
        rules = read_rules(_content(params["rules_file"], read), "rules_file")
    else:
        rules = read_rules(params["rules"])
    return GradeOptions(
        tuple(params["results"]) if params["results"] is not None else None,
        params["results_file"],
        named_policies(params["policy"]),
        rules,
        check_domain_facts(params["domain_facts"]),
        Level(params["fail_below"]) if params["fail_below"] is not None else None,
        params["fail_untested"],
        params["grades_max"],
    )


def _content(path: str, read: ReadFile) -> Any:
    """Return what is in a file of rules, which is JSON, or YAML where that can be read."""
    text = read("rules_file", path)
    if len(text) > _LARGEST_FILE:
        raise OptionError("rules_file", path, f"is larger than {_LARGEST_FILE} bytes")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if yaml is None:
            raise OptionError("rules_file", path, "is no JSON, and PyYAML, which reads YAML, is not there") from None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise OptionError("rules_file", path, "is neither JSON nor YAML") from None
