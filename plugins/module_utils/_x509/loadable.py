# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether OpenSSL loads a certificate (d2i_X509): our own reading needs an outline only, and a loader refuses more than that.

Needs pyOpenSSL.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

try:
    from OpenSSL import crypto
except ImportError:
    pass  # the module names the missing library before anything runs

_TRUST_SETTINGS = (der.SEQUENCE, 0xA0, 0x0C, der.OCTET_STRING, 0xA1)  # X509_CERT_AUX: the tags that may follow each other


@dataclass(frozen=True)
class LoadedCertificate:
    """A certificate, and the bytes that stood behind it."""

    certificate: Certificate
    rest: bytes

    @property
    def rest_is_trust_settings(self) -> bool:
        """Whether there is nothing behind it, or what ``openssl x509 -trustout`` writes there (d2i_X509_AUX)."""
        if not self.rest:
            return True
        try:
            tags = [one.tag for one in der.members(der.read(self.rest)[0])]
        except der.DerError:
            return False
        return tags == [tag for tag in _TRUST_SETTINGS if tag in tags]


def load_certificate(content: bytes) -> LoadedCertificate | None:
    """Return the certificate at the beginning of some DER, None when OpenSSL would load none."""
    try:
        end = der.read(content)[1]
        certificate = Certificate(content[:end])
        if certificate.structure is None:
            return None
        crypto.load_certificate(crypto.FILETYPE_ASN1, certificate.der)
    except (der.DerError, crypto.Error, ValueError):
        return None
    return LoadedCertificate(certificate, content[end:])
