# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BIMI: where the logo of a sender is (draft-brand-indicators-for-message-identification section 4). The syntax of the record only.

    v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/mark.pem

An empty l without a declines to have one. Unknown tags are ignored. The logo itself is not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dmarc
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import RefusedPlace, web_place
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, dns_failure, texts, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_VERSION = re.compile(r"v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|\Z)")
_TAG = re.compile(r"([A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Bimi:
    """The BIMI record of a domain: the places of logo and evidence; *declined* says that there shall be no logo."""

    owner: str
    status: RecordStatus
    record: str | None = None
    location: str | None = None
    authority: str | None = None
    declined: bool = False
    failure: Failure | None = None

    def as_facts(self) -> dict[str, Any]:
        """Return `bimi` of a domain."""
        return {
            "status": self.status.value,
            "owner": self.owner,
            "record": self.record,
            "location": self.location,
            "authority": self.authority,
            "declined": self.declined,
            "error": self.failure.as_dict() if self.failure else None,
        }


async def look_up_bimi(domain: str, ask: Ask, selector: str = "default") -> Bimi:
    """Return the BIMI record of a domain."""
    return read_bimi(await ask(f"{selector}._bimi.{domain}", "TXT", True))


def read_bimi(answer: Answer) -> Bimi:
    """Read the answer to the question for the TXT records of the owner name."""
    owner = answer.name
    if answer.outcome is Outcome.ERROR:
        return Bimi(owner, RecordStatus.ERROR, failure=dns_failure(answer))
    found = [text for text in texts(answer) if _VERSION.match(text)]
    if not found:
        return Bimi(owner, RecordStatus.NONE)
    if len(found) > 1:
        return Bimi(owner, RecordStatus.MULTIPLE, failure=unreadable(f"{len(found)} records begin with v=BIMI1"))
    tags, problem = _tags(found[0])
    location, authority = tags.get("l"), tags.get("a")
    if problem is None and location is None:
        problem = "there is no l"
    problem = problem or _not_https("l", location) or _not_https("a", authority)
    status = RecordStatus.VALID if problem is None else RecordStatus.INVALID
    declined = problem is None and not location and not authority
    failure = unreadable(problem) if problem is not None else None
    return Bimi(owner, status, clean(found[0]), _shown(location), _shown(authority), declined, failure)


def _tags(record: str) -> tuple[dict[str, str], str | None]:
    tags: dict[str, str] = {}
    for part in (one.strip(" \t") for one in record.split(";")):
        found = _TAG.fullmatch(part)
        if found is None and part:
            return tags, f"{quoted(clean(part))} is no tag"
        if found is not None:
            if found[1] in tags:
                return tags, f"{found[1]} is there twice"
            tags[found[1]] = found[2].strip(" \t")
    return tags, None


def _not_https(tag: str, uri: str | None) -> str | None:
    if not uri:
        return None
    try:
        return None if web_place(uri).https else f"{tag}={quoted(clean(uri))} is not of https"
    except RefusedPlace as refused:
        return f"{tag}: {refused}"


def _shown(uri: str | None) -> str | None:
    return clean(uri, 500) if uri else None


def judge_bimi(found: Bimi, enforced: bool | None) -> tuple[Finding, ...]:
    """Return what is wrong; *enforced* tells whether DMARC is, None where that is not known."""
    noticed = Noticed()
    if found.status in (RecordStatus.INVALID, RecordStatus.MULTIPLE) and found.failure is not None:
        noticed.add(dmarc.BIMI_RECORD_INVALID, found.owner, found.failure.text)
    if enforced is False and found.status is RecordStatus.VALID and not found.declined:
        noticed.add(dmarc.BIMI_WITHOUT_ENFORCEMENT, found.owner, f"l={found.location or ''}, and DMARC is not enforced")
    return noticed.findings()
