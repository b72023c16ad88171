# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which private key of a PEM file OpenSSL takes where a file of its own is named for it (PEM_read_bio_PrivateKey in pem_pkey.c).

It tries twice. Its decoders pass over whatever is no private key, over keys that cannot be read, and over blocks that are no PEM. They give
up at an encrypted key and at a block with a header. The older code then takes the first block that is called a private key, and nothing may
be wrong before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock, PemError, PemReader, pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable, public_part, same_public_key

PRIVATE_KEYS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY")
"""The labels of private keys that are not encrypted, or only by what their header says (RFC 1421)."""
ENCRYPTED_PRIVATE_KEY = "ENCRYPTED PRIVATE KEY"
_TYPED = tuple(label.lower() for label in PRIVATE_KEYS[1:])
_NAMELESS = "ANY PRIVATE KEY"  # what the older code calls what it is after; a block of that label it takes, and cannot read
_SHORT_HEADER = 10  # the decoders do not look at a header of up to so many octets


class PrivateKeyMissing(PrivateKeyUnusable):
    """There is none."""


class NoPem(PrivateKeyUnusable):
    """There is none that can be reached: OpenSSL stops reading before; the text says in which line."""


def is_private_key(block: PemBlock) -> bool:
    """Return whether a block holds a key that OpenSSL loads; its header is passed over. Needs pyOpenSSL."""
    return _public_part(block) is not None


def private_key_block(data: bytes, is_key: Callable[[PemBlock], bool] = is_private_key) -> PemBlock:
    """Return the block of the key that OpenSSL takes, or stops at: it may be encrypted, or unreadable.

    is_key tells whether a block can be loaded.

    Raises:
        PrivateKeyUnusable: when no key is found.
    """
    found = _by_decoders(data, is_key) or _by_older_code(data)
    if found is None:
        raise PrivateKeyMissing("no private key")
    return found


def block_of_key(data: bytes, spki: bytes) -> PemBlock | None:
    """Return the block, without its header, that holds the private key of a SubjectPublicKeyInfo; None when none does.

    For files that were loaded already: what is wrong with other blocks does not count. Needs pyOpenSSL.
    """
    for block in map(_by_content, _readable(PemReader(data))):
        public = _public_part(block) if block.label in PRIVATE_KEYS else None
        if public is not None and same_public_key(public, spki):
            return block.without_header
    return None


def _by_decoders(data: bytes, is_key: Callable[[PemBlock], bool]) -> PemBlock | None:
    for block in _readable(PemReader(data)):
        if len(block.header) > _SHORT_HEADER:
            return None
        block = _by_content(block)
        if block.label == ENCRYPTED_PRIVATE_KEY:
            return None
        if block.label in PRIVATE_KEYS and is_key(block):
            return block.without_header
    return None


def _by_older_code(data: bytes) -> PemBlock | None:
    try:
        block = next((one for one in pem_blocks(data) if _is_called_key(one.label)), None)
    except PemError as problem:
        raise NoPem(str(problem)) from None
    if block is not None and block.has_other_header:
        raise PrivateKeyUnusable(f"the private key of line {block.line} has a header that OpenSSL refuses")
    return block


def _readable(reader: PemReader) -> Iterator[PemBlock]:
    while not reader.at_end:
        with suppress(PemError):
            block = reader.read()
            if block is not None:
                yield block


def _is_called_key(label: str) -> bool:
    return label in (PRIVATE_KEYS[0], ENCRYPTED_PRIVATE_KEY, _NAMELESS) or label.lower() in _TYPED


def _by_content(block: PemBlock) -> PemBlock:
    """The decoders do not take it from the label that a key is encrypted."""
    if block.label != ENCRYPTED_PRIVATE_KEY or _is_encrypted_key(block):
        return block
    return replace(block, label=PRIVATE_KEYS[0])


def _is_encrypted_key(block: PemBlock) -> bool:
    """Whether it is an EncryptedPrivateKeyInfo (RFC 5958); the decoders pass over what is none, and ask for a passphrase else."""
    try:
        algorithm, _data = der.members(der.read(block.der)[0])
        der.object_identifier(der.members(algorithm)[0])
    except (ValueError, IndexError):
        return False
    return True


def _public_part(block: PemBlock) -> bytes | None:
    try:
        return public_part(block.without_header.text)
    except PrivateKeyUnusable:
        return None
