# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Autodiscover with plain old XML: answers as Outlook reads them, and places in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedTls
from ansible_collections.mailops.tls.plugins.module_utils._domain.autodiscover import (
    Autodiscover,
    AutodiscoverAnswer,
    judge_autodiscover,
    look_up_autodiscover,
    read_autodiscover,
    request_body,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import (
    Document,
    DocumentRequest,
    DocumentState,
    autodiscover_requests,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import ReadingPhase, RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.xml_document import read_xml
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from hypothesis import given
from hypothesis import strategies as st

BOX = "a&b@example.org"
FIRST, SECOND = "https://example.org/autodiscover/autodiscover.xml", "https://autodiscover.example.org/autodiscover/autodiscover.xml"
ERROR_600 = b"<Autodiscover><Response><Error><ErrorCode>600</ErrorCode><Message>Invalid Request</Message></Error></Response></Autodiscover>"


def protocol(kind: str = "IMAP", port: str = "993", more: str = "<SSL>on</SSL>", host: str = "mail.example.org") -> str:
    return f"<Protocol><Type>{kind}</Type><Server>{host}</Server><Port>{port}</Port>{more}</Protocol>"


def xml(*protocols: str) -> bytes:
    head = '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response xmlns="x"><Account>'
    return f"{head}<AccountType>email</AccountType>{''.join(protocols) or protocol()}</Account></Response></Autodiscover>".encode()


def read(*protocols: str) -> AutodiscoverAnswer:
    return read_autodiscover(xml(*protocols), BOX)


def look_up(places: Mapping[str, bytes | int | DocumentState]) -> Autodiscover:
    async def fetch(request: DocumentRequest) -> Document:
        assert request.body == request_body(BOX)
        given = places.get(request.url, DocumentState.ABSENT)
        if isinstance(given, bytes):
            return Document(request.url, DocumentState.FOUND, (), 200, "text/xml", given, len(given), True)
        failure = Failure(ErrorKind.HTTP_ERROR, ReadingPhase.PARSE, "why")
        if isinstance(given, DocumentState):
            return Document(request.url, given, failure=failure)
        return Document(request.url, DocumentState.BROKEN, http_status=given, failure=failure)

    return asyncio.run(look_up_autodiscover("example.org", BOX, autodiscover_requests("example.org", request_body(BOX)), fetch))


def ids(found: Autodiscover) -> list[str]:
    return [one.id for one in judge_autodiscover(found)]


def test_the_request_names_the_mailbox() -> None:
    request = read_xml(request_body(BOX)).find("Request")
    assert request is not None and request.text_of("EMailAddress") == BOX


def test_an_answer() -> None:
    outgoing = protocol("SMTP", "587", "<Encryption>TLS</Encryption><LoginName>ab</LoginName><SPA>off</SPA>")
    found = look_up({SECOND: xml(protocol(), outgoing)})
    assert (found.status, ids(found)) == (RecordStatus.VALID, [])
    facts = found.as_facts()
    assert facts["source"] == SECOND and [one["status"] for one in facts["sources"]] == ["none", "valid", "none"]
    assert facts["servers"][1] == {
        "direction": "outgoing", "type": "smtp", "host": "mail.example.org", "port": 587, "tls_mode": "starttls", "socket_type": "TLS",
        "authentication": [], "username": "ab", "username_template": "ab", "probe": None,
    }  # fmt: skip
    assert facts["servers"][0]["username"] == BOX and facts["servers"][0]["tls_mode"] == "implicit"


@pytest.mark.parametrize(
    ("more", "mode", "word"),
    [
        ("", AnnouncedTls.IMPLICIT, "on"),
        ("<SSL>off</SSL>", AnnouncedTls.PLAIN, "off"),
        ("<SSL>off</SSL><Encryption>SSL</Encryption>", AnnouncedTls.IMPLICIT, "SSL"),
        ("<SSL>on</SSL><Encryption>None</Encryption>", AnnouncedTls.PLAIN, "None"),
        ("<Encryption>Auto</Encryption>", AnnouncedTls.AUTO, "Auto"),
        ("<Encryption>x</Encryption>", None, "x"),
        ("<SSL>yes</SSL>", None, "yes"),
    ],
)
def test_encryption_is_above_ssl(more: str, mode: AnnouncedTls | None, word: str) -> None:
    [server] = read(protocol(port="10993", more=more)).servers
    assert (server.tls_mode, server.socket_type) == (mode, word)


@pytest.mark.parametrize(
    ("kind", "port", "more", "expected"),
    [
        ("IMAP", "993", "<Encryption>TLS</Encryption>", ["autodiscover_encryption_conflict"]),
        ("SMTP", "587", "<SSL>on</SSL>", ["autodiscover_encryption_conflict"]),
        ("SMTP", "587", "<SSL>on</SSL><Encryption>TLS</Encryption>", []),
        ("POP3", "995", "<Encryption>SSL</Encryption>", []),
        ("IMAP", "143", "<SSL>off</SSL>", []),
        ("IMAP", "993", "<Encryption>Auto</Encryption>", []),
        ("IMAP", "993", "<SSL></SSL>", ["autodiscover_ssl_empty"]),
        ("IMAP", "993", "<SSL/><Encryption>SSL</Encryption>", ["autodiscover_ssl_empty"]),
    ],
)
def test_what_is_wrong_with_a_protocol(kind: str, port: str, more: str, expected: list[str]) -> None:
    assert ids(look_up({FIRST: xml(protocol(kind, port, more))})) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"<html></html>", b"<!DOCTYPE html><html>", b"", b"<Autodiscover/>", xml(protocol("EXCH")), xml(protocol(port="x")),
        xml(protocol(host="")),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml(),
    ],
)  # fmt: skip
def test_what_is_no_answer(data: bytes) -> None:
    found = look_up({FIRST: data})
    assert (found.status, ids(found), found.servers) == (RecordStatus.INVALID, ["autodiscover_invalid"], ())
    beside = look_up({FIRST: data, SECOND: xml()})
    assert (beside.status, ids(beside)) == (RecordStatus.VALID, [])


def test_an_error_of_autodiscover_or_a_login_tells_nothing() -> None:
    for answer in (ERROR_600, 401, 403):
        found = look_up({FIRST: answer})
        assert (found.status, ids(found)) == (RecordStatus.ERROR, [])
    assert "600 Invalid Request" in str(read_autodiscover(ERROR_600, BOX).problem)


def test_the_four_states() -> None:
    assert (look_up({}).status, ids(look_up({}))) == (RecordStatus.NONE, [])
    assert look_up({FIRST: DocumentState.ERROR}).status is RecordStatus.ERROR
    assert look_up({FIRST: 500}).status is RecordStatus.ERROR
    assert set(look_up({}).as_facts()) == {"status", "sources", "source", "servers"}


@given(st.one_of(st.binary(), st.lists(st.sampled_from([protocol(), "<x>", "</x>", "&", "<SSL/>", "\x00"])).map(lambda parts: xml(*parts))))
def test_any_bytes(data: bytes) -> None:
    answer = read_autodiscover(data, BOX)
    assert (answer.problem is None) is bool(answer.servers)
