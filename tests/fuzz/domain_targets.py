# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of what a domain publishes: records, the MTA-STS policy, documents of settings, and the HTTP that brings them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http import HttpPhase, HttpRequest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome, RecordData, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig_document import read_autoconfig
from ansible_collections.mailops.tls.plugins.module_utils._domain.autodiscover import read_autodiscover
from ansible_collections.mailops.tls.plugins.module_utils._domain.bimi import judge_bimi, read_bimi
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa import judge_caa, read_caa
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentState
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts import judge_mta_sts
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import read_sts_policy, read_sts_record
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import read_soa
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import read_tlsrpt
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean

_URL = "https://mta-sts.example.org/.well-known/mta-sts.txt"
_STATES = {RecordStatus.VALID, RecordStatus.INVALID, RecordStatus.MULTIPLE, RecordStatus.NONE}


def domain_record(data: bytes) -> None:
    """Every record is read by every reader that takes its kind; lines are records of one answer."""
    lines = data.split(b"\n")[:5]
    txt = Answer("example.org", "TXT", Outcome.FOUND, tuple(TxtRecord((line[:255], line[255:])) for line in lines), "example.org")
    report, record, bimi = read_tlsrpt(txt), read_sts_record(txt), read_bimi(txt)
    assert {report.status, record.status, bimi.status} <= _STATES
    _shown(report.as_facts(), report.findings)
    _shown(record.as_facts(), ())
    _shown(bimi.as_facts(), judge_bimi(bimi, False))
    texts: tuple[RecordData, ...] = tuple(line.decode("utf-8", "replace") for line in lines)
    caa = read_caa("mx.example.org", Answer("example.org", "CAA", Outcome.FOUND, texts, "example.org"))
    _shown(caa.as_facts(), judge_caa(caa, {"host": "CN=E7,O=Let's Encrypt,C=US"}))
    soa = read_soa(Answer("example.org", "SOA", Outcome.FOUND, texts, "example.org"))
    assert soa is None or (is_clean(soa.mname) and is_clean(soa.rname))


def mta_sts_policy(data: bytes) -> None:
    """A policy is read; where it is valid, its values are those that a sender may use."""
    policy = read_sts_policy(data)
    if policy.valid:
        assert policy.version == "STSv1" and policy.mode is not None and 0 <= (policy.max_age or 0) <= 31557600
    record = read_sts_record(Answer("_mta-sts.example.org", "TXT", Outcome.FOUND, (TxtRecord((b"v=STSv1; id=1",)),)))
    document = Document(_URL, DocumentState.FOUND, (), 200, "text/plain", data, len(data), True)
    judged = judge_mta_sts(record, document, ["mx.example.org"], {})
    assert (judged.status is RecordStatus.VALID) is policy.valid
    facts = judged.as_facts()
    assert all(is_clean(line) for line in facts["policy"].pop("text").split("\n"))
    _shown(facts, judged.findings)


def settings_document(data: bytes) -> None:
    """A document of settings is read or refused, and servers that are kept can be connected to."""
    autoconfig = read_autoconfig(data, "example.org", "a@example.org")
    autodiscover = read_autodiscover(data, "a@example.org")
    assert (autoconfig.problem is None) is bool(autoconfig.servers) and (autodiscover.problem is None) is bool(autodiscover.servers)
    for server in (*autoconfig.servers, *autodiscover.servers):
        assert server.host and server.host.isascii() and server.port is not None and 0 < server.port < 65536
        _shown(server.as_facts(), ())
    texts = (autoconfig.problem, autodiscover.problem, *autoconfig.domains, *autoconfig.unknown_sockets, *autodiscover.conflicts)
    assert all(is_clean(text) for text in texts if text is not None)


def http(data: bytes) -> None:
    """A dialogue of HTTP ends, whatever is answered, with a document within its limit or with a failure. The first byte is the step."""
    step = data[0] % 32 + 1 if data else 1
    dialogue = HttpRequest("example.org", "/", document_limit=1000).start(TlsMode.NONE)
    dialogue.next_step(0)
    for at in range(1, len(data), step):
        dialogue.receive(data[at : at + step])
        if isinstance(dialogue.next_step(0), Finished):
            break
    else:
        dialogue.fail(Failure(ErrorKind.DISCONNECTED, HttpPhase.HTTP, "the server closed the connection"))
    response, failure = dialogue.log.response, dialogue.log.failure
    assert (response is None) is (failure is not None)
    if response is not None:
        assert len(response.body) <= 1000 and 100 < response.status < 600 and is_clean(response.reason)
        assert all(is_clean(value) for value in response.fields.values())
    if failure is not None:
        assert is_clean(failure.text)


def _shown(facts: Any, findings: Iterable[Finding]) -> None:
    """What results tell is clean text, and not more than a person reads."""
    for one in findings:
        assert is_clean(one.text) and is_clean(one.subject) and len(one.text) < 4096
    for text in _texts(facts):
        assert is_clean(text) and len(text) <= 4096


def _texts(facts: Any) -> Iterable[str]:
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, dict):
        for value in facts.values():
            yield from _texts(value)
    elif isinstance(facts, (list, tuple)):
        for value in facts:
            yield from _texts(value)
