# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys of servers: making them, reading them from PEM files, writing them as PKCS #8 (RFC 5958, RFC 7468).

Needs cryptography. What a key `is` comes from its SubjectPublicKeyInfo, so it is told in the same words as for the
keys of certificates.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, public_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.ec_point import has_explicit_curve, with_point_of, with_written_point
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import PrivateKeyMissing, private_key_block
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

    SigningKey = Union[rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey]
    _SIGNING_KEYS = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)
except ImportError:
    pass

_OF_EC = ("PRIVATE KEY", "EC PRIVATE KEY")
_RSA_PSS = "1.2.840.113549.1.1.10"
_RSA_EXPONENT = 65537


class UnusableKey(ValueError):
    """There is no private key here, or none that a server can be given; the text says why and holds nothing of the key."""


class KeyAlgorithm(str, Enum):
    """What Postfix calls a public key algorithm: one key and one chain of each may be deployed."""

    RSA = "rsa"
    ECDSA = "ecdsa"
    ED25519 = "ed25519"


class KeyKind(Enum):
    """The kinds of keys that can be made: algorithm, bits, and for ECDSA the curve's SEC 2 name."""

    RSA_2048 = (KeyAlgorithm.RSA, 2048, None)
    RSA_3072 = (KeyAlgorithm.RSA, 3072, None)
    RSA_4096 = (KeyAlgorithm.RSA, 4096, None)
    ECDSA_P256 = (KeyAlgorithm.ECDSA, 256, "secp256r1")
    ECDSA_P384 = (KeyAlgorithm.ECDSA, 384, "secp384r1")
    ECDSA_P521 = (KeyAlgorithm.ECDSA, 521, "secp521r1")
    ED25519 = (KeyAlgorithm.ED25519, 256, None)

    @property
    def algorithm(self) -> KeyAlgorithm:
        """The algorithm."""
        return KeyAlgorithm(self.value[0])

    @property
    def public_key(self) -> public_key.PublicKey:
        """What the public key of this kind is, in the words of `public_key`."""
        algorithm, bits, curve = self.value
        return public_key.PublicKey(algorithm.value, bits, curve)


@dataclass(frozen=True)
class PrivateKey:
    """A private key that can sign. Its text shows what kind it is and never the key; equal when the public keys are.

    `spki` has an EC point in the form in which the key's file writes it, as OpenSSL and Postfix have it.
    """

    signer: SigningKey = field(compare=False)
    spki: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({describe(self.public_key)})"

    @property
    def public_key(self) -> public_key.PublicKey:
        """Type, bits and curve."""
        return public_key.decode(self.spki)

    @property
    def algorithm(self) -> KeyAlgorithm | None:
        """The algorithm, `None` for one that Postfix has no parameters for (Ed448)."""
        return next((one for one in KeyAlgorithm if one.value == self.public_key.type), None)

    @property
    def public_key_sha256(self) -> str:
        """The SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal: the data of a TLSA record `3 1 1`."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def signature_hash(self) -> hashes.SHA256 | None:
        """SHA-256, or `None` where the algorithm brings its own."""
        return hashes.SHA256() if isinstance(self.signer, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)) else None

    def sign(self, data: bytes) -> bytes:
        """Return the signature of some data, as certificates and requests have it."""
        if isinstance(self.signer, rsa.RSAPrivateKey):
            return self.signer.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self.signer, ec.EllipticCurvePrivateKey):
            return self.signer.sign(data, ec.ECDSA(hashes.SHA256()))
        return self.signer.sign(data)

    def pem(self) -> bytes:
        """Return the key as one unencrypted PKCS #8 block, `PRIVATE KEY`, of RFC 7468. `Secret`."""
        content = self.signer.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        if self.spki != library_spki(self.signer):
            content = with_point_of(self.spki, content)
        return PemBlock("PRIVATE KEY", b"", content).text


def describe(key: public_key.PublicKey) -> str:
    """Return what people call a key of this kind: `rsa 2048`, `ecdsa secp256r1`, `ed25519`."""
    size = key.curve or (str(key.bits) if key.type in ("rsa", "ecdsa") else "")
    return (f"{key.type} {size}").strip()


def generate(kind: KeyKind) -> PrivateKey:
    """Return a new key."""
    if kind.algorithm is KeyAlgorithm.RSA:
        return _private_key(rsa.generate_private_key(_RSA_EXPONENT, kind.public_key.bits or 0))
    if kind.algorithm is KeyAlgorithm.ED25519:
        return _private_key(ed25519.Ed25519PrivateKey.generate())
    curves = {"secp256r1": ec.SECP256R1(), "secp384r1": ec.SECP384R1(), "secp521r1": ec.SECP521R1()}
    return _private_key(ec.generate_private_key(curves[kind.public_key.curve or ""]))


def load(pem: bytes) -> PrivateKey:
    """Return the private key that OpenSSL takes of a PEM file, which may hold certificates too.

    Raises:
        UnusableKey: when the key cannot be used.
    """
    try:
        return _load_block(private_key_block(pem, _looks_like_key))
    except PrivateKeyMissing:
        raise UnusableKey("holds no private key in PEM") from None
    except PrivateKeyUnusable as problem:
        raise UnusableKey(f"holds no private key: it cannot be read as OpenSSL reads it: {problem}") from None


def _looks_like_key(block: PemBlock) -> bool:
    """OpenSSL loads kinds of keys that cryptography does not: one of these must not have the next key taken in its place."""
    try:
        return len(der.members(der.read(block.der)[0])) > 1
    except der.DerError:
        return False


def _load_block(block: PemBlock) -> PrivateKey:
    """Load one PEM block by itself: what stands around it in a file must not matter."""
    if block.label == "PRIVATE KEY" and _pkcs8_algorithm(block) == _RSA_PSS:
        # cryptography would take it for a plain RSA key, with another SPKI, and so with other TLSA data.
        raise UnusableKey("holds a key for RSA-PSS only, which is not supported")
    if block.label in _OF_EC and has_explicit_curve(block.der):
        # Here too: of some curves it would make the named one, and refuse the others.
        raise UnusableKey("holds an EC key whose curve is spelt out, which issuers refuse: name it with openssl ec -param_enc named_curve")
    try:
        loaded = serialization.load_pem_private_key(block.text, password=None)
    except TypeError:
        raise UnusableKey("holds a private key that is encrypted, which Postfix cannot use") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey("holds a private key that cannot be read") from None
    if not isinstance(loaded, _SIGNING_KEYS):
        raise UnusableKey("holds a private key of a kind that servers do not use")
    key = _private_key(loaded)
    if isinstance(loaded, ec.EllipticCurvePrivateKey):
        return PrivateKey(loaded, with_written_point(key.spki, block.der, loaded.public_key()))
    return key


def _pkcs8_algorithm(block: PemBlock) -> str | None:
    """Return the algorithm's OID of an unencrypted PKCS #8 block, if it can be told."""
    try:
        parts = der.members(der.read_exactly(block.der))
        return der.object_identifier(der.members(parts[1])[0])
    except (ValueError, IndexError):
        return None


def library_spki(signer: SigningKey) -> bytes:
    """Return the SubjectPublicKeyInfo of a key as cryptography writes it: EC points are uncompressed."""
    return signer.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _private_key(signer: SigningKey) -> PrivateKey:
    return PrivateKey(signer, library_spki(signer))
