# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Written by tests/policies/sources.py.
"""What IANA's registries of TLS recommend (Y), leave open (N) and discourage (D; RFC 9847)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._grade.iana_suites import IANA_SUITES


def _marked(mark: str) -> list[str]:
    return [name for name, given in IANA_SUITES.values() if given == mark]


IANA_RECOMMENDED: Mapping[str, Any] = {
    "id": "iana-recommended",
    "title": "IANA, TLS Parameters, column Recommended",
    "version": "suites and schemes of 2026-04-30, groups of 2025 with the changes of RFC 10024",
    "date": "2026-08-21",
    "source": "https://www.iana.org/assignments/tls-parameters",
    "licence": "A public registry, CC0-1.0",
    "items": [
        {
            "id": "starttls",
            "title": "STARTTLS",
            "applies": "starttls",
            "good": ["offered"],
            "else": "insufficient",
            "mandatory": True,
            "fixable_by": "operator",
            "ref": "what all else is about",
        },
        {
            "id": "cipher_suites",
            "title": "Cipher suites",
            "applies": "cipher_suite",
            "good": _marked("Y"),
            "sufficient": _marked("N"),
            "insufficient": _marked("D"),
            "else": "not_tested",
            "mandatory": True,
            "fixable_by": "operator",
            "ref": "TLS Cipher Suites; RFC 8447, RFC 9847",
        },
        {
            "id": "key_exchange",
            "title": "Groups of the key exchange",
            "applies": "key_exchange",
            "good": ["secp256r1", "secp384r1", "x25519", "x448", "X25519MLKEM768"],
            "sufficient": [
                "sect283k1", "sect283r1", "sect409k1", "sect409r1", "sect571k1", "sect571r1", "secp256k1", "secp521r1",
                "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "brainpoolP256r1tls13", "brainpoolP384r1tls13",
                "brainpoolP512r1tls13", "GC256A", "GC256B", "GC256C", "GC256D", "GC512A", "GC512B", "GC512C", "curveSM2", "ffdhe2048",
                "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192", "MLKEM512", "MLKEM768", "MLKEM1024", "SecP256r1MLKEM768",
                "SecP384r1MLKEM1024",
            ],
            "insufficient": [
                "sect163k1", "sect163r1", "sect163r2", "sect193r1", "sect193r2", "sect233k1", "sect233r1", "sect239k1", "secp160k1",
                "secp160r1", "secp160r2", "secp192k1", "secp192r1", "secp224k1", "secp224r1", "X25519Kyber768Draft00",
                "SecP256r1Kyber768Draft00",
            ],
            "else": "not_tested",
            "mandatory": True,
            "fixable_by": "operator",
            "ref": "TLS Supported Groups; RFC 9847, RFC 10024",
        },
        {
            "id": "signature_schemes",
            "title": "Signature schemes",
            "applies": "signature_scheme",
            "good": [
                "RSA-SHA256", "ECDSA-SHA256", "RSA-SHA384", "ECDSA-SHA384", "RSA-SHA512", "ECDSA-SHA512", "RSA-PSS-SHA256",
                "RSA-PSS-SHA384", "RSA-PSS-SHA512", "Ed25519", "Ed448",
            ],
            "sufficient": ["RSA-SHA1", "ECDSA-SHA1"],
            "else": "not_tested",
            "mandatory": True,
            "fixable_by": "operator",
            "ref": "TLS SignatureScheme; RFC 9847",
        },
    ],
}  # fmt: skip
