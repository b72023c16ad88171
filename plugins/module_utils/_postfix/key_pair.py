# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done about a private key and its certificate: the order, what is there, and the decision. All pure.

Files are called as `postfix tls` calls them, `key-ID.pem` and `cert-ID.pem`, with the algorithm in front unless it is RSA; the
identifier is a time stamp unless the user gives one. A pair with an identifier of its own is made once, and from then on left alone: it may
be deployed, its TLSA records may be published, and an issuer's chain may have taken the place of the certificate.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import KEY_MODE, PUBLIC_MODE, Access, FoundFile
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm, KeyKind, PrivateKey, describe

_IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_PREFIX = {KeyAlgorithm.RSA: "", KeyAlgorithm.ECDSA: "ec", KeyAlgorithm.ED25519: "ed25519"}
_DEFAULT_KIND = {
    KeyAlgorithm.RSA: KeyKind.RSA_2048,
    KeyAlgorithm.ECDSA: KeyKind.ECDSA_P256,
    KeyAlgorithm.ED25519: KeyKind.ED25519,
}


@dataclass(frozen=True)
class KeyOrder:
    """What the user wants.

    `bits` and `curve` are `None` unless given. `names` are the certificate's, in ASCII; `names_given` tells whether the user chose
    them. The `mode` of an access is `None` unless given.
    """

    algorithm: KeyAlgorithm
    bits: int | None
    curve: str | None
    names: tuple[str, ...]
    names_given: bool
    key_id: str | None
    reuse_key: bool
    force: bool
    key_access: Access = Access()
    certificate_access: Access = Access()

    def __post_init__(self) -> None:
        if self.key_id is not None and not _IDENTIFIER.fullmatch(self.key_id):
            raise OptionError("key_id", self.key_id, "cannot be part of a file name: letters, digits, dots, hyphens and underscores")
        if self.bits is not None and self.algorithm is not KeyAlgorithm.RSA:
            raise OptionError("bits", self.bits, "is for rsa keys; the size of an ecdsa key is that of its curve")
        if self.curve is not None and self.algorithm is not KeyAlgorithm.ECDSA:
            raise OptionError("curve", self.curve, "is for ecdsa keys")

    @property
    def kind(self) -> KeyKind:
        """The kind of key to make."""
        if self.bits is None and self.curve is None:
            return _DEFAULT_KIND[self.algorithm]
        return next(one for one in KeyKind if (self.algorithm, self.bits, self.curve) == (one.algorithm, *self._size(one)))

    def _size(self, kind: KeyKind) -> tuple[int | None, str | None]:
        return (kind.public_key.bits, None) if self.curve is None else (None, kind.public_key.curve)

    @property
    def new_key_access(self) -> Access:
        """Mode and owner of a key that is made."""
        return self.key_access.over(Access(mode=KEY_MODE))

    @property
    def new_certificate_access(self) -> Access:
        """Mode and owner of a certificate that is made."""
        return self.certificate_access.over(Access(mode=PUBLIC_MODE))

    def check_kind(self, key: PrivateKey, path: str) -> None:
        """Raise `OptionError` unless a key that is there is of the algorithm, and of the size when one was asked for."""
        found = key.public_key
        for option, wanted, there in (
            ("algorithm", self.algorithm.value, found.type), ("bits", self.bits, found.bits), ("curve", self.curve, found.curve),
        ):  # fmt: skip
            if wanted is not None and wanted != there:
                raise OptionError(option, wanted, f"is not what there is in {path}: {describe(found)}")


@dataclass(frozen=True)
class PairPaths:
    """Where the two files of a pair are, or will be."""

    key: str
    certificate: str


def pair_paths(directory: str, algorithm: KeyAlgorithm, identifier: str) -> PairPaths:
    """Return the paths of a pair."""
    prefix = _PREFIX[algorithm]
    names = (f"{prefix}key-{identifier}.pem", f"{prefix}cert-{identifier}.pem")
    return PairPaths(*(os.path.join(directory, name) for name in names))


def time_stamp(moment: datetime) -> str:
    """Return the identifier that `postfix tls` gives a pair: the time in UTC."""
    return moment.astimezone(timezone.utc).strftime("%Y%m%d-%H%M%S")


@dataclass(frozen=True)
class FoundPair:
    """What there is under the names: the files, `None` where there is none, and what is in them as far as it can be read.

    Of several certificates the first counts.
    """

    key_file: FoundFile | None = None
    certificate_file: FoundFile | None = None
    key: PrivateKey | None = None
    certificate: Certificate | None = None


class KeyAction(str, Enum):
    """What to do: leave the pair alone, make both files, make the certificate that is missing, or make both anew."""

    KEEP = "keep"
    CREATE = "create"
    COMPLETE = "complete"
    REPLACE = "replace"


def decide(order: KeyOrder, found: FoundPair, paths: PairPaths, reused: PrivateKey | None) -> KeyAction:
    """Return what to do about a pair with an identifier of its own; *reused* is the deployed key when that shall be used.

    Nothing that is there is replaced unless forced.

    Raises:
        OptionError: naming the option that what is there contradicts.
    """
    if found.key_file is None and found.certificate_file is None:
        return KeyAction.CREATE
    if order.force:
        return KeyAction.REPLACE
    if found.key_file is None:
        raise OptionError("key_id", order.key_id, f"has a certificate, {paths.certificate}, without its key {paths.key}")
    if found.key is None:
        raise OptionError("key_id", order.key_id, f"has a file {paths.key} without a private key that can be used")
    order.check_kind(found.key, paths.key)
    if reused is not None and reused != found.key:
        raise OptionError("reuse_key", True, f"is not possible here: {paths.key} holds another key than the deployed one")
    if found.certificate_file is None:
        return KeyAction.COMPLETE
    if found.certificate is None or found.certificate.spki != found.key.spki:
        raise OptionError("key_id", order.key_id, f"has a file {paths.certificate} without a certificate of its key")
    there = {name.lower() for name in found.certificate.dns_names}
    missing = [name for name in order.names if name.lower() not in there] if order.names_given else []
    if missing:
        reason = "has a certificate, %s, without %s; it may be deployed and is left alone, so choose another identifier"
        raise OptionError("key_id", order.key_id, reason % (paths.certificate, ", ".join(missing)))
    return KeyAction.KEEP
