# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Autoconfig: documents of both formats, places in their order, and what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedTls, ProbedServer
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig import Autoconfig, judge_autoconfig, look_up_autoconfig
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig_document import (
    MOST_SERVERS,
    AutoconfigDocument,
    Mailbox,
    read_autoconfig,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import (
    Document,
    DocumentRequest,
    DocumentState,
    autoconfig_requests,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import ReadingPhase, RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from hypothesis import given
from hypothesis import strategies as st

BOX = "o'brien@example.org"
SERVER = """<incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType>
<authentication>OAuth2</authentication><authentication system="http">basic</authentication>
<authentication>password-cleartext</authentication><username>%EMAILADDRESS%</username></incomingServer>"""
OUTGOING = """<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType>
<username>%EMAILLOCALPART%</username></outgoingServer>"""
HOSTERS = autoconfig_requests("example.org", BOX, "mx.hoster.example.net")[-1].url
FIRST, SECOND, THIRD = (one.url for one in autoconfig_requests("example.org", BOX)[:3])


def xml(*servers: str, domain: str = "example.org", version: str = "1.1") -> bytes:
    inner = "".join(servers) or SERVER + OUTGOING
    return f"""<?xml version="1.0"?><clientConfig version="{version}"><emailProvider id="x"><domain>{domain}</domain>
    <displayName>X</displayName>{inner}</emailProvider><webMail/><futureThing a="b"/></clientConfig>""".encode()


def read(data: bytes) -> AutoconfigDocument:
    return read_autoconfig(data, "example.org", BOX)


def look_up(places: Mapping[str, bytes | DocumentState], verified: bool = True) -> Autoconfig:
    async def fetch(request: DocumentRequest) -> Document:
        given = places.get(request.url, DocumentState.ABSENT)
        if isinstance(given, DocumentState):
            return Document(request.url, given, failure=Failure(ErrorKind.HTTP_ERROR, ReadingPhase.PARSE, "status 404"))
        secure = verified if request.url.startswith("https") else None
        return Document(request.url, DocumentState.FOUND, (), 200, "text/xml", given, len(given), secure)

    requests = autoconfig_requests("example.org", BOX, "mx.hoster.example.net")
    return asyncio.run(look_up_autoconfig("example.org", BOX, requests, fetch))


def ids(found: Autoconfig) -> list[str]:
    return [one.id for one in judge_autoconfig(found)]


def test_a_document() -> None:
    document = read(xml())
    assert (document.version, document.applies, document.problem) == ("1.1", True, None)
    incoming, outgoing = document.servers
    assert incoming.as_facts() == {
        "direction": "incoming", "type": "imap", "host": "imap.example.org", "port": 993, "tls_mode": "implicit", "socket_type": "SSL",
        "authentication": ["OAuth2", "password-cleartext"], "username": BOX, "username_template": "%EMAILADDRESS%", "probe": None,
    }  # fmt: skip
    assert (outgoing.direction, outgoing.type, outgoing.username) == ("outgoing", "smtp", "o'brien")
    assert outgoing.tls_mode is AnnouncedTls.STARTTLS


def test_what_is_new_in_a_format_is_no_mistake() -> None:
    ways = '<authentication system="http">OAuth2</authentication>'
    jmap = f'<incomingServer type="jmap"><url>https://jmap.example.org/</url>{ways}</incomingServer>'
    document = read(xml(jmap, SERVER, "<calendar type='caldav'/>", version="1.2"))
    assert (document.version, document.problem, document.unknown_sockets, len(document.servers)) == ("1.2", None, (), 1)
    assert read(xml(version="9")).problem is None and read(xml().replace(b' version="1.1"', b"")).version is None


@pytest.mark.parametrize(
    ("domain", "applies"),
    [("example.org", True), ("EXAMPLE.org.", True), ("%EMAILDOMAIN%", True), ("hoster.example", False), ("", False)],
)
def test_whose_document_it_is(domain: str, applies: bool) -> None:
    found = look_up({FIRST: xml(domain=domain)})
    assert found.sources[0].as_facts()["applies"] is applies
    assert ids(found) == ([] if applies else ["autoconfig_domain_not_listed"])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SSL", "plain", ["autoconfig_cleartext_server"]),
        ("SSL", "SSL/TLS", ["autoconfig_document_invalid", "autoconfig_socket_type_unknown"]),
        ("<socketType>SSL</socketType>", "", ["autoconfig_document_invalid", "autoconfig_socket_type_unknown"]),
        ("SSL", "tls", []),
        ("%EMAILADDRESS%", "%USER%", ["autoconfig_placeholder_unknown"]),
        ("%EMAILADDRESS%", "%REALNAME% 100%", []),
        ("<username>%EMAILADDRESS%</username>", "", []),
        ("imap.%EMAILDOMAIN%", "Müller.example", []),
        ("993", "99999", ["autoconfig_document_invalid"]),
        ("993", "\u0669\u0669", ["autoconfig_document_invalid"]),
        ("imap.%EMAILDOMAIN%", "a b", ["autoconfig_document_invalid"]),
    ],
)
def test_what_is_wrong_with_a_server(old: str, new: str, expected: list[str]) -> None:
    assert ids(look_up({FIRST: xml(SERVER.replace(old, new))})) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<html><body>404</body></html>", "autoconfig_document_invalid"),
        (b"<!DOCTYPE html><html><br></html>", "autoconfig_document_invalid"),
        (b"<clientConfig/>", "autoconfig_document_invalid"),
        (b"<clientConfig><emailProvider/></clientConfig>", "autoconfig_document_invalid"),
        (b"", "autoconfig_document_invalid"),
        (b'<!DOCTYPE c [<!ENTITY a "b">]>' + xml(), "autoconfig_entity"),
    ],
)
def test_what_is_no_document(data: bytes, expected: str) -> None:
    found = look_up({FIRST: data})
    assert found.status is RecordStatus.INVALID and expected in ids(found) and found.servers == ()
    assert found.sources[0].as_facts()["error"]["kind"] == "document_invalid"


def test_a_page_for_everything_is_nothing_where_another_place_has_the_document() -> None:
    found = look_up({FIRST: b"<!DOCTYPE html><html>", SECOND: xml()})
    assert (found.status, ids(found)) == (RecordStatus.VALID, []) and found.as_facts()["source"] == SECOND


def test_what_a_hoster_has_for_all_is_judged_only_where_it_is_taken() -> None:
    others = xml(domain="hoster.example.net")
    assert ids(look_up({FIRST: xml(), HOSTERS: others})) == []
    assert ids(look_up({HOSTERS: others})) == ["autoconfig_domain_not_listed"]


def test_the_first_place_counts_and_https_before_http() -> None:
    both = look_up({FIRST: xml(), SECOND: xml(SERVER.replace("993", "994"))})
    assert both.as_facts()["source"] == FIRST and both.servers[0].port == 993 and ids(both) == []
    assert [one["url"] for one in both.as_facts()["sources"]][:2] == [FIRST, SECOND]


def test_the_four_states() -> None:
    assert (look_up({}).status, ids(look_up({}))) == (RecordStatus.NONE, ["autoconfig_missing"])
    unknown = look_up({SECOND: DocumentState.ERROR})
    assert (unknown.status, ids(unknown)) == (RecordStatus.ERROR, ["autoconfig_unreachable"])
    assert look_up({SECOND: DocumentState.BROKEN}).status is RecordStatus.ERROR
    assert set(look_up({}).as_facts()) == {"status", "sources", "source", "servers"}


@pytest.mark.parametrize(("places", "verified"), [({THIRD: xml()}, True), ({FIRST: xml()}, False)])
def test_without_a_certificate_that_is_valid(places: dict[str, bytes], verified: bool) -> None:
    found = look_up(places, verified)
    assert (found.status, ids(found)) == (RecordStatus.VALID, ["autoconfig_http_only"])


def test_a_server_that_fails() -> None:
    found = look_up({FIRST: xml()})
    name = found.servers[0].name
    assert name == "imap imap.example.org:993"
    [finding] = judge_autoconfig(found, {name: ProbedServer(False, "connection refused")})
    assert (finding.id, finding.subject, finding.text) == ("autoconfig_server_fails", name, "SSL: connection refused")
    assert judge_autoconfig(found, {name: ProbedServer(None)}) == ()
    assert found.as_facts({name: {"status": "failed"}})["servers"][0]["probe"] == {"status": "failed"}


def test_placeholders() -> None:
    box = Mailbox("a.b@example.org")
    assert box.fill("%EMAILLOCALPART%+x@%EMAILDOMAIN% %EMAILADDRESS%%%") == "a.b+x@example.org a.b@example.org%%"
    assert box.fill("%emailaddress%") == "%emailaddress%"


def test_ten_thousand_servers() -> None:
    assert read(xml(*["<incomingServer type='imap'/>"] * 9000)).problem is not None
    many = read(xml(*[SERVER] * 900))
    assert len(many.servers) == MOST_SERVERS
    assert "elements" in str(read(xml(*[SERVER] * 2000)).problem)


PIECES = [SERVER, OUTGOING, "<x>", "</x>", "%", "&", "<port>", "\x00"]


@given(st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(lambda parts: xml(*parts))))
def test_any_bytes(data: bytes) -> None:
    document = read(data)
    assert (document.problem is None) is bool(document.servers)
    assert all(one.host and one.port and one.tls_mode for one in document.servers)
