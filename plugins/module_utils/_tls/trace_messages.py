# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshake messages in words, for the trace (RFC 5246, RFC 8446).

What is offered and chosen is told by name; keys, tickets, randoms and signatures by their length at the most. Text of the
peer is clean, and lists end after `LIST_LIMIT` items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import (
    Signature,
    extension_name,
    group_name,
    signature_name,
    version_name,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import (
    Cursor,
    HandshakeType,
    Message,
    Truncated,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import suite_name
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

LIST_LIMIT = 100
_UNREADABLE = "cannot be read"
_NAMES: Mapping[int, str] = {
    HandshakeType.HELLO_REQUEST: "HelloRequest",
    HandshakeType.CLIENT_HELLO: "ClientHello",
    HandshakeType.SERVER_HELLO: "ServerHello",
    HandshakeType.NEW_SESSION_TICKET: "NewSessionTicket",
    HandshakeType.END_OF_EARLY_DATA: "EndOfEarlyData",
    HandshakeType.ENCRYPTED_EXTENSIONS: "EncryptedExtensions",
    HandshakeType.CERTIFICATE: "Certificate",
    HandshakeType.SERVER_KEY_EXCHANGE: "ServerKeyExchange",
    HandshakeType.CERTIFICATE_REQUEST: "CertificateRequest",
    HandshakeType.SERVER_HELLO_DONE: "ServerHelloDone",
    HandshakeType.CERTIFICATE_VERIFY: "CertificateVerify",
    HandshakeType.CLIENT_KEY_EXCHANGE: "ClientKeyExchange",
    HandshakeType.FINISHED: "Finished",
    HandshakeType.CERTIFICATE_STATUS: "CertificateStatus",
    HandshakeType.KEY_UPDATE: "KeyUpdate",
}


class Negotiated(NamedTuple):
    """What the server has chosen so far, without which later messages cannot be read; 0 before its hello."""

    version: int = 0
    suite: int = 0


def message_lines(message: Message, negotiated: Negotiated) -> list[str]:
    """Return a message in words: its name and length, and what is in it, indented, as far as it can be read."""
    kind, body = message
    name = _NAMES.get(kind, f"message of type {kind}")
    if kind == HandshakeType.SERVER_HELLO and body[2:34] == tls_messages.HELLO_RETRY:
        name = "HelloRetryRequest"
    lines = [f"{name}, {len(body)} bytes"]
    describe = _DESCRIBE.get(kind)
    if describe is not None:
        try:
            for line in describe(body, negotiated):
                lines.append("  " + line)
        except Truncated:
            lines.append("  ends too early")
    return lines


def _client_hello(body: bytes, _negotiated: Negotiated) -> Iterator[str]:
    hello = tls_messages.client_hello(body)
    if tls_messages.SUPPORTED_VERSIONS not in dict(hello.extensions):
        yield f"version: {version_name(hello.version)} at most"
    yield from _session_identifier(hello.session)
    yield _listed("cipher suites", map(suite_name, hello.suites))
    yield from _extensions(hello.extensions, _OFFERED)


def _server_hello(body: bytes, _negotiated: Negotiated) -> Iterator[str]:
    hello = tls_messages.server_hello(body)
    yield f"version: {version_name(hello.version)}"
    yield f"cipher suite: {suite_name(hello.suite)}"
    yield from _session_identifier(hello.session)
    yield from _extensions(hello.extensions, _CHOSEN)


def _session_identifier(length: int) -> Iterator[str]:
    if length:
        yield f"session identifier: {length} bytes"


def _encrypted_extensions(body: bytes, _negotiated: Negotiated) -> Iterator[str]:
    return _extensions(tls_messages.extensions(Cursor(body).vector(2)), _CHOSEN)


def _certificate(body: bytes, negotiated: Negotiated) -> Iterator[str]:
    entries = tls_messages.certificates(body, negotiated.version)
    if not entries:
        yield "no certificate"
    for depth, entry in enumerate(entries):
        certificate = Certificate(entry.der)
        subject, issuer = certificate.subject, certificate.issuer
        yield f"{depth}: {len(entry.der)} bytes, subject {subject or _UNREADABLE}, issuer {issuer or _UNREADABLE}"
        if entry.extensions:
            yield "   " + _listed("extensions", map(extension_name, entry.extensions))


def _server_key_exchange(body: bytes, negotiated: Negotiated) -> Iterator[str]:
    group, signature = tls_messages.key_exchange(body, negotiated.suite, negotiated.version)
    yield "group: %s" % (group or "an explicit curve")
    if signature is not None:
        yield f"signature: {_scheme(signature)}"


def _certificate_request(body: bytes, negotiated: Negotiated) -> Iterator[str]:
    cursor = Cursor(body)
    cursor.vector(1)
    if negotiated.version >= tls_messages.TLS_1_3:
        yield from _extensions(tls_messages.extensions(cursor.vector(2)), _OFFERED)
        return
    if negotiated.version == tls_messages.TLS_1_2:
        yield _signatures(cursor)
    yield _authorities(cursor)


def _certificate_verify(body: bytes, _negotiated: Negotiated) -> Iterator[str]:
    yield f"signature: {_scheme(signature_name(Cursor(body).number(2)))}"


def _new_session_ticket(body: bytes, negotiated: Negotiated) -> Iterator[str]:
    cursor = Cursor(body)
    lifetime = cursor.number(4)
    if negotiated.version >= tls_messages.TLS_1_3:
        cursor.take(4)
        cursor.vector(1)
    yield f"ticket: {len(cursor.vector(2))} bytes, for {lifetime} seconds"


_DESCRIBE: Mapping[int, Callable[[bytes, Negotiated], Iterator[str]]] = {
    HandshakeType.CLIENT_HELLO: _client_hello,
    HandshakeType.SERVER_HELLO: _server_hello,
    HandshakeType.ENCRYPTED_EXTENSIONS: _encrypted_extensions,
    HandshakeType.CERTIFICATE: _certificate,
    HandshakeType.SERVER_KEY_EXCHANGE: _server_key_exchange,
    HandshakeType.CERTIFICATE_REQUEST: _certificate_request,
    HandshakeType.CERTIFICATE_VERIFY: _certificate_verify,
    HandshakeType.NEW_SESSION_TICKET: _new_session_ticket,
}

# --- extensions --------------------------------------------------------------------------------------------------------

_Describe = Mapping[int, Callable[[Cursor], str]]


def _extensions(extensions: tls_messages.Extensions, describe: _Describe) -> Iterator[str]:
    """Yield a line for each extension there is something to say of, and one with the names of the others."""
    for number, content in extensions:
        if number in describe:
            yield describe[number](Cursor(content))
    others = [extension_name(number) for number, _content in extensions if number not in describe]
    if others:
        yield _listed("other extensions", others)


def _server_name(cursor: Cursor) -> str:
    names = Cursor(cursor.vector(2))
    names.take(1)
    return f"server name: {clean(names.vector(2))}"


def _versions(cursor: Cursor) -> str:
    return _listed("versions", map(version_name, Cursor(cursor.vector(1)).numbers(2)))


def _groups(cursor: Cursor) -> str:
    return _listed("groups", map(group_name, Cursor(cursor.vector(2)).numbers(2)))


def _key_shares(cursor: Cursor) -> str:
    shares, found = Cursor(cursor.vector(2)), []
    while shares.more:
        found.append(group_name(shares.number(2)))
        shares.vector(2)
    return _listed("key shares", found)


def _signatures(cursor: Cursor) -> str:
    schemes = map(signature_name, Cursor(cursor.vector(2)).numbers(2))
    return _listed("signature algorithms", dict.fromkeys(map(_scheme, schemes)))


def _protocols(cursor: Cursor) -> str:
    protocols, found = Cursor(cursor.vector(2)), []
    while protocols.more:
        found.append(clean(protocols.vector(1)))
    return _listed("ALPN", found)


def _pre_shared_keys(cursor: Cursor) -> str:
    identities, count = Cursor(cursor.vector(2)), 0
    while identities.more:
        identities.vector(2)
        identities.take(4)
        count += 1
    return f"sessions to resume: {count}"


def _authorities(cursor: Cursor) -> str:
    names, count = Cursor(cursor.vector(2)), 0
    while names.more:
        names.vector(2)
        count += 1
    return f"certification authorities: {count}"


_OFFERED: _Describe = {
    tls_messages.SERVER_NAME: _server_name,
    tls_messages.SUPPORTED_VERSIONS: _versions,
    tls_messages.SUPPORTED_GROUPS: _groups,
    tls_messages.KEY_SHARE: _key_shares,
    tls_messages.SIGNATURE_ALGORITHMS: _signatures,
    tls_messages.ALPN: _protocols,
    tls_messages.PRE_SHARED_KEY: _pre_shared_keys,
    tls_messages.CERTIFICATE_AUTHORITIES: _authorities,
}
"""Extensions of those who offer: a client, or a server that asks for a certificate."""

_CHOSEN: _Describe = {
    tls_messages.KEY_SHARE: lambda cursor: f"group: {group_name(cursor.number(2))}",
    tls_messages.ALPN: _protocols,
    tls_messages.PRE_SHARED_KEY: lambda cursor: f"session resumed: the offered number {cursor.number(2)}",
}
"""Extensions of a server that answers."""


def _scheme(signature: Signature) -> str:
    return "+".join(part for part in signature if part)


def _listed(label: str, items: Iterable[str]) -> str:
    """Return the number of items and their names, up to a limit."""
    found = list(items)
    more = f", and {len(found) - LIST_LIMIT} more" if len(found) > LIST_LIMIT else ""
    return f"{label} ({len(found)}): {', '.join(found[:LIST_LIMIT])}{more}"
