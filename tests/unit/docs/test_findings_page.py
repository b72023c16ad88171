# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of findings has what the catalogue has, and guides that explain findings agree with it."""

from __future__ import annotations

import os
import re

from ansible_collections.mailops.tls.tests.unit.docs.findings_page import PAGE, page
from ansible_collections.mailops.tls.tests.unit.makers.made_findings import entries


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("WRITE_PAGES"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "WRITE_PAGES=1 writes it anew"


def test_every_finding_that_exists_is_on_the_page_once() -> None:
    headings = re.findall(r"^(\w+)\n\^+$", page(), flags=re.MULTILINE)
    assert sorted(headings) == sorted(one.id for kinds in entries().values() for one in kinds.values() if not one.to_come)


def test_the_page_is_linked() -> None:
    root = PAGE.parents[3]
    assert "- findings\n" in (root / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8")
    assert "docs/docsite/rst/findings.rst" in (root / "README.md").read_text(encoding="utf-8")
