# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests of the files that a probe trusts or presents: whether they hold the same as before. The edge to trust files.

Of private keys nothing is kept: their certificates tell them apart.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._tls.system_authorities import BUNDLES
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemError, pem_blocks


def files_digest(option: str, paths: Sequence[str]) -> str | None:
    """Return one digest of the files that an option names, None without any.

    Raises:
        OptionError: for one that cannot be read.
    """
    return _digest(read_given(option, path) for path in paths) if paths else None


def certificates_digest(option: str, paths: Sequence[str]) -> str | None:
    """Return one digest of the certificates in files that can hold a private key as well, None without any file."""
    return _digest(b"".join(_certificates_of(read_given(option, path))) for path in paths) if paths else None


def _certificates_of(data: bytes) -> Iterator[bytes]:
    """The certificates of a file up to where OpenSSL stops; a file that it stops at fails the task elsewhere."""
    with suppress(PemError):
        yield from (block.der for block in pem_blocks(data) if block.label.endswith("CERTIFICATE"))


def directory_digest(path: str) -> str:
    """Digest the files of a directory with their names, by which OpenSSL finds them."""
    contents = []
    for name in sorted(os.listdir(path)):
        whole = os.path.join(path, name)
        if _is_file(whole):
            contents += [os.fsencode(name), read_given("ca_path", whole)]
    return _digest(contents)


def system_digest() -> str:
    """Digest the certification authorities of the system: those the environment names, else what is in the usual places."""
    own = os.environ.get("SSL_CERT_FILE")
    paths = [own] if own else BUNDLES
    contents = [read_given("system_ca", path) for path in paths if _is_file(path)]
    folder = os.environ.get("SSL_CERT_DIR")
    if folder and os.path.isdir(folder):
        contents.append(directory_digest(folder).encode("ascii"))
    return _digest(contents)


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def _digest(contents: Iterable[bytes]) -> str:
    """Return one digest of several texts that tells where each ends."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(hashlib.sha256(content).digest())
    return "sha256:" + whole.hexdigest()
