# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is published is what the maintainers signed, and nothing else."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "release"))
import archive  # noqa: E402
import signed  # noqa: E402

NAME = "mailops-tls-1.0.0.tar.gz"


def _packed(manifest: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo(archive.MANIFEST)
        member.size = len(manifest)
        tar.addfile(member, io.BytesIO(manifest))
    content: bytes = archive.gzipped(packed.getvalue())
    return content


def _put(folder: Path, content: bytes, manifest: bytes) -> None:
    (folder / NAME).write_bytes(content)
    (folder / archive.MANIFEST).write_bytes(manifest)
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in (archive.MANIFEST, NAME)]
    (folder / signed.SUMS).write_text("".join(sums), encoding="ascii")


def _sign(folder: Path, home: Path) -> str:
    """Sign the manifest by a new key, put its public half beside it, and return its fingerprint as documents have it."""
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-tty", "--yes"]
    subprocess.run([*gpg, "--passphrase", "", "--quick-generate-key", "release@example.org", "ed25519", "sign", "1d"], check=True)
    signature = ["--armor", "--detach-sign", "--output", str(folder / signed.SIGNATURE), str(folder / archive.MANIFEST)]
    subprocess.run([*gpg, *signature], check=True)
    (folder / signed.KEYRING).write_bytes(subprocess.run([*gpg, "--export"], check=True, capture_output=True).stdout)
    told = subprocess.run([*gpg, "--with-colons", "--fingerprint"], check=True, capture_output=True, text=True).stdout
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=True)
    (fingerprint,) = re.findall(r"^fpr:+([0-9A-F]{40}):", told, re.M)
    groups = [fingerprint[at : at + 4] for at in range(0, 40, 4)]
    return f"{' '.join(groups[:5])}  {' '.join(groups[5:])}"


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "release").mkdir()
    _put(folder / "release", _packed(b"{}"), b"{}")
    fingerprint = _sign(folder / "release", tmp_path_factory.mktemp("gpg") / "home")
    (folder / "SECURITY.md").write_text(f"| releases from 1.0.0 on | `{fingerprint}` |\n", encoding="utf-8")
    return folder


@pytest.fixture(name="folder")
def _folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _refused(folder: Path) -> str:
    with pytest.raises(signed.NotSignedError) as caught:
        signed.check(folder / "release", folder / "SECURITY.md")
    return str(caught.value)


def test_what_was_signed_may_be_published(folder: Path) -> None:
    assert signed.check(folder / "release", folder / "SECURITY.md").name == NAME


def test_other_bytes_than_those_of_the_sums(folder: Path) -> None:
    (folder / "release" / NAME).write_bytes(_packed(b"{ }"))
    assert _refused(folder) == f"{NAME} is not what SHA256SUMS says"


@pytest.mark.parametrize("content", [b"", b"junk", _packed(b"{}")[:-40], archive.gzipped(bytes(1024))])
def test_what_is_no_archive(folder: Path, content: bytes) -> None:
    _put(folder / "release", content, b"{}")
    assert _refused(folder).startswith(f"{NAME} is no archive of a collection")


def test_a_list_of_sums_that_is_none(folder: Path) -> None:
    (folder / "release" / signed.SUMS).write_bytes(b"\xff\n")
    assert _refused(folder) == "SHA256SUMS has a line that is no sum"


def test_another_archive_with_sums_of_its_own(folder: Path) -> None:
    _put(folder / "release", _packed(b"{ }"), b"{}")
    assert _refused(folder) == f"MANIFEST.json is not that of {NAME}"


def test_another_manifest_than_the_signed_one(folder: Path) -> None:
    _put(folder / "release", _packed(b"{ }"), b"{ }")
    assert _refused(folder).startswith("MANIFEST.json.asc is no good signature")


def test_a_good_signature_by_another_key(folder: Path, tmp_path: Path) -> None:
    _sign(folder / "release", tmp_path / "home")
    assert "whose fingerprint is not in SECURITY.md" in _refused(folder)


def test_no_key_is_named(folder: Path) -> None:
    (folder / "SECURITY.md").write_text("not made yet\n", encoding="utf-8")
    assert _refused(folder) == "SECURITY.md names no fingerprint of a key"


def test_of_a_user_who_runs_it(folder: Path) -> None:
    command = [sys.executable, str(ROOT / "release/signed.py"), str(folder / "release"), "--security", str(folder / "SECURITY.md")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip().endswith(NAME)
    (folder / "release" / signed.SIGNATURE).unlink()
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("This release must not be published: MANIFEST.json.asc is no good signature")
