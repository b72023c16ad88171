# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certification authority of one certificate, which signs the requests that a rollover writes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class SmallCa:
    """Its key and certificate are made when it is made."""

    def __init__(self, name: str) -> None:
        """`name` is its common name."""
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(self._name, 3650).public_key(self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    def _builder(self, subject: x509.Name, days: float) -> x509.CertificateBuilder:
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))

    @property
    def public_key_sha256(self) -> str:
        """The data of a record `2 1 1`."""
        form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(self._key.public_key().public_bytes(*form)).hexdigest()

    def sign(self, request: str, path: Path, names: Sequence[str] = (), days: float = 90) -> Path:
        """Write the chain for a request in PEM, its own names replaced by `names` if there are any; returns the path."""
        asked = x509.load_pem_x509_csr(request.encode("ascii"))
        wanted = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if names:
            wanted = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = self._builder(x509.Name([]), days).public_key(asked.public_key())
        builder = builder.add_extension(wanted, critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        chain = [builder.sign(self._key, hashes.SHA256()), self._certificate]
        path.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
        return path
