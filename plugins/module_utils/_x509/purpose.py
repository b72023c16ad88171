# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the extensions of the certificates in a path allow (OpenSSL's check_extensions(), x509_vfy.c and v3_purp.c).

CA flags, purpose TLS server, path lengths, critical extensions nobody knows, explicit curve parameters. The obsolete
nsCertType is not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors, extensions
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_SERVER_PURPOSES = frozenset(("1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"))
"""serverAuth, and the two old kinds of server-gated cryptography; anyExtendedKeyUsage is not enough for OpenSSL."""
_SERVER_KEY_USAGES = frozenset(("digitalSignature", "keyEncipherment", "keyAgreement"))


def may_sign_certificates(certificate: Certificate) -> bool:
    """Return whether keyUsage, if there is one, has keyCertSign."""
    return certificate.key_usage is None or "keyCertSign" in certificate.key_usage


def is_ca(certificate: Certificate, *, on_top: bool) -> bool:
    """Return whether a certificate may issue others.

    basicConstraints decides. On top of a path one without basicConstraints passes too when it is a self-issued
    version 1 certificate or has keyCertSign, as old roots are.
    """
    if not may_sign_certificates(certificate):
        return False
    if _has(certificate, extensions.BASIC_CONSTRAINTS):
        return certificate.basic_constraints is not None and certificate.basic_constraints.ca
    if not on_top or certificate.structure is None:
        return False
    return certificate.key_usage is not None or (certificate.structure.version == 1 and certificate.is_self_issued)


def allows_tls_server(certificate: Certificate, depth: int) -> bool:
    """Return whether extKeyUsage, if any, names a TLS server, and for the leaf whether keyUsage fits one."""
    if _has(certificate, extensions.EXTENDED_KEY_USAGE):
        purposes = certificate.extended_key_usage
        if purposes is None or _SERVER_PURPOSES.isdisjoint(purposes):
            return False
    if depth > 0:
        return is_ca(certificate, on_top=True)
    return certificate.key_usage is None or not _SERVER_KEY_USAGES.isdisjoint(certificate.key_usage)


def purpose_errors(path: Sequence[Certificate]) -> list[errors.VerifyError]:
    """Return what the extensions forbid, leaf first, in OpenSSL's order at each depth."""
    found: list[errors.VerifyError] = []
    issuers_below = 0
    for depth, certificate in enumerate(path):
        codes = []
        if _has_unknown_critical(certificate):
            codes.append(errors.UNHANDLED_CRITICAL_EXTENSION)
        if depth > 0 and not is_ca(certificate, on_top=depth == len(path) - 1):
            codes.append(errors.INVALID_CA)
        if len(path) > 1 and _has_explicit_curve(certificate):
            codes.append(errors.EC_KEY_EXPLICIT_PARAMS)
        if not allows_tls_server(certificate, depth):
            codes.append(errors.INVALID_PURPOSE)
        limit = certificate.basic_constraints.path_length if certificate.basic_constraints else None
        if depth > 1 and limit is not None and issuers_below > limit:
            codes.append(errors.PATH_LENGTH_EXCEEDED)
        if depth > 0 and not certificate.is_self_issued:
            issuers_below += 1
        found.extend(errors.verify_error(code, depth) for code in codes)
    return found


def _has(certificate: Certificate, oid: str) -> bool:
    """Whether an extension is there, readable or not, once or more."""
    return any(extension.oid == oid for extension in certificate.extension_list or ())


def _has_unknown_critical(certificate: Certificate) -> bool:
    return any(
        extension.critical and extension.oid not in extensions.UNDERSTOOD
        for extension in certificate.extension_list or ()
    )


def _has_explicit_curve(certificate: Certificate) -> bool:
    key = certificate.public_key
    return key is not None and key.type == "ecdsa" and key.curve is None
