# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and chains out of PEM files by the rules of Postfix (tls_certkey.c): what comes first, what is passed over, what stops it.

`smtpd_tls_chain_files` and SNI values are one stream of objects: a key, its certificate, the certificates of its issuers, the next key.
A certificate file and a key file of their own, and one file for both, have laxer rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import postfix
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.loadable import load_certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock, PemError, pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import (
    ENCRYPTED_PRIVATE_KEY,
    PRIVATE_KEYS,
    NoPem,
    PrivateKeyMissing,
    private_key_block,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable, public_part, same_public_key

_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_FIRST_CERTIFICATES = (*_CERTIFICATES, "TRUSTED CERTIFICATE")


@dataclass(frozen=True)
class Pem:
    """PEM text with the name of where it came from."""

    name: str
    data: bytes


@dataclass(frozen=True)
class KeyAndChain:
    """One key with its certificate and those of its issuers.

    `key` is the SubjectPublicKeyInfo of the private key, DER; of the private key itself nothing is kept. `key_name` and
    `chain_names` are the files they came from.
    """

    key: bytes | None = None
    key_name: str = ""
    chain: tuple[Certificate, ...] = ()
    chain_names: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool | None:
        """Whether key and certificate belong together; None when one of them is missing."""
        if self.key is None or not self.chain or self.chain[0].spki is None:
            return None
        return same_public_key(self.key, self.chain[0].spki)

    @property
    def spki(self) -> bytes | None:
        """The SubjectPublicKeyInfo that clients are shown: the certificate's, or the key's where there is none."""
        served = self.chain[0].spki if self.chain else None
        return served or self.key

    def with_certificate(self, certificate: Certificate, name: str) -> KeyAndChain:
        """Return the same with one more certificate at the end of its chain."""
        return replace(self, chain=(*self.chain, certificate), chain_names=(*self.chain_names, name))


@dataclass(frozen=True)
class Loaded:
    """All that could be read, and, when Postfix would stop there and do without TLS, the kind of finding and a text."""

    chains: tuple[KeyAndChain, ...]
    kind: FindingKind | None = None
    text: str = ""

    @property
    def problem(self) -> str | None:
        """The id of why."""
        return None if self.kind is None else self.kind.id


class _Stop(Exception):
    """Postfix stops here."""

    def __init__(self, kind: FindingKind, text: str) -> None:
        super().__init__(text)
        self.kind, self.text = kind, text


def load_sequence(files: Sequence[Pem]) -> Loaded:
    """Return the chains of ``smtpd_tls_chain_files`` or of one SNI value: a sequence of key, certificate and issuers.

    The files are read one by one (load_pem_bio).
    """
    return _load_sequence(files, ((file.name, block) for file in files for block in _blocks(file)))


def load_joined(files: Sequence[Pem]) -> Loaded:
    """Return the chains of an SNI value that Postfix makes of several files (dict_file_to_buf): one text, up to a NUL in it.

    So a block that is open at the end of a file goes on in the next one.
    """
    return _load_sequence(files, _joined(files))


def _joined(files: Sequence[Pem]) -> Iterator[tuple[str, PemBlock]]:
    begins, line = [], 1
    for file in files:
        begins.append((line, file.name))
        line += file.data.count(b"\n") + 1
    text = b"\n".join(file.data for file in files).partition(b"\0")[0]
    for block in _blocks(Pem(", ".join(file.name for file in files), text)):
        yield [name for begin, name in begins if begin <= block.line][-1], block


def _load_sequence(files: Sequence[Pem], blocks: Iterator[tuple[str, PemBlock]]) -> Loaded:
    chains: list[KeyAndChain] = []
    encrypted = None
    try:
        for name, block in blocks:
            if block.label in _CERTIFICATES:
                if not chains:
                    raise encrypted or _Stop(postfix.KEY_NOT_FIRST, f"{name}: the private key has to stand before its certificate")
                chains[-1] = chains[-1].with_certificate(_exact_certificate(block, name), name)
            elif block.label in PRIVATE_KEYS:
                if chains and not chains[-1].chain:
                    raise _Stop(postfix.KEY_WITHOUT_CERTIFICATE, f"{chains[-1].key_name}: no certificate follows this private key")
                chains.append(KeyAndChain(_exact_public(block, name), name))
            elif block.label == ENCRYPTED_PRIVATE_KEY:  # passed over, with what may come of that
                encrypted = encrypted or _Stop(postfix.KEY_ENCRYPTED, f"{name}: the private key is encrypted")
        if not chains:
            names = ", ".join(file.name for file in files)
            raise encrypted or _Stop(postfix.NO_PRIVATE_KEY, f"{names}: no private key and no certificate")
        if not chains[-1].chain:
            raise _Stop(postfix.KEY_WITHOUT_CERTIFICATE, f"{chains[-1].key_name}: no certificate follows this private key")
    except _Stop as stop:
        return Loaded(tuple(chains), stop.kind, stop.text)
    return Loaded(tuple(chains))


def load_pair(certificates: Pem, key: Pem) -> Loaded:
    """Return the chain of a certificate file and a key file.

    When both names are one, Postfix reads the file by itself, in any order, and the first key counts. Two files are read by OpenSSL's
    own functions, which have other rules.
    """
    if certificates.name == key.name:
        return _load_mixed(certificates)
    found = KeyAndChain()
    try:
        for certificate in _certificate_file(certificates):
            found = found.with_certificate(certificate, certificates.name)
        if not found.chain:
            raise _Stop(postfix.NO_CERTIFICATE, f"{certificates.name}: no certificate")
        found = replace(found, key=_key_file(key), key_name=key.name)
    except _Stop as stop:
        return Loaded((found,), stop.kind, stop.text)
    return Loaded((found,))


def _load_mixed(file: Pem) -> Loaded:
    """One file for both (load_mixed_file)."""
    found = KeyAndChain()
    encrypted = None
    try:
        for block in _blocks(file):
            if block.label in _CERTIFICATES:
                found = found.with_certificate(_exact_certificate(block, file.name), file.name)
            elif block.label in PRIVATE_KEYS and found.key is None:
                found = replace(found, key=_exact_public(block, file.name), key_name=file.name)
            elif block.label == ENCRYPTED_PRIVATE_KEY:
                encrypted = encrypted or _Stop(postfix.KEY_ENCRYPTED, f"{file.name}: the private key is encrypted")
        if not found.chain:
            raise _Stop(postfix.NO_CERTIFICATE, f"{file.name}: no certificate")
        if found.key is None:
            raise encrypted or _Stop(postfix.NO_PRIVATE_KEY, f"{file.name}: no private key")
    except _Stop as stop:
        return Loaded((found,), stop.kind, stop.text)
    return Loaded((found,))


def certificates_of(data: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of a file with a chain, whatever else is in it, as Postfix loads them from where keys stand too.

    Empty when there is none.

    Raises:
        ValueError: for what Postfix would stop at.
    """
    try:
        return tuple(_exact_certificate(block, "") for block in _blocks(Pem("", data)) if block.label in _CERTIFICATES)
    except _Stop as stop:
        raise ValueError(stop.text.partition(": ")[2]) from None


def _blocks(file: Pem) -> Iterator[PemBlock]:
    try:
        yield from pem_blocks(file.data)
    except PemError as problem:
        kind = postfix.KEY_MALFORMED if problem.label.endswith("PRIVATE KEY") else postfix.CERTIFICATE_MALFORMED
        raise _Stop(kind, f"{file.name}: {problem}") from None


def _certificate_file(file: Pem) -> Iterator[Certificate]:
    """The certificates that SSL_CTX_use_certificate_chain_file() takes: a first one by laxer rules, then those of its issuers."""
    wanted: tuple[str, ...] = _FIRST_CERTIFICATES
    for block in _blocks(file):
        if block.label not in wanted:
            continue
        if block.header:
            raise _Stop(postfix.CERTIFICATE_MALFORMED, f"{file.name}: the certificate of line {block.line} has a header")
        loaded = load_certificate(block.der)
        if loaded is None or (wanted is _FIRST_CERTIFICATES and not loaded.rest_is_trust_settings):
            raise _no_certificate(block, file.name)
        wanted = _CERTIFICATES
        yield loaded.certificate


def _exact_certificate(block: PemBlock, name: str) -> Certificate:
    """A certificate with nothing behind it, which Postfix's own loader asks for; it does not look at headers."""
    loaded = load_certificate(block.der)
    if loaded is None or loaded.rest:
        raise _no_certificate(block, name)
    return loaded.certificate


def _no_certificate(block: PemBlock, name: str) -> _Stop:
    return _Stop(postfix.CERTIFICATE_MALFORMED, f"{name}: the certificate of line {block.line} cannot be read")


def _exact_public(block: PemBlock, name: str) -> bytes:
    """The public part of a key with nothing behind it; again Postfix does not look at the header, not even at an encrypted key's."""
    try:
        der.read_exactly(block.der)
        return public_part(block.without_header.text)
    except ValueError:
        if block.header and not block.has_other_header:
            raise _Stop(postfix.KEY_ENCRYPTED, f"{name}: the private key is encrypted") from None
        raise _Stop(postfix.KEY_MALFORMED, f"{name}: the private key of line {block.line} cannot be read") from None


def _key_file(file: Pem) -> bytes:
    try:
        return public_part(private_key_block(file.data).text)
    except (PrivateKeyMissing, NoPem) as problem:
        raise _Stop(postfix.NO_PRIVATE_KEY, f"{file.name}: {problem}") from None
    except PrivateKeyUnusable as problem:
        kind = postfix.KEY_ENCRYPTED if "encrypted" in str(problem) else postfix.KEY_MALFORMED
        raise _Stop(kind, f"{file.name}: {problem}") from None
