# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS of a domain: record, web server, policy and exchanges beside each other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentRequest, DocumentState
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts import MtaSts, judge_mta_sts, look_up_mta_sts
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode, read_sts_record
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import ReadingPhase, RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import read_tlsrpt
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, absent, failed, found

OWNER, URL = "_mta-sts.example.org", "https://mta-sts.example.org/.well-known/mta-sts.txt"
RECORD = found(OWNER, "TXT", "v=STSv1; id=1")
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 604800\r\n"
SERVED = Document(URL, DocumentState.FOUND, http_status=200, media_type="text/plain", body=POLICY, size=len(POLICY), verified=True)
NOTHING = Document(URL, DocumentState.ABSENT, failure=Failure(ErrorKind.DNS_NOT_FOUND, ReadingPhase.PARSE, "no such host"))


def judge(document: Document = SERVED, answer: Answer = RECORD, exchanges: tuple[str, ...] | None = ("mx.example.org",)) -> MtaSts:
    return judge_mta_sts(read_sts_record(answer), document, exchanges, {"mx.example.org": True})


def serving(old: bytes, new: bytes) -> Document:
    body = POLICY.replace(old, new)
    return replace(SERVED, body=body, size=len(body))


def ending(state: DocumentState, kind: ErrorKind, text: str = "why", status: int | None = None) -> Document:
    return Document(URL, state, http_status=status, failure=Failure(kind, ReadingPhase.PARSE, text))


def ids(result: MtaSts) -> list[str]:
    return [one.id for one in result.findings]


def test_all_is_well() -> None:
    result = judge()
    assert (result.status, result.mode, ids(result), result.failure) == (RecordStatus.VALID, PolicyMode.ENFORCE, [], None)
    assert result.as_facts() == {
        "status": "valid",
        "txt": {"found": True, "records": ["v=STSv1; id=1"], "id": "1"},
        "policy": {
            "url": URL, "fetched": True, "redirects": [], "error": None,
            "http_status": 200, "media_type": "text/plain", "size": len(POLICY), "line_ending": "crlf",
            "version": "STSv1", "mode": "enforce", "mx": ["mx.example.org"], "max_age": 604800,
            "text": "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800",
        },
        "https": None,
        "exchanges": [{"exchange": "mx.example.org", "pattern": "mx.example.org", "matched": True, "certificate_valid": True}],
        "error": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "status", "found_ids"),
    [
        (replace(SERVED, media_type="text/html"), RecordStatus.VALID, ["mta_sts_media_type"]),
        (replace(SERVED, media_type=None), RecordStatus.VALID, ["mta_sts_media_type"]),
        (replace(SERVED, verified=False), RecordStatus.INVALID, ["mta_sts_certificate_invalid"]),
        (serving(b"\r\n", b"\n"), RecordStatus.VALID, ["mta_sts_bare_lf"]),
        (serving(b"enforce", b"on"), RecordStatus.INVALID, ["mta_sts_policy_invalid"]),
        (serving(b"604800", b"99999999"), RecordStatus.INVALID, ["mta_sts_max_age_invalid"]),
        (serving(b"604800", b"3600"), RecordStatus.VALID, ["mta_sts_max_age_low"]),
        (serving(b"enforce\r\n", b"testing\r\n"), RecordStatus.VALID, ["mta_sts_mode_testing"]),
        (serving(b"enforce", b"none"), RecordStatus.VALID, ["mta_sts_mode_none"]),
        (serving(b"mx.", b"*."), RecordStatus.VALID, []),
        (serving(b"max", b"mx: old.example.org\r\nmax"), RecordStatus.VALID, ["mta_sts_pattern_unused"]),
        (serving(b"mx.", b"*.mx."), RecordStatus.VALID, ["mta_sts_exchange_not_listed", "mta_sts_pattern_unused"]),
        (ending(DocumentState.BROKEN, ErrorKind.LIMIT_EXCEEDED), RecordStatus.INVALID, ["mta_sts_policy_too_large"]),
        (ending(DocumentState.ABSENT, ErrorKind.HTTP_ERROR, status=404), RecordStatus.INVALID, ["mta_sts_policy_unreachable"]),
        (ending(DocumentState.BROKEN, ErrorKind.HANDSHAKE_FAILED), RecordStatus.INVALID, ["mta_sts_policy_unreachable"]),
        (ending(DocumentState.ERROR, ErrorKind.CONNECT_REFUSED), RecordStatus.INVALID, ["mta_sts_policy_unreachable"]),
        (NOTHING, RecordStatus.INVALID, ["mta_sts_policy_unreachable"]),
        (ending(DocumentState.ERROR, ErrorKind.DNS_ERROR), RecordStatus.ERROR, []),  # our resolver fails: nobody knows
        (
            replace(ending(DocumentState.BROKEN, ErrorKind.HTTP_ERROR, status=301), redirects=("https://www.example.org/",)),
            RecordStatus.INVALID, ["mta_sts_redirected"],
        ),
    ],
)  # fmt: skip
def test_what_the_web_server_has(document: Document, status: RecordStatus, found_ids: list[str]) -> None:
    result = judge(document)
    assert (result.status, ids(result)) == (status, found_ids)
    assert {one.subject for one in result.findings} <= {URL, "mx.example.org"}
    assert (result.failure is None) is (status is RecordStatus.VALID)
    assert set(result.as_facts()["policy"]) == set(judge().as_facts()["policy"])


@pytest.mark.parametrize(
    ("answer", "document", "status", "found_ids"),
    [
        (found(OWNER, "TXT", "v=STSv1; id=a-b"), SERVED, RecordStatus.INVALID, ["mta_sts_record_invalid"]),
        (found(OWNER, "TXT", "v=STSv1; id=1", "v=STSv1; id=2"), SERVED, RecordStatus.MULTIPLE, ["mta_sts_multiple_records"]),
        (absent(OWNER, "TXT"), SERVED, RecordStatus.NONE, ["mta_sts_policy_without_record"]),
        (absent(OWNER, "TXT"), serving(b"enforce", b"none"), RecordStatus.NONE, []),
        (absent(OWNER, "TXT"), serving(b"STSv1", b"2"), RecordStatus.NONE, []),
        (absent(OWNER, "TXT"), NOTHING, RecordStatus.NONE, []),
        (failed(OWNER, "TXT"), SERVED, RecordStatus.ERROR, []),
        (failed(OWNER, "TXT"), NOTHING, RecordStatus.ERROR, []),
    ],
)
def test_what_dns_has(answer: Answer, document: Document, status: RecordStatus, found_ids: list[str]) -> None:
    result = judge(document, answer)
    assert (result.status, ids(result), result.mode) == (status, found_ids, None)


def test_in_test_mode_a_missing_exchange_is_a_warning() -> None:
    result = judge(serving(b"enforce", b"testing"), exchanges=("other.example.org", "mx.example.org"))
    assert [(one.id, one.severity.value) for one in result.findings][1] == ("mta_sts_exchange_not_listed", "warning")
    assert judge(exchanges=("other.example.org",)).findings[0].severity.value == "error"


def test_an_exchange_without_a_valid_certificate() -> None:
    record = read_sts_record(RECORD)
    for certificate, expected in ((False, ["mta_sts_exchange_certificate_invalid"]), (True, []), (None, [])):
        result = judge_mta_sts(record, SERVED, ["mx.example.org"], {"mx.example.org": certificate})
        assert ids(result) == expected and result.exchanges[0].certificate_valid is certificate


def test_exchanges_that_are_not_known_are_not_compared() -> None:
    assert judge(exchanges=None).exchanges == () and ids(judge(exchanges=None)) == []


@pytest.mark.parametrize(
    ("reports", "dane", "document", "wanted"),
    [
        (absent("_smtp._tls.example.org", "TXT"), False, SERVED, True),
        (absent("_smtp._tls.example.org", "TXT"), True, NOTHING, True),
        (absent("_smtp._tls.example.org", "TXT"), False, NOTHING, False),
        (failed("_smtp._tls.example.org", "TXT"), True, SERVED, False),
        (found("_smtp._tls.example.org", "TXT", "v=TLSRPTv1; rua=mailto:t@example.org"), True, SERVED, False),
    ],
)
def test_failures_should_be_reported(reports: Answer, dane: bool, document: Document, wanted: bool) -> None:
    result = judge_mta_sts(read_sts_record(RECORD), document, None, {}, tlsrpt=read_tlsrpt(reports), dane=dane)
    assert ("mta_sts_without_tlsrpt" in ids(result)) is wanted


def test_record_and_policy_are_looked_up_whatever_the_other_is() -> None:
    asked: list[str] = []

    async def fetch(request: DocumentRequest) -> Document:
        asked.append(request.url)
        return NOTHING

    record, document = asyncio.run(look_up_mta_sts("example.org", SmallDns().ask, fetch))
    assert (record.status, document, asked) == (RecordStatus.NONE, NOTHING, [URL])
