# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The handshake messages that something is read of, as values (RFC 5246 section 7.4, RFC 8446 section 4, RFC 8422 section 5.4).

Every function takes the body of a message and raises `Truncated` where it ends too early.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import Signature, group_name, signature_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import Cursor

MAX_CERTIFICATES = 100
TLS_1_2, TLS_1_3 = 0x0303, 0x0304
SERVER_NAME, STATUS_REQUEST, SUPPORTED_GROUPS, SIGNATURE_ALGORITHMS, ALPN = 0, 5, 10, 13, 16
PRE_SHARED_KEY, EARLY_DATA, SUPPORTED_VERSIONS, CERTIFICATE_AUTHORITIES, KEY_SHARE = 41, 42, 43, 47, 51
HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random value that makes a ServerHello a HelloRetryRequest."""

Extensions = tuple[tuple[int, bytes], ...]
"""Numbers and bodies, in the order sent."""


class ClientHello(NamedTuple):
    """What a client offers. `session` is the length of its session identifier."""

    version: int
    session: int
    suites: tuple[int, ...]
    extensions: Extensions


class ServerHello(NamedTuple):
    """What a server chose. `version` is that of the supported_versions extension, where there is one.

    `session` is the length of the session identifier; `retry`: it is a HelloRetryRequest; `compression` is 0 for none.
    """

    version: int
    retry: bool
    session: int
    suite: int
    extensions: Extensions
    compression: int = 0


class CertificateEntry(NamedTuple):
    """One certificate of a chain, DER, with the numbers of its extensions (TLS 1.3)."""

    der: bytes
    extensions: tuple[int, ...] = ()


class KeyExchange(NamedTuple):
    """A ServerKeyExchange: the group (None for an explicit curve) and, in TLS 1.2, how it was signed."""

    group: str | None
    signature: Signature | None


class ExchangeParameters(NamedTuple):
    """The numbers in a ServerKeyExchange: a named group, or the prime of a Diffie-Hellman group; in TLS 1.2 the scheme of its signature."""

    group: int | None
    prime: bytes
    scheme: int | None


def client_hello(body: bytes) -> ClientHello:
    """Read a ClientHello."""
    cursor = Cursor(body)
    version = cursor.number(2)
    cursor.take(32)
    session = len(cursor.vector(1))
    suites = tuple(Cursor(cursor.vector(2)).numbers(2))
    cursor.vector(1)
    return ClientHello(version, session, suites, extensions(cursor.vector(2)) if cursor.more else ())


def server_hello(body: bytes) -> ServerHello:
    """Read a ServerHello or HelloRetryRequest."""
    cursor = Cursor(body)
    version = cursor.number(2)
    retry = cursor.take(32) == HELLO_RETRY
    session = len(cursor.vector(1))
    suite = cursor.number(2)
    compression = cursor.number(1)
    found = extensions(cursor.vector(2)) if cursor.more else ()
    for number, content in found:
        if number == SUPPORTED_VERSIONS:
            version = Cursor(content).number(2)
    return ServerHello(version, retry, session, suite, found, compression)


def extensions(data: bytes) -> Extensions:
    """Read a list of extensions, without the length before it."""
    cursor, found = Cursor(data), []
    while cursor.more:
        found.append((cursor.number(2), cursor.vector(2)))
    return tuple(found)


def certificates(body: bytes, version: int) -> tuple[CertificateEntry, ...]:
    """Read a Certificate message of this protocol version, up to `MAX_CERTIFICATES`."""
    cursor = Cursor(body)
    if version >= TLS_1_3:
        cursor.vector(1)
    entries = Cursor(cursor.vector(3))
    found: list[CertificateEntry] = []
    while entries.more and len(found) < MAX_CERTIFICATES:
        der = entries.vector(3)
        more = extensions(entries.vector(2)) if version >= TLS_1_3 else ()
        found.append(CertificateEntry(der, tuple(number for number, _content in more)))
    return tuple(found)


def exchange_parameters(body: bytes, suite: int, version: int) -> ExchangeParameters:
    """Read the numbers in a ServerKeyExchange of this cipher suite and protocol version."""
    cursor = Cursor(body)
    group, prime = None, b""
    if _is_ephemeral_ec(suite):
        if cursor.number(1) != 3:
            return ExchangeParameters(None, b"", None)
        group = cursor.number(2)
        cursor.vector(1)
    else:
        prime = cursor.vector(2).lstrip(b"\0")
        cursor.vector(2)
        cursor.vector(2)
    signed = version == TLS_1_2 and cursor.more
    return ExchangeParameters(group, prime, cursor.number(2) if signed else None)


def key_exchange(body: bytes, suite: int, version: int) -> KeyExchange:
    """Read a ServerKeyExchange of this cipher suite and protocol version, in names."""
    group, prime, scheme = exchange_parameters(body, suite, version)
    if group is not None:
        name: str | None = group_name(group)
    else:
        name = None if _is_ephemeral_ec(suite) else f"dh{int.from_bytes(prime, 'big').bit_length()}"
    return KeyExchange(name, None if scheme is None else signature_name(scheme))


def alpn(content: bytes) -> str:
    """Read the one protocol that a server chose, clean, off the body of its ALPN extension."""
    return clean(Cursor(Cursor(content).vector(2)).vector(1))


def _is_ephemeral_ec(suite: int) -> bool:
    """True for ECDHE (and anonymous ECDH) suites: all of 0xC000-0xCFFF but a few, and the ChaCha20 ones."""
    dhe = 0xC03C <= suite <= 0xC047 or 0xC052 <= suite <= 0xC05B or 0xC07C <= suite <= 0xC085 or suite in (
        0xC09E, 0xC09F, 0xC0A2, 0xC0A3, 0xCCAA, 0xCCAD)  # fmt: skip
    return suite >> 8 in (0xC0, 0xCC) and not dhe
