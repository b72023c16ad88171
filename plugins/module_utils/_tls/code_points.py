# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of TLS (RFC 5246, 8446, 8422, 7919; IANA registries) and the names people know them by."""

from __future__ import annotations

from typing import NamedTuple

GROUPS = {
    19: "secp192r1",
    21: "secp224r1",
    22: "secp256k1",
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    29: "x25519",
    30: "x448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    41: "curveSM2",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    512: "MLKEM512",
    513: "MLKEM768",
    514: "MLKEM1024",
    4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024",
    4590: "curveSM2MLKEM768",
}


class Signature(NamedTuple):
    """A signature scheme in Postfix's words: the algorithm, and the digest where the scheme has one of its own."""

    algorithm: str
    digest: str | None


SIGNATURES = {
    0x0101: Signature("RSA", "MD5"),
    0x0201: Signature("RSA", "SHA1"),
    0x0202: Signature("DSA", "SHA1"),
    0x0203: Signature("ECDSA", "SHA1"),
    0x0301: Signature("RSA", "SHA224"),
    0x0302: Signature("DSA", "SHA224"),
    0x0303: Signature("ECDSA", "SHA224"),
    0x0401: Signature("RSA", "SHA256"),
    0x0402: Signature("DSA", "SHA256"),
    0x0403: Signature("ECDSA", "SHA256"),
    0x0501: Signature("RSA", "SHA384"),
    0x0503: Signature("ECDSA", "SHA384"),
    0x0601: Signature("RSA", "SHA512"),
    0x0603: Signature("ECDSA", "SHA512"),
    0x0804: Signature("RSA-PSS", "SHA256"),
    0x0805: Signature("RSA-PSS", "SHA384"),
    0x0806: Signature("RSA-PSS", "SHA512"),
    0x0807: Signature("Ed25519", None),
    0x0808: Signature("Ed448", None),
    0x0809: Signature("RSA-PSS", "SHA256"),
    0x080A: Signature("RSA-PSS", "SHA384"),
    0x080B: Signature("RSA-PSS", "SHA512"),
    0x081A: Signature("ECDSA", "SHA256"),
    0x081B: Signature("ECDSA", "SHA384"),
    0x081C: Signature("ECDSA", "SHA512"),
    0x0904: Signature("ML-DSA-44", None),
    0x0905: Signature("ML-DSA-65", None),
    0x0906: Signature("ML-DSA-87", None),
}

ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}

VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
"""Protocol versions in Postfix's spelling."""

EXTENSIONS = {
    0: "server_name",
    1: "max_fragment_length",
    5: "status_request",
    10: "supported_groups",
    11: "ec_point_formats",
    13: "signature_algorithms",
    16: "application_layer_protocol_negotiation",
    18: "signed_certificate_timestamp",
    19: "client_certificate_type",
    20: "server_certificate_type",
    21: "padding",
    22: "encrypt_then_mac",
    23: "extended_master_secret",
    27: "compress_certificate",
    28: "record_size_limit",
    35: "session_ticket",
    41: "pre_shared_key",
    42: "early_data",
    43: "supported_versions",
    44: "cookie",
    45: "psk_key_exchange_modes",
    47: "certificate_authorities",
    48: "oid_filters",
    49: "post_handshake_auth",
    50: "signature_algorithms_cert",
    51: "key_share",
    0xFF01: "renegotiation_info",
}


def version_name(number: int) -> str:
    """Return the name of a protocol version, or its number in hexadecimal."""
    return VERSIONS.get(number, f"0x{number:04x}")


def extension_name(number: int) -> str:
    """Return the name of an extension, or its number in hexadecimal."""
    return EXTENSIONS.get(number, f"0x{number:04x}")


def alert_name(number: int) -> str:
    """Return the name of an alert, or the word and its number."""
    return ALERTS.get(number, f"alert {number}")


def group_name(number: int) -> str:
    """Return the name of a key-exchange group, or its number in hexadecimal."""
    return GROUPS.get(number, f"0x{number:04x}")


def signature_name(number: int) -> Signature:
    """Return the name of a signature scheme, or its number in hexadecimal."""
    return SIGNATURES.get(number, Signature(f"0x{number:04x}", None))
