# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots as SVG files beside the page: bars, and a line over numbers of ten times each other. Pure.

The charts of reports are drawn by the frame of their page, and lead to a state of its table. These stand alone: they have a title and a
description of their own, and colours that can be seen on a light background and on a dark one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH = 720
_BEGIN, _LONGEST = 250, 340
"""Where bars begin, and how long the longest is."""
_ROW, _HEADING, _TOP = 28, 30, 44
_STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-weight: 600; }
  .ours { fill: #2f81c7; stroke: #2f81c7; }
  .other { fill: #7d8590; stroke: #7d8590; }
  .rule { stroke: #7d8590; stroke-dasharray: 5 4; }
  .axis { stroke: #7d8590; }
  .curve { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
"""


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, how long, what stands at its end, whether it is ours, and under which heading it comes."""

    label: str
    value: float
    text: str
    ours: bool = True
    group: str = ""


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Return a chart of bars, of which those of a group follow each other."""
    most = max(one.value for one in rows) or 1.0
    parts, at, group = [], _TOP, ""
    for one in rows:
        if one.group != group:
            group = one.group
            parts.append(_text(12, at + 18, group, "group"))
            at += _HEADING
        length = max(1.0, one.value / most * _LONGEST)
        parts.append(_text(_BEGIN - 10, at + 16, one.label, "", "end"))
        kind = "ours" if one.ours else "other"
        parts.append(f'<rect class="{kind}" x="{_BEGIN}" y="{at + 2}" width="{length:.1f}" height="{_ROW - 8}"/>')
        parts.append(_text(_BEGIN + length + 8, at + 16, one.text))
        at += _ROW
    said = [f"{f'{one.group}, ' if one.group else ''}{one.label}: {one.text}" for one in rows]
    return _drawing(title, f"{title}. {'; '.join(said)}.", at + 12, parts)


def curve(title: str, points: Sequence[tuple[int, float]], unit: str, of: str, limit: float) -> str:
    """Return a line through points whose first numbers are some powers of ten, below a limit that is drawn too."""
    left, right, top, bottom = 90, _WIDTH - 40, 70, 300
    first, last = (math.log10(points[at][0]) for at in (0, -1))
    highest = 1.1 * max(limit, *(value for unused, value in points))

    def place(number: float, value: float) -> tuple[float, float]:
        part = (math.log10(number) - first) / ((last - first) or 1.0)
        return left + part * (right - left), bottom - value / highest * (bottom - top)

    parts = [f'<path class="axis" fill="none" d="M{left} {top}V{bottom}H{right}"/>', _text(12, 60, unit)]
    at_limit = place(points[0][0], limit)[1]
    parts.append(f'<path class="rule" d="M{left} {at_limit:.1f}H{right}"/>')
    parts.append(_text(right, at_limit - 8, f"at most {limit:g} {unit}", "", "end"))
    places = [place(*one) for one in points]
    parts.append(f'<path class="ours curve" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in places)}"/>')
    for (number, value), (x, y) in zip(points, places):
        parts.append(f'<circle class="ours" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        anchor = "start" if x == left else "end" if x >= right else "middle"
        parts.append(_text(x + (8 if anchor == "start" else 0), y - 12, f"{value:.0f} {unit}", "", anchor))
        parts.append(_text(x, bottom + 22, f"{number:,}", "", anchor))
    parts.append(_text((left + right) / 2, bottom + 46, of, "", "middle"))
    said = [f"{number:,} {of}: {value:.0f} {unit}" for number, value in points]
    return _drawing(title, f"{title}. {'; '.join(said)}. The limit is {limit:g} {unit}.", bottom + 60, parts)


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _drawing(title: str, description: str, height: float, parts: Sequence[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" height="{height:.0f}"'
        ' role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{_STYLE}</style>",
        _text(12, 26, title, "title"),
        *parts,
        "</svg>\n",
    ])  # fmt: skip
