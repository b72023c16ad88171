# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, records and deployments as a careful postmaster does them by hand: what every test starts from, and the measure of the tools."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from ansible_collections.mailops.tls.tests.lab.rollover import mail_servers
from ansible_collections.mailops.tls.tests.lab.rollover.network import Network
from ansible_collections.mailops.tls.tests.lab.rollover.settings import ALGORITHMS, EXCHANGES, Exchange
from ansible_collections.mailops.tls.tests.rollover import drive
from cryptography.hazmat.primitives import serialization

MARGIN = 1.0
"""Seconds beyond what DNS promises: TTLs are counted in whole seconds."""


def public_key_sha256(path: Path) -> str:
    """The SHA-256 of the public key whose private key a PEM file begins with, in hex."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    return hashlib.sha256(spki(key)).hexdigest()


def spki(key: object) -> bytes:
    """The SubjectPublicKeyInfo of a private key."""
    public = key.public_key()  # type: ignore[attr-defined]
    found: bytes = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return found


def record(digest: str) -> str:
    """The TLSA record of a key."""
    return "3 1 1 " + digest


def served(network: Network, exchange: Exchange) -> dict[str, str]:
    """The digests of the public keys that an exchange was started with, by algorithm."""
    folder = network.layout.exchange(exchange.label)
    return {algorithm: public_key_sha256(folder / (f"{algorithm}.pem")) for algorithm in ALGORITHMS}


def publish(network: Network, exchange: Exchange, *digests: str) -> None:
    """Add the records of keys at an exchange, and wait until both name servers have them."""
    network.update(*(f"add {exchange.owner} {network.settings.ttl} TLSA {record(digest)}" for digest in digests))
    network.wait_for_agreement()


def withdraw(network: Network, exchange: Exchange, *digests: str) -> None:
    """Remove them, and wait until both name servers have removed them."""
    network.update(*(f"delete {exchange.owner} TLSA {record(digest)}" for digest in digests))
    network.wait_for_agreement()


def wait_two_ttls(network: Network) -> None:
    """Wait until nobody can remember what was there before (RFC 7671 section 8.1)."""
    time.sleep(2 * max(network.settings.ttl, network.settings.negative_ttl) + MARGIN)


def publish_all(network: Network) -> None:
    """Publish the keys that the exchanges were started with, and wait until they are known everywhere."""
    for exchange in EXCHANGES:
        publish(network, exchange, *served(network, exchange).values())
    wait_two_ttls(network)


def new_pair(network: Network, exchange: Exchange, algorithm: str, name: str = "next") -> Path:
    """A new key with a self-signed certificate, in a file that nothing refers to."""
    path = network.layout.exchange(exchange.label) / (f"{name}-{algorithm}.pem")
    mail_servers.new_pair(path, algorithm, exchange.host)
    return path


def deploy(network: Network, exchange: Exchange, path: Path, guard: bool = True) -> None:
    """Have an exchange serve a pair; without the guard whatever DNS says."""
    options = {
        "config_directory": str(network.layout.exchange(exchange.label)),
        "certificate_path": str(path),
        "tlsa_guard": guard,
        "trust_ad": "always",
    }
    drive.module(network, "postfix_tls_deploy", options)
