# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSRPT: where senders report failures of TLS to (RFC 8460 section 3).

    tlsrpt-record = "v=TLSRPTv1" 1*( *WSP ";" *WSP field ) [ *WSP ";" *WSP ]
    field         = "rua=" URI *( *WSP "," *WSP URI )  /  name "=" value

Records that do not begin with `v=TLSRPTv1;` are nothing to senders. One that was meant to be such a record is told as broken. Several
fields `rua` are allowed. What a sender does not know it ignores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mta_sts
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import RefusedPlace, web_place
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, dns_failure, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.version_tag import VersionTag
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

VERSION = "v=TLSRPTv1"
MOST_URIS = 20
_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=(.+)", re.DOTALL)
_TAG = VersionTag(VERSION, "TLS-?RPT")
_MAILTO = re.compile(r"mailto:[^@\s?]+@([^@\s?]+)(?:\?.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class ReportUri:
    """One address of reports: as written, and its scheme in lower case; whether reports can be sent there."""

    uri: str
    scheme: str
    usable: bool

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `rua`."""
        return {"uri": self.uri, "scheme": self.scheme}


@dataclass(frozen=True)
class TlsRpt:
    """The TLSRPT record of a domain, and what is wrong with it. `failure` is why it is not valid, where there is one."""

    owner: str
    status: RecordStatus
    record: str | None = None
    rua: tuple[ReportUri, ...] = ()
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def published(self) -> bool | None:
        """Whether senders have somewhere to report to; None when that is not known."""
        return None if self.status is RecordStatus.ERROR else self.status is RecordStatus.VALID

    def as_facts(self) -> dict[str, Any]:
        """Return `tlsrpt` of a domain."""
        return {
            "status": self.status.value,
            "record": self.record,
            "rua": [one.as_facts() for one in self.rua],
            "error": self.failure.as_dict() if self.failure else None,
        }


async def look_up_tlsrpt(domain: str, ask: Ask) -> TlsRpt:
    """Return the TLSRPT record of a domain."""
    return read_tlsrpt(await ask(tlsrpt_owner(domain), "TXT", True))


def tlsrpt_owner(domain: str) -> str:
    """Return the owner name of the record."""
    return f"_smtp._tls.{domain}"


def read_tlsrpt(answer: Answer) -> TlsRpt:
    """Read the answer to the question for the TXT records of the owner name."""
    owner, noticed = answer.name, Noticed()
    if answer.outcome is Outcome.ERROR:
        return TlsRpt(owner, RecordStatus.ERROR, failure=dns_failure(answer))
    found, usable = _TAG.records(answer)
    if not found:
        return TlsRpt(owner, RecordStatus.NONE)
    if len(usable) > 1:
        text = f"{len(usable)} records begin with {VERSION};"
        noticed.add(mta_sts.TLSRPT_MULTIPLE_RECORDS, owner, text)
        return TlsRpt(owner, RecordStatus.MULTIPLE, failure=unreadable(text), findings=noticed.findings())
    record = (usable or found)[0]
    problem, rua = _read(record)
    if not usable:
        problem, rua = _TAG.mistake(record), ()
    if problem is not None:
        noticed.add(mta_sts.TLSRPT_RECORD_INVALID, owner, problem)
    elif not any(one.usable for one in rua):
        problem = "no report address is one of mailto or https"
    for one in rua:
        if not one.usable:
            noticed.add(mta_sts.TLSRPT_RUA_INVALID, owner, f"rua={quoted(one.uri)} is no address of mailto or https")
    status = RecordStatus.VALID if problem is None else RecordStatus.INVALID
    failure = unreadable(problem) if problem is not None else None
    return TlsRpt(owner, status, clean(record), rua, failure, noticed.findings())


def _read(record: str) -> tuple[str | None, tuple[ReportUri, ...]]:
    """Return what is wrong with a record, if anything is, and its addresses."""
    problem: str | None = None
    rua: list[ReportUri] = []
    fields = [one.strip(" \t") for one in record.split(";")[1:]]
    for number, field in enumerate(fields):
        found = _FIELD.fullmatch(field)
        if found is None:
            if field or number != len(fields) - 1:  # one delimiter may end the record
                problem = problem or f"{quoted(clean(field))} is no field"
        elif found[1] == "rua":
            rua += _uris(found[2])
    if not rua:
        problem = problem or "there is no rua"
    return problem, tuple(rua[:MOST_URIS])


def _uris(value: str) -> Iterator[ReportUri]:
    for uri in [one.strip(" \t") for one in value.split(",")][:MOST_URIS]:
        scheme = uri.partition(":")[0].lower() if ":" in uri else ""
        yield ReportUri(clean(uri, 500), clean(scheme, 30), _is_usable(uri, scheme))


def _is_usable(uri: str, scheme: str) -> bool:
    """RFC 8460 knows mailto and https; an exclamation mark must be encoded."""
    if "!" in uri:
        return False
    if scheme == "https":
        try:
            return web_place(uri).https
        except RefusedPlace:
            return False
    found = _MAILTO.fullmatch(uri)
    return found is not None and is_hostname(found[1])
