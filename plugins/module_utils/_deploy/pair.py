# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key and the chain that are to be deployed, checked before anything is touched (RFC 5246 section 7.4.2, RFC 7671 section 5).

A key that is not the certificate's, a chain out of order, a name that is missing or an end that is near stop the task.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, public_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.acceptance import ends_soon, objections
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain import out_of_order
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import KeyAndChain, Pem, load_pair
from ansible_collections.mailops.tls.plugins.module_utils._x509.findings import expires_soon, issuer_missing
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceName, match_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import is_valid_at
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import block_of_key

ALGORITHMS = ("rsa", "ecdsa", "ed25519")
_CERTIFICATE, _KEY = "certificate_path", "privatekey_path"


@dataclass(frozen=True)
class Pair:
    """A private key with its chain, leaf first.

    `key_block` is the key's PEM block, which no text shows; `spki` its public part, DER; `algorithm` one of `ALGORITHMS`.
    """

    key_block: bytes = field(repr=False)
    spki: bytes
    chain: tuple[Certificate, ...]
    algorithm: str

    @property
    def leaf(self) -> Certificate:
        """The server's certificate."""
        return self.chain[0]

    @property
    def public_key_sha256(self) -> str:
        """The data of a TLSA record `3 1 1`, lower-case hexadecimal."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def combined(self) -> bytes:
        """The content of a file for `smtpd_tls_chain_files`: the key first, then its chain. `Secret`."""
        return self.key_block + b"\n" + b"".join(one.pem.encode("ascii") for one in self.chain)

    @property
    def file_name(self) -> str:
        """A name that says what is in the file: the same key and chain have the same name, others another one."""
        public = hashlib.sha256(self.spki + b"".join(one.der for one in self.chain)).hexdigest()
        return f"chain-{self.algorithm}-{public[:16]}.pem"


def read_pair(certificate: FileState, key: FileState) -> Pair:
    """Return the pair that two files (or one, given twice) hold.

    Raises:
        OptionError: for what Postfix could not use.
    """
    for option, state in ((_CERTIFICATE, certificate), (_KEY, key)):
        if state.error is not None:
            raise OptionError(option, state.path, f"cannot be read: {state.error}")
    loaded = load_pair(Pem(certificate.path, certificate.data), Pem(key.path, key.data))
    material = loaded.chains[0]
    if loaded.problem is not None:
        option, path = (_CERTIFICATE, certificate.path) if "certificate" in loaded.problem else (_KEY, key.path)
        raise OptionError(option, path, f"cannot be deployed: {loaded.text}")
    if material.agrees is not True:
        raise OptionError(_KEY, key.path, f"is not the key of the first certificate in {certificate.path}")
    return _pair(material, key.data, _KEY)


def deployed_pair(material: KeyAndChain, files: Sequence[FileState]) -> Pair:
    """Return a pair that is deployed already; *files* are those it was read from.

    Raises:
        OptionError: for `parameters`.
    """
    data = next((one.data for one in files if one.path == material.key_name), b"")
    return _pair(material, data, "parameters")


def _pair(material: KeyAndChain, data: bytes, option: str) -> Pair:
    spki = material.key or b""
    algorithm = key_type(spki)
    if algorithm not in ALGORITHMS:
        reason = "holds a key of a kind that cannot be deployed: %s" % (algorithm or "nobody can tell which")
        raise OptionError(option, material.key_name, reason)
    block = block_of_key(data, spki)
    if block is None:
        raise OptionError(option, material.key_name, "no longer holds the key")
    return Pair(block.text.rstrip(b"\n"), spki, material.chain, algorithm)


def key_type(spki: bytes) -> str | None:
    """Return the kind of a public key (`rsa`), None when it cannot be told."""
    try:
        return public_key.decode(spki).type
    except der.DerError:
        return None


def check_pair(pair: Pair, names: Sequence[ReferenceName], now: datetime, min_days_left: int) -> None:
    """Raise `OptionError` for a chain out of order, a missing name, or dates that do not fit.

    Args:
        now: aware.
            """
    at = out_of_order(pair.chain)
    if at is not None:
        reason = f"does not follow the certificate that it issued: before it is {pair.chain[at - 1].shown_subject}"
        raise OptionError(_CERTIFICATE, pair.chain[at].shown_subject, reason)
    for name in names:
        if not match_names(pair.leaf, [name]).matched:
            has = ", ".join(clean(one) for one in pair.leaf.dns_names) or "no DNS name"
            raise OptionError("names", name.value, f"is not a name of the certificate, which has {has}")
    for certificate in pair.chain:
        _check_dates(certificate, now, min_days_left)


def pair_lint(pair: Pair, now: datetime) -> tuple[Finding, ...]:
    """Return what senders that verify certificates would object to, or soon will; *now* is aware."""
    found = [*objections(pair.chain, now)]
    for certificate in dict.fromkeys(pair.chain):
        if ends_soon(certificate, now):
            found.append(expires_soon(certificate.subject or "", certificate))
    if len(pair.chain) == 1 and not pair.leaf.is_self_issued:
        found.append(issuer_missing(pair.leaf.subject or "", pair.leaf))
    return tuple(found)


def _check_dates(certificate: Certificate, now: datetime, min_days_left: int) -> None:
    if not is_valid_at(certificate, now):
        begin, end = certificate.not_before, certificate.not_after
        dates = "its dates cannot be read" if begin is None or end is None else f"it is valid from {begin} to {end}"
        raise OptionError(_CERTIFICATE, certificate.shown_subject, f"is not valid now: {dates}")
    if certificate.not_after is not None and certificate.not_after - now < timedelta(days=min_days_left):
        reason = f"is valid until {certificate.not_after}, which is less than {min_days_left} days"
        raise OptionError("min_days_left", certificate.shown_subject, reason)
