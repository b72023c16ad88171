# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates made on the fly for tests, in the spirit of trustme; none is checked in.

The DER is written here by hand, because tests need what the builder of cryptography refuses: RSA keys of 768 bits,
SHA-1 and MD5 signatures, names with NUL, version 1, broken extensions. Keys and signatures come from cryptography
where it can.

    >>> chain = hierarchy()                                   # root -> intermediate -> leaf for mx.example.com
    >>> chain.leaf.der, chain.leaf.pem, chain.leaf.key.pem    # bytes
    >>> issue("other", issuer=chain.root, ca=True, not_after=NOW - DAY)
"""

from __future__ import annotations

import base64
import functools
import hashlib
import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Callable

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

NOW = datetime.now(timezone.utc).replace(microsecond=0)
"""The time all certificates are made relative to: the start of the test run."""
DAY = timedelta(days=1)

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0"

KEY_USAGE_BITS = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip

_RSA_SIGNATURE = {"md5": "1.2.840.113549.1.1.4", "sha1": "1.2.840.113549.1.1.5", "sha224": "1.2.840.113549.1.1.14",
                  "sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12",
                  "sha512": "1.2.840.113549.1.1.13"}  # fmt: skip
_ECDSA_SIGNATURE = {"sha1": "1.2.840.10045.4.1", "sha224": "1.2.840.10045.4.3.1", "sha256": "1.2.840.10045.4.3.2",
                    "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}  # fmt: skip
_DIGEST = {"md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4",
           "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2",
           "sha512": "2.16.840.1.101.3.4.2.3"}  # fmt: skip
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}  # fmt: skip


# --- writing DER ---------------------------------------------------------------------------------------------------


def tlv(tag: int, *contents: bytes) -> bytes:
    """Return one DER element with this identifier octet and the contents joined."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*contents: bytes) -> bytes:
    """Return a SEQUENCE of encoded elements."""
    return tlv(0x30, *contents)


def integer(value: int) -> bytes:
    """Return an INTEGER."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(text: str) -> bytes:
    """Return an OBJECT IDENTIFIER from dotted text."""
    arcs = [int(arc) for arc in text.split(".")]
    body = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        septets = [arc & 0x7F]
        while arc > 0x7F:
            arc >>= 7
            septets.append(0x80 | (arc & 0x7F))
        body += bytes(reversed(septets))
    return tlv(0x06, body)


def bit_string(content: bytes, unused: int = 0) -> bytes:
    """Return a BIT STRING."""
    return tlv(0x03, bytes([unused]) + content)


def octet_string(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return tlv(0x04, content)


def time(moment: datetime) -> bytes:
    """Return UTCTime up to 2049 and GeneralizedTime after (RFC 5280 section 4.1.2.5)."""
    text = moment.astimezone(timezone.utc).strftime("%Y%m%d%H%M%SZ")
    return tlv(0x17, text[2:].encode()) if 1950 <= moment.year < 2050 else tlv(0x18, text.encode())


def name(common_name: str | bytes | None, *more: tuple[str, str], tag: int = 0x0C) -> bytes:
    """Return a Name with one CN (raw bytes allowed; tag 0x0C is UTF8String) after more (oid, text) attributes."""
    attributes = [(kind, value.encode(), 0x0C) for kind, value in more]
    if common_name is not None:
        raw = common_name if isinstance(common_name, bytes) else common_name.encode()
        attributes.append(("2.5.4.3", raw, tag))
    return sequence(*(tlv(0x31, sequence(oid(kind), tlv(kind_tag, raw))) for kind, raw, kind_tag in attributes))


def extension(identifier: str, value: bytes, critical: bool = False) -> bytes:
    """Return one Extension; the value is the DER inside the OCTET STRING."""
    return sequence(oid(identifier), b"\x01\x01\xff" if critical else b"", octet_string(value))


def pem(label: str, der: bytes) -> bytes:
    """Return a PEM block."""
    body = base64.encodebytes(der).replace(b"\n", b"")
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return b"\n".join([b"-----BEGIN %s-----" % label.encode(), *lines, b"-----END %s-----" % label.encode(), b""])


# --- keys ----------------------------------------------------------------------------------------------------------


class Key:
    """A private key: `spki` (DER), `pem` (PKCS#8), and signing with a digest by name."""

    def __init__(self, private: object) -> None:
        self.private = private

    @classmethod
    def generate(cls, kind: str = "ecdsa") -> Key:
        """Make a key: ecdsa (P-256), ecdsa-p384, rsa (2048), rsaBITS, ed25519, ed448 or dsa (2048)."""
        if kind == "ecdsa":
            return cls(ec.generate_private_key(ec.SECP256R1()))
        if kind == "ecdsa-p384":
            return cls(ec.generate_private_key(ec.SECP384R1()))
        if kind == "ed25519":
            return cls(ed25519.Ed25519PrivateKey.generate())
        if kind == "ed448":
            return cls(ed448.Ed448PrivateKey.generate())
        if kind == "dsa":
            return cls(dsa.generate_private_key(2048))
        bits = int(kind[3:] or 2048)
        return SmallRsaKey(bits) if bits < 1024 else cls(rsa.generate_private_key(65537, bits))

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, DER."""
        return self.private.public_key().public_bytes(  # type: ignore[attr-defined, no-any-return]
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def pem(self) -> bytes:
        """The private key, unencrypted PKCS#8 PEM."""
        return self.private.private_bytes(  # type: ignore[attr-defined, no-any-return]
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, data: bytes, digest: str) -> tuple[bytes, bytes]:
        """Return (AlgorithmIdentifier DER, signature) over the data."""
        private = self.private
        if isinstance(private, rsa.RSAPrivateKey):
            numbers = private.private_numbers()
            return _rsa_sign(data, digest, numbers.public_numbers.n, numbers.d)
        if isinstance(private, ec.EllipticCurvePrivateKey):
            return sequence(oid(_ECDSA_SIGNATURE[digest])), private.sign(data, ec.ECDSA(_HASHES[digest]()))
        if isinstance(private, dsa.DSAPrivateKey):
            return sequence(oid("2.16.840.1.101.3.4.3.2")), private.sign(data, hashes.SHA256())
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return sequence(oid("1.3.101.112")), private.sign(data)
        assert isinstance(private, ed448.Ed448PrivateKey)
        return sequence(oid("1.3.101.113")), private.sign(data)


class PssKey(Key):
    """A key that signs with RSASSA-PSS, salt as long as the digest."""

    def sign(self, data: bytes, digest: str) -> tuple[bytes, bytes]:
        """Return (AlgorithmIdentifier DER with RSASSA-PSS-params, signature) over the data."""
        assert isinstance(self.private, rsa.RSAPrivateKey)
        algorithm, size = _HASHES[digest](), hashlib.new(digest).digest_size
        digest_id = sequence(oid(_DIGEST[digest]), b"\x05\x00")
        parameters = sequence(
            tlv(0xA0, digest_id), tlv(0xA1, sequence(oid("1.2.840.113549.1.1.8"), digest_id)), tlv(0xA2, integer(size))
        )
        signature = self.private.sign(data, padding.PSS(padding.MGF1(algorithm), size), algorithm)
        return sequence(oid("1.2.840.113549.1.1.10"), parameters), signature


class SmallRsaKey(Key):
    """An RSA key smaller than cryptography makes or loads; arithmetic by hand, for tests only."""

    def __init__(self, bits: int) -> None:
        super().__init__(None)
        self.p, self.q = _prime_pair(bits)
        self.n = self.p * self.q
        self.d = pow(65537, -1, (self.p - 1) * (self.q - 1))

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, DER."""
        return sequence(_RSA_ALGORITHM, bit_string(sequence(integer(self.n), integer(65537))))

    @property
    def pem(self) -> bytes:
        """The private key, unencrypted PKCS#8 PEM."""
        parts = [0, self.n, 65537, self.d, self.p, self.q, self.d % (self.p - 1), self.d % (self.q - 1)]
        body = sequence(*(integer(part) for part in [*parts, pow(self.q, -1, self.p)]))
        return pem("PRIVATE KEY", sequence(integer(0), _RSA_ALGORITHM, octet_string(body)))

    def sign(self, data: bytes, digest: str) -> tuple[bytes, bytes]:
        """Return (AlgorithmIdentifier DER, signature) over the data."""
        return _rsa_sign(data, digest, self.n, self.d)


_RSA_ALGORITHM = sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00")


def _rsa_sign(data: bytes, digest: str, modulus: int, exponent: int) -> tuple[bytes, bytes]:
    """PKCS #1 v1.5 by hand (RFC 8017 section 8.2.1): cryptography refuses MD5, small keys and in places SHA-1."""
    size = (modulus.bit_length() + 7) // 8
    info = sequence(sequence(oid(_DIGEST[digest]), b"\x05\x00"), octet_string(hashlib.new(digest, data).digest()))
    block = b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info
    signature = pow(int.from_bytes(block, "big"), exponent, modulus).to_bytes(size, "big")
    return sequence(oid(_RSA_SIGNATURE[digest]), b"\x05\x00"), signature


@functools.cache
def _prime_pair(bits: int) -> tuple[int, int]:
    source = random.Random(bits)
    while True:
        p, q = _prime(bits // 2, source), _prime(bits - bits // 2, source)
        if p != q and (p * q).bit_length() == bits and (p - 1) % 65537 and (q - 1) % 65537:
            return p, q


def _prime(bits: int, source: random.Random) -> int:
    while True:
        candidate = source.getrandbits(bits) | (3 << (bits - 2)) | 1
        if all(pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7)):
            return candidate


# --- certificates --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key."""

    der: bytes
    key: Key
    subject: bytes
    """The encoded subject Name."""

    @property
    def pem(self) -> bytes:
        """The certificate, PEM."""
        return pem("CERTIFICATE", self.der)

    @property
    def key_identifier(self) -> bytes:
        """The subject key identifier: SHA-1 of the SPKI."""
        return hashlib.sha1(self.key.spki).digest()


def subject_alternative_name(dns_names: Sequence[str | bytes] = (), ip_addresses: Sequence[str] = ()) -> bytes:
    """Return a SubjectAltName value with dNSNames (raw bytes allowed) and iPAddresses."""
    names = [tlv(0x82, raw if isinstance(raw, bytes) else raw.encode()) for raw in dns_names]
    return sequence(*names, *(tlv(0x87, ipaddress.ip_address(address).packed) for address in ip_addresses))


def key_usage_value(names: Sequence[str]) -> bytes:
    """Return a KeyUsage value from names such as digital_signature and key_cert_sign."""
    bits = sum(0x8000 >> KEY_USAGE_BITS.index(usage) for usage in names).to_bytes(2, "big").rstrip(b"\x00")
    unused = 0 if not bits else (bits[-1] & -bits[-1]).bit_length() - 1
    return bit_string(bits, unused)


def _extensions(
    key: Key, issuer_identifier: bytes, ca: bool | None, path_length: int | None,
    names: tuple[Sequence[str | bytes], Sequence[str]], extended_key_usage: Sequence[str] | None,
    key_usage: Sequence[str] | None, key_identifiers: bool,
) -> list[bytes]:  # fmt: skip
    made = []
    if ca is not None:
        content = (b"\x01\x01\xff" if ca else b"") + (b"" if path_length is None else integer(path_length))
        made.append(extension("2.5.29.19", sequence(content), critical=ca))
    if key_usage is not None:
        made.append(extension("2.5.29.15", key_usage_value(key_usage), critical=True))
    if extended_key_usage is not None:
        made.append(extension("2.5.29.37", sequence(*(oid(usage) for usage in extended_key_usage))))
    if names[0] or names[1]:
        made.append(extension("2.5.29.17", subject_alternative_name(*names)))
    if key_identifiers:
        made.append(extension("2.5.29.14", octet_string(hashlib.sha1(key.spki).digest())))
        made.append(extension("2.5.29.35", sequence(tlv(0x80, issuer_identifier))))
    return made


def issue(
    common_name: str | bytes | None = "leaf",
    *,
    issuer: Issued | None = None,
    key: Key | None = None,
    subject: bytes | None = None,
    dns_names: Sequence[str | bytes] = (),
    ip_addresses: Sequence[str] = (),
    not_before: datetime = NOW - DAY,
    not_after: datetime = NOW + 365 * DAY,
    ca: bool | None = False,
    path_length: int | None = None,
    extended_key_usage: Sequence[str] | None = None,
    key_usage: Sequence[str] | None = None,
    key_identifiers: bool = True,
    digest: str = "sha256",
    extensions: Sequence[bytes] = (),
    version: int = 3,
    serial: int | None = None,
    spki: bytes | None = None,
) -> Issued:
    """Make and sign one certificate; self-signed when there is no *issuer*.

    `ca=None` leaves basicConstraints out, `version=1` leaves every extension out, `key_identifiers=False` the two
    identifiers. *subject* is an encoded Name instead of the common name, *extensions* are added at the end encoded.
    *spki* replaces the public key (the private one then no longer fits).
    """
    key = key or Key.generate()
    subject = name(common_name) if subject is None else subject
    signer = issuer.key if issuer else key
    issuer_identifier = issuer.key_identifier if issuer else hashlib.sha1(key.spki).digest()
    parts = _extensions(key, issuer_identifier, ca, path_length, (dns_names, ip_addresses), extended_key_usage, key_usage,
                        key_identifiers)  # fmt: skip
    algorithm, _signature = signer.sign(b"", digest)
    tbs = sequence(
        tlv(0xA0, integer(version - 1)) if version > 1 else b"",
        integer(random.getrandbits(120) | (1 << 119) if serial is None else serial),
        algorithm,
        issuer.subject if issuer else subject,
        sequence(time(not_before), time(not_after)),
        subject,
        key.spki if spki is None else spki,
        tlv(0xA3, sequence(*parts, *extensions)) if version >= 3 and (parts or extensions) else b"",
    )
    algorithm, signature = signer.sign(tbs, digest)
    return Issued(sequence(tbs, algorithm, bit_string(signature)), key, subject)


@dataclass(frozen=True)
class Hierarchy:
    """A root, an intermediate below it, and a server certificate below that."""

    root: Issued
    intermediate: Issued
    leaf: Issued

    @property
    def served(self) -> tuple[bytes, bytes]:
        """What a server sends: leaf and intermediate, DER."""
        return self.leaf.der, self.intermediate.der

    @property
    def served_pem(self) -> bytes:
        """What a server's chain file holds: leaf and intermediate, PEM."""
        return self.leaf.pem + self.intermediate.pem


def hierarchy(dns_names: Sequence[str] = ("mx.example.com",), kind: str = "ecdsa") -> Hierarchy:
    """Make Root -> Inter -> leaf, all valid now; the leaf has CN `leaf` and these names."""
    root = issue("Root", ca=True, key=Key.generate(kind), not_after=NOW + 3650 * DAY)
    intermediate = issue("Inter", issuer=root, ca=True, key=Key.generate(kind), not_after=NOW + 1825 * DAY)
    return Hierarchy(
        root, intermediate, issue("leaf", issuer=intermediate, dns_names=dns_names, key=Key.generate(kind))
    )
