# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public part of a private key, for keys of every kind that OpenSSL loads; the private part stays in the library.

pyOpenSSL and not cryptography: it gives the SubjectPublicKeyInfo that `openssl pkey -pubout` gives also for RSA-PSS keys, explicit
curve parameters and small or odd keys, which cryptography changes or refuses and a mail server uses all the same.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import load_public_key

try:
    from OpenSSL import crypto
except ImportError:
    pass  # the module names the missing library before anything runs

_ENCRYPTED = (b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED")


class PrivateKeyUnusable(ValueError):
    """The block is encrypted or no private key; the text says which."""


def public_part(block: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo, DER, of the private key in one PEM block.

    Raises:
        PrivateKeyUnusable: when the key cannot be used.
    """
    if any(mark in block for mark in _ENCRYPTED):
        raise PrivateKeyUnusable("the private key is encrypted")  # OpenSSL would ask for the passphrase on the terminal
    try:
        key = crypto.load_privatekey(crypto.FILETYPE_PEM, block, passphrase=b"")
        return bytes(crypto.dump_publickey(crypto.FILETYPE_ASN1, key))
    except (crypto.Error, ValueError, TypeError):
        raise PrivateKeyUnusable("the private key cannot be read") from None


def same_public_key(one: bytes, other: bytes) -> bool:
    """Return whether two SubjectPublicKeyInfo are of one key, however they are written (a compressed point, say)."""
    if one == other:
        return True
    first, second = load_public_key(one), load_public_key(other)
    if first is None or second is None or type(first) is not type(second) or not hasattr(first, "public_numbers"):
        return False
    return bool(first.public_numbers() == second.public_numbers())
