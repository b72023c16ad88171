# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a chain is not accepted, with the numbers and texts of OpenSSL's X509_V_ERR codes, and which error is shown.

Numbers and texts are those of OpenSSL 3.x (x509_vfy.h, x509_txt.c); the selection is Postfix 3.12's (tls_verify.c).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNSPECIFIED = 1
UNABLE_TO_GET_ISSUER_CERT = 2
UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY = 6
CERT_SIGNATURE_FAILURE = 7
CERT_NOT_YET_VALID = 9
CERT_HAS_EXPIRED = 10
ERROR_IN_CERT_NOT_BEFORE_FIELD = 13
ERROR_IN_CERT_NOT_AFTER_FIELD = 14
DEPTH_ZERO_SELF_SIGNED_CERT = 18
SELF_SIGNED_CERT_IN_CHAIN = 19
UNABLE_TO_GET_ISSUER_CERT_LOCALLY = 20
UNABLE_TO_VERIFY_LEAF_SIGNATURE = 21
CERT_CHAIN_TOO_LONG = 22
PATH_LENGTH_EXCEEDED = 25
INVALID_PURPOSE = 26
CERT_UNTRUSTED = 27
KEYUSAGE_NO_CERTSIGN = 32
UNHANDLED_CRITICAL_EXTENSION = 34
PERMITTED_VIOLATION = 47
EXCLUDED_VIOLATION = 48
APPLICATION_VERIFICATION = 50
HOSTNAME_MISMATCH = 62
IP_ADDRESS_MISMATCH = 64
DANE_NO_MATCH = 65
EE_KEY_TOO_SMALL = 66
CA_KEY_TOO_SMALL = 67
CA_MD_TOO_WEAK = 68
INVALID_CA = 79
EC_KEY_EXPLICIT_PARAMS = 94

TEXTS = {
    UNSPECIFIED: "unspecified certificate verification error",
    UNABLE_TO_GET_ISSUER_CERT: "unable to get issuer certificate",
    UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: "unable to decode issuer public key",
    CERT_SIGNATURE_FAILURE: "certificate signature failure",
    CERT_NOT_YET_VALID: "certificate is not yet valid",
    CERT_HAS_EXPIRED: "certificate has expired",
    ERROR_IN_CERT_NOT_BEFORE_FIELD: "format error in certificate's notBefore field",
    ERROR_IN_CERT_NOT_AFTER_FIELD: "format error in certificate's notAfter field",
    DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed certificate",
    SELF_SIGNED_CERT_IN_CHAIN: "self-signed certificate in certificate chain",
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unable to get local issuer certificate",
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unable to verify the first certificate",
    CERT_CHAIN_TOO_LONG: "certificate chain too long",
    PATH_LENGTH_EXCEEDED: "path length constraint exceeded",
    INVALID_PURPOSE: "unsuitable certificate purpose",
    CERT_UNTRUSTED: "certificate not trusted",
    KEYUSAGE_NO_CERTSIGN: "key usage does not include certificate signing",
    UNHANDLED_CRITICAL_EXTENSION: "unhandled critical extension",
    PERMITTED_VIOLATION: "permitted subtree violation",
    EXCLUDED_VIOLATION: "excluded subtree violation",
    APPLICATION_VERIFICATION: "application verification failure",
    HOSTNAME_MISMATCH: "hostname mismatch",
    IP_ADDRESS_MISMATCH: "IP address mismatch",
    DANE_NO_MATCH: "no matching DANE TLSA records",
    EE_KEY_TOO_SMALL: "EE certificate key too weak",
    CA_KEY_TOO_SMALL: "CA certificate key too weak",
    CA_MD_TOO_WEAK: "CA signature digest algorithm too weak",
    INVALID_CA: "invalid CA certificate",
    EC_KEY_EXPLICIT_PARAMS: "certificate public key has explicit ECC parameters",
}
"""X509_verify_cert_error_string() for every code this collection raises itself."""


@dataclass(frozen=True)
class VerifyError:
    """One verification error: X509_V_ERR code, depth (0 is the server's own certificate), OpenSSL's text."""

    code: int
    depth: int
    text: str


def verify_error(code: int, depth: int = 0) -> VerifyError:
    """Return the error with its text."""
    return VerifyError(code, depth, TEXTS.get(code, f"error number {code}"))


def select_error(errors: Iterable[VerifyError]) -> VerifyError | None:
    """Return the one error to show, of errors in the order they were found; `None` when there is none.

    The nearest to the leaf wins, among equal depth the first; a hostname mismatch loses to any other error, because
    it is what is left when everything else is well (Postfix since 3.10.4).
    """
    selected: VerifyError | None = None
    for error in errors:
        if selected is None or _outranks(error, selected):
            selected = error
    return selected


def _outranks(error: VerifyError, selected: VerifyError) -> bool:
    mismatches = (error.code == HOSTNAME_MISMATCH, selected.code == HOSTNAME_MISMATCH)
    if mismatches[0] != mismatches[1]:
        return mismatches[1]
    return error.depth < selected.depth
