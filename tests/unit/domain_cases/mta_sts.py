# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding on MTA-STS and TLSRPT that needs no connection a case that has it and a near one that has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mta_sts
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import DocumentState
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import POLICY, POLICY_URL, FindingCase, Page, Situation, lines, page

REFUSED = Failure(ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT, "connection refused")
TOO_LARGE = Failure(ErrorKind.LIMIT_EXCEEDED, CommonPhase.CONNECT, "more than 65536 octets")
NO_NAME = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, "SERVFAIL")


def _served(one: Page, *more: str) -> Situation:
    return replace(lines(*more), pages={POLICY_URL: one})


def _policy(kind: FindingKind, old: bytes, new: bytes, right: bytes = POLICY) -> FindingCase:
    """A policy in which something stands in place of what is right."""
    assert old in POLICY
    return FindingCase(kind, _served(POLICY.replace(old, new)), _served(right))


def _document(kind: FindingKind, **changes: Any) -> FindingCase:
    return FindingCase(kind, _served(page(POLICY_URL, POLICY, **changes)), _served(POLICY))


def _not_there(kind: FindingKind, right: Situation, **changes: Any) -> FindingCase:
    return FindingCase(kind, _served(page(POLICY_URL, **changes)), right)


def _record(kind: FindingKind, owner: str, wrong: str, right: str) -> FindingCase:
    return FindingCase(kind, lines(f"{owner} TXT {wrong}"), lines(f"{owner} TXT {right}"))


_RPT, _STS = "_smtp._tls", "_mta-sts"
_REPORTS = "v=TLSRPTv1; rua=mailto:r@example.com"
_UNKNOWN = _served(page(POLICY_URL, state=DocumentState.ERROR, failure=NO_NAME, http_status=None))
MTA_STS_CASES = (
    _record(mta_sts.MTA_STS_RECORD_INVALID, _STS, "v=STSv1; id=2026-01-01", "v=STSv1; id=20260101;"),
    FindingCase(
        mta_sts.MTA_STS_MULTIPLE_RECORDS,
        lines("_mta-sts TXT v=STSv1; id=1", "_mta-sts TXT v=STSv1; id=2"),
        lines("_mta-sts TXT v=STSv1; id=1", "_mta-sts TXT site=2"),
    ),
    _not_there(mta_sts.MTA_STS_POLICY_UNREACHABLE, _UNKNOWN, state=DocumentState.ERROR, failure=REFUSED, http_status=None),
    _not_there(
        mta_sts.MTA_STS_REDIRECTED, _served(POLICY),
        state=DocumentState.BROKEN, http_status=301, redirects=("https://example.com/",), failure=REFUSED,
    ),  # fmt: skip
    _document(mta_sts.MTA_STS_CERTIFICATE_INVALID, verified=False),
    _document(mta_sts.MTA_STS_MEDIA_TYPE, media_type="text/html"),
    _policy(mta_sts.MTA_STS_POLICY_INVALID, b"mode: enforce", b"mode: strict"),
    _not_there(
        mta_sts.MTA_STS_POLICY_TOO_LARGE, _UNKNOWN, state=DocumentState.BROKEN, failure=TOO_LARGE, http_status=200
    ),
    _policy(mta_sts.MTA_STS_BARE_LF, b"\r\n", b"\n"),
    _policy(mta_sts.MTA_STS_MODE_TESTING, b"enforce", b"testing"),
    _policy(mta_sts.MTA_STS_MODE_NONE, b"enforce", b"none"),
    _policy(mta_sts.MTA_STS_MAX_AGE_LOW, b"604800", b"3600"),
    _policy(mta_sts.MTA_STS_MAX_AGE_INVALID, b"604800", b"99999999", POLICY.replace(b"604800", b"31557600")),
    _policy(mta_sts.MTA_STS_EXCHANGE_NOT_LISTED, b"mx.example", b"*.mx.example", POLICY.replace(b"mx.example", b"*.example")),
    _policy(mta_sts.MTA_STS_PATTERN_UNUSED, b"mx: ", b"mx: old.example.com\r\nmx: "),
    FindingCase(mta_sts.MTA_STS_POLICY_WITHOUT_RECORD, lines("_mta-sts TXT -"), _served(b"<html>", "_mta-sts TXT -")),
    FindingCase(
        mta_sts.MTA_STS_WITHOUT_TLSRPT, lines("_smtp._tls TXT -"), lines("_smtp._tls TXT -", "_mta-sts TXT -")
    ),
    _record(mta_sts.TLSRPT_RECORD_INVALID, _RPT, "v=TLSRPTv1; mailto:r@example.com", _REPORTS),
    FindingCase(
        mta_sts.TLSRPT_MULTIPLE_RECORDS,
        lines(f"{_RPT} TXT {_REPORTS}", f"{_RPT} TXT {_REPORTS};"),
        lines(f"{_RPT} TXT {_REPORTS}", f"{_RPT} TXT site=1"),
    ),
    _record(mta_sts.TLSRPT_RUA_INVALID, _RPT, "v=TLSRPTv1; rua=r@example.com", _REPORTS),
)
