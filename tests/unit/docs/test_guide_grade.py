# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide on grades, and the examples of module and filter: rules work, policies are there, and what is shown is what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import check_domain_facts, grade, named_policies, report_line
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.plugins.module_utils._grade.rules import read_rules
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.arguments import grade_arguments
from ansible_collections.mailops.tls.tests.unit.docs.test_examples import examples_of
from ansible_collections.mailops.tls.tests.unit.makers.graded import certificate, endpoint, groups, result, scan, seen

yaml = pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without
pytest.importorskip("jmespath")

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/docsite/rst/guide_grade.rst").read_text(encoding="utf-8")
RSA_2048 = result(endpoint(chain=[certificate(public_key={"type": "rsa", "bits": 2048, "curve": None})]))


def blocks(language: str) -> list[str]:
    """Return the blocks of code in a language, without their indentation."""
    found = re.findall(rf"\.\. code-block:: {re.escape(language)}\n\n((?:    .*\n|\n)+)", GUIDE)
    return [re.sub(r"^ {4}", "", one, flags=re.MULTILINE) for one in found]


def tasks() -> Iterator[dict[str, Any]]:
    """Yield every task of the guide and of both examples."""
    for text in blocks("yaml+jinja"):
        yield from yaml.safe_load(text)
    for kind in ("modules", "filter"):
        yield from yaml.safe_load(examples_of(ROOT / "plugins" / kind / "tls_grade.py"))


def arguments() -> list[dict[str, Any]]:
    """Return what each task gives to the module."""
    return [one["mailops.tls.tls_grade"] for one in tasks() if "mailops.tls.tls_grade" in one]


def shown_rules() -> list[dict[str, Any]]:
    """Return every rule that is shown."""
    of_module = [rule for one in arguments() for rule in one.get("rules", [])]
    return of_module + [rule for one in tasks() for rule in one.get("vars", {}).get("house_rules", [])]


def test_the_module_has_what_tasks_give_it() -> None:
    known = grade_arguments()
    assert len(arguments()) >= 6
    for one in arguments():
        assert set(one) <= set(known)
        named_policies(one.get("policy", ["ncsc-2025"]))
        assert one.get("fail_below", "good") in known["fail_below"]["choices"]


@pytest.mark.parametrize("rule", shown_rules(), ids=lambda rule: rule["id"])
def test_rules_find_something_in_one_result_and_nothing_in_another(rule: dict[str, Any]) -> None:
    (checked,) = read_rules([rule])
    long_chain = [certificate() for _number in range(5)]
    bad = endpoint(chain=[certificate(issuer="CN=Expensive"), *long_chain], scan=scan(groups=seen(groups("x25519"))))
    bad["tls"]["protocol"] = "TLSv1.2"
    fine = result(route={"lookup": "mx", "exchanges": [{"exchange": "a"}, {"exchange": "b"}]})
    for given, finds in ((result(bad), True), (fine, False)):
        found = grade(given, POLICIES["rules"], [checked])["checks"]
        assert [one["level"] for one in found] == ([rule["level"]] if finds else [])


def test_the_line_is_the_one_that_comes_out() -> None:
    (shown,) = blocks("text")
    assert shown.strip() == report_line(grade(RSA_2048, POLICIES["ncsc-2025"]))


def test_the_percentages_are_those_that_come_out() -> None:
    (shown,) = blocks("yaml")
    found = grade(RSA_2048, POLICIES["ncsc-2025"])["internetnl"]
    assert yaml.safe_load(shown) == {name: found[name] for name in ("categories", "ranges", "total", "untested")}


def test_every_policy_and_every_level_is_there() -> None:
    assert all(f"``{name}``" in GUIDE for name in POLICIES)
    assert all(f"\n{level.value}\n  " in GUIDE for level in Level)
    for name in ("modules", "filter"):
        assert all(policy in (ROOT / "plugins" / name / "tls_grade.py").read_text(encoding="utf-8") for policy in POLICIES)


def test_what_is_known_from_elsewhere_is_as_it_is_taken() -> None:
    for one in arguments():
        known = one.get("domain_facts", {})
        for values in known.values():
            if isinstance(values.get("mail_rpki"), dict):
                values["mail_rpki"] = {part: [] for part in values["mail_rpki"]}
        assert check_domain_facts(known) == known
