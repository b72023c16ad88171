# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tls_grade`: one result or many, one policy or many, and mistakes before anything is graded."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.filter.tls_grade import FilterModule, tls_grade
from ansible_collections.mailops.tls.tests.unit.makers.graded import mailbox, plain, result


def test_one_result_and_one_policy_is_one_grade() -> None:
    found = tls_grade(result())
    assert (found["policy"], found["level"]) == ("ncsc-2025", "sufficient")
    assert tls_grade(mailbox(), "mozilla-6.0-intermediate")["level"] == "good"


def test_lists_of_both() -> None:
    both = ["ncsc-2025", "mozilla-6.0-modern"]
    assert [one["policy"] for one in tls_grade(result(), both)] == both
    assert [one["level"] for one in tls_grade([result(), result(plain())])] == ["sufficient", "insufficient"]
    assert [(one["policy"], one["level"]) for one in tls_grade([result(), result(plain())], both)] == [
        ("ncsc-2025", "sufficient"), ("mozilla-6.0-modern", "insufficient"),
        ("ncsc-2025", "insufficient"), ("mozilla-6.0-modern", "insufficient"),
    ]  # fmt: skip
    assert tls_grade([]) == []


def test_grades_in_results() -> None:
    given = [result(), result(plain())]
    found = tls_grade(given, attach=True)
    assert [one["grade"]["level"] for one in found] == ["sufficient", "insufficient"] and "grade" not in given[0]
    assert [one["policy"] for one in tls_grade(result(), ["ncsc-2025", "rules"], attach=True)["grade"]] == ["ncsc-2025", "rules"]


def test_what_is_known_from_elsewhere() -> None:
    known = {"Example.org": {"mail_ipv6": 100, "mail_dnssec": 100, "mail_auth": 100, "mail_rpki": 100}}
    assert tls_grade(result(), domain_facts=known)["internetnl"]["total"] == [100, 100]


@pytest.mark.parametrize(
    ("given", "options", "text"),
    [
        (None, {}, "the input is no result and no list of results"),
        ("text", {}, "the input is no result and no list of results"),
        ([result(), 3], {}, "a value of the type int is no result of smtp_tls_probe or mailbox_tls_probe"),
        (result(), {"policy": "ncsc"}, "policy: 'ncsc' is not a policy; known are: ncsc-2025, mozilla-6.0-intermediate"),
        (result(), {"policy": []}, "policy names no policy"),
        (result(), {"rules": "text"}, "rules: 'text' is not a list of rules"),
        (result(), {"domain_facts": {"example.org": {"mail": 3}}}, "domain_facts: 'mail' is not a category"),
    ],
)
def test_mistakes(given: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        tls_grade(given, **options)
    assert str(caught.value).startswith("mailops.tls.tls_grade: ") and text in str(caught.value)


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"tls_grade": tls_grade}
