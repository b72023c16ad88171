# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No check of pages about hosting a mail domain is lost: each is in guide_domain.rst beside its task, or out of scope with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/docsite/rst/guide_domain.rst").read_text(encoding="utf-8")
TARGET = ROOT / "tests/integration/targets/guide_domain"
CHECKS: dict[int, tuple[str, str]] = {
    28: ("dig D mx", "results[].mx"),
    29: ("down by design", "expected_down"),
    30: ("dig D any", "compare_nameservers"),
    31: ("joined by awk", "dkim_expected"),
    32: ("255", "dkim_record_truncated"),
    33: ("DMARC exactly", "dmarc_removed_tag"),
    34: ("_domainkey", "dkim_policy_record_obsolete"),
    35: ("checks the DKIM key", "results[].dkim"),
    36: ("validator", "mail_delivery_probe"),
    37: ("DKIM-Signature", "The same"),
    38: ("mxtoolbox", "The table below"),
    39: ("config-v1.1.xml", "results[].autoconfig"),
    43: ("block lists", "dnsbl"),
    44: ("registrar", "results[].zone"),
    45: ("TTL", "until"),
}
"""The rows of the hosting page: words of each, and what answers it."""
COMMANDS = "mx a ptr cname spf txt dkim dns soa blacklist smtp tcp scan http https whois arin ping trace".split()
OUT_OF_SCOPE = {"whois", "arin", "ping", "trace"}
_CHECK = re.compile(r"^   \* - (?P<number>\d+)\n     - (?P<hand>.+)\n     - (?P<here>(?:.+\n(?:       .+\n)*))", re.MULTILINE)
_COMMAND = re.compile(r"^   \* - ``(?P<name>[a-z]+)``\n     - (?P<here>(?:.+\n(?:       .+\n)*))", re.MULTILINE)


def test_every_check_is_there_once_and_in_order() -> None:
    assert [int(row["number"]) for row in _CHECK.finditer(GUIDE)] == sorted(CHECKS)
    assert [row["name"] for row in _COMMAND.finditer(GUIDE)] == COMMANDS


@pytest.mark.parametrize("number", sorted(CHECKS))
def test_a_check_is_told_with_its_words_and_answered(number: int) -> None:
    row = next(row for row in _CHECK.finditer(GUIDE) if int(row["number"]) == number)
    words, answer = CHECKS[number]
    assert words in row["hand"] and answer in row["here"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_answered_or_out_of_scope_with_the_reason(name: str) -> None:
    here = next(row["here"] for row in _COMMAND.finditer(GUIDE) if row["name"] == name)
    assert here.startswith("Out of scope: ") is (name in OUT_OF_SCOPE)
    assert name in OUT_OF_SCOPE or re.search(r":ans|[Tt]he check|The same", here)


def test_findings_that_the_guide_names_exist() -> None:
    findings = (ROOT / "docs/docsite/rst/findings.rst").read_text(encoding="utf-8")
    named = re.findall(r"``((?:dkim|dmarc|mx|spf)_\w+)``", GUIDE)
    steps = {"dmarc_reject", "dmarc_quarantine"}
    assert named and all(one in steps or f"\n{one}\n" in findings for one in named)


def test_every_example_is_run() -> None:
    run = re.findall(r"^  - section: (.+)$", (TARGET / "vars/main.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert GUIDE.count(".. code-block:: yaml\n") == len(run) == GUIDE.count(".. code-block::") - 2
