# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether keys and signatures are strong enough: OpenSSL's security level 1, at least 80 bits
(SSL_CTX_set_security_level).

So RSA 1024 passes and RSA 768 does not; SHA-1 counts 63 bits since OpenSSL 3.0 and is refused, MD5 too.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_key import PublicKey

MINIMUM_BITS = 80
"""Security bits that level 1 asks for."""

_RSA_BITS = ((15360, 256), (8192, 200), (7680, 192), (6144, 176), (4096, 152), (3072, 128), (2048, 112))
_DSA_BITS = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))
_CURVE_BITS = ((512, 256), (384, 192), (256, 128), (224, 112), (160, 80))
_FIXED_BITS = {"ed25519": 128, "x25519": 128, "ed448": 224, "x448": 224}
_BROKEN_DIGESTS = {"md2": 0, "md5": 39, "sha1": 63}


def security_bits(key: PublicKey) -> int:
    """Return the security strength of a key as OpenSSL counts it; 0 for a kind it does not know."""
    if key.type in _FIXED_BITS:
        return _FIXED_BITS[key.type]
    bits = key.bits or 0
    if key.type in ("rsa", "rsa-pss"):
        return _rsa_security_bits(bits)
    if key.type == "ecdsa":
        return _step(_CURVE_BITS, bits) or bits // 2
    if key.type == "dsa":
        subgroup = key.subgroup_bits or 0
        return min(_step(_DSA_BITS, bits), subgroup // 2) if subgroup >= 160 else 0
    return 0


def signature_bits(certificate: Certificate) -> int:
    """Return the security strength of the digest a certificate is signed with; 0 when unknown."""
    signature = certificate.signature
    if signature is None or signature.key_type is None:
        return 0
    if signature.key_type in _FIXED_BITS:
        return _FIXED_BITS[signature.key_type]
    digest = signature.digest
    if digest is None:
        return 0
    return _BROKEN_DIGESTS[digest] if digest in _BROKEN_DIGESTS else hashlib.new(digest).digest_size * 4


def key_is_strong(certificate: Certificate) -> bool:
    """Return whether the certificate's key reaches level 1; false when the key cannot be read."""
    return certificate.public_key is not None and security_bits(certificate.public_key) >= MINIMUM_BITS


def strength_errors(path: Sequence[Certificate]) -> list[errors.VerifyError]:
    """Return what is too weak above the leaf's key: issuers' keys, and every signature below the top of the path."""
    found = []
    for depth, certificate in enumerate(path):
        if depth > 0 and not key_is_strong(certificate):
            found.append(errors.verify_error(errors.CA_KEY_TOO_SMALL, depth))
        if depth < len(path) - 1 and signature_bits(certificate) < MINIMUM_BITS:
            found.append(errors.verify_error(errors.CA_MD_TOO_WEAK, depth))
    return found


def _step(table: tuple[tuple[int, int], ...], bits: int) -> int:
    return next((strength for least, strength in table if bits >= least), 0)


def _rsa_security_bits(bits: int) -> int:
    """NIST SP 800-56B rev. 2 appendix D as in OpenSSL's rsa_lib.c: exact table values, the formula between."""
    exact = dict(_RSA_BITS)
    if bits in exact:
        return exact[bits]
    if bits < 8:
        return 0
    if bits >= 687737:
        return 1200
    cap = 192 if bits <= 7680 else 256 if bits <= 15360 else 1200
    x = bits * math.log(2)
    strength = int((1.923 * (x * math.log(x) ** 2) ** (1 / 3) - 4.69) / math.log(2))
    return min((strength + 4) & ~7, cap)
