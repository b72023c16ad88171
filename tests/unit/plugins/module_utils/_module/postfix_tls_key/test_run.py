# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`postfix_tls_key` from parameters to files: what is made, what is left alone, what is refused, and what is told."""

from __future__ import annotations

import itertools
import json
import os
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files import atomic as key_files
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.arguments import key_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.run import run_new_key
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed, TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._postfix import new_key
from ansible_collections.mailops.tls.plugins.module_utils._x509 import keys
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_blocks
from ansible_collections.mailops.tls.tests.unit.makers.certificates import issue
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakePostfix

NOW = datetime(2026, 9, 12, 3, 0, 0, tzinfo=timezone.utc)
STAMP = "20260912-030000"
RSA = itertools.cycle([keys.generate(keys.KeyKind.RSA_2048), keys.generate(keys.KeyKind.RSA_2048)])


class Server:
    """A Postfix with a configuration directory of its own, and the module run on it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.main: dict[str, str] = {}

    def run(self, *, check_mode: bool = False, now: datetime = NOW, **options: Any) -> TaskResult:
        params = {name: spec.get("default") for name, spec in key_arguments().items()}
        params.update(config_directory=str(self.directory), **options)
        run = run_new_key(params, FakePostfix(self.main), check_mode=check_mode, clock=lambda: now)
        self.check_silence(run)
        return run

    def check_silence(self, run: TaskResult) -> None:
        """No line of any key in the folder is in what is told."""
        told = json.dumps([run.facts, run.diff, run.warnings]) + repr(run)
        for path in self.directory.iterdir():
            for block in pem_blocks(path.read_bytes()) if path.is_file() else ():
                if block.label.endswith("PRIVATE KEY"):
                    assert not any(line in told for line in block.text.decode().splitlines()[1:-1])

    def files(self) -> dict[str, tuple[int, bytes]]:
        return {one.name: (stat.S_IMODE(one.stat().st_mode), one.read_bytes()) for one in self.directory.iterdir() if one.is_file()}

    def names(self) -> list[str]:
        return sorted(self.files())

    def key(self, name: str) -> keys.PrivateKey:
        return keys.load((self.directory / name).read_bytes())

    def certificate(self, name: str) -> Certificate:
        (block,) = pem_blocks((self.directory / name).read_bytes())
        return Certificate(block.der)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server; its RSA keys of 2048 bits are two by turns, since making them takes the time of all tests together."""
    monkeypatch.setattr(new_key, "generate", lambda kind: next(RSA) if kind is keys.KeyKind.RSA_2048 else keys.generate(kind))
    directory = tmp_path / "postfix"
    directory.mkdir()
    return Server(directory)


@pytest.mark.parametrize(
    ("options", "prefix", "kind"),
    [
        ({}, "", "rsa 2048"),
        ({"bits": 3072}, "", "rsa 3072"),
        ({"algorithm": "ecdsa"}, "ec", "ecdsa secp256r1"),
        ({"algorithm": "ecdsa", "curve": "secp521r1"}, "ec", "ecdsa secp521r1"),
        ({"algorithm": "ed25519"}, "ed25519", "ed25519"),
    ],
    ids=["default", "rsa-3072", "ecdsa", "ecdsa-521", "ed25519"],
)
def test_as_new_server_key(server: Server, options: dict[str, Any], prefix: str, kind: str) -> None:
    run = server.run(**options)
    key_name, certificate_name = prefix + "key-" + STAMP + ".pem", prefix + "cert-" + STAMP + ".pem"
    assert server.names() == sorted([key_name, certificate_name])
    assert [server.files()[name][0] for name in (key_name, certificate_name)] == [0o600, 0o644]
    key, certificate = server.key(key_name), server.certificate(certificate_name)
    assert keys.describe(key.public_key) == kind
    assert certificate.spki == key.spki
    assert (certificate.subject, certificate.dns_names, certificate.not_before) == ("CN=mx.example.com", ("mx.example.com",), NOW)
    assert run.changed and run.facts == {
        "privatekey_path": str(server.directory / key_name),
        "certificate_path": str(server.directory / certificate_name),
        "algorithm": options.get("algorithm", "rsa"),
        "public_key": key.public_key.as_facts(),
        "public_key_sha256": key.public_key_sha256,
        "tlsa_rdata": "3 1 1 " + key.public_key_sha256,
        "certificate": certificate.as_facts(include_pem=True),
        "reused_from": None,
    }


def test_without_identifier_every_run_makes_another_even_in_the_same_second(server: Server) -> None:
    paths = {server.run(algorithm="ed25519").facts["privatekey_path"] for run in range(3)}
    assert {os.path.basename(str(path)) for path in paths} == {f"ed25519key-20260912-03000{second}.pem" for second in range(3)}
    assert len({server.key(name).spki for name in server.names() if "key" in name}) == 3


@pytest.mark.parametrize("algorithm", ["rsa", "ecdsa", "ed25519"])
def test_quad(server: Server, algorithm: str) -> None:
    def run(check_mode: bool) -> TaskResult:
        return server.run(key_id="mail", algorithm=algorithm, names=["a.example", "b.example"], check_mode=check_mode)

    would, made = run(True), None
    assert would.changed and server.files() == {}
    assert would.facts["public_key_sha256"] is would.facts["certificate"] is would.facts["tlsa_rdata"] is None
    made = run(False)
    files = server.files()
    assert made.changed and len(files) == 2 and made.diff == would.diff
    for check_mode in (True, False):
        again = run(check_mode)
        assert not again.changed and again.diff["before"] == again.diff["after"]
        assert again.facts == made.facts
        assert server.files() == files


def test_diff_of_something_new(server: Server) -> None:
    diff = server.run(key_id="mail", names=["a.example"]).diff
    assert diff["before"] == {"privatekey": None, "certificate": None}
    assert diff["after"] == {
        "privatekey": {
            "path": str(server.directory / "key-mail.pem"), "kind": "rsa 2048", "public_key_sha256": "a new one", "mode": "0600",
        },
        "certificate": {"path": str(server.directory / "cert-mail.pem"), "names": ["a.example"], "mode": "0644"},
    }  # fmt: skip


def test_a_missing_certificate_is_made_for_the_key_that_is_there(server: Server) -> None:
    server.run(key_id="mail")
    spki = server.key("key-mail.pem").spki
    (server.directory / "cert-mail.pem").unlink()
    assert server.run(key_id="mail", check_mode=True).facts["public_key_sha256"] is not None
    assert server.names() == ["key-mail.pem"]
    run = server.run(key_id="mail")
    assert run.changed and server.key("key-mail.pem").spki == server.certificate("cert-mail.pem").spki == spki
    before, after = run.diff["before"], run.diff["after"]
    assert isinstance(before, dict) and isinstance(after, dict)
    assert before["privatekey"] == after["privatekey"] and before["certificate"] is None


def test_a_chain_of_an_issuer_is_left_alone(server: Server) -> None:
    server.run(key_id="mail", names=["mx.example.org"])
    key = keys.load((server.directory / "key-mail.pem").read_bytes())
    issuer = issue("Some CA", ca=True)
    holder = type("Holder", (), {"spki": key.spki})()
    leaf = issue("mx.example.org", key=holder, issuer=issuer, dns_names=["mx.example.org", "more.example.org"])
    (server.directory / "cert-mail.pem").write_bytes(leaf.pem + issuer.pem)
    files = server.files()
    run = server.run(key_id="mail", names=["mx.example.org"])
    assert not run.changed and server.files() == files
    facts = run.facts["certificate"]
    assert isinstance(facts, dict) and facts["issuer"] == "CN=Some CA"


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("options", "option", "shown"),
    [
        ({"bits": 4096}, "bits", "rsa 2048"),
        ({"names": ["other.example"]}, "key_id", "without other.example"),
    ],
    ids=["bits", "names"],
)
def test_what_is_there_is_not_what_was_asked_for(
    server: Server, options: dict[str, Any], option: str, shown: str, check_mode: bool
) -> None:
    server.run(key_id="mail")
    files = server.files()
    with pytest.raises(OptionError, match=shown) as raised:
        server.run(key_id="mail", check_mode=check_mode, **options)
    assert raised.value.option == option
    assert server.files() == files


@pytest.mark.parametrize(
    ("harm", "shown"),
    [
        ({"key-mail.pem": None}, "without its key"),
        ({"key-mail.pem": b"words"}, "without a private key"),
        ({"key-mail.pem": keys.generate(keys.KeyKind.ECDSA_P256).pem()}, "ecdsa secp256r1"),
        ({"cert-mail.pem": b"words"}, "without a certificate of its key"),
        ({"cert-mail.pem": issue("another").pem}, "without a certificate of its key"),
    ],
    ids=["no-key", "broken-key", "another-algorithm", "no-certificate", "another-certificate"],
)
def test_what_is_there_makes_no_sense(server: Server, harm: dict[str, bytes | None], shown: str) -> None:
    server.run(key_id="mail")
    for name, content in harm.items():
        if content is None:
            (server.directory / name).unlink()
        else:
            (server.directory / name).write_bytes(content)
    files = server.files()
    with pytest.raises(OptionError, match=shown):
        server.run(key_id="mail")
    assert server.files() == files
    assert server.run(key_id="mail", force=True).changed
    assert server.key("key-mail.pem").spki == server.certificate("cert-mail.pem").spki
    assert server.names() == ["cert-mail.pem", "key-mail.pem"]


def test_force_makes_a_new_key(server: Server) -> None:
    server.run(key_id="mail")
    old = server.key("key-mail.pem").spki
    would = server.run(key_id="mail", force=True, check_mode=True)
    assert would.changed and server.key("key-mail.pem").spki == old
    run = server.run(key_id="mail", force=True)
    assert run.changed and run.diff == would.diff
    assert server.key("key-mail.pem").spki == server.certificate("cert-mail.pem").spki != old
    assert server.names() == ["cert-mail.pem", "key-mail.pem"]


@pytest.mark.parametrize(
    "main",
    [{"smtpd_tls_cert_file": "cert-mail.pem", "smtpd_tls_key_file": "key-mail.pem"}, {"smtpd_tls_chain_files": "link.pem, cert-mail.pem"}],
    ids=["pair", "chain-by-link"],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_force_does_not_touch_what_is_deployed(server: Server, main: dict[str, str], check_mode: bool) -> None:
    server.run(key_id="mail")
    (server.directory / "link.pem").symlink_to("key-mail.pem")
    server.main = {"queue_directory": str(server.directory), **main}
    files = server.files()
    with pytest.raises(OptionError, match="would change what is deployed") as raised:
        server.run(key_id="mail", force=True, check_mode=check_mode)
    assert raised.value.option == "force" and server.files() == files
    assert not server.run(key_id="mail").changed
    assert server.run(key_id="other", force=True).changed


def deploy(server: Server, kind: keys.KeyKind = keys.KeyKind.RSA_2048) -> keys.PrivateKey:
    """Let the server have a key in the same file as its certificate, with no other parameter than the certificate's."""
    key = keys.generate(kind)
    holder = type("Holder", (), {"spki": key.spki})()
    leaf = issue("mx.example.org", key=holder, issuer=issue("Some CA", ca=True))
    (server.directory / "combined.pem").write_bytes(leaf.pem + key.pem())
    server.main = {"smtpd_tls_cert_file": str(server.directory / "combined.pem")}
    return key


def test_reuse_finds_the_key_in_a_combined_file(server: Server) -> None:
    deployed = deploy(server)
    would = server.run(key_id="mail", reuse_key=True, names=["mx.example.org", "new.example.org"], check_mode=True)
    assert would.facts["public_key_sha256"] == deployed.public_key_sha256
    run = server.run(key_id="mail", reuse_key=True, names=["mx.example.org", "new.example.org"])
    assert run.facts["reused_from"] == str(server.directory / "combined.pem")
    assert server.key("key-mail.pem").spki == deployed.spki
    assert server.certificate("cert-mail.pem").dns_names == ("mx.example.org", "new.example.org")
    assert server.files()["key-mail.pem"][0] == 0o600
    assert run.diff == would.diff
    assert not server.run(key_id="mail", reuse_key=True).changed


def test_reuse_by_time_stamp(server: Server) -> None:
    deployed = deploy(server, keys.KeyKind.ECDSA_P384)
    server.run(reuse_key=True, algorithm="ecdsa")
    assert server.key(f"eckey-{STAMP}.pem").spki == deployed.spki


def test_reuse_never_makes_a_new_key(server: Server) -> None:
    with pytest.raises(OptionError, match="none is configured"):
        server.run(reuse_key=True)
    deploy(server, keys.KeyKind.ECDSA_P256)
    with pytest.raises(OptionError, match="ecdsa in .*combined.pem"):
        server.run(reuse_key=True)
    (server.directory / "combined.pem").unlink()
    with pytest.raises(OptionError, match="No such file"):
        server.run(reuse_key=True, algorithm="ecdsa")
    assert server.files() == {}


def test_reuse_of_a_key_of_another_size(server: Server) -> None:
    deploy(server)
    with pytest.raises(OptionError, match="rsa 2048") as raised:
        server.run(reuse_key=True, bits=4096)
    assert raised.value.option == "bits"


def test_reuse_where_another_key_is_already(server: Server) -> None:
    deploy(server)
    server.run(key_id="mail")
    with pytest.raises(OptionError, match="another key than the deployed one") as raised:
        server.run(key_id="mail", reuse_key=True)
    assert raised.value.option == "reuse_key"


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"key_id": "../mail"}, "key_id"),
        ({"key_id": ""}, "key_id"),
        ({"key_id": ".hidden"}, "key_id"),
        ({"key_id": "a\n"}, "key_id"),
        ({"key_id": "a" * 129}, "key_id"),
        ({"algorithm": "ecdsa", "bits": 2048}, "bits"),
        ({"curve": "secp256r1"}, "curve"),
        ({"algorithm": "ed25519", "curve": "secp256r1"}, "curve"),
        ({"mode": "0644"}, "mode"),
        ({"certificate_mode": "rw"}, "certificate_mode"),
        ({"owner": "no such user"}, "owner"),
        ({"group": "no such group"}, "group"),
        ({"directory": "missing"}, "directory"),
        ({"names": ["a b"]}, "names"),
        ({"names": ["a" * 40 + "." + "b" * 40]}, "names"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_options_that_are_refused(server: Server, options: dict[str, Any], option: str, check_mode: bool) -> None:
    with pytest.raises(OptionError) as raised:
        server.run(check_mode=check_mode, **options)
    assert raised.value.option == option
    assert server.files() == {}


def test_modes_and_folder(server: Server) -> None:
    (server.directory / "keys").mkdir()
    run = server.run(key_id="a", directory="keys", mode="0640", certificate_mode="0444", owner=str(os.getuid()), group=str(os.getgid()))
    path = Path(str(run.facts["privatekey_path"]))
    assert path.parent == server.directory / "keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(Path(str(run.facts["certificate_path"])).stat().st_mode) == 0o444


def test_mode_of_what_is_there_changes_only_when_asked_for(server: Server) -> None:
    server.run(key_id="a")
    (server.directory / "key-a.pem").chmod(0o640)
    assert not server.run(key_id="a").changed
    assert server.files()["key-a.pem"][0] == 0o640
    would = server.run(key_id="a", mode="0600", check_mode=True)
    assert would.changed and server.files()["key-a.pem"][0] == 0o640
    run = server.run(key_id="a", mode="0600")
    assert run.changed and run.diff == would.diff and server.files()["key-a.pem"][0] == 0o600
    assert not server.run(key_id="a", mode="0600").changed


def test_a_key_that_everybody_can_use_is_a_warning(server: Server) -> None:
    server.run(key_id="a")
    (server.directory / "key-a.pem").chmod(0o644)
    assert "everybody" in server.run(key_id="a").warnings[0]
    assert server.run(key_id="a", mode="0600").warnings == ()


def test_a_failure_leaves_neither_file(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link

    def link(source: str, target: str, **options: Any) -> None:
        if target.startswith("cert"):
            raise OSError(28, "No space left on device")
        real(source, target, **options)

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(TaskFailed, match="No space"):
        server.run(key_id="a")
    monkeypatch.undo()
    assert server.files() == {}


def test_somebody_else_is_faster(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = key_files.create_together

    def late(directory: str, files: Any) -> None:
        (Path(directory) / files[1].name).touch()
        monkeypatch.undo()
        real(directory, files)

    monkeypatch.setattr(key_files, "create_together", late)
    run = server.run(algorithm="ed25519")
    assert str(run.facts["privatekey_path"]).endswith("-030001.pem")
    assert server.names() == ["ed25519cert-20260912-030000.pem", "ed25519cert-20260912-030001.pem", "ed25519key-20260912-030001.pem"]


def test_time_stamps_are_in_utc(server: Server) -> None:
    run = server.run(now=NOW.astimezone(timezone(timedelta(hours=5))))
    assert str(run.facts["privatekey_path"]).endswith(f"key-{STAMP}.pem")
