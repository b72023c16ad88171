# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own certification authorities and the certificates they issue, all made anew at every start.

root signs inter, inter signs leaves; the others are what goes wrong with authorities. Subject and issuer are CNs only.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .case import Leaf
from .keys import PrivateKey, key_pem, new_key

DEEP_CHAIN = tuple(f"deep{number}" for number in range(1, 10))
"""Nine intermediates under the root, the first signed by it: with the leaf, the longest chain Postfix accepts has eleven."""

LONG_CHAIN = tuple(f"long{number}" for number in range(1, 12))
"""Eleven intermediates under the root: more than the verification depth of Postfix."""


@dataclass(frozen=True)
class Identity:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo as DER."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass(frozen=True)
class Authority:
    """What to make: common name, issuer (empty: itself), and what is wrong with it. `twin_of` shares that one's key."""

    common_name: str
    issuer: str = ""
    expired: bool = False
    is_ca: bool = True
    twin_of: str = ""


AUTHORITIES = {
    "root": Authority("Root"),
    "inter": Authority("Inter", "root"),
    "inter-expired-twin": Authority("Inter", "root", expired=True, twin_of="inter"),
    "expired-inter": Authority("Expired Inter", "root", expired=True),
    "no-ca": Authority("No CA", "root", is_ca=False),
    "expired-root": Authority("Expired Root", expired=True),
    "expired-root-inter": Authority("Inter of Expired Root", "expired-root"),
    "other-root": Authority("Other Root"),
    "other": Authority("Other", "other-root"),
    **{name: Authority(name, (("root",) + DEEP_CHAIN)[depth]) for depth, name in enumerate(DEEP_CHAIN)},
    **{name: Authority(name, (("root",) + LONG_CHAIN)[depth]) for depth, name in enumerate(LONG_CHAIN)},
}


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])


def _builder(subject: x509.Name, issuer: x509.Name, key: PrivateKey, now: datetime, expired: bool) -> x509.CertificateBuilder:
    """A certificate builder with everything but the extensions. Expired means: since yesterday."""
    start, end = (now - timedelta(days=90), now - timedelta(days=1)) if expired else (now - timedelta(days=1), now + timedelta(days=90))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


class Pki:
    """All authorities of one start, and the issuing of leaves."""

    def __init__(self, now: datetime) -> None:
        """`now` is naive UTC, the moment certificates are valid around."""
        self._now = now
        self.authorities: dict[str, Identity] = {}
        for name in AUTHORITIES:
            self._make(name)

    def _make(self, name: str) -> None:
        wanted = AUTHORITIES[name]
        key = self.authorities[wanted.twin_of].key if wanted.twin_of else new_key("ecdsa")
        subject = _name(wanted.common_name)
        parent = self.authorities[wanted.issuer] if wanted.issuer else None
        issuer_key = parent.key if parent else key
        builder = _builder(subject, parent.certificate.subject if parent else subject, key, self._now, wanted.expired)
        builder = builder.add_extension(x509.BasicConstraints(ca=wanted.is_ca, path_length=None), critical=True)
        builder = builder.add_extension(_issuer_identifier(issuer_key), critical=False)
        self.authorities[name] = Identity(_sign(builder, issuer_key), key)

    def issue(self, leaf: Leaf, host: str, reuse: PrivateKey | None = None) -> Identity:
        """A certificate as described, `{host}` in its names replaced; signed by its issuer, or by itself."""
        key = reuse or new_key(leaf.key)
        leaf = replace(leaf, names=tuple(name.replace("{host}", host) for name in leaf.names))
        if leaf.digest == "sha1":
            return Identity(self._issue_sha1(leaf, key), key)
        issuer = None if leaf.issuer == "self" else self.authorities[leaf.issuer]
        issuer_key = issuer.key if issuer else key
        subject = _name(leaf.common_name.replace("{host}", host))
        builder = _builder(subject, issuer.certificate.subject if issuer else subject, key, self._now, leaf.expired)
        for extension in self._leaf_extensions(leaf, issuer_key):
            builder = builder.add_extension(extension, critical=False)
        return Identity(_sign(builder, issuer_key), key)

    @staticmethod
    def _leaf_extensions(leaf: Leaf, issuer_key: PrivateKey) -> Iterable[x509.ExtensionType]:
        yield x509.BasicConstraints(ca=False, path_length=None)
        yield _issuer_identifier(issuer_key)
        usage = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}[leaf.purpose]
        yield x509.ExtendedKeyUsage([usage])
        names: list[x509.GeneralName] = [x509.DNSName(name) for name in leaf.names]
        names += [x509.IPAddress(ip_address(address)) for address in leaf.addresses]
        if names:
            yield x509.SubjectAlternativeName(names)

    def _issue_sha1(self, leaf: Leaf, key: PrivateKey) -> x509.Certificate:
        """A leaf signed with SHA-1, which the library no longer does: by the openssl command."""
        issuer = self.authorities[leaf.issuer]
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder)
            (here / "key.pem").write_bytes(key_pem(key))
            (here / "ca.pem").write_bytes(issuer.pem)
            (here / "ca-key.pem").write_bytes(key_pem(issuer.key))
            (here / "extensions").write_text(f"subjectAltName={','.join('DNS:' + name for name in leaf.names)}\n")
            request = ["openssl", "req", "-new", "-config", "/dev/null", "-key", "key.pem", "-subj", "/CN=" + leaf.common_name]
            subprocess.run([*request, "-out", "request.pem"], cwd=here, check=True, capture_output=True)
            sign = ["openssl", "x509", "-req", "-sha1", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem"]
            sign += ["-set_serial", str(x509.random_serial_number()), "-days", "90", "-extfile", "extensions"]
            pem = subprocess.run(sign, cwd=here, check=True, capture_output=True).stdout
        return x509.load_pem_x509_certificate(pem)


def _issuer_identifier(issuer_key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
