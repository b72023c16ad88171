# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signature algorithms of certificates by OID: OpenSSL's name, the kind of key, the digest."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der


@dataclass(frozen=True)
class SignatureAlgorithm:
    """One algorithm: OpenSSL's long name (or the OID) and what it is made of.

    `key_type` is the type of key that makes it (rsa, rsa-pss, ecdsa, dsa, ed25519, ed448), `digest` hashlib's name
    of its digest; both are `None` when unknown, the digest also for Ed25519 and Ed448. `salt_length` is for rsa-pss
    only.
    """

    name: str
    key_type: str | None = None
    digest: str | None = None
    salt_length: int | None = None


_RSA = "1.2.840.113549.1.1."
_PSS = _RSA + "10"
_NIST = "2.16.840.1.101.3.4."

_KNOWN = {
    _RSA + "2": SignatureAlgorithm("md2WithRSAEncryption", "rsa", "md2"),
    _RSA + "4": SignatureAlgorithm("md5WithRSAEncryption", "rsa", "md5"),
    _RSA + "5": SignatureAlgorithm("sha1WithRSAEncryption", "rsa", "sha1"),
    "1.3.14.3.2.29": SignatureAlgorithm("sha1WithRSA", "rsa", "sha1"),
    _RSA + "14": SignatureAlgorithm("sha224WithRSAEncryption", "rsa", "sha224"),
    _RSA + "11": SignatureAlgorithm("sha256WithRSAEncryption", "rsa", "sha256"),
    _RSA + "12": SignatureAlgorithm("sha384WithRSAEncryption", "rsa", "sha384"),
    _RSA + "13": SignatureAlgorithm("sha512WithRSAEncryption", "rsa", "sha512"),
    _NIST + "3.13": SignatureAlgorithm("RSA-SHA3-224", "rsa", "sha3_224"),
    _NIST + "3.14": SignatureAlgorithm("RSA-SHA3-256", "rsa", "sha3_256"),
    _NIST + "3.15": SignatureAlgorithm("RSA-SHA3-384", "rsa", "sha3_384"),
    _NIST + "3.16": SignatureAlgorithm("RSA-SHA3-512", "rsa", "sha3_512"),
    "1.2.840.10045.4.1": SignatureAlgorithm("ecdsa-with-SHA1", "ecdsa", "sha1"),
    "1.2.840.10045.4.3.1": SignatureAlgorithm("ecdsa-with-SHA224", "ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": SignatureAlgorithm("ecdsa-with-SHA256", "ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": SignatureAlgorithm("ecdsa-with-SHA384", "ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": SignatureAlgorithm("ecdsa-with-SHA512", "ecdsa", "sha512"),
    "1.2.840.10040.4.3": SignatureAlgorithm("dsaWithSHA1", "dsa", "sha1"),
    _NIST + "3.1": SignatureAlgorithm("dsa_with_SHA224", "dsa", "sha224"),
    _NIST + "3.2": SignatureAlgorithm("dsa_with_SHA256", "dsa", "sha256"),
    "1.3.101.112": SignatureAlgorithm("ED25519", "ed25519"),
    "1.3.101.113": SignatureAlgorithm("ED448", "ed448"),
}

_DIGESTS = {
    "1.2.840.113549.2.5": "md5", "1.3.14.3.2.26": "sha1", _NIST + "2.4": "sha224", _NIST + "2.1": "sha256",
    _NIST + "2.2": "sha384", _NIST + "2.3": "sha512",
}  # fmt: skip


def identify(algorithm: der.Element) -> SignatureAlgorithm:
    """Return what an AlgorithmIdentifier means. For RSASSA-PSS the digest is in the parameters.

    Raises:
        DerError: when it does not decode.
    """
    parts = der.members(algorithm)
    if not parts:
        raise der.DerError("no algorithm")
    oid = der.object_identifier(parts[0])
    if oid == _PSS:
        return _pss(parts[1:])
    return _KNOWN.get(oid, SignatureAlgorithm(oid))


def _pss(parameters: list[der.Element]) -> SignatureAlgorithm:
    """RSASSA-PSS-params (RFC 4055 section 3.1), SHA-1 and 20 octets by default; MGF1 is taken to use the digest."""
    digest: str | None = "sha1"
    salt_length = 20
    for field in der.members(parameters[0]) if parameters else []:
        inner = der.read_exactly(field.content)
        if field.tag == 0xA0:
            parts = der.members(inner)
            digest = _DIGESTS.get(der.object_identifier(parts[0])) if parts else None
        elif field.tag == 0xA2:
            salt_length = der.integer(inner)
    return SignatureAlgorithm("rsassaPss", "rsa-pss", digest, salt_length)
