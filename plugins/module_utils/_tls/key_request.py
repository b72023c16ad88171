# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of server keys, and how a client asks for one of them (RFC 8446 section 4.2.3, RFC 5246 section 7.4.1.4.1).

A server with certificates of several kinds shows each client only one. Up to TLS 1.2 the cipher suite decides which; since
TLS 1.3, and for Ed25519 in TLS 1.2 too, the signature algorithms that the client names do.
"""

from __future__ import annotations

from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_PKCS1 = "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512"
_RSA = (
    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
    + _PKCS1
    + ":RSA+SHA224:RSA+SHA1"
)
_ECDSA = "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:ECDSA+SHA224:ECDSA+SHA1"


class KeyRequest(str, Enum):
    """What kind of key the server is asked for; `any` leaves it to the server, as mail servers do."""

    ANY = "any"
    RSA = "rsa"
    ECDSA = "ecdsa"
    ED25519 = "ed25519"

    @property
    def signature_algorithms(self) -> str:
        """OpenSSL's list of signature algorithms, empty for its own.

        It has PKCS #1 for every kind, since issuers may sign with it and some servers look at their whole chain. A server's own
        key cannot be used so in TLS 1.3, and before it the ciphers forbid that.
        """
        return {"rsa": _RSA, "ecdsa": _ECDSA + ":" + _PKCS1, "ed25519": "ed25519:" + _PKCS1}.get(self.value, "")

    @property
    def excluded_ciphers(self) -> str:
        """What to append to an OpenSSL cipher list, so that it leaves this kind of key only; OpenSSL counts Ed25519 as ECDSA."""
        if self is KeyRequest.ANY:
            return ""
        return f":!aNULL:!aPSK:!aSRP:!aDSS:{'!aECDSA' if self is KeyRequest.RSA else '!aRSA'}"

    def fits(self, certificate: Certificate) -> bool:
        """Return whether a server certificate has a key of this kind; one that cannot be read is given the benefit of the doubt."""
        key = certificate.public_key
        return self is KeyRequest.ANY or key is None or key.type.split("-")[0] == self.value
