# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS over TLS and over HTTPS, against a TLS listener on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver, Transport
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.tests.unit.makers.certificates import issue
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted

SCRIPT = {
    (f"a{number}.example", "A"): Scripted((f"a{number}.example. 60 IN A 192.0.2.{number}",), ad=True) for number in range(9)
}


@pytest.fixture
def server_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a server named dns.example that the process's default trust store accepts."""
    authority = issue("Root", ca=True, key_usage=["key_cert_sign"])
    leaf = issue("dns", issuer=authority, dns_names=["dns.example"])
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "leaf.pem").write_bytes(leaf.pem + leaf.key.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(tmp_path / "leaf.pem"))
    return context


class TlsListener:
    """Serves a responder's answers over TLS; after `answers_a_connection` of them a connection is closed."""

    def __init__(self, responder: Responder, context: ssl.SSLContext, answers_a_connection: int = 1000) -> None:
        self._responder = responder
        self._context = context
        self._answers = answers_a_connection
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> TlsListener:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for _count in range(self._answers):
                wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                _scripted, message = self._responder.reply(wire, "tls")
                reply = message.to_wire(max_size=65535)
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        writer.close()


def ask_over_tls(
    context: ssl.SSLContext, names: list[str], *, tls_name: str | None = "dns.example", answers_a_connection: int = 1000
) -> tuple[list[Answer], int]:
    """Ask one after the other; return the answers and the number of connections."""

    async def scene() -> tuple[list[Answer], int]:
        async with Responder(SCRIPT) as responder, TlsListener(responder, context, answers_a_connection) as listener:
            nameserver = Nameserver("127.0.0.1", listener.port, Transport.TLS, tls_name)
            resolver = Resolver([nameserver], timeout=600, attempts=1)
            answers = []
            for name in names:
                answers.append(await resolver.ask(name, "A"))
                for _turn in range(10):  # whatever ends a connection comes by
                    await asyncio.sleep(0.002)
            await resolver.close()
            return answers, listener.connections

    return asyncio.run(scene())


def test_tls_keeps_its_connection(server_context: ssl.SSLContext) -> None:
    answers, connections = ask_over_tls(server_context, ["a1.example", "a2.example", "a3.example"])
    assert [answer.records for answer in answers] == [("192.0.2.1",), ("192.0.2.2",), ("192.0.2.3",)]
    assert ([answer.secure for answer in answers], connections) == ([True] * 3, 1)


def test_tls_connection_closed_by_the_server_is_replaced(server_context: ssl.SSLContext) -> None:
    answers, connections = ask_over_tls(server_context, ["a1.example", "a2.example"], answers_a_connection=1)
    assert ([answer.found for answer in answers], connections) == ([True, True], 2)


@pytest.mark.parametrize("tls_name", ["other.example", None])
def test_tls_certificate_must_have_the_name(server_context: ssl.SSLContext, tls_name: str | None) -> None:
    answers, _connections = ask_over_tls(server_context, ["a1.example"], tls_name=tls_name)
    assert answers[0].outcome is Outcome.ERROR
    assert answers[0].error is not None and "certificate verify failed" in answers[0].error


def over_https(monkeypatch: pytest.MonkeyPatch, reply: Callable[[Any], Any]) -> Answer:
    """Ask over HTTPS with dnspython's function for it replaced."""
    import dns.asyncquery

    async def https(query: Any, url: str, timeout: float) -> Any:
        assert (url, query.id) == ("https://dns.example/dns-query", 0)
        return reply(query)

    monkeypatch.setattr("dns.query.have_doh", True)
    monkeypatch.setattr(dns.asyncquery, "https", https, raising=False)
    nameserver = Nameserver("dns.example", 443, Transport.HTTPS, url="https://dns.example/dns-query")

    async def scene() -> Answer:
        async with Responder(SCRIPT):
            return await Resolver([nameserver], timeout=600, attempts=1).ask("a1.example", "A")

    return asyncio.run(scene())


def test_https(monkeypatch: pytest.MonkeyPatch) -> None:
    responder = Responder(SCRIPT)
    answer = over_https(monkeypatch, lambda query: responder.reply(query.to_wire(), "https")[1])
    assert (answer.records, answer.secure, answer.ad_untrusted) == (("192.0.2.1",), False, True)
    assert [(one.name, one.do) for one in responder.questions] == [("a1.example", True)]


def test_https_failure_of_any_kind_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(query: Any) -> Any:
        raise ValueError("responded with status code 503")

    answer = over_https(monkeypatch, fail)
    assert answer.error == "https://dns.example/dns-query: responded with status code 503"
