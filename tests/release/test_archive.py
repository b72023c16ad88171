# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a release: the same bytes from two builders, only what people install, signed and verified as the README says."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "release"))
import archive  # noqa: E402

MOMENT = "1700000000"
NOT_INSTALLED = (".github", "release", *(f"tests/{name}" for name in ("benchmarks", "differential", "fuzz", "hostile", "rollover", "run")))
OF_THE_DEMO = {
    "demo": {"audit.sh", "demo.sh", "diagnose.sh", "domain.sh", "environment.sh", "network.sh", "probe.sh", "python.sh", "report.sh"},
    "lab": {"embedded"},
}
"""What is installed of two folders of tests: what `make demo` and other commands of users are made of."""


@pytest.fixture(scope="module", name="releases")
def _releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases of copies of one tree, whose files differ in time, order and permissions of others."""
    made = []
    for number, mask in enumerate((0o022, 0o077)):
        source = tmp_path_factory.mktemp(f"source{number}") / "tree"
        former = os.umask(mask)
        try:
            shutil.copytree(ROOT, source, copy_function=shutil.copy, ignore=shutil.ignore_patterns(".git", ".nox", ".work", ".venv"))
        finally:
            os.umask(former)
        for path in sorted(source.rglob("*"), reverse=bool(number)):
            os.utime(path, (number * 1e6, number * 1e6))
        to = tmp_path_factory.mktemp(f"dist{number}")
        command = [sys.executable, str(ROOT / "release/archive.py"), "--source", str(source), "--to", str(to)]
        subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT})
        made.append(to)
    return made[0], made[1]


def _only(folder: Path) -> Path:
    (found,) = folder.glob("*.tar.gz")
    return found


def _names(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def test_two_builders_make_the_same_bytes(releases: tuple[Path, Path]) -> None:
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in releases)
    assert first == second
    assert len(first) == 4


def test_no_python_leaves_its_mark(releases: tuple[Path, Path]) -> None:
    """`gzip.compress` of 3.11 and 3.12 writes another tenth byte than that of other versions."""
    packed = _only(releases[0]).read_bytes()
    assert packed[:10] == bytes.fromhex("1f8b08000000000002ff")
    assert archive.gzipped(gzip.decompress(packed)) == packed


def test_without_the_second_packing_they_would_differ(releases: tuple[Path, Path], tmp_path: Path) -> None:
    """What is tested above is not true by itself."""
    built = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        built.append(gzip.decompress(archive.build(ROOT, folder).read_bytes()))
        with tarfile.open(fileobj=io.BytesIO(built[-1])) as tar:
            assert all(member.mtime != int(MOMENT) for member in tar)
    assert built[0] != built[1]


def test_of_a_checkout_only_what_is_committed_is_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "checkout"
    source.mkdir()
    git = ["git", "-C", str(source), "-c", "user.name=n", "-c", "user.email=n@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    (source / "galaxy.yml").write_text("committed\n", encoding="ascii")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    (source / "galaxy.yml").write_text("changed\n", encoding="ascii")
    (source / "notes").write_text("beside\n", encoding="ascii")
    taken = archive.committed(source, tmp_path)
    assert {path.name: path.read_text(encoding="ascii") for path in taken.iterdir()} == {"galaxy.yml": "committed\n"}
    told = capfd.readouterr().err
    assert "galaxy.yml" in told and "notes" in told
    assert archive.committed(taken, tmp_path) == taken


def test_labs_and_corpora_stay_at_home(releases: tuple[Path, Path]) -> None:
    names = _names(_only(releases[0]))
    assert [name for name in names if name.startswith(NOT_INSTALLED)] == []
    assert "plugins/modules/smtp_tls_probe.py" in names
    assert "tests/unit/test_house.py" in names
    assert "SECURITY.md" in names
    for folder, wanted in OF_THE_DEMO.items():
        below = f"tests/{folder}/"
        assert {name[len(below):].split("/")[0] for name in names if name.startswith(below)} - {""} == wanted


def test_nothing_tells_of_the_builder(releases: tuple[Path, Path]) -> None:
    with tarfile.open(_only(releases[0])) as tar:
        for member in tar:
            assert (member.uid, member.gid, member.uname, member.gname, member.mtime) == (0, 0, "", "", int(MOMENT))
            assert member.mode in (archive.EXECUTABLE, archive.PLAIN)


def test_the_manifest_vouches_for_every_file(releases: tuple[Path, Path]) -> None:
    with tarfile.open(_only(releases[0])) as tar:
        contents = {name: tar.extractfile(name) for name in tar.getnames()}
        data = {name: stream.read() for name, stream in contents.items() if stream is not None}
    manifest = json.loads(data["MANIFEST.json"])
    assert manifest["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(data["FILES.json"]).hexdigest()
    listed = {one["name"]: one["chksum_sha256"] for one in json.loads(data["FILES.json"])["files"] if one["ftype"] == "file"}
    assert listed == {name: hashlib.sha256(text).hexdigest() for name, text in data.items() if name not in ("MANIFEST.json", "FILES.json")}


def test_the_sums_are_those_of_the_files(releases: tuple[Path, Path]) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=releases[0], check=True)


def test_the_bill_of_materials_is_valid_and_names_the_libraries(releases: tuple[Path, Path]) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    (path,) = releases[0].glob("*.cdx.json")
    text = path.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert [one["name"] for one in bill["components"]] == ["cryptography", "dnspython", "pyOpenSSL"]
    digest = hashlib.sha256(_only(releases[0]).read_bytes()).hexdigest()
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]


def _galaxy(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ansible-galaxy where nothing but *folder* holds collections, this checkout least of all."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment.update(ANSIBLE_COLLECTIONS_PATH=str(folder), **more)
    return subprocess.run(["ansible-galaxy", "collection", *words], capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module", name="installed")
def _installed(releases: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    installing = _galaxy(folder, "install", "-p", str(folder), str(_only(releases[0])))
    assert installing.returncode == 0, installing.stderr
    return folder


@pytest.fixture(scope="module", name="keyring")
def _keyring(releases: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key made for this, a signature over the manifest, and the keyring that README's readers make of the public key."""
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-tty"]
    subprocess.run([*gpg, "--passphrase", "", "--quick-generate-key", "release@example.org", "ed25519", "sign", "1d"], check=True)
    signature = ["--armor", "--detach-sign", "--output", str(home / "good.asc"), str(releases[0] / "MANIFEST.json")]
    subprocess.run([*gpg, *signature], check=True)
    (home / "other").write_text("something else", encoding="ascii")
    subprocess.run([*gpg, "--armor", "--detach-sign", "--output", str(home / "bad.asc"), str(home / "other")], check=True)
    exported = subprocess.run([*gpg, "--export", "release@example.org"], check=True, capture_output=True).stdout
    (home / "public.gpg").write_bytes(exported)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=True)
    return home


def _verify(installed: Path, keyring: Path, signature: str) -> subprocess.CompletedProcess[str]:
    believed = ("--keyring", str(keyring / "public.gpg"), "--signature", f"file://{keyring / signature}")
    return _galaxy(installed, "verify", "--offline", "mailops.tls", "-p", str(installed), *believed, GNUPGHOME=str(keyring))


def test_a_good_signature_is_believed(installed: Path, keyring: Path) -> None:
    verified = _verify(installed, keyring, "good.asc")
    assert verified.returncode == 0, verified.stderr


def test_a_signature_over_something_else_is_not(installed: Path, keyring: Path) -> None:
    verified = _verify(installed, keyring, "bad.asc")
    assert verified.returncode != 0
    assert "signature verification failed" in (verified.stdout + verified.stderr).lower()


def test_a_file_that_was_changed_is_found(installed: Path, keyring: Path, tmp_path: Path) -> None:
    copy = tmp_path / "changed"
    shutil.copytree(installed, copy)
    (copy / "ansible_collections/mailops/tls/plugins/modules/smtp_tls_probe.py").write_text("import os\n", encoding="ascii")
    verified = _verify(copy, keyring, "good.asc")
    assert verified.returncode != 0
    assert "smtp_tls_probe.py" in verified.stdout + verified.stderr


def test_the_demo_runs_where_it_is_installed_and_leaves_nothing_there(installed: Path, keyring: Path, tmp_path: Path) -> None:
    """Whoever has the archive alone sees the demo by one command, and a page of it."""
    place = installed / "ansible_collections/mailops/tls"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment["XDG_CACHE_HOME"] = str(tmp_path)
    shown = subprocess.run(["make", "-C", str(place), "demo"], capture_output=True, text=True, env=environment, check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    page = tmp_path / "mailops.tls/demo.html"
    assert f"The same as a page, for your browser: {page}" in shown.stdout
    assert "Good and bad mail TLS" in page.read_text(encoding="utf-8")
    verified = _verify(installed, keyring, "good.asc")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("target", ["test", "docs", "release"])
def test_what_needs_the_repository_says_so(installed: Path, target: str) -> None:
    place = installed / "ansible_collections/mailops/tls"
    said = subprocess.run(["make", "-C", str(place), target], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "This needs the repository: git clone https://github.com/mailops/mailops.tls" in said.stderr
