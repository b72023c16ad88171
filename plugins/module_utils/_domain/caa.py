# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAA: which authorities may issue certificates for a host (RFC 8659), and for mail addresses (RFC 9495).

The records that count are the nearest at or above the name, up to the top-level domain (RFC 8659 section 3). A name server that
fails on the way up stops the search: an authority then has to refuse, and nothing is known here.

    value      = *WSP [ domain *WSP ] [ ";" *WSP [ parameters *WSP ] ]
    parameters = tag *WSP "=" *WSP value, separated by ";"

A value of issue, issuewild or issuemail that is malformed permits nobody, as ";" does. Unknown tags do nothing, unless they are critical.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa_authorities import caa_domains
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, dns_failure
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

CRITICAL = 128
ISSUE, ISSUE_WILD, ISSUE_MAIL = "issue", "issuewild", "issuemail"
_PERMITTING = (ISSUE, ISSUE_WILD, ISSUE_MAIL)
KNOWN_TAGS = frozenset((*_PERMITTING, "issuevmc", "iodef", "contactemail", "contactphone"))
"""IANA's registry of tags, but for those that are reserved."""
_TEXT = re.compile(r'([0-9]{1,3}) ([^ "]{1,255}) "(.*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\([0-9]{3}|.)", re.DOTALL)
_LABEL = r"[A-Za-z0-9](?:-*[A-Za-z0-9])*"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PARAMETER = re.compile(rf"({_LABEL})[ \t]*=[ \t]*([!-:<-~]*)")
_ORGANIZATION = re.compile(r"(?:^|[,+])\s*O=((?:[^,+\\]|\\.)*)")


@dataclass(frozen=True)
class Permission:
    """What a value of issue, issuewild or issuemail permits: an authority's domain, empty for none; *malformed* permits none either."""

    domain: str = ""
    parameters: Mapping[str, str] | None = None
    malformed: bool = False


@dataclass(frozen=True)
class CaaRecord:
    """One CAA record (RFC 8659 section 4.1). The tag is in lower case."""

    flags: int
    tag: str
    value: str

    @property
    def critical(self) -> bool:
        """Whether who does not know the tag must not issue."""
        return bool(self.flags & CRITICAL)

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `records`."""
        return {"critical": self.critical, "tag": self.tag, "value": clean(self.value, 1000)}


@dataclass(frozen=True)
class CaaSet:
    """The records that count for a name, and where they were found; NONE: anybody may issue."""

    name: str
    status: RecordStatus
    found_at: str | None = None
    records: tuple[CaaRecord, ...] = ()
    failure: Failure | None = None

    def values(self, tag: str) -> tuple[str, ...] | None:
        """Return the values of a tag; None when no record has it, so that it restricts nobody."""
        found = tuple(one.value for one in self.records if one.tag == tag)
        return found or None

    def permitted(self, *, wildcard: bool = False) -> tuple[Permission, ...] | None:
        """Return who may issue for a host, None for anybody (RFC 8659 sections 4.2 and 4.3)."""
        values = (self.values(ISSUE_WILD) if wildcard else None) or self.values(ISSUE)
        return None if values is None else tuple(read_permission(value) for value in values)

    def as_facts(self) -> dict[str, Any]:
        """Return `caa` of a domain."""
        records = [one.as_facts() for one in self.records]
        shown: dict[str, Any] = {"status": self.status.value, "found_at": self.found_at, "records": records}
        for tag in _PERMITTING:
            values = self.values(tag)
            shown[tag] = None if values is None else [clean(value, 1000).strip() for value in values]
        shown["iodef"] = [clean(value, 1000) for value in self.values("iodef") or ()]
        shown["error"] = self.failure.as_dict() if self.failure else None
        return shown


async def look_up_caa(name: str, ask: Ask) -> CaaSet:
    """Return the records that count for a name."""
    owner = name
    while owner:
        answer = await ask(owner, "CAA", True)
        if answer.outcome is Outcome.ERROR:
            return CaaSet(name, RecordStatus.ERROR, failure=dns_failure(answer))
        if answer.found:
            return read_caa(name, answer)
        owner = owner.partition(".")[2]
    return CaaSet(name, RecordStatus.NONE)


def read_caa(name: str, answer: Answer) -> CaaSet:
    """Read an answer that has records, for a name at or below its owner."""
    records = [_record(one) for one in answer.records if isinstance(one, str)]
    usable = tuple(one for one in records if one is not None)
    broken = any(one is None for one in records) or any(_complaint(one) for one in usable)
    return CaaSet(name, RecordStatus.INVALID if broken else RecordStatus.VALID, answer.name, usable)


def _record(text: str) -> CaaRecord | None:
    """Read presentation format, as dnspython writes it."""
    found = _TEXT.fullmatch(text)
    if found is None or int(found[1]) > 255:
        return None
    value = _ESCAPED.sub(lambda one: chr(int(one[1])) if len(one[1]) == 3 else one[1], found[3])
    return CaaRecord(int(found[1]), clean(found[2]).lower(), value)


def read_permission(value: str) -> Permission:
    """Read a value of issue, issuewild or issuemail."""
    domain, has_parameters, rest = value.partition(";")
    domain, parameters = domain.strip(" \t"), {}
    if domain and not _DOMAIN.fullmatch(domain):
        return Permission(malformed=True)
    if has_parameters and rest.strip(" \t"):
        for part in rest.split(";"):
            found = _PARAMETER.fullmatch(part.strip(" \t"))
            if found is None:
                return Permission(malformed=True)
            parameters[found[1].lower()] = found[2]
    return Permission(domain.lower(), parameters)


def _complaint(record: CaaRecord) -> str | None:
    """What is wrong with the value of a record."""
    if record.tag in _PERMITTING and read_permission(record.value).malformed:
        return f"{record.tag} {quoted(record.value)} is no domain of an authority with parameters"
    return None


def judge_caa(found: CaaSet, issuers: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with the records that count for a name.

    Args:
        found: the records.
        issuers: the issuer (RFC 4514 text) of the leaf that the host serves, by the kind of certificate: `host`, or `wildcard` where the
            certificate is for a wildcard only.
    """
    noticed = Noticed()
    owner = found.found_at or found.name
    for record in found.records:
        complaint = _complaint(record)
        if complaint is not None:
            noticed.add(mail_dns.CAA_SYNTAX, owner, complaint)
        if record.critical and record.tag not in KNOWN_TAGS:
            noticed.add(mail_dns.CAA_UNKNOWN_CRITICAL, owner, f"{record.flags} {record.tag} {quoted(record.value)}")
    for kind, issuer in (issuers or {}).items():
        permitted = found.permitted(wildcard=kind == "wildcard")
        domains = caa_domains(organization_of(issuer) or "")
        if permitted is not None and domains and not any(one.domain in domains for one in permitted):
            names = ", ".join(one.domain for one in permitted if one.domain) or "nobody"
            text = f"the certificate of {found.name} is of {issuer}; {owner} permits {names}"
            noticed.add(mail_dns.CAA_FORBIDS_SERVED_ISSUER, found.name, text)
    return noticed.findings()


def organization_of(issuer: str) -> str | None:
    """Return the organization out of a distinguished name as text (RFC 4514)."""
    found = _ORGANIZATION.search(issuer)
    return re.sub(r"\\(.)", r"\1", found[1]).strip() if found else None
