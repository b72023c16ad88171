# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents fetched from web servers on loopback addresses: what each server does, and what comes of it."""

from __future__ import annotations

import asyncio
import atexit
import functools
import gzip
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http import HttpLog
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http_response import HttpResponse
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentRequest, DocumentState
from ansible_collections.mailops.tls.plugins.module_utils._domain.web import WebFetcher, WebSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Probed, Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Hierarchy, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, failed, found
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer

HOST = "mta-sts.example.org"
CHAIN = hierarchy((HOST, "www.example.org"))
STRANGER = hierarchy((HOST,))
LOCAL = WebSettings(timeout=600, document_limit=1000, allow_private_addresses=True)
HOSTS = (found(HOST, "A", "127.0.0.1"), found("www.example.org", "A", "127.0.0.1"))
LIMITS = ProberSettings(TimeLimits(600, 600, 600))


@functools.cache
def authority() -> str:
    """The path of a file with the authority of the chain."""
    folder = tempfile.mkdtemp(prefix="web-ca.")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder, "ca.pem")
    path.write_bytes(CHAIN.root.pem)
    return str(path)


def answering(pages: Mapping[str, bytes], heard: list[bytes] | None = None, chain: Hierarchy | None = CHAIN) -> Script:
    """A web server with a response for each path; without a chain it has no TLS."""

    async def script(peer: Peer) -> None:
        if chain is not None:
            await peer.shake_hands(MemoryServer(chain.leaf.pem + chain.intermediate.pem, chain.leaf.key.pem))
        while await peer.hear():
            pass
        if heard is not None and peer.heard:
            heard.extend(peer.heard)
        path = peer.heard[0].split()[1].decode() if peer.heard and peer.heard[0] else ""
        await peer.send(pages.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))

    return script


def page(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields, b"", body])


def moved(to: str) -> bytes:
    return page(b"moved", b"Location: " + to.encode(), status=b"301 Moved Permanently")


async def hang_up(_peer: Peer) -> None:
    pass


def fetch(
    script: Script,
    path: str = "/policy",
    *,
    scheme: str = "https",
    host: str = HOST,
    answers: tuple[Answer, ...] = HOSTS,
    settings: WebSettings = LOCAL,
    limits: ProberSettings = LIMITS,
    **more: object,
) -> Document:
    """Fetch one document of a web server that follows a script; PORT in its pages is its port."""

    async def run() -> Document:
        async with ScriptedServer(script) as server:
            prober = Prober(TlsContexts(TlsParameters(ca_file=authority())), limits)
            fetcher = WebFetcher(settings, SmallDns(answers).ask, prober, NOW + DAY)
            url = f"{scheme}://{host}:{server.port}{path}"
            return await fetcher.fetch(replace(DocumentRequest(url), **more))  # type: ignore[arg-type]

    return asyncio.run(run())


def kind(document: Document) -> ErrorKind:
    assert document.failure is not None and document.failure.text.isprintable()
    return document.failure.kind


def test_a_document_over_https() -> None:
    heard: list[bytes] = []
    document = fetch(answering({"/policy": page(b"version: STSv1\r\n", b"Content-Type: Text/Plain; charset=utf-8")}, heard))
    assert (document.state, document.body, document.size) == (DocumentState.FOUND, b"version: STSv1\r\n", 16)
    assert (document.http_status, document.media_type, document.verified, document.failure) == (200, "text/plain", True, None)
    assert heard[0] == b"GET /policy HTTP/1.1" and heard[1].startswith(b"Host: mta-sts.example.org:")
    assert document.https is not None and document.https["tls"]["sni"] == HOST
    assert document.https["verification"]["status"] == "verified" and len(document.https["chain"]) == 2


@pytest.mark.parametrize(("chain", "host"), [(STRANGER, HOST), (CHAIN, "other.example.org")])
def test_a_certificate_that_is_not_valid_is_told_and_the_document_too(chain: Hierarchy, host: str) -> None:
    document = fetch(answering({"/policy": page(b"x")}, chain=chain), host=host, answers=(found(host, "A", "127.0.0.1"),))
    assert (document.state, document.verified, document.body) == (DocumentState.FOUND, False, b"x")
    assert document.https is not None and document.https["verification"]["error"]["text"]


def test_a_common_name_is_no_name_of_a_web_server() -> None:
    leaf = issue(HOST, issuer=CHAIN.intermediate)
    document = fetch(answering({"/policy": page(b"x")}, chain=Hierarchy(CHAIN.root, CHAIN.intermediate, leaf)))
    assert (document.state, document.verified) == (DocumentState.FOUND, False)


def test_http_has_no_certificate() -> None:
    document = fetch(answering({"/policy": page(b"x")}, chain=None), scheme="http")
    assert (document.state, document.verified, document.https) == (DocumentState.FOUND, None, None)


def test_a_post() -> None:
    heard: list[bytes] = []
    document = fetch(answering({"/policy": page(b"x")}, heard), body=b"<a/>", media_type="text/xml")
    assert document.found and heard[0] == b"POST /policy HTTP/1.1" and b"Content-Length: 4" in heard and b"Content-Type: text/xml" in heard


@pytest.mark.parametrize(
    ("response", "state", "reason"),
    [
        (page(b"gone", status=b"404 Not Found"), DocumentState.ABSENT, ErrorKind.HTTP_ERROR),
        (page(b"gone", status=b"410 Gone"), DocumentState.ABSENT, ErrorKind.HTTP_ERROR),
        (page(b"no", status=b"503 Unavailable"), DocumentState.BROKEN, ErrorKind.HTTP_ERROR),
        (page(b"no", status=b"301 without Location"), DocumentState.BROKEN, ErrorKind.HTTP_ERROR),
        (page(bytes(1001)), DocumentState.BROKEN, ErrorKind.LIMIT_EXCEEDED),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200000), DocumentState.BROKEN, ErrorKind.LIMIT_EXCEEDED),
        (page(gzip.compress(bytes(10**6)), b"Content-Encoding: gzip"), DocumentState.BROKEN, ErrorKind.LIMIT_EXCEEDED),
        (page(b"x", b"Content-Encoding: br"), DocumentState.BROKEN, ErrorKind.PROTOCOL_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", DocumentState.BROKEN, ErrorKind.PROTOCOL_ERROR),
        (b"220 mx.example.org ESMTP {{ 7 * 7 }}\x1b[31m\r\n", DocumentState.BROKEN, ErrorKind.PROTOCOL_ERROR),
    ],
)
def test_what_is_no_document(response: bytes, state: DocumentState, reason: ErrorKind) -> None:
    document = fetch(answering({"/policy": response}))
    assert (document.state, kind(document), document.body, document.size) == (state, reason, b"", None)
    assert document.verified is True and document.https is not None


def test_an_endless_document_ends_at_the_limit() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await peer.flood(b"a\r\n0123456789\r\n", 10**7)

    document = fetch(script, scheme="http")
    assert (document.state, kind(document)) == (DocumentState.BROKEN, ErrorKind.LIMIT_EXCEEDED)


def test_a_long_document_over_https_is_read_where_the_limit_allows_it() -> None:
    document = fetch(answering({"/policy": page(b"x" * 600_000)}), settings=replace(LOCAL, document_limit=1_000_000))
    assert document.found and document.size == 600_000


def test_the_end_of_the_connection_ends_a_document() -> None:
    assert fetch(answering({"/policy": b"HTTP/1.1 200 OK\r\n\r\nwhole"})).body == b"whole"


@tries_again
def test_a_silent_server_takes_no_longer_than_the_limit() -> None:
    async def script(peer: Peer) -> None:
        await peer.hang()

    document = fetch(script, scheme="http", limits=ProberSettings(TimeLimits(patient(0.3), patient(0.3), patient(0.5))))
    assert (document.state, kind(document)) == (DocumentState.ERROR, ErrorKind.TIMEOUT)


def test_no_tls_where_there_should_be() -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(page(b"speak TLS? no", status=b"400 Bad Request"))

    document = fetch(script)
    assert (document.state, kind(document), document.verified) == (DocumentState.BROKEN, ErrorKind.HANDSHAKE_FAILED, None)
    assert fetch(hang_up).state is DocumentState.BROKEN


def test_redirects_are_followed_where_they_may_be() -> None:
    heard: list[bytes] = []
    document = fetch(answering({"/policy": moved("/b?c"), "/b?c": page(b"x")}, heard), most_redirects=5)
    assert (document.state, document.body, document.http_status) == (DocumentState.FOUND, b"x", 200)
    assert len(document.redirects) == 1 and document.redirects[0].endswith("/b?c")
    forbidden = fetch(answering({"/policy": moved("/b"), "/b": page(b"x")}))
    assert (forbidden.state, kind(forbidden), forbidden.redirects) == (DocumentState.BROKEN, ErrorKind.HTTP_ERROR, ("/b",))
    assert (forbidden.http_status, forbidden.body) == (301, b"")


@pytest.mark.parametrize(
    ("pages", "reason", "shown"),
    [
        ({"/policy": moved("/policy")}, "back to", 1),
        ({"/policy": moved("/b"), "/b": moved("/policy")}, "back to", 2),
        ({"/policy": moved("http://www.example.org/")}, "without TLS", 1),
        ({"/policy": moved("https://www.example.org:25/")}, "another service", 1),
        ({"/policy": moved("file:///etc/passwd")}, "not of http", 1),
        ({"/policy": moved("/1"), **{f"/{at}": moved(f"/{at + 1}") for at in range(1, 9)}}, "more than 5", 6),
    ],
)
def test_redirects_are_not_followed_everywhere(pages: dict[str, bytes], reason: str, shown: int) -> None:
    document = fetch(answering(pages), most_redirects=5)
    assert (document.state, kind(document), len(document.redirects)) == (DocumentState.BROKEN, ErrorKind.HTTP_ERROR, shown)
    assert document.failure is not None and reason in document.failure.text


def test_the_last_resort_of_autodiscover_posts_where_it_is_sent_to() -> None:
    heard: list[bytes] = []
    pages = {"/policy": moved("/b"), "/b": page(b"x")}
    document = fetch(answering(pages, heard, chain=None), scheme="http", body=b"<a/>", most_redirects=5, posted_when_redirected=True)
    assert document.found and [line for line in heard if b"HTTP/1.1" in line] == [b"GET /policy HTTP/1.1", b"POST /b HTTP/1.1"]
    direct = fetch(answering({"/policy": page(b"x")}, chain=None), scheme="http", body=b"", most_redirects=5, posted_when_redirected=True)
    assert (direct.state, direct.body) == (DocumentState.ABSENT, b"")


def test_private_addresses_are_not_asked_unless_the_user_says_so() -> None:
    asked: list[bytes] = []
    document = fetch(answering({"/policy": page(b"x")}, asked), settings=replace(LOCAL, allow_private_addresses=False))
    assert (document.state, kind(document), asked) == (DocumentState.ERROR, ErrorKind.HTTP_ERROR, [])
    assert document.failure is not None and "127.0.0.1" in document.failure.text


class RedirectingWeb:
    """In place of a prober: every server sends us to the same place. `asked` has the addresses that were connected to."""

    def __init__(self, location: str) -> None:
        self._response = HttpResponse(302, "Found", {"location": location})
        self.asked: list[str] = []

    async def probe(self, plan: ProbePlan) -> Probed:
        self.asked.append(plan.target.address)
        return Probed(ProbeEvidence(plan, connected=True, log=HttpLog(response=self._response)))


@pytest.mark.parametrize(
    "location",
    ["http://inside.example.org/", "http://127.0.0.1:8080/", "http://[::1]/", "http://[::ffff:10.0.0.5]/", "http://169.254.169.254/latest"],
)
def test_a_redirect_does_not_lead_to_a_private_address_either(location: str) -> None:
    web = RedirectingWeb(location)
    dns = SmallDns([found("www.example.org", "A", "8.8.8.8"), found("inside.example.org", "A", "10.0.0.5")])

    async def run() -> Document:
        fetcher = WebFetcher(WebSettings(), dns.ask, cast(Prober, web), NOW)
        return await fetcher.fetch(DocumentRequest("http://www.example.org/", most_redirects=5))

    document = asyncio.run(run())
    assert web.asked == ["8.8.8.8"] and document.state is DocumentState.ERROR
    assert document.failure is not None and "no public address" in document.failure.text and len(document.redirects) == 1


def test_an_address_in_a_url_is_checked_too() -> None:
    settings = replace(LOCAL, allow_private_addresses=False)
    literal = fetch(answering({}), host="[::ffff:127.0.0.1]", settings=settings)
    assert literal.state is DocumentState.ERROR and literal.failure is not None and "no public address" in literal.failure.text


def test_dns_that_fails_is_not_a_host_that_is_not_there() -> None:
    nobody = fetch(answering({}), answers=())
    assert (nobody.state, kind(nobody)) == (DocumentState.ABSENT, ErrorKind.DNS_NOT_FOUND)
    unknown = fetch(answering({}), answers=(failed(HOST, "A"), failed(HOST, "AAAA")))
    assert (unknown.state, kind(unknown)) == (DocumentState.ERROR, ErrorKind.DNS_ERROR)


def test_the_next_address_is_tried_where_one_cannot_be_connected_to() -> None:
    # Nothing listens at 127.0.0.2 with the port of the server, which listens at 127.0.0.1 alone.
    document = fetch(answering({"/policy": page(b"x")}), answers=(found(HOST, "A", "127.0.0.2", "127.0.0.1"),))
    assert document.found
    refused = fetch(answering({}), answers=(found(HOST, "A", "127.0.0.2", "127.0.0.3"),))
    assert (refused.state, kind(refused)) == (DocumentState.ERROR, ErrorKind.CONNECT_REFUSED)


def test_a_url_that_is_none() -> None:
    async def run() -> Document:
        prober = Prober(TlsContexts(TlsParameters()), LIMITS)
        return await WebFetcher(LOCAL, SmallDns().ask, prober, NOW).fetch(DocumentRequest("file:///etc/passwd"))

    assert asyncio.run(run()).state is DocumentState.ERROR
