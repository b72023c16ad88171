# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the guide for people who know posttls-finger, read from its source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs/docsite/rst/guide_posttls_finger.rst"
MODULE_OPTION = re.compile(r":ansopt:`mailops\.tls\.smtp_tls_probe#module:(\w+)`")
_ROW = re.compile(r"^   \* - (?P<first>.*)\n(?P<others>(?:     -.*\n(?:       .*\n)*)+)", re.MULTILINE)


def _table(title: str) -> list[tuple[str, ...]]:
    """The rows of the table in a section, without its header."""
    text = GUIDE.read_text(encoding="utf-8")
    section = text.split(f"\n{title}\n{'-' * len(title)}\n")[1].split("\n\n\n")[0]
    section = re.split(r"\n\S.*\n-{3,}\n", section)[0]
    found = [(row["first"], re.split(r"^     -", row["others"], flags=re.MULTILINE)[1:]) for row in _ROW.finditer(section + "\n")]
    return [(first, *(" ".join(cell.split()) for cell in cells)) for first, cells in found[1:]]


def options() -> dict[str, tuple[str, str]]:
    """What to write for posttls-finger (an option's letter with its hyphen, or an argument): our option's cell, and the remark."""
    return {first.strip("`"): (cells[0], cells[1] if len(cells) > 1 else "") for first, *cells in _table("Options")}


def lines() -> dict[str, str]:
    """A line of posttls-finger, as it is in the guide: where its information is."""
    return {first: cells[0] for first, *cells in _table("Log lines")}


def quoted(cell: str) -> Sequence[str]:
    """All code in a cell."""
    return re.findall(r"``(.+?)``", cell)
