# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate signing requests (PKCS #10, RFC 2986) with the contents that `postfix tls output-server-csr` gives them.

Version 1, signed with SHA-256 (Ed25519 needs no digest), an empty subject unless one is given, and the extensions of
`server_profile` asked for. Needs cryptography.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import PrivateKey
from ansible_collections.mailops.tls.plugins.module_utils._x509.own_spki import with_own_spki
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock, PemError, pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import server_extensions, subject_name

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
except ImportError:
    pass


_LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")


class UnreadableRequest(ValueError):
    """The bytes are no request in PEM."""


def request(key: PrivateKey, names: Sequence[str], subject: Mapping[str, str] | None = None) -> bytes:
    """Return a request in PEM, signed by *key*. *names* are DNS names in ASCII.

    Raises:
        OptionError: for `subject`.
    """
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject_name(subject or {}))
    for extension in server_extensions(key, names):
        builder = builder.add_extension(extension, critical=False)
    signed = builder.sign(key.signer, key.signature_hash).public_bytes(serialization.Encoding.DER)
    return PemBlock(_LABELS[0], b"", with_own_spki(key, signed)).text


def asks_the_same(one: bytes, other: bytes) -> bool:
    """Tell whether two requests in PEM ask for the same: key, subject, extensions and their order; and whether both are signed.

    Signatures themselves are not compared, since ECDSA makes another one every time.

    Raises:
        UnreadableRequest: when it is not a request.
    """
    left, right = _load(one), _load(other)
    return (
        left.tbs_certrequest_bytes == right.tbs_certrequest_bytes and left.is_signature_valid and right.is_signature_valid
    )


def request_facts(pem: bytes) -> dict[str, object]:
    """Return what a request asks for: `subject` (RFC 4514), `names` (DNS names), `public_key_sha256`.

    Raises:
        UnreadableRequest: when it is not a request.
    """
    loaded = _load(pem)
    spki = der.members(der.read_exactly(loaded.tbs_certrequest_bytes))[2].raw
    try:
        alternative = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [clean(name) for name in alternative.get_values_for_type(x509.DNSName)]
    except (x509.ExtensionNotFound, ValueError):
        names = []
    subject = clean(loaded.subject.rfc4514_string())
    return {"subject": subject, "names": names, "public_key_sha256": hashlib.sha256(spki).hexdigest()}


def _load(pem: bytes) -> x509.CertificateSigningRequest:
    try:
        block = next(one for one in pem_blocks(pem) if one.label in _LABELS)
        loaded = x509.load_der_x509_csr(block.der)
        loaded.public_key()
        return loaded
    except PemError as problem:
        raise UnreadableRequest(f"cannot be read as OpenSSL reads it: {problem}") from None
    except (StopIteration, ValueError, UnsupportedAlgorithm):
        raise UnreadableRequest("holds no certificate signing request in PEM") from None
