# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a release may go to Galaxy: it is what the key that SECURITY.md names has signed.

    python release/signed.py FOLDER

The folder has what is attached to the release. Its sums, the manifest inside the archive, the signature and its key are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import archive  # noqa: E402

KEYRING, SIGNATURE, SUMS = "mailops-tls.gpg", archive.MANIFEST + ".asc", "SHA256SUMS"
_FINGERPRINT = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-F]{4} {1,2}){9}[0-9A-F]{4}(?![0-9A-Fa-f])")


class NotSignedError(Exception):
    """Why a release is not what somebody signed."""


def check(folder: Path, security: Path) -> Path:
    """Return the archive in *folder*, which may be published.

    Args:
        folder: what is attached to the release.
        security: the document that names the fingerprint of the key.

    Raises:
        NotSignedError: when anything of it is not as it was signed.
    """
    believed = {re.sub(" ", "", found) for found in _FINGERPRINT.findall(security.read_text(encoding="utf-8"))}
    if not believed:
        raise NotSignedError(f"{security.name} names no fingerprint of a key")
    found = _archive_by_its_sum(folder)
    try:
        manifest = archive.manifest_of(found.read_bytes())
    except (tarfile.TarError, KeyError, EOFError, zlib.error) as error:
        raise NotSignedError(f"{found.name} is no archive of a collection: {error}") from error
    if manifest != (folder / archive.MANIFEST).read_bytes():
        raise NotSignedError(f"{archive.MANIFEST} is not that of {found.name}")
    signer = _signer(folder)
    if signer not in believed:
        raise NotSignedError(f"{signer} has signed it, whose fingerprint is not in {security.name}")
    return found


def _archive_by_its_sum(folder: Path) -> Path:
    """Return the one archive, when everything that the list of sums names is as it says."""
    named = {}
    for line in (folder / SUMS).read_text(encoding="ascii", errors="replace").splitlines():
        digest, two_blanks, name = line.partition("  ")
        if not two_blanks:
            raise NotSignedError(f"{SUMS} has a line that is no sum")
        named[name] = digest
    for name, digest in named.items():
        if hashlib.sha256((folder / Path(name).name).read_bytes()).hexdigest() != digest:
            raise NotSignedError(f"{name} is not what {SUMS} says")
    archives = [path for path in folder.glob("*.tar.gz") if path.name in named]
    if len(archives) != 1:
        raise NotSignedError(f"{SUMS} names {len(archives)} archives")
    return archives[0]


def _signer(folder: Path) -> str:
    """Return the fingerprint of the key that has signed the manifest, by what is in the keyring alone."""
    with tempfile.TemporaryDirectory() as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--no-tty", "--no-default-keyring", "--keyring", str((folder / KEYRING).resolve())]
        verify = [*gpg, "--trust-model", "always", "--status-fd", "1", "--verify", str(folder / SIGNATURE), str(folder / archive.MANIFEST)]
        said = subprocess.run(verify, capture_output=True, text=True, check=False)
    told = [line.split()[1:] for line in said.stdout.splitlines() if line.startswith("[GNUPG:] ")]
    valid = [words for words in told if words[0] == "VALIDSIG"]
    # GOODSIG is missing where the key has expired or was revoked; VALIDSIG is there all the same.
    if said.returncode != 0 or len(valid) != 1 or [words[0] for words in told].count("GOODSIG") != 1:
        raise NotSignedError(f"{SIGNATURE} is no good signature: {said.stderr.strip()}")
    return valid[0][-1]  # of the primary key, which the document names


def main() -> None:
    """Do it, and print the archive."""
    parser = argparse.ArgumentParser(description="Check that a release is what was signed.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--security", type=Path, default=Path(__file__).parents[1] / "SECURITY.md")
    given = parser.parse_args()
    try:
        print(check(given.folder, given.security))
    except (NotSignedError, OSError) as error:
        sys.exit(f"This release must not be published: {error}")


if __name__ == "__main__":
    main()
