# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and chains out of PEM files by the rules of Postfix (tls_certkey.c): what comes first, what is passed over, what stops it.

C(smtpd_tls_chain_files) and SNI values are one stream of objects: a key, its certificate, the certificates of its issuers, the next key.
A certificate file and a key file of their own, and one file for both, have laxer rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock, pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable, public_part, same_public_key

_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_FIRST_CERTIFICATES = (*_CERTIFICATES, "TRUSTED CERTIFICATE")
_KEYS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY")
_ENCRYPTED = "ENCRYPTED PRIVATE KEY"


@dataclass(frozen=True)
class Pem:
    """PEM text with the name of where it came from."""

    name: str
    data: bytes


@dataclass(frozen=True)
class KeyAndChain:
    """One key with its certificate and those of its issuers.

    B(key) is the SubjectPublicKeyInfo of the private key, DER; of the private key itself nothing is kept. B(key_name) and
    B(chain_names) are the files they came from.
    """

    key: Optional[bytes] = None
    key_name: str = ""
    chain: tuple[Certificate, ...] = ()
    chain_names: tuple[str, ...] = ()

    @property
    def agrees(self) -> Optional[bool]:
        """Whether key and certificate belong together; None when one of them is missing."""
        if self.key is None or not self.chain or self.chain[0].spki is None:
            return None
        return same_public_key(self.key, self.chain[0].spki)

    @property
    def spki(self) -> Optional[bytes]:
        """The SubjectPublicKeyInfo that clients are shown: the certificate's, or the key's where there is none."""
        served = self.chain[0].spki if self.chain else None
        return served or self.key

    def with_certificate(self, certificate: Certificate, name: str) -> KeyAndChain:
        """Return the same with one more certificate at the end of its chain."""
        return replace(self, chain=(*self.chain, certificate), chain_names=(*self.chain_names, name))


@dataclass(frozen=True)
class Loaded:
    """All that could be read, and, when Postfix would stop there and do without TLS, the identifier of why and a text."""

    chains: tuple[KeyAndChain, ...]
    problem: Optional[str] = None
    text: str = ""


class _Stop(Exception):
    """Postfix stops here."""

    def __init__(self, problem: str, text: str) -> None:
        super().__init__(text)
        self.problem, self.text = problem, text


def load_sequence(files: Sequence[Pem]) -> Loaded:
    """Return the chains of C(smtpd_tls_chain_files) or of one SNI value: a sequence of key, certificate and issuers."""
    chains: list[KeyAndChain] = []
    try:
        for name, block in ((file.name, block) for file in files for block in pem_blocks(file.data)):
            if block.label in _CERTIFICATES:
                if not chains:
                    raise _Stop("key_not_first", "%s: the private key has to stand before its certificate" % name)
                chains[-1] = chains[-1].with_certificate(_certificate(block, name), name)
            elif block.label in _KEYS:
                if chains and not chains[-1].chain:
                    raise _Stop("key_without_certificate", "%s: no certificate follows this private key" % chains[-1].key_name)
                chains.append(KeyAndChain(_public(block, name), name))
            elif block.label == _ENCRYPTED:  # passed over, with what comes of that
                raise _Stop("key_encrypted", "%s: the private key is encrypted" % name)
        if not chains:
            raise _Stop("no_private_key", "%s: no private key and no certificate" % ", ".join(file.name for file in files))
        if not chains[-1].chain:
            raise _Stop("key_without_certificate", "%s: no certificate follows this private key" % chains[-1].key_name)
    except _Stop as stop:
        return Loaded(tuple(chains), stop.problem, stop.text)
    return Loaded(tuple(chains))


def load_pair(certificates: Pem, key: Pem) -> Loaded:
    """Return the chain of a certificate file and a key file, which may be one: in any order, the first key counts."""
    found = KeyAndChain()
    try:
        for block in _certificate_blocks(certificates.data):
            found = found.with_certificate(_certificate(block, certificates.name), certificates.name)
        if not found.chain:
            raise _Stop("no_certificate", "%s: no certificate" % certificates.name)
        first = next(_key_blocks(key.data), None)
        if first is None:
            raise _Stop("no_private_key", "%s: no private key" % key.name)
        found = replace(found, key=_public(first, key.name), key_name=key.name)
    except _Stop as stop:
        return Loaded((found,), stop.problem, stop.text)
    return Loaded((found,))


def _certificate_blocks(data: bytes) -> Iterator[PemBlock]:
    wanted: Iterable[str] = _FIRST_CERTIFICATES
    for block in pem_blocks(data):
        if block.label in wanted:
            wanted = _CERTIFICATES
            yield block


def _key_blocks(data: bytes) -> Iterator[PemBlock]:
    return (block for block in pem_blocks(data) if block.label in (*_KEYS, _ENCRYPTED))


def _certificate(block: PemBlock, name: str) -> Certificate:
    try:
        found = Certificate(block.der)
    except ValueError:
        found = Certificate(b"")
    if found.structure is None or (block.label in _CERTIFICATES and not found.is_exact):
        raise _Stop("certificate_malformed", "%s: a certificate cannot be read" % name)
    return found


def _public(block: PemBlock, name: str) -> bytes:
    try:
        return public_part(block.text)
    except PrivateKeyUnusable as problem:
        identifier = "key_encrypted" if "encrypted" in str(problem) else "key_malformed"
        raise _Stop(identifier, "%s: %s" % (name, problem)) from None
