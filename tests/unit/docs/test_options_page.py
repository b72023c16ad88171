# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of options has every option of every module once, those that most tasks need first."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without

from ansible_collections.mailops.tls.tests.unit.docs.options_page import FIRST, NEEDED, PAGE, ROOT, modules, options_of, page  # noqa: E402

MOST_IN_A_GROUP = 20
"""More than that is no group that anybody reads."""


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("WRITE_PAGES"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "WRITE_PAGES=1 writes it anew"


@pytest.mark.parametrize("module", modules())
def test_every_module_says_what_most_tasks_need(module: str) -> None:
    found = options_of(module)
    every = [name for options in found.values() for name in options]
    assert len(every) == len(set(every))
    assert module in FIRST and set(FIRST[module]) <= set(found.get(NEEDED, {}))
    assert next(iter(found), NEEDED) == NEEDED
    assert not [subject for subject, options in found.items() if len(options) > MOST_IN_A_GROUP]


def test_the_page_is_linked() -> None:
    assert "- options\n" in (ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8")
    assert "docs/docsite/rst/options.rst" in (ROOT / "README.md").read_text(encoding="utf-8")
