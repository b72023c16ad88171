# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as they are noticed: one item for an id and a subject, however often it is seen. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, FindingKind, Severity
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

LONGEST = 500
"""Most characters of the text of a finding; a stranger's record is quoted in it."""
MOST_SEEN = 5
"""How many of the same kind and subject are told one by one."""


class Noticed:
    """A list of findings that grows. Texts of the same id and subject become one, in the order seen."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], list[str]] = {}
        self._kinds: dict[tuple[str, str], tuple[FindingKind, Severity | None]] = {}

    def add(self, kind: FindingKind, subject: str, text: str, severity_here: Severity | None = None) -> None:
        """Note one thing.

        Args:
            kind: its entry of the catalogue.
            subject: what it is about, such as the owner name.
            text: what was seen; may quote what strangers wrote, and is cleaned here.
            severity_here: how bad it is in this case, where that is not what it usually is.
        """
        key = (kind.id, inert(subject, LONGEST))
        self._kinds.setdefault(key, (kind, severity_here))
        texts = self._texts.setdefault(key, [])
        cleaned = inert(text, LONGEST)
        if cleaned not in texts:
            texts.append(cleaned)

    def include(self, found: Finding) -> None:
        """Note what another room has found."""
        self.add(found.kind, found.subject, found.text, found.severity_here)

    def findings(self) -> tuple[Finding, ...]:
        """Return all that was noticed so far."""
        return tuple(
            Finding(kind, subject, joined(self._texts[name, subject]), severity)
            for (name, subject), (kind, severity) in self._kinds.items()
        )


def quoted(text: str, limit: int = 100) -> str:
    """Return a piece of a record between quotes, cut at a limit."""
    return f'"{text[:limit]}..."' if len(text) > limit else f'"{text}"'


def joined(texts: Sequence[str]) -> str:
    """Return what was seen as one text, the first few one by one."""
    more = len(texts) - MOST_SEEN
    return "; ".join(texts[:MOST_SEEN]) + (f"; and {more} more" if more > 0 else "")
