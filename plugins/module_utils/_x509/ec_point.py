# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the file of an EC key writes its public point (RFC 5915, SEC 1 section 2.3.3): uncompressed, compressed or hybrid.

OpenSSL keeps that form in the SubjectPublicKeyInfo that it makes of the key, cryptography writes all points uncompressed. The two have
other digests, and a TLSA record ``3 1 x`` is a digest. So has a curve that is spelt out (explicit parameters), which RFC 5480 section 2.1.1
forbids in certificates.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, der_writing

try:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:
    pass  # what is missing is named before anything runs

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_PARAMETERS, _PUBLIC_KEY = 0xA0, 0xA1
_HYBRID = (6, 7)


def with_written_point(spki: bytes, private: bytes, public: ec.EllipticCurvePublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo of an EC key with its point as the private key's DER (PKCS #8 or SEC 1) writes it.

    A point that is missing there, or is another key's, changes nothing.
    """
    try:
        point = _written_point(private)
        algorithm = der.members(der.read_exactly(spki))[0]
    except (ValueError, IndexError):
        return spki
    if point not in _other_forms(public):
        return spki
    return der_writing.element(der.SEQUENCE, algorithm.raw, der_writing.element(der.BIT_STRING, b"\0", point))


def has_explicit_curve(private: bytes) -> bool:
    """Tell whether the private key's DER (PKCS #8 or SEC 1) of an EC key spells its curve out in place of naming it.

    OpenSSL keeps that in the SubjectPublicKeyInfo, and cryptography names the curve, where it knows it.
    """
    try:
        parts = der.members(der.read(private)[0])
        if parts[1].tag == der.SEQUENCE:
            algorithm, parameters = der.members(parts[1])
            return der.object_identifier(algorithm) == _EC_PUBLIC_KEY and parameters.tag == der.SEQUENCE
        return any(part.tag == _PARAMETERS and part.content[:1] == bytes([der.SEQUENCE]) for part in parts)
    except (ValueError, IndexError):
        return False


def with_point_of(spki: bytes, pkcs8: bytes) -> bytes:
    """Return the PKCS #8 of an EC key with its point as the SubjectPublicKeyInfo writes it. Secret."""
    point = der.bit_string(der.members(der.read_exactly(spki))[1])
    version, algorithm, wrapped, *rest = der.members(der.read_exactly(pkcs8))
    inner = [
        der_writing.element(_PUBLIC_KEY, der_writing.element(der.BIT_STRING, b"\0", point)) if part.tag == _PUBLIC_KEY else part.raw
        for part in der.members(der.read_exactly(wrapped.content))
    ]
    key = der_writing.element(der.OCTET_STRING, der_writing.element(der.SEQUENCE, *inner))
    return der_writing.element(der.SEQUENCE, version.raw, algorithm.raw, key, *(part.raw for part in rest))


def _written_point(private: bytes) -> bytes:
    """The public point in a private key; empty when it is not there.

    Raises:
        ValueError: when it cannot be read.
        IndexError: past the end.
    """
    parts = der.members(der.read(private)[0])
    if parts[1].tag == der.SEQUENCE:
        parts = der.members(der.read(der.expect(parts[2], der.OCTET_STRING).content)[0])
    public = next((part for part in parts if part.tag == _PUBLIC_KEY), None)
    return b"" if public is None else der.bit_string(der.read_exactly(public.content))


def _other_forms(public: ec.EllipticCurvePublicKey) -> tuple[bytes, ...]:
    compressed = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    uncompressed = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return compressed, bytes([_HYBRID[compressed[0] & 1]]) + uncompressed[1:]
