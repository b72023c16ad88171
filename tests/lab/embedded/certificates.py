# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's certificates, made when the network starts: a root, one intermediate, and what they issue (RFC 5280)."""

from __future__ import annotations

import datetime
import hashlib
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_digest(public_key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of a key's SubjectPublicKeyInfo in hexadecimal: the data of a TLSA record `x 1 1`."""
    info = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(info).hexdigest()


@dataclass(frozen=True)
class Identity:
    """A private key with the certificates that speak for it: its own first, then the issuers' without the root."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key itself."""
        return self.chain[0]

    def server_context(self) -> ssl.SSLContext:
        """Return a server's TLS context that shows this identity. Python's ssl reads keys from files only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="mailops-identity-") as folder:
            path = Path(folder) / "identity.pem"
            path.write_bytes(
                self.key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
                + b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in self.chain)
            )
            context.load_cert_chain(path)
        return context


class Authority:
    """A root and an intermediate below it that issues every server certificate."""

    def __init__(self) -> None:
        self.root = _signed("mailops demo root", new_key(), None, authority=True)
        self.intermediate = _signed("mailops demo intermediate", new_key(), self.root, authority=True)

    def root_pem(self) -> str:
        """Return the root certificate, the trust anchor of the demo, in PEM."""
        return self.root.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    def issue(self, host: str, expired: bool = False) -> Identity:
        """Return a new identity for a mail server, valid for a month from yesterday or expired a week ago."""
        return _signed(host, new_key(), self.intermediate, dates=(-37, -7) if expired else (-1, 30))


def self_signed(host: str) -> Identity:
    """Return a new identity for a mail server that nobody but itself speaks for."""
    return _signed(host, new_key(), None, dates=(-1, 30))


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: Identity | None,
    authority: bool = False,
    dates: tuple[int, int] = (-40, 30),
) -> Identity:
    """Return `key` with a certificate of `issuer`, or of itself; `dates` are days from now."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dates[0] * DAY)
        .not_valid_after(now + dates[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_key_usage(authority), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    above = issuer.chain if issuer and not _is_root(issuer) else ()
    return Identity(key, (certificate, *above))


def _is_root(identity: Identity) -> bool:
    return identity.certificate.subject == identity.certificate.issuer


def _key_usage(authority: bool) -> x509.KeyUsage:
    """Return keyCertSign and cRLSign for an authority, digitalSignature for a server."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
