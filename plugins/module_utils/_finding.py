# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding: something noticed that somebody should know of, in the one shape that it has in every result.

What kinds of findings there are, and what to do about each, is the catalogue's (`_catalogue/`). What is found, where, is a `Finding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """ERROR: mail, login or protection is broken now. WARNING: it works, but is wrong or one step from breaking. NOTICE: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True)
class FindingKind:
    """An entry of the catalogue.

    Args:
        id: the word by which results, playbooks and documents know it; never changed.
        severity: how bad it usually is.
        title: what it is, in a few words.
        why: why it matters, in short sentences.
        fix: what to do, in short sentences.
        reference: the section of the RFC, or the document, that says so.
        to_come: nothing makes it yet.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    reference: str
    to_come: bool = False

    def advice(self) -> dict[str, str]:
        """Return what every item of its kind carries in results."""
        return {"why": self.why, "fix": self.fix, "reference": self.reference}


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Args:
        kind: its entry of the catalogue.
        subject: what it is about: an owner name, an exchange, an endpoint, a file, a parameter; empty for the whole.
        text: what was seen, with names and numbers.
        severity_here: how bad it is in this case, where that is not what it usually is.
    """

    kind: FindingKind
    subject: str
    text: str
    severity_here: Severity | None = None

    @property
    def id(self) -> str:
        """The id of its kind."""
        return self.kind.id

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.severity_here or self.kind.severity

    def as_facts(self) -> dict[str, str | None]:
        """Return the item of `lint` and of the other lists of findings."""
        shown: dict[str, str | None] = {"id": self.id, "severity": self.severity.value, "subject": self.subject, "text": self.text}
        return {**shown, **self.kind.advice()}
