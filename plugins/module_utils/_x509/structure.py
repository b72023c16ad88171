# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the parts of a certificate are (RFC 5280 section 4.1): bytes in, raw parts out, nothing interpreted.

Works on certificates that no library loads, as long as the outline is there: every part is returned as it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der

_VERSION, _EXTENSIONS = 0xA0, 0xA3


@dataclass(frozen=True)
class Structure:
    """The raw parts of one certificate, each an element that nobody has looked into yet.

    `signature_algorithm` is the outer one, the one the signature was made with; `inner_signature_algorithm` should
    be the same. `extensions` is the SEQUENCE OF Extension, None when there is none. `exact` is false when
    bytes follow the certificate.
    """

    tbs: bytes
    signature_algorithm: der.Element
    signature: der.Element
    version: int
    serial: der.Element
    inner_signature_algorithm: der.Element
    issuer: der.Element
    validity: der.Element
    subject: der.Element
    spki: der.Element
    extensions: der.Element | None
    exact: bool


@dataclass(frozen=True)
class Extension:
    """One extension: OID as dotted text, criticality, and the DER inside its OCTET STRING."""

    oid: str
    critical: bool
    value: bytes


def outline(data: bytes) -> Structure:
    """Return the parts of a DER certificate.

    Raises:
        DerError: when they cannot be told apart.
    """
    outer, end = der.read(data)
    parts = der.members(outer)
    if len(parts) != 3:
        raise der.DerError("a certificate has three parts")
    tbs, algorithm, signature = parts
    fields = der.members(tbs)
    version = 1
    if fields and fields[0].tag == _VERSION:
        version = der.integer(der.read_exactly(fields[0].content)) + 1
        del fields[0]
    if len(fields) < 6:
        raise der.DerError("a part of the certificate is missing")
    serial, inner, issuer, validity, subject, spki = fields[:6]
    for field in (inner, issuer, validity, subject, spki, algorithm):
        der.expect(field, der.SEQUENCE)
    extensions = next((der.read_exactly(field.content) for field in fields[6:] if field.tag == _EXTENSIONS), None)
    return Structure(tbs.raw, algorithm, signature, version, serial, inner, issuer, validity, subject, spki, extensions,
                     end == len(data))  # fmt: skip


def read_extensions(structure: Structure) -> tuple[Extension, ...]:
    """Return the extensions in the order of the certificate.

    Raises:
        DerError: when it does not decode.
    """
    if structure.extensions is None:
        return ()
    return tuple(_extension(element) for element in der.members(structure.extensions))


def _extension(element: der.Element) -> Extension:
    parts = der.members(element)
    critical = False
    if len(parts) == 3:
        critical = der.boolean(parts.pop(1))
    if len(parts) != 2:
        raise der.DerError("an extension has two or three parts")
    return Extension(der.object_identifier(parts[0]), critical, der.expect(parts[1], der.OCTET_STRING).content)
