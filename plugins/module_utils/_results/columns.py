# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in columns for people: each column as wide as it needs, the last ones wrapped into what is left of the width (pure)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
WIDEST = 40
"""No column but a wrapped one is wider than this; what is longer is cut."""
NARROWEST = 8
"""A wrapped column has at least so much room."""


@dataclass(frozen=True)
class Line:
    """The cells of one line, and paragraphs to go below it."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


def columns(headings: Sequence[str], lines: Sequence[Line], width: int, *, wrapped: int = 1, indent: int = 2) -> list[str]:
    """Return the headings and lines in columns, none longer than *width*.

    Args:
        headings: the words above the columns.
        lines: as many cells each as there are headings.
        width: the longest line.
        wrapped: how many of the last columns share what is left of the width, and are wrapped in it.
        indent: blanks before each line.
    """
    rows = [Line(tuple(headings)), *lines]
    fixed = len(headings) - wrapped
    widths = [min(WIDEST, max(len(row.cells[at]) for row in rows)) for at in range(fixed)]
    left = width - indent - sum(widths) - GAP * (len(headings) - 1)
    widths += _shared(left, [max(len(row.cells[at]) for row in rows) for at in range(fixed, len(headings))])
    return [text for row in rows for text in _texts(row, widths, fixed, width, indent)]


def paragraph(text: str, width: int, indent: int = 0) -> list[str]:
    """Return a text as lines, those after the first two blanks further right."""
    return textwrap.wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False)


def _shared(left: int, wanted: Sequence[int]) -> list[int]:
    """Give each wrapped column what it wants, or an equal share of what the others leave."""
    widths: list[int] = []
    for at in sorted(range(len(wanted)), key=lambda one: wanted[one]):
        share = max(NARROWEST, (left - sum(widths)) // (len(wanted) - len(widths)))
        widths.append(min(wanted[at], share))
    by_size = iter(widths)
    given = {at: next(by_size) for at in sorted(range(len(wanted)), key=lambda one: wanted[one])}
    return [given[at] for at in range(len(wanted))]


def _texts(row: Line, widths: Sequence[int], fixed: int, width: int, indent: int) -> list[str]:
    """The lines of one row: its first columns cut, the others wrapped."""
    cells = [[cell[:room]] for cell, room in zip(row.cells[:fixed], widths)]
    cells += [textwrap.wrap(cell, max(room, 1), break_on_hyphens=False) or [""] for cell, room in zip(row.cells[fixed:], widths[fixed:])]
    height = max(map(len, cells))
    texts = []
    for at in range(height):
        parts = [(cell[at] if at < len(cell) else "").ljust(room) for cell, room in zip(cells, widths)]
        texts.append((" " * indent + (" " * GAP).join(parts)).rstrip()[:width])
    for note in row.notes:
        texts += paragraph(note, width, indent + 4)
    return texts
