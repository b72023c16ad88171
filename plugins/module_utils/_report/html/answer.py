# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What whoever opens the page wants to know first: is anything wrong now? In a sentence, with what else must not be passed over. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import Subject


@dataclass(frozen=True)
class AnswerLine:
    """A sentence; its link is the state of the table that shows what it speaks of, if there is one."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Answer:
    """The first sentence of a page, those below it, and how bad that is."""

    tone: str
    first: AnswerLine
    more: tuple[AnswerLine, ...]


def answer(subjects: Sequence[Subject], counts: Mapping[str, int], material: Material) -> Answer:
    """Return the answer for these domains."""
    alone = len(subjects) == 1
    urgent = [*_urgent(counts, alone), *(AnswerLine(f"{share.text}.") for share in material.missing)]
    calm = [AnswerLine("There is no comparison with an audit before.")] if material.is_audit and material.changes is None else []
    first = _one(subjects[0]) if alone else _many(counts)
    if counts["bad"]:
        tone = "bad"
    elif urgent or counts["unknown"] and counts["good"]:
        tone = "poor"
    else:
        tone = "good" if counts["good"] else "plain"
    return Answer(tone, first, (*urgent, *calm))


def _one(subject: Subject) -> AnswerLine:
    if subject.satisfied is None:
        return AnswerLine(_ended(f"Whether {subject.name} is as wanted is not known", subject.reason))
    return AnswerLine(f"{subject.name} is as wanted." if subject.satisfied else _ended(f"{subject.name} is not as wanted", subject.reason))


def _ended(text: str, reason: str) -> str:
    return f"{text}: {reason.rstrip('.')}." if reason else f"{text}."


def _many(counts: Mapping[str, int]) -> AnswerLine:
    every, good, bad = counts["all"], counts["good"], counts["bad"]
    if not every:
        return AnswerLine("Nothing was looked at.")
    if bad:
        return AnswerLine(f"{bad:,} of {every:,} {'is' if bad == 1 else 'are'} not as wanted.", "#satisfied=no")
    if good == every:
        return AnswerLine(f"All {every:,} are as wanted.")
    if good:
        said = f"{good:,} of {every:,} {'is' if good == 1 else 'are'} as wanted. Of the others it is not known."
        return AnswerLine(said, "#satisfied=unknown")
    return AnswerLine(f"Of none of {every:,} it is known whether it is as wanted.")


def _urgent(counts: Mapping[str, int], alone: bool) -> Iterator[AnswerLine]:
    """Tell what hurts; the page of one domain has no table that a link could lead to."""
    told = (
        ("worse", "#changed=worse", "is worse than before", "are worse than before"),
        ("errors", "#worst=error", "has findings that hurt now", "have findings that hurt now"),
        ("ended", "#expiry=ended", "has a certificate that has ended", "have a certificate that has ended"),
    )
    for name, link, singular, plural in told:
        if counts[name] and alone:
            yield AnswerLine(f"It {singular}.")
        elif counts[name]:
            yield AnswerLine(f"{counts[name]:,} {singular if counts[name] == 1 else plural}.", link)
