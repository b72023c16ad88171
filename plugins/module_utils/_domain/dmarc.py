# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DMARC of a domain: whose record applies, what it asks for, and where reports go (RFC 9989, RFC 9990).

What is wrong with it is found by dmarc_lint.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_record import (
    KNOWN_TAGS,
    REMOVED_TAGS,
    DmarcPolicy,
    DmarcRecord,
    is_dmarc,
    resembles_dmarc,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_reports import ReportAddress, look_up_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_walk import TreeWalk, WalkStep, look_at, walk_up
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_suffix import PublicSuffixes
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, texts, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DmarcDiscovery
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

_LONGEST = 65535


@dataclass(frozen=True)
class DmarcView:
    """What DMARC a domain has.

    `walk` has every name that was asked for. `location` is whose record applies. `organizational_psl` is None without a list.
    `misplaced` is a record at the domain itself, where nobody looks. `exists` tells whether sp or np is meant, `unknown` why nobody knows
    whose record applies.
    """

    walk: TreeWalk
    location: WalkStep | None
    organizational: str | None
    organizational_psl: str | None = None
    rua: tuple[ReportAddress, ...] = ()
    ruf: tuple[ReportAddress, ...] = ()
    misplaced: str | None = None
    exists: bool = True
    unknown: Failure | None = None

    @property
    def domain(self) -> str:
        """The domain that was looked at."""
        return self.walk.domain

    @property
    def record(self) -> DmarcRecord | None:
        """The record that applies."""
        return self.location.record if self.location is not None else None

    @property
    def inherited(self) -> bool:
        """Whether the record is that of a domain above."""
        return self.location is not None and self.location.domain != self.domain

    @property
    def status(self) -> RecordStatus:
        """How DMARC stands. Several records at the domain are MULTIPLE even where one of a domain above applies in their place."""
        if len(self.walk.steps[0].records) > 1:
            return RecordStatus.MULTIPLE
        if self.unknown is not None:
            return RecordStatus.ERROR
        record = self.record
        if record is not None:
            lost = record.tags.value("p") is None and record.psd != "y" and (bool(record.broken) or not record.applies)
            return RecordStatus.INVALID if record.invalid_policies or lost else RecordStatus.VALID
        if any(len(step.records) > 1 for step in self.walk.steps):
            return RecordStatus.MULTIPLE
        meant = any(resembles_dmarc(text) for text in self.walk.steps[0].others)
        return RecordStatus.INVALID if meant else RecordStatus.NONE

    @property
    def applied_policy(self) -> DmarcPolicy | None:
        """What receivers do with forged mail of the domain; None where no record applies."""
        record = self.record
        if record is None:
            return None
        policy = record.policy
        if self.inherited:
            policy = record.subdomain_policy if self.exists else record.nonexistent_policy
        return policy.milder() if record.testing else policy

    @property
    def enforced(self) -> bool | None:
        """Whether receivers are asked to do something against forged mail; None where nobody knows."""
        if self.unknown is not None:
            return None
        return self.applied_policy in (DmarcPolicy.QUARANTINE, DmarcPolicy.REJECT)

    @property
    def failure(self) -> Failure | None:
        """Why it is not valid, where there is something."""
        if self.status is RecordStatus.ERROR:
            return self.unknown
        if self.status is RecordStatus.MULTIPLE:
            step = next(step for step in self.walk.steps if len(step.records) > 1)
            return unreadable(f"there are {len(step.records)} records at {inert(step.owner, 300)}")
        if self.status is RecordStatus.INVALID:
            broken = self.record.broken if self.record is not None else ()
            return unreadable(inert((broken or ("it has no policy that can be used",))[0], 500))
        return None

    def as_facts(self) -> dict[str, Any]:
        """Return the fact `dmarc`."""
        record, applied = self.record, self.applied_policy
        return {
            "status": self.status.value,
            "location": self.location.domain if self.location else None,
            "organizational_domain": self.organizational,
            "organizational_domain_psl": self.organizational_psl,
            "walked": [step.owner for step in self.walk.steps],
            "record": inert(record.text, _LONGEST) if record else None,
            "policy": record.policy.value if record else None,
            "subdomain_policy": record.subdomain_policy.value if record else None,
            "nonexistent_policy": record.nonexistent_policy.value if record else None,
            "applied_policy": applied.value if applied else None,
            "testing": record.testing if record else None,
            "psd": record.psd if record else None,
            "adkim": record.choice("adkim", "r") if record else None,
            "aspf": record.choice("aspf", "r") if record else None,
            "fo": list(record.fo) if record else [],
            "removed_tags": [name for name in record.names if name in REMOVED_TAGS] if record else [],
            "unknown_tags": [inert(name, 100) for name in unknown_tags(record)] if record else [],
            "rua": [one.as_facts() for one in self.rua],
            "ruf": [one.as_facts() for one in self.ruf],
            "error": self.failure.as_dict() if self.failure else None,
        }


def unknown_tags(record: DmarcRecord) -> tuple[str, ...]:
    """Return the tags of a record that no standard ever had."""
    return tuple(name for name in record.names if name not in KNOWN_TAGS | REMOVED_TAGS)


async def look_up_dmarc(
    domain: str,
    ask: Ask,
    suffixes: PublicSuffixes | None = None,
    discovery: DmarcDiscovery = DmarcDiscovery.BOTH,
    *,
    exists: bool = True,
) -> DmarcView:
    """Return the DMARC of a domain.

    Args:
        domain: its name in ASCII.
        ask: how DNS is asked.
        suffixes: a public suffix list, if there is one here.
        discovery: how the organisational domain is found. By the list alone needs `suffixes`.
        exists: whether the domain has any records, which decides between sp and np.
    """
    name = domain.lower()
    by_list = suffixes.organizational_domain(name) if suffixes is not None and discovery is not DmarcDiscovery.TREE_WALK else None
    own: str | None
    if discovery is DmarcDiscovery.PSL and by_list is not None:
        walk, location, own = await _by_list(name, by_list, ask)
        unknown = None if location is not None else next((step.failure for step in walk.steps if step.failure), None)
    else:
        walk = await walk_up(name, ask)
        location, own, unknown = walk.location, walk.organizational, walk.failure
    walked = discovery is not DmarcDiscovery.PSL or suffixes is None
    misplaced = None
    if not walk.steps[0].records and not walk.steps[0].failure:
        misplaced = next((text for text in texts(await ask(name, "TXT", True)) if is_dmarc(text)), None)
    record = location.record if location is not None else None
    rua, ruf = [], []
    if location is not None and record is not None:
        source = _Organization(ask, None if walked else suffixes)
        base = location.domain if own is not None and location.domain != name else own
        # Python 3.9 has no comprehension that waits within another one.
        rua = [await look_up_address(uri, location.domain, base, ask, source.organizational) for uri in record.uris("rua")]
        ruf = [await look_up_address(uri, location.domain, base, ask, source.organizational) for uri in record.uris("ruf")]
    return DmarcView(walk, location, own if walked else None, by_list, tuple(rua), tuple(ruf), misplaced, exists, unknown)


async def _by_list(domain: str, organizational: str, ask: Ask) -> tuple[TreeWalk, WalkStep | None, str]:
    """Return what receivers find that go by a list: the domain's own record, else that of its organisational domain."""
    steps = [await look_at(domain, ask)]
    if steps[0].record is None and steps[0].failure is None and organizational != domain:
        steps.append(await look_at(organizational, ask))
    return TreeWalk(tuple(steps)), next((step for step in steps if step.record is not None), None), organizational


class _Organization:
    """Finds organisational domains of other names, by walking or by a list."""

    def __init__(self, ask: Ask, suffixes: PublicSuffixes | None) -> None:
        self._ask, self._suffixes = ask, suffixes

    async def organizational(self, name: str) -> str | None:
        """Return the organisational domain of a name."""
        if self._suffixes is not None:
            return self._suffixes.organizational_domain(name)
        return (await walk_up(name, self._ask)).organizational
