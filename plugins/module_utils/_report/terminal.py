# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as plain text for a terminal or a mail: what changed, how much of everything, and what is wrong, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import STATUSES, Sight, sight_of
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import Subject, changed_name, counting, joined
from ansible_collections.mailops.tls.plugins.module_utils._results.columns import Line, columns, paragraph
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import word

WIDTH = 100
MOST_CHANGES = 100
MOST_NAMES = 200


def terminal(material: Material, width: int = WIDTH) -> str:
    """Return the lines of a report, none longer than *width*."""
    subjects = list(_subjects(material))
    lines = [*paragraph(f"{material.title}, {material.moment}", width), ""]
    lines += _changes(material, width)
    for share in material.missing:
        lines += [*paragraph(f"{share.text}.", width), ""]
    lines += _counts(subjects, width)
    lines += _wrong(subjects, width)
    return "".join(f"{line}\n" for line in lines)


def _subjects(material: Material) -> Iterator[Subject]:
    """Yield what there is to say of each name. Results of one name can be anywhere, so that all sights are kept until the end."""
    sights: dict[str, list[Sight]] = {}
    for observed in material.results():
        sights.setdefault(observed.name, []).append(sight_of(observed))
    for name, found in sights.items():
        yield joined(name, found, material.moment)


def _changes(material: Material, width: int) -> list[str]:
    if material.changes is None:
        return []
    changes = counting(material.changes)
    quiet = Counter(word(one.get("kind"))[:40] for one in material.changes if one.get("counts") is False)
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(quiet.items())[:MOST_CHANGES])
    not_counted = [*paragraph(f"Not counted as changes: {told}.", width), ""] if told else []
    if not changes:
        return [*paragraph(f"Nothing has changed since {material.previous or 'the run before'}.", width), "", *not_counted]
    lines = [f"CHANGED ({len(changes)})"]
    rows = [Line((changed_name(one), word(one.get("kind")), _change_text(one))) for one in changes[:MOST_CHANGES]]
    lines += columns(("NAME", "WHAT", "FROM AND TO"), rows, width)
    if len(changes) > MOST_CHANGES:
        lines.append(f"  and {len(changes) - MOST_CHANGES} more")
    return [*lines, "", *not_counted]


def _change_text(change: Mapping[str, Any]) -> str:
    before, after = (_value(change.get(name)) for name in ("before", "after"))
    return f"{before} -> {after}" if before or after else ""


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(word(one) for one in value[:10])
    if isinstance(value, Mapping):
        return ", ".join(f"{word(name)} {word(one)}" for name, one in list(value.items())[:10])
    return word(value)


def _counts(subjects: list[Subject], width: int) -> list[str]:
    good = sum(1 for one in subjects if one.satisfied)
    by_status = Counter(one.status for one in subjects if one.status)
    counts = ", ".join(f"{by_status[status]} {status}" for status in reversed(STATUSES) if by_status[status])
    ending = sum(1 for one in subjects if one.days_left is not None and one.days_left < 14)
    said = f"{good} of {len(subjects)} would get their mail" + (f": {counts}" if counts else "") + "."
    if ending:
        said += f" The certificates of {ending} end within 14 days."
    return [*paragraph(said, width), ""]


def _wrong(subjects: list[Subject], width: int) -> list[str]:
    wrong = sorted((one for one in subjects if one.satisfied is False or one.worst == "error"), key=lambda one: (one.badness, one.name))
    if not wrong:
        return ["Nothing is wrong."]
    rows = [Line((one.name, one.status or "-", one.error or "-", one.reason)) for one in wrong[:MOST_NAMES]]
    lines = [f"WRONG ({len(wrong)})", *columns(("NAME", "STATUS", "ERROR", "WHY"), rows, width)]
    if len(wrong) > MOST_NAMES:
        lines.append(f"  and {len(wrong) - MOST_NAMES} more")
    return lines
