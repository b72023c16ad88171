# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk up the tree: whose DMARC record applies, and which domain is the organisational one (RFC 9989 section 4.10).

At most eight questions for a name. Records of which a name has more than one are discarded, and so is what is no record.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_record import DmarcRecord, is_dmarc, read_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure, texts
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure

MOST_QUESTIONS = 8
_KEPT_LABELS = 7


@dataclass(frozen=True)
class WalkStep:
    """One name of the walk: its DMARC records, the other texts beside them, or why nobody knows."""

    domain: str
    records: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def owner(self) -> str:
        """The name that is asked for."""
        return dmarc_owner(self.domain)

    @cached_property
    def record(self) -> DmarcRecord | None:
        """The record that counts: the only one."""
        return read_dmarc(self.records[0]) if len(self.records) == 1 else None


@dataclass(frozen=True)
class TreeWalk:
    """All steps in the order asked. The first is of the domain itself."""

    steps: tuple[WalkStep, ...]

    @property
    def domain(self) -> str:
        """Where it started."""
        return self.steps[0].domain

    @property
    def organizational(self) -> str | None:
        """The organisational domain (section 4.10.2); None where a failure leaves it open."""
        found = [(step.domain, step.record) for step in self.steps if step.record is not None]
        for domain, record in found:
            if record is not None and record.psd == "n":
                return None if self._failed_before(domain) else domain
            if record is not None and record.psd == "y" and domain != self.domain:
                return None if self._failed_before(domain) else self._one_below(domain)
        if any(step.failure for step in self.steps):
            return None
        return found[-1][0] if found else self.domain

    @property
    def location(self) -> WalkStep | None:
        """Whose record applies (section 4.10.1): the domain's, else the organisational domain's, else that of a public suffix."""
        if self.steps[0].record is not None:
            return self.steps[0]
        by_name = {step.domain: step for step in self.steps if step.record is not None}
        organizational = self.organizational
        if organizational is not None and organizational in by_name:
            return by_name[organizational]
        if organizational is None:
            return next(reversed(list(by_name.values())), None)
        return next((step for step in by_name.values() if step.record is not None and step.record.psd == "y"), None)

    @property
    def failure(self) -> Failure | None:
        """Why it is not known whose record applies; None where it is, however the walk ended above it."""
        location = self.location
        for step in self.steps:
            if step is location:
                return None
            if step.failure is not None:
                return step.failure
        return None

    def _failed_before(self, domain: str) -> bool:
        for step in self.steps:
            if step.domain == domain:
                return False
            if step.failure is not None:
                return True
        return False

    def _one_below(self, domain: str) -> str:
        """Return the domain one label below one of those that the walk went through."""
        count = len(domain.split(".")) + 1
        return ".".join(self.domain.split(".")[-count:])


def dmarc_owner(domain: str) -> str:
    """Return the owner name of a DMARC record."""
    return f"_dmarc.{domain}"


def names_to_ask(domain: str) -> tuple[str, ...]:
    """Return the domains whose records a whole walk asks for, in order."""
    labels = domain.split(".")
    first = len(labels) - _KEPT_LABELS if len(labels) > MOST_QUESTIONS else 1
    return (domain, *(".".join(labels[at:]) for at in range(first, len(labels))))


async def look_at(domain: str, ask: Ask) -> WalkStep:
    """Return what one name has."""
    answer = await ask(dmarc_owner(domain), "TXT", True)
    if answer.outcome is Outcome.ERROR:
        return WalkStep(domain, failure=dns_failure(answer))
    found = texts(answer)
    return WalkStep(domain, tuple(text for text in found if is_dmarc(text)), tuple(text for text in found if not is_dmarc(text)))


async def walk_up(domain: str, ask: Ask) -> TreeWalk:
    """Walk from a domain up to the top, or to a record that says psd=y or psd=n."""
    steps: list[WalkStep] = []
    for name in names_to_ask(domain.lower()):
        step = await look_at(name, ask)
        steps.append(step)
        if step.record is not None and step.record.psd != "u":
            break
    return TreeWalk(tuple(steps))
