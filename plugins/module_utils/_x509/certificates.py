# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Self-signed server certificates with the contents that `postfix tls` gives them (RFC 5280 section 4.1).

Version 3, signed with SHA-256 (Ed25519 needs no digest), subject and issuer the CN of the first name, valid for 36525 days; the
extensions are those of `server_profile`. The clock and the serial number are the caller's. Needs cryptography.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import PrivateKey
from ansible_collections.mailops.tls.plugins.module_utils._x509.own_spki import with_own_spki
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import server_extensions, subject_name

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
except ImportError:
    pass

VALIDITY = timedelta(days=36525)
"""How long a certificate is valid that nobody verifies by its dates: DANE-EE pays no heed to them (RFC 7671 section 5.1)."""


def random_serial() -> int:
    """Return a random serial number of up to 159 bits, so that its DER is never longer than 20 octets."""
    return x509.random_serial_number()


def self_signed(key: PrivateKey, names: Sequence[str], *, not_before: datetime, serial: int) -> Certificate:
    """Return a certificate of *key*, signed by itself.

    *names* are DNS names in ASCII, at least one; *not_before* is aware, and used to the second.

    Raises:
        OptionError: for `names` when the first does not fit into a CN.
    """
    subject = subject_name({"CN": names[0]}, "names")
    begin = not_before.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.signer.public_key())
        .serial_number(serial)
        .not_valid_before(begin)
        .not_valid_after(begin + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
    )
    for extension in server_extensions(key, names):
        builder = builder.add_extension(extension, critical=False)
    signed = builder.sign(key.signer, key.signature_hash)
    return Certificate(with_own_spki(key, signed.public_bytes(serialization.Encoding.DER)))
