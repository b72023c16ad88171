# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys for the lab; the expensive and the forbidden ones are made once a start."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Union

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

PrivateKey = Union[ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey]


@cache
def _rsa(bits: int) -> rsa.RSAPrivateKey:
    """An RSA key, shared by all who ask for this size. Sizes that the library refuses come from the openssl command."""
    if bits >= 1024:
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    command = ["openssl", "genrsa", "-traditional", str(bits)]
    pem = subprocess.run(command, check=True, capture_output=True).stdout
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def new_key(kind: str) -> PrivateKey:
    """A key of this kind (ecdsa, ed25519, rsa, rsa-BITS); RSA keys of one size are one and the same."""
    if kind == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    name, bits = (kind + "-").split("-")[:2]
    if name != "rsa":
        raise ValueError(f"unknown kind of key: {kind}")
    return _rsa(int(bits or "2048"))


def key_pem(key: PrivateKey) -> bytes:
    """The key as unencrypted PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
