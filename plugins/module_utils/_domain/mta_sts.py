# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS of a domain: record, policy, web server and exchanges together, and what is wrong between them (RFC 8461).

    record      there       the policy has to be there too, by a certificate for mta-sts.DOMAIN, without redirect
                absent      a policy that is served all the same does nothing
                multiple    senders take it for absent
                broken      the same
                not known   nothing is said about the policy

A resolver that fails is no policy that fails: then nothing is known. What the texts say is `mta_sts_text.py`'s to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mta_sts
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentState, Fetch, mta_sts_request
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import (
    POLICY_LIMIT,
    PolicyMode,
    StsPolicy,
    StsRecord,
    matching_pattern,
    read_sts_policy,
    read_sts_record,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus, unreadable
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import TlsRpt
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity

LOW_MAX_AGE = 86400
"""Below a day an attacker has to block one fetch only; section 3.2 expects weeks."""


@dataclass(frozen=True)
class PolicyExchange:
    """One exchange beside the policy: the pattern that it matches, and whether its certificate is valid, None where that is not known."""

    exchange: str
    pattern: str | None
    certificate_valid: bool | None = None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `exchanges`."""
        return {
            "exchange": self.exchange,
            "pattern": self.pattern,
            "matched": self.pattern is not None,
            "certificate_valid": self.certificate_valid,
        }


@dataclass(frozen=True)
class MtaSts:
    """MTA-STS of a domain. `policy` is None where no text of one was had; `failure` is why the whole is not valid."""

    status: RecordStatus
    record: StsRecord
    document: Document
    policy: StsPolicy | None = None
    exchanges: tuple[PolicyExchange, ...] = ()
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def mode(self) -> PolicyMode | None:
        """What senders that have no older policy go by; None where they have none."""
        return self.policy.mode if self.policy is not None and self.status is RecordStatus.VALID else None

    def as_facts(self) -> dict[str, Any]:
        """Return `mta_sts` of a domain."""
        policy, document = self.policy or StsPolicy(), self.document
        return {
            "status": self.status.value,
            "txt": self.record.as_facts(),
            "policy": {
                "url": document.url,
                "fetched": document.found,
                "redirects": list(document.redirects),
                "error": document.failure.as_dict() if document.failure else None,
                "http_status": document.http_status,
                "media_type": document.media_type,
                "size": document.size,
                "line_ending": policy.line_ending,
                "version": policy.version,
                "mode": policy.mode.value if policy.mode else None,
                "mx": list(policy.mx),
                "max_age": policy.max_age,
                "text": policy.text if self.policy else None,
            },
            "https": dict(document.https) if document.https is not None else None,
            "exchanges": [one.as_facts() for one in self.exchanges],
            "error": self.failure.as_dict() if self.failure else None,
        }


def mta_sts_owner(domain: str) -> str:
    """Return the owner name of the record."""
    return f"_mta-sts.{domain}"


async def look_up_mta_sts(domain: str, ask: Ask, fetch: Fetch) -> tuple[StsRecord, Document]:
    """Return the record of a domain and what its policy's place has, also where no record announces it."""
    record = read_sts_record(await ask(mta_sts_owner(domain), "TXT", True))
    return record, await fetch(mta_sts_request(domain))


def judge_mta_sts(
    record: StsRecord,
    document: Document,
    exchanges: Sequence[str] | None,
    certificates: Mapping[str, bool | None],
    *,
    tlsrpt: TlsRpt | None = None,
    dane: bool = False,
) -> MtaSts:
    """Put record, policy and exchanges together.

    Args:
        record: what DNS has.
        document: what the web server has.
        exchanges: the exchanges of the domain; None where they are not known.
        certificates: by exchange whether its certificate is valid for its name; what is missing is not known.
        tlsrpt: the TLSRPT record; None where it was not asked for.
        dane: whether exchanges have TLSA records, which also want reports.
    """
    noticed = Noticed()
    policy = read_sts_policy(document.body) if document.found else None
    _judge_record(record, document, policy, noticed)
    status, failure = record.status, record.failure
    compared: tuple[PolicyExchange, ...] = ()
    if record.status is RecordStatus.VALID:
        status, failure = _judge_policy(document, policy, noticed)
    if status is RecordStatus.VALID and policy is not None:
        compared = _compare(policy, document.url, exchanges, certificates, noticed)
    if (status is RecordStatus.VALID or dane) and tlsrpt is not None and tlsrpt.published is False:
        what = "MTA-STS" if status is RecordStatus.VALID else "DANE"
        noticed.add(mta_sts.MTA_STS_WITHOUT_TLSRPT, tlsrpt.owner, f"the domain has {what}, and no TLSRPT record that can be used")
    return MtaSts(status, record, document, policy, compared, failure, noticed.findings())


def _judge_record(record: StsRecord, document: Document, policy: StsPolicy | None, noticed: Noticed) -> None:
    text = record.failure.text if record.failure else ""
    if record.status is RecordStatus.INVALID:
        noticed.add(mta_sts.MTA_STS_RECORD_INVALID, record.owner, text)
    elif record.status is RecordStatus.MULTIPLE:
        noticed.add(mta_sts.MTA_STS_MULTIPLE_RECORDS, record.owner, text)
    elif record.status is RecordStatus.NONE and policy is not None and policy.valid and policy.mode is not PolicyMode.NONE:
        noticed.add(mta_sts.MTA_STS_POLICY_WITHOUT_RECORD, record.owner, f"{document.url} has a policy of mode {_mode(policy)}")


def _judge_policy(document: Document, policy: StsPolicy | None, noticed: Noticed) -> tuple[RecordStatus, Failure | None]:
    """Judge what a record announces."""
    failure, url = document.failure, document.url
    if document.verified is False:
        noticed.add(mta_sts.MTA_STS_CERTIFICATE_INVALID, url, _certificate_text(document))
    if policy is None:
        _judge_absent(document, noticed)
        unknown = failure is not None and failure.kind is ErrorKind.DNS_ERROR
        return RecordStatus.ERROR if unknown else RecordStatus.INVALID, failure
    if document.media_type != "text/plain":
        noticed.add(mta_sts.MTA_STS_MEDIA_TYPE, url, f"the media type is {document.media_type or 'not given'} and not text/plain")
    if policy.line_ending in ("lf", "mixed"):
        noticed.add(mta_sts.MTA_STS_BARE_LF, url, f"line ends: {policy.line_ending}")
    if policy.problem is not None:
        noticed.add(mta_sts.MTA_STS_POLICY_INVALID, url, policy.problem)
    if policy.age_problem is not None:
        noticed.add(mta_sts.MTA_STS_MAX_AGE_INVALID, url, policy.age_problem)
    problem = policy.problem or policy.age_problem
    if problem is not None:
        return RecordStatus.INVALID, unreadable(problem)
    if document.verified is False:
        return RecordStatus.INVALID, unreadable(_certificate_text(document))
    _judge_mode(policy, url, noticed)
    return RecordStatus.VALID, None


def _judge_absent(document: Document, noticed: Noticed) -> None:
    """Say why there is no policy. Where our own resolver fails, nobody knows."""
    failure = document.failure
    kind = failure.kind if failure is not None else None
    if document.redirected:
        noticed.add(mta_sts.MTA_STS_REDIRECTED, document.url, f"status {document.http_status}, to {document.redirects[-1]}")
        return
    text = failure.text if failure is not None else f"status {document.http_status}"
    if kind is ErrorKind.LIMIT_EXCEEDED and document.state is DocumentState.BROKEN:
        noticed.add(mta_sts.MTA_STS_POLICY_TOO_LARGE, document.url, f"{text}; senders read {POLICY_LIMIT} octets or so")
    elif kind is not ErrorKind.DNS_ERROR:
        noticed.add(mta_sts.MTA_STS_POLICY_UNREACHABLE, document.url, text)


def _certificate_text(document: Document) -> str:
    verification = (document.https or {}).get("verification") or {}
    error = verification.get("error") or {}
    return f"the certificate of {document.url} is not valid" + (f": {error['text']}" if error.get("text") else "")


def _judge_mode(policy: StsPolicy, url: str, noticed: Noticed) -> None:
    if policy.mode is PolicyMode.TESTING:
        noticed.add(mta_sts.MTA_STS_MODE_TESTING, url, "mode: testing")
    elif policy.mode is PolicyMode.NONE:
        noticed.add(mta_sts.MTA_STS_MODE_NONE, url, "mode: none")
    elif policy.max_age is not None and policy.max_age < LOW_MAX_AGE:
        noticed.add(mta_sts.MTA_STS_MAX_AGE_LOW, url, f"max_age is {policy.max_age} seconds")


def _compare(
    policy: StsPolicy, url: str, exchanges: Sequence[str] | None, certificates: Mapping[str, bool | None], noticed: Noticed
) -> tuple[PolicyExchange, ...]:
    """Compare the patterns with the exchanges that there are."""
    if exchanges is None or policy.mode is PolicyMode.NONE:
        return ()
    compared = tuple(PolicyExchange(one, matching_pattern(policy.mx, one), certificates.get(one)) for one in exchanges)
    severity = Severity.WARNING if policy.mode is PolicyMode.TESTING else None
    for one in compared:
        if one.pattern is None:
            noticed.add(mta_sts.MTA_STS_EXCHANGE_NOT_LISTED, one.exchange, f"mx of {url}: {', '.join(policy.mx[:10])}", severity)
        if one.certificate_valid is False:
            text = f"the policy of mode {_mode(policy)} asks for a valid certificate of {one.exchange}"
            noticed.add(mta_sts.MTA_STS_EXCHANGE_CERTIFICATE_INVALID, one.exchange, text, severity)
    for pattern in policy.mx:
        if compared and not any(matching_pattern((pattern,), one.exchange) for one in compared):
            noticed.add(mta_sts.MTA_STS_PATTERN_UNUSED, url, f"mx: {pattern}")
    return compared


def _mode(policy: StsPolicy) -> str:
    return policy.mode.value if policy.mode else "none"
