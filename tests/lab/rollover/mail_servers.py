# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mx1 and mx2: two Postfix instances that share nothing, each with an RSA and an ECDSA key and port 25 of its addresses."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ..keys import PrivateKey, key_pem
from ..machinery import lifecycle
from ..machinery.postfix import MASTER_CF, postfix
from ..machinery.server import Server
from ..mail_server import PARAMETERS
from .layout import RolloverLayout
from .settings import ALGORITHMS, Exchange


def new_key(algorithm: str) -> PrivateKey:
    """A key that nobody else has."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048) if algorithm == "rsa" else ec.generate_private_key(ec.SECP256R1())


def self_signed(key: PrivateKey, host: str) -> bytes:
    """A certificate of this key for this name, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def new_pair(path: Path, algorithm: str, host: str) -> PrivateKey:
    """Write a new key with its self-signed certificate into one file, key first; returns the key."""
    key = new_key(algorithm)
    path.touch(mode=0o600)
    path.write_bytes(key_pem(key) + self_signed(key, host))
    return key


def server(layout: RolloverLayout, exchange: Exchange) -> Server:
    """Return one of them, with the key and certificate files it was made with."""
    folder = layout.exchange(exchange.label)
    files = [folder / (f"{algorithm}.pem") for algorithm in ALGORITHMS]
    parameters = {
        **PARAMETERS,
        "myhostname": exchange.host,
        "default_process_limit": "50",
        "smtpd_tls_chain_files": ", ".join(map(str, files)),
    }
    shown = [f"[{address}]" if ":" in address else address for address in exchange.addresses]
    services = "".join(f"{address}:25 inet n - n - - smtpd\n" for address in shown)
    return postfix(exchange.label, folder, parameters, MASTER_CF + services)


def start(layout: RolloverLayout, exchange: Exchange) -> None:
    """Make the keys and certificates of one of them and start it; the first start takes some seconds."""
    made = server(layout, exchange)
    made.write()
    for algorithm in ALGORITHMS:
        new_pair(made.folder / (f"{algorithm}.pem"), algorithm, exchange.host)
    lifecycle.launch(layout, made)
