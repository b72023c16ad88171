# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a ClientHello with whatever is to be asked of a server.

RFC 6101 section 5.6.1.2, RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2.

OpenSSL offers only what it can do itself. Who asks a server what it would take needs more: SSL 3, suites and groups that no library here
has. Nothing of it is ever finished, so no cryptography is needed. For TLS 1.3 the list of key shares is empty, which is allowed: a server
answers with a HelloRetryRequest that names its suite and its group (RFC 8446 section 4.2.8).
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import ContentType, HandshakeType

SSL_3, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 = range(0x0300, 0x0305)
EC_POINT_FORMATS, CERTIFICATE_TIMESTAMPS, PADDING = 11, 18, 21
EXTENDED_MASTER_SECRET, SESSION_TICKET, RENEGOTIATION_INFO = 23, 35, 0xFF01
RENEGOTIATION_SCSV = 0x00FF
"""The suite that says what an empty renegotiation_info says, for SSL 3, which has no extensions (RFC 5746 section 3.3)."""
DEFLATE = 1
RANDOM_SIZE = 32
_SHORT, _LONG = 256, 512
"""Some servers hang on messages of 256 to 511 octets (RFC 7685 section 1), so those are padded."""
_RECORD_SIZE = 16384


@dataclass(frozen=True)
class Offer:
    """What a ClientHello offers. `version` is the highest; TLS 1.3 is offered alone.

    `deflate` offers compression, which TLS 1.3 does not have. `server_name` is for SNI. Without `groups` or
    `schemes` there is no such extension.
    """

    version: int
    suites: tuple[int, ...]
    groups: tuple[int, ...] = ()
    schemes: tuple[int, ...] = ()
    server_name: str | None = None
    deflate: bool = True


def client_hello(offer: Offer, randoms: bytes) -> bytes:
    """Return the records of a ClientHello.

    Args:
        offer: what it offers.
        randoms: 64 random bytes, for its random and, in TLS 1.3, the identifier of a session that middleboxes want to see.

    Raises:
        ValueError: the offer does not fit into a message.
    """
    old, modern = offer.version == SSL_3, offer.version >= TLS_1_3
    suites = offer.suites + ((RENEGOTIATION_SCSV,) if old else ())
    compression = bytes([DEFLATE, 0]) if offer.deflate and not modern else b"\0"
    body = (
        min(offer.version, TLS_1_2).to_bytes(2, "big")
        + randoms[:RANDOM_SIZE]
        + _vector(1, randoms[RANDOM_SIZE : 2 * RANDOM_SIZE] if modern else b"")
        + _vector(2, _numbers(suites))
        + _vector(1, compression)
    )
    if not old:
        extensions = b"".join(_extension(number, content) for number, content in _extensions(offer))
        body += _vector(2, extensions + _padding(len(body) + 2 + len(extensions)))
    message = bytes([HandshakeType.CLIENT_HELLO]) + _vector(3, body)
    head = bytes([ContentType.HANDSHAKE]) + min(offer.version, TLS_1_0).to_bytes(2, "big")
    return b"".join(
        head + _vector(2, message[at : at + _RECORD_SIZE]) for at in range(0, len(message), _RECORD_SIZE)
    )


def _extensions(offer: Offer) -> list[tuple[int, bytes]]:
    """Return numbers and bodies, in an order that all servers take: some want the last one not to be empty."""
    found = []
    if offer.server_name is not None:
        name = b"\0" + _vector(2, offer.server_name.encode("ascii"))
        found.append((tls_messages.SERVER_NAME, _vector(2, name)))
    if offer.version < TLS_1_3:
        found += [(EXTENDED_MASTER_SECRET, b""), (SESSION_TICKET, b""), (EC_POINT_FORMATS, b"\x01\x00")]
    found += [(tls_messages.STATUS_REQUEST, b"\x01\0\0\0\0"), (CERTIFICATE_TIMESTAMPS, b"")]
    if offer.groups:
        found.append((tls_messages.SUPPORTED_GROUPS, _vector(2, _numbers(offer.groups))))
    if offer.schemes and offer.version >= TLS_1_2:
        found.append((tls_messages.SIGNATURE_ALGORITHMS, _vector(2, _numbers(offer.schemes))))
    if offer.version >= TLS_1_3:
        found += [(tls_messages.KEY_SHARE, _vector(2, b"")), (tls_messages.SUPPORTED_VERSIONS, _vector(1, _numbers((offer.version,))))]
    else:
        found.append((RENEGOTIATION_INFO, _vector(1, b"")))
    return found


def _padding(size: int) -> bytes:
    """Return the padding for a body of this size; the message has four octets more, and an empty extension too."""
    missing = _LONG - 4 - size
    return _extension(PADDING, bytes(max(missing - 4, 1))) if _SHORT <= size + 4 < _LONG else b""


def _extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + _vector(2, content)


def _numbers(numbers: tuple[int, ...]) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def _vector(size: int, content: bytes) -> bytes:
    """Return the content with its length before it."""
    if len(content) >> 8 * size:
        raise ValueError(f"{len(content)} octets do not fit behind a length of {size}")
    return len(content).to_bytes(size, "big") + content
