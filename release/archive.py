# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the archive of a release, the same bytes whoever makes it of a commit.

`ansible-galaxy collection build` puts the time of the build, the builder's user and the order of the folder into its archive. Here it is
packed once more without them. Beside it come what a signature is made over, the checksums, and the bill of materials:

    python release/archive.py --source . --to dist

Of a checkout it takes what is committed, and nothing that lies beside.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

MANIFEST, FILES = "MANIFEST.json", "FILES.json"
EXECUTABLE, PLAIN = 0o755, 0o644
GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))
"""Deflate, no name, no time, as small as it can be, from no system in particular."""


def commit_time(source: Path) -> int:
    """Return `SOURCE_DATE_EPOCH`, or else the time of the commit that *source* is at, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is not None:
        return int(given)
    return int(_git(source, "log", "-1", "--format=%ct"))


def committed(source: Path, folder: Path) -> Path:
    """Return a copy of what is committed in *source*, below *folder*; *source* itself where it is no checkout."""
    if not (source / ".git").exists():
        return source
    changed = _git(source, "status", "--porcelain").decode("utf-8", "replace")
    if changed:
        print(f"Not committed, and not in the archive:\n{changed}", file=sys.stderr, end="")
    copy = folder / "committed"
    copy.mkdir()
    subprocess.run(["tar", "--extract", "--directory", str(copy)], check=True, input=_git(source, "archive", "--format=tar", "HEAD"))
    return copy


def _git(source: Path, *words: str) -> bytes:
    """Return what git says of a checkout, also where it is somebody else's: root may build what a user has cloned."""
    command = ["git", "--no-optional-locks", "-c", "safe.directory=*", "-C", str(source), *words]
    return subprocess.run(command, check=True, capture_output=True).stdout


def build(source: Path, folder: Path) -> Path:
    """Have ansible-galaxy build the collection, and return its archive."""
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(folder), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tar.gz")
    return archive


def normalized(archive: bytes, moment: int) -> bytes:
    """Return an archive of ansible-galaxy without what tells when, where and by whom it was built.

    Args:
        archive: the bytes of a `.tar.gz`.
        moment: the time that all files get, in seconds since 1970.
    """
    members = _members(archive)
    files = json.loads(members[FILES][0])
    files["files"].sort(key=lambda item: item["name"])
    listing = _json(files)
    manifest = json.loads(members[MANIFEST][0])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listing).hexdigest()
    members[FILES] = (listing, PLAIN, False)
    members[MANIFEST] = (_json(manifest), PLAIN, False)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        # The manifest first: who reads an archive from its beginning has it before anything else.
        for name in sorted(members, key=lambda name: (name != MANIFEST, name != FILES, name)):
            content, mode, is_folder = members[name]
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, moment
            member.type = tarfile.DIRTYPE if is_folder else tarfile.REGTYPE
            tar.addfile(member, io.BytesIO(content))
    return gzipped(packed.getvalue())


def gzipped(data: bytes) -> bytes:
    """Return *data* as gzip (RFC 1952), with the same header whatever the Python: that of `gzip.compress` depends on its version.

    What follows depends on zlib alone. Its replacement zlib-ng makes other bytes of the same data.
    """
    deflating = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return GZIP_HEADER + deflating.compress(data) + deflating.flush() + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def manifest_of(archive: bytes) -> bytes:
    """Return the manifest of an archive: what is signed."""
    return _members(archive)[MANIFEST][0]


def _members(archive: bytes) -> dict[str, tuple[bytes, int, bool]]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            executable = member.isdir() or bool(member.mode & 0o100)
            found[member.name] = (content.read() if content else b"", EXECUTABLE if executable else PLAIN, member.isdir())
    return found


def _json(content: Any) -> bytes:
    """Return what ansible-galaxy writes of it."""
    return (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def release(source: Path, to: Path) -> Path:
    """Make all files of a release of *source* in the folder *to*, and return the archive."""
    sys.path.insert(0, str(Path(__file__).parent))
    import bill_of_materials  # who only reads an archive needs no library

    moment = commit_time(source)
    with tempfile.TemporaryDirectory() as temporary:
        taken = committed(source, Path(temporary))
        built = build(taken, Path(temporary))
        content = normalized(built.read_bytes(), moment)
        required = (taken / "requirements.txt").read_text(encoding="utf-8")
    to.mkdir(parents=True, exist_ok=True)
    archive = to / built.name
    manifest = manifest_of(content)
    bill = bill_of_materials.bill(json.loads(manifest), required, hashlib.sha256(content).hexdigest(), moment)
    written = {archive.name: content, MANIFEST: manifest, archive.name.replace(".tar.gz", ".cdx.json"): bill.encode("utf-8")}
    for name, data in written.items():
        (to / name).write_bytes(data)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(written.items())]
    (to / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    return archive


def main() -> None:
    """Do it."""
    parser = argparse.ArgumentParser(description="Make the archive of a release.")
    parser.add_argument("--source", type=Path, default=Path("."))
    parser.add_argument("--to", type=Path, default=Path("dist"))
    given = parser.parse_args()
    print(release(given.source, given.to))


if __name__ == "__main__":
    main()
