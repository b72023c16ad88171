# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate extensions a judge of servers needs (RFC 5280 section 4.2.1): the DER of a value in, a value out."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der

SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
SUBJECT_ALTERNATIVE_NAME = "2.5.29.17"
_SRV_NAME = "1.3.6.1.5.5.7.8.7"
"""id-on-dnsSRV (RFC 4985)."""
BASIC_CONSTRAINTS = "2.5.29.19"
NAME_CONSTRAINTS = "2.5.29.30"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
NETSCAPE_CERTIFICATE_TYPE = "2.16.840.1.113730.1.1"

UNDERSTOOD = frozenset(
    (
        KEY_USAGE, SUBJECT_ALTERNATIVE_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, EXTENDED_KEY_USAGE,
        NETSCAPE_CERTIFICATE_TYPE,
        "2.5.29.31",  # cRLDistributionPoints
        "2.5.29.32",  # certificatePolicies
        "2.5.29.33",  # policyMappings
        "2.5.29.36",  # policyConstraints
        "2.5.29.54",  # inhibitAnyPolicy
        "1.3.6.1.5.5.7.1.7",  # ipAddrBlocks
        "1.3.6.1.5.5.7.1.8",  # autonomousSysIds
        "1.3.6.1.5.5.7.1.14",  # proxyCertInfo
        "1.3.6.1.5.5.7.48.1.5",  # ocsp-nocheck
    )
)  # fmt: skip
"""What OpenSSL accepts when critical (X509_supported_extension); any other critical extension is error 34.

The two key identifiers are no part of it: RFC 5280 forbids to make them critical."""

KEY_USAGES = (
    "digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
    "cRLSign", "encipherOnly", "decipherOnly",
)  # fmt: skip
"""The names of the keyUsage bits, bit 0 first."""


@dataclass(frozen=True)
class BasicConstraints:
    """Whether the certificate is a CA's, and how many intermediate certificates may stand below it."""

    ca: bool
    path_length: int | None


@dataclass(frozen=True)
class AuthorityKeyIdentifier:
    """What a certificate says of its issuer's key: key identifier, the issuer's own issuer (raw Name) and serial."""

    key_identifier: bytes | None
    issuer: bytes | None
    serial: int | None


@dataclass(frozen=True)
class AlternativeNames:
    """The dNSNames and SRVNames (RFC 4985), a character per octet as they came, and the iPAddresses; other kinds are not kept."""

    dns_names: tuple[str, ...] = ()
    ip_addresses: tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...] = ()
    srv_names: tuple[str, ...] = ()


def _first(value: bytes) -> der.Element:
    """The element that an extension's value begins with; OpenSSL does not look at what follows it (X509V3_EXT_d2i)."""
    return der.read(value)[0]


def basic_constraints(value: bytes) -> BasicConstraints:
    """Return basicConstraints.

    Raises:
        DerError: when it does not decode.
    """
    parts = der.members(_first(value))
    ca = bool(parts) and parts[0].tag == der.BOOLEAN and der.boolean(parts.pop(0))
    path_length = der.integer(parts.pop(0)) if parts else None
    if parts or (path_length is not None and path_length < 0):
        raise der.DerError("bad basicConstraints")
    return BasicConstraints(ca, path_length)


def key_usage(value: bytes) -> frozenset[str]:
    """Return the names of the set keyUsage bits.

    Raises:
        DerError: when it does not decode.
    """
    bits = der.bit_string(_first(value))
    return frozenset(
        name for at, name in enumerate(KEY_USAGES) if at // 8 < len(bits) and bits[at // 8] & (0x80 >> at % 8)
    )


def extended_key_usage(value: bytes) -> tuple[str, ...]:
    """Return the purposes as dotted text.

    Raises:
        DerError: when it does not decode.
    """
    return tuple(der.object_identifier(part) for part in der.members(_first(value)))


def key_identifier(value: bytes) -> bytes:
    """Return the subjectKeyIdentifier.

    Raises:
        DerError: when it does not decode.
    """
    return der.expect(_first(value), der.OCTET_STRING).content


def authority_key_identifier(value: bytes) -> AuthorityKeyIdentifier:
    """Return the authorityKeyIdentifier; only a directoryName counts as issuer.

    Raises:
        DerError: when it does not decode.
    """
    parts = {part.tag: part.content for part in der.members(_first(value))}
    names = der.children(parts[0xA1]) if 0xA1 in parts else []
    issuer = next((name.content for name in names if name.tag == 0xA4), None)
    serial = int.from_bytes(parts[0x82], "big", signed=True) if 0x82 in parts else None
    return AuthorityKeyIdentifier(parts.get(0x80), issuer, serial)


def alternative_names(value: bytes) -> AlternativeNames:
    """Return the names of a subjectAltName; addresses of a wrong length are passed over.

    Raises:
        DerError: when it does not decode.
    """
    parts = der.members(_first(value))
    addresses = [part.content for part in parts if part.tag == 0x87 and len(part.content) in (4, 16)]
    return AlternativeNames(
        tuple(part.content.decode("latin-1") for part in parts if part.tag == 0x82),
        tuple(ipaddress.ip_address(address) for address in addresses),
        tuple(name for name in (_srv_name(part.content) for part in parts if part.tag == 0xA0) if name is not None),
    )


def _srv_name(content: bytes) -> str | None:
    """The SRVName in an otherName; None for others, and for what cannot be read."""
    try:
        kind, value = der.children(content)
        if der.object_identifier(kind) != _SRV_NAME or value.tag != 0xA0:
            return None
        return der.expect(der.read_exactly(value.content), 0x16).content.decode("latin-1")
    except (der.DerError, ValueError):
        return None
