# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel bindings of TLS (RFC 5056): the name and the bytes that tie a login to one TLS session.

The bytes come from the session: `tls-exporter` (RFC 9266; the only one of TLS 1.3) and `tls-unique` (RFC 5929 section 3; TLS 1.2 and
before) from the TLS library, `tls-server-end-point` (RFC 5929 section 4) from the server's certificate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

EXPORTER_LABEL = b"EXPORTER-Channel-Binding"
EXPORTER_LENGTH = 32


@dataclass(frozen=True)
class ChannelBinding:
    """One channel binding: its name of IANA's registry, and its data, which is not for others to see."""

    name: str
    data: bytes = field(repr=False)


def server_end_point(certificate: bytes, signature_digest: str | None) -> ChannelBinding | None:
    """Make `tls-server-end-point`: the hash of the server's certificate.

    Args:
        certificate: the server's own certificate, DER.
        signature_digest: hashlib's name of the digest of its signature; None where it has none (Ed25519).

    Returns:
        The binding; None where RFC 5929 section 4.1 does not define it.
    """
    if signature_digest is None:
        return None
    digest = "sha256" if signature_digest in ("md5", "sha1") else signature_digest
    try:
        return ChannelBinding("tls-server-end-point", hashlib.new(digest, certificate).digest())
    except ValueError:
        return None


def preferred(bindings: tuple[ChannelBinding, ...]) -> ChannelBinding | None:
    """Return the one to use: the session's own before the certificate's, which all sessions with it share."""
    order = ("tls-exporter", "tls-unique", "tls-server-end-point")
    known = [one for one in bindings if one.name in order]
    return min(known, key=lambda one: order.index(one.name)) if known else None
