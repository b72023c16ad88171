# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`postfix_tls_csr` from parameters to a request, in a file or not."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_csr.arguments import needed_libraries, request_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_csr.run import run_new_request
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing
from ansible_collections.mailops.tls.plugins.module_utils._x509 import keys
from ansible_collections.mailops.tls.tests.unit.makers.certificates import issue
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakePostfix
from cryptography import x509

RSA, ECDSA = keys.generate(keys.KeyKind.RSA_2048), keys.generate(keys.KeyKind.ECDSA_P256)
HOLDERS = {key: type("Holder", (), {"spki": key.spki})() for key in (RSA, ECDSA)}
CA = issue("Some CA", ca=True)


def combined(key: keys.PrivateKey) -> bytes:
    return issue("mx.example.org", key=HOLDERS[key], issuer=CA).pem + key.pem()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rsa.pem").write_bytes(combined(RSA))
    (tmp_path / "ec.pem").write_bytes(combined(ECDSA))
    return tmp_path


def run(folder: Path, *, check_mode: bool = False, **options: Any) -> TaskResult:
    main = {"smtpd_tls_cert_file": "rsa.pem", "smtpd_tls_eccert_file": "ec.pem", "queue_directory": str(folder)}
    params = {name: spec.get("default") for name, spec in request_arguments().items()}
    params.update(config_directory=str(folder), **options)
    done = run_new_request(params, FakePostfix(main), check_mode=check_mode)
    told = repr(done)
    for key in (RSA, ECDSA):
        assert not any(line in told for line in key.pem().decode().splitlines()[1:-1])
    return done


@pytest.mark.parametrize(
    ("options", "key", "name"),
    [
        ({}, RSA, "rsa.pem"),
        ({"algorithm": "rsa"}, RSA, "rsa.pem"),
        ({"algorithm": "ecdsa"}, ECDSA, "ec.pem"),
        ({"privatekey_path": "ec.pem"}, ECDSA, "ec.pem"),
        ({"privatekey_path": "DIR/ec.pem"}, ECDSA, "ec.pem"),
    ],
    ids=["default", "rsa", "ecdsa", "relative", "absolute"],
)
def test_a_request_that_is_only_returned(folder: Path, options: dict[str, Any], key: keys.PrivateKey, name: str) -> None:
    before = sorted(folder.iterdir())
    done = run(folder, **{option: value.replace("DIR", str(folder)) for option, value in options.items()})
    assert not done.changed and done.diff is None and sorted(folder.iterdir()) == before
    facts = dict(done.facts)
    loaded = x509.load_pem_x509_csr(facts.pop("csr").encode())
    assert loaded.is_signature_valid
    assert facts == {
        "csr_path": None,
        "privatekey_path": str(folder / name),
        "public_key": key.public_key.as_facts(),
        "public_key_sha256": key.public_key_sha256,
        "names": ["mx.example.com"],
        "subject": "",
    }


def test_key_behind_a_link_as_acme_clients_have_it(folder: Path) -> None:
    (folder / "live.pem").symlink_to("ec.pem")
    assert run(folder, privatekey_path="live.pem").facts["public_key_sha256"] == ECDSA.public_key_sha256


@pytest.mark.parametrize("options", [{}, {"algorithm": "ecdsa"}], ids=["rsa", "ecdsa"])
def test_quad(folder: Path, options: dict[str, Any]) -> None:
    path = folder / "a.csr"
    would = run(folder, path="a.csr", names=["a.example", "b.example"], check_mode=True, **options)
    assert would.changed and not path.exists()
    made = run(folder, path="a.csr", names=["a.example", "b.example"], **options)
    assert made.changed and made.diff == would.diff
    assert path.read_text() == made.facts["csr"] and stat.S_IMODE(path.stat().st_mode) == 0o644
    assert made.facts["csr_path"] == str(path)
    status = path.stat()
    for check_mode in (True, False):
        again = run(folder, path="a.csr", names=["a.example", "b.example"], check_mode=check_mode, **options)
        assert not again.changed and again.facts == made.facts
        assert path.stat() == status


@pytest.mark.parametrize(
    "change",
    [{"names": ["b.example"]}, {"algorithm": "ecdsa"}, {"subject": {"CN": "a.example"}}],
    ids=["names", "key", "subject"],
)
def test_another_request_replaces_it(folder: Path, change: dict[str, Any]) -> None:
    options: dict[str, Any] = {"path": "a.csr", "names": ["a.example"], "mode": "0640"}
    first = run(folder, **options)
    would = run(folder, check_mode=True, **{**options, **change})
    assert (folder / "a.csr").read_text() == first.facts["csr"]
    done = run(folder, **{**options, **change})
    assert done.changed and done.diff == would.diff
    assert done.diff is not None and done.diff["before"] != done.diff["after"]
    assert (folder / "a.csr").read_text() == done.facts["csr"] != first.facts["csr"]
    assert stat.S_IMODE((folder / "a.csr").stat().st_mode) == 0o640
    assert sorted(one.name for one in folder.iterdir()) == ["a.csr", "ec.pem", "rsa.pem"]


def test_mode_alone(folder: Path) -> None:
    run(folder, path="a.csr")
    assert run(folder, path="a.csr", mode="0600", check_mode=True).changed
    assert stat.S_IMODE((folder / "a.csr").stat().st_mode) == 0o644
    assert run(folder, path="a.csr", mode="0600").changed
    assert stat.S_IMODE((folder / "a.csr").stat().st_mode) == 0o600
    assert not run(folder, path="a.csr", mode="0600", owner=str(os.getuid())).changed


def test_same_request_with_words_around_it(folder: Path) -> None:
    run(folder, path="a.csr")
    text = b"Certificate Request f\xc3\xbcr mx\n" + (folder / "a.csr").read_bytes()
    (folder / "a.csr").write_bytes(text)
    done = run(folder, path="a.csr")
    assert not done.changed and (folder / "a.csr").read_bytes() == text == str(done.facts["csr"]).encode()


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_file_that_holds_something_else_is_not_written_over(folder: Path, check_mode: bool) -> None:
    content = (folder / "rsa.pem").read_bytes()
    with pytest.raises(OptionError, match="not written over") as raised:
        run(folder, path="rsa.pem", check_mode=check_mode)
    assert raised.value.option == "path" and (folder / "rsa.pem").read_bytes() == content
    (folder / "link").symlink_to("ec.pem")
    with pytest.raises(TaskFailed, match="is a symbolic link"):
        run(folder, path="link", check_mode=check_mode)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"privatekey_path": "missing.pem"}, "privatekey_path"),
        ({"privatekey_path": "ca.pem"}, "privatekey_path"),
        ({"algorithm": "ed25519"}, "algorithm"),
        ({"names": ["192.0.2.1"]}, "names"),
        ({"subject": {"CN": ""}}, "subject"),
        ({"subject": {"nonsense": "a"}}, "subject"),
        ({"path": "missing/a.csr"}, "path"),
        ({"path": "a.csr", "mode": "rw"}, "mode"),
    ],
)
def test_options_that_are_refused(folder: Path, options: dict[str, Any], option: str) -> None:
    (folder / "ca.pem").write_bytes(CA.pem)
    before = sorted(folder.iterdir())
    with pytest.raises(OptionError) as raised:
        run(folder, **options)
    assert raised.value.option == option and sorted(folder.iterdir()) == before


def test_without_postfix(folder: Path) -> None:
    def absent(command: object) -> Any:
        raise PostfixMissing("postconf is not on this machine")

    params = {name: spec.get("default") for name, spec in request_arguments().items()}
    params.update(privatekey_path=str(folder / "rsa.pem"), names=["a.example"])
    assert run_new_request(params, absent, check_mode=False).facts["names"] == ["a.example"]
    with pytest.raises(TaskFailed, match="postconf is not on this machine"):
        run_new_request({**params, "privatekey_path": None}, absent, check_mode=False)


def test_libraries() -> None:
    assert needed_libraries({"privatekey_path": "/a"}) == ("cryptography",)
    assert "pyOpenSSL" in needed_libraries({"privatekey_path": None})
