# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a certificate was signed with a given public key; the only arithmetic here is left to cryptography."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature_algorithms import SignatureAlgorithm

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key
except ImportError:
    pass  # what is missing is named before anything runs


def load_public_key(spki: bytes) -> Any | None:
    """Return cryptography's public key object for a DER SubjectPublicKeyInfo, or `None` when it refuses the key."""
    try:
        return load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def is_signed_by(certificate: Certificate, spki: bytes) -> bool | None:
    """Return whether the key verifies the certificate's signature; `None` when that cannot be found out here.

    It cannot when the key does not load (RSA keys under 1024 bits, in newer libraries), or when the algorithm is
    unknown. Needs cryptography.
    """
    structure, algorithm, key = certificate.structure, certificate.signature, load_public_key(spki)
    if structure is None or algorithm is None:
        return None
    if (
        structure.signature_algorithm.raw != structure.inner_signature_algorithm.raw
        or structure.signature.content[:1] != b"\0"
    ):
        return False  # RFC 5280 section 4.1.1.2; and a signature has no unused bits
    if key is None:
        return None
    try:
        arguments = _arguments(key, algorithm)
        if arguments is None:
            return None
        key.verify(der.bit_string(structure.signature), structure.tbs, *arguments)
    except (InvalidSignature, der.DerError):
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return True


def _arguments(key: Any, algorithm: SignatureAlgorithm) -> tuple[Any, ...] | None:
    """What the key's verify() takes after signature and data; `None` when key and algorithm do not fit."""
    if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        return () if algorithm.key_type in ("ed25519", "ed448") else None
    digest = _digest(algorithm.digest)
    if digest is None:
        return None
    if isinstance(key, rsa.RSAPublicKey):
        if algorithm.key_type == "rsa":
            return padding.PKCS1v15(), digest
        if algorithm.key_type == "rsa-pss" and algorithm.salt_length is not None:
            return padding.PSS(padding.MGF1(digest), algorithm.salt_length), digest
    if isinstance(key, ec.EllipticCurvePublicKey) and algorithm.key_type == "ecdsa":
        return (ec.ECDSA(digest),)
    if isinstance(key, dsa.DSAPublicKey) and algorithm.key_type == "dsa":
        return (digest,)
    return None


def _digest(name: str | None) -> Any | None:
    known: dict[str | None, Any] = {
        "md5": hashes.MD5, "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256,
        "sha384": hashes.SHA384, "sha512": hashes.SHA512, "sha3_224": hashes.SHA3_224, "sha3_256": hashes.SHA3_256,
        "sha3_384": hashes.SHA3_384, "sha3_512": hashes.SHA3_512,
    }  # fmt: skip
    return known[name]() if name in known else None
