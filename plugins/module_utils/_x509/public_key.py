# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of key a SubjectPublicKeyInfo holds (RFC 3279, RFC 5480, RFC 8410), read without a library.

Libraries refuse keys that are too small or too odd; a judge of servers has to name exactly those.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der

try:
    from cryptography.hazmat.primitives.serialization import load_der_public_key
except ImportError:
    pass  # what is missing is named before anything runs

_RSA = {"1.2.840.113549.1.1.1": "rsa", "1.2.840.113549.1.1.10": "rsa-pss"}
_ELLIPTIC = "1.2.840.10045.2.1"
_DSA = "1.2.840.10040.4.1"
_FIXED = {
    "1.3.101.110": ("x25519", 256, 32),
    "1.3.101.111": ("x448", 448, 56),
    "1.3.101.112": ("ed25519", 256, 32),
    "1.3.101.113": ("ed448", 448, 57),
}
_CHECKED_CURVES = frozenset(("secp256r1", "secp384r1", "secp521r1"))
_BRAINPOOL = "1.3.36.3.3.2.8.1.1."

CURVES = {
    "1.2.840.10045.3.1.1": ("secp192r1", 192),
    "1.2.840.10045.3.1.7": ("secp256r1", 256),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.132.0.33": ("secp224r1", 224),
    "1.3.132.0.34": ("secp384r1", 384),
    "1.3.132.0.35": ("secp521r1", 521),
    "1.2.156.10197.1.301": ("sm2", 256),
    **{
        _BRAINPOOL + str(number): (f"brainpoolP{bits}{'t1' if number % 2 == 0 else 'r1'}", bits)
        for number, bits in zip(range(1, 15), (160, 160, 192, 192, 224, 224, 256, 256, 320, 320, 384, 384, 512, 512))
    },
}
"""OID of a named curve -> (its SEC 2 or RFC 5639 name, bits of its field)."""


@dataclass(frozen=True)
class PublicKey:
    """What kind of key it is.

    `type`: rsa, rsa-pss, ecdsa, ed25519, ed448, dsa, x25519, x448, or the OID of another algorithm. `curve` is for
    ECDSA: the SEC 2 name, the OID of an unknown curve, `None` for explicit parameters. `subgroup_bits` is for DSA.
    """

    type: str
    bits: int | None = None
    curve: str | None = None
    subgroup_bits: int | None = None

    def as_facts(self) -> dict[str, object]:
        """Return the shape of `chain[].public_key` in results."""
        return {"type": self.type, "bits": self.bits, "curve": self.curve}


def decode(spki: bytes) -> PublicKey:
    """Return what a DER SubjectPublicKeyInfo holds.

    Raises:
        DerError: when the key inside does not decode.
    """
    parts = der.members(der.read_exactly(spki))
    if len(parts) != 2:
        raise der.DerError("a SubjectPublicKeyInfo has two parts")
    algorithm = der.members(parts[0])
    if not algorithm:
        raise der.DerError("no algorithm")
    oid, parameters = der.object_identifier(algorithm[0]), algorithm[1:]
    key = der.bit_string(parts[1])
    if oid in _RSA:
        numbers = [der.integer(part) for part in der.members(der.read_exactly(key))]
        if len(numbers) != 2 or min(numbers) <= 0:
            raise der.DerError("an RSA key has two positive numbers")
        return PublicKey(_RSA[oid], numbers[0].bit_length())
    if oid == _ELLIPTIC:
        return _elliptic(key, parameters)
    if oid == _DSA:
        return _dsa(key, parameters)
    if oid in _FIXED:
        name, bits, octets = _FIXED[oid]
        if len(key) != octets:
            raise der.DerError("wrong length of a key")
        return PublicKey(name, bits)
    return PublicKey(oid)


def is_decodable(spki: bytes) -> bool:
    """Return whether a key of a known kind comes out of the SPKI; of the usual curves also whether the point is on it.

    Needs cryptography for the latter.
    """
    try:
        key = decode(spki)
    except der.DerError:
        return False
    if key.curve in _CHECKED_CURVES:
        try:
            load_der_public_key(spki)
        except ValueError:
            return False
    return not key.type[:1].isdigit()


def _elliptic(key: bytes, parameters: list[der.Element]) -> PublicKey:
    if len(parameters) != 1:
        raise der.DerError("an EC key needs parameters")
    if parameters[0].tag == der.SEQUENCE:
        return PublicKey("ecdsa", _explicit_field_bits(parameters[0]))
    oid = der.object_identifier(parameters[0])
    if oid not in CURVES:
        return PublicKey("ecdsa", None, oid)
    name, bits = CURVES[oid]
    octets = (bits + 7) // 8
    if (key[:1], len(key)) not in (
        (b"\x04", 2 * octets + 1), (b"\x06", 2 * octets + 1), (b"\x07", 2 * octets + 1),
        (b"\x02", octets + 1), (b"\x03", octets + 1),
    ):  # fmt: skip
        raise der.DerError("wrong form of an EC point")
    return PublicKey("ecdsa", bits, name)


def _explicit_field_bits(parameters: der.Element) -> int | None:
    parts = der.members(parameters)
    field = der.members(parts[1]) if len(parts) > 1 else []
    return der.integer(field[1]).bit_length() if len(field) > 1 and field[1].tag == der.INTEGER else None


def _dsa(key: bytes, parameters: list[der.Element]) -> PublicKey:
    der.integer(der.read_exactly(key))
    if not parameters:
        return PublicKey("dsa")
    numbers = [der.integer(part) for part in der.members(parameters[0])]
    if len(numbers) != 3 or min(numbers) <= 0:
        raise der.DerError("DSA parameters are three positive numbers")
    return PublicKey("dsa", numbers[0].bit_length(), subgroup_bits=numbers[1].bit_length())
