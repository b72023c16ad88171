# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets of DNS: one question to one nameserver, one matching reply back, within a time limit.

UDP with a new connected socket for each question (the kernel then drops other senders, and picks a new random port), or one
socket for all to this machine (`local_socket.py`), TCP after truncation, TLS (RFC 7858) over kept connections, HTTPS
(RFC 8484) by dnspython. Whatever a server sends, an exchange ends in time with a reply to the question asked, or with
`TransportError`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import socket
from collections.abc import Coroutine
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._dns.local_socket import LocalSocket
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import OPTION, Nameserver, Transport
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import Question, is_truncated
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

try:
    import ssl
except ImportError:  # a Python built without TLS
    ssl = None  # type: ignore[assignment]

MAX_STRAY_DATAGRAMS = 64
"""A nameserver that sent so many packets which answer nothing is not listened to any longer."""
_UDP_BUFFER = 65535

_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


_NO_ROUTE = frozenset((errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))
"""What the own machine says when it has no route to an address, no address of the family to send from, or no such family at all."""


class TransportError(Exception):
    """No reply to the question could be had from a nameserver; the text names it and says why."""


class Exchanger:
    """Sends questions to nameservers; owns their TLS settings and idle connections, of one event loop."""

    def __init__(self, timeout: float) -> None:
        """Take the time limit of one exchange, seconds (UDP and the TCP exchange after truncation: each)."""
        self._timeout = timeout
        self._idle: dict[Nameserver, list[_Stream]] = {}
        self._local: dict[Nameserver, LocalSocket] = {}
        self._tls_context: ssl.SSLContext | None = None

    async def exchange(self, nameserver: Nameserver, question: Question, *, tcp: bool = False) -> bytes:
        """Return the bytes of a reply to *question*, not truncated.

        With *tcp*, what would begin with UDP is asked by TCP at once.

        Raises:
            TransportError: when none comes.
        """
        try:
            if nameserver.transport is Transport.TLS:
                return await _within(self._timeout, self._over_tls(nameserver, question))
            if nameserver.transport is Transport.HTTPS:
                return await _within(self._timeout, _over_https(nameserver, question, self._timeout))
            wire = b"" if tcp else await self._over_udp(nameserver, question)
            if tcp or is_truncated(wire):
                wire = await _within(self._timeout, _over_tcp(nameserver, question))
            return wire
        except TransportError:
            raise
        except asyncio.TimeoutError:
            raise TransportError(f"no reply from {nameserver} within {self._timeout:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError):
            raise TransportError(f"connection closed by {nameserver}") from None
        except OSError as error:
            # Also certificate errors (ssl.SSLError is an OSError).
            raise TransportError(f"{nameserver}: {_reason(error)}") from error

    def close(self) -> None:
        """Drop the idle connections."""
        for streams in self._idle.values():
            for _reader, writer in streams:
                writer.transport.abort()
        self._idle.clear()
        for local in self._local.values():
            local.close()
        self._local.clear()

    def forget(self) -> None:
        """Forget connections of an event loop that is gone."""
        self._idle.clear()
        self._local.clear()

    async def _over_udp(self, nameserver: Nameserver, question: Question) -> bytes:
        if not nameserver.is_loopback:
            return await _over_udp(nameserver, question, self._timeout)
        local = self._local.get(nameserver)
        if local is None:

            def give_up(stray: int) -> Exception:
                return _no_reply(nameserver, stray)

            local = LocalSocket(nameserver.address, nameserver.port, self._timeout, MAX_STRAY_DATAGRAMS, give_up)
            self._local[nameserver] = local
        return await local.ask(question)

    async def _over_tls(self, nameserver: Nameserver, question: Question) -> bytes:
        idle = self._idle.setdefault(nameserver, [])
        while idle:
            # A kept connection may have been closed by the server meanwhile; then the next one, or a new one.
            stream = idle.pop()
            try:
                return await self._over_kept_stream(stream, nameserver, question)
            except (OSError, asyncio.IncompleteReadError):
                continue
        if self._tls_context is None:
            self._tls_context = ssl.create_default_context()
        stream = await asyncio.open_connection(
            nameserver.address, nameserver.port, ssl=self._tls_context,
            server_hostname=nameserver.tls_name or nameserver.address,
        )  # fmt: skip
        return await self._over_kept_stream(stream, nameserver, question)

    async def _over_kept_stream(self, stream: _Stream, nameserver: Nameserver, question: Question) -> bytes:
        wire = None
        try:
            wire = await _over_stream(stream, nameserver, question)
        finally:
            if wire is None:
                stream[1].transport.abort()
        self._idle[nameserver].append(stream)
        return wire


async def _within(seconds: float, work: Coroutine[Any, Any, bytes]) -> bytes:
    """Run *work* for at most *seconds*, else raise asyncio.TimeoutError."""
    wire = await within(seconds, work)
    if wire is None:
        raise asyncio.TimeoutError
    return wire


async def _over_udp(nameserver: Nameserver, question: Question, timeout: float) -> bytes:
    loop = asyncio.get_running_loop()
    query_id = secrets.randbits(16)
    family = socket.AF_INET6 if ":" in nameserver.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((nameserver.address, nameserver.port))
        sock.send(question.encode(query_id))
        reply: asyncio.Future[bytes] = loop.create_future()
        listener = _Listener(sock, question, query_id, reply)
        timer = loop.call_later(timeout, listener.give_up, nameserver)
        number = sock.fileno()  # asyncio writes down what it does not know yet, and that of a socket is long
        loop.add_reader(number, listener.on_readable, nameserver)
        try:
            return await reply
        finally:
            loop.remove_reader(number)
            timer.cancel()


class _Listener:
    """Waits on one UDP socket for the reply to one question, passing over packets that answer something else."""

    def __init__(self, sock: socket.socket, question: Question, query_id: int, reply: asyncio.Future[bytes]) -> None:
        self._sock = sock
        self._question = question
        self._query_id = query_id
        self._reply = reply
        self._stray = 0

    def on_readable(self, nameserver: Nameserver) -> None:
        if self._reply.done():
            return
        try:
            wire = self._sock.recv(_UDP_BUFFER)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._reply.set_exception(error)
            return
        if self._question.is_answered_by(wire, self._query_id):
            self._reply.set_result(wire)
            return
        self._stray += 1
        if self._stray >= MAX_STRAY_DATAGRAMS:
            self._reply.set_exception(_no_reply(nameserver, self._stray))

    def give_up(self, nameserver: Nameserver) -> None:
        if not self._reply.done():
            self._reply.set_exception(_no_reply(nameserver, self._stray))


def _no_reply(nameserver: Nameserver, stray: int) -> Exception:
    """Return what tells that a nameserver sent nothing in time, or only so many packets that answer nothing."""
    if stray >= MAX_STRAY_DATAGRAMS:
        return TransportError(f"{stray} packets from {nameserver} answer nothing")
    if stray:
        return TransportError(f"no valid reply from {nameserver} ({stray} packets did not answer the question)")
    return asyncio.TimeoutError()


async def _over_tcp(nameserver: Nameserver, question: Question) -> bytes:
    stream = await asyncio.open_connection(nameserver.address, nameserver.port)
    try:
        return await _over_stream(stream, nameserver, question)
    finally:
        stream[1].transport.abort()


async def _over_stream(stream: _Stream, nameserver: Nameserver, question: Question) -> bytes:
    """Exchange one length-prefixed message each way (RFC 1035 section 4.2.2); a message is at most 64 KiB."""
    reader, writer = stream
    query_id = secrets.randbits(16)
    query = question.encode(query_id)
    writer.write(len(query).to_bytes(2, "big") + query)
    await writer.drain()
    wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    if not question.is_answered_by(wire, query_id):
        raise TransportError(f"the reply from {nameserver} does not answer the question")
    return wire


async def _over_https(nameserver: Nameserver, question: Question, timeout: float) -> bytes:
    # Not on top: where httpx is installed, this import costs more than a hundred queries.
    import dns.asyncquery
    import dns.message

    # Message id 0 makes replies cacheable for HTTP (RFC 8484 section 4.1); TLS protects what the id protects in UDP.
    query = dns.message.from_wire(question.encode(0))
    try:
        reply = await dns.asyncquery.https(query, str(nameserver.url), timeout=timeout)
    except asyncio.TimeoutError:
        raise
    except Exception as error:
        # dnspython lets through whatever the HTTP library, the TLS library and its own message reader raise.
        raise TransportError(f"{nameserver}: {_reason(error)}") from error
    wire = reply.to_wire(max_size=65535)
    if not question.is_answered_by(wire, 0):
        raise TransportError(f"the reply from {nameserver} does not answer the question")
    return wire


def has_route(address: str) -> bool:
    """Tell whether this machine has a route to an address. Nothing is sent, so nobody out there decides it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
    except OSError as error:
        return error.errno not in _NO_ROUTE
    return True


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno and type(error).__module__ == "builtins":
        return os.strerror(error.errno)
    return clean(str(error) or type(error).__name__, 200)


def require_library(nameserver: Nameserver) -> None:
    """Raise `OptionError` when this Python cannot speak to *nameserver* in the way it asks for."""
    if nameserver.transport is Transport.TLS and ssl is None:
        raise OptionError(OPTION, str(nameserver), "needs a Python built with the ssl module")
    if nameserver.transport is not Transport.HTTPS:
        return
    import dns.asyncquery
    import dns.query

    if not (dns.query.have_doh and hasattr(dns.asyncquery, "https")):
        raise OptionError(OPTION, str(nameserver), "needs DNS over HTTPS in dnspython: install dnspython[doh]")
