# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server's keys and certificates are, from files or text: the part of them that TLSA records can be made of.

Readers take bytes as they come: PEM (the blocks that matter are picked out), DER, or DER in base64. Of certificates and
keys the raw bytes are kept, since a digest of anything re-encoded might be another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain import is_authority, issuers_among
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import is_self_signed
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemBlock, PemError, pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import PrivateKeyMissing, private_key_block
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_key import is_decodable
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable, public_part

_TRUSTED = "TRUSTED CERTIFICATE"
_CERTIFICATE = ("CERTIFICATE", "X509 CERTIFICATE", _TRUSTED)
_REQUEST = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
_PUBLIC_KEY = ("PUBLIC KEY",)


@dataclass(frozen=True)
class Source:
    """Bytes from a user: what they are, the option they came by, and what to call them in errors and comments.

    `value` is shown in errors and is no content; `label` names them in zone files.
    """

    data: bytes
    option: str
    value: str
    label: str

    def refuse(self, reason: str) -> OptionError:
        """Return the error that says why they cannot be used."""
        return OptionError(self.option, self.value, reason)


@dataclass(frozen=True)
class KeyMaterial:
    """What one source knows about a server.

    `spki` is the DER of the server's own SubjectPublicKeyInfo, `certificate` its certificate; both are `None` for a source
    that knows issuers only. `issuers` are certificates above the server's own. `label` is clean text.
    """

    label: str
    option: str
    value: str
    spki: bytes | None = None
    certificate: Certificate | None = None
    issuers: tuple[Certificate, ...] = ()

    @property
    def roots(self) -> tuple[Certificate, ...]:
        """Those of the issuers that nobody else issued."""
        return tuple(one for one in self.issuers if is_self_signed(one))


def of_private_key(source: Source) -> KeyMaterial:
    """Return what the first private key of a PEM file tells: its public key.

    Raises:
        OptionError: for what cannot be used.
    """
    _refuse_empty(source)
    try:
        spki = public_part(private_key_block(source.data).text)
    except PrivateKeyMissing:
        raise source.refuse("holds no private key in PEM") from None
    except PrivateKeyUnusable as problem:
        raise source.refuse(f"cannot be used: {problem}; a certificate or public key of it will do as well") from None
    return KeyMaterial(clean(source.label), source.option, source.value, _checked_key(source, spki))


def of_public_key(source: Source) -> KeyMaterial:
    """Return what a public key (SubjectPublicKeyInfo) tells.

    Raises:
        OptionError: for what cannot be used.
    """
    (spki,) = _contents(source, _PUBLIC_KEY, "public key")[:1]
    return KeyMaterial(clean(source.label), source.option, source.value, _checked_key(source, spki))


def of_request(source: Source) -> KeyMaterial:
    """Return what a certificate signing request (RFC 2986) tells: the public key in it.

    Raises:
        OptionError: for what cannot be used.
    """
    (request,) = _contents(source, _REQUEST, "certificate signing request")[:1]
    try:
        parts = der.members(der.members(der.read_exactly(request))[0])
        der.expect(parts[0], der.INTEGER)
        spki = der.expect(parts[2], der.SEQUENCE).raw
    except (der.DerError, IndexError):
        raise source.refuse("holds no certificate signing request") from None
    return KeyMaterial(clean(source.label), source.option, source.value, _checked_key(source, spki))


def of_certificate(source: Source) -> KeyMaterial:
    """Return what the first certificate tells; others beside it are passed over.

    Raises:
        OptionError: for what cannot be used.
    """
    leaf = _certificates(source)[0]
    return KeyMaterial(clean(source.label), source.option, source.value, leaf.spki, leaf)


def of_issuers(source: Source) -> KeyMaterial:
    """Return what certificates of issuers tell.

    Raises:
        OptionError: for what cannot be read, and for one that is not a CA's.
    """
    issuers = _certificates(source)
    for one in issuers:
        _require_ca(source, one)
    return KeyMaterial(clean(source.label), source.option, source.value, issuers=issuers)


def of_chain(source: Source) -> KeyMaterial:
    """Return what a server's certificate and its issuers behind it tell.

    Raises:
        OptionError: for what cannot be read, and for a certificate that issued none of the others: a record about it would let in an
            authority that has nothing to do with the server.
    """
    leaf, *others = _certificates(source)
    issuers = issuers_among(leaf, others, lambda _one: True)
    for one in others:
        if one not in issuers:
            raise source.refuse(f"holds {one.shown_subject}, which has issued none of the certificates before it")
    for one in issuers:
        _require_ca(source, one)
    return KeyMaterial(clean(source.label), source.option, source.value, leaf.spki, leaf, issuers)


def of_served(chain: Sequence[Certificate], option: str, label: str, value: str | None = None) -> KeyMaterial:
    """Return what a server shows or has deployed, its own certificate first; what does not belong to it is passed over.

    Raises:
        OptionError: when the key of its certificate cannot be read.
    """
    source = Source(b"", option, value or label, label)
    leaf = _checked(source, chain[0])
    issuers = issuers_among(leaf, chain[1:], lambda one: is_authority(one) and _has_key(one))
    return KeyMaterial(clean(label), option, source.value, leaf.spki, leaf, issuers)


def of_text(source: Source, *, issuers: bool = False) -> KeyMaterial:
    """Return what a text tells that may be anything: of PEM the first block decides, of DER its form.

    Certificates are a chain, the server's own first, or with *issuers* those of issuers only.

    Raises:
        OptionError: for what cannot be used.
    """
    _refuse_empty(source)
    try:
        label = next((block.label for block in pem_blocks(source.data)), None)
    except PemError as problem:
        label = problem.label
    if label is None:
        label = _kind_of_der(_raw(source))
    if label in _CERTIFICATE:
        return of_issuers(source) if issuers else of_chain(source)
    if issuers:
        raise source.refuse("holds no certificate, which issuers need")
    if label in _REQUEST:
        return of_request(source)
    if label in _PUBLIC_KEY:
        return of_public_key(source)
    return of_private_key(source)


def _contents(source: Source, labels: Collection[str], what: str) -> list[bytes]:
    """The DER of all blocks with these labels, or the data itself when it is no PEM; at least one."""
    _refuse_empty(source)
    try:
        blocks = tuple(pem_blocks(source.data))
    except PemError as problem:
        raise source.refuse(f"holds PEM that OpenSSL cannot read: {problem}") from None
    if not blocks and b"-----BEGIN" not in source.data:
        return [_raw(source)]
    found = [block for block in blocks if block.label in labels]
    if not found:
        raise source.refuse(f"holds no {what} in PEM")
    if any(block.label == _TRUSTED for block in found[1:]):
        raise source.refuse(f"holds a {_TRUSTED} that is not the first, which servers pass over: write it anew with openssl x509")
    return [_without_trust_settings(block) for block in found]


def _without_trust_settings(block: PemBlock) -> bytes:
    """What openssl x509 -trustout writes behind a certificate is no part of it, and not shown by servers."""
    if block.label != _TRUSTED:
        return block.der
    try:
        return der.read(block.der)[0].raw
    except der.DerError:
        return block.der


def _raw(source: Source) -> bytes:
    """Data that is no PEM: DER, or base64 of it."""
    if source.data[:1] == b"\x30":
        try:
            der.read_exactly(source.data)
        except der.DerError:
            pass
        else:
            return source.data
    try:
        return base64.b64decode(b"".join(source.data.split()), validate=True)
    except binascii.Error:
        raise source.refuse("is neither PEM nor DER") from None


def _kind_of_der(data: bytes) -> str | None:
    """The PEM label that would fit: a public key has two parts, a signed thing three, of which a request is the shorter."""
    try:
        parts = der.members(der.read_exactly(data))
        if len(parts) == 2 and [part.tag for part in parts] == [der.SEQUENCE, der.BIT_STRING]:
            return _PUBLIC_KEY[0]
        if len(parts) == 3 and parts[0].tag == der.SEQUENCE:
            return _CERTIFICATE[0] if len(der.members(parts[0])) >= 6 else _REQUEST[0]
    except der.DerError:
        pass
    return None


def _certificates(source: Source) -> tuple[Certificate, ...]:
    found = dict.fromkeys(Certificate(one) for one in _contents(source, _CERTIFICATE, "certificate"))
    return tuple(_checked(source, one) for one in found)


def _checked(source: Source, certificate: Certificate) -> Certificate:
    if not certificate.is_exact:
        raise source.refuse("holds no certificate, or one that cannot be read")
    _checked_key(source, certificate.spki or b"")
    return certificate


def _checked_key(source: Source, spki: bytes) -> bytes:
    if not is_decodable(spki):
        raise source.refuse("holds a public key that cannot be read")
    return spki


def _has_key(certificate: Certificate) -> bool:
    return certificate.is_exact and certificate.spki is not None and is_decodable(certificate.spki)


def _require_ca(source: Source, certificate: Certificate) -> None:
    if not is_authority(certificate):
        raise source.refuse(f"holds {certificate.shown_subject}, which is not the certificate of an issuer (CA)")


def _refuse_empty(source: Source) -> None:
    if not source.data.strip():
        digest = hashlib.sha256(b"").hexdigest()
        raise source.refuse(f"is empty; a record of it, with the digest {digest[:16]}..., would match nothing")
