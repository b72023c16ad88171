# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a rollover: files `TIME-ALGORITHM-DIGEST.key.pem` with their chains `.cert-DIGEST.pem`, chains that
were deployed `.served-DIGEST.pem`, and requests `.csr.pem`.

The name of a file says when its key was made (UTC), what kind it is, and the first digits of the SHA-256 of its public key; what is in
the file must agree. The edge to the disk. No private key is in any value but `Pair` and `NewFile`, whose texts do not show it.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair, key_type
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import (
    KEY_MODE,
    PUBLIC_MODE,
    Access,
    NewFile,
    create_together,
    replace_together,
)
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState, read_file
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import certificates_of
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyKind, PrivateKey, generate, load
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import private_key_block
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable, public_part

_KEY_NAME = re.compile(r"([0-9]{8}-[0-9]{6})-([a-z0-9]+)-([0-9a-f]{16})\.key\.pem")
_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class KeptKey:
    """A key in the folder: its file, kind, SubjectPublicKeyInfo (DER), and when it was made, in seconds of the epoch."""

    path: str
    algorithm: str
    spki: bytes
    created: int

    @property
    def stem(self) -> str:
        """The path that the files of this key have in common."""
        return self.path[: -len(".key.pem")]

    @property
    def request_path(self) -> str:
        """Where the request for its certificate is."""
        return self.stem + ".csr.pem"


@dataclass(frozen=True)
class KeptChain:
    """A file with a chain, leaf first. `served`: it was deployed, and is kept for a way back."""

    path: str
    chain: tuple[Certificate, ...]
    served: bool = False


class Keyring:
    """The folder of keys. It need not be there as long as nothing is written."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def keys(self) -> tuple[tuple[KeptKey, ...], tuple[str, ...]]:
        """Return the keys by their age, the oldest first; and what is wrong with files that should be some."""
        found, problems = [], []
        for name in sorted(_listed(self.directory)):
            named = _KEY_NAME.fullmatch(name)
            if named is None:
                continue
            path = os.path.join(self.directory, name)
            spki = public_of(read_file(path))
            if spki is None:
                problems.append(f"{path} holds no private key that can be read")
            elif key_type(spki) != named.group(2) or not digest_of(spki).startswith(named.group(3)):
                problems.append(f"{path} holds another key than its name says")
            else:
                moment = datetime.strptime(named.group(1), _STAMP).replace(tzinfo=timezone.utc)
                found.append(KeptKey(path, named.group(2), spki, int(moment.timestamp())))
        return tuple(found), tuple(problems)

    def chains(self, key: KeptKey) -> tuple[KeptChain, ...]:
        """Return the chains that were kept for a key; files that hold none are passed over."""
        found = []
        for name in self._chain_files(key):
            chain = read_chain(read_file(name))
            found += [] if chain is None else [replace(chain, served=".served-" in os.path.basename(name))]
        return tuple(found)

    def broken_chains(self, key: KeptKey) -> tuple[str, ...]:
        """Return what is wrong with the files of chains that are passed over."""
        return tuple(filter(None, (chain_trouble(read_file(name)) for name in self._chain_files(key))))

    def _chain_files(self, key: KeptKey) -> list[str]:
        return [
            name
            for kind in ("cert", "served")
            for name in sorted(glob.glob(f"{glob.escape(key.stem)}.{kind}-*.pem"))
        ]

    def make(self, kind: KeyKind, created: int) -> KeptKey:
        """Make a key.

        Raises:
            OSError: when a file cannot be read or written.
        """
        key = generate(kind)
        return self._keep(key.pem(), key.spki, kind.algorithm.value, created)

    def adopt(self, pair: Pair, created: int) -> str:
        """Keep a copy of a key that is deployed, with its chain, so that it can be deployed again; returns the chain's path.

        Raises:
            OSError: when a file cannot be read or written.
        """
        kept, _problems = self.keys()
        key = next((one for one in kept if one.spki == pair.spki), None)
        if key is None:
            key = self._keep(pair.key_block + b"\n", pair.spki, pair.algorithm, created)
        return self.keep_chain(key, pair.chain, served=True)

    def keep_chain(self, key: KeptKey, chain: Sequence[Certificate], *, served: bool = False) -> str:
        """Write a chain under a name of its own, unless it is there; returns its path.

        Raises:
            OSError: when a file cannot be read or written.
        """
        whole = digest_of(b"".join(one.der for one in chain))
        path = f"{key.stem}.{'served' if served else 'cert'}-{whole[:16]}.pem"
        content = "".join(one.pem for one in chain).encode("ascii")
        self._write(path, NewFile(os.path.basename(path), content, Access(PUBLIC_MODE)))
        return path

    def keep_request(self, key: KeptKey, pem: bytes) -> None:
        """Write a request in the place of an older one.

        Raises:
            OSError: when a file cannot be read or written.
        """
        replace_together(self.directory, [NewFile(os.path.basename(key.request_path), pem, Access(PUBLIC_MODE))])

    def load(self, key: KeptKey) -> PrivateKey:
        """Return a private key for making a certificate or request.

        Raises:
            UnusableKey: when the key cannot be used.
        """
        return load(read_file(key.path).data)

    def files(self, key: KeptKey) -> list[str]:
        """Return the paths of all files of a key, the key itself last."""
        return [*sorted(path for path in glob.glob(glob.escape(key.stem) + ".*") if path != key.path), key.path]

    def discard(self, key: KeptKey) -> None:
        """Remove all files of a key, the key itself last, so that an interrupted removal is seen.

        Raises:
            OSError: when a file cannot be read or written.
        """
        for path in self.files(key)[:-1]:
            os.unlink(path)
        with suppress(FileNotFoundError):
            os.unlink(key.path)

    def _keep(self, content: bytes, spki: bytes, algorithm: str, created: int) -> KeptKey:
        stamp = datetime.fromtimestamp(created, timezone.utc).strftime(_STAMP)
        name = f"{stamp}-{algorithm}-{digest_of(spki)[:16]}.key.pem"
        create_together(self.directory, [NewFile(name, content, Access(KEY_MODE))])
        return KeptKey(os.path.join(self.directory, name), algorithm, spki, created)

    def _write(self, path: str, file: NewFile) -> None:
        if read_file(path).data != file.content:
            replace_together(self.directory, [file])


def digest_of(data: bytes) -> str:
    """Return the SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read_chain(state: FileState) -> KeptChain | None:
    """Return the chain in a file, whatever else is in it; None when chain_trouble tells of some."""
    try:
        found = certificates_of(state.data)
    except ValueError:
        return None
    return KeptChain(state.path, found) if found else None


def chain_trouble(state: FileState) -> str:
    """Return why a file holds no chain that Postfix could load; empty when it holds one. The text names the file."""
    if state.error is not None:
        return f"{state.path}: {state.error}"
    try:
        found = certificates_of(state.data)
    except ValueError as problem:
        return f"{state.path}: holds no certificate that can be read: {problem}"
    return "" if found else f"{state.path}: holds no certificate"


def copies_of(spki: bytes, directory: str) -> Iterator[str]:
    """Give the files of key and chain that `postfix_tls_deploy` has made of a key in a folder."""
    for name in sorted(_listed(directory)):
        if not (name.startswith("chain-") and name.endswith(".pem")):
            continue
        path = os.path.join(directory, name)
        if public_of(read_file(path)) == spki:
            yield path


def public_of(state: FileState) -> bytes | None:
    """Return the public part (DER) of the private key that OpenSSL takes of a file, None when there is none that can be read."""
    try:
        return public_part(private_key_block(state.data).text)
    except PrivateKeyUnusable:
        return None


def _listed(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []
